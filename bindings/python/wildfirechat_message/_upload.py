"""Uploads: starts an upload, waits for its end in slices, and ends it if an exception is raised meanwhile."""

from __future__ import annotations

import datetime
import os
from typing import Any, Callable, Optional, Union

from . import _arguments, _logs
from ._calls import NativeCall, Operation, fate_of_outcome, method
from ._errors import Interrupted, InvalidArgument
from ._native.wildfirechat_message import NativeAccess, NativeMessageClient, NativeRobotClient, NativeUpload
from ._records import UploadProgress

Progress = Callable[[UploadProgress], object]
# A method of a native client that begins an upload with a message after it.
Begin = Callable[[Any, Any], NativeUpload]

# How long to wait for news at a time; in between Python checks for Ctrl-C.
PATIENCE = datetime.timedelta(milliseconds=100)
# The number of frames between the end of an upload and the line that made it, which a log names.
_FRAMES_TO_CALLER = 4
# Bytes that are passed in one piece begin with their length, which has 31 bits.
_MOST_OCTETS = (1 << 31) - 5

_CANCEL = method(NativeUpload.cancel)
_WAIT = method(NativeUpload.wait)

_content_type = _arguments.optional(_arguments.text)


def begin(
    client: Union[NativeMessageClient, NativeRobotClient],
    file_name: Any,
    data_or_path: Any,
    media_type: Any,
    content_type: Any,
) -> NativeUpload:
    """Starts an upload of bytes, or of the file that a str or a path names."""
    name = _arguments.text(file_name, "file_name")
    kind = _arguments.integer(media_type, "media_type", 32)
    content_type = _content_type(content_type, "content_type")
    if isinstance(data_or_path, (str, os.PathLike)):
        path = _arguments.text(os.fsdecode(data_or_path), "data_or_path")
        return client.begin_file_upload(name, path, kind, content_type)
    octets: Any = _octets(data_or_path)
    return client.begin_upload(name, octets, kind, content_type)


def data_and_path(data_or_path: Any) -> tuple[Optional[bytes], Optional[str]]:
    """The bytes of a file, or its path: what a str or a path names."""
    if isinstance(data_or_path, (str, os.PathLike)):
        return None, _arguments.text(os.fsdecode(data_or_path), "data_or_path")
    return bytes(_octets(data_or_path)), None


def end_of(news: Any) -> Any:
    """What has come of it: the message that was sent, or the URL of the file; None while it goes on."""
    return news.url if news.sent is None else news.sent


def _octets(value: Any) -> Any:
    try:
        view = memoryview(value)
    except TypeError:
        raise _arguments.wrong_type(value, "data_or_path", "bytes, str or os.PathLike") from None
    if view.nbytes > _MOST_OCTETS:
        raise InvalidArgument("data_or_path", f"it has {view.nbytes} bytes: 2 GiB or more are uploaded from a file")
    # A view that is not contiguous is copied.
    return view.cast("B") if view.c_contiguous else view.tobytes()


class Upload(Operation):
    """An upload that is under way."""

    # The number of frames between its end and the line that made it, which a log names.
    _frames_to_caller = _FRAMES_TO_CALLER

    __slots__ = ("_access", "_endpoint", "_last", "_native", "_progress", "_wanted")

    def __init__(
        self, native: NativeUpload, progress: Optional[Progress], access: NativeAccess, wanted: int, endpoint: str
    ) -> None:
        super().__init__()
        self._native = native
        self._access = access
        # Its name until the library names the step.
        self._endpoint = endpoint
        # The level that the application's log wants of it.
        self._wanted = wanted
        self._progress = progress
        self._last: Optional[NativeCall] = None

    def end(self) -> Any:
        """Waits for its end, a slice at a time, and reports its progress; returns the URL, or the message."""
        while True:
            self._last = NativeCall(_WAIT, self._native, PATIENCE)
            news = self._last.run()
            is_over = isinstance(news, Exception) or end_of(news) is not None
            if is_over and self._wanted:
                _logs.say_of_call(self._access, self._frames_to_caller)
            if isinstance(news, Exception):
                self.failure = news
                raise news
            if news.progress is not None and self._progress is not None:
                self._progress(news.progress)
            if is_over:
                return end_of(news)

    def _give_up(self) -> Optional[Interrupted]:
        if self._last is not None and self._last.has_run:
            news = self._last.outcome()
            if isinstance(news, Exception):
                return fate_of_outcome(self._endpoint, news)
            if end_of(news) is not None:
                return fate_of_outcome(self._endpoint, end_of(news))
        fate = self._cancelled(_CANCEL, self._native)
        if self._wanted:
            _logs.say_of_call(self._access, self._frames_to_caller + 2)
        return fate


class Sending(Upload):
    """An upload with a message after it, which another function of the package begins for the caller's line."""

    _frames_to_caller = _FRAMES_TO_CALLER + 1

    __slots__ = ()
