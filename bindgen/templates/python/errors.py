"""What can go wrong: `MessageError`, and one subclass for each error that a caller handles differently.

The sentences and the answer to `may_have_executed` are the native library's, so that they are the same in every
language; nothing is worded here. The classes, their fields and texts are generated from the Rust error of the same name.
"""

from __future__ import annotations

import datetime
import types
from typing import TYPE_CHECKING, Any, Callable, ClassVar, Optional

from ._bridge import native


class MessageError(Exception):
    """Why a call failed, and whether the server may have executed the request even though the call failed.

    Every error of a client is one of the classes below this one. Each is importable by its name and also an
    attribute of this class (`MessageError.RateLimited`), has its fields as attributes, and can be pickled. `str()`
    gives one plain sentence that names the endpoint. Neither it nor a field holds the secret or the request's body.
    """

    if TYPE_CHECKING:
{%- for name in names %}
        {{ name }}: ClassVar[type[{{ name }}]]
{%- endfor %}

    @property
    def may_have_executed(self) -> bool:
        """Whether the server may have executed the request even though the call failed.

        Where it may, repeat a sending call only if a second message does no harm.
        """
        if not isinstance(self, VARIANTS):
            return True
        return _may_have_executed(self)

    def __str__(self) -> str:
        if not isinstance(self, VARIANTS):
            return super().__str__()
        return _sentence(self)

    def __repr__(self) -> str:
        if not isinstance(self, VARIANTS):
            return super().__repr__()
        fields = ", ".join(f"{name}={value!r}" for name, value in vars(self).items() if not name.startswith("_"))
        return f"{type(self).__name__}({fields})"


# The fields are also passed to Exception: copying and pickling call the class with them.
{%- for error in errors %}


{% include "python/error.py" %}
{%- endfor %}


class Interrupted(MessageError):
    """A call was interrupted: by Ctrl-C, by an exception of another signal handler, or because its task was cancelled.

    It is not raised itself: it is the `__cause__` of the KeyboardInterrupt (or the handler's exception, or the
    CancelledError) that ends the call, and says what is known of it. `Interrupted.of` finds it.

    Attributes:
        endpoint: The endpoint, such as `message/send`.
        sent: Whether the server may have executed the request: it had been sent, and no answer says that it was
            refused.
        attempts: How often the call was tried; 1 if its answer had arrived, which does not say how often.
        outcomes: The outcomes that were already known. For a single call that had ended, this is its outcome: the value
            that it would have returned, or the error that it would have raised; empty if the call was still waiting.
            For many messages in one call, these are the outcomes of the messages that were taken in, in their order;
            for `send_each`, only those that it had not yielded yet.
    """

    def __init__(self, endpoint: str, sent: bool, attempts: int = 1) -> None:
        super().__init__(endpoint, sent, attempts)
        self.endpoint = endpoint
        self.sent = sent
        self.attempts = attempts

    def __str__(self) -> str:
        executed = vars(self).get("_executed")
        return super().__str__() if executed is None else _sentence_when_executed(self, *executed)

    def was_answered(self, answer: Any) -> None:
        """Notes the answer that had arrived."""
        vars(self)["_executed"] = (getattr(answer, "message_uid", None),)
        self.outcomes.append(answer)

    @property
    def outcomes(self) -> list[Any]:
        """The outcomes that were known at the interrupt; for many messages, the others are `Interrupted`."""
        told: list[Any] = vars(self).setdefault("_outcomes", [])
        return told

    @staticmethod
    def of(stop: BaseException) -> Optional[Interrupted]:
        """What is known of the call that an exception ended; None if no call was under way.

        It is the exception's `__cause__`, or, where the exception has a cause of its own, its `__context__`. A
        TimeoutError of asyncio has it in its cause, the CancelledError that ended the call; and before Python 3.11,
        each task that is awaited raises a CancelledError of its own, whose context is that of the call.
        """
        cause, context = stop.__cause__, stop.__context__
        under = context if cause is None and _is_cancellation(stop) else cause
        if under is not None and _is_cancellation(under):
            return Interrupted.of(under)
        if isinstance(cause, Interrupted):
            return cause
        # Without a cause of its own, the context is whatever was being handled at the time.
        return context if cause is not None and isinstance(context, Interrupted) else None


def _is_cancellation(error: BaseException) -> bool:
    # By its name, so that the import of the package does not need asyncio.
    return type(error).__name__ == "CancelledError"


def stop_with(stop: BaseException, fate: Interrupted) -> None:
    """Puts what is known of a call below the exception that ended it, and leaves what that has of its own."""
    if Interrupted.of(stop) is fate:
        return
    if stop.__cause__ is None or isinstance(stop.__cause__, Interrupted):
        # Of a call within this one, as of a source of messages that makes calls itself.
        fate.__context__ = stop.__cause__
        stop.__cause__ = fate
    else:
        fate.__context__ = stop.__context__
        stop.__context__ = fate


class Pending(Exception):
    """Not an outcome: the call goes on under a ticket. The client waits on; its users never meet this."""

    def __init__(self, ticket: int) -> None:
        super().__init__(ticket)
        self.ticket = ticket


VARIANTS = (
{%- for name in names %}
    {{ name }},
{%- endfor %}
)

for _variant in (MessageError, *VARIANTS):
    _variant.__module__ = __package__  # what tracebacks and pickles name
for _variant in VARIANTS:
    setattr(MessageError, _variant.__name__, _variant)

# Any variant's method does for all of them: it hands the error over by the converter, which tells them apart.
_sentence: Callable[[Any], str] = native.NativeMessageError.InvalidArgument.sentence
_sentence_when_executed: Callable[..., str] = native.NativeMessageError.InvalidArgument.sentence_when_executed
_may_have_executed: Callable[[Any], bool] = native.NativeMessageError.InvalidArgument.may_have_executed

# The generated converter looks the error's class up in its module each time, and makes its variants with the fields in
# their order. So it makes the classes above once they stand there.
_classes: Any = types.SimpleNamespace(Pending=Pending, **{variant.__name__: variant for variant in VARIANTS})
native.NativeMessageError = _classes  # type: ignore[misc]
