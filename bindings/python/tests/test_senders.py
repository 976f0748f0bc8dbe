"""Robots and channels have everything that `MessageClient` has besides its calls."""

from __future__ import annotations

import copy
import logging
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable, Union

import pytest
from sender_examples import EXAMPLES

from wildfirechat_message import (
    ChannelClient,
    ClientOptions,
    ContentExtras,
    Conversation,
    Edition,
    Fault,
    Interrupted,
    InvalidArgument,
    MediaType,
    MessageClient,
    MessageError,
    MessagePayload,
    NotSupported,
    RateLimited,
    Rejected,
    RobotClient,
    Sandbox,
    SandboxError,
    SendRequest,
    SentMessage,
    StoreFault,
    TextContent,
)

SECRET = "canary-of-the-robot"
GROUP = Conversation.group("g1")
HELLO = MessagePayload.text("hello")
OPTIONS = ClientOptions(retry_pause=0.001)

Sender = Union[RobotClient, ChannelClient]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        sandbox.set_robot("FireRobot", SECRET)
        sandbox.set_channel("news", "ann", SECRET)
        yield sandbox


@pytest.fixture
def robot(sandbox: Sandbox) -> Iterator[RobotClient]:
    with RobotClient(sandbox.base_url, "FireRobot", SECRET, OPTIONS) as robot:
        yield robot


@pytest.fixture
def channel(sandbox: Sandbox) -> Iterator[ChannelClient]:
    with ChannelClient(sandbox.base_url, "news", SECRET, OPTIONS) as channel:
        yield channel


@pytest.fixture(params=[RobotClient, ChannelClient])
def sender(request: pytest.FixtureRequest, robot: RobotClient, channel: ChannelClient) -> Sender:
    return robot if request.param is RobotClient else channel


def send(sender: Sender) -> SentMessage:
    return sender.send_message(GROUP, HELLO) if isinstance(sender, RobotClient) else sender.send_message(HELLO)


def endpoint(sender: Sender) -> str:
    return f"{'robot' if isinstance(sender, RobotClient) else 'channel'}/message/send"


def test_the_sender_is_the_robot_or_the_owner_of_the_channel(sandbox: Sandbox, sender: Sender) -> None:
    uid = send(sender).message_uid
    with MessageClient(sandbox.base_url, sandbox.secret) as admin:
        message = admin.get_message(uid)
    assert message.sender == ("FireRobot" if isinstance(sender, RobotClient) else "ann")
    assert message.conversation == (GROUP if isinstance(sender, RobotClient) else Conversation.channel("news"))


def test_a_content_goes_where_a_payload_goes(sandbox: Sandbox, robot: RobotClient, channel: ChannelClient) -> None:
    extras = ContentExtras(mentioned_targets=["ann"], mentioned_type=1)
    uids = [
        robot.send_message(GROUP, TextContent("@ann"), extras=extras).message_uid,
        channel.send_message(TextContent("@ann"), ["ann"], extras=extras).message_uid,
    ]
    with MessageClient(sandbox.base_url, sandbox.secret) as admin:
        for uid in uids:
            payload = admin.get_message(uid).payload
            assert (payload.searchable_content, payload.mentioned_targets) == ("@ann", ["ann"])


def test_a_robot_answers_changes_and_recalls_what_it_has_said(sandbox: Sandbox, robot: RobotClient) -> None:
    with MessageClient(sandbox.base_url, sandbox.secret) as admin:
        question = admin.send_message("ann", GROUP, TextContent("who?"))
        answer = robot.reply_message(question.message_uid, TextContent("me"), only_to_sender=True)
        assert admin.get_message(answer.message_uid).to_users == ["ann"]
        robot.update_message(answer.message_uid, TextContent("I"))
        assert admin.get_message(answer.message_uid).payload.searchable_content == "I"
        recalled = robot.recall_message(answer.message_uid)
        assert recalled is not None
        assert recalled.searchable_content == "I"
        with pytest.raises(Rejected, match="code 248"):
            robot.recall_message(question.message_uid)


def test_where_a_robots_messages_are_posted(robot: RobotClient) -> None:
    assert robot.get_callback() is None
    robot.set_callback("https://app.example.com/secret-path")
    assert robot.get_callback() == "https://app.example.com/secret-path"
    robot.delete_callback()
    assert robot.get_callback() is None
    assert robot.get_profile().user_id == "FireRobot"
    with pytest.raises(InvalidArgument, match="url"):
        robot.set_callback("app.example.com")


