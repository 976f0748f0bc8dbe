"""`Outbox`, the list of messages that survives everything, with the habits of Python over the native one.

What only asks the database is generated from the methods of the Rust outbox and the records that they take.
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

__all__ = ["Outbox", "OutboxError"]

# So many messages cross, and are written, at once.
_CHUNK = 2000
# How long to wait for an outcome at a time; then Python looks for Ctrl-C.
_SLICE = 0.1

_client = _arguments.instance_of(MessageClient)
_message = _arguments.instance_of(OutboxMessage)
_options = _arguments.optional(_arguments.instance_of(RunOptions))
_state = _arguments.instance_of(OutboxState)


class Outbox:
    """A list of messages in a database, which workers in any number of processes and machines send.

    What is put is sent by whoever calls `run`, and by any number of them at the same time. The intent to send is
    written before a request leaves, and the outcome after: a worker that is killed leaves messages that are queued, and
    some that are *unknown*, which are never sent again by themselves. No other is sent twice, and none is lost.

        with Outbox("sqlite:outbox.db", client) as outbox:
            outbox.put(SendRequest("admin", Conversation.single("u1"), MessagePayload.text("Hello")), key="order-7")
            print(outbox.run().sent)

    It may be used from many threads at once, and after a fork. Ctrl-C ends a waiting `run` or `wait` within a fraction
    of a second; what asks the database comes to its end first.

    Args:
        store: A SQLite file, `sqlite:outbox.db`, which is made where there is none; or a database that you already run,
            `mysql://user:password@host/database` or `postgres://…`. The tables are made at the first use.
        client: What sends the messages.

    Raises:
        InvalidArgument: The store cannot be named like that, or this build of the library does not know its kind.
        OutboxError: The database cannot be used.
    """

    def __init__(self, store: str, client: MessageClient) -> None:
        store = _arguments.text(store, "store")
        self._opened: Optional[NativeOutbox] = native.NativeOutbox.open(
            store, _client(client, "client")._open()[0]
        )

    def close(self) -> None:
        """Lets the database go. Calls under way in other threads go on; new ones are refused. Twice does no harm."""
        self._opened = None
{%- for call in calls %}
{% include "python/method.py" %}
{%- endfor %}

    def put_many(self, messages: Iterable[Union[OutboxMessage, tuple[OutboxRequest, str]]]) -> PutCounts:
        """Puts many messages, 2,000 in a transaction, and tells how many are new.

        A message that can never be sent ends it, and so does an exception that the messages raise, or Ctrl-C: those in
        earlier transactions stay, as they do when the process dies. With keys it is safe to put all of them again.

        Args:
            messages: The messages; each is an `OutboxMessage`, or a request with its key, `(request, key)`.

        Raises:
            InvalidArgument: A message can never be sent; it names its place, from 0.
        """
        if isinstance(messages, (str, bytes)) or not hasattr(messages, "__iter__"):
            raise _arguments.wrong_type(messages, "messages", "a list of OutboxMessage")
        source = iter(messages)
        counts = PutCounts(0, 0)
        first = 0
        while True:
            chunk = [_to_put(each, f"messages[{first + at}]") for at, each in enumerate(islice(source, _CHUNK))]
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
        """Sends what is in the outbox, until all that is due has an outcome, or for ever.

        Any number of processes and machines may do so at the same time: no message is sent by two. Order is kept within
        a conversation, over all workers. A server that goes away is waited for, and so is the database. What the server
        accepted in the last seconds before it went away is looked up when it is back.

        Ctrl-C stops it, as does an exception that `progress` raises: nothing new is begun, what is under way comes to
        its end and is written, what it holds goes back, and then the exception comes out. A second Ctrl-C drops what is
        under way: messages that had left are written as unknown.

        Args:
            options: Until when, how many at once, how many a second, and how long a server or database is waited for.
            progress: Called with how it goes, in this thread, ten times a second at the most and at the end.

        Returns:
            What it did.

        Raises:
            OutboxError: The database cannot be used; or, as `OutboxError.Call`, the server would have refused every
                message, or was away for longer than the patience. What was not sent is queued.
        """
        checked = _options(options, "options")
        if progress is not None and not callable(progress):
            raise _arguments.wrong_type(progress, "progress", "a function")
        return Run(self._native.begin_run(checked), progress).to_its_end()

    def entries(self, state: OutboxState) -> Iterator[OutboxEntry]:
        """The messages that have a state, the first ones first; read as they are asked for.

        Args:
            state: The state, such as `OutboxState.FAILED`.
        """
        pages = self._native.entries(_state(state, "state"))
        while page := pages.next():
            yield from page

    def unknown(self) -> Iterator[OutboxEntry]:
        """Those of which nobody knows whether they were executed; read as they are asked for."""
        return self.entries(OutboxState.UNKNOWN)

    def lost(self) -> Iterator[OutboxEntry]:
        """Those that the server accepted and does not have; read as they are asked for."""
        return self.entries(OutboxState.LOST)

    def failed(self) -> Iterator[OutboxEntry]:
        """Those that the server refused for good, or that can never be sent; read as they are asked for."""
        return self.entries(OutboxState.FAILED)

    def wait(self, key: str, patience: Union[datetime.timedelta, float]) -> Optional[OutboxEntry]:
        """Waits until the message with a key has an outcome; gives it as it is then. Somebody has to run a worker.

        Args:
            key: The key that it was put with.
            patience: How long to wait at the most.

        Returns:
            The message, perhaps without an outcome; None where there is none with that key.
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


def _to_put(value: Any, at: str) -> OutboxMessage:
    """A message that can cross, of one or of a request with its key."""
    if isinstance(value, tuple) and len(value) == 2:
        value = OutboxMessage(value[0], value[1])
    message: OutboxMessage = _message(value, at)
    return message


def _as_records() -> None:
    """Has the library's converter take and give requests as they are, and not in a class of the generated code's."""
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
