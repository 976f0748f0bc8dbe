"""The client in everyday use: servers, threads, ids, copies, closing."""

from __future__ import annotations

import concurrent.futures
import copy
import gc
import json
import os
import pickle
import subprocess
import sys
import time
import weakref

import pytest

from wildfirechat_message import (
    ClientOptions,
    Conversation,
    Edition,
    ImportedMessage,
    MessageClient,
    MessagePayload,
    NotSupported,
    Sandbox,
    Unauthorized,
    Unreachable,
)

TEXT = MessagePayload.text("hi")
TO_U1 = Conversation.single("u1")


def test_a_message_is_sent_read_recalled_and_read_again(client: MessageClient) -> None:
    sent = client.send_message("admin", TO_U1, TEXT)
    message = client.get_message(sent.message_uid)
    assert (message.message_uid, message.sender, message.conversation) == (sent.message_uid, "admin", TO_U1)
    assert (message.payload, message.timestamp) == (TEXT, sent.timestamp)
    recalled = client.recall_message("admin", sent.message_uid)
    assert recalled is not None
    assert (recalled.sender, recalled.searchable_content) == ("admin", "hi")
    assert client.recall_message("admin", sent.message_uid) is None
    assert client.get_message(sent.message_uid).payload.content_type == 80


def test_a_message_that_never_was_is_none_where_it_is_looked_for(client: MessageClient) -> None:
    assert client.find_message(1) is None


def test_every_method_takes_its_arguments_by_name(client: MessageClient) -> None:
    group = Conversation.group("g1")
    uid = client.send_message(
        sender="admin", conversation=group, payload=TEXT, to_users=["u1"], is_user_message=True
    ).message_uid
    client.update_message(message_uid=uid, payload=TEXT, distribute=False, operator="admin")
    assert client.get_message(message_uid=uid) == client.find_message(message_uid=uid)
    client.recall_message(operator="admin", message_uid=uid)
    multicast = client.multicast_message(sender="admin", targets=["u1", "u2"], payload=TEXT, line=1).message_uid
    client.recall_multicast_message(operator="admin", message_uid=multicast, receivers=["u1"])
    client.delete_multicast_message(operator="admin", message_uid=multicast, receivers=["u2"])
    broadcast = client.broadcast_message(sender="admin", payload=TEXT, line=1)
    assert broadcast.count > 0
    client.recall_broadcast_message(operator="admin", message_uid=broadcast.message_uid)
    client.delete_broadcast_message(operator="admin", message_uid=broadcast.message_uid)
    client.clear_user_messages(user_id="u1", conversation=group, start_time=1, end_time=2)
    client.clear_conversation(user_id="u1", conversation=group)
    assert client.get_conversation_read_timestamp(user_id="u1", conversation=group) >= 0
    assert client.get_delivery_timestamp(user_id="u1") >= 0
    client.import_messages(messages=[ImportedMessage("u1", group, TEXT, timestamp=1, receivers=["u2"])])
    assert client.upload(file_name="a.txt", data_or_path=b"a", media_type=4, content_type="a/b", progress=None)
    client.delete_message(message_uid=uid)


def test_the_defaults_are_those_of_the_api(sandbox: Sandbox, client: MessageClient) -> None:
    uid = client.send_message("admin", TO_U1, TEXT).message_uid
    client.update_message(uid, TEXT)
    client.multicast_message("admin", ["u1"], TEXT)
    client.broadcast_message("admin", TEXT)
    client.clear_user_messages("u1", TO_U1)
    sent, update, multicast, broadcast, clear = (json.loads(request.body) for request in sandbox.requests())
    assert set(sent) == {"sender", "conv", "payload"}
    assert (update["distribute"], "operator" in update) == (1, False)
    assert (multicast["line"], broadcast["line"]) == (0, 0)
    assert not {"startTime", "endTime"} & set(clear)


@pytest.mark.parametrize("uid", [588582842607370241, 2**60 - 1, 2**53 + 1, 2**63 - 1])
def test_an_id_of_sixty_bits_keeps_every_digit(sandbox: Sandbox, client: MessageClient, uid: int) -> None:
    sandbox.answer_next(f'{{"code":0,"msg":"success","result":{{"messageUid":{uid},"timestamp":1}}}}')
    assert client.send_message("admin", TO_U1, TEXT).message_uid == uid
    client.find_message(uid)
    assert sandbox.requests()[-1].body == f'{{"messageUid":{uid}}}'.encode()


@pytest.mark.parametrize("text", ["Grüße", "你好", "😀👩‍👩‍👧‍👦", "\0\x7f\u2028\ufeff", '"\\/\n\t', "𝄞" * 1000])
def test_every_character_comes_back(client: MessageClient, text: str) -> None:
    payload = MessagePayload(1, text, push_content=text, extra=text, data=text.encode())
    sent = client.send_message(text, Conversation.single(text), payload)
    message = client.get_message(sent.message_uid)
    assert (message.sender, message.conversation.target, message.payload) == (text, text, payload)


