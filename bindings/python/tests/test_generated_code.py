"""The generated module has the form that this package needs; a newer generator may write another form."""

from __future__ import annotations

import ast
import ctypes
import dataclasses
import datetime
import inspect
import re
import struct
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from wildfirechat_message import (
    MessageContent,
    _arguments,
    _bridge,
    _bulk,
    _calls,
    _contents,
    _endpoints,
    _errors,
    _packing,
    _records,
)
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


def test_the_helpers_are_those_that_ours_replace() -> None:
    buffer = {field[0]: field[1] for field in native._UniffiRustBuffer._fields_}
    assert list(buffer) == ["capacity", "len", "data"]
    assert [name for name, _ in native._UniffiForeignBytes._fields_] == [name for name, _ in _bridge._Octets._fields_]
    assert ctypes.sizeof(native._UniffiForeignBytes) == ctypes.sizeof(_bridge._Octets)
    assert native._UniffiRustCallStatus().code == native._UniffiRustCallStatus.CALL_SUCCESS
    assert ast.unparse(generated("_UniffiConverterRustBuffer")) == inspect.cleandoc("""
        class _UniffiConverterRustBuffer:

            @classmethod
            def lift(cls, rbuf):
                with rbuf.consume_with_stream() as stream:
                    return cls.read(stream)

            @classmethod
            def lower(cls, value):
                with _UniffiRustBuffer.alloc_with_builder() as builder:
                    cls.write(value, builder)
                    return builder.finalize()
    """)
    text = ast.unparse(generated("_UniffiFfiConverterString"))
    assert "builder.write(value.encode('utf-8'))" in text
    assert "return stream.read(stream.remaining()).decode('utf-8')" in text
    kinds = [name for name, kind in vars(native).items() if hasattr(kind, "_uniffi_make_instance")]
    assert {"NativeAccess", "NativeMessageClient", "NativeOutboxEntries", "NativeSandbox"} <= set(kinds)
    for kind in kinds:
        function = f"_UniffiLib.uniffi_wildfirechat_message_fn_clone_{kind.lower()}"
        freeing = ast.unparse(generated(kind))
        assert f"_uniffi_rust_call(_UniffiLib.uniffi_wildfirechat_message_fn_free_{kind.lower()}, handle)" in freeing
        making = ["inst = cls.__new__(cls)", "inst._handle = handle", "return inst"]
        assert all(line in freeing for line in making)
        assert isinstance(vars(getattr(native, kind))["__del__"], property)
        cloning = f"def _uniffi_clone_handle(self):\n        return _uniffi_rust_call({function}, self._handle)"
        assert cloning in ast.unparse(generated(kind))


@pytest.mark.parametrize("name", ["_UniffiRustBufferStream", "_UniffiRustBufferBuilder"])
def test_what_converters_read_from_and_write_to_is_whole(name: str) -> None:
    ours = {"_UniffiRustBufferStream": _bridge._Stream, "_UniffiRustBufferBuilder": _bridge._Builder}[name]
    used = set()
    for node in ast.walk(source):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("buf", "stream"):
            used.add(node.attr)
    theirs = {each for each in vars(getattr(native, name)) if each.startswith(("read", "write"))}
    assert theirs & used <= set(dir(ours))


SAMPLES: dict[str, list[Any]] = {
    "int": [0, 1, -1, 2**31 - 1, -(2**31)],
    "str": ["", "hi", "é" * 300, "𝄞\0"],
    "bool": [True, False],
    "bytes": [b"", bytes(range(256)) * 200],
}


def sample(hint: Any, turn: int) -> Any:
    """A value for an annotation; another one each turn."""
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(
            **{  # type: ignore[operator]
                field.name: sample(hints[field.name], turn + number)
                for number, field in enumerate(dataclasses.fields(hint))
            }
        )
    if get_origin(hint) is Union:
        return None if turn % 2 else sample(get_args(hint)[0], turn)
    if get_origin(hint) is list:
        return [sample(get_args(hint)[0], turn + number) for number in range(turn % 4)]
    values = SAMPLES[hint.__name__]
    return values[turn % len(values)]


@pytest.mark.parametrize("name", sorted(_packing.OF))
def test_a_record_is_packed_as_the_generated_code_writes_it(name: str) -> None:
    converter = getattr(native, f"_UniffiFfiConverterType{name}")
    for turn in range(20):
        record = sample(getattr(_records, name), turn)
        written = _bridge._Builder()
        converter.write(record, written)
        assert _packing.OF[name](record) == b"".join(written.parts)
        assert _bridge.read_by(converter, b"".join(written.parts)) == record


