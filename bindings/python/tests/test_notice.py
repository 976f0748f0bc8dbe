"""The notice of a client about its server goes to the log, once."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from wildfirechat_message import MessageClient, Sandbox

LOGGER = "wildfirechat_message"


def test_plain_http_to_another_machine_is_a_warning_once_for_a_server(caplog: pytest.LogCaptureFixture) -> None:
    for url in ("http://once.example.com:18080", "http://once.example.com:18080/prefix"):
        MessageClient(url, "123456")
    (record,) = caplog.records
    assert (record.name, record.levelno) == (LOGGER, logging.WARNING)
    assert record.getMessage() == (
        "http://once.example.com:18080 is called without TLS: anybody on the way to the server can read the messages "
        "and repeat the requests; the secret itself is not sent"
    )
    assert record.pathname == __file__, "it names the line that made the client"
    MessageClient("http://another.example.com:18080", "123456")
    assert len(caplog.records) == 2


def test_tls_and_this_machine_are_not_worth_a_word(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for url in (sandbox.base_url, "http://127.0.0.1", "http://localhost:18080", "https://im.example.com"):
        with MessageClient(url, "123456") as client:
            if url == sandbox.base_url:
                client.get_delivery_timestamp("u1")
    assert caplog.records == []


SAYS_IT = """
from wildfirechat_message import MessageClient
for _ in range(2):
    MessageClient("http://said.example.com", "123456")
"""
SAYS_NOTHING = """
import sys
from wildfirechat_message import MessageClient
MessageClient("http://localhost", "123456")
print("logging" in sys.modules)
"""


def run(program: str) -> tuple[str, str]:
    ended = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0
    return ended.stdout, ended.stderr


def test_a_program_that_set_up_no_log_sees_it_too() -> None:
    output, errors = run(SAYS_IT)
    assert (output, errors.count("http://said.example.com is called without TLS")) == ("", 1)


def test_a_program_with_nothing_to_log_loads_no_logging() -> None:
    assert run(SAYS_NOTHING) == ("False\n", "")
