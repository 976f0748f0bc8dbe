"""Contents that contain messages: a text that quotes one, a history that is forwarded."""

from __future__ import annotations

import dataclasses

import pytest

from wildfirechat_message import (
    CompositeContent,
    Conversation,
    InvalidArgument,
    Message,
    MessageClient,
    MessagePayload,
    Quote,
    TextContent,
    UserInfo,
    decode_content,
)

from content_examples import LARGEST_UID, MESSAGE, TO_U1, UID


def test_a_text_answers_a_message(client: MessageClient) -> None:
    asked = client.send_message("ann", Conversation.group("g1"), TextContent("Shall we?"))
    question = client.get_message(asked.message_uid)
    answer = client.send_message("bob", Conversation.group("g1"), TextContent("yes", question.quote()))
    decoded = client.get_message(answer.message_uid).decode_content()
    assert isinstance(decoded, TextContent)
    assert decoded.quote is not None
    assert decoded.quote.message_uid == asked.message_uid
    assert (decoded.quote.user_id, decoded.quote.digest) == ("ann", "Shall we?")


def test_a_quote_names_the_sender_as_shown() -> None:
    message = dataclasses.replace(MESSAGE, sender_user_info=UserInfo("ann", "ann1", "Ann"))
    assert message.quote() == Quote(LARGEST_UID, "ann", "Ann", "[图片]")


@pytest.mark.parametrize("uid", [UID, LARGEST_UID])
def test_a_uid_of_60_bits_keeps_every_bit(uid: int) -> None:
    quoting = TextContent("yes", Quote(uid))
    composite = CompositeContent("History", [dataclasses.replace(MESSAGE, message_uid=uid)])
    assert f'"u":{uid}'.encode() in quoting.to_payload().data
    assert f'"uid":{uid}'.encode() in composite.to_payload().data
    assert decode_content(quoting.to_payload()) == quoting
    assert decode_content(composite.to_payload()) == composite


def test_a_message_of_wrong_types_is_told_by_its_field() -> None:
    with pytest.raises(TypeError, match=r"^payload\.searchable_content must be str, not None$"):
        Message(1, "u1", TO_U1, MessagePayload(1, None)).quote()  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^payload must be MessagePayload, not None$"):
        Message(1, "u1", TO_U1, None).decode_content()  # type: ignore[arg-type]


def history_of(count: int) -> CompositeContent:
    messages = [Message(UID + number, "ann", TO_U1, MessagePayload.text("hello")) for number in range(count)]
    return CompositeContent("History", messages)


def test_a_short_history_lies_in_the_payload() -> None:
    assert history_of(3).to_upload() is None
    assert history_of(3).to_payload().searchable_content == "hello hello hello"


def test_a_long_history_needs_an_upload() -> None:
    history = history_of(500)
    with pytest.raises(
        InvalidArgument, match="upload what to_upload returns, and put the URL of that file here"
    ) as info:
        history.to_payload()
    assert info.value.argument == "remote_media_url"

    file = history.to_upload()
    assert file is not None
    uploaded = dataclasses.replace(history, remote_media_url="https://files/history")
    received = decode_content(uploaded.to_payload())
    assert isinstance(received, CompositeContent)
    assert 0 < len(received.messages) < 500
    assert received.with_upload(file) == uploaded
    assert received.with_upload(memoryview(file)) == uploaded  # type: ignore[arg-type]


def test_a_file_that_is_no_history_is_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"^invalid argument file: it is not a list of forwarded messages$"):
        history_of(1).with_upload(b"<html>")
    with pytest.raises(TypeError, match=r"^file must be bytes, not str$"):
        history_of(1).with_upload("{}")  # type: ignore[arg-type]
