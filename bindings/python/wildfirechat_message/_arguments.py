"""Checks of arguments before they are passed to the native library, which name the argument in the error.

A value of the wrong type is a TypeError, a value that the library's types cannot hold an `InvalidArgument`; both are
raised before anything is sent. Whether a value makes sense is the library's business.
"""

from __future__ import annotations

import copy
import datetime
import math
import operator
import struct
from functools import cache, partial
from typing import Any, Callable, TypeVar, Union, get_args, get_origin, get_type_hints

from . import _packing, _records
from ._errors import InvalidArgument

T = TypeVar("T")

# Takes a value and its path, such as `payload.data`; returns the value in the form that is passed to the library.
Check = Callable[[Any, str], Any]

_DURATION = "datetime.timedelta or a number of seconds"

# The errors of packing for a value of a wrong type. No others, because a signal's handler may raise in the meantime.
CANNOT_CROSS = (TypeError, AttributeError, UnicodeError, struct.error)


def record(value: T, at: str = "") -> T:
    """A record: itself, or a copy in which every field has the form for the library."""
    changed: dict[str, Any] = {}
    prefix = f"{at}." if at else ""
    kind: Any = type(value)
    for name, check in _checks(kind):
        given = getattr(value, name)
        converted = check(given, prefix + name)
        if converted is not given:
            changed[name] = converted
    if changed:
        value = copy.copy(value)
        vars(value).update(changed)
    return value


def convert_fields(value: Any, at: str) -> None:
    """Replaces the fields of a new record by their forms for the library."""
    converted = record(value, at)
    if converted is not value:
        # Not by assignment, which frozen records forbid.
        vars(value).update(vars(converted))


def packed(value: Any) -> Any:
    """A record as bytes for the library, packed at once; its fields are checked only if that fails."""
    pack = _packing.OF[type(value).__name__]
    try:
        return pack(value)
    except CANNOT_CROSS:
        return pack(record(value))


def packed_later(value: Any) -> Callable[[], Any]:
    """The same, for a call that has to wait until the event loop lets it begin."""
    return partial(packed, value)


