"""Many messages in one call, for coroutines: passes requests and takes outcomes without ever waiting in the library."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import operator
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Callable, Optional

from ._async_calls import AwaitedCalls
from ._bulk import NO_PATIENCE, Bulk, Outcome, Progress, warn_of
from ._errors import Interrupted, MessageError, stop_with
from ._native.wildfirechat_message import NativeBulk

# How many requests are prepared before the loop has its turn.
_AT_ONCE = 64
# How long to wait for news; in between the progress is reported.
_GLANCE = 0.1


class AsyncBulk(Bulk):
    """Messages of one source that are being sent, whose outcomes coroutines await."""

    def __init__(
        self,
        awaited: AwaitedCalls,
        begin: Callable[[Optional[int]], NativeBulk],
        requests: Any,
        progress: Optional[Progress],
    ) -> None:
        is_async = hasattr(type(requests), "__aiter__")
        self._coming: Optional[AsyncIterator[Any]] = requests.__aiter__() if is_async else None
        # The task that takes requests from an asynchronous source, and the requests that it has taken and packed.
        self._taking: Optional[asyncio.Task[bool]] = None
        self._ready: list[bytes] = []
        super().__init__(begin, iter(()) if is_async else requests, progress)
        self._ticket = self._native.ticket()
        self._awaited = awaited

    async def collect_all(self) -> list[Outcome]:
        """The outcomes of all requests."""
        self._listen()
        try:
            while not self._over:
                await self._step_on()
            return self.outcomes
        except BaseException as stop:
            await self._ends_with(stop)
            raise
        finally:
            self._awaited.hush(self._ticket)

    async def each_one(self) -> AsyncGenerator[Outcome, None]:
        """The outcomes, one after the other; no more of them are held than the library has reported at once."""
        self._frames_to_caller -= 1
        self._listen()
        try:
            while not self._over:
                await self._step_on()
                given = self.outcomes
                giving = iter(given)
                self._giving = (given, giving)
                for outcome in giving:
                    yield outcome
                self.forget_given()
        except BaseException as stop:
            await self._ends_with(stop)
            raise
        finally:
            self._awaited.hush(self._ticket)

    def _listen(self) -> None:
        self._awaited.enter()
        self._event = self._awaited.event(self._ticket)

    async def _step_on(self) -> None:
        """Passes the requests that the library wants, takes the news, and lets the loop have its turn."""
        if self._wanted and not self._ended:
            self._wanted = min(self._wanted, _AT_ONCE)
            self.feed(*(self._some() if self._coming is None else await self._some_that_came()))
        told = self._told
        self._event.clear()
        self._wait(NO_PATIENCE)
        self.end_if_stopped()
        if self._over or told != self._told or (self._wanted and not self._ended and self._taking is None):
            await asyncio.sleep(0)
        else:
            await self._news()

    async def _some_that_came(self) -> tuple[list[bytes], bool]:
        """The next requests in packed form, fewer if their source is slow, and whether they came in time."""
        if self._taking is None:
            self._taking = asyncio.ensure_future(self._take_requests(self._wanted))
        await asyncio.wait([self._taking], timeout=self._within)
        in_time = self._taking.done()
        if in_time:
            taken, self._taking = self._taking, None
            self._ended = taken.result()
        some, self._ready = self._ready, []
        return some, in_time

    async def _take_requests(self, many: int) -> bool:
        """Takes so many requests from an asynchronous source; returns whether that was its end."""
        assert self._coming is not None
        for _ in range(many):
            try:
                request = await self._coming.__anext__()
            except StopAsyncIteration:
                return True
            self._taken += 1
            self._ready.append(self._packed(request, self._taken - 1))
        return False

    async def _news(self) -> None:
        """Waits a moment for news of the library or for requests of a slow source."""
        ringing: asyncio.Task[Any] = asyncio.ensure_future(self._event.wait())
        wait_for = [ringing] if self._taking is None else [ringing, self._taking]
        try:
            await asyncio.wait(wait_for, timeout=_GLANCE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ringing.cancel()

    async def _ends_with(self, stop: BaseException) -> None:
        """Ends it, and puts into the exception that stopped it what became of the messages."""
        taking, self._taking = self._taking, None
        if taking is not None:
            taking.add_done_callback(_ignore)
            taking.cancel()
        try:
            self.begin_to_end()
            while not self._over and not isinstance(stop, GeneratorExit):
                self._event.clear()
                self._wait(NO_PATIENCE)
                if not self._over:
                    # A second cancellation changes nothing, because this takes only a moment.
                    with contextlib.suppress(asyncio.CancelledError):
                        await self._news()
        except MessageError:
            # The library does not know it any more, for example in a forked process.
            pass
        fate: Interrupted = self.what_became()
        stop_with(stop, fate)


class AsyncOutcomes(AsyncGenerator[Outcome, None]):
    """What `send_each` returns: sends while it is iterated, and warns if nobody ever did."""

    # With these slots, tracemalloc knows in every version of Python where it was made.
    __slots__ = ("__weakref__", "_at_its_end", "_generator")

    def __init__(self, bulk: AsyncBulk) -> None:
        self._generator = bulk.each_one()
        # It must not contain itself, or it would never be freed.
        self._at_its_end: Callable[[], object] = functools.partial(warn_of, self._generator)

    def __aiter__(self) -> AsyncGenerator[Outcome, None]:
        self._at_its_end = bool
        return self._generator

    async def __anext__(self) -> Outcome:
        self._at_its_end = bool
        return await self._generator.__anext__()

    async def asend(self, value: None) -> Outcome:
        """Does the same as `anext`."""
        self._at_its_end = bool
        return await self._generator.asend(value)

    async def athrow(self, *exception: Any) -> Outcome:
        """Raises an exception where it waits to continue, which ends it."""
        self._at_its_end = bool
        return await self._generator.athrow(*exception)

    async def aclose(self) -> None:
        """Sends nothing more and gives up the messages that are under way."""
        self._at_its_end = bool
        await self._generator.aclose()

    __del__ = property(operator.attrgetter("_at_its_end"))


def _ignore(task: asyncio.Task[Any]) -> None:
    """Marks the exception of a task as seen that nobody waits for any more."""
    if not task.cancelled():
        task.exception()
