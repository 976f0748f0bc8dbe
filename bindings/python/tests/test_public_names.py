"""Every public name has a text for users. `test_api.py` checks names and signatures."""

from __future__ import annotations

import dataclasses
import enum
import importlib.metadata
import importlib.resources
import inspect
import pydoc
import re
import typing

import pytest

import wildfirechat_message
from wildfirechat_message import ChannelClient, Content, MessageClient, RobotClient

PUBLIC = {name: getattr(wildfirechat_message, name) for name in wildfirechat_message.__all__}
CLASSES = {name: value for name, value in PUBLIC.items() if isinstance(value, type)}
FUNCTIONS = {name: value for name, value in PUBLIC.items() if inspect.isfunction(value)}


def methods_of(owner: type) -> dict[str, typing.Any]:
    return {
        name: value
        for base in owner.__mro__
        if base.__module__.startswith("wildfirechat_message")
        for name, value in vars(base).items()
        if name[0] != "_" and (inspect.isfunction(value) or isinstance(value, (classmethod, property)))
    }


def test_every_name_is_a_class_or_a_function_but_the_unions_of_contents_and_of_requests() -> None:
    assert PUBLIC.keys() - CLASSES.keys() - FUNCTIONS.keys() == {"MessageContent", "OutboxRequest"}


@pytest.mark.parametrize("name", [*CLASSES, *FUNCTIONS])
def test_a_public_name_says_what_it_is_for(name: str) -> None:
    value = PUBLIC[name]
    assert value.__doc__
    assert not value.__doc__.startswith(f"{name}("), "this is what dataclasses write where nobody wrote anything"
    for method, member in methods_of(CLASSES.get(name, object)).items():
        assert inspect.getdoc(getattr(value, method)), f"{name}.{method}"
        assert inspect.getdoc(member), f"{name}.{method}"


@pytest.mark.parametrize("name", [*CLASSES, *FUNCTIONS])
def test_a_docstring_names_every_argument_and_field(name: str) -> None:
    value = PUBLIC[name]
    documented = {name: value.__doc__}
    named: dict[str, list[str]] = {name: []}
    if dataclasses.is_dataclass(value):
        named[name] = [field.name for field in dataclasses.fields(value)]
    elif inspect.isfunction(value):
        named[name] = list(inspect.signature(value).parameters)
    elif not issubclass(value, (enum.Enum, Content)) and inspect.isfunction(value.__init__):
        named[name] = list(inspect.signature(value.__init__).parameters)[1:]
    if value in (MessageClient, RobotClient, ChannelClient, wildfirechat_message.Sandbox):
        for method, member in methods_of(value).items():
            if inspect.isfunction(member):
                documented[method] = member.__doc__
                named[method] = list(inspect.signature(member).parameters)[1:]
    for owner, names in named.items():
        # One argument may be told of in the sentence.
        missing = [each for each in names if not re.search(rf"\b{each}: ", documented[owner]) and len(names) > 1]
        assert not missing, f"{owner} says nothing of {missing}"


@pytest.mark.parametrize("name", [name for name, value in CLASSES.items() if issubclass(value, enum.Enum)])
def test_an_enum_says_what_each_member_means(name: str) -> None:
    docs = inspect.getdoc(PUBLIC[name]) or ""
    missing = [member for member in PUBLIC[name].__members__ if f"\n    {member}: " not in docs]
    assert not missing


def test_help_reads_well() -> None:
    text = pydoc.plain(pydoc.render_doc(wildfirechat_message))
    for name in PUBLIC:
        assert name in text
    assert "Only these users of the conversation receive it, and the sender; empty for all." in text


def test_nothing_else_is_public() -> None:
    others = {name for name in vars(wildfirechat_message) if name[0] != "_"} - set(PUBLIC)
    # Modules that are imported by themselves, as other tests do.
    assert others <= {"annotations", "bridges", "otel"}


def test_the_version_is_the_distribution_s() -> None:
    assert wildfirechat_message.__version__ == importlib.metadata.version("wildfirechat-message")


def test_the_package_is_typed() -> None:
    files = importlib.resources.files(wildfirechat_message)
    assert files.joinpath("py.typed").is_file()
    assert files.joinpath("_native").joinpath("wildfirechat_message.pyi").is_file()


def test_annotations_can_be_resolved() -> None:
    for function in FUNCTIONS.values():
        assert typing.get_type_hints(function)
    for value in CLASSES.values():
        typing.get_type_hints(value)
        for member in methods_of(value).values():
            typing.get_type_hints(getattr(member, "fget", None) or getattr(member, "__func__", member))
