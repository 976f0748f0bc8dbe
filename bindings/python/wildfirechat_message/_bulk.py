"""Many messages in one call: passes requests to the library, and takes their outcomes as they arrive."""

from __future__ import annotations

import functools
import itertools
import operator
import time
import warnings
from collections.abc import Generator, Iterator
from struct import Struct
from typing import Any, Callable, Optional, Union

from . import _arguments, _bridge, _logs, _packing
from ._bridge import native
from ._calls import attach_fate
from ._errors import Interrupted, InvalidArgument, MessageError
from ._native.wildfirechat_message import NativeBulk
from ._records import BulkNews, BulkOptions, BulkProgress, Conversation, MessagePayload, SendRequest, SentMessage

Outcome = Union[SentMessage, MessageError]
Progress = Callable[[BulkProgress], object]

# How long to wait for news if there is nothing else to do; in between Python checks for Ctrl-C. In the form of a
# duration for the library.
PATIENCE = Struct(">qI").pack(0, 100_000_000)
NO_PATIENCE = Struct(">qI").pack(0, 0)

# The number of frames between the news of a bulk and the line that asks for outcomes, which a log names. One less if
# the outcomes are returned one by one.
_FRAMES_TO_CALLER = 5

_NO_ANSWER: tuple[list[Any], Any, int, int] = ([], None, 0, 0)

_count = Struct(">i").pack
_sent = Struct("<qq").iter_unpack
_pack = _packing.OF["SendRequest"]
_request = _arguments.instance_of(SendRequest)
# A request that the library refuses. It replaces one that cannot be passed, so that this one counts as failed.
_REFUSED = _pack(SendRequest("", Conversation(0, ""), MessagePayload(0)))

_wait: Any = native._UniffiLib.uniffi_wildfirechat_message_fn_method_nativebulk_wait  # type: ignore[attr-defined]
_news: Any = native._UniffiFfiConverterTypeBulkNews
_bridge.takes_octets(native._UniffiFfiConverterSequenceTypeSendRequest)

options_of = _arguments.optional(_arguments.instance_of(BulkOptions))


