"""Every field of a content is checked before it is passed to the library."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import re
import traceback
from typing import Any, Callable

import pytest

from wildfirechat_message import (
    Article,
    ArticlesContent,
    CompositeContent,
    Content,
    ContentExtras,
    FileContent,
    ImageContent,
    InvalidArgument,
    LocationContent,
    MessageClient,
    MessagePayload,
    Quote,
    RichNotificationContent,
    TextContent,
    VoiceContent,
    content_extras,
    decode_content,
)

from content_examples import MESSAGE, TO_U1, UID


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (TextContent(5), "text must be str, not int"),  # type: ignore[arg-type]
        (TextContent("a", "b"), "quote must be Quote, not str"),  # type: ignore[arg-type]
        (TextContent("a", Quote("5")), "quote.message_uid must be int, not str"),  # type: ignore[arg-type]
        (ImageContent("u", "jpeg"), "thumbnail must be bytes, not str"),  # type: ignore[arg-type]
        (ImageContent("u", width=1.5), "width must be int, not float"),  # type: ignore[arg-type]
        (VoiceContent("u", datetime.timedelta(1)), "duration must be int, not timedelta"),  # type: ignore[arg-type]
        (LocationContent("u", "1"), "latitude must be float, not str"),  # type: ignore[arg-type]
        (LocationContent("u", None), "latitude must be float, not None"),  # type: ignore[arg-type]
        (LocationContent("u", float), "latitude must be float, not type"),  # type: ignore[arg-type]
        (CompositeContent("t", None), "messages must be a list of Message, not None"),  # type: ignore[arg-type]
        (CompositeContent("t", [MESSAGE, UID]), "messages[1] must be Message, not int"),  # type: ignore[list-item]
        (
            CompositeContent("t", [dataclasses.replace(MESSAGE, payload=MessagePayload(1, data="x"))]),  # type: ignore[arg-type]
            "messages[0].payload.data must be bytes, not str",
        ),
        (RichNotificationContent("t", items=[("k", "v")]), "items[0] must be NotificationItem, not tuple"),  # type: ignore[list-item]
        (ArticlesContent("t"), "top must be Article, not str"),  # type: ignore[arg-type]
        (ArticlesContent(Article("t", read_report=1)), "top.read_report must be bool, not int"),  # type: ignore[arg-type]
    ],
)
def test_a_field_of_the_wrong_type_is_a_type_error(content: Content, refusal: str) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(refusal)}$"):
        content.to_payload()


@pytest.mark.parametrize(
    ("content", "argument", "reason"),
    [
        (TextContent("a\ud83d"), "text", "it has a lone surrogate at index 1"),
        (TextContent("a", Quote(2**63)), "quote.message_uid", "it does not fit into 64 bits"),
        (VoiceContent("u", 2**31), "duration", "it does not fit into 32 bits"),
        (FileContent("f", 2**63, "u"), "size", "it does not fit into 64 bits"),
        (LocationContent("u", 10**400), "latitude", "it does not fit into a floating-point number"),
        (LocationContent("u", 116.4, 39.9), "latitude", "116.4 is out of range: it must be from -90 to 90 degrees"),
        (CompositeContent("t", "history"), "messages", "it is one str where a list of Message is needed"),  # type: ignore[arg-type]
        (ImageContent(""), "remote_media_url", "a media message needs the URL of its file"),
    ],
)
def test_a_field_that_cannot_be_is_an_invalid_argument(content: Content, argument: str, reason: str) -> None:
    with pytest.raises(InvalidArgument) as info:
        content.to_payload()
    assert info.value.argument == argument
    assert info.value.reason.startswith(reason)


@pytest.mark.parametrize(
    ("extras", "refusal"),
    [
        ({"extra": "x"}, "extras must be ContentExtras, not dict"),
        (ContentExtras(1, ["u1", 2]), "extras.mentioned_targets[1] must be str, not int"),  # type: ignore[list-item]
        (ContentExtras(extra=b"x"), "extras.extra must be str, not bytes"),  # type: ignore[arg-type]
    ],
)
def test_extras_are_looked_at_too(client: MessageClient, extras: Any, refusal: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: TextContent("hi").to_payload(extras),
        lambda: MessagePayload.text("hi").with_extras(extras),
        lambda: client.send_message("admin", TO_U1, TextContent("hi"), extras=extras),
    ]
    for call in calls:
        with pytest.raises(TypeError, match=f"^{re.escape(refusal)}$"):
            call()


@pytest.mark.parametrize("function", [decode_content, content_extras])
def test_only_a_payload_is_read(function: Any) -> None:
    for other in (None, "payload", MESSAGE, TextContent("hi")):
        with pytest.raises(TypeError, match=r"^payload must be MessagePayload, not "):
            function(other)
    with pytest.raises(TypeError, match=re.escape("payload.data must be bytes, not str")):
        function(MessagePayload(1, data="x"))  # type: ignore[arg-type]


@pytest.mark.parametrize("degrees", [39, decimal.Decimal("39"), True, 39.0])
def test_any_number_may_be_degrees(degrees: Any) -> None:
    decoded = decode_content(LocationContent("here", degrees, degrees).to_payload())
    assert decoded == LocationContent("here", float(degrees), float(degrees))


def test_bytes_and_lists_may_be_anything_alike() -> None:
    thumbnail: Any = bytearray(b"\xff\xd8")
    image = ImageContent("https://i", thumbnail)
    assert image.to_payload().data == b"\xff\xd8"
    assert image.thumbnail is thumbnail, "the caller's content stays as it is"
    composite = CompositeContent("t", (message for message in [MESSAGE]))  # type: ignore[arg-type]
    assert composite.to_payload().searchable_content == "[图片]"


class Photo(ImageContent):
    """A built-in content that is made otherwise, and holds something that nobody sends."""

    taken: datetime.date

    def __init__(self, name: str, taken: datetime.date) -> None:
        thumbnail: Any = bytearray(b"\xff\xd8")
        super().__init__(f"https://files/{name}", thumbnail)
        self.taken = taken


@pytest.mark.parametrize("kind", [Photo, dataclasses.dataclass(init=False)(Photo)])
def test_a_subclass_is_sent_as_what_it_inherits_from(kind: type[Photo]) -> None:
    photo = kind("a.jpg", datetime.date(2026, 1, 1))
    assert decode_content(photo.to_payload()) == ImageContent("https://files/a.jpg", b"\xff\xd8")


def test_a_traceback_has_none_of_the_generated_frames() -> None:
    with pytest.raises(InvalidArgument) as info:
        TextContent("").to_payload()
    frames = [frame.name for frame in traceback.extract_tb(info.value.__traceback__)]
    assert frames[1:] == ["to_payload", "_call", "_without_frames"]
    assert info.value.__context__ is None
