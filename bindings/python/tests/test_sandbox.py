"""The sandbox, as tests use it."""

from __future__ import annotations

import contextlib
import copy
import datetime
import pickle
import time
from typing import Optional

import pytest

from wildfirechat_message import (
    ClientOptions,
    ConnectionLost,
    Conversation,
    Edition,
    Fault,
    Header,
    InvalidArgument,
    InvalidResponse,
    MessageClient,
    MessageError,
    MessagePayload,
    NotSupported,
    RateLimited,
    Rejected,
    Sandbox,
    SandboxError,
    Unreachable,
)

TEXT = MessagePayload.text("hi")
TO_U1 = Conversation.single("u1")


def test_it_tells_what_it_received(sandbox: Sandbox, client: MessageClient) -> None:
    assert sandbox.requests() == []
    client.get_delivery_timestamp("u1")
    (request,) = sandbox.requests()
    assert (request.method, request.path, request.body) == ("POST", "/admin/message/delivery", b'{"userId":"u1"}')
    assert request.signature_valid
    assert request.connection == 1
    assert Header("content-type", "application/json; charset=utf-8") in request.headers
    sandbox.clear_requests()
    assert sandbox.requests() == []


def test_its_defaults_are_those_of_the_documentation(sandbox: Sandbox) -> None:
    assert sandbox.secret == "123456"
    assert sandbox.base_url == f"http://127.0.0.1:{sandbox.port}"
    assert repr(sandbox) == f"Sandbox('{sandbox.base_url}')"


def test_its_secret_is_in_no_repr() -> None:
    with Sandbox("canary") as sandbox:
        assert "canary" not in repr(sandbox)
    assert "canary" not in repr(sandbox)


def test_it_answers_as_it_is_told(sandbox: Sandbox, client: MessageClient) -> None:
    sandbox.answer_next("no JSON", status=502, headers=[("x-proxy", "yes")])
    sandbox.answer_next(b'{"code":0,"result":{"timestamp":5}}')
    with pytest.raises(InvalidResponse, match="HTTP 502: no JSON"):
        client.send_message("admin", TO_U1, TEXT)
    assert client.get_delivery_timestamp("u1") == 5


def test_it_fails_as_it_is_told(sandbox: Sandbox, client: MessageClient) -> None:
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING)
    with pytest.raises(ConnectionLost) as info:
        client.send_message("admin", TO_U1, TEXT)
    assert info.value.may_have_executed
    (uid,) = sandbox.messages_with_text("hi")
    assert sandbox.executions(uid) == 1
    assert sandbox.messages_of_user("u1") == [uid]


def faults_met(sandbox: Sandbox) -> list[Optional[Fault]]:
    return [request.fault for request in sandbox.requests()]


def test_a_fault_may_be_for_some_requests_to_one_endpoint(sandbox: Sandbox, client: MessageClient) -> None:
    sandbox.fail_next(Fault.UNKNOWN_CODE, times=2, endpoint="message/send")
    client.get_delivery_timestamp("u1")
    for _ in range(2):
        with pytest.raises(Rejected):
            client.send_message("admin", TO_U1, TEXT)
    client.send_message("admin", TO_U1, TEXT)
    assert faults_met(sandbox) == [None, Fault.UNKNOWN_CODE, Fault.UNKNOWN_CODE, None]


def test_a_fault_takes_the_time_that_it_is_given(sandbox: Sandbox, client: MessageClient) -> None:
    sandbox.fail_next(Fault.DELAY_AFTER_EXECUTING, delay=datetime.timedelta(seconds=0.3))
    begun = time.monotonic()
    client.send_message("admin", TO_U1, TEXT)
    assert time.monotonic() - begun >= 0.3


