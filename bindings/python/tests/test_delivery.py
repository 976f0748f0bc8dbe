"""The oracle: what a call reports about its message is what happened to it, whatever the server and the network do.

For every fault, threads send messages over one client, each with a text of its own, while requests meet the fault by
chance. The sandbox then tells how often each was executed. `WILDFIRECHAT_ORACLE_CALLS` makes more of them, and
`WILDFIRECHAT_ORACLE_SEED` draws other faults.
"""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import datetime
import os
import time
from collections.abc import Iterable
from typing import Callable, Optional

import pytest

from wildfirechat_message import (
    ClientOptions,
    ConnectionLost,
    Conversation,
    Fault,
    MessageClient,
    MessageError,
    MessagePayload,
    Sandbox,
    SentMessage,
)

CALLS = int(os.environ.get("WILDFIRECHAT_ORACLE_CALLS", "630"))
SEED = int(os.environ.get("WILDFIRECHAT_ORACLE_SEED", "20261124"))
THREADS = 8

# One within the read time-out, one beyond it: then a message may be executed after its call has failed.
DELAYS = [datetime.timedelta(milliseconds=10), datetime.timedelta(milliseconds=250)]
OPTIONS = ClientOptions(
    read_timeout=datetime.timedelta(milliseconds=150),
    total_timeout=datetime.timedelta(milliseconds=600),
    retry_pause=datetime.timedelta(milliseconds=1),
    max_response_bytes=4096,
)

SUCCEEDED, NOT_EXECUTED, UNKNOWN = "succeeded", "failed-not-executed", "failed-unknown"

Send = Callable[[MessageClient, str], SentMessage]


@dataclasses.dataclass
class Call:
    """A call, what it said, and what became of its message."""

    text: str
    outcome: str
    uid: Optional[int] = None
    executed: list[int] = dataclasses.field(default_factory=list)


def send(client: MessageClient, text: str) -> SentMessage:
    return client.send_message("admin", Conversation.single("u1"), MessagePayload.text(text))


def send_carelessly(client: MessageClient, text: str) -> SentMessage:
    """As many applications do it: the connection was lost, so send it again."""
    for _ in range(10):
        try:
            return send(client, text)
        except ConnectionLost:
            continue
    return send(client, text)


def outcome_of(send: Send, client: MessageClient, text: str) -> Call:
    try:
        return Call(text, SUCCEEDED, send(client, text).message_uid)
    except MessageError as error:
        return Call(text, UNKNOWN if error.may_have_executed else NOT_EXECUTED)


class Trial:
    """Calls under one fault, with a sandbox and a client of their own."""

    def __init__(self, fault: Fault, calls: int, seed: int, send: Send) -> None:
        self.fault = fault
        self.calls: list[Call] = []
        self.sandbox = Sandbox(rate_limit=0)
        self.met = 0
        client = MessageClient(self.sandbox.base_url, self.sandbox.secret, OPTIONS)
        with client, concurrent.futures.ThreadPoolExecutor(THREADS) as threads:
            for number, delay in enumerate(DELAYS):
                self.sandbox.fail_randomly([fault], 0.5, seed + number, "message/send", delay)
                texts = [f"{fault.name} {number} {index}" for index in range(calls // len(DELAYS))]
                self.calls += threads.map(lambda text: outcome_of(send, client, text), texts)

    def ask_the_sandbox(self) -> None:
        self.met = sum(request.fault is self.fault for request in self.sandbox.requests())
        for call in self.calls:
            call.executed = self.sandbox.messages_with_text(call.text)
        self.sandbox.stop()

    def violations(self) -> list[str]:
        return [f"{self.fault.name}: {wrong}" for wrong in map(violation, self.calls) if wrong]

    def row(self) -> list[str]:
        return row_of(self.fault.name.lower(), self.calls)


def try_out(faults: Iterable[Fault], calls: int, send: Send) -> list[Trial]:
    trials = [Trial(fault, calls, SEED + 1000 * number, send) for number, fault in enumerate(faults)]
    # Until what a server executes late is executed.
    time.sleep(2 * max(DELAYS).total_seconds())
    for trial in trials:
        trial.ask_the_sandbox()
    return trials


def violation(call: Call) -> Optional[str]:
    """What is wrong with a call, if something is."""
    allowed = {SUCCEEDED: [1], NOT_EXECUTED: [0], UNKNOWN: [0, 1]}[call.outcome]
    if len(call.executed) not in allowed:
        return f"{call.text!r} {call.outcome}, and was executed {len(call.executed)} times"
    if call.uid is not None and call.executed != [call.uid]:
        return f"{call.text!r} has uid {call.executed}, and its call said {call.uid}"
    return None


def row_of(name: str, calls: list[Call]) -> list[str]:
    counts = collections.Counter(call.outcome for call in calls)
    executed = sum(len(call.executed) for call in calls if call.outcome == UNKNOWN)
    return [name, *map(str, [len(calls), *(counts[each] for each in (SUCCEEDED, NOT_EXECUTED, UNKNOWN)), executed])]


def table(trials: list[Trial]) -> list[str]:
    head = ["fault", "calls", SUCCEEDED, NOT_EXECUTED, UNKNOWN, "of which executed"]
    total = row_of("all", [call for trial in trials for call in trial.calls])
    rows = [head, *(trial.row() for trial in trials), total]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return [
        " | ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))])
        for row in rows
    ]


@pytest.mark.limit(120 + CALLS / 5)
def test_no_call_says_of_its_message_what_is_not_so(capsys: pytest.CaptureFixture[str]) -> None:
    trials = try_out(Fault, max(CALLS // len(Fault), 2), send)
    violations = [each for trial in trials for each in trial.violations()]
    with capsys.disabled():
        print(f"\noracle: seed {SEED}, {THREADS} threads, {len(violations)} violations")
        for line in table(trials):
            print(f"oracle: {line}")
    assert violations == []
    assert [trial.fault.name for trial in trials if not trial.met] == [], "these struck nobody: nothing was tried"
    outcomes = {call.outcome for trial in trials for call in trial.calls}
    assert outcomes == {SUCCEEDED, NOT_EXECUTED, UNKNOWN}


def test_the_oracle_catches_who_sends_again_what_may_have_arrived() -> None:
    (careful,) = try_out([Fault.RESET_AFTER_EXECUTING], 40, send)
    (careless,) = try_out([Fault.RESET_AFTER_EXECUTING], 40, send_carelessly)
    assert careful.violations() == []
    assert len(careless.violations()) > 0
    assert all("executed" in each and each.endswith(" times") for each in careless.violations())


@pytest.mark.parametrize(
    ("outcome", "executed", "right"),
    [
        (SUCCEEDED, [], False),
        (SUCCEEDED, [7], True),
        (SUCCEEDED, [8], False),
        (SUCCEEDED, [7, 8], False),
        (NOT_EXECUTED, [], True),
        (NOT_EXECUTED, [7], False),
        (UNKNOWN, [], True),
        (UNKNOWN, [7], True),
        (UNKNOWN, [7, 8], False),
    ],
)
def test_the_oracle_tells_right_from_wrong(outcome: str, executed: list[int], right: bool) -> None:
    call = Call("hi", outcome, 7 if outcome == SUCCEEDED else None, executed)
    assert (violation(call) is None) is right
