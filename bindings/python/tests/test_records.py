"""Records are dataclasses: positional, comparable, readable, copied and pickled."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import typing

import pytest

import wildfirechat_message
from wildfirechat_message import (
    ContentType,
    Conversation,
    ConversationType,
    ErrorCode,
    ImportedMessage,
    Message,
    MessagePayload,
    PersistFlag,
    Rejected,
    SentMessage,
)

RECORDS = [
    value
    for value in (getattr(wildfirechat_message, name) for name in wildfirechat_message.__all__)
    if dataclasses.is_dataclass(value) and isinstance(value, type)
]


def example(record: type) -> typing.Any:
    """A record in which every field has a value that is not its default."""
    values: dict[object, typing.Any] = {int: 588582842607370241, str: "用户😀", bytes: b"\0\xff", bool: True}
    if record.__name__.endswith("Options"):
        values = {int: 7, bool: True, list[str]: []}  # These are checked.
    hints = typing.get_type_hints(record)
    return record(**{name: values.get(hint, _empty(hint)) for name, hint in hints.items()})


def _empty(hint: object) -> object:
    """No list and no dict hashes, whatever is in it."""
    kind = typing.get_origin(hint)
    return kind() if kind in (list, dict) else None


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_shows_its_fields_and_is_equal_to_its_copies(record: type) -> None:
    value = example(record)
    fields = ", ".join(f"{field.name}={getattr(value, field.name)!r}" for field in dataclasses.fields(record))
    assert repr(value) == f"{record.__name__}({fields})"
    for again in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert again == value
        assert again is not value


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_compares_with_anything(record: type) -> None:
    value = example(record)
    for other in (None, 0, "text", object()):
        assert value != other


def test_fields_go_by_position_or_by_name() -> None:
    assert Conversation(1, "g1", 2) == Conversation(kind=1, target="g1", line=2)
    payload = MessagePayload(1, "text")
    assert ImportedMessage("u1", Conversation(0, "u2"), payload, 5, ["u3"]) == ImportedMessage(
        sender="u1", conversation=Conversation(0, "u2"), payload=payload, timestamp=5, receivers=["u3"]
    )


def test_records_can_be_matched_and_replaced() -> None:
    sent = SentMessage(1, 2)
    assert dataclasses.replace(sent, timestamp=3) == SentMessage(1, 3)
    assert dataclasses.astuple(sent) == (1, 2)


def test_a_payload_is_stored_and_counted_unless_said_otherwise() -> None:
    assert MessagePayload(ContentType.TEXT).persist_flag == PersistFlag.STORED_AND_COUNTED


def test_lists_of_two_records_are_two_lists() -> None:
    one, other = MessagePayload(1), MessagePayload(1)
    one.mentioned_targets.append("u1")
    assert other.mentioned_targets == []


def test_conversations_have_short_ways() -> None:
    assert Conversation.single("u1") == Conversation(ConversationType.SINGLE, "u1", 0)
    assert Conversation.group("g1") == Conversation(ConversationType.GROUP, "g1", 0)
    assert Conversation.chatroom("r1") == Conversation(ConversationType.CHATROOM, "r1", 0)
    assert Conversation.channel("c1", 3) == Conversation(ConversationType.CHANNEL, "c1", 3)
    assert repr(Conversation.group("g1")) == "Conversation(kind=1, target='g1', line=0)"


def test_a_text_has_a_short_way() -> None:
    assert MessagePayload.text("hi") == MessagePayload(ContentType.TEXT, "hi")


def test_a_message_needs_no_more_than_what_it_is_and_where() -> None:
    message = Message(1, "u1", Conversation.single("u2"), MessagePayload.text("hi"))
    assert (message.to_users, message.timestamp, message.client, message.to_robot_id) == ([], 0, None, None)


def test_numbers_have_names_and_stay_numbers() -> None:
    assert Rejected("message/get_one", 253, "not exist").code == ErrorCode.NOT_EXIST
    assert ErrorCode(253) is ErrorCode.NOT_EXIST
    assert [kind.value for kind in ConversationType] == [0, 1, 2, 3, 4, 5]


def has_lists(record: type) -> bool:
    return any("list[" in str(field.type) for field in dataclasses.fields(record))


FROZEN = [record for record in RECORDS if record.__dataclass_params__.frozen]  # type: ignore[attr-defined]


def test_what_names_something_what_is_given_out_and_options_cannot_be_changed() -> None:
    assert {record.__name__ for record in FROZEN} == {
        "BroadcastMessage",
        "BulkOptions",
        "BulkProgress",
        "ClientInfo",
        "ClientOptions",
        "ClientStats",
        "Conversation",
        "GroupInfo",
        "Header",
        "LatencyBucket",
        "RecalledMessage",
        "SentMessage",
        "UserInfo",
    }


@pytest.mark.parametrize("record", [record for record in FROZEN if not has_lists(record)])
def test_a_record_that_cannot_be_changed_hashes_as_its_equals(record: type) -> None:
    value = example(record)
    name = dataclasses.fields(record)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, None)
    for again in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert hash(again) == hash(value)
        assert {value: 1}[again] == 1
        assert len({value, again}) == 1


def test_conversations_are_keys() -> None:
    seen = {Conversation.group("g1"): 1, Conversation.single("g1"): 2, Conversation.group("g1", 1): 3}
    assert (seen[Conversation(1, "g1")], seen[Conversation(0, "g1", 0)], seen[Conversation(1, "g1", 1)]) == (1, 2, 3)


@pytest.mark.parametrize("record", [record for record in RECORDS if record not in FROZEN or has_lists(record)])
def test_a_record_that_can_be_changed_does_not_hash(record: type) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(example(record))