def test_faults_by_chance_are_the_same_for_the_same_seed() -> None:
    def met(seed: int) -> list[Optional[Fault]]:
        with Sandbox() as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
            sandbox.fail_randomly([Fault.UNKNOWN_CODE], 0.5, seed, "message/send")
            for _ in range(40):
                client.get_delivery_timestamp("u1")
                with contextlib.suppress(Rejected):
                    client.send_message("admin", TO_U1, TEXT)
            sandbox.stop_failing()
            client.send_message("admin", TO_U1, TEXT)
            return faults_met(sandbox)

    faults = met(2**62)
    assert faults == met(2**62) != met(7)
    assert set(faults[::2]) == {None}, "these went to another endpoint, or came after the end of the faults"
    assert 5 < faults.count(Fault.UNKNOWN_CODE) < 35


def test_what_still_waits_can_be_forgotten(sandbox: Sandbox, client: MessageClient) -> None:
    sandbox.fail_next(Fault.UNKNOWN_CODE, times=9)
    sandbox.answer_next("no JSON")
    sandbox.stop_failing()
    client.send_message("admin", TO_U1, TEXT)
    assert faults_met(sandbox) == [None]


def test_it_refuses_connections_for_a_while(sandbox: Sandbox, client: MessageClient) -> None:
    client.get_delivery_timestamp("u1")
    sandbox.refuse_connections(datetime.timedelta(seconds=0.5))
    hasty = MessageClient(sandbox.base_url, sandbox.secret, ClientOptions(max_attempts=1))
    with hasty, pytest.raises(Unreachable):
        hasty.send_message("admin", TO_U1, TEXT)
    patient = ClientOptions(max_attempts=100, retry_pause_max=datetime.timedelta(seconds=0.2))
    with MessageClient(sandbox.base_url, sandbox.secret, patient) as stubborn:
        stubborn.send_message("admin", TO_U1, TEXT)
    assert len(sandbox.requests()) == 2


def test_it_closes_idle_connections_and_that_costs_no_call() -> None:
    with (
        Sandbox(idle_timeout=datetime.timedelta(seconds=0.1)) as sandbox,
        MessageClient(sandbox.base_url, sandbox.secret, ClientOptions(max_attempts=1)) as client,
    ):
        for _ in range(3):
            client.send_message("admin", TO_U1, TEXT)
            time.sleep(0.3)
        assert [request.connection for request in sandbox.requests()] == [1, 2, 3]


def test_every_fault_is_there_and_says_what_it_does() -> None:
    assert len(Fault) == 38
    assert "Executes the request" in (Fault.__doc__ or "")


def test_it_plays_either_edition() -> None:
    for edition in Edition:
        with Sandbox(edition=edition) as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
            missing = pytest.raises(NotSupported) if edition is Edition.COMMUNITY else contextlib.nullcontext()
            with missing:
                client.get_delivery_timestamp("u1")


def test_it_plays_a_version() -> None:
    room = Conversation.chatroom("r1")
    for version, reached in [("1.2.4", True), ("1.3.2", False), (None, False)]:
        with (
            Sandbox(server_version=version) as sandbox,
            MessageClient(sandbox.base_url, sandbox.secret) as client,
        ):
            sent = client.send_message("admin", room, TEXT, to_users=["u1"])
            assert (sent.message_uid in sandbox.messages_of_user("u2")) is reached
    with Sandbox() as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
        client.send_message("muted-1", TO_U1, TEXT)
        with pytest.raises(Rejected) as info:
            client.send_message("muted-1", TO_U1, TEXT, is_user_message=True)
        assert (info.value.code, info.value.may_have_executed) == (247, False)
    with pytest.raises(SandboxError, match="is not a version such as"):
        Sandbox(server_version="newest")


@pytest.mark.parametrize(
    ("fault", "executed"),
    [
        (Fault.GATEWAY_ANSWER, 0),
        (Fault.GATEWAY_ANSWER_BEFORE_EXECUTING, 1),
        (Fault.GATEWAY_ANSWER_AFTER_EXECUTING, 1),
    ],
)
def test_a_gateways_answer_proves_nothing(sandbox: Sandbox, client: MessageClient, fault: Fault, executed: int) -> None:
    for number in range(14):
        sandbox.fail_next(fault)
        with pytest.raises(MessageError) as info:
            client.send_message("admin", TO_U1, MessagePayload.text(f"message {number}"))
        assert info.value.may_have_executed, info.value
    deadline = time.monotonic() + 5
    while len(sandbox.message_uids()) < 14 * executed and time.monotonic() < deadline:
        time.sleep(0.01)
    for number in range(14):
        assert len(sandbox.messages_with_text(f"message {number}")) == executed


