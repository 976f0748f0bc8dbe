"""A running worker of an outbox: waits for its end in slices, and stops it if an exception is raised meanwhile."""

from __future__ import annotations

import datetime
from typing import Callable, Optional

from ._native.wildfirechat_message import NativeOutboxRun
from ._records import RunProgress

Progress = Callable[[RunProgress], object]

# How long to wait for news at a time; in between Python checks for Ctrl-C.
_SLICE = datetime.timedelta(milliseconds=100)


class Run:
    """A worker that sends on a thread of the library; it stops when this object is freed."""

    def __init__(self, native: NativeOutboxRun, progress: Optional[Progress]) -> None:
        self._native = native
        self._progress = progress

    def to_its_end(self) -> RunProgress:
        """Waits for its end and returns what it did. An exception meanwhile is raised when no message is under way."""
        try:
            self._wait(self._progress)
        except BaseException:
            self._stop()
            raise
        told = self._native.finish()
        if self._progress is not None:
            self._progress(told)
        return told

    def _wait(self, progress: Optional[Progress]) -> None:
        while True:
            news = self._native.wait(_SLICE)
            if news.progress is not None and progress is not None:
                progress(news.progress)
            if news.done:
                return

    def _stop(self) -> None:
        """Begins no further message and waits for those under way; another exception gives these up and is raised."""
        try:
            self._native.stop()
            self._wait(None)
        except BaseException:
            self._native.cancel()
            self._wait(None)
            raise
