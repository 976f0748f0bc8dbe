"""`Sandbox`, the embedded stand-in for a server, with the habits of Python over the native one."""

from __future__ import annotations

import datetime
import types
from collections.abc import Iterable
from typing import Any, NoReturn, Optional, Union

from . import _arguments
from ._bridge import native
from ._native.wildfirechat_message import Edition, Fault, StoreFault, StoreKind
from ._records import (
    Conversation,
    FaultRule,
    Header,
    RandomFaults,
    ReceivedRequest,
    SandboxOptions,
    ScriptedAnswer,
    StoredFile,
)

__all__ = ["Edition", "Fault", "Sandbox", "SandboxError", "StoreFault", "StoreKind"]


class SandboxError(Exception):
    """A sandbox could not start, or could not do what it was asked.

    Attributes:
        reason: What went wrong, as a sentence.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


SandboxError.__module__ = __package__  # what tracebacks and pickles name

# The class that the generated converter makes for its one variant.
_classes: Any = types.SimpleNamespace(Failed=SandboxError)
native.NativeSandboxError = _classes  # type: ignore[misc]

_conversation = _arguments.instance_of(Conversation)
_edition = _arguments.instance_of(Edition)
_store_kind = _arguments.instance_of(StoreKind)
_store_fault = _arguments.instance_of(StoreFault)
_delay = _arguments.optional(_arguments.duration)
_faults = _arguments.list_of(_arguments.instance_of(Fault), "Fault")


class Sandbox:
    """An embedded stand-in for a WildfireChat server, for tests and first steps without one.

    It listens on a loopback port from the moment it is made until it is stopped: by `stop`, by the end of a `with`
    block, or with its last reference. It answers every endpoint of the message API as the server does, keeps what it
    was sent, tells what it received, and fails when it is asked to.

        with Sandbox() as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
            client.send_message("admin", Conversation.single("u1"), MessagePayload.text("Hello"))

    Args:
        secret: The secret that clients must have.
        edition: The edition that it plays.
        host: The host name or address to listen on; with the default nobody else reaches it.
        port: The port to listen on; 0 takes a free one.
        rate_limit: Requests in 10 s before it answers code 250, refilled continuously; 0 is no limit.
        idle_timeout: How long a connection may be idle before it is closed, as proxies do; None for ever, as on the
            server.
        server_version: The version of the server that it plays, such as `1.2.4`; None for the newest. Since 1.3.2 a
            message to a chatroom goes to `to_users` alone; since 1.3.8 a payload over 65,536 is code 35, and
            `is_user_message` asks for the sender's rights.
        store: How the store for files takes them.

    Raises:
        SandboxError: The port is taken, or an argument can never work.
    """

    def __init__(
        self,
        secret: str = "123456",
        edition: Edition = Edition.PROFESSIONAL,
        host: str = "127.0.0.1",
        port: int = 0,
        rate_limit: int = 10000,
        idle_timeout: Optional[Union[datetime.timedelta, float]] = None,
        server_version: Optional[str] = None,
        store: StoreKind = StoreKind.PUT,
    ) -> None:
        self._secret = _arguments.text(secret, "secret")
        kind = _store_kind(store, "store")
        options = SandboxOptions(
            _edition(edition, "edition"), host, port, rate_limit, idle_timeout, server_version, kind
        )
        self._native = native.NativeSandbox(secret, _arguments.record(options))

    @property
    def base_url(self) -> str:
        """The URL that a client of this machine is given, such as `http://127.0.0.1:41234`."""
        return self._native.base_url()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._native.port()

    @property
    def secret(self) -> str:
        """The secret that clients must have."""
        return self._secret

    def requests(self) -> list[ReceivedRequest]:
        """The requests that arrived, oldest first: the newest 10,000, of 128 MiB at most.

        A request is here before it is answered.
        """
        return self._native.requests()

    def clear_requests(self) -> None:
        """Forgets the requests that arrived, those to the store too; messages, files and scripted answers stay."""
        self._native.clear_requests()

    def answer_next(
        self,
        body: Union[bytes, str] = b"",
        status: int = 200,
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Gives the next request exactly this answer instead of the real one; the request is not executed.

        Answers and faults form one queue: each is for one request, to any endpoint, in the order of asking.

        Args:
            body: The body; a str is sent as UTF-8.
            status: The HTTP status, 200 to 999.
            headers: Names and values, sent as they are; `content-length` is added unless it or `transfer-encoding`
                is among them.
        """
        octets = body.encode() if isinstance(body, str) else body
        answer = ScriptedAnswer(status, [Header(name, value) for name, value in headers], octets)
        self._native.answer_next(_arguments.record(answer))

    def fail_next(
        self,
        fault: Fault,
        times: int = 1,
        endpoint: Optional[str] = None,
        delay: Optional[Union[datetime.timedelta, float]] = None,
    ) -> None:
        """Lets the next requests meet a fault, perhaps only those to one endpoint; it queues up like `answer_next`.

        Requests to other endpoints pass it by.

        Args:
            fault: The fault.
            times: How many requests meet it.
            endpoint: Only requests to this endpoint meet it, such as `message/send`; None for any.
            delay: How long a fault takes that takes time; None for 1 second.
        """
        self._native.fail(_arguments.record(FaultRule(fault, times, endpoint, delay)))

    def fail_randomly(
        self,
        faults: Iterable[Fault],
        probability: float,
        seed: int = 0,
        endpoint: Optional[str] = None,
        delay: Optional[Union[datetime.timedelta, float]] = None,
    ) -> None:
        """Lets requests meet faults by chance, those for which nothing is queued up, until `stop_failing`.

        Another time replaces the first.

        Args:
            faults: The faults to draw from; naming one twice makes it twice as likely.
            probability: The probability, from 0 to 1, that a request meets one.
            seed: The same seed draws the same faults in the same order.
            endpoint: Only requests to this endpoint meet them, such as `message/send`; None for any.
            delay: How long a fault takes that takes time; None for 1 second.
        """
        drawn = RandomFaults(_faults(faults, "faults"), probability, seed, endpoint, delay)
        self._native.fail_randomly(_arguments.record(drawn))

    def stop_failing(self) -> None:
        """Forgets every fault and answer that still waits, and makes none by chance any more."""
        self._native.stop_failing()

    def refuse_connections(self, duration: Union[datetime.timedelta, float]) -> None:
        """Closes the port and every idle connection for a while: new connections are refused.

        The port is closed when this comes back. Calls under way go on.

        Args:
            duration: How long.
        """
        self._native.refuse_connections(_arguments.duration(duration, "duration"))

    def files(self) -> list[StoredFile]:
        """The files in the store, the one brought last at the end: the newest 1,000, of 128 MiB at most."""
        return self._native.files()

    def store_requests(self) -> list[ReceivedRequest]:
        """The requests that brought files to the store, oldest first, without the files.

        They are not among `requests`.
        """
        return self._native.store_requests()

    def fail_store(self, fault: StoreFault, times: int = 1, delay: Optional[datetime.timedelta] = None) -> None:
        """Lets the next requests to the store meet a fault, those to the back-up store too.

        Args:
            fault: The fault.
            times: How many requests meet it.
            delay: How long a fault takes that takes time; 1 second when left out.
        """
        times = _arguments.integer(times, "times", 32)
        self._native.fail_store(_store_fault(fault, "fault"), times, _delay(delay, "delay"))

    def executions(self, message_uid: int) -> int:
        """How many calls made or changed this message; 0 for a uid that never was.

        1 for the call that sent it, 1 more for each update, recall or delete that found it.
        """
        return self._native.executions(_arguments.integer(message_uid, "message_uid"))

    def message_uids(self) -> list[int]:
        """The uids of all messages kept, deleted and unstored ones too, oldest first."""
        return self._native.message_uids()

    def messages_with_text(self, searchable_content: str) -> list[int]:
        """The uids of the messages that were made with this searchable content, in the order of arrival.

        Deleted and unstored ones too. Two for one call is a call that was executed twice.
        """
        return self._native.messages_with_text(_arguments.text(searchable_content, "searchable_content"))

    def messages_of_user(self, user_id: str) -> list[int]:
        """The uids of the messages that a user sent or got and has not cleared, oldest first.

        Messages to groups, channels and chatrooms reach every user, or those of `to_users`.
        """
        return self._native.messages_of_user(_arguments.text(user_id, "user_id"))

    def set_read_timestamp(self, user_id: str, conversation: Conversation, timestamp: int) -> None:
        """Sets what `get_conversation_read_timestamp` gives for this user and conversation.

        Args:
            user_id: Id of the user who reads.
            conversation: The conversation that is read.
            timestamp: Milliseconds since the epoch.
        """
        where: Conversation = _conversation(conversation, "conversation")
        user_id = _arguments.text(user_id, "user_id")
        timestamp = _arguments.integer(timestamp, "timestamp")
        self._native.set_read_timestamp(user_id, where.kind, where.target, where.line, timestamp)

    def set_delivery_timestamp(self, user_id: str, timestamp: int) -> None:
        """Sets what `get_delivery_timestamp` gives for this user.

        Args:
            user_id: Id of the user.
            timestamp: Milliseconds since the epoch.
        """
        user_id = _arguments.text(user_id, "user_id")
        self._native.set_delivery_timestamp(user_id, _arguments.integer(timestamp, "timestamp"))

    def stop(self) -> None:
        """Closes the port and every connection, and comes back when they are closed. Twice does no harm.

        What was received can still be asked for.
        """
        self._native.stop()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        exc_type: Optional[type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[types.TracebackType],
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        started = getattr(self, "_native", None)
        return f"Sandbox({started.base_url()!r})" if started else "Sandbox(not started)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Sandbox cannot be copied or pickled: it is a running server")
