"""Uploads for coroutines: a thread of the event loop's default executor waits for an upload, in slices."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Callable

from . import _arguments, _logs
from ._errors import Interrupted, MessageError, stop_with
from ._native.wildfirechat_message import NativeAccess, NativeUpload
from ._upload import PATIENCE, end_of

# The number of frames between the end of an upload and the line that awaits it, which a log names.
_FRAMES_TO_CALLER = 4


async def bring(
    begin: Callable[[], NativeUpload], access: NativeAccess, endpoint: str, wanted: int, progress: Any, frames: int = 0
) -> Any:
    """Begins an upload, perhaps with a message after it, and reports the progress; returns the URL, or the message.

    `endpoint` names the call; `frames` is the number of frames between this function's caller and the awaiting line.
    """
    if progress is not None and not callable(progress):
        raise _arguments.wrong_type(progress, "progress", "a function")
    loop = asyncio.get_running_loop()
    headers = _logs.begins_elsewhere(endpoint) if wanted else {}

    def begin_with_headers() -> NativeUpload:
        _logs.carry(access, headers)
        return begin()

    # Copying bytes and opening files takes time.
    native = await loop.run_in_executor(None, begin_with_headers)

    def wait() -> tuple[Any, Any]:
        news: Any
        try:
            news = native.wait(PATIENCE)
        except MessageError as error:
            news = error
        is_over = isinstance(news, MessageError) or end_of(news) is not None
        # This thread has the record of its outcome.
        return news, access.take_record() if is_over and wanted else None

    waiting = loop.run_in_executor(None, wait)
    failure = None
    try:
        while True:
            news, record = await asyncio.shield(waiting)
            if record is not None:
                _logs.hear(access, record, _FRAMES_TO_CALLER + frames)
            if isinstance(news, MessageError):
                failure = news
                raise news
            if news.progress is not None and progress is not None:
                progress(news.progress)
            if end_of(news) is not None:
                return end_of(news)
            waiting = loop.run_in_executor(None, wait)
    except BaseException as stop:
        if stop is not failure:
            await _end(stop, waiting, native, endpoint)
            if wanted:
                _logs.say_of_call(access, _FRAMES_TO_CALLER + frames)
        raise


async def _end(stop: BaseException, waiting: asyncio.Future[Any], native: NativeUpload, endpoint: str) -> None:
    """Ends an upload, and puts into the exception that stopped it what is known of it."""
    while not waiting.done():
        # A second cancellation changes nothing, because this takes only a moment.
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(waiting)
    news, _ = waiting.result()
    try:
        native.cancel()
    except Interrupted as fate:
        stop_with(stop, fate)
        return
    known = Interrupted(getattr(news, "endpoint", endpoint), False)
    if isinstance(news, MessageError):
        known.outcomes.append(news)
    elif end_of(news) is not None:
        known.was_answered(end_of(news))
    stop_with(stop, known)
