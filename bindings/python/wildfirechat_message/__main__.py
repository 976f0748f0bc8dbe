"""The program `wildfirechat-message`, in this process: `python -m wildfirechat_message --help`.

It is the native library's own, the same as the program without Python: its arguments, exit codes and signals.
"""

from __future__ import annotations

import ctypes
import os
import sys

from ._bridge import native


def main() -> int:
    """Runs the program with this process's arguments; gives the exit code, for whoever exits with it."""
    program = native._UniffiLib.wildfirechat_message_run_program
    program.argtypes = (ctypes.c_char_p, ctypes.c_size_t)
    program.restype = ctypes.c_int
    arguments = b"".join(os.fsencode(argument) + b"\0" for argument in sys.argv[1:])
    code: int = program(arguments, len(arguments))
    return code


if __name__ == "__main__":
    sys.exit(main())
