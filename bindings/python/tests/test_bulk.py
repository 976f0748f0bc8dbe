"""Many messages in one call: each is sent once, in order, and has an outcome, whenever the call is ended."""

from __future__ import annotations

import collections
import collections.abc
import dataclasses
import datetime
import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, Callable, Union

import pytest

from wildfirechat_message import (
    BulkOptions,
    BulkProgress,
    ClientOptions,
    Conversation,
    Fault,
    Interrupted,
    InvalidArgument,
    MessageClient,
    MessageError,
    MessagePayload,
    Sandbox,
    SendRequest,
    SentMessage,
    StopOn,
    WaitingFor,
    _bulk,
)
from wildfirechat_message._bridge import native

from moments import Stop, alarm_raises
from processes import run

Outcome = Union[SentMessage, MessageError]

on_posix = pytest.mark.skipif(os.name != "posix", reason="the signals of this system cannot be sent from here")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(rate_limit=0) as sandbox:
        yield sandbox


def message(number: int) -> SendRequest:
    """Those of a conversation would go one after the other."""
    return SendRequest("admin", Conversation.single(f"u{number % 64}"), MessagePayload.text(f"message {number}"))


def messages(count: int) -> list[SendRequest]:
    return [message(number) for number in range(count)]


def sent(outcomes: Iterable[Outcome]) -> list[SentMessage]:
    return [outcome for outcome in outcomes if isinstance(outcome, SentMessage)]


def failures(outcomes: Iterable[Outcome]) -> list[MessageError]:
    return [outcome for outcome in outcomes if isinstance(outcome, MessageError)]


def unknown(outcomes: Iterable[Outcome]) -> list[MessageError]:
    return [error for error in failures(outcomes) if error.may_have_executed]


def stays_as_it_is(sandbox: Sandbox) -> bool:
    # Until what had left has arrived.
    time.sleep(0.2)
    arrived = len(sandbox.requests())
    time.sleep(0.2)
    return len(sandbox.requests()) == arrived


@pytest.mark.parametrize(
    ("send", "count"),
    [
        (lambda client, requests: client.send_messages(requests), 3000),
        (lambda client, requests: client.send_messages(iter(requests)), 700),
        (lambda client, requests: list(client.send_each(tuple(requests))), 700),
    ],
    ids=["a list", "an iterator", "each"],
)
def test_every_message_is_sent_once_and_the_outcomes_have_the_order_of_the_requests(
    sandbox: Sandbox, client: MessageClient, send: Callable[[MessageClient, Any], list[Outcome]], count: int
) -> None:
    outcomes = send(client, messages(count))
    assert len(outcomes) == count
    for number, outcome in enumerate(outcomes):
        assert isinstance(outcome, SentMessage)
        assert outcome.timestamp > 1_500_000_000_000
        assert sandbox.messages_with_text(f"message {number}") == [outcome.message_uid]


def test_no_messages_have_no_outcomes(sandbox: Sandbox, client: MessageClient) -> None:
    assert client.send_messages([]) == []
    assert list(client.send_each(iter(()))) == []
    assert sandbox.requests() == []


def test_requests_arrive_with_all_they_have(sandbox: Sandbox, client: MessageClient) -> None:
    payload = MessagePayload(1, "é" * 300, data=bytes(range(256)) * 40, mentioned_targets=["u2"], extra="x")
    (outcome,) = client.send_messages([SendRequest("ann", Conversation.group("g1", 2), payload, ["u2", "u3"], True)])
    assert isinstance(outcome, SentMessage)
    stored = client.get_message(outcome.message_uid)
    assert (stored.sender, stored.conversation, stored.payload) == ("ann", Conversation.group("g1", 2), payload)
    assert b'"toUsers":["u2","u3"]' in sandbox.requests()[0].body


