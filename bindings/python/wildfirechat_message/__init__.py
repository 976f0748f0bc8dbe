"""The signed message API of a WildfireChat server: send, broadcast, recall, look up and delete messages.

    from wildfirechat_message import Conversation, MessageClient, MessageError, TextContent

    with MessageClient("http://localhost:18080", "123456") as client:
        try:
            sent = client.send_message("admin", Conversation.group("g1"), TextContent("The build is green."))
            print(sent.message_uid, sent.timestamp)
        except MessageError as error:
            print(error)

`MessageClient` has one method per endpoint; each blocks until the call has ended. The content of a message is a record
with named fields such as `TextContent`; `Message.decode_content` returns it. Every failure is a `MessageError`, with
one class for each error that a caller handles differently. `Outbox` is a list of messages in a database, which
survives crashes. `Sandbox` is a server for tests, inside this process. `AsyncMessageClient` has the same methods as
coroutines.
"""

from __future__ import annotations

import typing as _typing

from . import (
    _bridge,  # noqa: F401  (first: it makes the native library build the classes below)
    _public,
)
from ._callbacks import parse_message_callback, parse_recall_callback, parse_subscription_callback
from ._client import MessageClient
from ._contents import Content, content_extras, decode_content, make_thumbnail
from ._credentials import Credentials
from ._errors import MessageError
from ._multicasts import MulticastPart
from ._public import *  # noqa: F403

if _typing.TYPE_CHECKING:
    from ._async_channel_client import AsyncChannelClient
    from ._async_client import AsyncMessageClient
    from ._async_outbox import AsyncOutbox
    from ._async_robot_client import AsyncRobotClient
    from ._async_streams import AsyncTextStream
    from ._channel_client import ChannelClient
    from ._outbox import Outbox, OutboxError
    from ._robot_client import RobotClient
    from ._sandbox import Sandbox, SandboxError
    from ._streams import TextStream

__version__ = "0.1.0"

__all__ = [
    "AsyncChannelClient",
    "AsyncMessageClient",
    "AsyncOutbox",
    "AsyncRobotClient",
    "AsyncTextStream",
    "ChannelClient",
    "Content",
    "Credentials",
    "MessageClient",
    "MessageError",
    "MulticastPart",
    "Outbox",
    "OutboxError",
    "RobotClient",
    "Sandbox",
    "SandboxError",
    "TextStream",
    "content_extras",
    "decode_content",
    "make_thumbnail",
    "parse_message_callback",
    "parse_recall_callback",
    "parse_subscription_callback",
]
__all__ += _public.__all__

# What most programs do not use, and the modules that have it.
_IMPORTED_LATER = {
    "AsyncChannelClient": "_async_channel_client",
    "AsyncMessageClient": "_async_client",
    "AsyncOutbox": "_async_outbox",
    "AsyncRobotClient": "_async_robot_client",
    "AsyncTextStream": "_async_streams",
    "ChannelClient": "_channel_client",
    "Outbox": "_outbox",
    "OutboxError": "_outbox",
    "RobotClient": "_robot_client",
    "Sandbox": "_sandbox",
    "SandboxError": "_sandbox",
    "TextStream": "_streams",
}


def __getattr__(name: str) -> _typing.Any:
    """Imports what most programs do not use when it is first used, so that importing the package takes less time."""
    if name not in _IMPORTED_LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"{__name__}.{_IMPORTED_LATER[name]}"), name)
    return found


def __dir__() -> list[str]:
    """Also the names that are imported later, for `help` and completion."""
    return sorted({*globals(), *__all__})
