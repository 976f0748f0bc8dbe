"""Importing the package imports nothing that a blocking client does not need."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

from wildfirechat_message._native import wildfirechat_message as native

# What a blocking client needs of Python's own modules. Whatever these import themselves is theirs.
NEEDED = (
    "__future__",
    "collections.abc",
    "contextlib",
    "copy",
    "ctypes",
    "datetime",
    "enum",
    "functools",
    "itertools",
    "math",
    "operator",
    "os",
    "struct",
    "threading",
    "time",
    "types",
    "typing",
    "warnings",
)


def in_a_fresh_interpreter(program: str) -> list[str]:
    """The words that a program prints."""
    # Isolated: no file of this folder and nothing of the environment is looked at.
    run = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True)
    return run.stdout.split()


def test_importing_the_package_imports_nothing_that_a_blocking_client_does_not_need() -> None:
    program = f"""
import sys, {", ".join(NEEDED)}
# Python 3.14 imports more for the first structure, and for the first named tuple.
class Structure(ctypes.Structure): _fields_ = []
class Pair(typing.NamedTuple): first: "int"
before = set(sys.modules)
import wildfirechat_message
print(*sorted(set(sys.modules) - before))
"""
    imported = in_a_fresh_interpreter(program)
    assert "wildfirechat_message" in imported
    assert [name for name in imported if not name.startswith("wildfirechat_message")] == []


def test_importing_the_package_imports_neither_asyncio_nor_sockets() -> None:
    program = "import sys, wildfirechat_message; print('asyncio' in sys.modules, 'socket' in sys.modules)"
    assert in_a_fresh_interpreter(program) == ["False", "False"]


def test_what_most_programs_do_not_use_is_imported_when_it_is_used() -> None:
    program = """
import sys, wildfirechat_message as package
later = ["_sandbox", "_outbox", "_robot_client"]
loaded = lambda: [name for name in later if f"wildfirechat_message.{name}" in sys.modules]
print(loaded(), "Sandbox" in dir(package))
package.Sandbox, package.Outbox, package.RobotClient
print(loaded())
"""
    words = " ".join(in_a_fresh_interpreter(program))
    assert words == "[] True ['_sandbox', '_outbox', '_robot_client']"


def test_importing_the_package_compiles_no_method_of_a_record() -> None:
    program = """
import dataclasses, sys, typing
compiled = []
sys.addaudithook(lambda event, arguments: compiled.append(arguments[0]) if event == "compile" else None)
import wildfirechat_message
def methods():
    texts = [text.decode() if isinstance(text, bytes) else str(text) for text in compiled]
    names = ("__init__", "__repr__", "__eq__", "__hash__")
    return [name for name in names if any(f"def {name}(" in text for text in texts)]
print(methods())
dataclasses.make_dataclass("Sample", ["field"])  # So that it is known to see what it looks for.
print("__init__" in methods())
"""
    assert in_a_fresh_interpreter(program) == ["[]", "True"]


def test_the_generated_records_take_no_time_for_what_the_package_replaces() -> None:
    from wildfirechat_message import _records

    assert len(_records._native) > 50
    assert [name for name, generated in _records._native.items() if dataclasses.is_dataclass(generated)] == []
    assert [name for name, generated in _records._native.items() if "__init__" in vars(generated)] == []
    assert not hasattr(native, "platform")
