"""A forked process makes calls with the client of its parent, while the parent's threads continue to make calls."""

from __future__ import annotations

import collections
import contextlib
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from wildfirechat_message import (
    ClientOptions,
    Conversation,
    Fault,
    MessageClient,
    MessagePayload,
    Sandbox,
)

from processes import run

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

FORKS = 200
LONGEST = 10.0


def call(client: MessageClient, sender: str = "parent") -> None:
    client.send_message(sender, Conversation.group("g1"), MessagePayload.text("hello"))


def end_of(child: int) -> int:
    """The child's exit status; a child that hangs is killed, which its status tells."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def fork_and_call(client: MessageClient, sender: str = "child") -> int:
    """Forks a child that makes three calls, and gives its exit status."""
    child = os.fork()
    if child:
        return end_of(child)
    try:
        for _ in range(3):
            call(client, sender)
        os._exit(0)
    except BaseException as error:
        print(error, file=sys.stderr, flush=True)
        os._exit(1)


@contextlib.contextmanager
def calling_threads(client: MessageClient) -> Iterator[None]:
    """Four threads that call on and on, without an error."""
    done = threading.Event()
    errors: list[BaseException] = []

    def call_on() -> None:
        try:
            while not done.is_set():
                call(client)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=call_on, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
    for thread in threads:
        thread.join(LONGEST)
    assert not any(thread.is_alive() for thread in threads)
    assert errors == []


def senders_by_connection(sandbox: Sandbox) -> dict[int, set[str]]:
    """Who sent on each connection, as the messages themselves say."""
    senders: dict[int, set[str]] = collections.defaultdict(set)
    for request in sandbox.requests():
        if request.path.endswith("/message/send"):
            senders[request.connection].add(json.loads(request.body)["sender"])
    return senders


def assert_no_connection_is_shared(sandbox: Sandbox, senders: set[str]) -> None:
    found = senders_by_connection(sandbox)
    assert set().union(*found.values()) == senders
    assert {connection: each for connection, each in found.items() if len(each) > 1} == {}


def test_a_client_used_before_a_fork_works_in_parent_and_child(capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox(rate_limit=0) as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
        call(client)
        seconds = []
        with calling_threads(client):
            for number in range(FORKS):
                begun = time.monotonic()
                assert fork_and_call(client, f"child {number}") == 0
                seconds.append(time.monotonic() - begun)
                if number % 5 == 4:
                    # The sandbox keeps so many requests and no more, and without a lock for all the parent sends many.
                    fresh = {f"child {each}" for each in range(number - 4, number + 1)}
                    assert_no_connection_is_shared(sandbox, {"parent", *fresh})
                    sandbox.clear_requests()
        call(client)
        with capsys.disabled():
            print(f"\nmeasured: {FORKS} forked children, the slowest made its 3 calls within {max(seconds):.3f} s")
    assert sorted(seconds)[-3] < 1, "all but two: the machine may be busy"


def test_a_client_made_before_a_fork_and_unused_works_in_the_child(sandbox: Sandbox, client: MessageClient) -> None:
    assert fork_and_call(client) == 0
    call(client)
    assert_no_connection_is_shared(sandbox, {"parent", "child"})


@pytest.mark.parametrize("after", [0.0, 0.05, 0.1, 0.15, 0.2, 0.3])
def test_a_call_in_flight_at_the_moment_of_the_fork_hangs_nobody(sandbox: Sandbox, after: float) -> None:
    # Of each 0.1 s that the call waits, it spends some moments between two waits, parked.
    with MessageClient(sandbox.base_url, sandbox.secret) as client:
        call(client)
        sandbox.fail_next(Fault.NEVER_ANSWER, endpoint="message/get_one")
        met: list[BaseException] = []

        def look_up() -> None:
            try:
                client.get_message(1)
            except BaseException as error:
                met.append(error)

        waiting = threading.Thread(target=look_up, daemon=True)
        waiting.start()
        while len(sandbox.requests()) < 2:
            time.sleep(0.001)
        time.sleep(after)
        for number in range(5):
            assert fork_and_call(client, f"child {number}") == 0
        assert waiting.is_alive()
        call(client)
        assert_no_connection_is_shared(sandbox, {"parent", *(f"child {number}" for number in range(5))})
        sandbox.stop()
        waiting.join(LONGEST)
    assert len(met) == 1


def test_a_fork_may_happen_within_the_client_s_own_pause(sandbox: Sandbox) -> None:
    options = ClientOptions(rate_limit=4)
    with MessageClient(sandbox.base_url, sandbox.secret, options) as client:

        def call_and_wait() -> None:
            for _ in range(4):
                call(client)

        waiting = threading.Thread(target=call_and_wait, daemon=True)
        waiting.start()
        time.sleep(0.3)
        assert fork_and_call(client) == 0
        waiting.join(LONGEST)
        assert not waiting.is_alive()
    assert_no_connection_is_shared(sandbox, {"parent", "child"})


CHILDREN_END_NORMALLY = """
import os, sys, threading, time, warnings
from wildfirechat_message import *
warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)
case = sys.argv[1]
sandbox = Sandbox(rate_limit=0)
client = MessageClient(sandbox.base_url, sandbox.secret)
def call():
    return client.send_message("admin", Conversation.single("u1"), MessagePayload.text("hi"))
if case != "unused":
    call()
if case == "in flight":
    sandbox.fail_next(Fault.NEVER_ANSWER, endpoint="message/get_one")
    threading.Thread(target=client.get_message, args=(1,), daemon=True).start()
    time.sleep(0.15)
for _ in range(5):
    child = os.fork()
    if child == 0:
        for _ in range(3):
            call()
        sys.exit(7)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
call()
"""


@pytest.mark.parametrize("case", ["used", "unused", "in flight"])
def test_a_child_may_end_as_any_program_ends(case: str) -> None:
    ended = run(CHILDREN_END_NORMALLY, case)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "7\n" * 5, "")


CLIENTS: list[MessageClient] = []


def call_in_a_worker(_: int) -> int:
    for _ in range(3):
        call(CLIENTS[0], f"worker {os.getpid()}")
    return os.getpid()


def test_the_workers_of_a_pool_use_their_parent_s_client(sandbox: Sandbox, client: MessageClient) -> None:
    CLIENTS[:] = [client]
    call(client)
    with calling_threads(client):
        pool = multiprocessing.get_context("fork").Pool(4)
        try:
            pids = set(pool.map_async(call_in_a_worker, range(40), chunksize=1).get(LONGEST))
            pool.close()
            ending = threading.Thread(target=pool.join, daemon=True)
            ending.start()
            ending.join(LONGEST)
            assert not ending.is_alive()
        finally:
            pool.terminate()
    assert_no_connection_is_shared(sandbox, {"parent", *(f"worker {pid}" for pid in pids)})
