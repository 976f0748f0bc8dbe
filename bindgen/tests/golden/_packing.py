"""Records as the native library reads them. Generated from the Rust records of the same names.

Each function gives a record's bytes. It fails where a value cannot cross as it is: whoever calls it then has `_arguments`
look at the record, which says what is wrong or makes it right.
"""

from __future__ import annotations

from struct import Struct
from typing import Any, Callable

from . import _records

__all__ = ["OF"]

_encode = str.encode
_NOTHING = b"\0\0\0\0"


def _text(value: Any) -> bytes:
    octets = _encode(value)
    return _i(len(octets)) + octets


def _octets(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError
    return _i(len(value)) + value


def _flag(value: Any) -> bytes:
    if value is not True and value is not False:
        raise TypeError
    return _b(value)


def _optional(value: Any, pack: Callable[[Any], bytes]) -> bytes:
    return b"\0" if value is None else b"\1" + pack(value)


def _list(value: Any, pack: Callable[[Any], bytes]) -> bytes:
    if not isinstance(value, (list, tuple)):
        raise TypeError
    return _i(len(value)) + b"".join(map(pack, value)) if value else _NOTHING


_b = Struct(">?").pack
_i = Struct(">i").pack
_ii = Struct(">ii").pack
_q = Struct(">q").pack


def place(value: Any) -> bytes:
    """The bytes of a record of the class Place."""
    if not isinstance(value, _records.Place):
        raise TypeError
    v1 = _encode(value.target)
    return b"".join(
        (
            _ii(value.kind, len(v1)),
            v1,
            _i(value.line),
        )
    )


# The function of each record.
OF: dict[str, Callable[[Any], bytes]] = {
    "Place": place,
}
