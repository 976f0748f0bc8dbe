"""The public API as it is installed, compared with git: `api.txt` (names and signatures), `api-docs.txt`."""

from __future__ import annotations

import dataclasses
import difflib
import enum
import inspect
import os
import textwrap
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

import wildfirechat_message

FOLDER = Path(__file__).parent.parent
WIDTH = 100
PACKAGE = wildfirechat_message.__name__


def test_the_signatures_are_those_of_the_listing() -> None:
    hold("api.txt", signatures)


def test_the_docstrings_are_those_of_the_listing() -> None:
    hold("api-docs.txt", docstrings)


def test_a_change_is_shown_with_what_it_belongs_to() -> None:
    before = "class A\n    x: int\n    y: int = 0\n\nfunction f() -> None\n"
    assert difference("api.txt", before, before.replace("y: int = 0", "y: str")).splitlines()[2:] == [
        "@@ -1,5 +1,5 @@",
        " class A",
        "     x: int",
        "-    y: int = 0",
        "+    y: str",
        " ",
        " function f() -> None",
    ]


def hold(name: str, what: typing.Callable[[str, typing.Any], str]) -> None:
    """Compares what is installed with a listing; with WILDFIRECHAT_API=write it writes the listing."""
    public = ((name, getattr(wildfirechat_message, name)) for name in sorted(wildfirechat_message.__all__))
    installed = "\n".join(what(name, value) for name, value in public)
    file = FOLDER / name
    if os.environ.get("WILDFIRECHAT_API") == "write":
        file.write_bytes(installed.encode())  # With the same line ends everywhere.
    listed = file.read_text(encoding="utf-8") if file.exists() else ""
    if installed != listed:
        pytest.fail(
            f"the public API is not that of bindings/python/{name}. Where this is meant, renew the listing by "
            f"`cargo xtask api python`.\n{difference(name, listed, installed)}",
            pytrace=False,
        )


def difference(name: str, listed: str, installed: str) -> str:
    """As much as somebody reads."""
    lines = [*difflib.unified_diff(listed.splitlines(), installed.splitlines(), name, "installed", n=3, lineterm="")]
    return "\n".join([*lines[:60], *[f"… and {len(lines) - 60} lines more"][: len(lines) > 60]])


def signatures(name: str, value: typing.Any) -> str:
    """A public name with everything that callers can write of it."""
    if inspect.isfunction(value):
        return called(f"function {name}", value)
    if not isinstance(value, type):
        return f"{name} = one of\n" + "".join(f"    {each.__name__}\n" for each in typing.get_args(value))
    bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
    head = f"class {name}({bases})\n" if bases else f"class {name}\n"
    return head + "".join(textwrap.indent(member, "    ") for member in members(value))


def members(owner: type) -> Iterator[str]:
    if issubclass(owner, enum.Enum):
        yield from (f"{name} = {member.value!r}\n" for name, member in owner.__members__.items())
        return
    if dataclasses.is_dataclass(owner):
        yield from (f"{field.name}: {field.type}\n" for field in dataclasses.fields(owner))
    if inspect.isfunction(owner.__init__) and not getattr(owner, "_is_protocol", False):
        yield called("__init__", owner.__init__)
    for name, value in own(owner):
        if isinstance(value, property):
            yield f"property {called(name, value.fget)}"
        elif isinstance(value, (classmethod, staticmethod)):
            yield f"{type(value).__name__} {called(name, value.__func__)}"
        elif inspect.isfunction(value):
            yield called(name, value)
        elif isinstance(value, type):
            yield f"{name} = {value.__name__}\n"


def own(owner: type) -> list[tuple[str, typing.Any]]:
    """What a class has by itself, or from the private bases that belong to it: by name."""
    of_the_package = [base for base in owner.__mro__ if base.__module__.startswith(PACKAGE)]
    private = [base for base in of_the_package if base is owner or base.__name__ not in wildfirechat_message.__all__]
    found = {name: value for base in reversed(private) for name, value in vars(base).items()}
    return sorted((name, value) for name, value in found.items() if is_shown(name))


def is_shown(name: str) -> bool:
    # Of the special methods those that a `with` or a `for` calls.
    return not name.startswith("_") or name in ("__enter__", "__exit__", "__iter__", "__next__", "__len__")


def called(name: str, function: typing.Any) -> str:
    """A signature, in one line where it fits."""
    signature = inspect.signature(function)
    parameters, kind = [], None
    for parameter in signature.parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY is not kind:
            parameters.append("*")
        kind = parameter.kind
        parameters.append(shown(parameter))
    line = f"{name}({', '.join(parameters)}) -> {signature.return_annotation}\n"
    if len(line) <= WIDTH:
        return line
    return f"{name}(\n" + "".join(f"    {each},\n" for each in parameters) + f") -> {signature.return_annotation}\n"


def shown(parameter: inspect.Parameter) -> str:
    default = parameter.default
    text = parameter.name
    if parameter.annotation is not parameter.empty:
        text += f": {parameter.annotation}"
    if isinstance(default, enum.Enum):
        text += f" = {type(default).__name__}.{default.name}"
    elif default is not parameter.empty:
        text += f" = {default!r}"
    return text


def docstrings(name: str, value: typing.Any) -> str:
    """What help() and editors say of a public name and its members."""
    if typing.get_origin(value) is typing.Union:
        # From Python 3.14 on it has the docstring of all unions.
        return ""
    entries = [(name, value)]
    if isinstance(value, type):
        entries += [(f"{name}.{member}", each) for member, each in own(value) if is_documented(each)]
    # Python 3.9 takes the docstring of a class method's type for that of the method.
    documented = [(entry, inspect.getdoc(getattr(each, "__func__", each))) for entry, each in entries]
    return "\n".join(f"{entry}\n{textwrap.indent(docs, '    ')}\n" for entry, docs in documented if docs)


def is_documented(member: typing.Any) -> bool:
    # The values of fields and of an enum's members have the docstring of their type.
    return isinstance(member, (property, classmethod, staticmethod)) or inspect.isfunction(member)
