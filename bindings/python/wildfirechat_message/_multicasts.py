"""One message to many users, in multicasts: waits for outcomes in slices, and ends them at an exception."""

from __future__ import annotations

import datetime
from typing import NamedTuple, Optional, Union

from ._bulk import interrupted_with
from ._calls import NativeCall, Operation, method
from ._errors import Interrupted, MessageError
from ._native.wildfirechat_message import NativeMulticasts
from ._records import SentMessage

# How long to wait for news at a time; in between Python checks for Ctrl-C.
_PATIENCE = datetime.timedelta(milliseconds=100)
_CANCEL = method(NativeMulticasts.cancel)
ENDPOINT = "message/multicast"
_WAIT = method(NativeMulticasts.wait)


class MulticastPart(NamedTuple):
    """The outcome for one part of the receivers of `multicast_each`."""

    receivers: list[str]
    """Ids of the users in this part."""
    outcome: Union[SentMessage, MessageError]
    """The message that was sent, or why it was not."""


class Multicasts(Operation):
    """Multicasts that are under way."""

    __slots__ = ("_last", "_native", "parts")

    def __init__(self, native: NativeMulticasts) -> None:
        super().__init__()
        self._native = native
        self.parts: list[MulticastPart] = []
        # The last native call, and how many parts were known before it.
        self._last: Optional[tuple[NativeCall, int]] = None

    def end(self) -> list[MulticastPart]:
        """Waits for their end, a slice at a time."""
        while not self.step():
            pass
        return self.parts

    def step(self) -> bool:
        """Waits a slice, and returns whether they have ended."""
        self._last = (NativeCall(_WAIT, self._native, _PATIENCE), len(self.parts))
        self._last[0].run()
        return self._take()

    def _take(self) -> bool:
        """Takes the last news, and returns whether they are the end; a second call does no harm."""
        if self._last is None or not self._last[0].has_run:
            return False
        call, known = self._last
        news = call.outcome()
        if isinstance(news, Exception):
            self.failure = news
            raise news
        self.parts[known:] = [MulticastPart(part.receivers, part.sent or part.error) for part in news.parts]
        done: bool = news.done
        return done

    def _give_up(self) -> Optional[Interrupted]:
        try:
            is_over = self._take()
            self._cancelled(_CANCEL, self._native)
            while not is_over:
                is_over = self.step()
        except MessageError:
            # The library does not know it any more, for example in a forked process.
            return None
        return interrupted_with(ENDPOINT, [part.outcome for part in self.parts])
