"""`AsyncOutbox`: the methods of `Outbox` as coroutines.

They are generated as those are, from the methods of the Rust outbox and the records that they take.
"""

from __future__ import annotations

import asyncio
import datetime
import functools
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from types import TracebackType
from typing import Any, Callable, NoReturn, Optional, TypeVar, Union

from . import _arguments
from ._async_client import AsyncMessageClient
from ._async_outbox_run import AsyncRun, elsewhere
from ._async_robot_client import AsyncRobotClient
from ._bridge import native
from ._contents import Content, payload_of
from ._native.wildfirechat_message import NativeOutbox, OutboxPolicy, OutboxState, Resolution
from ._outbox import CHUNK, to_put
from ._outbox_run import Progress
from ._records import (
    ContentExtras,
{%- for record in records %}
    {{ record }},
{%- endfor %}
)

__all__ = ["AsyncOutbox"]

T = TypeVar("T")

# So many messages are made ready before the loop has its turn.
_AT_ONCE = 64
_NO_TIME = datetime.timedelta()
# How long to wait until an outcome is asked for again, at first and at the most, in seconds.
_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 0.5

_options = _arguments.optional(_arguments.instance_of(RunOptions))
_state = _arguments.instance_of(OutboxState)


class AsyncOutbox:
    """Outbox for asyncio: the same methods as coroutines.

        async with AsyncOutbox("sqlite:outbox.db", client) as outbox:
            await outbox.put(SendRequest("admin", Conversation.single("u1"), MessagePayload.text("Hello")), key="order-7")
            print((await outbox.run()).sent)

    No method blocks the event loop: threads of its default executor ask the database, and a thread of the library sends.
    The database is opened at the first use, such as the beginning of an `async with` block.

    If a task is cancelled while it asks the database, that goes on to its end, and whether something was written is open:
    with a key it is safe to put a message again. A `run` that is cancelled first gives back what it holds.

    Args:
        store: A SQLite file, `sqlite:outbox.db`, which is made where there is none; or a database that you already run,
            `mysql://user:password@host/database` or `postgres://…`. The tables are made at the first use.
        client: What sends the messages: those of users, or those of a robot, whose requests name the robot as their sender
            or leave the sender empty. Outboxes of several senders may share a store; each sends its own messages only.
    """

    def __init__(self, store: str, client: Union[AsyncMessageClient, AsyncRobotClient]) -> None:
        store = _arguments.text(store, "store")
        if isinstance(client, AsyncMessageClient):
            opens = functools.partial(native.NativeOutbox.open, store, client._open()[0])
        elif isinstance(client, AsyncRobotClient):
            opens = functools.partial(native.NativeOutbox.open_for_robot, store, client._open()[0])
        else:
            raise _arguments.wrong_type(client, "client", "AsyncMessageClient or AsyncRobotClient")
        # How it is opened; None once it is closed.
        self._opens: Optional[Callable[[], NativeOutbox]] = opens
        self._opened: Optional[NativeOutbox] = None

    def close(self) -> None:
        """Lets the database go. Calls under way go on; new ones are refused. Twice does no harm."""
        self._opens = self._opened = None
{%- for call in calls %}
{% include "python/method.py" %}
{%- endfor %}

    async def put_many(
        self,
        messages: Union[
            Iterable[Union[OutboxMessage, tuple[OutboxRequest, str]]],
            AsyncIterable[Union[OutboxMessage, tuple[OutboxRequest, str]]],
        ],
    ) -> PutCounts:
        """Puts many messages, 2,000 in a transaction, and tells how many are new.

        A message that can never be sent ends it, and so does an exception that the messages raise, or cancelling: those in
        earlier transactions stay, as they do when the process dies. With keys it is safe to put all of them again.

        Args:
            messages: The messages, perhaps of an asynchronous source; each is an `OutboxMessage`, or a request with its
                key, `(request, key)`.

        Raises:
            InvalidArgument: A message can never be sent; it names its place, from 0.
        """
        counts = PutCounts(0, 0)
        first = 0
        chunk: list[OutboxMessage] = []
        async for message in _each(messages):
            chunk.append(to_put(message, f"messages[{first + len(chunk)}]"))
            if len(chunk) == CHUNK:
                await self._put_all(chunk, first, counts)
                first += len(chunk)
                chunk = []
        if chunk:
            await self._put_all(chunk, first, counts)
        return counts

    async def _put_all(self, chunk: list[OutboxMessage], first: int, counts: PutCounts) -> None:
        put = await self._ask(NativeOutbox.put_all, chunk, first)
        counts.put += put.put
        counts.known += put.known

    async def multicast_each(
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

        All parts are put in one transaction, or none. A thread goes through the receivers.

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

        def put(outbox: NativeOutbox) -> list[int]:
            names = _arguments.items(receivers, "receivers", "str")
            message = OutboxMulticast(sender, names, payload_of(payload, extras), line, size, key)
            return outbox.multicast_each(_arguments.record(message))

        return await self._ask(put)

    async def run(self, options: Optional[RunOptions] = None, progress: Optional[Progress] = None) -> RunProgress:
        """Sends what is in the outbox, until all that is due has an outcome, or for ever.

        Any number of processes and machines may do so at the same time: no message is sent by two. Order is kept within
        a conversation, over all workers. A server that goes away is waited for, and so is the database. What the server
        accepted in the last seconds before it went away is looked up when it is back.

        Cancelling stops it, as does an exception that `progress` raises: nothing new is begun, what is under way comes to
        its end and is written, what it holds goes back, and then the exception comes out. If it is cancelled a second
        time, what is under way is dropped: messages that had left are written as unknown.

        Args:
            options: Until when, how many at once, how many a second, and how long a server or database is waited for.
            progress: Called with how it goes, on the event loop, ten times a second at the most and at the end.

        Returns:
            What it did.

        Raises:
            OutboxError: The database cannot be used; or, as `OutboxError.Call`, the server would have refused every
                message, or was away for longer than the patience. What was not sent is queued.
        """
        checked = _options(options, "options")
        if progress is not None and not callable(progress):
            raise _arguments.wrong_type(progress, "progress", "a function")
        outbox = await self._open()
        return await AsyncRun(outbox.begin_run(checked), progress).to_its_end()

    async def entries(self, state: OutboxState) -> AsyncIterator[OutboxEntry]:
        """The messages that have a state, sender by sender, the first ones first; read as they are asked for.

        Args:
            state: The state, such as `OutboxState.FAILED`.
        """
        pages = await self._ask(NativeOutbox.entries, _state(state, "state"))
        while page := await elsewhere(pages.next):
            for entry in page:
                yield entry

    def unknown(self) -> AsyncIterator[OutboxEntry]:
        """Those of which nobody knows whether they were executed; read as they are asked for."""
        return self.entries(OutboxState.UNKNOWN)

    def lost(self) -> AsyncIterator[OutboxEntry]:
        """Those that the server accepted and does not have; read as they are asked for."""
        return self.entries(OutboxState.LOST)

    def failed(self) -> AsyncIterator[OutboxEntry]:
        """Those that the server refused for good, or that can never be sent; read as they are asked for."""
        return self.entries(OutboxState.FAILED)

    async def wait(self, key: str, patience: Union[datetime.timedelta, float]) -> Optional[OutboxEntry]:
        """Waits until the message with a key has an outcome; gives it as it is then. Somebody has to run a worker.

        Args:
            key: The key that it was put with.
            patience: How long to wait at the most.

        Returns:
            The message, perhaps without an outcome; None where there is none with that key.
        """
        key = _arguments.text(key, "key")
        until = time.monotonic() + _arguments.duration(patience, "patience").total_seconds()
        pause = _FIRST_PAUSE
        while True:
            left = until - time.monotonic()
            waited = await self._ask(NativeOutbox.wait, key, _NO_TIME)
            if waited.is_over or left <= 0.0:
                return waited.entry
            await asyncio.sleep(min(left, pause))
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _open(self) -> NativeOutbox:
        if self._opened is not None:
            return self._opened
        opened = await elsewhere(self._how_to_open())
        # Somebody may have closed it meanwhile, and another task may have been faster.
        self._how_to_open()
        self._opened = self._opened or opened
        return self._opened

    def _how_to_open(self) -> Callable[[], NativeOutbox]:
        if self._opens is None:
            raise RuntimeError("this AsyncOutbox is closed: make a new one")
        return self._opens

    async def _ask(self, question: Callable[..., T], *arguments: Any) -> T:
        """Asks the native outbox in a thread."""
        return await elsewhere(question, await self._open(), *arguments)

    async def __aenter__(self) -> AsyncOutbox:
        await self._open()
        return self

    async def __aexit__(
        self,
        exc_type: Optional[type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        # Nothing of the store: its URL may have a password in it.
        return "AsyncOutbox()" if getattr(self, "_opens", None) else "AsyncOutbox(closed)"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "an AsyncOutbox cannot be copied or pickled: another process makes its own with AsyncOutbox(store, client)"
        )


async def _each(messages: Any) -> AsyncIterator[Any]:
    """The messages of a source of either kind; the loop has its turn in between."""
    if hasattr(type(messages), "__aiter__"):
        async for message in messages:
            yield message
        return
    if isinstance(messages, (str, bytes)) or not hasattr(messages, "__iter__"):
        raise _arguments.wrong_type(messages, "messages", "a list of OutboxMessage")
    for at, message in enumerate(messages, 1):
        yield message
        if at % _AT_ONCE == 0:
            await asyncio.sleep(0)
