"""The errors of an outbox: `OutboxError`. Their sentences come from the native library."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, Callable, ClassVar, Optional

from ._bridge import native
from ._errors import InvalidArgument, MessageError

if TYPE_CHECKING:
    from ._native.wildfirechat_message import OutboxState


class OutboxError(Exception):
    """Why something did not work with an outbox: one of the classes that are attributes of this one.

    What can never work is an `InvalidArgument`, as everywhere in this package. `str()` gives one plain sentence.
    Neither it nor an attribute holds the store's password, the secret or a message.
    """

    if TYPE_CHECKING:
        StoreUnavailable: ClassVar[type[StoreUnavailable]]
        StoreUnusable: ClassVar[type[StoreUnusable]]
        WrongState: ClassVar[type[WrongState]]
        Call: ClassVar[type[Call]]

    @property
    def is_temporary(self) -> bool:
        """Whether the same may succeed later without a change."""
        return isinstance(self, VARIANTS) and _is_temporary(self)

    def __str__(self) -> str:
        return _sentence(self) if isinstance(self, VARIANTS) else super().__str__()


class StoreUnavailable(OutboxError):
    """The database cannot be used for now: it cannot be reached, is locked, or is full. What was written stays.

    Whether the last write was taken may be open: with a key it is safe to put a message again.

    Attributes:
        reason: What the database or the way to it said.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StoreUnusable(OutboxError):
    """The database cannot be used until somebody changes something.

    It is read-only, refuses the login, is no database, or holds the tables of a newer version.

    Attributes:
        reason: What the database said.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WrongState(OutboxError):
    """No entry has this id, or the state of the entry does not allow this.

    Attributes:
        id: The entry's id.
        state: Its state; None where there is no such entry.
    """

    def __init__(self, id: int, state: Optional[OutboxState] = None) -> None:  # noqa: A002 (the field is called so)
        super().__init__(id, state)
        self.id = id
        self.state = state


class Call(OutboxError):
    """A run ended because the server would have refused every message, or was away for longer than the patience.

    Nothing is lost: what was not sent is queued.

    Attributes:
        error: What every message would have met, a `MessageError`.
    """

    def __init__(self, error: MessageError) -> None:
        super().__init__(error)
        self.error = error


VARIANTS = (StoreUnavailable, StoreUnusable, WrongState, Call)

for _variant in (OutboxError, *VARIANTS):
    _variant.__module__ = __package__  # the module in tracebacks and pickles
for _variant in VARIANTS:
    _variant.__qualname__ = f"OutboxError.{_variant.__name__}"  # by this name pickles find it
    setattr(OutboxError, _variant.__name__, _variant)

_sentence: Callable[[Any], str] = native.NativeOutboxError.WrongState.sentence
_is_temporary: Callable[[Any], bool] = native.NativeOutboxError.WrongState.is_temporary

# The generated converter makes these classes from the variants.
_classes: Any = types.SimpleNamespace(InvalidArgument=InvalidArgument, **{each.__name__: each for each in VARIANTS})
native.NativeOutboxError = _classes  # type: ignore[misc]
