"""What callers hold. Generated from the Rust records of the same names."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Optional, Union

from ._shorthands import PlaceShorthands

if TYPE_CHECKING:
    import dataclasses

    from ._native.sample import Edition
else:
    from . import _dataclass as dataclasses

__all__ = [
    "Late",
    "Note",
    "Nothing",
    "Place",
]

_set = object.__setattr__


class _Made:
    """Stands for a default that is made anew for each record."""

    def __repr__(self) -> str:
        return "<factory>"


_MADE: Any = _Made()


@dataclasses.dataclass(init=False, repr=False, eq=False)
class Late:
    """Its fields stand in another order than its arguments.

    Attributes:
        target: Whose place.
        data: Bytes.
        line: The line.
    """

    target: str
    """Whose place."""

    data: bytes
    """Bytes."""

    line: int = 0
    """The line."""

    def __init__(self, target: str, data: bytes, line: int = 0) -> None:
        self.target = target
        self.data = data
        self.line = line

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}(target={self.target!r}, data={self.data!r}, line={self.line!r})"

    def __eq__(self, other: Any) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.target, self.data, self.line) == (other.target, other.data, other.line)


@dataclasses.dataclass(init=False, repr=False, eq=False)
class Note:
    """A note.

    Attributes:
        text: The text.
        size: In bytes, a number that is counted from the text and so long a sentence that it wraps.
        data: Bytes.
        keep
        loud
        title
        after: How long to wait. A timedelta, or a number of seconds.
        places: Where it went.
        edition
    """

    text: str
    """The text."""

    size: Optional[int] = None
    """In bytes, a number that is counted from the text and so long a sentence that it wraps."""

    data: bytes = b""
    """Bytes."""

    keep: int = 3

    loud: bool = True

    title: str = "an \"odd\" one"

    after: Optional[Union[datetime.timedelta, float]] = None
    """How long to wait. A timedelta, or a number of seconds."""

    places: list[Place] = dataclasses.field(default_factory=list)
    """Where it went."""

    edition: Optional[Edition] = None

    def __init__(self, text: str, size: Optional[int] = None, data: bytes = b"", keep: int = 3, loud: bool = True, title: str = "an \"odd\" one", after: Optional[Union[datetime.timedelta, float]] = None, places: list[Place] = _MADE, edition: Optional[Edition] = None) -> None:
        self.text = text
        self.size = size
        self.data = data
        self.keep = keep
        self.loud = loud
        self.title = title
        self.after = after
        self.places = list() if places is _MADE else places
        self.edition = edition

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}(text={self.text!r}, size={self.size!r}, data={self.data!r}, keep={self.keep!r}, loud={self.loud!r}, title={self.title!r}, after={self.after!r}, places={self.places!r}, edition={self.edition!r})"

    def __eq__(self, other: Any) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.text, self.size, self.data, self.keep, self.loud, self.title, self.after, self.places, self.edition) == (other.text, other.size, other.data, other.keep, other.loud, other.title, other.after, other.places, other.edition)

    def forget(self) -> None:
        """What the library does with it."""
        _call(_native["Note"].forget, Note.forget, self)

    def to_payload(self, extras: Optional[Place] = None) -> Place:
        """What the library does with it."""
        result: Place = _call(_native["Note"].native_to_payload, Note.to_payload, self, extras=extras)
        return result

    def place(self, line: int = 0) -> Place:
        """What the library does with it."""
        result: Place = _call(_native["Note"].place, Note.place, self, line=line)
        return result


@dataclasses.dataclass(init=False, repr=False, eq=False)
class Nothing:

    def __init__(self) -> None:
        pass

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}()"

    def __eq__(self, other: Any) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return () == ()


@dataclasses.dataclass(init=False, repr=False, eq=False, frozen=True)
class Place(PlaceShorthands):
    """Where a message goes.

    See `Note` for what goes there.

    Attributes:
        kind: One of `Kind`.
        target: Whose place.
        line
    """

    kind: int
    """One of `Kind`."""

    target: str
    """Whose place."""

    line: int = 0

    def __init__(self, kind: int, target: str, line: int = 0) -> None:
        _set(self, "kind", kind)
        _set(self, "target", target)
        _set(self, "line", line)
        self.__post_init__()

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}(kind={self.kind!r}, target={self.target!r}, line={self.line!r})"

    def __eq__(self, other: Any) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return (self.kind, self.target, self.line) == (other.kind, other.target, other.line)

    def __hash__(self) -> int:
        return hash((self.kind, self.target, self.line))


# The integers of 64 bits; all others have 32.
WIDE_FIELDS: frozenset[str] = frozenset((
    "size",
))
_RECORDS: tuple[type[Any], ...] = (
    Late,
    Note,
    Nothing,
    Place,
)
_NATIVE_TYPES: tuple[str, ...] = (
    "Edition",
)
_ENUM_DOCS: dict[str, str] = {
    "Edition": """A closed enum, which is uniffi's affair.

    Members:
        COMMUNITY
    """,
}


# The record classes of the generated module, by name. Their methods call the library.
_native: dict[str, Any] = {}


def _hand_over(generated: Any, method: Any, record: Any, **arguments: Any) -> Any:
    """Calls the `generated` method that stands behind a record's `method`."""
    return generated(record, **arguments)


# What the records' methods call it by. A package that looks at what is handed over puts a function of its own here.
_call: Any = _hand_over


def install(native: Any) -> None:
    """Makes the generated module build the classes above instead of its own.

    Its converters take any object that has a record's fields, and look the class to build up in the module, by name,
    each time. `shape_problems` checks that this is so.
    """
    for record in _RECORDS:
        generated = getattr(native, record.__name__)
        if generated is not record:
            _native[record.__name__] = generated
            setattr(native, record.__name__, record)
    for name in _NATIVE_TYPES:  # So that typing.get_type_hints can resolve the annotations.
        globals()[name] = getattr(native, name)
    for name, docs in _ENUM_DOCS.items():
        getattr(native, name).__doc__ = docs


def shape_problems(native: Any) -> list[str]:
    """Says where the generated module is not made as `install` relies on, a sentence each. A test wants none."""
    problems: list[str] = []
    for record in _RECORDS:
        name = record.__name__
        converter = getattr(native, f"_UniffiFfiConverterType{name}", None)
        if converter is None:
            problems.append(f"{name} has no converter.")
            continue
        fields = set(record.__match_args__)
        read = converter.read
        if read.__globals__ is not vars(native) or name not in read.__code__.co_names:
            problems.append(f"{name}: reading does not look the class up in the module.")
        # The names of a call's arguments are one constant, or several where there are many.
        constants = (each if isinstance(each, tuple) else (each,) for each in read.__code__.co_consts)
        if not fields.issubset(name for names in constants for name in names):
            problems.append(f"{name}: reading does not give the fields by name.")
        for use in (converter.check_lower, converter.write):
            # A package may have put a function of its own round it.
            names = getattr(use, "__wrapped__", use).__code__.co_names
            if name in names or "isinstance" in names:
                problems.append(f"{name}: {use.__name__} wants the generated class.")
            if not fields.issubset(names):
                problems.append(f"{name}: {use.__name__} does not take each field.")
        generated = _native.get(name, getattr(native, name))
        for method in (each for each, value in vars(record).items() if each[0] != "_" and callable(value)):
            theirs = getattr(generated, f"native_{method}", None) or getattr(generated, method, None)
            code = getattr(theirs, "__code__", None)
            if code is None or converter.__name__ not in code.co_names:
                problems.append(f"{name}.{method} does not hand any object with the fields to the converter.")
    return problems
