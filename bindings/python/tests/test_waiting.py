"""Calls that wait: late answers arrive, and Ctrl-C ends the calls at once.

Every call here has a total time-out of some seconds, so that a call which nothing interrupts fails its test.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, Callable, Optional

import pytest

from wildfirechat_message import (
    BroadcastMessage,
    ClientOptions,
    Conversation,
    Fault,
    ImportedMessage,
    Interrupted,
    MessageClient,
    MessagePayload,
    RecalledMessage,
    Rejected,
    Sandbox,
    SentMessage,
    TimedOut,
)
from wildfirechat_message._calls import Operation
from wildfirechat_message._errors import Pending

from slow_server import slow_server

TEXT = MessagePayload.text("hi")
TO_U1 = Conversation.single("u1")
GROUP = Conversation.group("g1")

on_posix = pytest.mark.skipif(os.name != "posix", reason="the signals of this system cannot be sent from here")


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[MessageClient]:
    options = ClientOptions(total_timeout=datetime.timedelta(seconds=5))
    with MessageClient(sandbox.base_url, sandbox.secret, options) as client:
        yield client


@pytest.fixture
def cancelled(monkeypatch: pytest.MonkeyPatch) -> list[Interrupted]:
    """What ending the waiting calls told."""
    told: list[Interrupted] = []
    cancel = Operation._cancelled

    def watched(*arguments: Any) -> Optional[Interrupted]:
        fate = cancel(*arguments)
        if fate is not None:
            told.append(fate)
        return fate

    monkeypatch.setattr(Operation, "_cancelled", watched)
    return told


class Signal:
    """Sends a signal to this process after a while, and knows when."""

    def __init__(self, number: int, after: float) -> None:
        self.number = number
        self.sent_at = 0.0
        self.timer = threading.Timer(after, self.send)
        self.timer.start()

    def send(self) -> None:
        self.sent_at = time.monotonic()
        os.kill(os.getpid(), self.number)

    def __enter__(self) -> Signal:
        return self

    def __exit__(self, *_: object) -> None:
        self.timer.join()


SENT = {"messageUid": 588582842607370241, "timestamp": 5}
RECALLED = json.dumps({"s": "u1", "ts": 5, "t": 1, "sc": "hi"})
LATE_ANSWERS: list[tuple[Any, Callable[[MessageClient], Any], Any]] = [
    (SENT, lambda client: client.send_message("admin", TO_U1, TEXT), SentMessage(588582842607370241, 5)),
    (SENT, lambda client: client.multicast_message("admin", ["u1"], TEXT), SentMessage(588582842607370241, 5)),
    ({"messageUid": 7, "count": 3}, lambda client: client.broadcast_message("admin", TEXT), BroadcastMessage(7, 3)),
    (
        RECALLED,
        lambda client: client.recall_message("admin", 7),
        RecalledMessage("u1", 5, 1, "hi", "", "", b"", 0, ""),
    ),
    ("", lambda client: client.recall_message("admin", 7), None),
    ({"messageId": 7, "sender": "u1"}, lambda client: client.get_message(7).sender, "u1"),
    ({"messageId": 7, "sender": "u1"}, lambda client: getattr(client.find_message(7), "sender", None), "u1"),
    ({"timestamp": 9}, lambda client: client.get_conversation_read_timestamp("u1", GROUP), 9),
    ({"timestamp": 9}, lambda client: client.get_delivery_timestamp("u1"), 9),
    (None, lambda client: client.update_message(7, TEXT), None),
    (None, lambda client: client.import_messages([ImportedMessage("u1", GROUP, TEXT, 5)]), None),
]


@pytest.mark.parametrize(("result", "call", "expected"), LATE_ANSWERS)
def test_a_late_answer_arrives(result: Any, call: Callable[[MessageClient], Any], expected: Any) -> None:
    with slow_server(result) as url, MessageClient(url, "123456") as client:
        assert call(client) == expected


def test_a_late_error_arrives_without_a_trace_of_the_waiting(sandbox: Sandbox) -> None:
    options = ClientOptions(read_timeout=datetime.timedelta(seconds=0.3))
    sandbox.fail_next(Fault.NEVER_ANSWER)
    with MessageClient(sandbox.base_url, sandbox.secret, options) as client, pytest.raises(TimedOut) as info:
        client.send_message("admin", TO_U1, TEXT)
    assert datetime.timedelta(seconds=0.3) <= info.value.elapsed < datetime.timedelta(seconds=2)
    assert info.value.__context__ is None or not isinstance(info.value.__context__, Pending)
    assert info.value.__cause__ is None


@on_posix
def test_ctrl_c_ends_a_waiting_call_within_200_ms(sandbox: Sandbox, client: MessageClient) -> None:
    delays = []
    for after in (0.03, 0.13, 0.21, 0.28, 0.35):
        sandbox.fail_next(Fault.NEVER_ANSWER)
        with pytest.raises(KeyboardInterrupt), Signal(signal.SIGINT, after) as ctrl_c:
            client.get_message(1)
        delays.append(time.monotonic() - ctrl_c.sent_at)
    assert statistics.median(delays) < 0.2


@on_posix
def test_its_cause_tells_that_the_request_had_left(
    sandbox: Sandbox, client: MessageClient, cancelled: list[Interrupted]
) -> None:
    sandbox.fail_next(Fault.NEVER_ANSWER)
    with pytest.raises(KeyboardInterrupt) as info, Signal(signal.SIGINT, 0.25):
        client.send_message("admin", TO_U1, TEXT)
    interrupted = info.value.__cause__
    assert isinstance(interrupted, Interrupted)
    assert (interrupted.endpoint, interrupted.sent, interrupted.may_have_executed) == ("message/send", True, True)
    assert cancelled == [interrupted]


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port whose queue is full: nobody gets a connection, and nobody is refused."""
    with contextlib.ExitStack() as sockets:
        deaf = sockets.enter_context(socket.socket())
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(4):
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        yield deaf.getsockname()[1]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse where the queue is full")
def test_its_cause_tells_that_nothing_had_left(deaf_port: int, cancelled: list[Interrupted]) -> None:
    client = MessageClient(f"http://127.0.0.1:{deaf_port}", "123456")
    with pytest.raises(KeyboardInterrupt), Signal(signal.SIGINT, 0.25):
        client.send_message("admin", TO_U1, TEXT)
    assert [(interrupted.sent, interrupted.may_have_executed) for interrupted in cancelled] == [(False, False)]