def test_messages_that_can_never_be_sent_fail_alone(sandbox: Sandbox, client: MessageClient) -> None:
    requests = messages(600)
    requests[4].sender = ""
    requests[5].payload.searchable_content = "\ud800"
    requests[6].conversation = Conversation.single("u1", 1 << 31)
    outcomes = client.send_messages(requests)
    assert {
        number: str(outcome) for number, outcome in enumerate(outcomes) if not isinstance(outcome, SentMessage)
    } == {
        4: "invalid argument sender: it is empty",
        5: "invalid argument payload.searchable_content: it has a lone surrogate at index 0, which UTF-8 cannot hold",
        6: "invalid argument conversation.line: it does not fit into 32 bits",
    }
    assert len(sandbox.requests()) == 597


def test_what_cannot_cross_counts_as_a_failure(sandbox: Sandbox, client: MessageClient) -> None:
    requests = messages(9000)
    requests[300].sender = "\ud800"
    told: list[BulkProgress] = []
    # In any order: otherwise one in front may wait for its conversation when this one fails, and is not sent either.
    options = BulkOptions(stop_on=StopOn.FAILURE, any_order=True)
    outcomes = client.send_messages(requests, options, told.append)
    assert len(outcomes) == 9000
    assert str(outcomes[300]).startswith("invalid argument sender: it has a lone surrogate")
    assert 300 <= len(sent(outcomes)) < 8999
    assert told[-1].failed == 9000 - len(sent(outcomes))
    assert len(sandbox.message_uids()) == len(sent(outcomes))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "requests[300] must be SendRequest, not dict"),
        ({"payload": None}, "requests[300].payload must be MessagePayload, not None"),
        ({"is_user_message": 1}, "requests[300].is_user_message must be bool, not int"),
        ({"sender": b"admin"}, "requests[300].sender must be str, not bytes"),
    ],
)
def test_what_is_no_request_is_a_type_error_that_ends_it(
    sandbox: Sandbox, client: MessageClient, fields: dict[str, Any], words: str
) -> None:
    wrong: Any = dataclasses.replace(message(300), **fields) if fields else fields
    with pytest.raises(TypeError) as info:
        client.send_messages([*messages(300), wrong])
    assert words in str(info.value)
    cause = info.value.__cause__
    assert isinstance(cause, Interrupted)
    assert (
        len(sent(cause.outcomes))
        <= len(sandbox.message_uids())
        <= len(sent(cause.outcomes)) + len(unknown(cause.outcomes))
    )
    assert stays_as_it_is(sandbox)


def test_what_can_cross_in_another_form_does(client: MessageClient) -> None:
    request = message(1)
    request.payload.data = bytearray(b"123")  # type: ignore[assignment]
    request.to_users = {"u1"}  # type: ignore[assignment]
    (outcome,) = client.send_messages([request])
    assert isinstance(outcome, SentMessage)
    assert client.get_message(outcome.message_uid).payload.data == b"123"
    assert isinstance(request.to_users, set)


def test_arguments_that_can_never_work_are_refused_at_once(client: MessageClient) -> None:
    for send in (client.send_messages, client.send_each):
        with pytest.raises(InvalidArgument, match="concurrency: 0 is out of range: it must be from 1 to 1024"):
            send([], BulkOptions(concurrency=0))
        with pytest.raises(InvalidArgument, match="it is one str where a list of SendRequest is needed"):
            send("message")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="requests must be a list of SendRequest, not SendRequest"):
            send(message(1))  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="options must be BulkOptions, not ClientOptions"):
            send([], ClientOptions())  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"options\.stop_on must be StopOn, not int"):
            send([], BulkOptions(stop_on=1))  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"options\.any_order must be bool, not int"):
            send([], BulkOptions(any_order=1))  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"options\.patience must be .*timedelta.*, not str"):
            send([], BulkOptions(patience="1"))  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="progress must be a function, not int"):
            send([], None, 1)  # type: ignore[arg-type]


