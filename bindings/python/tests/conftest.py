"""Common to all tests: a sandbox, a client of it, and a time limit."""

from __future__ import annotations

import faulthandler
import os
import signal
from collections.abc import Iterator

import pytest

from wildfirechat_message import MessageClient, Sandbox

LIMIT = 120.0
_errors = 2


def pytest_configure(config: pytest.Config) -> None:
    """Keeps the true standard error: that of a test is captured, and would be lost with the process."""
    global _errors
    capture = config.pluginmanager.getplugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        _errors = os.dup(2)


@pytest.fixture(autouse=True)
def no_test_stalls(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that hangs ends the run, and shows where each thread is: what waits in the library heeds no exception."""
    limit = request.node.get_closest_marker("limit")
    faulthandler.dump_traceback_later(limit.args[0] if limit else LIMIT, exit=True, file=_errors)
    yield
    faulthandler.cancel_dump_traceback_later()


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
