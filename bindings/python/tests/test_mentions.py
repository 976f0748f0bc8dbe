"""Texts that mention users: the names are in front of the text, the ids beside it."""

from __future__ import annotations

from typing import Any

import pytest

from wildfirechat_message import (
    ContentExtras,
    Conversation,
    InvalidArgument,
    Mention,
    MessageClient,
    MessagePayload,
    Sandbox,
    TextContent,
)

ANN = Mention("ann", "Ann")


def test_a_text_and_its_mentions_go_together(client: MessageClient) -> None:
    payload = TextContent.mentioning([ANN, Mention.user("li", "李四")], "hi")
    assert (payload.searchable_content, payload.mentioned_type) == ("@Ann @李四 hi", 1)
    assert payload.mentioned_targets == ["ann", "li"]
    sent = client.send_message("admin", Conversation.group("g1"), payload)
    assert client.get_message(sent.message_uid).payload.mentioned_targets == ["ann", "li"]


def test_everyone_is_mentioned_by_whatever_name() -> None:
    assert Mention.everyone() == Mention(is_everyone=True)
    payload = TextContent.mentioning(iter([Mention.everyone("所有人")]), "hi")
    assert (payload.searchable_content, payload.mentioned_type, payload.mentioned_targets) == ("@所有人 hi", 2, [])


def test_what_else_goes_with_a_text_stays() -> None:
    payload = TextContent("hi").with_mentions([ANN], ContentExtras(push_content="psst"))
    assert (payload.push_content, payload.mentioned_targets) == ("psst", ["ann"])


def test_the_one_line(client: MessageClient) -> None:
    first = client.send_text("bob", Conversation.group("g1"), "shall we?")
    message = client.get_message(first.message_uid)
    answer = client.send_text(
        "admin", Conversation.group("g1"), "yes", mention=[Mention("bob", "Bob")], quote=message.quote()
    )
    content = client.get_message(answer.message_uid).decode_content()
    assert isinstance(content, TextContent)
    assert content.text == "@Bob yes"
    assert content.quote is not None
    assert (content.quote.message_uid, content.quote.digest) == (first.message_uid, "shall we?")


@pytest.mark.parametrize(
    ("mention", "argument"), [(Mention(), "mention[0].user_id"), (Mention("ann", is_everyone=True), "mention[0]")]
)
def test_who_is_nobody_is_refused(client: MessageClient, mention: Mention, argument: str) -> None:
    with pytest.raises(InvalidArgument) as raised:
        client.send_text("admin", Conversation.group("g1"), "hi", mention=[mention])
    assert raised.value.argument == argument


@pytest.mark.parametrize("wrong", ["ann", ["ann"], [MessagePayload.text("ann")], 7])
def test_what_is_no_mention_is_named(sandbox: Sandbox, client: MessageClient, wrong: Any) -> None:
    with pytest.raises((TypeError, InvalidArgument), match="mention"):
        client.send_text("admin", Conversation.group("g1"), "hi", mention=wrong)
    with pytest.raises((TypeError, InvalidArgument), match="users"):
        TextContent.mentioning(wrong, "hi")
    assert sandbox.requests() == []
