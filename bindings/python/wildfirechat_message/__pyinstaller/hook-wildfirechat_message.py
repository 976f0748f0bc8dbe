"""Takes the native library along: PyInstaller sees no import of it, as the package opens it by its path."""

from __future__ import annotations

from PyInstaller.utils.hooks import collect_dynamic_libs  # type: ignore[import-untyped]

binaries = collect_dynamic_libs("wildfirechat_message")
