"""Many threads, many methods, one client. `WILDFIRECHAT_THREADS_SECONDS` makes it longer."""

from __future__ import annotations

import os
import sys
import threading
import time

import pytest

from wildfirechat_message import Conversation, MessageClient, MessagePayload

from processes import resident_memory, sandbox_elsewhere

SECONDS = float(os.environ.get("WILDFIRECHAT_THREADS_SECONDS", "2"))
THREADS = 64
TEXT = MessagePayload.text("hi")


def calls_of_a_round(client: MessageClient, user: str) -> int:
    """Calls of every kind, each with the answer that it must have; gives how many there were."""
    uid = client.send_message("admin", Conversation.single(user), TEXT).message_uid
    assert client.get_message(uid).payload == TEXT
    recalled = client.recall_message("admin", uid)
    assert recalled is not None
    assert recalled.searchable_content == "hi"
    client.delete_message(uid)
    assert client.find_message(uid) is None
    multicast = client.multicast_message("admin", [user, "u2"], TEXT).message_uid
    assert multicast != uid
    assert client.get_delivery_timestamp(user) >= 0
    return 7


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
@pytest.mark.limit(120 + SECONDS)
def test_64_threads_make_mixed_calls_without_an_error_or_a_leak(capsys: pytest.CaptureFixture[str]) -> None:
    calls = [0] * THREADS
    errors: list[BaseException] = []
    done = threading.Event()

    def call_on(number: int) -> None:
        try:
            while not done.is_set():
                calls[number] += calls_of_a_round(client, f"u{number}")
        except BaseException as error:
            errors.append(error)

    with sandbox_elsewhere() as url, MessageClient(url, "123456") as client:
        threads = [threading.Thread(target=call_on, args=(number,), daemon=True) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        time.sleep(max(1, SECONDS / 10))
        before, warm = resident_memory(), sum(calls)
        time.sleep(SECONDS)
        after = resident_memory()
        done.set()
        for thread in threads:
            thread.join(30)
    with capsys.disabled():
        print(
            f"\nmeasured: {THREADS} threads made {sum(calls)} calls, {len(errors)} errors; "
            f"{before} KiB after the first {warm}, {after} KiB after {SECONDS:g} s more"
        )
    assert not any(thread.is_alive() for thread in threads)
    assert errors == []
    assert min(calls) > 0
    assert after - before < 8 * 1024
