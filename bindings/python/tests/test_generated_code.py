"""The generated module is as this package needs it; a newer generator may make it otherwise."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from wildfirechat_message import MessageContent, _arguments, _bridge, _contents, _errors, _records
from wildfirechat_message._bridge import native

source = ast.parse(Path(native.__file__).read_text("utf-8"))


def generated(name: str) -> Any:
    """A top-level definition of the generated module as it was before this package changed it."""
    (definition,) = [node for node in source.body if getattr(node, "name", None) == name]
    return definition


def test_it_builds_our_records() -> None:
    assert _records.shape_problems(native) == []


def test_the_call_is_the_one_that_ours_replaces() -> None:
    function = generated("_uniffi_rust_call_with_error")
    assert ast.unparse(function) == inspect.cleandoc("""
        def _uniffi_rust_call_with_error(error_ffi_converter, fn, *args):
            call_status = _UniffiRustCallStatus.default()
            args_with_error = args + (ctypes.byref(call_status),)
            result = fn(*args_with_error)
            _uniffi_check_call_status(error_ffi_converter, call_status)
            return result
    """)


def test_every_method_goes_through_the_call_that_ours_replaces() -> None:
    assert native._uniffi_rust_call_with_error is _bridge._call_with_error
    for name in ("NativeMessageClient", "NativeSandbox"):
        for method in vars(getattr(native, name)).values():
            code = getattr(getattr(method, "__func__", method), "__code__", None)
            if code and "_UniffiLib" in code.co_names:
                assert {"_uniffi_rust_call_with_error", "_uniffi_rust_call"} & set(code.co_names)


def test_it_raises_our_errors() -> None:
    classes = [*_errors.VARIANTS, _errors.Pending]
    converter = native._UniffiFfiConverterTypeNativeMessageError
    assert converter.read.__globals__ is vars(native)
    reads = ast.unparse(generated(converter.__name__))
    for number, variant in enumerate(classes, start=1):
        assert f"if variant == {number}:\n            return NativeMessageError.{variant.__name__}(" in reads
        names = list(inspect.signature(variant).parameters)
        writes = [line for line in reads.splitlines() if ".write(value." in line or "buf.write_i32" in line]
        start = next(index for index, line in enumerate(writes) if line.strip() == f"buf.write_i32({number})")
        fields = [line.split("value.")[1].split(",")[0] for line in writes[start + 1 : start + 1 + len(names)]]
        assert fields == names
    assert f"if variant == {len(classes) + 1}:" not in reads


def test_every_content_lies_in_its_value_and_any_other_payload_beside_it() -> None:
    variants = {name: value for name, value in vars(native.MessageContent).items() if isinstance(value, type)}
    names = {name: list(inspect.signature(variant).parameters) for name, variant in variants.items()}
    assert names.pop("CUSTOM") == ["payload"]
    assert set(map(tuple, names.values())) == {("value",)}
    assert len(get_args(MessageContent)) == len(names) + 1


def test_the_methods_of_records_look_at_what_they_hand_over() -> None:
    assert _records._call is _contents._call
    methods = [name for name in dir(native.MessageContent) if name.startswith("native_")]
    assert methods == ["native_to_payload"]


def test_the_fields_of_64_bits_are_known() -> None:
    converters: dict[str, set[str]] = {}
    for record in _records._RECORDS:
        checks = ast.unparse(generated(f"_UniffiFfiConverterType{record.__name__}"))
        pairs = re.findall(r"_UniffiFfiConverter(?:Optional)?Int(32|64)\.check_lower\(value\.(\w+)\)", checks)
        assert {name for _, name in pairs} >= {
            field.name for field in dataclasses.fields(record) if field.type == "int"
        }
        for bits, name in pairs:
            converters.setdefault(name, set()).add(bits)
    for name, bits in converters.items():
        assert bits == ({"64"} if name in _arguments.WIDE_FIELDS else {"32"}), name


@pytest.mark.parametrize("module", ["asyncio", "concurrent.futures", "logging", "urllib.request"])
def test_it_imports_nothing_slow(module: str) -> None:
    imported = {
        name
        for node in ast.walk(source)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
    }
    assert module not in imported
