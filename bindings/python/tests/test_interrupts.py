"""An interrupt never loses an outcome and is never lost, at whatever moment it arrives.

What comes out is the caller's own exception. It says what is known of the call, which is what the sandbox counted; and
nothing goes out afterwards.
"""

from __future__ import annotations

import contextlib
import datetime
import itertools
import os
import pickle
import signal
import statistics
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Callable, Optional

import pytest
from test_conformance import arguments_of, cases

from wildfirechat_message import (
    Conversation,
    Fault,
    Interrupted,
    MessageClient,
    MessageError,
    MessagePayload,
    Rejected,
    Sandbox,
    SendRequest,
    SentMessage,
    _client,
    _endpoints,
)

from moments import Moments, Second, Stop, alarm_raises, traced_once
from slow_server import slow_server

TO_U1 = Conversation.single("u1")
TEXT = MessagePayload.text("hi")

# Where an exception comes between making the outcomes and asking for them.
pytestmark = pytest.mark.filterwarnings("ignore:the outcomes of send_each were never iterated")

on_posix = pytest.mark.skipif(os.name != "posix", reason="the signals of this system cannot be sent from here")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(rate_limit=0) as sandbox:
        yield sandbox


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> Iterator[MessageClient]:
    """A client that looks for signals so often that a short call waits several times."""
    monkeypatch.setattr(_client, "_WAIT", datetime.timedelta(milliseconds=2))
    with MessageClient(sandbox.base_url, sandbox.secret) as client:
        yield client


def known(stop: BaseException) -> Optional[Interrupted]:
    """What an exception says of the call, or the one before it does."""
    first = stop.__context__ if isinstance(stop, Second) else None
    return Interrupted.of(stop) or (Interrupted.of(first) if isinstance(first, Stop) else None)


class Witness:
    """Sends one message after the other, and holds what is said of each against what the sandbox counted."""

    def __init__(self, sandbox: Sandbox, client: MessageClient) -> None:
        self.sandbox, self.client = sandbox, client
        self.numbers = itertools.count()
        self.text = ""
        self.unknown = 0

    def send(self) -> Any:
        return self.client.send_message("admin", TO_U1, MessagePayload.text(self.text))

    def next(self) -> Callable[[], Any]:
        self.text = f"message {next(self.numbers)}"
        return self.send

    def executed(self) -> list[int]:
        return self.sandbox.messages_with_text(self.text)

    def judge(self, stop: BaseException, where: str) -> None:
        fate = known(stop)
        executed = self.executed()
        if fate is None:
            # It had not begun, or its error was about to be raised.
            assert executed == [] or isinstance(stop.__context__, MessageError), where
            return
        if not fate.sent:
            assert executed == [], where
        elif fate.outcomes:
            (outcome,) = fate.outcomes
            assert outcome.message_uid == executed[0], where
            assert str(executed[0]) in str(fate), where
        else:
            self.unknown += 1
        assert fate.may_have_executed is fate.sent


def moments_of(function: Callable[[], Any]) -> int:
    """How many moments a call has. Only the second call is like all others."""
    traced_once(function)
    moments = Moments(None)
    moments.call(function)
    return moments.passed


def test_an_exception_at_any_step_of_a_quick_call_says_what_became_of_it(
    sandbox: Sandbox, client: MessageClient
) -> None:
    witness = Witness(sandbox, client)
    count = moments_of(witness.next())
    finished = 0
    for at in range(count):
        moments = Moments(at)
        with pytest.raises(Stop) as info:
            moments.call(witness.next())
        witness.judge(info.value, moments.where)
        finished += bool(witness.executed())
    assert witness.unknown == 0, "each was through or had not begun"
    assert 10 < finished < count


def stopped(moments: Moments, function: Callable[[], Any]) -> Optional[Stop]:
    """What a call is ended by; None where it was through before: calls that wait have no fixed number of moments."""
    try:
        moments.call(function)
    except Stop as stop:
        return stop
    return None


def test_an_exception_at_any_step_of_a_call_that_waits_says_what_became_of_it(
    sandbox: Sandbox, impatient: MessageClient
) -> None:
    witness = Witness(sandbox, impatient)
    sandbox.fail_next(Fault.DELAY_AFTER_EXECUTING, times=10_000, delay=0.005)
    count = moments_of(witness.next())
    finished = 0
    for at in range(count):
        moments = Moments(at)
        stop = stopped(moments, witness.next())
        if stop is not None:
            witness.judge(stop, moments.where)
            finished += bool(Interrupted.of(stop)) and bool(witness.executed())
    assert witness.unknown > 20
    assert finished > 20
    assert nothing_follows(sandbox)