def test_outcomes_that_nobody_ever_asks_for_warn_at_the_line_that_let_them_go(
    sandbox: Sandbox, client: MessageClient
) -> None:
    words = "the outcomes of send_each were never iterated: nothing was sent"
    with pytest.warns(RuntimeWarning, match=f"^{words}$") as warned:
        client.send_each(messages(3))
    assert [each.filename for each in warned] == [__file__]
    outcomes = [client.send_each(iter(messages(3)))]
    with pytest.warns(RuntimeWarning, match=words) as warned:
        outcomes.clear()
    assert len(warned) == 1
    assert sandbox.requests() == []


def test_outcomes_that_somebody_asked_for_do_not_warn(client: MessageClient) -> None:
    uses: list[Callable[[Any], object]] = [list, next, lambda each: each.close(), iter, lambda each: each.send(None)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for use in uses:
            use(client.send_each(messages(3)))
            gc.collect()
        with pytest.raises(InvalidArgument):
            client.send_each(messages(3), BulkOptions(concurrency=0))
        gc.collect()


def test_outcomes_are_a_generator(client: MessageClient) -> None:
    outcomes = client.send_each(messages(5))
    assert isinstance(outcomes, collections.abc.Generator)
    assert isinstance(next(outcomes), SentMessage)
    assert isinstance(outcomes.send(None), SentMessage)
    assert len(list(outcomes)) == 3
    assert next(outcomes, None) is None
    outcomes = client.send_each(messages(5))
    next(outcomes)
    with pytest.raises(Stop) as info:
        outcomes.throw(Stop())
    assert len(getattr(info.value.__cause__, "outcomes", [])) == 4


NEVER_ITERATED = """
from wildfirechat_message import Conversation, MessageClient, MessagePayload, SendRequest
client = MessageClient("http://127.0.0.1:1", "123456")
client.send_each([SendRequest("a", Conversation.single("b"), MessagePayload.text("c"))])
"""


def test_tracemalloc_knows_where_outcomes_were_made() -> None:
    command = [sys.executable, "-I", "-X", "tracemalloc=3", "-c", NEVER_ITERATED]
    process = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "RuntimeWarning: the outcomes of send_each were never iterated: nothing was sent" in process.stderr
    assert "Object allocated at" in process.stderr


def test_a_closed_client_sends_nothing(client: MessageClient) -> None:
    under_way = client.send_each(messages(10))
    client.close()
    for send in (client.send_messages, client.send_each):
        with pytest.raises(RuntimeError, match="this MessageClient is closed"):
            send(messages(10))
    assert len(sent(under_way)) == 10


@pytest.mark.parametrize(
    ("stop_on", "fault", "stops"),
    [
        (None, Fault.CLOSE_AFTER_EXECUTING, False),
        (StopOn.UNKNOWN, Fault.AUTH_FAILURE, False),
        (StopOn.UNKNOWN, Fault.CLOSE_AFTER_EXECUTING, True),
        (StopOn.FAILURE, Fault.UNKNOWN_CODE, True),
    ],
)
def test_it_stops_on_what_it_is_told_to_stop_on(
    sandbox: Sandbox, client: MessageClient, stop_on: StopOn, fault: Fault, stops: bool
) -> None:
    sandbox.fail_next(fault)
    count = 9000 if stops else 500
    outcomes = client.send_messages(messages(count), BulkOptions(concurrency=4, stop_on=stop_on))
    not_begun = [each for each in failures(outcomes) if isinstance(each, Interrupted) and not each.sent]
    assert len(outcomes) == count
    assert len(sent(outcomes)) + len(not_begun) == count - 1
    assert bool(not_begun) is stops
    assert len(sandbox.message_uids()) == len(sent(outcomes)) + (fault is Fault.CLOSE_AFTER_EXECUTING)


def test_an_endless_source_is_left_alone_when_it_stops(client: MessageClient) -> None:
    def endless() -> Iterator[SendRequest]:
        number = 0
        while True:
            number += 1
            yield SendRequest("" if number == 1000 else "admin", Conversation.single("u1"), MessagePayload.text("hi"))

    outcomes = client.send_messages(endless(), BulkOptions(stop_on=StopOn.FAILURE))
    assert 1000 <= len(outcomes) < 20000


def test_progress_is_told_ten_times_a_second_at_the_most_and_at_the_end(client: MessageClient) -> None:
    told: list[BulkProgress] = []
    threads = set()

    def progress(each: BulkProgress) -> None:
        told.append(each)
        threads.add(threading.current_thread())

    requests = messages(60)
    requests[0].sender = ""
    begun = time.monotonic()
    client.send_messages(requests, BulkOptions(rate_limit=100), progress)
    most = (time.monotonic() - begun) * 10 + 1
    assert 3 <= len(told) <= most
    assert threads == {threading.current_thread()}
    last = told[-1]
    assert (last.sent, last.failed, last.unknown, last.total) == (59, 1, 0, 60)
    assert last.time_left == datetime.timedelta(0)
    assert told[1].rate > 10


def test_the_time_of_each_begins_with_its_turn(sandbox: Sandbox) -> None:
    options = ClientOptions(rate_limit=20, total_timeout=datetime.timedelta(seconds=0.5))
    with MessageClient(sandbox.base_url, sandbox.secret, options) as client:
        assert len(sent(client.send_messages(messages(40)))) == 40


@pytest.mark.parametrize("send", ["send_messages", "send_each"])
def test_messages_of_a_conversation_arrive_in_their_order(sandbox: Sandbox, client: MessageClient, send: str) -> None:
    requests = [
        SendRequest("admin", Conversation.group(f"g{number % 5}"), MessagePayload.text(f"message {number}"))
        for number in range(500)
    ]
    sandbox.fail_randomly([Fault.DELAY_BEFORE_READING], 0.3, 5, delay=datetime.timedelta(milliseconds=5))

    def out_of_order(options: BulkOptions) -> int:
        uids = [outcome.message_uid for outcome in sent(getattr(client, send)(requests, options))]
        assert len(uids) == 500
        return sum(uids[number] < uids[number - 5] for number in range(5, 500))

    assert out_of_order(BulkOptions()) == 0
    assert out_of_order(BulkOptions(any_order=True)) > 20


def until_it_goes_away(sandbox: Sandbox, away: datetime.timedelta, count: int) -> Iterator[SendRequest]:
    """So many messages to a server that goes away for a while, once it has taken some of them."""
    yield from messages(200)
    # Those that are taken together with the next ones are not on their way yet; the others have arrived.
    before, arrived = -1, 0
    while arrived < 100 or arrived > before:
        time.sleep(0.05)
        before, arrived = arrived, len(sandbox.message_uids())
    sandbox.refuse_connections(away)
    yield from (message(number) for number in range(200, count))


def test_a_server_that_goes_away_is_waited_for_and_progress_says_so(sandbox: Sandbox, client: MessageClient) -> None:
    told: list[BulkProgress] = []

    patience = datetime.timedelta(seconds=20)
    requests = until_it_goes_away(sandbox, datetime.timedelta(seconds=1), 600)
    outcomes = client.send_messages(requests, BulkOptions(patience=patience), told.append)
    assert len(sent(outcomes)) + len(unknown(outcomes)) == 600
    assert len(unknown(outcomes)) <= 32
    away = [each for each in told if each.waiting_for is WaitingFor.SERVER]
    assert len(away) > 3
    for each in away:
        assert each.waited is not None
        assert each.patience_left is not None
        assert abs(each.waited + each.patience_left - patience) < datetime.timedelta(milliseconds=1)
    assert (told[-1].waiting_for, told[-1].waited, told[-1].patience_left) == (None, None, None)


def test_a_limit_fails_no_message_and_progress_says_that_it_waits() -> None:
    told: list[BulkProgress] = []
    with Sandbox(rate_limit=200) as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
        assert len(sent(client.send_messages(messages(260), progress=told.append))) == 260
    assert WaitingFor.RATE_LIMIT in [each.waiting_for for each in told]


def test_when_the_patience_is_over_what_was_not_sent_says_so(sandbox: Sandbox, client: MessageClient) -> None:
    outcomes = client.send_each(iter(messages(20_000)), BulkOptions(patience=datetime.timedelta(seconds=0.5)))
    told = [next(outcomes)]
    sandbox.refuse_connections(datetime.timedelta(seconds=30))
    begun = time.monotonic()
    told += outcomes
    assert time.monotonic() - begun < 10
    assert len(told) == 20_000
    assert {type(error).__name__ for error in failures(told) if not error.may_have_executed} == {"Unreachable"}


def test_a_server_that_was_never_reached_is_not_waited_for(sandbox: Sandbox, client: MessageClient) -> None:
    sandbox.stop()
    begun = time.monotonic()
    outcomes = client.send_messages(messages(5_000))
    assert time.monotonic() - begun < 5
    assert {type(error).__name__ for error in failures(outcomes)} == {"Unreachable"}
    assert len(outcomes) == 5_000


def test_of_a_source_without_a_length_there_is_no_total(client: MessageClient) -> None:
    told: list[BulkProgress] = []
    assert len(sent(client.send_each(iter(messages(10)), progress=told.append))) == 10
    assert (told[-1].sent, told[-1].total, told[-1].time_left) == (10, None, None)


def test_requests_are_taken_only_as_there_is_room(sandbox: Sandbox, client: MessageClient) -> None:
    # While the first one gets no answer, no outcome makes room: they go one after the other.
    sandbox.fail_next(Fault.DELAY_AFTER_EXECUTING, delay=datetime.timedelta(seconds=1))
    taken = 0

    def source() -> Iterator[SendRequest]:
        nonlocal taken
        for number in range(1_000_000):
            taken += 1
            yield message(number)

    outcomes = client.send_each(source(), BulkOptions(concurrency=1))
    assert isinstance(next(outcomes), SentMessage)
    assert 1000 < taken <= 8192
    told = 1
    for told, _ in enumerate(outcomes, start=2):
        assert taken - told <= 8192
        if told == 1500:
            break
    assert told == 1500


def test_a_slow_source_is_not_waited_for(sandbox: Sandbox, client: MessageClient) -> None:
    def slow() -> Iterator[SendRequest]:
        for number in range(4):
            # The first comes at once; each of the others takes its time, and until the one before it has arrived.
            deadline = time.monotonic() + 30
            time.sleep(0.02 if number else 0)
            while len(sandbox.requests()) < number and time.monotonic() < deadline:
                time.sleep(0.01)
            assert len(sandbox.requests()) == number
            yield message(number)

    assert len(sent(client.send_each(slow()))) == 4


def checked(interrupted: Any, sandbox: Sandbox, taken: int) -> list[Outcome]:
    """The outcomes that an `Interrupted` tells, which are those of the sandbox."""
    assert isinstance(interrupted, Interrupted)
    outcomes = interrupted.outcomes
    assert len(outcomes) == taken
    assert stays_as_it_is(sandbox)
    may_have_arrived = len(sent(outcomes)) + len(unknown(outcomes))
    assert len(sent(outcomes)) <= len(sandbox.message_uids()) <= may_have_arrived
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, SentMessage):
            assert sandbox.messages_with_text(f"message {number}") == [outcome.message_uid]
        else:
            assert isinstance(outcome, Interrupted)
    assert interrupted.sent is bool(unknown(outcomes))
    return outcomes


