"""What the tests share: a sandbox, and a client of it."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from wildfirechat_message import MessageClient, Sandbox


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """A program started in the background of a shell, as by some runners of tests, ignores Ctrl-C otherwise."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[MessageClient]:
    with MessageClient(sandbox.base_url, sandbox.secret) as client:
        yield client
