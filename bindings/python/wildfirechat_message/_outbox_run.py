"""A worker of an outbox on its way: waits for its end in slices, and stops it when an exception comes in between."""

from __future__ import annotations

import datetime
from typing import Callable, Optional

from ._native.wildfirechat_message import NativeOutboxRun
from ._records import RunProgress

Progress = Callable[[RunProgress], object]

# How long to wait for news at a time; then Python looks for Ctrl-C.
_SLICE = datetime.timedelta(milliseconds=100)


class Run:
    """A worker that sends on a thread of the library's; who lets go of it stops it."""

    def __init__(self, native: NativeOutboxRun, progress: Optional[Progress]) -> None:
        self._native = native
        self._progress = progress

    def to_its_end(self) -> RunProgress:
        """Waits for its end: what it did. What is raised meanwhile comes out once nothing is under way any more."""
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
        """Begins nothing new, and waits for what is under way; another exception drops that, and comes out."""
        try:
            self._native.stop()
            self._wait(None)
        except BaseException:
            self._native.cancel()
            self._wait(None)
            raise