def interrupt(call: Callable[[], object], after: float = 0.25) -> tuple[Interrupted, float]:
    """Ends a call by Ctrl-C: what its end told, and how many seconds it took to end."""
    with pytest.raises(KeyboardInterrupt) as info, Signal(signal.SIGINT, after) as ctrl_c:
        call()
    delay = time.monotonic() - ctrl_c.sent_at
    assert isinstance(info.value.__cause__, Interrupted)
    return info.value.__cause__, delay


@on_posix
def test_a_call_that_pauses_before_its_next_attempt_ends_and_makes_none(sandbox: Sandbox) -> None:
    # Of the client's own pauses chance takes a part; this one is long for sure.
    sandbox.fail_next(Fault.TOO_MANY_REQUESTS, times=9, delay=datetime.timedelta(seconds=1))
    with MessageClient(sandbox.base_url, sandbox.secret) as client:
        ends = [interrupt(lambda: client.send_message("admin", TO_U1, TEXT), after) for after in (0.05, 0.13, 0.28)]
        time.sleep(1.3)
        assert len(sandbox.requests()) == len(ends), "each had made one attempt, and none makes another"
    for interrupted, _ in ends:
        assert (interrupted.sent, interrupted.may_have_executed, interrupted.attempts) == (False, False, 1)
    assert statistics.median(delay for _, delay in ends) < 0.2
    assert sandbox.messages_with_text("hi") == []


@on_posix
def test_a_call_that_waits_for_its_turn_ends_and_is_not_sent(sandbox: Sandbox) -> None:
    with MessageClient(sandbox.base_url, sandbox.secret, ClientOptions(rate_limit=1)) as client:
        client.get_delivery_timestamp("u1")
        interrupted, delay = interrupt(lambda: client.send_message("admin", TO_U1, TEXT))
        time.sleep(1.2)
    assert delay < 0.2
    assert (interrupted.sent, interrupted.may_have_executed, interrupted.attempts) == (False, False, 0)
    assert len(sandbox.requests()) == 1


