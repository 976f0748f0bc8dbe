"""Texts that grow, for coroutines: feeds the library piece by piece, and awaits the end without ever waiting in it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Optional

from . import _arguments
from ._async_calls import AwaitedCalls
from ._calls import fate_of_outcome
from ._errors import MessageError, StreamFailed, stop_with
from ._native.wildfirechat_message import NativeTextStream
from ._records import SentMessage
from ._streams import forget, is_clean, iterator_of, keep_open

_NO_WAIT = datetime.timedelta()
# How long to wait for news: a text that is cancelled is given up after some time without any.
_GLANCE = 0.1
# So many pieces of a source that never waits are taken before the loop has its turn.
_AT_ONCE = 64


class AsyncTextStream:
    """A text that grows while receivers read it; `stream_text` of an asynchronous client begins it.

    `append` adds a piece and never waits: pieces are gathered, and receivers see the text in steps. The end of an
    `async with` block finishes the text, or cancels it if the block raises or its task is cancelled. A text that is
    neither finished nor cancelled is cancelled when nobody has it any more, or when the process ends.
    """

    __slots__ = ("__weakref__", "_awaited", "_native", "_sent")

    _awaited: AwaitedCalls
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

    async def finish(self) -> SentMessage:
        """Sends the whole text as a stored message; a second call returns the same message.

        Returns:
            The message with the whole text.

        Raises:
            InvalidArgument: No piece was appended.
            StreamFailed: The text could not be finished; the error says what receivers see of it.
        """
        try:
            self._native.begin_to_finish()
            self._sent = await self._end()
        except asyncio.CancelledError as stop:
            await self._stops_with(stop)
            raise
        return self._sent

    async def cancel(self) -> None:
        """Gives the text up; where receivers have seen some of it, they see that it was cancelled.

        Returns when the server has accepted that, or after two seconds. After the end, nothing happens.

        Raises:
            StreamFailed: Receivers may see a text that looks unfinished, or that may have been finished.
        """
        self._native.begin_to_cancel()
        try:
            await self._end()
        except MessageError as error:
            if not is_clean(error):
                raise

    async def __aenter__(self) -> AsyncTextStream:
        return self

    async def __aexit__(
        self,
        exc_type: Optional[type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        if self._sent is not None or isinstance(exc, StreamFailed):
            # It is over, and the exception is about something else or says it all.
            return
        if exc is not None:
            await self._stops_with(exc)
        elif self._native.takes_more():
            await self.finish()

    def __repr__(self) -> str:
        return f"AsyncTextStream({self.stream_id!r})"

    async def _take_all(self, pieces: Any) -> None:
        if not hasattr(type(pieces), "__aiter__"):
            for index, piece in enumerate(iterator_of(pieces)):
                self._native.append(_arguments.text(piece, f"pieces[{index}]"))
                if index % _AT_ONCE == _AT_ONCE - 1:
                    await asyncio.sleep(0)
            return
        index, coming = 0, _iterator_of(pieces)
        async for piece in coming:
            self._native.append(_arguments.text(piece, f"pieces[{index}]"))
            index += 1

    async def _end(self) -> SentMessage:
        """Awaits its end."""
        self._awaited.enter()
        ticket = self._native.ticket()
        event = self._awaited.event(ticket)
        try:
            while True:
                event.clear()
                sent = self._native.wait(_NO_WAIT)
                if sent is not None:
                    forget(self._native)
                    return sent
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(event.wait(), _GLANCE)
        finally:
            self._awaited.hush(ticket)

    async def _stops_with(self, stop: BaseException) -> None:
        """Gives the text up, and puts into the exception that stopped it what became of it."""
        endpoint = self._native.endpoint()
        with contextlib.suppress(MessageError):
            self._native.begin_to_cancel()
        if isinstance(stop, GeneratorExit):
            # The coroutine itself is closed: nobody can wait any more.
            return
        outcome: Any = None
        while outcome is None:
            try:
                outcome = await self._end()
            except MessageError as error:
                outcome = error
            except asyncio.CancelledError:
                # A second cancellation changes nothing: this takes two seconds at most.
                continue
        if outcome is not stop:
            stop_with(stop, fate_of_outcome(endpoint, outcome))


def _iterator_of(pieces: Any) -> AsyncIterator[Any]:
    iterator: AsyncIterator[Any] = pieces.__aiter__()
    return iterator


def stream_of(awaited: AwaitedCalls, native: NativeTextStream) -> AsyncTextStream:
    """The stream of a text that has begun. The class has no constructor, because its users never make one."""
    stream = AsyncTextStream()
    stream._awaited = awaited
    stream._native = native
    stream._sent = None
    keep_open(stream, native)
    return stream


async def send_all(stream: AsyncTextStream, pieces: Any) -> SentMessage:
    """Appends all pieces of a source, which may be an asynchronous one, and finishes the text."""
    try:
        await stream._take_all(pieces)
    except StreamFailed:
        raise
    except BaseException as stop:
        await stream._stops_with(stop)
        raise
    return await stream.finish()
