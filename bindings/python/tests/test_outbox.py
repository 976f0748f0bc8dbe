"""The outbox: a message is sent once, however many workers run and whatever happens to them."""

from __future__ import annotations

import contextlib
import copy
import datetime
import os
import pathlib
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Callable, Union

import pytest

from wildfirechat_message import (
    BroadcastRequest,
    ClientOptions,
    Conversation,
    Fault,
    InvalidArgument,
    MessageClient,
    MessageError,
    MessagePayload,
    MulticastRequest,
    Outbox,
    OutboxEntry,
    OutboxError,
    OutboxMessage,
    OutboxPolicy,
    OutboxState,
    Resolution,
    RobotClient,
    RunOptions,
    RunProgress,
    Sandbox,
    SendRequest,
    TextContent,
)

HOUR = 3_600_000
NOBODYS = SendRequest("", Conversation.single("u"), MessagePayload.text("x"))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(rate_limit=0) as sandbox:
        yield sandbox


@pytest.fixture
def store(tmp_path: pathlib.Path) -> str:
    return f"sqlite:{tmp_path / 'outbox.db'}"


@pytest.fixture
def outbox(store: str, client: MessageClient) -> Iterator[Outbox]:
    with Outbox(store, client) as outbox:
        yield outbox


def message(number: int, users: int = 5) -> SendRequest:
    return SendRequest("admin", Conversation.single(f"u{number % users}"), MessagePayload.text(f"message {number}"))


def fill(outbox: Outbox, count: int) -> None:
    assert outbox.put_many((message(number), str(number)) for number in range(count)).put == count


def found(outbox: Outbox, key: str) -> OutboxEntry:
    entry = outbox.find(key)
    assert entry is not None
    return entry


def executions(sandbox: Sandbox, number: int) -> int:
    return len(sandbox.messages_with_text(f"message {number}"))


def test_a_message_is_put_sent_and_found_by_its_key(outbox: Outbox, sandbox: Sandbox) -> None:
    number = outbox.put(message(0), key="order-7")
    queued = found(outbox, "order-7")
    assert (queued.id, queued.state, queued.request, queued.message_uid) == (
        number,
        OutboxState.QUEUED,
        message(0),
        None,
    )
    told: list[RunProgress] = []
    did = outbox.run(progress=told.append)
    assert (did.sent, did.failed, did.unknown, did.left) == (1, 0, 0, 0)
    assert told[-1] == did
    sent = outbox.get(number)
    assert sent is not None
    assert sent.state is OutboxState.SENT
    assert sent.key == "order-7"
    assert sandbox.messages_with_text("message 0") == [sent.message_uid]
    assert outbox.find("another") is None
    assert outbox.get(number + 1) is None


