"""The example for FastAPI, started as its users start it, against the callbacks of the sandbox."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wildfirechat_message import CallbackFault, Conversation, Fault, Mention, MessageClient, RobotClient, Sandbox

EXAMPLES = Path(__file__).parent.parent / "examples"
ROBOT = "FireRobot"
PATH = "/a-path-that-nobody-guesses"
GROUP = Conversation.group("g1")


def until(what: str, happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.01)


@pytest.fixture
def url(sandbox: Sandbox) -> Iterator[str]:
    """Where the robot listens, once it has told the server so."""
    pytest.importorskip("fastapi", reason="FastAPI wants Python 3.10 or later")
    sandbox.set_robot(ROBOT, "secret")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = {
        "WILDFIRECHAT_URL": sandbox.base_url,
        "ROBOT_ID": ROBOT,
        "ROBOT_SECRET": "secret",
        "PUBLIC_URL": url,
        "CALLBACK_PATH": PATH,
    }
    command = [sys.executable, "-m", "uvicorn", "fastapi_robot:app", "--port", str(port)]
    with subprocess.Popen(command, cwd=EXAMPLES, env={**os.environ, **settings}) as server:
        try:
            # It listens a moment after it has set its callback.
            until("the robot", lambda: server.poll() is None and answers(url))
            yield url
        finally:
            server.kill()


def answers(url: str) -> bool:
    try:
        return post(url, b"")[0] == 404
    except OSError:
        return False


def post(url: str, body: bytes) -> tuple[int, str]:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json; charset=utf-8"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def test_it_answers_each_mention_once_and_neither_itself_nor_others(
    sandbox: Sandbox, client: MessageClient, url: str
) -> None:
    with RobotClient(sandbox.base_url, ROBOT, "secret") as robot:
        assert robot.get_callback() == url + PATH
    sandbox.fail_callbacks(CallbackFault.REPEAT)
    question = client.send_text("ann", GROUP, "are you there?", mention=[Mention(ROBOT, "Robot")])
    until("an answer", lambda: bool(sandbox.messages_with_text("You said: @Robot are you there?")))
    client.send_text("ann", GROUP, "nobody is meant")
    client.send_text("bob", Conversation.single(ROBOT), "hello")
    until("an answer", lambda: bool(sandbox.messages_with_text("You said: hello")))
    # All is posted: the mention twice, its answer, what nobody is meant by, and what was said to the robot alone.
    until("all posts", lambda: len(sandbox.callbacks()) == 5)
    assert {posted.status for posted in sandbox.callbacks()} == {200}
    assert len(sandbox.message_uids()) == 5
    [answer] = sandbox.messages_with_text("You said: @Robot are you there?")
    message = client.get_message(answer)
    assert (message.sender, message.conversation) == (ROBOT, GROUP)
    assert str(question.message_uid) in message.payload.data.decode(), "it quotes the question"
    [hello] = sandbox.messages_with_text("You said: hello")
    assert client.get_message(hello).conversation == Conversation.single("bob")


def test_what_is_no_message_is_refused_and_nothing_else_is_there(url: str) -> None:
    assert post(url + "/guessed", b"{}")[0] == 404
    status, text = post(url + PATH, b"{}")
    assert status == 400
    assert "it is no message" in json.loads(text)["detail"]
    # The framework's own pages would tell the path.
    for page in ("/openapi.json", "/docs", "/redoc"):
        with pytest.raises(urllib.error.HTTPError, match="404") as unknown:
            urllib.request.urlopen(url + page, timeout=60)
        unknown.value.close()


def test_the_server_does_not_wait_for_the_work(sandbox: Sandbox, url: str) -> None:
    sandbox.fail_next(Fault.NEVER_ANSWER, endpoint="robot/message/send")
    conversation = {"type": 0, "target": ROBOT, "line": 0}
    payload = {"type": 1, "searchableContent": "hello"}
    message = {"messageId": 7, "sender": "ann", "conv": conversation, "payload": payload, "timestamp": 1}
    # The robot's own call waits for 15 seconds.
    begun = time.monotonic()
    assert post(url + PATH, json.dumps(message).encode())[0] == 200
    assert time.monotonic() - begun < 12
    until("the answer", lambda: any(request.fault == Fault.NEVER_ANSWER for request in sandbox.requests()))
