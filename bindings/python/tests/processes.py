"""Other processes for the tests, and what the system knows about this one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

A_SANDBOX = """
import sys
from wildfirechat_message import Sandbox
with Sandbox(rate_limit=0) as sandbox:
    print(sandbox.base_url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def sandbox_elsewhere() -> Iterator[str]:
    """A sandbox with the secret 123456 in a process of its own: what it keeps is not this one's. Gives its URL."""
    command = [sys.executable, "-I", "-c", A_SANDBOX]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def run(program: str, *arguments: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Runs a program that shows every warning. One that takes longer is ended, which is an error."""
    command = [sys.executable, "-I", "-X", "dev", "-W", "error", "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds)


def resident_memory() -> int:
    """This process's, in KiB."""
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def tasks() -> int:
    """How many threads this process has, also those that Python knows nothing of."""
    return len(list(Path("/proc/self/task").iterdir()))


def descriptors() -> int:
    """How many files and sockets this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))