def test_a_second_exception_at_any_step_of_the_giving_up_loses_nothing(
    sandbox: Sandbox, impatient: MessageClient
) -> None:
    witness = Witness(sandbox, impatient)
    sandbox.fail_next(Fault.DELAY_AFTER_EXECUTING, times=10_000, delay=0.005)
    count = moments_of(witness.next())
    twice = 0
    for at in range(count // 4, count, 97):
        for second in itertools.count(at % 3, 3):
            moments = Moments(at, second)
            stop = stopped(moments, witness.next())
            if stop is not None:
                witness.judge(stop, moments.where)
            if not isinstance(stop, Second):
                break
            twice += Interrupted.of(stop) is not None
    assert twice > 30
    assert nothing_follows(sandbox)


def nothing_follows(sandbox: Sandbox) -> bool:
    # Until what had left has arrived.
    time.sleep(0.2)
    arrived = len(sandbox.requests())
    time.sleep(0.3)
    return len(sandbox.requests()) == arrived


def test_an_exception_at_any_step_of_a_refused_call_comes_out_and_says_so(client: MessageClient) -> None:
    def refused() -> Any:
        return client.get_message(7)

    count = moments_of_failure(refused)
    known = 0
    for at in range(count):
        moments = Moments(at)
        with pytest.raises(Stop) as info:
            moments.call(refused)
        fate = Interrupted.of(info.value)
        if fate is not None and fate.outcomes:
            (outcome,) = fate.outcomes
            assert isinstance(outcome, Rejected), moments.where
            assert (fate.__cause__, fate.sent, fate.attempts) == (outcome, False, 1)
            known += 1
    assert known > 10


def moments_of_failure(function: Callable[[], Any]) -> int:
    for _ in range(2):
        moments = Moments(None)
        with pytest.raises(MessageError):
            moments.call(function)
    return moments.passed


@on_posix
@pytest.mark.parametrize("delay", [0.0, 0.02], ids=["quick", "waiting"])
def test_a_signal_at_any_moment_of_a_call_says_what_became_of_it(
    sandbox: Sandbox, impatient: MessageClient, delay: float
) -> None:
    witness = Witness(sandbox, impatient)
    if delay:
        sandbox.fail_next(Fault.DELAY_AFTER_EXECUTING, times=1_000, delay=delay)
    takes = statistics.median(seconds_of(witness.next()) for _ in range(20))
    stopped = 0
    with alarm_raises() as alarm:
        for step in range(1, 301):
            call, sent = witness.next(), None
            try:
                alarm(takes * step / 300)
                sent = call()
                alarm(0)
            except Stop as stop:
                if sent is None:
                    witness.judge(stop, f"after {step}/300 of a call")
                    stopped += 1
    assert stopped > 100
    assert nothing_follows(sandbox)


def seconds_of(function: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def test_an_exception_at_any_step_of_an_upload_says_what_became_of_it(sandbox: Sandbox, client: MessageClient) -> None:
    names = (f"file {number}" for number in itertools.count())
    url = client.upload(next(names), b"octets", 0)
    assert url
    finished = 0
    for at in itertools.count(0, 2):
        name = next(names)
        moments = Moments(at)
        stop = stopped(moments, partial(client.upload, name, b"octets", 0))
        if stop is None:
            break
        fate = known(stop)
        stored = [file for file in sandbox.files() if file.file_name == name]
        if fate is not None and fate.outcomes:
            assert isinstance(fate.outcomes[0], str), moments.where
            assert len(stored) == 1, moments.where
            finished += 1
    assert finished > 5


ENDPOINTS = {
    name.partition(".")[2]: endpoint
    for name, endpoint in _endpoints.ENDPOINTS.items()
    if name.startswith("NativeMessageClient.")
}


def calling(name: str, given: dict[str, Any]) -> Callable[[MessageClient], object]:
    arguments = arguments_of(getattr(MessageClient, name), given)
    return lambda client: getattr(client, name)(**arguments)


def calls() -> dict[str, Callable[[MessageClient], object]]:
    """Each method with the arguments of the first conformance case in which it succeeds."""
    found: dict[str, Callable[[MessageClient], object]] = {}
    for case in cases:
        if case["method"] in ENDPOINTS and "sender" not in case and "error" not in case:
            found.setdefault(case["method"], calling(case["method"], case["arguments"]))
    return found


CALLS = calls()


def test_each_method_has_its_endpoint_here() -> None:
    assert CALLS.keys() == ENDPOINTS.keys()


@pytest.mark.parametrize("name", sorted(CALLS))
def test_what_is_said_of_each_method_names_its_endpoint_and_has_its_outcome(
    sandbox: Sandbox, client: MessageClient, name: str
) -> None:
    call = CALLS[name]
    outcome: Any = None
    with contextlib.suppress(MessageError):
        outcome = call(client)
    (request,) = sandbox.requests()
    assert request.path == f"/admin/{ENDPOINTS[name]}"
    with contextlib.suppress(MessageError):
        traced_once(lambda: call(client))
    finished = None
    for at in itertools.count():
        stop = None
        with contextlib.suppress(MessageError):
            stop = stopped(Moments(at), lambda: call(client))
        if stop is None:
            break
        fate = Interrupted.of(stop)
        if fate is not None:
            assert fate.endpoint == ENDPOINTS[name]
            finished = fate.outcomes[0] if fate.outcomes else finished
    assert type(finished) is type(outcome) or isinstance(finished, MessageError)


@on_posix
def test_ctrl_c_as_the_answer_returns_names_the_message(sandbox: Sandbox, client: MessageClient) -> None:
    sandbox.fail_next(Fault.DELAY_AFTER_EXECUTING, delay=0.06)
    threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT)).start()

    def send() -> None:
        client.send_message("admin", TO_U1, MessagePayload.text("once"))
        time.sleep(1)

    with pytest.raises(KeyboardInterrupt) as info:
        send()
    fate = info.value.__cause__
    (uid,) = sandbox.messages_with_text("once")
    assert isinstance(fate, Interrupted)
    assert (fate.sent, fate.may_have_executed, [each.message_uid for each in fate.outcomes]) == (True, True, [uid])
    executed = f"the request was executed as message {uid}"
    assert str(fate) == f"message/send: interrupted when the answer had already arrived; {executed}"
    again = pickle.loads(pickle.dumps(fate))
    assert (str(again), again.outcomes) == (str(fate), fate.outcomes)