def test_64_threads_share_a_client(sandbox: Sandbox, client: MessageClient) -> None:
    def send(number: int) -> tuple[int, str]:
        text = f"message {number}"
        return client.send_message("admin", TO_U1, MessagePayload.text(text)).message_uid, text

    with concurrent.futures.ThreadPoolExecutor(64) as threads:
        sent = dict(threads.map(send, range(640)))
    assert len(sent) == len(sandbox.message_uids()) == 640
    assert all(sandbox.messages_with_text(text) == [uid] for uid, text in sent.items())


def test_clients_of_several_servers_live_side_by_side() -> None:
    sandboxes = [Sandbox(f"secret {number}") for number in range(4)]
    clients = [MessageClient(sandbox.base_url, sandbox.secret) for sandbox in sandboxes for _ in range(3)]
    with concurrent.futures.ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda number: clients[number % 12].send_message("admin", TO_U1, TEXT), range(120)))
    assert [len(sandbox.message_uids()) for sandbox in sandboxes] == [30] * 4
    with MessageClient(sandboxes[0].base_url, sandboxes[1].secret) as stranger, pytest.raises(Unauthorized) as info:
        stranger.send_message("admin", TO_U1, TEXT)
    assert info.value.code == 244
    for sandbox in sandboxes:
        sandbox.stop()


def test_a_community_server_lacks_some_methods() -> None:
    with Sandbox(edition=Edition.COMMUNITY) as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
        client.send_message("admin", TO_U1, TEXT)
        with pytest.raises(NotSupported) as info:
            client.delete_message(1)
        assert info.value.endpoint == "message/delete"
        client.send_message("admin", TO_U1, TEXT)


def test_nobody_listens() -> None:
    with MessageClient("http://127.0.0.1:9", "123456") as client, pytest.raises(Unreachable) as info:
        client.send_message("admin", TO_U1, TEXT)
    assert info.value.endpoint == "message/send"
    assert not info.value.may_have_executed


def test_a_client_shows_its_server_and_not_its_secret() -> None:
    client = MessageClient("https://im.example.com/prefix", "canary")
    assert repr(client) == str(client) == "MessageClient('https://im.example.com/prefix')"
    client.close()
    assert repr(client) == "MessageClient('https://im.example.com/prefix') (closed)"
    unmade = MessageClient.__new__(MessageClient)
    assert "canary" not in repr(unmade)


@pytest.mark.parametrize("work", [copy.copy, copy.deepcopy, pickle.dumps, lambda client: copy.deepcopy([client])])
def test_a_client_says_what_to_do_instead_of_copying(client: MessageClient, work: object) -> None:
    with pytest.raises(TypeError, match=r"MessageClient cannot be copied.*makes its own with MessageClient\(base_url"):
        work(client)  # type: ignore[operator]


def test_a_closed_client_refuses_calls(sandbox: Sandbox) -> None:
    with MessageClient(sandbox.base_url, sandbox.secret) as client:
        client.send_message("admin", TO_U1, TEXT)
    client.close()
    with pytest.raises(RuntimeError, match="this MessageClient is closed: make a new one"):
        client.send_message("admin", TO_U1, TEXT)
    with pytest.raises(RuntimeError, match="closed"), client:
        pass
    assert len(sandbox.requests()) == 1


def test_an_exception_leaves_the_with_block(sandbox: Sandbox) -> None:
    with pytest.raises(ZeroDivisionError), MessageClient(sandbox.base_url, sandbox.secret):
        raise ZeroDivisionError


def test_a_client_goes_with_its_last_reference(sandbox: Sandbox) -> None:
    client = MessageClient(sandbox.base_url, sandbox.secret)
    client.send_message("admin", TO_U1, TEXT)
    gone = weakref.ref(client)
    del client
    gc.collect()
    assert gone() is None


def test_options_are_taken(sandbox: Sandbox) -> None:
    with MessageClient(sandbox.base_url, sandbox.secret, ClientOptions(user_agent="mailer/3")) as client:
        client.send_message("admin", TO_U1, TEXT)
    headers = {header.name: header.value for header in sandbox.requests()[0].headers}
    assert headers["user-agent"].endswith(" mailer/3")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_may_use_the_client_of_its_parent(sandbox: Sandbox, client: MessageClient) -> None:
    client.send_message("admin", TO_U1, TEXT)
    child = os.fork()
    if child == 0:
        try:
            client.send_message("admin", TO_U1, MessagePayload.text("from the child"))
            os._exit(0)
        except BaseException:
            os._exit(1)
    deadline = time.monotonic() + 20
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < deadline:
        time.sleep(0.01)
    if ended == (0, 0):
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert ended == (child, 0)
    client.send_message("admin", TO_U1, TEXT)
    assert len(sandbox.messages_with_text("from the child")) == 1
    assert len(sandbox.requests()) == 3


LEAVES_WITHOUT_CLOSING = """
import threading, time
from wildfirechat_message import *
sandbox = Sandbox()
client = MessageClient(sandbox.base_url, sandbox.secret)
client.send_message("admin", Conversation.single("u1"), MessagePayload.text("hi"))
sandbox.fail_next(Fault.NEVER_ANSWER)
threading.Thread(target=client.get_message, args=(1,), daemon=True).start()
time.sleep(0.3)
"""


def test_a_program_may_end_without_closing_anything() -> None:
    command = [sys.executable, "-I", "-X", "dev", "-W", "error", "-c", LEAVES_WITHOUT_CLOSING]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")
