"""Plays the golden vectors of the contents, in both directions: see tests/contents/README.md."""

from __future__ import annotations

import base64
import dataclasses
import json
from pathlib import Path
from typing import Any, Optional, Union, get_args, get_origin, get_type_hints

import pytest

import wildfirechat_message
from wildfirechat_message import (
    Content,
    ContentExtras,
    Conversation,
    InvalidArgument,
    Message,
    MessageContent,
    MessagePayload,
    content_extras,
    decode_content,
)

VECTORS = Path(__file__).parents[3] / "tests" / "contents"

KEYS = {"name", "content", "extras", "payload", "data_text", "decodes_to", "error"}

FIELDS_ON_THE_WIRE = {
    "type": "content_type",
    "searchableContent": "searchable_content",
    "pushContent": "push_content",
    "pushData": "push_data",
    "content": "content",
    "base64edData": "data",
    "mediaType": "media_type",
    "remoteMediaUrl": "remote_media_url",
    "persistFlag": "persist_flag",
    "expireDuration": "expire_duration",
    "mentionedType": "mentioned_type",
    "mentionedTarget": "mentioned_targets",
    "extra": "extra",
}

# Fields of records that a server fills, which vectors leave out all the same.
EMPTY = {str: "", int: 0, bytes: b"", Conversation: Conversation(0, ""), MessagePayload: MessagePayload(0)}

Vector = dict[str, Any]


def written_out(value: dict[str, Any]) -> Any:
    """A long text that is written short: `{"repeat": "ab", "times": 2}`."""
    if "repeat" not in value:
        return value
    assert set(value) == {"repeat", "times"}, value
    return value["repeat"] * value["times"]


def all_vectors() -> list[Vector]:
    files = sorted(VECTORS.glob("*.json"))
    return [vector for file in files for vector in json.loads(file.read_text("utf-8"), object_hook=written_out)]


vectors = all_vectors()
played: set[str] = set()


def record(kind: type, values: dict[str, Any]) -> Any:
    """A record by the names of its fields; what is left out has its default."""
    hints = get_type_hints(kind)
    assert set(values) <= set(hints), values
    fields = {name: build(hints[name], value) for name, value in values.items()}
    missing = (dataclasses.MISSING, dataclasses.MISSING)
    for field in dataclasses.fields(kind):
        if field.name not in fields and (field.default, field.default_factory) == missing:
            fields[field.name] = EMPTY[hints[field.name]]
    return kind(**fields)


def build(hint: Any, value: Any) -> Any:
    """From JSON to what an annotation asks for."""
    if dataclasses.is_dataclass(hint):
        return record(hint, value)  # type: ignore[arg-type]
    if hint is bytes:
        return base64.b64decode(value, validate=True)
    if get_origin(hint) is Union:
        return None if value is None else build(get_args(hint)[0], value)
    if get_origin(hint) is list:
        return [build(get_args(hint)[0], each) for each in value]
    assert isinstance(value, (int, float) if hint is float else hint)
    return value


def content_of(written: dict[str, Any]) -> Any:
    ((name, values),) = written.items()
    return record(getattr(wildfirechat_message, name), values)


def payload_of(vector: Vector) -> MessagePayload:
    values = {FIELDS_ON_THE_WIRE[name]: value for name, value in vector["payload"].items()}
    payload: MessagePayload = record(MessagePayload, values)
    return payload


def extras_of(vector: Vector) -> Optional[ContentExtras]:
    return record(ContentExtras, vector["extras"]) if "extras" in vector else None


def check_writing(vector: Vector) -> None:
    content = content_of(vector["content"])
    assert isinstance(content, Content)
    if "error" in vector:
        with pytest.raises(InvalidArgument) as info:
            content.to_payload(extras_of(vector))
        assert {"argument": info.value.argument, "reason": info.value.reason} == vector["error"]
    else:
        assert content.to_payload(extras_of(vector)) == payload_of(vector)


def check_reading(vector: Vector) -> None:
    payload = payload_of(vector)
    expected = vector.get("decodes_to") or vector["content"]
    decoded = decode_content(payload)
    if expected == {"Custom": {}}:
        assert decoded is payload
        assert decoded == payload_of(vector)
    else:
        assert decoded == content_of(expected)
    assert type(decoded) in get_args(MessageContent)
    assert Message(1, "u1", Conversation.single("u2"), payload).decode_content() == decoded
    assert content_extras(payload) == (extras_of(vector) or ContentExtras())


@pytest.mark.parametrize("vector", vectors, ids=lambda vector: vector["name"])
def test_vector(vector: Vector) -> None:
    assert set(vector) <= KEYS
    assert ("payload" in vector) != ("error" in vector)
    assert "content" in vector or "decodes_to" in vector
    if "content" in vector:
        check_writing(vector)
    if "payload" in vector:
        check_reading(vector)
    played.add(vector["name"])


def test_every_vector_was_played(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = [
        each for each in request.session.items if each.path == request.path and each.name.startswith("test_vector[")
    ]
    with capsys.disabled():
        print(f"\ncontents: {len(played)} vectors played")
    assert vectors, f"there are no vectors in {VECTORS}"
    assert len(played) == len(chosen)
    # All of them, unless whoever runs this chose some by name.
    if not (request.config.option.keyword or any("::" in argument for argument in request.config.args)):
        assert len(played) == len(vectors)


def test_every_content_has_at_least_three_vectors_and_is_read_by_one() -> None:
    written = [name for vector in vectors if "payload" in vector for name in vector.get("content", [])]
    read = {name for vector in vectors for name in vector.get("decodes_to") or vector.get("content", [])}
    for content in get_args(MessageContent):
        if content is not MessagePayload:
            assert content.__name__ in read
        if hasattr(content, "to_payload"):
            assert written.count(content.__name__) >= 3, content.__name__
