"""Contents are made, sent, and read back."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import pydoc
import re
from typing import Any, get_args

import pytest

from wildfirechat_message import (
    Article,
    CollectionEntry,
    CompositeContent,
    Content,
    ContentExtras,
    ContentType,
    MessageClient,
    MessageContent,
    MessagePayload,
    MixFile,
    MixMultiMediaItem,
    NotificationItem,
    PersistFlag,
    PollOptionResult,
    Quote,
    RecalledContent,
    TextContent,
    VideoContent,
    decode_content,
)

from content_examples import CONTENTS, LARGEST_UID, RECALLED, TO_U1, UID


def name_of(content: object) -> str:
    return type(content).__name__


each_content = pytest.mark.parametrize("content", CONTENTS, ids=name_of)


def test_every_content_is_in_the_list() -> None:
    assert {type(content) for content in CONTENTS} | {RecalledContent, MessagePayload} == set(get_args(MessageContent))


@each_content
def test_a_content_comes_back_as_it_was_sent(client: MessageClient, content: Content) -> None:
    sent = client.send_message("admin", TO_U1, content)
    if content.to_payload().persist_flag == PersistFlag.TRANSPARENT:
        return  # A server keeps none of these.
    decoded = client.get_message(sent.message_uid).decode_content()
    if isinstance(content, CompositeContent):
        assert isinstance(decoded, CompositeContent)
        assert [message.message_uid for message in decoded.messages] == [LARGEST_UID, UID]
    else:
        assert decoded == content


@each_content
def test_what_is_written_is_read_as_the_same(content: Content) -> None:
    assert decode_content(content.to_payload()) == content


@pytest.mark.parametrize("content", [*CONTENTS, RECALLED, ContentExtras.mention(["u1"])], ids=name_of)
def test_a_content_can_be_copied_and_pickled(content: Any) -> None:
    for again in (copy.copy(content), copy.deepcopy(content), pickle.loads(pickle.dumps(content))):
        assert again == content
        assert again is not content
        assert type(again) is type(content)


@each_content
def test_a_content_is_one_and_a_payload_is_none(content: Content) -> None:
    assert isinstance(content, Content)
    assert isinstance(content, get_args(MessageContent))
    for other in (RECALLED, content.to_payload(), "text", None):
        assert not isinstance(other, Content)


def test_a_content_is_told_by_its_class() -> None:
    decoded = decode_content(MessagePayload.text("hi"))
    assert isinstance(decoded, TextContent)
    assert (decoded.text, decoded.quote) == ("hi", None)


def test_a_recalled_message_tells_what_it_held() -> None:
    original = '{"s":"ann","ts":1795394170036,"t":1,"sc":"oops","c":"","e":"","b":"AA=="}'
    payload = MessagePayload(ContentType.RECALLED, content="admin", data=str(UID).encode(), extra=original)
    assert decode_content(payload) == RECALLED


def test_broken_parts_leave_their_fields_empty() -> None:
    for data in (b"{", b"\xff\xfe", b'{"quote":5}', b"[" * 100_000):
        assert decode_content(MessagePayload(1, "hi", data=data)) == TextContent("hi")
    broken = MessagePayload(ContentType.VIDEO, content='{"d":"x","duration":7}', remote_media_url="https://v")
    assert isinstance(decode_content(broken), VideoContent)


UNITS = {
    "duration": "seconds",
    "expire_duration": "Seconds",
    "size": "bytes",
    "width": "pixels",
    "height": "pixels",
    "latitude": "Degrees",
    "longitude": "Degrees",
    "thumbnail": "pixels",
    "expire_at": "milliseconds",
    "created_at": "milliseconds",
    "updated_at": "milliseconds",
    "end_time": "milliseconds",
    "ended_at": "milliseconds",
    "timestamp": "milliseconds",
    "message_uid": "60 bits",
    "kind": "1 ",
    "mentioned_type": "0 ",
}

PARTS = [Quote, Article, NotificationItem, CollectionEntry, PollOptionResult, MixMultiMediaItem, MixFile]

RECORDS = [*map(type, CONTENTS), RecalledContent, ContentExtras, *PARTS]


@pytest.mark.parametrize("record", RECORDS)
def test_help_says_what_each_field_is_and_its_unit(record: Any) -> None:
    shown = re.sub(r"^ \|(  )?", "", pydoc.plain(pydoc.render_doc(record)), flags=re.MULTILINE)
    (section,) = re.findall(r"^Attributes:\n((?:    .+\n)+)", shown, re.MULTILINE)
    meanings = dict(re.findall(r"^    (\w+): (.+(?:\n        .+)*)", section, re.MULTILINE))
    for field in dataclasses.fields(record):
        assert meanings[field.name]
        assert UNITS.get(field.name, "") in meanings[field.name]


@pytest.mark.parametrize("record", RECORDS)
def test_editors_find_a_fields_meaning_below_it(record: Any) -> None:
    source = inspect.getsource(record)
    for field in dataclasses.fields(record):
        assert re.search(rf'\n    {field.name}: .+\n    """\w', source), field.name


@each_content
def test_help_says_what_a_payload_is_refused_for(content: Content) -> None:
    method = type(content).to_payload
    assert "Fails with `InvalidArgument`" in (inspect.getdoc(method) or "")
    assert list(inspect.signature(method).parameters) == ["self", "extras"]