def test_a_source_that_raises_ends_it_and_every_outcome_is_told(sandbox: Sandbox, client: MessageClient) -> None:
    def source() -> Iterator[SendRequest]:
        yield from messages(1500)
        raise Stop

    with pytest.raises(Stop) as info:
        client.send_messages(source())
    checked(info.value.__cause__, sandbox, 1500)


def test_progress_that_raises_ends_it_and_every_outcome_is_told(sandbox: Sandbox, client: MessageClient) -> None:
    def progress(told: BulkProgress) -> None:
        if told.sent:
            raise Stop

    with pytest.raises(Stop) as info:
        client.send_messages(messages(8000), progress=progress)
    outcomes = checked(info.value.__cause__, sandbox, len(getattr(info.value.__cause__, "outcomes", [])))
    assert 0 < len(sent(outcomes)) < len(outcomes)
    copy = pickle.loads(pickle.dumps(info.value.__cause__))
    assert list(map(str, copy.outcomes)) == list(map(str, outcomes))
    assert "outcomes" not in repr(copy)


def test_a_failure_of_the_library_ends_it_and_is_taken_once(
    sandbox: Sandbox, client: MessageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = 0
    wait = _bulk._wait

    def fails(handle: int, patience: Any, status: Any) -> Any:
        nonlocal waits
        waits += 1
        if waits != 3:
            return wait(handle, patience, status)
        # As the library answers what it cannot do: a ticket that nobody has.
        unknown_ticket = native._UniffiLib.uniffi_wildfirechat_message_fn_method_nativeaccess_resume
        return unknown_ticket(client._open()[1]._uniffi_clone_handle(), 1 << 40, status)  # type: ignore[attr-defined]

    monkeypatch.setattr(_bulk, "_wait", fails)
    with pytest.raises(InvalidArgument) as info:
        client.send_messages(messages(3000))
    cause = info.value.__cause__
    assert isinstance(cause, Interrupted)
    assert len(sent(cause.outcomes)) <= len(sandbox.message_uids())
    assert stays_as_it_is(sandbox)


def test_who_stops_asking_ends_it(sandbox: Sandbox, client: MessageClient) -> None:
    outcomes = client.send_each(message(number) for number in range(1_000_000))
    assert isinstance(next(outcomes), SentMessage)
    outcomes.close()
    assert stays_as_it_is(sandbox)
    assert len(sandbox.requests()) < 10000
    assert isinstance(client.send_messages([message(1)])[0], SentMessage)


@on_posix
@pytest.mark.parametrize("endless", [False, True], ids=["a list", "an endless source"])
def test_ctrl_c_keeps_every_finished_outcome_and_nothing_goes_out_afterwards(
    sandbox: Sandbox, client: MessageClient, endless: bool
) -> None:
    count = 0

    def source() -> Iterator[SendRequest]:
        nonlocal count
        while True:
            count += 1
            yield message(count - 1)

    sandbox.fail_next(Fault.NEVER_ANSWER_AFTER_EXECUTING, times=4)
    pressed = []

    def ctrl_c() -> None:
        deadline = time.monotonic() + 10
        while len(sandbox.message_uids()) < 300 and time.monotonic() < deadline:
            time.sleep(0.01)
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=ctrl_c)
    thread.start()
    with pytest.raises(KeyboardInterrupt) as info:
        client.send_messages(source() if endless else messages(20000))
    took = time.monotonic() - pressed[0]
    thread.join()
    assert took < 5.0, "a fifth of a second on an idle machine; waiting for the four without an answer takes 15 s"
    outcomes = getattr(info.value.__cause__, "outcomes", [])
    outcomes = checked(info.value.__cause__, sandbox, len(outcomes))
    # One may have been under way from the source.
    assert not endless or count - 1 <= len(outcomes) <= count
    assert len(sent(outcomes)) > 200
    assert len(unknown(outcomes)) >= 4


