"""One message to many users, for coroutines: threads of the event loop's default executor wait for it, in slices."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Callable, Optional

from ._errors import Interrupted, stop_with
from ._multicasts import ENDPOINT, MulticastPart, Multicasts
from ._native.wildfirechat_message import NativeMulticasts


async def multicast_each(begin: Callable[[], NativeMulticasts]) -> list[MulticastPart]:
    """Sends the multicasts that `begin` begins, and awaits their end."""
    loop = asyncio.get_running_loop()
    begun: list[Multicasts] = []

    def step() -> bool:
        if not begun:
            begun.append(Multicasts(begin()))
        return begun[0].step()

    waiting = loop.run_in_executor(None, step)
    try:
        while not await asyncio.shield(waiting):
            waiting = loop.run_in_executor(None, step)
        return begun[0].parts
    except GeneratorExit:
        # The coroutine itself is closed: nobody can wait any more. What it had begun ends with its last reference.
        raise
    except BaseException as stop:
        if waiting.done() and waiting.exception() is stop:
            raise
        fate = await _end(loop, waiting, begun)
        if fate is not None:
            stop_with(stop, fate)
        raise


async def _end(
    loop: asyncio.AbstractEventLoop, waiting: asyncio.Future[Any], begun: list[Multicasts]
) -> Optional[Interrupted]:
    """Ends the multicasts, so that nothing is sent any more: what is known of them."""
    await _over(waiting)
    if not begun:
        return Interrupted(ENDPOINT, False, 0)
    ending = loop.run_in_executor(None, begun[0].fate)
    await _over(ending)
    return ending.result()


async def _over(waiting: asyncio.Future[Any]) -> None:
    """Awaits the end of something that takes moments; a second cancellation changes nothing."""
    while not waiting.done():
        with contextlib.suppress(BaseException):
            await asyncio.shield(waiting)
