"""Neither the secret nor a request's body is in any text that an error, a client or a log shows."""

from __future__ import annotations

import datetime
import logging
import pickle
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
    Sandbox,
)

SECRET = "canary-of-the-secret"
BODY = "canary-of-the-body"
# What the client sends below; a server or a proxy may repeat it.
REQUEST = (
    '{"sender":"admin","conv":{"type":0,"target":"u1","line":0},'
    f'"payload":{{"type":1,"searchableContent":"{BODY}","persistFlag":3}}}}'
)
REFUSAL = f'{{"code":CODE,"msg":"not with {SECRET}"}}'

TROUBLES: dict[str, Callable[[Sandbox], None]] = {
    "a rejection": lambda sandbox: sandbox.answer_next(REFUSAL.replace("CODE", "253")),
    "a refused signature": lambda sandbox: sandbox.answer_next(REFUSAL.replace("CODE", "244")),
    "a rate": lambda sandbox: sandbox.answer_next(REFUSAL.replace("CODE", "250")),
    "a result of the wrong type": lambda sandbox: sandbox.answer_next(f'{{"code":0,"result":{REQUEST}}}'),
    "an unreadable request": lambda sandbox: sandbox.answer_next(f"with {SECRET}: {REQUEST}", 500),
    "a proxy": lambda sandbox: sandbox.answer_next(f"<html>{SECRET} {REQUEST}</html>", 502),
    "an echo": lambda sandbox: sandbox.answer_next(REQUEST),
    "no answer": lambda sandbox: sandbox.fail_next(Fault.NEVER_ANSWER),
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
    options = ClientOptions(read_timeout=datetime.timedelta(seconds=0.2))
    with Sandbox(SECRET) as sandbox, MessageClient(sandbox.base_url, SECRET, options) as client:
        TROUBLES[trouble](sandbox)
        payload = MessagePayload.text(BODY)
        with pytest.raises(MessageError) as info:
            client.send_message("admin", Conversation.single("u1"), payload)
        assert all(request.body == REQUEST.encode() for request in sandbox.requests())
        shown = texts(info.value) + repr(client) + repr(vars(client)) + repr(sandbox) + caplog.text
    assert SECRET not in shown
    assert BODY not in shown


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
