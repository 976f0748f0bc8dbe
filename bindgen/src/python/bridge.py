"""The generated module as the rest of the package sees it: `native`.

It is private, and its generator does not follow Python's conventions. This package changes it here and at the end of
`_errors.py` and `_sandbox.py`; `tests/test_generated_code.py` fails if the changes no longer fit.

Most changes here save time: the generated code releases the interpreter's lock and takes it again for each piece of
memory, and makes several calls for each field. Here arguments and results are passed as one piece of bytes each, and
only the call itself releases the lock.
"""

from __future__ import annotations

import ctypes
from functools import partial
from itertools import starmap
from operator import attrgetter
from struct import Struct
from typing import Any

from . import _records
from ._native import wildfirechat_message as native

__all__ = ["native"]

_DEFECT = (
    "the native part of wildfirechat-message failed; this is a defect of the library, which says more on standard error"
)

_Status: Any = native._UniffiRustCallStatus
_octets_at = ctypes.string_at
reference = ctypes.byref


class _Octets(ctypes.Structure):
    """Bytes of Python that the library uses during a call, in the layout of the generated `_UniffiForeignBytes`."""

    _fields_ = (("len", ctypes.c_int32), ("data", ctypes.c_char_p))


_library = ctypes.PyDLL(native._UniffiLib._name, handle=native._UniffiLib._handle)  # type: ignore[attr-defined]


def _short(name: str, arguments: tuple[Any, ...], result: Any) -> Any:
    """A function of the library that is too short to release the interpreter's lock: it only moves memory or counts."""
    function = _library[name]
    function.argtypes = arguments
    function.restype = result
    return function


_Reference = ctypes.POINTER(_Status)
_PREFIX = "wildfirechat_message"
_from_octets = _short(f"ffi_{_PREFIX}_rustbuffer_from_bytes", (_Octets, _Reference), native._UniffiRustBuffer)
_new_buffer = _short(f"ffi_{_PREFIX}_rustbuffer_alloc", (ctypes.c_uint64, _Reference), native._UniffiRustBuffer)
_free_buffer = _short(f"ffi_{_PREFIX}_rustbuffer_free", (native._UniffiRustBuffer, _Reference), None)


def _call_with_error(converter: Any, function: Any, *arguments: Any) -> Any:
    """Calls the library as the generated function does, but loses nothing if a signal arrives.

    A signal that comes while the library works has its handler run as soon as the library is back, before anybody has
    seen what it answered. If that was an error, the error is raised, and has the handler's exception as its cause.

    A panic in the library is a RuntimeError. The calls of a client go another way, which loses nothing: `_calls`.
    """
    status = _Status()
    answer: list[Any] = []
    try:
        answer.extend(starmap(function, ((*arguments, reference(status)),)))
    except BaseException as stop:
        if answer and converter is not None and status.code == status.CALL_ERROR:
            raise converter.lift(status.error_buf) from stop
        raise
    if status.code:
        fail(converter, status)
    return answer[0]


def fail(converter: Any, status: Any) -> None:
    """Raises the error in the status of a call that failed."""
    if status.code == status.CALL_UNEXPECTED_ERROR:
        status.error_buf.free()
        raise defect()
    native._uniffi_check_call_status(converter, status)


def defect() -> RuntimeError:
    """The exception for a panic in the library.

    It leaves out the text of the panic, which may contain anything. The library has written it to standard error.
    """
    return RuntimeError(_DEFECT)


def _clones(kind: str) -> Any:
    """How an object of a class keeps its native object alive during a call, without releasing the lock."""
    function = _short(f"uniffi_{_PREFIX}_fn_clone_{kind.lower()}", (ctypes.c_uint64, _Reference), ctypes.c_uint64)

    def _uniffi_clone_handle(self: Any) -> Any:
        status = _Status()
        handle = function(self._handle, reference(status))
        if status.code:
            fail(None, status)
        return handle

    _uniffi_clone_handle.__wrapped__ = function  # type: ignore[attr-defined]
    return _uniffi_clone_handle


def _frees(kind: str) -> None:
    """Frees the objects of a class without executing Python code.

    If a signal's handler raises in a `__del__`, Python only reports the exception: Ctrl-C would be lost there. And an
    object that lives to the end of the interpreter is freed when the modules are empty already.
    """
    function = getattr(native._UniffiLib, f"uniffi_{_PREFIX}_fn_free_{kind.lower()}")
    generated: Any = getattr(native, kind)
    construct = generated.__init__

    def initialise(self: Any, *arguments: Any, **named: Any) -> None:
        construct(self, *arguments, **named)
        self._free = partial(function, self._handle, reference(_Status()))

    def _uniffi_make_instance(cls: Any, handle: int) -> Any:
        instance = cls.__new__(cls)
        instance._free = partial(function, handle, reference(_Status()))
        instance._handle = handle
        return instance

    generated.__init__ = initialise
    generated._uniffi_make_instance = classmethod(_uniffi_make_instance)
    # The interpreter itself looks it up and calls it. It does not exist if making the object failed.
    generated.__del__ = property(attrgetter("_free"))


def to_buffer(octets: bytes) -> Any:
    """A buffer of the library with these bytes, which the library frees after reading them."""
    status = _Status()
    buffer = to_buffer_with(octets, reference(status))
    if status.code:
        fail(None, status)
    return buffer


def to_buffer_with(octets: bytes, status: Any) -> Any:
    """The same, for code that checks the status itself."""
    return _from_octets(_Octets(len(octets), octets), status)