def test_nobody_is_asked_twice_for_what_a_second_time_would_repeat(sandbox: Sandbox, sender: Sender) -> None:
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING)
    with pytest.raises(MessageError) as raised:
        send(sender)
    assert raised.value.may_have_executed
    assert len(sandbox.messages_with_text("hello")) == 1
    sandbox.fail_next(Fault.OVER_FREQUENCY)
    send(sender)
    assert len(sandbox.messages_with_text("hello")) == 2


def test_many_messages_are_the_robots(sandbox: Sandbox, robot: RobotClient) -> None:
    requests = [SendRequest("somebody", GROUP, MessagePayload.text(str(number))) for number in range(50)]
    outcomes = robot.send_messages(requests)
    uids = [outcome.message_uid for outcome in outcomes if isinstance(outcome, SentMessage)]
    assert len(uids) == 50
    assert sandbox.messages_of_user("somebody") == sandbox.messages_of_user("FireRobot") == uids
    assert {request.path for request in sandbox.requests()} == {"/robot/message/send"}
    with MessageClient(sandbox.base_url, sandbox.secret) as admin:
        assert admin.get_message(uids[0]).sender == "FireRobot"
    assert [type(outcome) for outcome in robot.send_each(iter(requests[:3]))] == [SentMessage] * 3


