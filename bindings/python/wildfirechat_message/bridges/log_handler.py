"""Sends the records of `logging` as messages, without ever making the application wait.

Example:
    robot = RobotClient("https://im.example.com", "FireRobot", "its secret")
    handler = MessageHandler(robot, conversation=Conversation.group("ops"), level=logging.ERROR)
    logging.getLogger().addHandler(handler)
"""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections import deque
from typing import Optional, Union

from .. import ContentExtras, Conversation, MessageClient, MessageError, RobotClient, TextContent

__all__ = ["MessageHandler"]

# A list that fails to leave waits this long at the most before the next attempt, in seconds.
_LONGEST_PAUSE = 60.0
_OWN_LOGGER = "wildfirechat_message"
_handlers: weakref.WeakSet[MessageHandler] = weakref.WeakSet()


class MessageHandler(logging.Handler):
    """A handler that sends log records to a conversation.

    Logging a record puts its text into a queue and returns; a thread of the handler's own sends what has gathered there
    as one message, at most one each `pause` seconds. So a storm of errors becomes a few messages, and a server that is
    slow or away never holds up the application.

    - What certainly was not sent, because the server is away or has reached its limit, stays in the queue and is sent
      later. What may have been sent is not sent again.
    - When `capacity` records wait, further ones are left out; the next message begins with their number. `left_out`
      counts them.
    - What the client itself logs is never sent, because sending it would log again.
    - The first record of a forked process starts a thread there; records that waited in the parent are sent by the
      parent alone.
    - `close`, which `logging` calls when the program ends, waits up to `close_timeout` seconds for the queue to become
      empty.

    A message that cannot be sent is reported as `logging` reports any failure of a handler: on the standard error,
    unless `logging.raiseExceptions` is false. `failed` counts the records of such messages.
    """

    def __init__(
        self,
        client: Union[MessageClient, RobotClient],
        sender: Optional[str] = None,
        conversation: Optional[Conversation] = None,
        *,
        level: int = logging.ERROR,
        capacity: int = 1000,
        pause: float = 1.0,
        longest: int = 4000,
        close_timeout: float = 5.0,
        extras: Optional[ContentExtras] = None,
    ) -> None:
        """Make a handler; nothing is sent, and no thread is started, before the first record.

        Args:
            client: Sends the messages. It stays open when the handler is closed.
            sender: Id of the user whom the messages come from; to be left out for a robot, which is the sender itself.
            conversation: Where the messages are sent to; it may not be left out.
            level: Records below this level are not sent.
            capacity: How many records may wait at the most.
            pause: Seconds between the beginnings of two messages, at least.
            longest: How many characters a message may have; a longer record is cut.
            close_timeout: Seconds for which `close` and `flush` wait.
            extras: Mentions, push texts and the like for each message.
        """
        super().__init__(level)
        if conversation is None:
            raise ValueError("conversation is missing")
        if isinstance(client, RobotClient) and sender is not None:
            raise ValueError("sender must be left out, because the robot is the sender")
        if not isinstance(client, RobotClient) and not sender:
            raise ValueError("sender is missing")
        for name, value in {"capacity": capacity, "longest": longest}.items():
            if value < 1:
                raise ValueError(f"{name} must be at least 1, and is {value}")
        for name, seconds in {"pause": pause, "close_timeout": close_timeout}.items():
            if not seconds >= 0:
                raise ValueError(f"{name} must not be negative, and is {seconds}")
        self._client, self._sender, self._conversation, self._extras = client, sender or "", conversation, extras
        self._capacity, self._pause, self._longest, self._close_timeout = capacity, pause, longest, close_timeout
        self._closing = False
        self._begin_anew()
        _handlers.add(self)

    def _begin_anew(self) -> None:
        self._waiting: deque[tuple[str, logging.LogRecord]] = deque()
        # Reentrant, because a signal's handler may log while its thread is in here.
        self._changed = threading.Condition(threading.RLock())
        self._thread: Optional[threading.Thread] = None
        self._under_way = False
        self._waited_in_vain = False
        self._tried_at_the_end = False
        self._untold = 0
        self.left_out: int = 0
        """How many records were left out so far, because too many were waiting or the handler was closed."""
        self.failed: int = 0
        """How many records were in messages that failed, or whose fate is unknown."""

    def emit(self, record: logging.LogRecord) -> None:
        """Put the record's text into the queue."""
        own = record.name == _OWN_LOGGER or record.name.startswith(_OWN_LOGGER + ".")
        if own or threading.current_thread() is self._thread:
            return
        try:
            text = self._cut(self.format(record))
        except Exception:
            self.handleError(record)
            return
        with self._changed:
            if self._closing or len(self._waiting) >= self._capacity:
                self._leave_out(1)
                return
            self._waiting.append((text, record))
            self._start()
            self._changed.notify_all()

    def flush(self) -> None:
        """Wait until what is in the queue has left, for `close_timeout` seconds at the most."""
        with self._changed:
            self._waited_in_vain = not self._changed.wait_for(
                lambda: not self._waiting and not self._under_way, timeout=self._close_timeout
            )

    def close(self) -> None:
        """Send what is in the queue, waiting for `close_timeout` seconds at the most, and take no further record."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        # `logging` flushes before it closes: the same seconds are not waited for twice.
        if not self._waited_in_vain:
            self.flush()
        with self._changed:
            self._leave_out(len(self._waiting))
            self._waiting.clear()
            self._changed.notify_all()
        super().close()

    def _cut(self, text: str) -> str:
        return text if len(text) <= self._longest else text[: self._longest - 1] + "…"

    def _leave_out(self, records: int) -> None:
        self.left_out += records
        self._untold += records

    def _start(self) -> None:
        if self._thread is not None:
            return
        self._thread = threading.Thread(target=self._work, name="wildfirechat-message-log", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            # The interpreter is ending and starts no thread any more. Whoever logs now sends by itself, once.
            self._thread = None
            batch, untold = self._take()
            if self._send(batch, untold):
                self._leave_out(len(batch))

    def _work(self) -> None:
        pause = self._pause
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                if not self._waiting:
                    return
                batch, untold = self._take()
                self._under_way = True
            begun = time.monotonic()
            kept = self._send(batch, untold)
            with self._changed:
                self._under_way = False
                if kept:
                    self._waiting.extendleft(reversed(batch))
                    self._untold += untold
                self._changed.notify_all()
                pause = min(max(2 * pause, 1.0), _LONGEST_PAUSE) if kept else self._pause
                self._rest(begun + pause, kept)

    def _rest(self, until: float, kept: bool) -> None:
        """Wait for the time of the next message. Closing ends this; from then on what failed is tried each second."""
        self._changed.wait_for(lambda: self._closing, timeout=max(0.0, until - time.monotonic()))
        if kept and self._tried_at_the_end:
            self._changed.wait_for(lambda: not self._waiting, timeout=1.0)
        self._tried_at_the_end = self._closing

    def _take(self) -> tuple[list[tuple[str, logging.LogRecord]], int]:
        """Take as many records as fit into a message, and the number of those that were left out before them."""
        batch = [self._waiting.popleft()]
        length = len(batch[0][0])
        while self._waiting and length + 1 + len(self._waiting[0][0]) <= self._longest:
            batch.append(self._waiting.popleft())
            length += 1 + len(batch[-1][0])
        untold, self._untold = self._untold, 0
        return batch, untold

    def _send(self, batch: list[tuple[str, logging.LogRecord]], untold: int) -> bool:
        """Send the records as one message; whether they are to be kept for another attempt."""
        lines = [f"({untold} log records were left out)"] if untold else []
        text = "\n".join(lines + [text for text, _ in batch])
        try:
            content = TextContent(text)
            if isinstance(self._client, RobotClient):
                self._client.send_message(self._conversation, content, extras=self._extras)
            else:
                self._client.send_message(self._sender, self._conversation, content, extras=self._extras)
        except (MessageError.Unreachable, MessageError.RateLimited):
            return True
        except Exception:
            self.failed += len(batch)
            self.handleError(batch[-1][1])
        return False


def _after_fork() -> None:
    for handler in list(_handlers):
        handler._begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
