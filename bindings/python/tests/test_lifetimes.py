"""Clients that end during their calls, and the end of the interpreter: nothing hangs, crashes or leaks."""

from __future__ import annotations

import concurrent.futures
import gc
import os
import sys
import time
import weakref

import pytest

from wildfirechat_message import Conversation, Fault, MessageClient, MessagePayload, Sandbox

from processes import descriptors, resident_memory, run, sandbox_elsewhere, tasks

CLIENTS = int(os.environ.get("WILDFIRECHAT_CLIENTS", "500"))
TEXT = MessagePayload.text("hi")
TO_U1 = Conversation.single("u1")

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")

ENDS_UNDER_ITS_CALLS = """
import atexit, sys, threading, time
from wildfirechat_message import *
sandbox = Sandbox(rate_limit=0)
client = MessageClient(sandbox.base_url, sandbox.secret)
def send():
    return client.send_message("admin", Conversation.single("u1"), MessagePayload.text("hi"))
def send_on():
    while True:
        send()
def wait():
    client.get_message(1)
sandbox.fail_next(Fault.NEVER_ANSWER, times=4, endpoint="message/get_one")
for work in [send_on, wait] * 4:
    threading.Thread(target=work, daemon=True).start()
atexit.register(lambda: print("at exit", send().message_uid > 0))
time.sleep(float(sys.argv[1]))
"""


@pytest.mark.parametrize("after", [0.0, 0.05, 0.3])
def test_a_program_ends_while_daemon_threads_and_atexit_make_calls(after: float) -> None:
    ended = run(ENDS_UNDER_ITS_CALLS, str(after))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "at exit True\n", "")


UNLOADS_THE_LIBRARY = """
import _ctypes, gc, threading
from wildfirechat_message import *
from wildfirechat_message._bridge import native
called, unloaded = threading.Barrier(9), threading.Event()
def call():
    clients.pop().send_message("admin", Conversation.single("u1"), MessagePayload.text("hi"))
    called.wait(30)
    unloaded.wait(30)
with Sandbox() as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
    clients = [client] * 8
    threads = [threading.Thread(target=call) for _ in clients]
    for thread in threads:
        thread.start()
    called.wait(30)
del sandbox, client
gc.collect()
_ctypes.dlclose(native._UniffiLib._handle)
unloaded.set()
for thread in threads:
    thread.join(30)
print("the threads have ended")
"""


on_posix = pytest.mark.skipif(os.name != "posix", reason="there is no dlclose here")


@on_posix
def test_the_library_may_be_unloaded_under_the_threads_that_called_it() -> None:
    ended = run(UNLOADS_THE_LIBRARY)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "the threads have ended\n", "")


# Also when no thread is left that called it.
STAYS_AND_WORKS = """
import _ctypes, gc, threading
from wildfirechat_message import *
from wildfirechat_message._bridge import native
def call():
    with Sandbox() as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
        client.send_message("admin", Conversation.single("u1"), MessagePayload.text("hi"))
def call_elsewhere():
    thread = threading.Thread(target=call)
    thread.start()
    thread.join(30)
call_elsewhere()
gc.collect()
_ctypes.dlclose(native._UniffiLib._handle)
call()
call_elsewhere()
print("it works on")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take the library away")
def test_the_library_stays_and_works_whatever_the_loader_is_told() -> None:
    ended = run(STAYS_AND_WORKS)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "it works on\n", "")


def test_a_client_without_references_lives_until_its_calls_are_through(sandbox: Sandbox) -> None:
    client = MessageClient(sandbox.base_url, sandbox.secret)
    # Longer than a busy machine takes to collect what the tests before have left.
    sandbox.fail_next(Fault.DELAY_AFTER_EXECUTING, times=8, delay=3)
    gone = weakref.ref(client)
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(client.send_message, "admin", TO_U1, TEXT) for _ in range(8)]
        while len(sandbox.requests()) < 8:
            time.sleep(0.01)
        del client
        gc.collect()
        assert gone() is not None, "its calls hold it"
        uids = {answer.result(30).message_uid for answer in answers}
    del answers
    gc.collect()
    assert gone() is None
    assert uids == set(sandbox.message_uids())


@on_linux
@pytest.mark.limit(120 + CLIENTS / 10)
def test_clients_made_used_and_dropped_leave_nothing_behind(capsys: pytest.CaptureFixture[str]) -> None:
    with sandbox_elsewhere() as url:

        def make_and_use(number: int) -> None:
            client = MessageClient(url, "123456")
            client.send_message("admin", TO_U1, TEXT)
            if number % 2:
                client.close()

        for number in range(200):
            make_and_use(number)
        before = (tasks(), descriptors(), resident_memory())
        for number in range(CLIENTS):
            make_and_use(number)
        # The last connections close while the calls of others are waited for.
        deadline = time.monotonic() + 10
        while descriptors() > before[1] and time.monotonic() < deadline:
            make_and_use(0)
        after = (tasks(), descriptors(), resident_memory())
    with capsys.disabled():
        print(f"\nmeasured: clients; threads, descriptors and KiB were {before}, and are {after} after {CLIENTS} more")
    assert after[0] == before[0]
    assert after[1] <= before[1]
    assert after[2] - before[2] < 4 * 1024