@on_posix
def test_ctrl_c_as_a_refusal_returns_is_not_swallowed(sandbox: Sandbox) -> None:
    with slow_server(None, 0.06, code=251) as url, MessageClient(url, sandbox.secret) as slow:
        threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT)).start()
        # A Rejected would be the Ctrl-C swallowed.
        with pytest.raises(KeyboardInterrupt) as info:
            slow.send_message("admin", TO_U1, MessagePayload.text("x"))
    fate = info.value.__cause__
    assert isinstance(fate, Interrupted)
    assert (fate.sent, [type(each) for each in fate.outcomes]) == (False, [Rejected])
    assert fate.__cause__ is fate.outcomes[0]


class Bulks:
    """Sends a few messages at once, again and again, and holds what is said of each against the sandbox."""

    def __init__(self, sandbox: Sandbox, client: MessageClient) -> None:
        self.sandbox, self.client = sandbox, client
        self.numbers = itertools.count()
        self.texts: list[str] = []
        self.given: list[Any] = []
        self.known = 0

    def next(self, kind: str) -> Callable[[], Any]:
        number = next(self.numbers)
        self.texts = [f"message {number}.{each}" for each in range(4)]
        self.given = []
        requests = [SendRequest("admin", TO_U1, MessagePayload.text(text)) for text in self.texts]

        def each() -> None:
            # A loop in C: it has an outcome in the same step in which it is given.
            self.given.extend(self.client.send_each(iter(requests)))

        return each if kind == "each" else lambda: self.client.send_messages(requests)

    def judge(self, stop: BaseException, where: str) -> None:
        fate = known(stop)
        outcomes = self.given + (fate.outcomes if fate else [])
        assert len(outcomes) <= len(self.texts), where
        for text, outcome in itertools.zip_longest(self.texts, outcomes):
            executed = self.sandbox.messages_with_text(text)
            if isinstance(outcome, SentMessage):
                assert executed == [outcome.message_uid], where
                self.known += 1
            elif outcome is None or not outcome.may_have_executed:
                assert executed == [], where


@pytest.mark.parametrize("kind", ["all", "each"])
def test_an_exception_at_any_step_of_a_bulk_says_what_became_of_each_message(
    sandbox: Sandbox, client: MessageClient, kind: str
) -> None:
    bulks = Bulks(sandbox, client)
    count = moments_of(bulks.next(kind))
    for at in range(0, count, 2):
        moments = Moments(at)
        stop = stopped(moments, bulks.next(kind))
        if stop is not None:
            bulks.judge(stop, moments.where)
    assert bulks.known > 100
    assert nothing_follows(sandbox)


@pytest.mark.parametrize("kind", ["all", "each"])
def test_a_second_exception_at_any_step_of_the_giving_up_of_a_bulk_loses_nothing(
    sandbox: Sandbox, client: MessageClient, kind: str
) -> None:
    bulks = Bulks(sandbox, client)
    count = moments_of(bulks.next(kind))
    twice = 0
    for at in range(count // 3, count, count // 4):
        for second in itertools.count(at % 7, 7):
            moments = Moments(at, second)
            stop = stopped(moments, bulks.next(kind))
            if stop is not None:
                bulks.judge(stop, moments.where)
            if not isinstance(stop, Second):
                break
            twice += Interrupted.of(stop) is not None
    assert twice > 20
    assert nothing_follows(sandbox)


@on_posix
@pytest.mark.parametrize("kind", ["all", "each"])
def test_a_signal_at_any_moment_of_a_bulk_says_what_became_of_each_message(
    sandbox: Sandbox, client: MessageClient, kind: str
) -> None:
    bulks = Bulks(sandbox, client)
    takes = statistics.median(seconds_of(bulks.next(kind)) for _ in range(20))
    stops = 0
    with alarm_raises() as alarm:
        for step in range(1, 301):
            send = bulks.next(kind)
            try:
                alarm(takes * step / 300)
                send()
                alarm(0)
            except Stop as stop:
                if stop.__traceback__ is not None and Interrupted.of(stop) is not None:
                    bulks.judge(stop, f"after {step}/300 of a bulk")
                    stops += 1
    assert stops > 50
    assert nothing_follows(sandbox)
