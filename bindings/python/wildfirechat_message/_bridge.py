"""The generated module as the rest of the package sees it: `native`.

It is private, and made by a generator whose habits are not Python's. What this package changes about it is done here
and at the end of `_errors.py` and `_sandbox.py`; `tests/test_generated_code.py` fails when it no longer fits.
"""

from __future__ import annotations

import ctypes
from typing import Any

from . import _records
from ._native import wildfirechat_message as native

__all__ = ["native"]

_DEFECT = (
    "the native part of wildfirechat-message failed; this is a defect of the library, which says more on standard error"
)


def _call_with_error(converter: Any, function: Any, *arguments: Any) -> Any:
    """Calls the library as the generated function does, and keeps what a signal would make that one lose.

    A signal that comes while the library waits has its handler run as soon as the library is back, before anybody has
    seen what it answered. If that was "the call goes on", the ticket is needed to end the call: then the error with
    the ticket is raised, and has the handler's exception as its cause.

    A panic in the library is a RuntimeError.
    """
    status = native._UniffiRustCallStatus.default()
    try:
        result = function(*arguments, ctypes.byref(status))
    except BaseException as stop:
        if converter is not None and status.code == status.CALL_ERROR:
            raise converter.lift(status.error_buf) from stop
        raise
    if status.code == status.CALL_UNEXPECTED_ERROR:
        # A panic's own words stay out: nobody knows what they hold. The library has written them to standard error.
        status.error_buf.free()
        raise RuntimeError(_DEFECT)
    native._uniffi_check_call_status(converter, status)
    return result


_records.install(native)
native._uniffi_rust_call_with_error = _call_with_error
