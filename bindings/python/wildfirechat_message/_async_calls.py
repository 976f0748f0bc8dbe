"""Calls that coroutines await: the event loop starts them, a thread of the library drives them, a file reports them.

The loop watches the file; nothing here waits. A call that is cancelled is ended in the library, and what is known of it
comes with the exception.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import threading
import weakref
from collections import deque
from struct import Struct
from time import perf_counter
from typing import Any, Callable, Optional, TypeVar

from . import _logs
from ._calls import RESUME, NativeCall, fate_of_outcome, method
from ._errors import Interrupted, Pending, stop_with
from ._native.wildfirechat_message import NativeAccess

T = TypeVar("T")

# How many calls may begin, and how many may be reported as finished, before the loop has its turn; fewer if they take
# longer than this time, in seconds. A small call takes some tens of microseconds, one of 50 KB ten times that.
_AT_ONCE = 32
_A_TURN = 0.001
_NO_TIME = datetime.timedelta()
# How long the thread waits at a time that waits instead of a loop.
_PATIENCE = datetime.timedelta(milliseconds=100)
# The number of frames between the end of a call and the line that awaits it, which a log names.
_FRAMES_TO_CALLER = 5
_tickets = Struct("<q").iter_unpack


class _Pace:
    """How many of a kind of steps fit into a turn of the loop, by how long the last ones took."""

    __slots__ = ("_takes",)

    def __init__(self) -> None:
        # Until it is known better.
        self._takes = _A_TURN / 8

    def at_once(self) -> int:
        return max(1, min(_AT_ONCE, int(_A_TURN / self._takes)))

    def took(self, seconds: float) -> None:
        self._takes += (seconds - self._takes) / 8


class AwaitedCalls:
    """The calls of a client that are under way on an event loop."""

    def __init__(self, access: NativeAccess, client: str) -> None:
        self._access = access
        # The name of the client's class.
        self._client = client
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._process = 0
        self._stop_watching: Callable[[], object] = bool
        # The coroutines that wait, by the tickets of their calls; the tickets of finished calls whose coroutines were
        # not told yet; the owners of tickets that have news more than once.
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._finished: deque[int] = deque()
        self._events: dict[int, asyncio.Event] = {}
        # How long calls take to begin, and to be reported.
        self._beginning, self._telling = _Pace(), _Pace()
        # How many calls may begin before the loop has its turn, whether that is arranged, and the coroutines that wait.
        self._room, self._refills = self._beginning.at_once(), False
        self._line: deque[asyncio.Future[None]] = deque()
        self._is_closed = False

    async def call(self, client: object, generated: Callable[..., T], argument: object, wanted: int) -> Any:
        """Makes a call of a native client; returns its answer, or raises its error.

        An argument that is large is a function that makes it, when the call has its turn.
        """
        self.enter()
        parts = method(generated)
        try:
            await self._turn()
        except asyncio.CancelledError as stop:
            stop_with(stop, Interrupted(parts.endpoint, False, 0))
            raise
        begun = perf_counter()
        if callable(argument):
            argument = argument()
        if wanted:
            _logs.begins(self._access, parts.endpoint)
        outcome = NativeCall(parts, client, argument).run()
        self._beginning.took(perf_counter() - begun)
        if isinstance(outcome, Pending):
            ticket = outcome.ticket
            try:
                await self._end_of(ticket)
            except asyncio.CancelledError as stop:
                stop_with(stop, await self._fate(ticket, parts.endpoint, wanted))
                raise
            except BaseException:
                # The coroutine itself was closed: it cannot wait any more.
                self._access.cancel(ticket)
                raise
            outcome = self._outcome(ticket, wanted, _FRAMES_TO_CALLER)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def enter(self) -> None:
        """Binds the client to the running event loop, and to this process."""
        loop = asyncio.get_running_loop()
        if loop is self._loop and os.getpid() == self._process:
            return
        if self._is_here() and (self._waiting or self._events):
            words = f"this {self._client} has calls under way on another event loop: make one client for each loop"
            raise RuntimeError(words)
        self._leave()
        self._loop, self._process = loop, os.getpid()
        self._waiting, self._finished, self._events = {}, deque(), {}
        self._room, self._refills, self._line = self._beginning.at_once(), False, deque()
        self._stop_watching = _watch(loop, weakref.ref(self), self._access)

    def event(self, ticket: int) -> asyncio.Event:
        """The event that is set whenever the owner of this ticket has news, until `hush` is called."""
        self._events[ticket] = asyncio.Event()
        return self._events[ticket]

    def hush(self, ticket: int) -> None:
        """The owner of this ticket has no more news."""
        self._events.pop(ticket, None)
        self._leave_if_over()

    def close(self) -> None:
        """Accepts no new call; calls that are under way end normally."""
        self._is_closed = True
        self._leave_if_over()

    def hear(self, tickets: bytes) -> None:
        """Takes the tickets of calls that have finished."""
        self._finished.extend(ticket for (ticket,) in _tickets(tickets))
        self._tell()

    def _tell(self) -> None:
        for _ in range(min(self._telling.at_once(), len(self._finished))):
            ticket = self._finished.popleft()
            event = self._events.get(ticket)
            if event is not None:
                event.set()
            future = self._waiting.pop(ticket, None)
            if future is not None and not future.done():
                future.set_result(None)
        if self._finished and self._loop is not None:
            self._loop.call_soon(self._tell)
        self._leave_if_over()

    async def _turn(self) -> None:
        """Lets the loop have its turn between many calls that begin at once."""
        assert self._loop is not None
        if not self._refills:
            self._refills = True
            self._loop.call_soon(self._refill)
        if self._room > 0:
            self._room -= 1
            return
        turn = self._loop.create_future()
        self._line.append(turn)
        await turn

    def _refill(self) -> None:
        if self._loop is None:
            return
        room = self._room = self._beginning.at_once()
        while self._line and self._room:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                self._room -= 1
        self._refills = self._room < room
        if self._refills:
            self._loop.call_soon(self._refill)

    def _end_of(self, ticket: int) -> asyncio.Future[None]:
        assert self._loop is not None
        future = self._waiting[ticket] = self._loop.create_future()
        return future

    def _outcome(self, ticket: int, wanted: int, to_the_caller: int) -> Any:
        begun = perf_counter()
        outcome = NativeCall(RESUME, self._access, ticket).run()
        self._telling.took(perf_counter() - begun)
        failed = isinstance(outcome, Exception)
        if wanted > (_logs.NOTHING if failed else _logs.FATES) and not isinstance(outcome, Pending):
            _logs.say_of_call(self._access, to_the_caller)
        return outcome

    async def _fate(self, ticket: int, endpoint: str, wanted: int) -> Interrupted:
        """Ends a call, so that nothing is sent any more, and returns what is known of it."""
        outcome = self._outcome(ticket, wanted, _FRAMES_TO_CALLER + 1)
        if isinstance(outcome, Pending):
            end = self._end_of(ticket)
            self._access.cancel(ticket)
            while not end.done():
                # A second cancellation changes nothing, because this takes only a moment.
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.shield(end)
            outcome = self._outcome(ticket, wanted, _FRAMES_TO_CALLER + 1)
        return outcome if isinstance(outcome, Interrupted) else fate_of_outcome(endpoint, outcome)

    def _is_here(self) -> bool:
        return self._loop is not None and self._process == os.getpid() and not self._loop.is_closed()

    def _leave_if_over(self) -> None:
        if self._is_closed and not self._waiting and not self._events:
            self._leave()

    def _leave(self) -> None:
        stop_watching, self._stop_watching, self._loop = self._stop_watching, bool, None
        stop_watching()


def _watch(
    loop: asyncio.AbstractEventLoop, awaited: weakref.ref[AwaitedCalls], access: NativeAccess
) -> Callable[[], object]:
    """Makes the loop report finished calls, until the returned function is called or the `AwaitedCalls` is gone."""
    file = access.finished_file()
    process = os.getpid()

    def tell(tickets: bytes) -> None:
        living = awaited()
        if living is not None:
            living.hear(tickets)

    def look() -> None:
        tell(access.wait_finished(_NO_TIME))

    if file is not None:
        try:
            loop.add_reader(file, look)
        except NotImplementedError:
            # For example the default loop of Windows cannot watch files.
            file = None
    over = threading.Event()
    if file is None:
        threading.Thread(target=_listen, args=(loop, access, tell, over), daemon=True).start()

    def leave() -> None:
        over.set()
        if file is not None and process == os.getpid():
            # This may run on another thread; the client keeps the file open until then. A closed loop watches nothing.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_let_go, loop, file, access)

    finalizer = weakref.finalize(awaited(), leave)
    finalizer.atexit = False
    return finalizer


def _let_go(loop: asyncio.AbstractEventLoop, file: int, _access: NativeAccess) -> None:
    loop.remove_reader(file)


def _listen(
    loop: asyncio.AbstractEventLoop, access: NativeAccess, tell: Callable[[bytes], object], over: threading.Event
) -> None:
    """Waits for news in a thread, if the loop cannot watch the file."""
    while not over.is_set() and not loop.is_closed():
        tickets = access.wait_finished(_PATIENCE)
        if tickets:
            # The loop may have been closed meanwhile.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(tell, tickets)