def checked(method: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a method by their names, in the form for the library."""
    checks = _checks_of_arguments(method)
    return {name: checks[name](value, name) for name, value in given.items()}


def text(value: Any, at: str) -> str:
    """A str that UTF-8 can hold."""
    if not isinstance(value, str):
        raise wrong_type(value, at, "str")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            reason = f"it has a lone surrogate at index {error.start}, which UTF-8 cannot hold"
            raise InvalidArgument(at, reason) from None
    return value


def integer(value: Any, at: str, bits: int = 64) -> int:
    """An int, or a value that can be used as one, such as a member of an IntEnum."""
    if not isinstance(value, int):
        try:
            value = operator.index(value)
        except TypeError:
            raise wrong_type(value, at, "int") from None
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise InvalidArgument(at, f"it does not fit into {bits} bits")
    number: int = value
    return number


def octets(value: Any, at: str) -> bytes:
    """Bytes, or an object with the same memory layout, such as a bytearray."""
    if isinstance(value, bytes):
        return value
    try:
        return bytes(memoryview(value))
    except TypeError:
        raise wrong_type(value, at, "bytes") from None


def items(value: Any, at: str, wanted: str = "str") -> Any:
    """A list, or any other iterable. A str is refused, because it would be taken letter by letter."""
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, (str, bytes)):
        raise InvalidArgument(at, f"it is one {type(value).__name__} where a list of {wanted} is needed")
    try:
        return list(value)
    except TypeError:
        raise wrong_type(value, at, f"a list of {wanted}") from None


def optional(check: Check) -> Check:
    """A check that accepts None, and otherwise uses another check."""
    return lambda value, at: None if value is None else check(value, at)


def list_of(item: Check, wanted: str) -> Check:
    """A check for a list of which every item is checked."""

    def check(value: Any, at: str) -> Any:
        given = items(value, at, wanted)
        converted = [item(each, f"{at}[{index}]") for index, each in enumerate(given)]
        return given if all(map(operator.is_, converted, given)) else converted

    return check


def instance_of(kind: type[Any]) -> Check:
    """A check for a record of a class, or for an object of another one."""
    is_record = kind in _records._RECORDS

    def check(value: Any, at: str) -> Any:
        if not isinstance(value, kind):
            raise wrong_type(value, at, kind.__name__)
        return record(value, at) if is_record else value

    return check


def records(value: Any, at: str, kind: type[Any]) -> Any:
    """A list of records of a class, each of which is checked."""
    return list_of(instance_of(kind), kind.__name__)(value, at)


def wrong_type(value: Any, at: str, wanted: str) -> TypeError:
    """The error for a value of another type than the wanted one."""
    given = "None" if value is None else type(value).__name__
    return TypeError(f"{at} must be {wanted}, not {given}")


def flag(value: Any, at: str) -> bool:
    """True or False, and nothing that could stand for one."""
    if not isinstance(value, bool):
        raise wrong_type(value, at, "bool")
    return value


def _real(value: Any, at: str, wanted: str = "float") -> float:
    if isinstance(value, float):
        return value
    try:  # Not by float(), which would read a str.
        number: float = value.__float__()
    except (AttributeError, TypeError):
        raise wrong_type(value, at, wanted) from None
    except OverflowError:
        raise InvalidArgument(at, "it does not fit into a floating-point number") from None
    return number


def duration(value: Any, at: str) -> datetime.timedelta:
    """A length of time, or its seconds; not a negative one."""
    if isinstance(value, datetime.timedelta):
        length = value
    elif isinstance(value, bool):
        raise wrong_type(value, at, _DURATION)
    else:
        seconds = _real(value, at, _DURATION)
        if not math.isfinite(seconds):
            raise InvalidArgument(at, f"it is {seconds}, which is no number of seconds")
        try:
            length = datetime.timedelta(seconds=seconds)
        except OverflowError:
            raise InvalidArgument(at, "it is longer than a datetime.timedelta can be") from None
    if length < datetime.timedelta(0):
        raise InvalidArgument(at, "it is negative")
    return length


@cache
def _checks(kind: Any) -> tuple[tuple[str, Check], ...]:
    """The check of each of a record's fields, by their annotations; fields of a subclass are not passed on."""
    kind = next(base for base in kind.__mro__ if base.__module__ == _records.__name__)
    hints = get_type_hints(kind)
    return tuple((name, _check_for(hints[name], name, kind.__name__)) for name in kind.__match_args__)


@cache
def _checks_of_arguments(method: Callable[..., Any]) -> dict[str, Check]:
    """The check of each of a method's arguments, by their annotations."""
    hints = get_type_hints(method)
    del hints["return"]
    return {name: _check_for(hint, name) for name, hint in hints.items()}


def is_wide(record: str, name: str) -> bool:
    """Whether a record's integer has 64 bits."""
    return name in _records.WIDE_FIELDS or f"{record}.{name}" in _records.WIDE_FIELDS


def _check_for_any(hints: tuple[Any, ...], name: str, record: str) -> Check:
    """The check for a value of one of several types: of several records, or of one type and None."""
    kinds = tuple(hint for hint in hints if hint in _records._RECORDS)
    if len(kinds) < 2:
        return optional(_check_for(hints[0], name, record))
    wanted = " or ".join(kind.__name__ for kind in kinds)

    def check(value: Any, at: str) -> Any:
        if not isinstance(value, kinds):
            raise wrong_type(value, at, wanted)
        return globals()["record"](value, at)

    return optional(check) if type(None) in hints else check


def _check_for(hint: Any, name: str, record: str = "") -> Check:
    simple = {str: text, bool: flag, bytes: octets, float: _real, datetime.timedelta: duration}
    if hint in simple:
        return simple[hint]
    if hint is int:
        bits = 64 if is_wide(record, name) else 32
        return lambda value, at: integer(value, at, bits)
    if get_origin(hint) is Union:
        return _check_for_any(get_args(hint), name, record)
    if get_origin(hint) is list:
        (item,) = get_args(hint)
        return list_of(_check_for(item, name, record), item.__name__)
    return instance_of(hint)