def test_the_same_key_is_one_message(outbox: Outbox, sandbox: Sandbox) -> None:
    first = outbox.put(message(0), "k")
    assert outbox.put(message(1), "k") == first
    counts = outbox.put_many([(message(number), str(number // 2)) for number in range(10)])
    assert (counts.put, counts.known) == (5, 5)
    assert outbox.run().sent == 6
    assert executions(sandbox, 1) == 0


def test_every_kind_of_request_goes_in_and_comes_back_as_it_is(outbox: Outbox) -> None:
    payload = MessagePayload.text("hello")
    requests: list[Union[SendRequest, MulticastRequest, BroadcastRequest]] = [
        message(0),
        MulticastRequest("admin", ["u1", "u2"], payload),
        BroadcastRequest("admin", payload),
        SendRequest("admin", Conversation.group("g"), TextContent("a content").to_payload()),
    ]
    outbox.put_many([(request, str(at)) for at, request in enumerate(requests)])
    assert [entry.request for entry in outbox.entries(OutboxState.QUEUED)] == requests
    assert outbox.run().sent == 4
    assert outbox.status().sent == 4
    assert outbox.status().queued == 0


def test_what_is_said_of_a_message_is_kept(outbox: Outbox, sandbox: Sandbox) -> None:
    now = found_time(outbox)
    outbox.put(message(1), "later", not_before=now + HOUR)
    outbox.put(message(2), "over", expires_at=now - 1)
    group = Conversation.group("g")
    outbox.put_many(
        [
            OutboxMessage(SendRequest("admin", group, MessagePayload.text("last")), "last", priority=-1),
            OutboxMessage(SendRequest("admin", group, MessagePayload.text("first")), "first", priority=1),
        ]
    )
    outbox.run()
    states = [found(outbox, key).state for key in ("later", "over", "last", "first")]
    assert states == [OutboxState.QUEUED, OutboxState.EXPIRED, OutboxState.SENT, OutboxState.SENT]
    assert sandbox.messages_with_text("first") < sandbox.messages_with_text("last")


@contextlib.contextmanager
def when(condition: Callable[[], bool], action: Callable[[], object]) -> Iterator[None]:
    """Does something from another thread as soon as a condition holds."""

    def watch() -> None:
        while not condition():
            time.sleep(0.002)
        action()

    thread = threading.Thread(target=watch)
    thread.start()
    yield
    thread.join()


def found_time(outbox: Outbox) -> int:
    """What time it is for the database."""
    entry = outbox.get(outbox.put(message(0)))
    assert entry is not None
    return entry.created_at


def test_an_unknown_fate_stays_until_a_person_decides(outbox: Outbox, sandbox: Sandbox) -> None:
    fill(outbox, 1)
    sandbox.fail_next(Fault.CLOSE_AFTER_EXECUTING, endpoint="message/send")
    assert outbox.run().unknown == 1
    (unknown,) = outbox.unknown()
    assert unknown.key == "0"
    assert unknown.error is not None
    assert "may have executed" in unknown.error
    assert outbox.run().sent == 0
    outbox.resolve(unknown.id, Resolution.RESEND)
    assert outbox.run().sent == 1
    assert executions(sandbox, 0) == 2


def test_what_does_no_harm_twice_is_sent_again_by_itself(outbox: Outbox, sandbox: Sandbox) -> None:
    outbox.put(message(0), "0", on_unknown=OutboxPolicy.RESEND)
    sandbox.fail_next(Fault.CLOSE_AFTER_EXECUTING, endpoint="message/send")
    outbox.run()
    assert found(outbox, "0").attempts == 2
    assert executions(sandbox, 0) == 2


def test_what_a_person_cannot_decide_is_told(outbox: Outbox) -> None:
    number = outbox.put(message(0))
    outbox.cancel(number)
    with pytest.raises(OutboxError.WrongState) as raised:
        outbox.resolve(number, Resolution.DROP)
    assert (raised.value.id, raised.value.state) == (number, OutboxState.CANCELLED)
    assert str(raised.value) == f"entry {number} of the outbox is cancelled, so this cannot be done with it"
    with pytest.raises(OutboxError, match="has no entry 999"):
        outbox.cancel(999)
    outbox.put(SendRequest("admin", Conversation.group("unknown-1"), MessagePayload.text("x")), "refused")
    outbox.run()
    (failed,) = outbox.failed()
    assert (failed.key, failed.code) == ("refused", 253)
    assert list(outbox.lost()) == []
    assert outbox.purge(0) == 1
    assert outbox.purge(datetime.timedelta(0), also_undecided=True) == 1


def test_one_message_to_many_is_split(outbox: Outbox, sandbox: Sandbox) -> None:
    users = [f"u{number}" for number in range(25)]
    ids = outbox.multicast_each("admin", iter(users), TextContent("to all"), size=10, key="notice")
    assert len(ids) == 3
    assert outbox.multicast_each("admin", users, TextContent("to all"), size=10, key="notice") == ids
    assert outbox.run().sent == 3
    assert found(outbox, "notice#2").id == ids[2]
    assert len(sandbox.messages_of_user("u24")) == 1
    with pytest.raises(InvalidArgument, match="size"):
        outbox.multicast_each("admin", users, TextContent("to all"), size=0)


@pytest.mark.parametrize(
    ("put", "error", "words"),
    [
        (lambda outbox: outbox.put(message(0), key=""), InvalidArgument, "invalid argument key: it is empty"),
        (lambda outbox: outbox.put(message(0), key="\ud800"), InvalidArgument, "key: it has a lone surrogate"),
        (lambda outbox: outbox.put(message(0), key=7), TypeError, "key must be str, not int"),
        (lambda outbox: outbox.put("hello"), TypeError, "request must be SendRequest or MulticastRequest or"),
        (lambda outbox: outbox.put(message(0), on_lost="resend"), TypeError, "on_lost must be OutboxPolicy"),
        (lambda outbox: outbox.put_many([(message(0), "a"), "b"]), TypeError, r"messages\[1\] must be OutboxMessage"),
        (lambda outbox: outbox.put_many("ab"), TypeError, "messages must be a list of OutboxMessage"),
        (
            lambda outbox: outbox.put_many([(message(0), "a"), (NOBODYS, "b")]),
            InvalidArgument,
            r"invalid argument messages\[1\].sender: it is empty",
        ),
        (
            lambda outbox: outbox.run(RunOptions(concurrency=0)),
            InvalidArgument,
            "options.concurrency: 0 is out of range",
        ),
        (lambda outbox: outbox.run(progress=7), TypeError, "progress must be a function"),
        (lambda outbox: outbox.purge(-1), InvalidArgument, "older_than: it is negative"),
        (lambda outbox: outbox.purge(1, 1), TypeError, "also_undecided must be bool"),
        (lambda outbox: outbox.get("1"), TypeError, "id must be int"),
        (lambda outbox: outbox.entries("sent").__next__(), TypeError, "state must be OutboxState"),
    ],
)
def test_what_can_never_work_is_refused_by_its_name(
    outbox: Outbox, put: Callable[[Outbox], object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        put(outbox)
    assert outbox.status().queued == 0


def test_a_store_that_does_not_do_is_told_without_its_password(client: MessageClient, tmp_path: pathlib.Path) -> None:
    with pytest.raises(InvalidArgument) as refused:
        Outbox("redis://canary:canary@host", client)
    with pytest.raises(OutboxError.StoreUnavailable) as away:
        Outbox("postgres://canary:canary@127.0.0.1:1/db", client)
    assert away.value.is_temporary
    (tmp_path / "text").write_text("no database begins like that. " * 200)
    with pytest.raises(OutboxError.StoreUnusable) as text:
        Outbox(f"sqlite:{tmp_path / 'text'}", client)
    assert not text.value.is_temporary
    for error in (refused.value, away.value, text.value):
        assert "canary" not in f"{error} {error!r}"
    assert str(pickle.loads(pickle.dumps(away.value))) == str(away.value)


def test_a_run_ends_where_every_message_would_be_refused(store: str, sandbox: Sandbox, outbox: Outbox) -> None:
    with MessageClient(sandbox.base_url, "wrong") as wrong, Outbox(store, wrong) as stranger:
        fill(stranger, 10)
        with pytest.raises(OutboxError.Call) as raised:
            stranger.run()
    assert isinstance(raised.value.error, MessageError.Unauthorized)
    assert str(raised.value).endswith("the messages that were not sent stay in the queue")
    assert outbox.status().queued == 10
    assert outbox.run().sent == 10


def test_a_robot_sends_its_own_messages_and_no_others(store: str, outbox: Outbox, sandbox: Sandbox) -> None:
    sandbox.set_robot("FireRobot", "its secret")
    u1 = Conversation.single("u1")
    with RobotClient(sandbox.base_url, "FireRobot", "its secret") as robot, Outbox(store, robot) as robots:
        robots.put(SendRequest("FireRobot", u1, MessagePayload.text("of the robot")), "robot")
        robots.put(SendRequest("", u1, MessagePayload.text("of nobody")), "nobody")
        outbox.put(message(1), "user")
        not_the_robots: list[tuple[Union[SendRequest, MulticastRequest], str]] = [
            (message(1), "sender"),
            (MulticastRequest("FireRobot", ["u1"], MessagePayload.text("x")), "request"),
        ]
        for refused, argument in not_the_robots:
            with pytest.raises(InvalidArgument, match=f"invalid argument {argument}: .*robot"):
                robots.put(refused)
        assert robots.run().sent == 2
        assert found(robots, "user").state is OutboxState.QUEUED
    assert outbox.run().sent == 1
    assert [found(outbox, key).robot for key in ("robot", "nobody", "user")] == ["FireRobot", "FireRobot", None]
    with MessageClient(sandbox.base_url, sandbox.secret) as client:
        uids = [found(outbox, key).message_uid or 0 for key in ("robot", "nobody", "user")]
        senders = [client.get_message(uid).sender for uid in uids]
    assert senders == ["FireRobot", "FireRobot", "admin"]


def test_a_closed_one_is_refused_and_shows_nothing(store: str, client: MessageClient) -> None:
    with Outbox(store, client) as outbox:
        assert repr(outbox) == "Outbox()"
        for copied in (copy.copy, pickle.dumps):
            with pytest.raises(TypeError, match="cannot be copied or pickled"):
                copied(outbox)
    with pytest.raises(RuntimeError, match="this Outbox is closed"):
        outbox.status()
    assert repr(outbox) == "Outbox(closed)"
    with pytest.raises(TypeError, match="client must be MessageClient or RobotClient"):
        Outbox(store, "client")  # type: ignore[arg-type]


def test_it_is_waited_for_an_outcome(outbox: Outbox) -> None:
    assert outbox.wait("nobody", 5) is None
    outbox.put(message(0), "0")
    waited = outbox.wait("0", 0.2)
    assert waited is not None
    assert waited.state is OutboxState.QUEUED
    worker = threading.Thread(target=outbox.run)
    worker.start()
    sent = outbox.wait("0", datetime.timedelta(seconds=60))
    worker.join()
    assert sent is not None
    assert sent.state is OutboxState.SENT


def test_many_threads_put_and_run(outbox: Outbox, sandbox: Sandbox) -> None:
    def put(first: int) -> None:
        for number in range(first, first + 10):
            outbox.put(message(number), str(number))

    def run() -> None:
        did.append(outbox.run().sent)

    did: list[int] = []
    threads = [threading.Thread(target=put, args=(first,)) for first in range(0, 80, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    workers = [threading.Thread(target=run) for _ in range(3)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert sum(did) == 80
    assert [executions(sandbox, number) for number in range(80)] == [1] * 80


def test_a_source_that_raises_leaves_whole_transactions(outbox: Outbox) -> None:
    def source() -> Iterator[tuple[SendRequest, str]]:
        for number in range(2_500):
            yield message(number), str(number)
        raise LookupError("the list ends here")

    with pytest.raises(LookupError):
        outbox.put_many(source())
    assert outbox.status().queued == 2_000
    counts = outbox.put_many((message(number), str(number)) for number in range(2_500))
    assert (counts.put, counts.known) == (500, 2_000)


def test_ctrl_c_gives_back_what_is_held(outbox: Outbox, sandbox: Sandbox) -> None:
    fill(outbox, 500)
    options = RunOptions(rate_limit=100, lease=datetime.timedelta(days=1))

    def ctrl_c() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with when(lambda: len(sandbox.message_uids()) >= 20, ctrl_c), pytest.raises(KeyboardInterrupt):
        outbox.run(options)
    status = outbox.status()
    assert status.sending == 0
    assert status.unknown == 0
    assert status.sent == len(sandbox.message_uids())
    assert status.queued == 500 - status.sent > 0
    # Nobody has to wait for its lease, which is a day.
    assert outbox.run().sent == 500 - status.sent


def test_a_second_ctrl_c_drops_what_is_under_way(store: str, sandbox: Sandbox) -> None:
    patient = ClientOptions(read_timeout=3600, total_timeout=3600)
    with MessageClient(sandbox.base_url, sandbox.secret, patient) as client, Outbox(store, client) as outbox:
        fill(outbox, 10)
        sandbox.fail_next(Fault.NEVER_ANSWER_AFTER_EXECUTING, times=2, endpoint="message/send")

        def two_signals() -> None:
            os.kill(os.getpid(), signal.SIGINT)
            # Two of the same kind at the same time would be one.
            time.sleep(0.5)
            os.kill(os.getpid(), signal.SIGINT)

        with when(lambda: len(sandbox.message_uids()) >= 6, two_signals), pytest.raises(KeyboardInterrupt):
            outbox.run()
        status = outbox.status()
        assert status.sending == 0
        assert status.unknown >= 2
        assert status.sent + status.unknown + status.queued == 10


def test_an_exception_of_progress_comes_out_and_nothing_is_under_way(outbox: Outbox, sandbox: Sandbox) -> None:
    fill(outbox, 200)

    def progress(told: RunProgress) -> None:
        if told.sent:
            raise LookupError(told.sent)

    with pytest.raises(LookupError):
        outbox.run(RunOptions(rate_limit=100), progress)
    status = outbox.status()
    assert (status.sending, status.unknown, status.sent) == (0, 0, len(sandbox.message_uids()))


WORKER = """
import sys
from wildfirechat_message import *
with MessageClient(sys.argv[1], "123456") as client, Outbox(sys.argv[2], client) as outbox:
    outbox.run(RunOptions(concurrency=16, lease=1, rate_limit=int(sys.argv[3])))
"""


def test_a_killed_worker_leaves_each_message_executed_once_or_told_as_unknown(
    outbox: Outbox, store: str, sandbox: Sandbox
) -> None:
    fill(outbox, 400)
    kills = 3
    for kill in range(1, kills + 1):
        with subprocess.Popen([sys.executable, "-I", "-c", WORKER, sandbox.base_url, store, "300"]) as worker:
            while len(sandbox.message_uids()) < kill * 60 and worker.poll() is None:
                time.sleep(0.002)
            worker.kill()
    subprocess.run([sys.executable, "-I", "-c", WORKER, sandbox.base_url, store, "0"], check=True)
    unknown = {entry.key for entry in outbox.unknown()}
    status = outbox.status()
    assert status.sent + status.unknown == 400
    assert len(unknown) <= kills * 16
    for number in range(400):
        executed = executions(sandbox, number)
        assert executed == 1 or (executed == 0 and str(number) in unknown), number


# Forks while another of its threads is in the midst of a long transaction.
FORKS_TOO_LONG = """
import os, sys, threading
from wildfirechat_message import *
client = MessageClient(sys.argv[1], "123456")
outbox = Outbox(sys.argv[2], client)
request = SendRequest("admin", Conversation.single("u"), MessagePayload.text("slow"))
threading.Thread(target=outbox.put, args=(request,), daemon=True).start()
sys.stdin.readline()
child = os.fork()
if child == 0:
    for use in (outbox.status, lambda: Outbox(sys.argv[2], client), lambda: outbox.put(request)):
        try:
            print(use(), flush=True)
        except OutboxError.StoreUnusable as error:
            print(error, flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(outbox.status().queued, flush=True)
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_forked_in_the_midst_of_a_long_transaction_leaves_the_file_alone(
    store: str, client: MessageClient, sandbox: Sandbox
) -> None:
    Outbox(store, client).close()
    file = store.partition(":")[2]
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE numbers (n)")
        database.executemany("INSERT INTO numbers VALUES (?)", [(n,) for n in range(4_000)])
        # Takes hours.
        slow = "SELECT count(*) FROM numbers a, numbers b, numbers c WHERE a.n * b.n = c.n + 0.5"
        database.execute(f"CREATE TRIGGER slow BEFORE INSERT ON wildfirechat_outbox BEGIN {slow}; END")

    def is_written_to() -> bool:
        try:
            with contextlib.closing(sqlite3.connect(file, timeout=0)) as database:
                database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False

    command = [sys.executable, "-I", "-W", "ignore", "-c", FORKS_TOO_LONG, sandbox.base_url, store]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as forks:
        while not is_written_to():
            assert forks.poll() is None
            time.sleep(0.01)
        told, _ = forks.communicate("now\n", timeout=120)
    *refused, queued = told.splitlines()
    # The parent goes on.
    assert queued == "0"
    assert len(refused) == 3
    for sentence in refused:
        assert "this process was forked from one that was using a SQLite file" in sentence
    with contextlib.closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
class TestForks:
    def child(self, work: Callable[[], object]) -> None:
        """Does something in a forked process."""
        child = os.fork()
        if not child:
            try:
                work()
                os._exit(0)
            except BaseException as error:
                print(error, file=sys.stderr, flush=True)
                os._exit(1)
        assert os.waitpid(child, 0)[1] == 0

    def test_a_child_puts_and_runs_and_its_parent_goes_on(self, outbox: Outbox, sandbox: Sandbox) -> None:
        for number in range(0, 40, 2):
            outbox.put(message(number), str(number))
            self.child(lambda number=number: outbox.put(message(number + 1), str(number + 1)))  # type: ignore[misc]
        assert outbox.status().queued == 40
        self.child(lambda: outbox.run())
        assert outbox.status().sent == 40
        assert [executions(sandbox, number) for number in range(40)] == [1] * 40

    def test_what_a_child_writes_outlives_its_parents_connections(self, store: str, client: MessageClient) -> None:
        """SQLite keeps count of its locks in memory, which a fork copies, while the locks stay with the parent."""
        with Outbox(store, client) as outbox:
            outbox.put(message(0), "0")
            go, gone = os.pipe()
            child = os.fork()
            if not child:
                os.close(gone)
                outbox.put(message(1), "1")
                # Until the parent's connection, the last one that the system knows of, is closed.
                os.read(go, 1)
                outbox.put(message(2), "2")
                os._exit(0)
            outbox.wait("1", 60)
            while outbox.find("1") is None:
                time.sleep(0.01)
        with Outbox(store, client) as again:
            again.put(message(3), "3")
        os.close(gone)
        os.close(go)
        assert os.waitpid(child, 0)[1] == 0
        with Outbox(store, client) as last:
            assert [entry.key for entry in last.entries(OutboxState.QUEUED)] == ["0", "1", "3", "2"]

    def test_a_fork_while_a_worker_runs_harms_neither(self, outbox: Outbox, sandbox: Sandbox) -> None:
        fill(outbox, 300)
        worker = threading.Thread(target=outbox.run, args=(RunOptions(rate_limit=400),))
        worker.start()
        for number in range(300, 310):
            self.child(lambda number=number: outbox.put(message(number), str(number)))  # type: ignore[misc]
        worker.join()
        outbox.run()
        assert outbox.status().sent == 310
        assert [executions(sandbox, number) for number in range(310)] == [1] * 310
