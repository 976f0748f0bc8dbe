"""Servers that load an application with its client and then fork their workers: gunicorn and Celery."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from wildfirechat_message import Sandbox

from test_fork import senders_by_connection

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

LONGEST = 15.0

# The parent makes the client and uses it.
MAKES_AND_USES_A_CLIENT = """
import os
from wildfirechat_message import Conversation, MessageClient, MessagePayload

client = MessageClient({url!r}, "123456")

def send(sender):
    client.send_message(sender, Conversation.single("u1"), MessagePayload.text("hi"))

send("parent")
"""

GUNICORN = """
def app(environ, start_response):
    send(f"worker {os.getpid()}")
    start_response("200 OK", [("content-type", "text/plain")])
    return [b"sent"]
"""

CELERY = """
import time
from celery import Celery
from celery.signals import worker_ready

app = Celery("application", broker="filesystem://")
app.conf.broker_transport_options = {{
    "data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control", "polling_interval": 0.05
}}
app.conf.worker_prefetch_multiplier = 1

@app.task
def notify():
    send(f"worker {{os.getpid()}}")
    time.sleep(0.1)  # so that the other worker has a share, too

@worker_ready.connect
def ask_for_work(**_):
    for _ in range(12):
        notify.delay()
"""


def test_both_servers_are_here() -> None:
    assert [name for name in ("gunicorn", "celery") if importlib.util.find_spec(name) is None] == []


@contextlib.contextmanager
def running(folder: Path, *command: str, inherited: int = -1) -> Iterator[subprocess.Popen[str]]:
    """A server of this Python, which must end well when it is told to; nothing of it is left afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=[inherited] if inherited >= 0 else [],
        start_new_session=True,
    )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=LONGEST)
        assert process.returncode == 0, output
        assert not re.search(r"Traceback|Error", output), output
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def workers(sandbox: Sandbox) -> set[str]:
    return set().union(*senders_by_connection(sandbox).values()) - {"parent"}


def assert_parent_and_workers_sent_on_their_own_connections(sandbox: Sandbox) -> None:
    found = senders_by_connection(sandbox)
    assert {connection: senders for connection, senders in found.items() if len(senders) > 1} == {}
    assert sorted(sender for senders in found.values() for sender in senders if sender == "parent") == ["parent"]


def test_workers_of_gunicorn_use_the_client_of_the_preloaded_application(sandbox: Sandbox, tmp_path: Path) -> None:
    application = MAKES_AND_USES_A_CLIENT.format(url=sandbox.base_url) + GUNICORN
    tmp_path.joinpath("application.py").write_text(application, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = ["gunicorn", "--preload", "--workers", "2", "--bind", f"fd://{listener.fileno()}"]
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with running(tmp_path, *command, "application:app", inherited=listener.fileno()):
            deadline = time.monotonic() + LONGEST
            while len(workers(sandbox)) < 2 and time.monotonic() < deadline:
                with urllib.request.urlopen(url, timeout=LONGEST) as answer:
                    assert answer.read() == b"sent"
    assert len(workers(sandbox)) == 2
    assert_parent_and_workers_sent_on_their_own_connections(sandbox)


def test_prefork_workers_of_celery_use_the_client_of_their_parent(sandbox: Sandbox, tmp_path: Path) -> None:
    application = MAKES_AND_USES_A_CLIENT.format(url=sandbox.base_url) + CELERY.format()
    tmp_path.joinpath("application.py").write_text(application, "utf-8")
    for folder in ("queue", "control"):
        tmp_path.joinpath(folder).mkdir()
    command = ["celery", "--app", "application", "worker", "--pool", "prefork", "--concurrency", "2"]
    with running(tmp_path, *command, "--without-gossip", "--without-mingle", "--without-heartbeat"):
        deadline = time.monotonic() + LONGEST
        while len(sandbox.message_uids()) < 1 + 12 and time.monotonic() < deadline:
            time.sleep(0.02)
    assert len(sandbox.message_uids()) == 1 + 12
    assert len(workers(sandbox)) == 2
    assert_parent_and_workers_sent_on_their_own_connections(sandbox)