class Bulk:
    """Messages of one source that are being sent, and their outcomes in the order of the requests."""

    def __init__(
        self, begin: Callable[[Optional[int]], NativeBulk], requests: Any, progress: Optional[Progress]
    ) -> None:
        if isinstance(requests, (str, bytes)):
            _arguments.items(requests, "requests", "SendRequest")
        if progress is not None and not callable(progress):
            raise _arguments.wrong_type(progress, "progress", "a function")
        try:
            self._source: Iterator[Any] = iter(requests)
        except TypeError:
            raise _arguments.wrong_type(requests, "requests", "a list of SendRequest") from None
        # A source in memory is never slow.
        self._in_memory = isinstance(requests, (list, tuple))
        total = len(requests) if hasattr(requests, "__len__") else None
        self._sized = total is not None
        self._progress = progress
        # How many requests the library takes in next, and how many seconds the source may take to give them.
        self._wanted, self._within = 0, 0.0
        self._stopped = self._ended = False
        # How many requests were taken from the source, and for how many the library has reported the outcome.
        self._taken = self._told = 0
        # The errors of the requests that could not be passed, by their numbers.
        self._refused: dict[int, InvalidArgument] = {}
        # The last answer of the library, and its place in the outcomes.
        self._answer: tuple[list[Any], Any, int, int] = _NO_ANSWER
        self._native: Any = begin(total)
        self._endpoint: str = self._native.endpoint()
        self._over = False
        self._frames_to_caller = _FRAMES_TO_CALLER
        self.outcomes: list[Outcome] = []
        # The list of outcomes that is being returned, and the iterator that returns them.
        self._giving: tuple[list[Outcome], Iterator[Outcome]] = ([], iter(()))
        # When it was given up: how many of `outcomes` were returned, and the fate of all others.
        self._given: Optional[int] = None
        self._fate: Optional[Interrupted] = None

    def collect(self) -> list[Outcome]:
        """The outcomes of all requests."""
        try:
            # With a condition, Python 3.12 and later would take the jump back to it out of the `try`, and signals are
            # handled at this jump.
            while True:
                if self._over:
                    return self.outcomes
                self._step()
        except BaseException as stop:
            try:
                attach_fate(stop, self)
            except BaseException as another:
                # This exception came before `attach_fate` had begun.
                attach_fate(another, self)
                raise
            raise

    def each(self) -> Generator[Outcome, None, None]:
        """The outcomes, one after the other; it holds no more of them than the library has reported at once."""
        self._frames_to_caller = _FRAMES_TO_CALLER - 1
        try:
            # As in `collect`.
            while True:
                if self._over:
                    return
                self._step()
                given = self.outcomes
                self._giving = (given, iter(given))
                # One step of Python for each, so that at any moment it is known which were returned.
                yield from self._giving[1]
                self.forget_given()
        except BaseException as stop:
            try:
                attach_fate(stop, self)
            except BaseException as another:
                attach_fate(another, self)
                raise
            raise

    def forget_given(self) -> None:
        """Notes that all outcomes that have arrived were returned."""
        self._answer = _NO_ANSWER
        self.outcomes = []

    def _step(self) -> None:
        """Passes the requests that the library wants, and takes the news."""
        if self._wanted and not self._ended:
            self.feed(*self._some())
        self._wait()
        self.end_if_stopped()

    def feed(self, some: list[bytes], in_time: bool) -> None:
        """Passes some requests; `in_time` is whether the source gave them in time."""
        self._native.feed(_count(len(some)) + b"".join(some), in_time)
        if self._ended:
            self._native.end()

    def end_if_stopped(self) -> None:
        """Tells the library that no more requests come, if it sends nothing more."""
        # The rest of a source of known size is still passed, for its outcomes; one without a known end is not.
        if self._stopped and not self._ended and not self._sized:
            self._ended = True
            self._native.end()

    def _some(self) -> tuple[list[bytes], bool]:
        """The next requests in packed form, fewer if the source is slow, and whether they came in time.

        Notes the end of the source.
        """
        some: list[bytes] = []
        if self._in_memory:
            requests = list(itertools.islice(self._source, self._wanted))
            self._ended = len(requests) < self._wanted
            first = self._taken
            self._taken += len(requests)
            try:
                some = list(map(_pack, requests))
            except _arguments.CANNOT_CROSS:
                some = [self._packed(request, first + at) for at, request in enumerate(requests)]
            return some, True
        until = time.monotonic() + self._within
        for request in self._source:
            self._taken += 1
            some.append(self._packed(request, self._taken - 1))
            in_time = time.monotonic() < until
            if not in_time or len(some) == self._wanted:
                return some, in_time
        self._ended = True
        return some, True

    def _packed(self, request: Any, number: int) -> bytes:
        try:
            return _pack(request)
        except _arguments.CANNOT_CROSS:
            at = f"requests[{number}]"
        try:
            return _pack(_request(request, at))
        except InvalidArgument as error:
            # In the words of the library, which names no number of a request.
            self._refused[number] = InvalidArgument(error.argument[len(at) + 1 :], error.reason)
            return _REFUSED

    def _wait(self, patience: bytes = PATIENCE) -> None:
        """Waits for news and takes it.

        The answer is put into a list before Python checks for signals. So no outcome is lost, whatever the handler of a
        signal raises.
        """
        answer: list[Any] = []
        status = native._UniffiRustCallStatus()
        arguments = (self._native._uniffi_clone_handle(), _bridge.to_buffer(patience), _bridge.reference(status))
        self._answer = (answer, status, len(self.outcomes), self._told)
        # One step of Python.
        answer.extend(itertools.starmap(_wait, (arguments,)))
        news = self._take()
        if news.lines:
            _logs.say(news.lines, self._frames_to_caller)
        if news.progress is not None and self._progress is not None:
            self._progress(news.progress)

    def _take(self) -> BulkNews:
        """Takes the answer of the library; a second call does no harm."""
        answer, status, known, told = self._answer
        if status.code:
            # Its contents can be taken only once.
            self._answer = _NO_ANSWER
            _bridge.fail(native._UniffiFfiConverterTypeNativeMessageError, status)
        if not isinstance(answer[0], bytes):
            buffer = answer[0]
            answer[0] = _bridge.bytes_of(buffer)
            _bridge.free(buffer)
        news: BulkNews = _bridge.read_by(_news, answer[0])
        outcomes: list[Any] = list(itertools.starmap(SentMessage, _sent(news.sent)))
        for failure in news.failures:
            refused = self._refused.get(failure.index)
            # A placeholder that the library did not check failed for another reason.
            is_refusal = refused is not None and isinstance(failure.error, InvalidArgument)
            outcomes[failure.index - told] = refused if is_refusal else failure.error
        self.outcomes[known:] = outcomes
        self._told = told + len(outcomes)
        self._wanted, self._within = news.wanted, news.within.total_seconds()
        self._stopped, self._over = news.stopped, news.done and self._ended
        if self._refused:
            self._refused = {number: error for number, error in self._refused.items() if number >= told}
        return news

    def fate(self) -> Interrupted:
        """Ends it, so that nothing more is sent; returns the fates of the messages. A second call does no harm."""
        if self._fate is None:
            self._give_up()
            self._fate = self.what_became()
        return self._fate

    def what_became(self) -> Interrupted:
        """The fates of the messages whose outcomes were not returned, when it is over."""
        rest: list[Outcome] = [Interrupted(self._endpoint, False, 0) for _ in range(self._taken - self._told)]
        return interrupted_with(self._endpoint, self.outcomes[self._given :] + rest)

    def begin_to_end(self) -> None:
        """Notes which outcomes were returned, and lets the library send nothing more. A second call does no harm."""
        if self._given is None:
            given, giving = self._giving
            self._given = len(given) - operator.length_hint(giving) if given is self.outcomes else 0
        self._native.cancel()
        self._progress = None
        self._ended = True
        if self._answer[0]:
            self._take()

    def _give_up(self) -> None:
        try:
            self.begin_to_end()
            while not self._over:
                self._wait()
        except MessageError:
            # The library does not know it any more, for example in a forked process.
            pass
        self._over = True


