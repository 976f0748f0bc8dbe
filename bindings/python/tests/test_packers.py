"""Programs that are packed into one file run: by a hook in the wheel, PyInstaller includes the native library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from wildfirechat_message import Conversation, MessageClient, Sandbox, TextContent

with Sandbox() as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
    sent = client.send_message("admin", Conversation.single("u1"), TextContent("packed"))
    assert sandbox.messages_with_text("packed") == [sent.message_uid]
    print("sent, packed:", getattr(sys, "frozen", False))
"""

# Both kinds at once: what PyInstaller finds out about a program takes it most of the time.
SPEC = """
found = Analysis(["program.py"])
modules = PYZ(found.pure)
EXE(modules, found.scripts, found.binaries, found.datas, name="one-file", console=True)
program = EXE(modules, found.scripts, exclude_binaries=True, name="program", console=True)
COLLECT(program, found.binaries, found.datas, name="one-folder")
"""


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    (folder / "program.py").write_text(PROGRAM, "utf-8")
    (folder / "program.spec").write_text(SPEC, "utf-8")
    command = [sys.executable, "-m", "PyInstaller", "--log-level=WARN", "program.spec"]
    environment = {**os.environ, "PYINSTALLER_CONFIG_DIR": str(folder / "cache")}
    made = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return folder / "dist"


@pytest.mark.parametrize("program", ["one-file", "one-folder/program"])
def test_a_program_packed_by_pyinstaller_sends(packed: Path, program: str, tmp_path: Path) -> None:
    ran = subprocess.run([packed / program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout) == (0, "sent, packed: True\n"), ran.stderr
