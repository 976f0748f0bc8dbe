"""What the tests share: a sandbox, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wildfirechat_message import MessageClient, Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[MessageClient]:
    with MessageClient(sandbox.base_url, sandbox.secret) as client:
        yield client
