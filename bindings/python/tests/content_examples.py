"""What the tests of contents share: one of each, with something in every field."""

from __future__ import annotations

from wildfirechat_message import (
    Article,
    ArticlesContent,
    CardContent,
    CompositeContent,
    Content,
    ContentType,
    Conversation,
    FileContent,
    ImageContent,
    LinkContent,
    LocationContent,
    Message,
    MessagePayload,
    NotificationItem,
    PlainTextContent,
    Quote,
    RecalledContent,
    RecalledMessage,
    RichNotificationContent,
    StickerContent,
    StreamingTextCancelledContent,
    StreamingTextGeneratedContent,
    StreamingTextGeneratingContent,
    TextContent,
    TipContent,
    TypingContent,
    VideoContent,
    VoiceContent,
)

UID = 588582842607370241
LARGEST_UID = 2**60 - 1
TO_U1 = Conversation.single("u1")

MESSAGE = Message(
    LARGEST_UID,
    "ann",
    Conversation.group("g1"),
    MessagePayload(ContentType.IMAGE, "[图片]", data=b"\xff\0", media_type=1, remote_media_url="https://files/i"),
    to_users=["bob"],
    timestamp=1795394170036,
)

# Each content that can be sent, with something in every field.
CONTENTS: list[Content] = [
    TextContent("好 \U0001f525", Quote(UID, "u2", "Bob", "Shall we?")),
    PlainTextContent("not counted", Quote(LARGEST_UID)),
    VoiceContent("https://files/v", 7),
    ImageContent("https://files/i", b"\xff\xd8thumb\0", 640, 480),
    LocationContent("The gate", 39.9087, -116.3975, b"\xff\xd8map"),
    FileContent("a.zip", 5_000_000_000, "https://files/f"),
    VideoContent("https://files/v", 60, b"\xff\xd8frame"),
    StickerContent("https://files/s", 120, 100),
    LinkContent("A page", "https://page", "What it says", "https://page/small"),
    CardContent("g1", 1, "group", "The group", "https://portrait", "ann"),
    CompositeContent("History", [MESSAGE, Message(UID, "bob", TO_U1, MessagePayload.text("hi"))], "https://files/h"),
    RichNotificationContent(
        "Title",
        "Text",
        "Remark",
        "Name",
        "https://p",
        "https://x",
        "app",
        [NotificationItem("key", "value", "#FF0000")],
    ),
    ArticlesContent(Article("Top", "1", "https://c", "Digest", "https://a", True), [Article("Sub")]),
    StreamingTextGeneratingContent("s1", "The qu"),
    StreamingTextGeneratedContent("s1", "The quick"),
    StreamingTextCancelledContent("s1", "The q"),
    TipContent("Ann joined"),
    TypingContent(4),
]

RECALLED = RecalledContent("admin", UID, RecalledMessage("ann", 1795394170036, 1, "oops", "", "", b"\0", 0, ""))
