"""The sandbox as a test meets it."""

from __future__ import annotations

import contextlib
import copy
import pickle

import pytest

from wildfirechat_message import (
    ConnectionLost,
    Conversation,
    Edition,
    Fault,
    Header,
    InvalidArgument,
    InvalidResponse,
    MessageClient,
    MessagePayload,
    NotSupported,
    RateLimited,
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
        client.get_delivery_timestamp("u1")
    assert client.get_delivery_timestamp("u1") == 5


def test_it_fails_as_it_is_told(sandbox: Sandbox, client: MessageClient) -> None:
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING)
    with pytest.raises(ConnectionLost) as info:
        client.send_message("admin", TO_U1, TEXT)
    assert info.value.may_have_executed
    (uid,) = sandbox.messages_with_text("hi")
    assert sandbox.executions(uid) == 1
    assert sandbox.messages_of_user("u1") == [uid]


def test_it_plays_either_edition() -> None:
    for edition in Edition:
        with Sandbox(edition=edition) as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
            missing = pytest.raises(NotSupported) if edition is Edition.COMMUNITY else contextlib.nullcontext()
            with missing:
                client.get_delivery_timestamp("u1")


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
        with pytest.raises(SandboxError, match="status 99"):
            sandbox.answer_next(status=99)
        with pytest.raises(InvalidArgument, match="message_uid"):
            sandbox.executions(2**64)


@pytest.mark.parametrize("work", [copy.copy, copy.deepcopy, pickle.dumps])
def test_it_cannot_be_copied(sandbox: Sandbox, work: object) -> None:
    with pytest.raises(TypeError, match="a Sandbox cannot be copied or pickled"):
        work(sandbox)  # type: ignore[operator]
