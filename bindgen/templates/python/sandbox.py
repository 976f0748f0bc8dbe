"""`Sandbox`, the embedded stand-in for a server, with the habits of Python over the native one.

Most methods are generated from those of the Rust sandbox and the records that they take.
"""

from __future__ import annotations

import datetime
import types
from collections.abc import Iterable
from typing import Any, NoReturn, Optional, Union

from . import _arguments
from ._bridge import native
from ._native.wildfirechat_message import {{ enums }}
from ._records import (
{%- for record in records %}
    {{ record }},
{%- endfor %}
)


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


class Sandbox:
    """An embedded stand-in for a WildfireChat server, for tests and first steps without one.

    It listens on a loopback port from its creation until it is stopped: by `stop`, by the end of a `with` block, or
    with its last reference. It answers every endpoint of the message API as the server does, keeps the messages,
    reports the requests that it received, and fails on demand.

        with Sandbox() as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
            client.send_message("admin", Conversation.single("u1"), MessagePayload.text("Hello"))

    Args:
        secret: The secret for clients.
        edition: The edition of the server that it imitates.
        host: The host name or address to listen on; with the default, only this machine reaches it.
        port: The port to listen on; 0 takes a free port.
        rate_limit: How many requests in 10 s it accepts before it answers with code 250, refilled continuously; 0 for
            no limit.
        idle_timeout: How long a connection may be idle before it is closed, as proxies do; None for no limit, as on
            the server.
        server_version: The version of the server that it imitates, such as `1.2.4`; None for the newest. Since 1.3.2 a
            message to a chatroom goes only to `to_users`; since 1.3.8 a payload of more than 65,536 is refused with
            code 35, and with `is_user_message` the sender's rights are checked.
        store: How its file store accepts files.

    Raises:
        SandboxError: The port is in use, or an argument can never work.
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
        """The URL for clients on this machine, such as `http://127.0.0.1:41234`."""
        return self._native.base_url()

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return self._native.port()

    @property
    def secret(self) -> str:
        """The secret for clients."""
        return self._secret

    def answer_next(
        self,
        body: Union[bytes, str] = b"",
        status: int = 200,
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Gives the next request exactly this answer instead of the real one; the request is not executed.

        Answers and faults form one queue: each is for one request to any endpoint, in the order of the calls.

        Args:
            body: The body; a str is sent as UTF-8.
            status: The HTTP status, 200 to 999.
            headers: Names and values, sent as they are; `content-length` is added unless it or `transfer-encoding`
                is among them.
        """
        octets = body.encode() if isinstance(body, str) else body
        answer = ScriptedAnswer(status, [Header(name, value) for name, value in headers], octets)
        self._native.answer_next(_arguments.record(answer))

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
{%- for call in calls %}
{% include "python/method.py" %}
{%- endfor %}

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