@on_posix
def test_ctrl_c_ends_what_waits_for_a_server(sandbox: Sandbox, client: MessageClient) -> None:
    told: list[BulkProgress] = []
    pressed: list[float] = []

    def progress(each: BulkProgress) -> None:
        told.append(each)
        if each.waiting_for is WaitingFor.SERVER and not pressed:
            pressed.append(time.monotonic())
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()

    requests = until_it_goes_away(sandbox, datetime.timedelta(seconds=60), 5_000)
    with pytest.raises(KeyboardInterrupt) as info:
        client.send_messages(requests, progress=progress)
    # The server is away for a minute.
    assert time.monotonic() - pressed[0] < 5
    outcomes = getattr(info.value.__cause__, "outcomes", [])
    checked(info.value.__cause__, sandbox, len(outcomes))
    assert len(unknown(outcomes)) <= 33


@on_posix
def test_a_signal_at_any_moment_loses_no_outcome(sandbox: Sandbox, client: MessageClient) -> None:
    told: list[Outcome] = []
    with alarm_raises() as alarm_after:
        for attempt in range(8):
            requests = messages(600) * 20
            alarm_after(0.01 + attempt * 0.017)
            with pytest.raises(Stop) as info:
                client.send_messages(requests)
            # There is none where nothing had begun.
            if isinstance(info.value.__cause__, Interrupted):
                told += info.value.__cause__.outcomes
    assert stays_as_it_is(sandbox)
    assert len(sent(told)) <= len(sandbox.message_uids()) <= len(sent(told)) + len(unknown(told))
    assert {each.message_uid for each in sent(told)} <= set(sandbox.message_uids())
    assert len(told) > 1000


