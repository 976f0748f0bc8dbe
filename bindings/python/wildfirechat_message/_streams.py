"""Texts that grow: feeds the library piece by piece, awaits the end in slices, and cancels what nobody finishes."""

from __future__ import annotations

import contextlib
import datetime
import weakref
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Callable, Optional

from . import _arguments
from ._calls import NativeCall, Operation, attach_fate, fate_of_outcome, method, wait_for
from ._errors import Interrupted, MessageError, StreamFailed
from ._native.wildfirechat_message import NativeTextStream
from ._records import SentMessage

# How long to wait at a time; then Python looks for Ctrl-C.
_PATIENCE = datetime.timedelta(milliseconds=100)
_WAIT = method(NativeTextStream.wait)

# Those that may still have to be cancelled when the process ends; at so many, those that are over are taken out.
_open: set[NativeTextStream] = set()
_FEW = 64
_prune_at = [_FEW]
# What the interpreter calls at its end, once there is a text; so that the import of the package needs no more modules.
_at_exit: list[Callable[[], None]] = []


class TextStream:
    """A text that grows while receivers read it; `stream_text` of a client begins it.

    `append` adds a piece and never waits: pieces are gathered, and receivers see the text in steps. The end of a `with`
    block finishes the text, or cancels it if the block raises. A text that is neither finished nor cancelled is
    cancelled when nobody has it any more, or when the process ends. One thread uses it at a time.
    """

    __slots__ = ("__weakref__", "_native", "_sent")

    _native: NativeTextStream
    _sent: Optional[SentMessage]

    @property
    def stream_id(self) -> str:
        """The id that all messages of this text have."""
        return self._native.stream_id()

    @property
    def message(self) -> Optional[SentMessage]:
        """The message with the whole text; None as long as the text is not finished."""
        return self._sent

    def append(self, piece: str) -> None:
        """Adds a piece to the text, and does not wait; an empty piece changes nothing.

        Args:
            piece: The next part of the text.

        Raises:
            InvalidArgument: The text would be larger than receivers accept, or is finished or cancelled; the piece was
                not added.
            StreamFailed: The server refuses the text.
        """
        self._native.append(_arguments.text(piece, "piece"))

    def finish(self) -> SentMessage:
        """Sends the whole text as a stored message; a second call returns the same message.

        Ctrl-C ends the waiting: `Interrupted.of` finds in the KeyboardInterrupt what became of the text.

        Returns:
            The message with the whole text.

        Raises:
            InvalidArgument: No piece was appended.
            StreamFailed: The text could not be finished; the error says what receivers see of it.
        """
        self._native.begin_to_finish()
        self._sent = wait_for(_Feeding(self._native, iter(())))
        forget(self._native)
        return self._sent

    def cancel(self) -> None:
        """Gives the text up; where receivers have seen some of it, they see that it was cancelled.

        Returns when the server has accepted that, or after two seconds. After the end, nothing happens.

        Raises:
            StreamFailed: Receivers may see a text that looks unfinished, or that may have been finished.
        """
        self._native.begin_to_cancel()
        try:
            wait_for(_Feeding(self._native, iter(())))
        except MessageError as error:
            if not is_clean(error):
                raise
        finally:
            forget(self._native)

    def __enter__(self) -> TextStream:
        return self

    def __exit__(
        self,
        exc_type: Optional[type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        if self._sent is not None or isinstance(exc, StreamFailed):
            # It is over, and the exception is about something else or says it all.
            forget(self._native)
        elif exc is not None:
            attach_fate(exc, _Feeding(self._native, iter(())))
            forget(self._native)
        elif self._native.takes_more():
            self.finish()

    def __repr__(self) -> str:
        return f"TextStream({self.stream_id!r})"


def stream_of(native: NativeTextStream) -> TextStream:
    """The stream of a text that has begun. The class has no constructor, because its users never make one."""
    stream = TextStream()
    stream._native = native
    stream._sent = None
    keep_open(stream, native)
    return stream


def send_all(native: NativeTextStream, pieces: Any) -> SentMessage:
    """Appends all pieces of a source, finishes the text, and waits for its end."""
    _add(native)
    try:
        # In one step: an interrupt between two would leave the text as it is.
        sent: SentMessage = wait_for(_Feeding(native, pieces, finishes=True))
        return sent
    finally:
        forget(native)


def iterator_of(pieces: Any) -> Iterator[Any]:
    """What gives the pieces, one after the other. A str is refused, because it would be sent letter by letter."""
    if isinstance(pieces, (str, bytes)):
        raise _arguments.wrong_type(pieces, "pieces", "an iterable of str")
    try:
        return iter(pieces)
    except TypeError:
        raise _arguments.wrong_type(pieces, "pieces", "an iterable of str") from None


def is_clean(error: MessageError) -> bool:
    """Whether receivers see nothing of a text that was not finished, or see that it was cancelled."""
    told = vars(error)
    return bool(told.get("is_marked")) or (told.get("shown") == 0 and not error.may_have_executed)


def keep_open(owner: object, native: NativeTextStream) -> None:
    """Cancels a text when nobody has it any more, and at the end of the process."""
    if len(_open) >= _prune_at[0]:
        # Of a copy, as other threads begin texts meanwhile.
        for other in list(_open):
            if _is_over(other):
                _open.discard(other)
        _prune_at[0] = max(_FEW, 2 * len(_open))
    _add(native)
    weakref.finalize(owner, abandon, native).atexit = False


def _add(native: NativeTextStream) -> None:
    if not _at_exit:
        import atexit

        _at_exit.append(atexit.register(_cancel_all))
    _open.add(native)


def forget(native: NativeTextStream) -> None:
    """It is over, and need not be cancelled."""
    _open.discard(native)


def abandon(native: NativeTextStream) -> None:
    """Begins to cancel a text; nobody waits for it."""
    # In a forked process it is the parent's.
    with contextlib.suppress(MessageError):
        native.begin_to_cancel()


def _is_over(native: NativeTextStream, patience: datetime.timedelta = datetime.timedelta()) -> bool:
    try:
        return native.wait(patience) is not None
    except MessageError:
        return True


def _cancel_all() -> None:
    left = list(_open)
    for native in left:
        abandon(native)
    for native in left:
        while not _is_over(native, _PATIENCE):
            pass


class _Feeding(Operation):
    """Feeds a text with pieces, finishes it if that is wanted, and waits for its end."""

    __slots__ = ("_finishes", "_last", "_native", "_pieces")

    def __init__(self, native: NativeTextStream, pieces: Iterable[Any], *, finishes: bool = False) -> None:
        super().__init__()
        self._native = native
        self._pieces = pieces
        self._finishes = finishes
        self._last: Optional[NativeCall] = None

    def end(self) -> SentMessage:
        """Waits for the end, a slice at a time."""
        native = self._native
        for index, piece in enumerate(self._pieces):
            text = _arguments.text(piece, f"pieces[{index}]")
            try:
                native.append(text)
            except StreamFailed as error:
                self.failure = error
                raise
        if self._finishes:
            native.begin_to_finish()
        while True:
            self._last = NativeCall(_WAIT, native, _PATIENCE)
            outcome = self._last.run()
            if isinstance(outcome, Exception):
                self.failure = outcome
                raise outcome
            if outcome is not None:
                sent: SentMessage = outcome
                return sent

    def _give_up(self) -> Optional[Interrupted]:
        endpoint = self._native.endpoint()
        if self._last is not None and self._last.has_run:
            outcome = self._last.outcome()
            if outcome is not None:
                return fate_of_outcome(endpoint, outcome)
        try:
            self._native.begin_to_cancel()
        except MessageError:
            # It is the parent's, in a forked process.
            return None
        while True:
            self._last = NativeCall(_WAIT, self._native, _PATIENCE)
            outcome = self._last.run()
            if outcome is not None:
                return fate_of_outcome(endpoint, outcome)
