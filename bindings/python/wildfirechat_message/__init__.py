"""The signed message API of a WildfireChat server: send, broadcast, recall, look up and delete messages.

    from wildfirechat_message import Conversation, MessageClient, MessageError, MessagePayload

    with MessageClient("http://localhost:18080", "123456") as client:
        try:
            sent = client.send_message("admin", Conversation.group("g1"), MessagePayload.text("The build is green."))
            print(sent.message_uid, sent.timestamp)
        except MessageError as error:
            print(error)

`MessageClient` has a method an endpoint; each blocks until it is through. What goes wrong is a `MessageError`: one
class for each thing a caller does differently. `Sandbox` is a server for tests, in this process.
"""

from __future__ import annotations

from . import _bridge  # noqa: F401  (first: it makes the native library build the classes below)
from ._client import MessageClient
from ._errors import (
    BadRequest,
    ConnectionLost,
    Interrupted,
    InvalidArgument,
    InvalidResponse,
    MessageError,
    NotSupported,
    RateLimited,
    Rejected,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from ._numbers import ContentType, ConversationType, ErrorCode, MediaType, MentionedType, PersistFlag, Platform
from ._records import (
    BroadcastMessage,
    ChannelInfo,
    ClientInfo,
    ClientOptions,
    Conversation,
    GroupInfo,
    Header,
    ImportedMessage,
    Message,
    MessagePayload,
    RecalledMessage,
    ReceivedRequest,
    SentMessage,
    UserInfo,
)
from ._sandbox import Edition, Fault, Sandbox, SandboxError

__version__ = "0.1.0"

__all__ = [
    "BadRequest",
    "BroadcastMessage",
    "ChannelInfo",
    "ClientInfo",
    "ClientOptions",
    "ConnectionLost",
    "ContentType",
    "Conversation",
    "ConversationType",
    "Edition",
    "ErrorCode",
    "Fault",
    "GroupInfo",
    "Header",
    "ImportedMessage",
    "Interrupted",
    "InvalidArgument",
    "InvalidResponse",
    "MediaType",
    "MentionedType",
    "Message",
    "MessageClient",
    "MessageError",
    "MessagePayload",
    "NotSupported",
    "PersistFlag",
    "Platform",
    "RateLimited",
    "RecalledMessage",
    "ReceivedRequest",
    "Rejected",
    "Sandbox",
    "SandboxError",
    "SentMessage",
    "TimedOut",
    "Unauthorized",
    "Unreachable",
    "UserInfo",
]