def bytes_of(buffer: Any) -> bytes:
    """The bytes of a buffer that the library returned."""
    return _octets_at(buffer.data, buffer.len)


def free(buffer: Any) -> None:
    """Gives a buffer back to the library."""
    _free_buffer(buffer, reference(_Status()))


def take_bytes(buffer: Any) -> bytes:
    """The bytes of a buffer that the library returned; the buffer is freed."""
    try:
        return _octets_at(buffer.data, buffer.len)
    finally:
        _free_buffer(buffer, reference(_Status()))


def _number(shape: str) -> Any:
    unpack_from, size = Struct(shape).unpack_from, Struct(shape).size

    def read(self: Any) -> Any:
        offset = self.offset
        self.offset = offset + size
        return unpack_from(self.octets, offset)[0]

    return read


class _Stream:
    """The stream from which the generated converters read: a whole buffer, beyond whose end nothing can be read."""

    __slots__ = ("octets", "offset")

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.offset = 0

    def remaining(self) -> int:
        return len(self.octets) - self.offset

    def read(self, size: int) -> bytes:
        offset = self.offset
        end = self.offset = offset + size
        if end > len(self.octets):
            raise native.InternalError("read past end of rust buffer")
        return self.octets[offset:end]

    read_i8, read_u8 = _number(">b"), _number(">B")
    read_i16, read_u16 = _number(">h"), _number(">H")
    read_i32, read_u32 = _number(">i"), _number(">I")
    read_i64, read_u64 = _number(">q"), _number(">Q")
    read_float, read_double = _number(">f"), _number(">d")


def _writes(shape: str) -> Any:
    pack = Struct(shape).pack

    def write(self: Any, value: Any) -> None:
        self.parts.append(pack(value))

    return write


class _Builder:
    """The stream to which the generated converters write."""

    __slots__ = ("parts",)

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, value: Any) -> None:
        self.parts.append(bytes(value))

    write_i8, write_u8 = _writes(">b"), _writes(">B")
    write_i16, write_u16 = _writes(">h"), _writes(">H")
    write_i32, write_u32 = _writes(">i"), _writes(">I")
    write_i64, write_u64 = _writes(">q"), _writes(">Q")
    write_float, write_double = _writes(">f"), _writes(">d")


def _lift(cls: Any, buffer: Any) -> Any:
    return read_by(cls, take_bytes(buffer))


def read_by(converter: Any, octets: bytes) -> Any:
    """The value that a converter reads from bytes; it must use all of them."""
    stream = _Stream(octets)
    value = converter.read(stream)
    if stream.offset != len(octets):
        raise RuntimeError(f"junk data left in buffer: {stream.remaining()} bytes")
    return value


def _lower(cls: Any, value: Any) -> Any:
    builder = _Builder()
    cls.write(value, builder)
    return to_buffer(b"".join(builder.parts))


def _lower_octets(value: Any) -> Any:
    """Bytes, or an object with the same memory layout, copied only once, because a file may be large."""
    octets = memoryview(value).cast("B")
    size = 4 + len(octets)
    status = _Status()
    buffer = _new_buffer(size, reference(status))
    if status.code:
        fail(None, status)
    room = memoryview((ctypes.c_char * size).from_address(ctypes.addressof(buffer.data.contents))).cast("B")
    room[:4] = _length(len(octets))
    room[4:] = octets
    buffer.len = size
    return buffer


_length = Struct(">i").pack


def _lift_text(buffer: Any) -> str:
    return take_bytes(buffer).decode()


def _lower_text(value: str) -> Any:
    return to_buffer(value.encode())


_two_numbers = Struct(">qq").unpack


def read_sent(octets: bytes) -> Any:
    """The answer to most calls, read without a converter for each field."""
    return _records.SentMessage(*_two_numbers(octets))


def _has_been_checked(cls: Any, value: Any) -> None:
    """Replaces the generated check of numbers, which treats any exception of a signal's handler as a wrong type.

    `_arguments` has already checked the values.
    """


def takes_octets(converter: Any) -> None:
    """Makes a converter accept bytes too: those that it would write itself."""
    check, lower = converter.check_lower, converter.lower

    def check_lower(value: Any) -> None:
        if type(value) is not bytes:
            check(value)

    def lower_octets(value: Any) -> Any:
        return to_buffer(value) if type(value) is bytes else lower(value)

    check_lower.__wrapped__ = check  # type: ignore[attr-defined]
    converter.check_lower = check_lower
    converter.lower = lower_octets


def _install() -> None:
    _records.install(native)
    generated: Any = native
    generated._uniffi_rust_call_with_error = _call_with_error
    for kind in [name for name, kind in vars(native).items() if hasattr(kind, "_uniffi_make_instance")]:
        getattr(native, kind)._uniffi_clone_handle = _clones(kind)
        _frees(kind)
    for primitive in (generated._UniffiConverterPrimitiveInt, generated._UniffiConverterPrimitiveFloat):
        primitive.check_lower = classmethod(_has_been_checked)
    generated._UniffiConverterRustBuffer.lift = classmethod(_lift)
    generated._UniffiConverterRustBuffer.lower = classmethod(_lower)
    generated._UniffiFfiConverterBytes.lower = staticmethod(_lower_octets)
    generated._UniffiFfiConverterString.lift = staticmethod(_lift_text)
    generated._UniffiFfiConverterString.lower = staticmethod(_lower_text)


_install()
