"""A content is sent like a payload, with its extras."""

from __future__ import annotations

import re
from typing import Any

import pytest

from wildfirechat_message import (
    ContentExtras,
    Conversation,
    InvalidArgument,
    MentionedType,
    MessageClient,
    MessagePayload,
    Sandbox,
    TextContent,
    content_extras,
)

from content_examples import RECALLED, TO_U1

EXTRAS = ContentExtras.mention(["ann", "bob"])
PAYLOAD = MessagePayload(1, "@Ann @Bob", mentioned_type=1, mentioned_targets=["ann", "bob"])


def test_every_sending_method_takes_a_content_with_its_extras(client: MessageClient) -> None:
    text = TextContent("@Ann @Bob")
    broadcast = client.broadcast_message("admin", text, extras=EXTRAS)
    sent = [
        client.send_message("admin", Conversation.group("g1"), text, extras=EXTRAS),
        client.multicast_message("admin", ["u1", "u2"], text, extras=EXTRAS),
    ]
    client.update_message(sent[1].message_uid, TextContent("new"), extras=ContentExtras.mention_everyone())
    assert client.get_message(broadcast.message_uid).payload == PAYLOAD
    assert client.get_message(sent[0].message_uid).payload == PAYLOAD
    assert client.get_message(sent[1].message_uid).payload == MessagePayload(1, "new", mentioned_type=2)


def test_extras_go_with_a_content_only(sandbox: Sandbox, client: MessageClient) -> None:
    payload = MessagePayload.text("hi")
    with pytest.raises(InvalidArgument) as info:
        client.send_message("admin", TO_U1, payload, extras=EXTRAS)
    assert info.value.argument == "extras"
    assert info.value.reason == "they are only for a content; add them to a payload by its with_extras"
    assert sandbox.requests() == []
    client.send_message("admin", TO_U1, payload.with_extras(EXTRAS))
    assert len(sandbox.requests()) == 1


def test_what_is_left_of_a_recalled_message_cannot_be_sent(client: MessageClient) -> None:
    with pytest.raises(TypeError, match=r"^payload must be MessagePayload or a content, not RecalledContent$"):
        client.send_message("admin", TO_U1, RECALLED)  # type: ignore[arg-type]


@pytest.mark.parametrize("payload", ["hi", 1, TextContent, object()])
def test_anything_else_is_refused(client: MessageClient, payload: Any) -> None:
    with pytest.raises(TypeError, match=r"^payload must be MessagePayload or a content, not \w+$"):
        client.broadcast_message("admin", payload)


def test_a_content_that_cannot_be_is_refused_before_anything_is_sent(sandbox: Sandbox, client: MessageClient) -> None:
    with pytest.raises(InvalidArgument, match=r"^invalid argument text: a text message needs a text$"):
        client.send_message("admin", TO_U1, TextContent(""))
    assert sandbox.requests() == []


def test_users_are_mentioned_by_their_ids() -> None:
    assert ContentExtras.mention(["u1", "u2"]) == ContentExtras(MentionedType.TARGETS, ["u1", "u2"])
    assert ContentExtras.mention(user for user in ("u1",)) == ContentExtras(1, ["u1"])
    assert ContentExtras.mention_everyone() == ContentExtras(MentionedType.EVERYONE)


def test_mentioning_keeps_a_list_of_its_own() -> None:
    users = ["u1"]
    extras = ContentExtras.mention(users)
    users.append("u2")
    assert extras.mentioned_targets == ["u1"]


def test_a_lone_user_is_not_taken_for_letters() -> None:
    with pytest.raises(InvalidArgument, match="users: it is one str where a list of str is needed"):
        ContentExtras.mention("u1")
    with pytest.raises(TypeError, match=re.escape("users[1] must be str, not None")):
        ContentExtras.mention(["u1", None])  # type: ignore[list-item]


def test_every_extra_is_put_on_and_read_back() -> None:
    extras = ContentExtras(2, [], "mine", "you have mail", "{}", 30)
    payload = TextContent("hi").to_payload(extras)
    assert payload == MessagePayload(
        1,
        "hi",
        mentioned_type=2,
        extra="mine",
        push_content="you have mail",
        push_data="{}",
        expire_duration=30,
    )
    assert content_extras(payload) == extras
    assert payload == TextContent("hi").to_payload().with_extras(extras)


def test_a_payload_keeps_what_extras_leave_out() -> None:
    payload = MessagePayload(1000, "hi", extra="old", push_data="x")
    changed = payload.with_extras(ContentExtras(extra="new"))
    assert changed == MessagePayload(1000, "hi", extra="new", push_data="x")
    assert payload.with_extras(None) == payload == MessagePayload(1000, "hi", extra="old", push_data="x")
