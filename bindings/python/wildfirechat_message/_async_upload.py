"""Uploads for coroutines: a thread of the event loop's default executor waits for an upload, in slices."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from . import _arguments, _logs
from ._errors import Interrupted, MessageError, stop_with
from ._native.wildfirechat_message import NativeAccess, NativeUpload
from ._upload import PATIENCE, begin

# The number of frames between the end of an upload and the line that awaits it, which a log names.
_FRAMES_TO_CALLER = 4


async def upload(client: Any, access: NativeAccess, endpoint: str, wanted: int, progress: Any, *file: Any) -> str:
    """Uploads a file, given as for `_upload.begin`, and reports the progress; `endpoint` names the file store."""
    if progress is not None and not callable(progress):
        raise _arguments.wrong_type(progress, "progress", "a function")
    loop = asyncio.get_running_loop()
    # Copying bytes and opening files takes time.
    native = await loop.run_in_executor(None, begin, client, *file)

    def wait() -> tuple[Any, Any]:
        news: Any
        try:
            news = native.wait(PATIENCE)
        except MessageError as error:
            news = error
        is_over = isinstance(news, MessageError) or news.url is not None
        # This thread has the record of its outcome.
        return news, access.take_record() if is_over and wanted else None

    waiting = loop.run_in_executor(None, wait)
    failure = None
    try:
        while True:
            news, record = await asyncio.shield(waiting)
            if record is not None:
                _logs.hear(access, record, _FRAMES_TO_CALLER)
            if isinstance(news, MessageError):
                failure = news
                raise news
            if news.progress is not None and progress is not None:
                progress(news.progress)
            if news.url is not None:
                url: str = news.url
                return url
            waiting = loop.run_in_executor(None, wait)
    except BaseException as stop:
        if stop is not failure:
            await _end(stop, waiting, native, endpoint)
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
    elif news.url is not None:
        known.was_answered(news.url)
    stop_with(stop, known)
