"""What PyInstaller asks for: where the hook is that makes it take the native library along."""

from __future__ import annotations

from pathlib import Path


def get_hook_dirs() -> list[str]:
    """The folder of the hook; PyInstaller finds this function by the entry point `pyinstaller40`."""
    return [str(Path(__file__).parent)]
