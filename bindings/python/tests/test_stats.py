"""What a client has done so far, in numbers."""

from __future__ import annotations

import os
import threading
from datetime import timedelta

import pytest

from wildfirechat_message import (
    ClientStats,
    Conversation,
    Fault,
    MessageClient,
    MessageError,
    MessagePayload,
    Sandbox,
    SendRequest,
)

HELLO = SendRequest("admin", Conversation.single("u1"), MessagePayload.text("hello"))


def send(client: MessageClient) -> None:
    client.send_message("admin", Conversation.single("u1"), MessagePayload.text("hello"))


def test_the_numbers_of_a_client_add_up(sandbox: Sandbox, client: MessageClient) -> None:
    before = client.stats()
    assert (before.calls, before.attempts, before.connections, before.waited) == (0, 0, 0, timedelta(0))
    for _ in range(3):
        send(client)
    sandbox.fail_next(Fault.OVER_FREQUENCY)
    send(client)
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING)
    with pytest.raises(MessageError):
        send(client)
    assert client.find_message(1) is None
    stats = client.stats()
    assert isinstance(stats, ClientStats)
    assert (stats.calls, stats.in_flight, stats.attempts, stats.unknown_fates, stats.waits) == (6, 0, 7, 1, 1)
    assert {name: count for name, count in stats.errors.items() if count} == {"ConnectionLost": 1}
    # A message that fails after its upload is counted as what made it fail.
    kinds = {kind.__name__ for kind in MessageError.__subclasses__()} - {"FailedAfterUpload"}
    assert set(stats.errors) == kinds
    assert sum(bucket.attempts for bucket in stats.latencies) == stats.attempts
    bounds = [bucket.up_to for bucket in stats.latencies]
    assert bounds[-1] is None
    assert bounds[0] == timedelta(milliseconds=5)
    assert stats.latency_sum > timedelta(0)
    assert (stats.connections, stats.connections_opened) == (1, 2)
    client.close_idle()
    assert client.stats().connections == 0


def test_each_message_of_many_counts(client: MessageClient) -> None:
    client.send_messages([HELLO] * 40)
    assert (client.stats().calls, client.stats().attempts) == (40, 40)


def test_threads_lose_no_count_and_see_no_contradiction(client: MessageClient) -> None:
    def work() -> None:
        for _ in range(20):
            client.find_message(1)
            stats = client.stats()
            assert 0 < stats.in_flight + stats.attempts <= stats.calls + 16
            assert 0 <= stats.in_flight <= 16

    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (client.stats().calls, client.stats().in_flight) == (320, 0)


def test_a_closed_client_has_no_numbers(client: MessageClient) -> None:
    client.close()
    with pytest.raises(RuntimeError, match="is closed"):
        client.stats()


def test_a_forked_child_counts_from_0(client: MessageClient) -> None:
    send(client)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        before = client.stats().calls
        client.find_message(1)
        os.write(writing, bytes([before, client.stats().calls]))
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    assert os.read(reading, 2) == bytes([0, 1])
    os.close(reading)
    assert client.stats().calls == 1
