"""The program `wildfirechat-message`, as `python -m` and as the console script run it.

All that the program does is held elsewhere, by the tests of the binary, which `cargo xtask verify` repeats for this
package. Here it is what a Python around it could spoil: arguments, streams, exit codes, signals.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import gettempdir

import pytest

from wildfirechat_message import Fault, Sandbox

MODULE = [sys.executable, "-m", "wildfirechat_message"]
SCRIPT = [str(Path(sys.executable).with_name("wildfirechat-message"))]

both = pytest.mark.parametrize("words", [MODULE, SCRIPT], ids=["module", "script"])
on_posix = pytest.mark.skipif(os.name != "posix", reason="the signals of this system cannot be sent from here")


def program(words: list[str], sandbox: Sandbox, *arguments: str) -> subprocess.Popen[bytes]:
    """The program, begun in an environment with nothing but the server in it: there is no locale either.

    Elsewhere than the tests: beside them lies a package without its library, which `-m` would take.
    """
    known = {"WILDFIRECHAT_URL": sandbox.base_url, "WILDFIRECHAT_SECRET": sandbox.secret}
    pipe = subprocess.PIPE
    return subprocess.Popen([*words, *arguments], env=known, cwd=gettempdir(), stdin=pipe, stdout=pipe, stderr=pipe)


def wait_for_requests(sandbox: Sandbox, count: int) -> None:
    while len(sandbox.requests()) < count:
        time.sleep(0.01)


@both
def test_a_text_in_any_language_arrives_as_it_was_typed(words: list[str], sandbox: Sandbox) -> None:
    running = program(words, sandbox, "send", "--to", "user:u1", "--sender", "admin", "构建通过了 ✅", "--json")
    output, errors = running.communicate(timeout=60)
    assert (running.returncode, errors) == (0, b"")
    assert [int(json.loads(output)["message_uid"])] == sandbox.messages_with_text("构建通过了 ✅")


@both
def test_a_text_is_read_from_the_standard_input(words: list[str], sandbox: Sandbox) -> None:
    running = program(words, sandbox, "send", "--to", "user:u1", "--sender", "admin")
    _, errors = running.communicate(b"two\nlines\n", timeout=60)
    assert (running.returncode, errors) == (0, b"")
    assert len(sandbox.messages_with_text("two\nlines")) == 1


@both
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--version"], 0),
        (["get", "7"], 1),
        ([], 2),
        (["get", "seven"], 2),
        (["get", "7", "--secret", "canary"], 2),
    ],
)
def test_the_exit_code_is_the_programs(words: list[str], sandbox: Sandbox, arguments: list[str], code: int) -> None:
    running = program(words, sandbox, *arguments)
    output, errors = running.communicate(timeout=60)
    assert running.returncode == code, errors
    assert b"canary" not in output + errors
    assert b"Traceback" not in errors


@both
@on_posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_call_and_its_fate_is_told(words: list[str], sandbox: Sandbox, number: signal.Signals) -> None:
    sandbox.fail_next(Fault.NEVER_ANSWER_AFTER_EXECUTING)
    running = program(words, sandbox, "send", "--to", "user:u1", "--sender", "admin", "hello", "--json")
    wait_for_requests(sandbox, 1)
    running.send_signal(number)
    output, errors = running.communicate(timeout=60)
    assert running.returncode == 3, errors
    told = json.loads(output)
    assert (told["error"], told["sent"]) == ("Interrupted", True)
    assert b"KeyboardInterrupt" not in errors


@both
@pytest.mark.skipif(sys.platform != "linux", reason="nothing tells which signals a process catches")
def test_before_the_first_request_ctrl_c_ends_the_process_at_once(words: list[str], sandbox: Sandbox) -> None:
    # It waits for a text that does not come.
    running = program(words, sandbox, "send", "--to", "user:u1", "--sender", "admin")
    while not is_begun(running.pid):
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert (running.returncode, errors) == (-signal.SIGINT, b"")
    assert sandbox.requests() == []


def is_begun(process: int) -> bool:
    """Whether the library is loaded, and Ctrl-C is no longer Python's."""
    about = Path("/proc", str(process))
    caught = next(line for line in (about / "status").read_text().splitlines() if line.startswith("SigCgt:"))
    is_pythons = int(caught.split()[1], 16) & 1 << (signal.SIGINT - 1)
    return not is_pythons and "wildfirechat_message.so" in (about / "maps").read_text()
