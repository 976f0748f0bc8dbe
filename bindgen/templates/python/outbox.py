"""`Outbox`, the list of messages that survives crashes, with the habits of Python over the native one.

The methods that only ask the database are generated from the methods of the Rust outbox and their records.
"""

from __future__ import annotations

import datetime
import time
import types
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Callable, NoReturn, Optional, Union

from . import _arguments
from ._bridge import native
from ._client import MessageClient
from ._contents import Content, payload_of
from ._native.wildfirechat_message import NativeOutbox, OutboxPolicy, OutboxState, Resolution
from ._outbox_errors import OutboxError
from ._outbox_run import Progress, Run
from ._records import (
    ContentExtras,
{%- for record in records %}
    {{ record }},
{%- endfor %}
)
from ._robot_client import RobotClient

__all__ = ["Outbox", "OutboxError"]

# So many messages cross, and are written, at once.
CHUNK = 2000
# How long to wait for an outcome at a time; then Python looks for Ctrl-C.
_SLICE = 0.1

_message = _arguments.instance_of(OutboxMessage)
_options = _arguments.optional(_arguments.instance_of(RunOptions))
_state = _arguments.instance_of(OutboxState)


class Outbox:
    """A list of messages in a database, which workers in any number of processes and machines send.

    A call of `run` sends the messages; any number of processes may do this at the same time. The intent to send is
    written before a request is sent, and the outcome afterwards: a worker that is killed leaves messages that are
    queued, and some that are *unknown*, which are never sent again automatically. No other message is sent twice, and
    none is lost.

        with Outbox("sqlite:outbox.db", client) as outbox:
            outbox.put(SendRequest("admin", Conversation.single("u1"), MessagePayload.text("Hello")), key="order-7")
            print(outbox.run().sent)

    Many threads may use it at the same time, and forked processes too. Ctrl-C ends a waiting `run` or `wait` within a
    fraction of a second; a question to the database ends first.

    Args:
        store: A SQLite file, such as `sqlite:outbox.db`, which is made if it is missing; or a database that you already
            run, `mysql://user:password@host/database` or `postgres://…`. The tables are made at the first use.
        client: The client that sends the messages: in the name of users, or, if it is a `RobotClient`, in the name of the
            robot. Then the sender of each request is the robot or empty. Outboxes of several senders may share a store;
            each sends only its own messages.

    Raises:
        InvalidArgument: The store has no such name, or this build of the library does not support its kind.
        OutboxError: The database cannot be used.
    """

    def __init__(self, store: str, client: Union[MessageClient, RobotClient]) -> None:
        store = _arguments.text(store, "store")
        if isinstance(client, MessageClient):
            opened = native.NativeOutbox.open(store, client._open()[0])
        elif isinstance(client, RobotClient):
            opened = native.NativeOutbox.open_for_robot(store, client._open()[0])
        else:
            raise _arguments.wrong_type(client, "client", "MessageClient or RobotClient")
        self._opened: Optional[NativeOutbox] = opened

    def close(self) -> None:
        """Closes the connections to the database. Calls under way in other threads end normally; new calls fail."""
        self._opened = None
{%- for call in calls %}
{% include "python/method.py" %}
{%- endfor %}

    def put_many(self, messages: Iterable[Union[OutboxMessage, tuple[OutboxRequest, str]]]) -> PutCounts:
        """Puts many messages, 2,000 per transaction, and returns how many are new.

        A message that can never be sent ends it, and so does an exception of the messages, or Ctrl-C: the messages of
        earlier transactions stay, as they do if the process dies. With keys it is safe to put all messages again.

        Args:
            messages: The messages; each is an `OutboxMessage`, or a request with its key, `(request, key)`.

        Raises:
            InvalidArgument: A message can never be sent; it contains its position, counted from 0.
        """
        if isinstance(messages, (str, bytes)) or not hasattr(messages, "__iter__"):
            raise _arguments.wrong_type(messages, "messages", "a list of OutboxMessage")
        source = iter(messages)
        counts = PutCounts(0, 0)
        first = 0
        while True:
            chunk = [to_put(each, f"messages[{first + at}]") for at, each in enumerate(islice(source, CHUNK))]
            if not chunk:
                return counts
            put = self._native.put_all(chunk, first)
            counts.put += put.put
            counts.known += put.known
            first += len(chunk)

    def multicast_each(
        self,
        sender: str,
        receivers: Iterable[str],
        payload: Union[MessagePayload, Content],
        line: int = 0,
        size: int = 1000,
        key: Optional[str] = None,
        *,
        extras: Optional[ContentExtras] = None,
    ) -> list[int]:
        """Puts one message to many receivers, split into multicasts: a thousandth of the requests.

        All parts are put in one transaction, or none.

        Args:
            sender: Id of the user who sends it.
            receivers: Ids of the users who get it.
            payload: What it says, such as a `TextContent`, or the payload that carries it.
            line: The conversation line that it is sent on.
            size: How many receivers each part has.
            key: Your own name for it: each part has that key with `#` and its number behind it. None for no name.
            extras: Mentions, push text, expiry and a text of your own, to go with a content.

        Returns:
            The ids of the parts.
        """
        names = _arguments.items(receivers, "receivers", "str")
        message = OutboxMulticast(sender, names, payload_of(payload, extras), line, size, key)
        return self._native.multicast_each(_arguments.record(message))

    def run(self, options: Optional[RunOptions] = None, progress: Optional[Progress] = None) -> RunProgress:
        """Sends the messages of the outbox until all that are due have an outcome, or for ever.

        Any number of processes and machines may do this at the same time: no message is sent by two of them. The order
        within a conversation is kept across all workers. If the server or the database goes away, the method waits for
        it. Messages that the server accepted in the last seconds before it went away are looked up when it is back.

        Ctrl-C stops it, and so does an exception of `progress`: no further message begins, messages that are under way
        end and their outcomes are written, the other messages that it holds are queued again, and then the exception is
        raised. A second Ctrl-C gives up the messages that are under way: those that were already sent become unknown.

        Args:
            options: When it ends, how many messages are sent at the same time and per second, and how long to wait for
                a server or database.
            progress: Called with the progress, in this thread, at most ten times per second and at the end.

        Returns:
            What it did.

        Raises:
            OutboxError: The database cannot be used; or, as `OutboxError.Call`, the server would have refused every
                message, or was away for longer than the patience. Messages that were not sent are queued.
        """
        checked = _options(options, "options")
        if progress is not None and not callable(progress):
            raise _arguments.wrong_type(progress, "progress", "a function")
        return Run(self._native.begin_run(checked), progress).to_its_end()

    def entries(self, state: OutboxState) -> Iterator[OutboxEntry]:
        """The messages in a state, sender by sender, by priority and then in the order in which they were put.

        They are read while you iterate.

        Args:
            state: The state, such as `OutboxState.FAILED`.
        """
        pages = self._native.entries(_state(state, "state"))
        while page := pages.next():
            yield from page

    def unknown(self) -> Iterator[OutboxEntry]:
        """The messages for which it is unknown whether they were executed; they are read while you iterate."""
        return self.entries(OutboxState.UNKNOWN)

    def lost(self) -> Iterator[OutboxEntry]:
        """The messages that the server has accepted but does not have; they are read while you iterate."""
        return self.entries(OutboxState.LOST)

    def failed(self) -> Iterator[OutboxEntry]:
        """The messages that the server has refused for good, or that can never be sent; read while you iterate."""
        return self.entries(OutboxState.FAILED)

    def wait(self, key: str, patience: Union[datetime.timedelta, float]) -> Optional[OutboxEntry]:
        """Waits until the message with a key has an outcome, and returns it. A worker must be running.

        Args:
            key: The key with which the message was put.
            patience: How long to wait at most.

        Returns:
            The message, perhaps without an outcome; None if no message has this key.
        """
        key = _arguments.text(key, "key")
        until = time.monotonic() + _arguments.duration(patience, "patience").total_seconds()
        while True:
            left = max(until - time.monotonic(), 0.0)
            waited = self._native.wait(key, datetime.timedelta(seconds=min(left, _SLICE)))
            if waited.is_over or left <= 0.0:
                return waited.entry

    @property
    def _native(self) -> NativeOutbox:
        if self._opened is None:
            raise RuntimeError("this Outbox is closed: make a new one")
        return self._opened

    def __enter__(self) -> Outbox:
        return self

    def __exit__(
        self,
        exc_type: Optional[type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[types.TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        # Nothing of the store: its URL may have a password in it.
        return "Outbox()" if getattr(self, "_opened", None) else "Outbox(closed)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Outbox cannot be copied or pickled: another process makes its own with Outbox(store, client)")


def to_put(value: Any, at: str) -> OutboxMessage:
    """A message in the form for the library, from a message or from a request with its key."""
    if isinstance(value, tuple) and len(value) == 2:
        value = OutboxMessage(value[0], value[1])
    message: OutboxMessage = _message(value, at)
    return message


def _as_records() -> None:
    """Makes the generated converter accept and return requests themselves instead of variants that contain them."""
    converter: Any = native._UniffiFfiConverterTypeOutboxRequest
    classes: Any = native.OutboxRequest
    kinds = ((SendRequest, classes.SEND), (MulticastRequest, classes.MULTICAST), (BroadcastRequest, classes.BROADCAST))
    check, read, write = converter.check_lower, converter.read, converter.write

    def wrapped(value: Any) -> Any:
        return next(kind(value) for record, kind in kinds if isinstance(value, record))

    converter.check_lower = staticmethod(lambda value: check(wrapped(value)))
    converter.read = staticmethod(lambda stream: read(stream).value)
    converter.write = staticmethod(lambda value, stream: write(wrapped(value), stream))


_as_records()
