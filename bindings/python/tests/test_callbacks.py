"""Callbacks: the library reads what servers post, and the sandbox posts the same."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_conformance import as_json

from wildfirechat_message import (
    CallbackFault,
    CensorAnswer,
    Conversation,
    ForwardedCallback,
    InvalidArgument,
    Mention,
    MessageClient,
    MessagePayload,
    PostedCallback,
    Rejected,
    RobotClient,
    Sandbox,
    SandboxError,
    TextContent,
    parse_message_callback,
    parse_recall_callback,
    parse_subscription_callback,
)

VECTORS = json.loads((Path(__file__).parents[3] / "tests" / "callbacks" / "vectors.json").read_text("utf-8"))
PARSERS = {
    "message": parse_message_callback,
    "recall": parse_recall_callback,
    "subscription": parse_subscription_callback,
}
GROUP = Conversation.group("g1")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_what_is_posted_is_read(vector: dict[str, Any]) -> None:
    assert vector.keys() <= {"name", "parse", "body", "result", "error"}
    parse: Any = PARSERS[vector["parse"]]
    for body in (vector["body"], vector["body"].encode(), bytearray(vector["body"].encode())):
        if "error" in vector:
            with pytest.raises(InvalidArgument) as raised:
                parse(body)
            assert (raised.value.argument, raised.value.reason) == ("body", vector["error"])
        else:
            assert as_json(parse(body)) == vector["result"]


@pytest.mark.parametrize("parse", PARSERS.values())
def test_what_is_no_body_is_named(parse: Any) -> None:
    with pytest.raises(TypeError, match="body must be bytes, not dict"):
        parse({})


def test_a_censor_answers_by_status_and_body() -> None:
    assert CensorAnswer.send() == CensorAnswer(200, b"")
    assert CensorAnswer.refuse() == CensorAnswer(403, b"")
    answer = CensorAnswer.replace(TextContent("***").to_payload())
    assert (answer.status, json.loads(answer.body)["searchableContent"]) == (200, "***")
    for payload in (MessagePayload.text(""), MessagePayload(0, "a")):
        with pytest.raises(InvalidArgument):
            CensorAnswer.replace(payload)
    wrong: Any = "***"
    with pytest.raises(TypeError, match="payload"):
        CensorAnswer.replace(wrong)


@pytest.fixture
def application() -> Iterator[Sandbox]:
    """Takes what is posted, and tells what it received."""
    with Sandbox() as application:
        yield application


def posted(sandbox: Sandbox, count: int) -> list[PostedCallback]:
    """The callbacks, once there are so many."""
    deadline = time.monotonic() + 20
    while len(sandbox.callbacks()) < count and time.monotonic() < deadline:
        time.sleep(0.005)
    assert len(sandbox.callbacks()) == count
    return sandbox.callbacks()


def test_a_robot_answers_each_mention_once(sandbox: Sandbox, client: MessageClient, application: Sandbox) -> None:
    sandbox.set_robot("FireRobot", "secret")
    with RobotClient(sandbox.base_url, "FireRobot", "secret") as robot:
        robot.set_callback(application.base_url + "/a-path-that-nobody-guesses")
        sandbox.fail_callbacks(CallbackFault.REPEAT)
        client.send_text("ann", GROUP, "are you there?", mention=[Mention("FireRobot", "FireRobot")])
        seen = set()
        for each in posted(sandbox, 2):
            message = parse_message_callback(each.body)
            if message.sender != "FireRobot" and message.message_uid not in seen:
                seen.add(message.message_uid)
                robot.reply_message(message.message_uid, TextContent("I am"))
        assert len(sandbox.messages_with_text("I am")) == 1
        assert parse_message_callback(posted(sandbox, 3)[2].body).sender == "FireRobot"
    assert {request.path for request in application.requests()} == {"/a-path-that-nobody-guesses"}


def test_a_channel_and_what_is_forwarded(sandbox: Sandbox, client: MessageClient, application: Sandbox) -> None:
    sandbox.set_channel("news", "ann")
    sandbox.set_channel_callback("news", application.base_url)
    sandbox.subscribe("bob", "news")
    subscription = parse_subscription_callback(posted(sandbox, 1)[0].body)
    assert (subscription.user_id, subscription.is_subscribed) == ("bob", True)
    sandbox.unsubscribe("bob", "news")
    assert not parse_subscription_callback(posted(sandbox, 2)[1].body).is_subscribed
    sandbox.forward_to(ForwardedCallback.RECALLS, application.base_url + "/recalls")
    sent = client.send_text("bob", Conversation.channel("news"), "a question")
    assert parse_message_callback(posted(sandbox, 3)[2].body).message_uid == sent.message_uid
    client.recall_message("boss", sent.message_uid)
    recall = parse_recall_callback(posted(sandbox, 4)[3].body)
    assert (recall.user_id, recall.is_admin, recall.message.message_uid) == ("boss", True, sent.message_uid)
    with pytest.raises(SandboxError, match="nowhere"):
        sandbox.subscribe("bob", "nowhere")


def test_the_censor_is_asked_and_obeyed(sandbox: Sandbox, client: MessageClient, application: Sandbox) -> None:
    sandbox.set_robot("FireRobot", "secret")
    sandbox.set_censor(application.base_url + "/censor")
    mild = CensorAnswer.replace(MessagePayload.text("***"))
    texts = {"fine": CensorAnswer.send(), "bad": mild, "worse": CensorAnswer.refuse()}
    with RobotClient(sandbox.base_url, "FireRobot", "secret") as robot:
        for text, answer in texts.items():
            application.answer_next(answer.body, status=answer.status)
            try:
                said = client.get_message(robot.send_text(GROUP, text).message_uid).payload.searchable_content
            except Rejected as refused:
                said = str(refused.code)
            assert said == {"fine": "fine", "bad": "***", "worse": "242"}[text]
        # One that is not asked, and one that cannot be, let the message go out.
        sandbox.fail_callbacks(CallbackFault.LOSE)
        robot.send_text(GROUP, "never asked")
        application.stop()
        robot.send_text(GROUP, "nobody answers")
    asked = [parse_message_callback(each.body).payload.searchable_content for each in posted(sandbox, 4)]
    assert asked == [*texts, "nobody answers"]
    assert [each.status for each in sandbox.callbacks()] == [200, 200, 403, 0]