@on_posix
def test_a_doubt_about_an_earlier_attempt_is_told_although_the_call_pauses(sandbox: Sandbox) -> None:
    pause = datetime.timedelta(seconds=4)
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING, times=9)
    options = ClientOptions(max_attempts=9, retry_pause=pause, retry_pause_max=pause)
    with MessageClient(sandbox.base_url, sandbox.secret, options) as client:
        interrupted, _ = interrupt(lambda: client.recall_message("admin", 1))
    assert (interrupted.sent, interrupted.may_have_executed) == (True, True)
    assert interrupted.attempts == len(sandbox.requests()) >= 1


@on_posix
def test_no_interrupted_call_is_left_behind(
    sandbox: Sandbox, client: MessageClient, cancelled: list[Interrupted]
) -> None:
    # The moments are spread over several slices: also the first one, whose ticket nobody has seen yet.
    moments = [0.02 + 0.037 * number for number in range(10)]
    for after in moments:
        sandbox.fail_next(Fault.NEVER_ANSWER)
        with pytest.raises(KeyboardInterrupt), Signal(signal.SIGINT, after):
            client.get_message(1)
    assert len(cancelled) == len(moments)
    assert client.find_message(1) is None


class Deadline(Exception):
    """What an application's own signal handler raises."""


@on_posix
def test_the_exception_of_another_signal_ends_the_call_too(
    sandbox: Sandbox, client: MessageClient, cancelled: list[Interrupted]
) -> None:
    def give_up(*_: object) -> None:
        raise Deadline("the application's own") from ZeroDivisionError()

    before = signal.signal(signal.SIGALRM, give_up)
    try:
        sandbox.fail_next(Fault.NEVER_ANSWER)
        with pytest.raises(Deadline) as info, Signal(signal.SIGALRM, 0.25):
            client.send_message("admin", TO_U1, TEXT)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert isinstance(info.value.__cause__, ZeroDivisionError)
    assert len(cancelled) == 1


@on_posix
def test_a_signal_whose_handler_goes_on_does_not_end_the_call() -> None:
    seen = []
    before = signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
    try:
        with slow_server(SENT) as url, MessageClient(url, "123456") as client, Signal(signal.SIGALRM, 0.15):
            assert client.send_message("admin", TO_U1, TEXT).message_uid == SENT["messageUid"]
    finally:
        signal.signal(signal.SIGALRM, before)
    assert seen == [1]


@on_posix
def test_ctrl_c_leaves_the_calls_of_other_threads_alone() -> None:
    answers = []
    with slow_server(SENT, 0.6) as url, MessageClient(url, "123456") as client:
        other = threading.Thread(target=lambda: answers.append(client.send_message("admin", TO_U1, TEXT)))
        other.start()
        with pytest.raises(KeyboardInterrupt), Signal(signal.SIGINT, 0.25):
            client.get_message(1)
        other.join(10)
    assert [answer.message_uid for answer in answers] == [SENT["messageUid"]]


def test_a_client_may_be_closed_under_a_waiting_call() -> None:
    answers = []
    with slow_server(SENT) as url:
        client = MessageClient(url, "123456")
        waiting = threading.Thread(target=lambda: answers.append(client.send_message("admin", TO_U1, TEXT)))
        waiting.start()
        time.sleep(0.15)
        client.close()
        waiting.join(10)
    assert [answer.message_uid for answer in answers] == [SENT["messageUid"]]


def test_the_end_of_a_server_ends_the_waiting(sandbox: Sandbox, client: MessageClient) -> None:
    sandbox.fail_next(Fault.NEVER_ANSWER)
    threading.Timer(0.25, sandbox.stop).start()
    with pytest.raises(Exception, match=r"message/get_one: .* lost") as info:
        client.get_message(1)
    assert not isinstance(info.value, (TimedOut, Rejected))


PROGRAM = """
from wildfirechat_message import *
with Sandbox() as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
    sandbox.fail_next(Fault.NEVER_ANSWER)
    print("waiting", flush=True)
    client.send_message("admin", Conversation.single("u1"), MessagePayload.text("hi"))
"""


@on_posix
def test_a_program_ends_on_ctrl_c_and_says_what_was_under_way() -> None:
    program = subprocess.Popen(
        [sys.executable, "-I", "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == "waiting\n"
        time.sleep(0.3)
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=10)
    finally:
        program.kill()
    assert program.returncode == -signal.SIGINT
    assert errors.splitlines()[-1] == "KeyboardInterrupt"
    text = "interrupted after the request was sent; the server may have executed the request"
    assert f"Interrupted: message/send: {text}" in errors
