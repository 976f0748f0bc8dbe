"""No text of an error, a client or a log contains the secret or the body of a request."""

from __future__ import annotations

import datetime
import logging
import pickle
import subprocess
import sys
import traceback
from typing import Callable

import pytest

from wildfirechat_message import (
    ClientOptions,
    Conversation,
    Fault,
    MessageClient,
    MessageError,
    MessagePayload,
    RateLimited,
    Sandbox,
    Unreachable,
)

SECRET = "canary-of-the-secret"
BODY = "canary-of-the-body"
# What the client sends below; a server or a proxy may repeat it.
REQUEST = (
    '{"sender":"admin","conv":{"type":0,"target":"u1","line":0},'
    f'"payload":{{"type":1,"searchableContent":"{BODY}","persistFlag":3}}}}'
)
REFUSAL = f'{{"code":CODE,"msg":"not with {SECRET}"}}'


def answer(sandbox: Sandbox, *bodies: str, status: int = 200) -> None:
    """Answers one attempt after the other."""
    for body in bodies:
        sandbox.answer_next(body, status)


TROUBLES: dict[str, Callable[[Sandbox], None]] = {
    "a rejection": lambda sandbox: sandbox.answer_next(REFUSAL.replace("CODE", "253")),
    "a refused signature": lambda sandbox: sandbox.answer_next(REFUSAL.replace("CODE", "244")),
    "a refused clock": lambda sandbox: sandbox.answer_next(
        REFUSAL.replace("CODE", "243"), headers=[("date", "Tue, 15 Nov 1994 08:12:31 GMT")]
    ),
    "a rate": lambda sandbox: answer(sandbox, *[REFUSAL.replace("CODE", "250")] * 3),
    "a proxy's rate": lambda sandbox: answer(sandbox, *[f"{SECRET} {REQUEST}"] * 3, status=429),
    "a busy server that rejects in the end": lambda sandbox: answer(
        sandbox, REFUSAL.replace("CODE", "250"), REFUSAL.replace("CODE", "249")
    ),
    "a redirect": lambda sandbox: sandbox.answer_next(REQUEST, 307, [("location", f"http://127.0.0.1:1/{SECRET}")]),
    "a result of the wrong type": lambda sandbox: sandbox.answer_next(f'{{"code":0,"result":{REQUEST}}}'),
    "an unreadable request": lambda sandbox: sandbox.answer_next(f"with {SECRET}: {REQUEST}", 500),
    "a proxy": lambda sandbox: sandbox.answer_next(f"<html>{SECRET} {REQUEST}</html>", 502),
    "an echo": lambda sandbox: sandbox.answer_next(REQUEST),
    "no answer": lambda sandbox: sandbox.fail_next(Fault.NEVER_ANSWER),
    "a wrong length": lambda sandbox: sandbox.fail_next(Fault.WRONG_LENGTH),
    "a reset": lambda sandbox: sandbox.fail_next(Fault.RESET_AFTER_READING),
    "a cut body": lambda sandbox: sandbox.fail_next(Fault.TRUNCATED_BODY),
    "no such endpoint": lambda sandbox: sandbox.answer_next(b"", 500),
    "nobody there": lambda sandbox: sandbox.stop(),
}


def texts(error: BaseException) -> str:
    shown = [str(error), repr(error), repr(vars(error)), repr(error.args), repr(pickle.dumps(error))]
    return "\n".join([*shown, *traceback.format_exception(type(error), error, error.__traceback__)])


@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_error_shows_them(trouble: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    options = ClientOptions(
        read_timeout=datetime.timedelta(seconds=0.2), retry_pause=datetime.timedelta(milliseconds=1)
    )
    with Sandbox(SECRET) as sandbox, MessageClient(sandbox.base_url, SECRET, options) as client:
        TROUBLES[trouble](sandbox)
        payload = MessagePayload.text(BODY)
        with pytest.raises(MessageError) as info:
            client.send_message("admin", Conversation.single("u1"), payload)
        assert all(request.body == REQUEST.encode() for request in sandbox.requests())
        shown = texts(info.value) + repr(client) + repr(vars(client)) + repr(sandbox) + caplog.text
    assert SECRET not in shown
    assert BODY not in shown


def test_no_turn_shows_them() -> None:
    options = ClientOptions(rate_limit=1, total_timeout=datetime.timedelta(milliseconds=100))
    with MessageClient("http://127.0.0.1:1", SECRET, options) as client:
        for expected in (Unreachable, RateLimited):
            with pytest.raises(expected) as info:
                client.send_message("admin", Conversation.single("u1"), MessagePayload.text(BODY))
            assert SECRET not in texts(info.value)
            assert BODY not in texts(info.value)
    assert info.value.args[1] == 0
    assert SECRET not in repr(options) + repr(client)


def test_the_notice_of_plain_http_shows_its_server_only(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    MessageClient(f"http://canary.example.com/{SECRET}", SECRET)
    assert "http://canary.example.com is called without TLS" in caplog.text
    assert SECRET not in caplog.text


PANICS = f"""
from wildfirechat_message import *
from wildfirechat_message._native.wildfirechat_message import NativeMessageClient
with Sandbox("{SECRET}") as sandbox, MessageClient(sandbox.base_url, "{SECRET}") as client:
    sent = client.send_message("admin", Conversation.single("u1"), MessagePayload.text("{BODY}"))
    client._call(NativeMessageClient.panic_in_a_call, sent.message_uid)
"""


def test_no_panic_shows_them() -> None:
    command = [sys.executable, "-I", "-"]
    ended = subprocess.run(command, input=PANICS, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "panicked at" in ended.stderr
    assert "RuntimeError: the native part of wildfirechat-message failed" in ended.stderr
    assert SECRET not in ended.stderr
    assert BODY not in ended.stderr


def test_no_refused_argument_shows_them() -> None:
    client = MessageClient("http://localhost", SECRET)
    too_large = MessagePayload.text(BODY + "x" * 100_000)
    with pytest.raises(MessageError) as info:
        client.send_message("admin", Conversation.single("u1"), too_large)
    assert BODY not in texts(info.value)
    for url in (f"http://user:{SECRET}@localhost", f"ftp://{SECRET}", f"http://localhost?{SECRET}"):
        with pytest.raises(MessageError) as info:
            MessageClient(url, "123456")
        assert SECRET not in texts(info.value).replace(url, "")
    with pytest.raises(MessageError) as info:
        MessageClient("http://localhost", "123456", ClientOptions(proxy=f"ftp://user:{SECRET}@proxy"))
    assert SECRET not in texts(info.value)