def test_its_times_can_be_set(sandbox: Sandbox, client: MessageClient) -> None:
    sandbox.set_delivery_timestamp("u1", 1795394170036)
    sandbox.set_read_timestamp("u1", Conversation.group("g1", 2), 1795394170037)
    assert client.get_delivery_timestamp("u1") == 1795394170036
    assert client.get_conversation_read_timestamp("u1", Conversation.group("g1", 2)) == 1795394170037


def test_its_rate_can_be_limited() -> None:
    with Sandbox(rate_limit=1) as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
        client.get_delivery_timestamp("u1")
        with pytest.raises(RateLimited):
            client.get_delivery_timestamp("u1")


def test_a_taken_port_is_a_clear_error(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match=str(sandbox.port)) as info:
        Sandbox(port=sandbox.port)
    assert str(info.value) == info.value.reason
    again = pickle.loads(pickle.dumps(info.value))
    assert (type(again), again.reason) == (SandboxError, info.value.reason)


def test_what_it_received_can_be_asked_for_after_its_end() -> None:
    with Sandbox() as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
        client.get_delivery_timestamp("u1")
        sandbox.stop()
        with pytest.raises(Unreachable):
            client.get_delivery_timestamp("u1")
    sandbox.stop()
    assert len(sandbox.requests()) == 1


def test_arguments_that_cannot_be_are_refused() -> None:
    with pytest.raises(SandboxError, match="port 65536"):
        Sandbox(port=65536)
    with pytest.raises(SandboxError, match="secret"):
        Sandbox("")
    with pytest.raises(TypeError, match="edition must be Edition, not str"):
        Sandbox(edition="community")  # type: ignore[arg-type]
    with Sandbox() as sandbox:
        with pytest.raises(TypeError, match="fault must be Fault, not str"):
            sandbox.fail_next("never_answer")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"faults\[1\] must be Fault, not str"):
            sandbox.fail_randomly([Fault.REFUSE, "refuse"], 0.5)  # type: ignore[list-item]
        with pytest.raises(TypeError, match="probability must be float, not str"):
            sandbox.fail_randomly([Fault.REFUSE], "0.5")  # type: ignore[arg-type]
        for probability in (-0.1, 1.1, float("nan")):
            with pytest.raises(SandboxError, match="probability"):
                sandbox.fail_randomly([Fault.REFUSE], probability)
        with pytest.raises(SandboxError, match="times"):
            sandbox.fail_next(Fault.REFUSE, times=0)
        with pytest.raises(InvalidArgument, match="seed"):
            sandbox.fail_randomly([Fault.REFUSE], 0.5, 2**63)
        with pytest.raises(TypeError, match=r"duration must be datetime\.timedelta or a number of seconds, not str"):
            sandbox.refuse_connections("0.5")  # type: ignore[arg-type]
        with pytest.raises(InvalidArgument, match="delay: it is negative"):
            sandbox.fail_next(Fault.REFUSE, delay=datetime.timedelta(seconds=-1))
        with pytest.raises(SandboxError, match="status 99"):
            sandbox.answer_next(status=99)
        with pytest.raises(InvalidArgument, match="message_uid"):
            sandbox.executions(2**64)


@pytest.mark.parametrize("work", [copy.copy, copy.deepcopy, pickle.dumps])
def test_it_cannot_be_copied(sandbox: Sandbox, work: object) -> None:
    with pytest.raises(TypeError, match="a Sandbox cannot be copied or pickled"):
        work(sandbox)  # type: ignore[operator]
