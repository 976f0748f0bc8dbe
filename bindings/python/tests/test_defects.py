"""A panic in the native library is an error, and the client continues to work."""

from __future__ import annotations

import datetime
import threading

import pytest

from wildfirechat_message import Conversation, Fault, MessageClient, MessageError, MessagePayload, Sandbox
from wildfirechat_message._native.wildfirechat_message import NativeMessageClient

TEXT = MessagePayload.text("hi")
TO_U1 = Conversation.single("u1")
SENTENCE = (
    "the native part of wildfirechat-message failed; this is a defect of the library, which says more on standard error"
)


def panic(client: MessageClient) -> None:
    """Makes a call as the client's own methods do; the library panics over its answer."""
    client._call(NativeMessageClient.panic_in_a_call, 1)


def test_a_panic_is_a_runtime_error_that_says_whose_defect_it_is(
    client: MessageClient, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RuntimeError) as info:
        panic(client)
    assert (type(info.value), str(info.value)) == (RuntimeError, SENTENCE)
    assert not isinstance(info.value, MessageError)
    assert (info.value.__cause__, info.value.__context__) == (None, None)
    assert "as it was asked to" in capfd.readouterr().err
    client.send_message("admin", TO_U1, TEXT)


def test_a_panic_in_a_call_that_waits_is_the_same_error(sandbox: Sandbox, client: MessageClient) -> None:
    sandbox.fail_next(Fault.DELAY_AFTER_EXECUTING, delay=datetime.timedelta(seconds=0.35))
    with pytest.raises(RuntimeError) as info:
        panic(client)
    assert (type(info.value), str(info.value), info.value.__cause__) == (RuntimeError, SENTENCE, None)
    client.send_message("admin", TO_U1, TEXT)


def test_a_panic_is_nothing_to_the_calls_of_other_threads(sandbox: Sandbox, client: MessageClient) -> None:
    done = threading.Event()
    sent: list[int] = []
    errors: list[BaseException] = []

    def call_on() -> None:
        try:
            while not done.is_set():
                sent.append(client.send_message("admin", TO_U1, TEXT).message_uid)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=call_on, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        with pytest.raises(RuntimeError, match=SENTENCE):
            panic(client)
    done.set()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert errors == []
    assert len(sent) == len(set(sent)) == len(sandbox.message_uids())