def test_a_sent_message_lies_as_two_numbers() -> None:
    octets = struct.pack(">qq", 1 << 60, -5)
    assert _bridge.read_by(native._UniffiFfiConverterTypeSentMessage, octets) == _records.SentMessage(1 << 60, -5)
    sent = native._UniffiFfiConverterTypeSentMessage.lift(_bridge.to_buffer(octets))
    assert sent == _records.SentMessage(1 << 60, -5)


def test_what_the_client_hands_over_can_be_packed() -> None:
    clients = [kind for kind in vars(native).values() if hasattr(kind, "in_slices_with")]
    assert len(clients) == 3
    methods = [method for kind in clients for name, method in vars(kind).items() if name[0] != "_"]
    taken = {hint for method in methods for hint in getattr(method, "__annotations__", {}).values()}
    requests = {str(hint) for hint in taken if str(hint).endswith("Request")}
    assert "SendRequest" in requests
    # What begins a text has a time in it, and is checked field by field, once for all the pieces of a text.
    assert requests - set(_packing.OF) == {"StreamTextRequest", "RobotStreamTextRequest"}


def test_every_method_goes_through_the_call_that_ours_replaces() -> None:
    assert native._uniffi_rust_call_with_error is _bridge._call_with_error
    for name in ("NativeAccess", "NativeMessageClient", "NativeRobotClient", "NativeBulk", "NativeSandbox"):
        for method in vars(getattr(native, name)).values():
            code = getattr(getattr(method, "__func__", method), "__code__", None)
            if code and "_UniffiLib" in code.co_names:
                assert {"_uniffi_rust_call_with_error", "_uniffi_rust_call"} & set(code.co_names)


@pytest.mark.parametrize("called", sorted([*_endpoints.ENDPOINTS, "NativeAccess.resume"]))
def test_a_call_is_made_as_the_generated_method_makes_it(called: str) -> None:
    kind, _, name = called.partition(".")
    (method,) = [node for node in generated(kind).body if getattr(node, "name", None) == name]
    hints = {**getattr(getattr(native, kind), name).__annotations__}
    answer = hints.pop("return")
    text = ast.unparse(method)
    lowered = "".join(f", {_calls.converter_of(hint).__name__}.lower({argument})" for argument, hint in hints.items())
    assert len(hints) <= 1
    assert f"(self._uniffi_clone_handle(){lowered or ','})" in text
    lift = "lambda val: None" if answer == "None" else f"{_calls.converter_of(answer).__name__}.lift"
    assert f"_uniffi_lift_return = {lift}\n" in text
    assert f"_UniffiLib.uniffi_wildfirechat_message_fn_method_{kind.lower()}_{name}, *_uniffi" in text
    parts = _calls.method(getattr(getattr(native, kind), name))
    assert (parts.read is None) is (answer in ("None", "int"))


def test_numbers_are_not_looked_at_twice() -> None:
    for name in ("_UniffiConverterPrimitiveInt", "_UniffiConverterPrimitiveFloat"):
        assert "except Exception:" in ast.unparse(generated(name))
        assert getattr(native, name).check_lower("no number") is None


def test_a_bulk_is_waited_for_as_the_generated_method_does_it() -> None:
    (method,) = [node for node in generated("NativeBulk").body if getattr(node, "name", None) == "wait"]
    text = ast.unparse(method)
    assert "self._uniffi_clone_handle(), _UniffiFfiConverterDuration.lower(patience))" in text
    assert "_UniffiFfiConverterTypeBulkNews.lift" in text
    written = _bridge._Builder()
    native._UniffiFfiConverterDuration.write(datetime.timedelta(milliseconds=100), written)
    assert b"".join(written.parts) == _bulk.PATIENCE


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
    for record in _records._RECORDS:
        checks = ast.unparse(generated(f"_UniffiFfiConverterType{record.__name__}"))
        pairs = re.findall(r"_UniffiFfiConverter(?:Optional)?Int(32|64)\.check_lower\(value\.(\w+)\)", checks)
        assert {name for _, name in pairs} >= {
            field.name for field in dataclasses.fields(record) if field.type == "int"
        }
        for bits, name in pairs:
            assert (bits == "64") == _arguments.is_wide(record.__name__, name), f"{record.__name__}.{name}"


@pytest.mark.parametrize("module", ["asyncio", "concurrent.futures", "logging", "urllib.request"])
def test_it_imports_nothing_slow(module: str) -> None:
    imported = {
        name
        for node in ast.walk(source)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
    }
    assert module not in imported