class Outcomes(Generator[Outcome, None, None]):
    """The result of `send_each`: sends while it is iterated, and warns if it was never iterated."""

    # With these slots, tracemalloc knows in every version of Python where it was made.
    __slots__ = ("__weakref__", "_at_its_end", "_generator")

    def __init__(self, bulk: Bulk) -> None:
        self._generator = bulk.each()
        # It must not contain itself, or it would never be freed.
        self._at_its_end: Callable[[], object] = functools.partial(warn_of, self._generator)

    def __iter__(self) -> Generator[Outcome, None, None]:
        self._at_its_end = bool
        return self._generator

    def __next__(self) -> Outcome:
        self._at_its_end = bool
        return next(self._generator)

    def send(self, value: None) -> Outcome:
        """Does the same as `next`."""
        self._at_its_end = bool
        return self._generator.send(value)

    def throw(self, *exception: Any) -> Outcome:
        """Raises an exception where it waits to continue, which ends it."""
        self._at_its_end = bool
        return self._generator.throw(*exception)

    def close(self) -> None:
        """Sends nothing more and gives up the messages that are under way."""
        self._at_its_end = bool
        self._generator.close()

    # Without a step of Python if it was iterated, because Python drops the exception of a signal's handler there.
    __del__ = property(operator.attrgetter("_at_its_end"))


def warn_of(outcomes: object) -> None:
    # At the line that freed it, which usually is the one that made it.
    words = "the outcomes of send_each were never iterated: nothing was sent"
    warnings.warn(words, RuntimeWarning, stacklevel=2, source=outcomes)


def interrupted_with(endpoint: str, outcomes: list[Outcome]) -> Interrupted:
    """The cause of an exception, with the fates of the messages."""
    cut_off = [outcome for outcome in outcomes if isinstance(outcome, Interrupted)]
    attempts = max([each.attempts for each in cut_off], default=0)
    interrupted = Interrupted(endpoint, any(each.sent for each in cut_off), attempts)
    interrupted.outcomes.extend(outcomes)
    return interrupted