def test_outcomes_through_random_faults_are_the_truth(sandbox: Sandbox) -> None:
    impatient = ClientOptions(
        read_timeout=datetime.timedelta(milliseconds=150),
        total_timeout=datetime.timedelta(milliseconds=600),
        retry_pause=datetime.timedelta(milliseconds=1),
        max_response_bytes=64 * 1024,
    )
    sandbox.fail_randomly(Fault, 0.3, 20261125, delay=datetime.timedelta(milliseconds=10))
    with MessageClient(sandbox.base_url, sandbox.secret, impatient) as client:
        outcomes = client.send_messages(messages(600))
    time.sleep(0.4)
    counts: collections.Counter[str] = collections.Counter()
    for number, outcome in enumerate(outcomes):
        executed = sandbox.messages_with_text(f"message {number}")
        if isinstance(outcome, SentMessage):
            counts["sent"] += 1
            assert executed == [outcome.message_uid]
        elif outcome.may_have_executed:
            counts["unknown"] += 1
            assert len(executed) <= 1, outcome
        else:
            counts["failed"] += 1
            assert executed == [], outcome
    assert len(outcomes) == 600
    assert min(counts[each] for each in ("sent", "unknown", "failed")) > 10, counts


def test_threads_send_many_messages_side_by_side(sandbox: Sandbox, client: MessageClient) -> None:
    outcomes: dict[int, list[Outcome]] = {}

    def send(first: int) -> None:
        outcomes[first] = client.send_messages([message(first + number) for number in range(300)])

    threads = [threading.Thread(target=send, args=(first,)) for first in (0, 1000, 2000, 3000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for first, told in outcomes.items():
        uids = [sandbox.messages_with_text(f"message {first + number}") for number in range(300)]
        assert [[each.message_uid] for each in sent(told)] == uids


A_FORK = """
import os, sys
from wildfirechat_message import Conversation, MessageClient, MessagePayload, Sandbox, SendRequest

with Sandbox(rate_limit=0) as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
    requests = [SendRequest("a", Conversation.single("b"), MessagePayload.text("c"))] * 300
    outcomes = client.send_each(iter(requests * 12))
    next(outcomes)
    child = os.fork()
    if not child:
        try:
            for _ in outcomes:
                pass
        except Exception as error:
            print(f"{error}, {len(error.__cause__.outcomes) >= 0}", flush=True)
        print(len(client.send_messages(requests)), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    print(1 + sum(1 for _ in outcomes))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_cannot_go_on_with_what_its_parent_began() -> None:
    process = run(A_FORK)
    assert process.stdout.splitlines() == [
        "invalid argument bulk: it was started before a fork, in the parent process, True",
        "300",
        "3600",
    ], process.stderr