def test_many_messages_end_with_their_robots_endpoint(sandbox: Sandbox, robot: RobotClient) -> None:
    sandbox.fail_next(Fault.NEVER_ANSWER, 1000)

    def requests() -> Iterator[SendRequest]:
        yield SendRequest("", GROUP, HELLO)
        time.sleep(0.3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as raised:
        robot.send_messages(requests())
    fate = Interrupted.of(raised.value)
    assert fate is not None
    assert (fate.endpoint, len(fate.outcomes)) == ("robot/message/send", 1)


def test_ctrl_c_ends_a_call_and_says_which(sandbox: Sandbox, sender: Sender) -> None:
    sandbox.fail_next(Fault.NEVER_ANSWER)
    threading.Timer(0.3, signal.raise_signal, (signal.SIGINT,)).start()
    with pytest.raises(KeyboardInterrupt) as raised:
        send(sender)
    fate = Interrupted.of(raised.value)
    assert fate is not None
    assert (fate.endpoint, fate.sent) == (endpoint(sender), True)


def test_a_robot_brings_a_file(sandbox: Sandbox, robot: RobotClient, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"words")
    for source in (b"words", path):
        url = robot.upload("a.txt", source, MediaType.FILE)
        assert [file.url for file in sandbox.files()][-1] == url
    sandbox.fail_store(StoreFault.FORBIDDEN, 100)
    with pytest.raises(MessageError) as raised:
        robot.upload("a.txt", b"words", MediaType.FILE)
    assert not raised.value.may_have_executed
    assert "file store" in str(raised.value)
    sandbox.answer_next("", 500)
    with pytest.raises(NotSupported, match="robot/oss/get_upload_url"):
        robot.upload("a.txt", b"words", MediaType.FILE)


def test_what_a_server_refuses(sandbox: Sandbox, robot: RobotClient, channel: ChannelClient) -> None:
    refusals: list[tuple[int, Callable[[], object]]] = [
        (9, lambda: robot.send_message(Conversation.group("others1"), HELLO)),
        (241, lambda: robot.send_message(Conversation.group("muted1"), HELLO)),
        (253, lambda: RobotClient(sandbox.base_url, "nobody", SECRET).send_message(GROUP, HELLO)),
        (236, lambda: ChannelClient(sandbox.base_url, "nowhere", SECRET).send_message(HELLO)),
    ]
    for code, call in refusals:
        with pytest.raises(Rejected) as raised:
            call()
        assert raised.value.code == code
    sandbox.set_robot("silent")
    with pytest.raises(Rejected, match="code 248"):
        RobotClient(sandbox.base_url, "silent", SECRET).send_message(GROUP, HELLO)
    with pytest.raises(MessageError.Unauthorized):
        RobotClient(sandbox.base_url, "FireRobot", "another").send_message(GROUP, HELLO)
    sandbox.set_sender_rate_limit(1)
    channel.send_message(HELLO)
    with (
        ChannelClient(sandbox.base_url, "news", SECRET, ClientOptions(max_attempts=1)) as hasty,
        pytest.raises(RateLimited),
    ):
        hasty.send_message(HELLO)
    with pytest.raises(SandboxError, match="rate_limit"):
        sandbox.set_sender_rate_limit(-1)


def test_a_community_server_lacks_what_only_professional_ones_have() -> None:
    with Sandbox(edition=Edition.COMMUNITY) as sandbox:
        sandbox.set_robot("FireRobot", SECRET)
        with RobotClient(sandbox.base_url, "FireRobot", SECRET) as robot:
            uid = robot.send_message(GROUP, HELLO).message_uid
            with pytest.raises(NotSupported, match="robot/message/recall"):
                robot.recall_message(uid)


def test_a_robot_at_the_admins_port_is_told_that_there_is_none(sandbox: Sandbox, robot: RobotClient) -> None:
    send(robot)
    with MessageClient(sandbox.base_url, SECRET) as admin, pytest.raises(MessageError.Unauthorized):
        admin.send_message("a", GROUP, HELLO)


def test_numbers_and_log_are_those_of_any_client(sender: Sender, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "wildfirechat_message"):
        send(sender)
    (record,) = caplog.records
    assert vars(record)["wildfirechat_endpoint"] == endpoint(sender)
    assert record.filename == "test_senders.py"
    stats = sender.stats()
    assert (stats.calls, stats.attempts, stats.connections) == (1, 1, 1)
    sender.close_idle()
    assert sender.stats().connections == 0


def test_nothing_shows_the_secret(sandbox: Sandbox, sender: Sender) -> None:
    assert SECRET not in repr(sender)
    name, sender_id = ("RobotClient", "FireRobot") if isinstance(sender, RobotClient) else ("ChannelClient", "news")
    assert repr(sender) == f"{name}({sandbox.base_url!r}, {sender_id!r})"
    copiers: list[Callable[[Any], Any]] = [pickle.dumps, copy.copy, copy.deepcopy]
    for make in copiers:
        with pytest.raises(TypeError, match=f"a {name} cannot be copied"):
            make(sender)
    sender.close()
    assert repr(sender).endswith(" (closed)")
    with pytest.raises(RuntimeError, match=f"this {name} is closed"):
        send(sender)


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda url: RobotClient(url, "", "s"), "robot_id"),
        (lambda url: RobotClient(url, "r\n1", "s"), "robot_id"),
        (lambda url: RobotClient(url, "r1", ""), "secret"),
        (lambda _: RobotClient("", "r1", "s"), "base_url"),
        (lambda url: ChannelClient(url, "", "s"), "channel_id"),
    ],
)
def test_what_can_never_work_is_refused_at_once(sandbox: Sandbox, make: Callable[[str], Sender], argument: str) -> None:
    with pytest.raises(InvalidArgument) as raised:
        make(sandbox.base_url)
    assert raised.value.argument == argument


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_of_the_page_works(sandbox: Sandbox, robot: RobotClient, channel: ChannelClient, name: str) -> None:
    uid = send(channel if name.startswith("channel") else robot).message_uid
    sandbox.clear_requests()
    EXAMPLES[name](robot, channel, uid)
    paths = [request.path for request in sandbox.requests()]
    if name.startswith("robot-stream_text"):
        # A text that grows is several messages, whose steps depend on the time.
        assert len(paths) > 1
        assert set(paths) == {"/robot/message/send"}
    else:
        # Making a client sends nothing.
        assert paths == ["/" + name.replace("-", "/")] * (name != "robot")


def test_a_wrong_type_is_named(sandbox: Sandbox, robot: RobotClient) -> None:
    wrong: Any = 7
    for call in (
        lambda: RobotClient(sandbox.base_url, wrong, SECRET),
        lambda: robot.send_message(wrong, HELLO),
        lambda: robot.recall_message("7"),  # type: ignore[arg-type]
        lambda: robot.set_callback(wrong),
        lambda: sandbox.set_robot("r1", wrong),
    ):
        with pytest.raises((TypeError, InvalidArgument)):
            call()
    assert sandbox.requests() == []
