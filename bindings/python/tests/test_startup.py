"""What importing the package costs: nothing that a blocking client does not need."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

from wildfirechat_message._native import wildfirechat_message as native

# Each takes 5 to 40 ms to import.
SLOW = {
    "asyncio",
    "concurrent.futures",
    "email",
    "http.client",
    "json",
    "logging",
    "socket",
    "ssl",
    "subprocess",
    "urllib",
}


def test_importing_the_package_imports_nothing_slow() -> None:
    program = (
        "import sys; before = set(sys.modules); import wildfirechat_message; print(*sorted(set(sys.modules) - before))"
    )
    # Isolated: no file of this folder and nothing of the environment is looked at.
    run = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True)
    imported = set(run.stdout.split())
    assert "wildfirechat_message" in imported
    assert not imported & SLOW


def test_the_generated_records_take_no_time_for_what_the_package_replaces() -> None:
    from wildfirechat_message import _records

    assert len(_records._native) > 50
    assert [name for name, generated in _records._native.items() if dataclasses.is_dataclass(generated)] == []
    assert not hasattr(native, "platform")
