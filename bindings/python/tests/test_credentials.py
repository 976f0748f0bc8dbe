"""Credentials for the way to a server: they are sent, checked, and never shown."""

from __future__ import annotations

import copy
import pickle
import socket

import pytest

from wildfirechat_message import (
    ClientOptions,
    Conversation,
    Credentials,
    InvalidArgument,
    MessageClient,
    MessageError,
    MessagePayload,
    Sandbox,
    Unreachable,
)


def send(client: MessageClient) -> None:
    client.send_message("admin", Conversation.single("u1"), MessagePayload.text("hello"))


def test_a_gateways_header_goes_with_each_request(sandbox: Sandbox) -> None:
    credentials = Credentials(headers={"X-Api-Key": "canary-key", "authorization": "Bearer canary"})
    with MessageClient(sandbox.base_url, sandbox.secret, credentials=credentials) as client:
        send(client)
    (request,) = sandbox.requests()
    headers = {header.name.lower(): header.value for header in request.headers}
    assert (headers["x-api-key"], headers["authorization"]) == ("canary-key", "Bearer canary")


def test_a_proxy_is_shown_the_login(sandbox: Sandbox) -> None:
    options = ClientOptions(proxy=sandbox.base_url)
    credentials = Credentials(proxy_login=("u", "p w"))
    client = MessageClient("http://im.invalid", sandbox.secret, options, credentials)
    with client, pytest.raises(MessageError):
        # The sandbox is no proxy and knows no such path; what it was sent is what counts.
        send(client)
    headers = {header.name: header.value for header in sandbox.requests()[0].headers}
    assert headers["proxy-authorization"] == "Basic dTpwIHc="


@pytest.mark.parametrize(
    ("credentials", "argument"),
    [
        (Credentials(headers={"nonce": "canary"}), "headers.nonce"),
        (Credentials(headers={"x key": "canary"}), "headers.?"),
        (Credentials(headers={"x-key": "canary\n"}), "headers.x-key"),
        (Credentials(proxy_login=("u", "canary")), "proxy_login"),
        (Credentials(client_certificate=("canary", "canary")), "client_certificate.certificates"),
    ],
)
def test_what_cannot_work_is_refused_by_its_name(credentials: Credentials, argument: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        MessageClient("http://im.example.com", "123456", credentials=credentials)
    assert caught.value.argument == argument
    assert "canary" not in f"{caught.value} {caught.value!r}"


def test_values_of_another_type_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match="headers must be str, not int"):
        Credentials(headers={"x-key": 1})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="proxy_login must be two texts"):
        Credentials(proxy_login="u:p")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="credentials must be Credentials, not dict"):
        MessageClient("http://im", "123456", credentials={})  # type: ignore[arg-type]


def test_nothing_of_them_is_shown_or_kept() -> None:
    credentials = Credentials(proxy_login=("canary", "canary"), headers={"x-key": "canary"})
    assert repr(credentials) == str(credentials) == "Credentials(proxy_login=***, headers=***)"
    assert repr(Credentials()) == "Credentials()"
    for act in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="secret"):
            act(credentials)


def test_the_next_server_of_a_cluster_is_taken(sandbox: Sandbox) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with MessageClient(gone, sandbox.secret, ClientOptions(more_base_urls=[sandbox.base_url])) as client:
            send(client)
        with MessageClient(gone, sandbox.secret) as alone, pytest.raises(Unreachable):
            send(alone)
    assert len(sandbox.message_uids()) == 1


def test_idle_connections_are_closed_when_one_asks_for_it(sandbox: Sandbox) -> None:
    with MessageClient(sandbox.base_url, sandbox.secret) as client:
        for _ in range(3):
            send(client)
            send(client)
            client.close_idle()
        connections = [request.connection for request in sandbox.requests()]
        assert len(set(connections)) == 3
    with pytest.raises(RuntimeError, match="closed"):
        client.close_idle()
