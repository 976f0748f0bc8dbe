"""A running worker of an outbox, for coroutines: the loop looks how far it is, and an exception stops it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import functools
from typing import Any, Callable, Optional, TypeVar

from ._native.wildfirechat_message import NativeOutboxRun
from ._outbox_run import Progress
from ._records import RunProgress

T = TypeVar("T")

# Looking takes no time. How long until the next look, at first and at the most, in seconds.
_NO_TIME = datetime.timedelta()
_FIRST_PAUSE = 0.002
_LONGEST_PAUSE = 0.1


async def elsewhere(question: Callable[..., T], *arguments: Any) -> T:
    """Does something that blocks in a thread of the event loop's default executor."""
    return await asyncio.get_running_loop().run_in_executor(None, functools.partial(question, *arguments))


class AsyncRun:
    """A worker that sends on a thread of the library's; who lets go of it stops it."""

    def __init__(self, native: NativeOutboxRun, progress: Optional[Progress]) -> None:
        self._native = native
        self._progress = progress

    async def to_its_end(self) -> RunProgress:
        """Waits for its end: what it did. What is raised meanwhile comes out once nothing is under way any more."""
        pause = _FIRST_PAUSE
        try:
            while not self._looks():
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        except GeneratorExit:
            # The coroutine itself is closed: nobody can wait any more.
            self._native.stop()
            raise
        except BaseException:
            await self._stop()
            raise
        told = self._native.finish()
        if self._progress is not None:
            self._progress(told)
        return told

    def _looks(self) -> bool:
        """Tells what is new; whether that was all."""
        news = self._native.wait(_NO_TIME)
        if news.progress is not None and self._progress is not None:
            self._progress(news.progress)
        return news.done

    async def _stop(self) -> None:
        """Begins nothing new, and waits for what is under way; a second cancellation drops that."""
        self._progress = None
        with contextlib.suppress(Exception):
            self._native.stop()
            while not self._looks():
                try:
                    await asyncio.sleep(_LONGEST_PAUSE / 10)
                except asyncio.CancelledError:
                    self._native.cancel()
