"""The signed message API of a WildfireChat server: send, broadcast, recall, look up and delete messages.

    from wildfirechat_message import Conversation, MessageClient, MessageError, TextContent

    with MessageClient("http://localhost:18080", "123456") as client:
        try:
            sent = client.send_message("admin", Conversation.group("g1"), TextContent("The build is green."))
            print(sent.message_uid, sent.timestamp)
        except MessageError as error:
            print(error)

`MessageClient` has a method an endpoint; each blocks until it is through. What a message says is a content, a record
with named fields such as `TextContent`; `Message.decode_content` gives it back. What goes wrong is a `MessageError`:
one class for each thing a caller does differently. `Sandbox` is a server for tests, in this process.
"""

from __future__ import annotations

from . import _bridge  # noqa: F401  (first: it makes the native library build the classes below)
from ._client import MessageClient
from ._contents import Content, MessageContent, content_extras, decode_content, make_thumbnail
from ._credentials import Credentials
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
from ._native.wildfirechat_message import StopOn, WaitingFor
from ._numbers import ContentType, ConversationType, ErrorCode, MediaType, MentionedType, PersistFlag, Platform
from ._records import (
    Article,
    ArticlesContent,
    BroadcastMessage,
    BulkOptions,
    BulkProgress,
    CardContent,
    ChannelInfo,
    ClientInfo,
    ClientOptions,
    CompositeContent,
    ContentExtras,
    Conversation,
    FileContent,
    GroupInfo,
    Header,
    ImageContent,
    ImportedMessage,
    LinkContent,
    LocationContent,
    Message,
    MessagePayload,
    NotificationItem,
    PlainTextContent,
    Quote,
    RecalledContent,
    RecalledMessage,
    ReceivedRequest,
    RichNotificationContent,
    SendRequest,
    SentMessage,
    StickerContent,
    StoredFile,
    StreamingTextCancelledContent,
    StreamingTextGeneratedContent,
    StreamingTextGeneratingContent,
    TextContent,
    TipContent,
    TypingContent,
    UploadProgress,
    UserInfo,
    VideoContent,
    VoiceContent,
)
from ._sandbox import Edition, Fault, Sandbox, SandboxError, StoreFault, StoreKind

__version__ = "0.1.0"

__all__ = [
    "Article",
    "ArticlesContent",
    "BadRequest",
    "BroadcastMessage",
    "BulkOptions",
    "BulkProgress",
    "CardContent",
    "ChannelInfo",
    "ClientInfo",
    "ClientOptions",
    "CompositeContent",
    "ConnectionLost",
    "Content",
    "ContentExtras",
    "ContentType",
    "Conversation",
    "ConversationType",
    "Credentials",
    "Edition",
    "ErrorCode",
    "Fault",
    "FileContent",
    "GroupInfo",
    "Header",
    "ImageContent",
    "ImportedMessage",
    "Interrupted",
    "InvalidArgument",
    "InvalidResponse",
    "LinkContent",
    "LocationContent",
    "MediaType",
    "MentionedType",
    "Message",
    "MessageClient",
    "MessageContent",
    "MessageError",
    "MessagePayload",
    "NotSupported",
    "NotificationItem",
    "PersistFlag",
    "PlainTextContent",
    "Platform",
    "Quote",
    "RateLimited",
    "RecalledContent",
    "RecalledMessage",
    "ReceivedRequest",
    "Rejected",
    "RichNotificationContent",
    "Sandbox",
    "SandboxError",
    "SendRequest",
    "SentMessage",
    "StickerContent",
    "StopOn",
    "StoreFault",
    "StoreKind",
    "StoredFile",
    "StreamingTextCancelledContent",
    "StreamingTextGeneratedContent",
    "StreamingTextGeneratingContent",
    "TextContent",
    "TimedOut",
    "TipContent",
    "TypingContent",
    "Unauthorized",
    "Unreachable",
    "UploadProgress",
    "UserInfo",
    "VideoContent",
    "VoiceContent",
    "WaitingFor",
    "content_extras",
    "decode_content",
    "make_thumbnail",
]
