"""A forked process makes calls by the client of its parent, while the parent's threads go on calling."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import pytest

from wildfirechat_message import Conversation, MessageClient, MessagePayload

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

FORKS = 20
LONGEST = 10.0


def call(client: MessageClient) -> None:
    client.send_message("admin", Conversation.group("g1"), MessagePayload.text("hello"))


def end_of(child: int) -> int:
    """The child's exit status; a child that hangs is killed, which its status tells."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def fork_and_call(client: MessageClient) -> int:
    child = os.fork()
    if child:
        return end_of(child)
    try:
        for _ in range(3):
            call(client)
        os._exit(0)
    except BaseException as error:
        print(error, file=sys.stderr, flush=True)
        os._exit(1)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_client_used_before_a_fork_works_in_parent_and_child(client: MessageClient) -> None:
    call(client)
    done = threading.Event()

    def call_on() -> None:
        while not done.is_set():
            call(client)

    threads = [threading.Thread(target=call_on, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        assert [fork_and_call(client) for _ in range(FORKS)] == [0] * FORKS
    finally:
        done.set()
    for thread in threads:
        thread.join(LONGEST)
    assert not any(thread.is_alive() for thread in threads)
    call(client)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_client_made_before_a_fork_and_unused_works_in_the_child(client: MessageClient) -> None:
    assert fork_and_call(client) == 0
