"""`dataclass` and `field` for the records, which become dataclasses when somebody first asks for their fields.

The module `dataclasses` and what it does with a hundred classes take a quarter of the import's time, and most programs
never ask: what it would add to a record is written out in the record's class.
"""

from __future__ import annotations

import threading
from typing import Any, Callable

_FIELDS = "__dataclass_fields__"
# One thread makes them, while the others wait; it may be asked again meanwhile.
_making = threading.RLock()


class _Made:
    """A field whose default is made anew for each record."""

    def __init__(self, default_factory: Callable[[], Any]) -> None:
        self.default_factory = default_factory


def field(*, default_factory: Callable[[], Any]) -> Any:
    """Stands for `dataclasses.field`."""
    return _Made(default_factory)


def dataclass(**options: bool) -> Callable[[Any], Any]:
    """Stands for `dataclasses.dataclass`, and takes the same options."""

    def decorate(record: Any) -> Any:
        made = {name: value for name, value in vars(record).items() if isinstance(value, _Made)}
        for name in made:
            delattr(record, name)

        def make() -> None:
            import dataclasses

            with _making:
                if isinstance(vars(record)[_FIELDS], _Later):
                    for name, value in made.items():
                        setattr(record, name, dataclasses.field(default_factory=value.default_factory))
                    if options.get("frozen"):
                        del record.__setattr__, record.__delattr__
                    dataclasses.dataclass(**options)(record)

        added: dict[str, Any] = {name: _Later(record, name, make) for name in (_FIELDS, "__dataclass_params__")}
        added.update(__match_args__=tuple(getattr(record, "__annotations__", ())), __replace__=_replace)
        for name, value in added.items():
            setattr(record, name, value)
        if options.get("frozen"):
            _freeze(record)
        return record

    return decorate


class _Later:
    """An attribute of a record's class that is there once the class is a dataclass."""

    def __init__(self, record: type[Any], name: str, make: Callable[[], None]) -> None:
        self._record, self._name, self._make = record, name, make

    def __get__(self, instance: object, owner: object) -> Any:
        self._make()
        return getattr(self._record, self._name)


def _replace(self: Any, /, **changes: Any) -> Any:
    """A copy with some fields replaced, for `copy.replace`."""
    import dataclasses

    return dataclasses.replace(self, **changes)


def _freeze(record: Any) -> None:
    """Refuses to set and delete fields, as a frozen dataclass does."""

    def refuse(instance: object, name: str, doing: str) -> None:
        if type(instance) is record or name in record.__match_args__:
            import dataclasses

            raise dataclasses.FrozenInstanceError(f"cannot {doing} field {name!r}")

    def set_field(self: object, name: str, value: object) -> None:
        refuse(self, name, "assign to")
        super(record, self).__setattr__(name, value)

    def delete_field(self: object, name: str) -> None:
        refuse(self, name, "delete")
        super(record, self).__delattr__(name)

    record.__setattr__, record.__delattr__ = set_field, delete_field
