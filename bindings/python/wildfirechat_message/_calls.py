"""A call of the native client, from its first step to its result: nothing that is known of the call is lost.

Python may raise the exception of a signal's handler between any two of its own steps, and then the value of the step
before is lost. Therefore the answer of the library is stored in the same step in which it arrives, and it can be read
several times. An interrupted caller gets it in the exception that ends the call: see `attach_fate`.
"""

from __future__ import annotations

from functools import cache, partial
from itertools import starmap
from typing import Any, Callable, NamedTuple, Optional, Protocol, TypeVar

from . import _bridge, _logs
from ._bridge import bytes_of, free, native, read_by, reference, to_buffer_with
from ._endpoints import ENDPOINTS
from ._errors import Interrupted, MessageError, Pending, stop_with
from ._native.wildfirechat_message import NativeAccess

# How many signals in quick succession are handled.
_MOST_SIGNALS = 8
# The number of frames between the end of a call and the line that made it, which a log names.
_FRAMES_TO_CALLER = 5

_Status: Any = native._UniffiRustCallStatus
_CALL_ERROR: int = _Status.CALL_ERROR
_errors: Any = native._UniffiFfiConverterTypeNativeMessageError
_answers: Any = native._UniffiFfiConverterTypeAnswer

T = TypeVar("T")


class Method(NamedTuple):
    """A method of a native class, taken apart.

    Attributes:
        endpoint: The endpoint that it calls.
        clone: Keeps the object alive during a call.
        function: The function of the library.
        lower: Converts its argument for the library, with a reference to a status; None if it takes none.
        read: Reads the answer's bytes; None if the library's function returns the answer itself, or nothing.
    """

    endpoint: str
    clone: Any
    function: Any
    lower: Optional[Callable[[Any, Any], Any]]
    read: Optional[Callable[[bytes], Any]]


@cache
def method(generated: Callable[..., Any]) -> Method:
    """Takes a method of the generated code apart: it is a function of the library between two converters."""
    kind, _, name = generated.__qualname__.partition(".")
    function: Any = getattr(native._UniffiLib, f"uniffi_wildfirechat_message_fn_method_{kind.lower()}_{name}")
    clone = getattr(native, kind)._uniffi_clone_handle.__wrapped__
    hints = dict(generated.__annotations__)
    answer = hints.pop("return")
    lower = _lowering(*hints.values()) if hints else None
    return Method(ENDPOINTS.get(generated.__qualname__, name), clone, function, lower, _reading(answer))


def converter_of(hint: str) -> Any:
    """The generated converter for an annotation of the generated code."""
    outer, _, kind = hint.rstrip("]").rpartition("[")
    outer = {"": "", "typing.Optional": "Optional", "typing.List": "Sequence"}[outer]
    kind = {"int": "Int64", "str": "String", "Duration": "Duration"}.get(kind, f"Type{kind}")
    return getattr(native, f"_UniffiFfiConverter{outer}{kind}")


def _lowering(hint: str) -> Callable[[Any, Any], Any]:
    lower_checked = converter_of(hint).lower

    def lower(argument: Any, status: Any) -> Any:
        # Without the generated check, which takes any exception meanwhile for a wrong type. The package has checked the
        # argument already.
        return to_buffer_with(argument, status) if type(argument) is bytes else lower_checked(argument)

    return lower


def _reading(hint: str) -> Optional[Callable[[bytes], Any]]:
    if hint in ("None", "int"):
        return None
    if hint == "SentMessage":
        return _bridge.read_sent
    return partial(_bridge.read_by, converter_of(hint))


class NativeCall:
    """One call of the native library, and its result."""

    __slots__ = ("_arguments", "_function", "_read", "_results", "_status")

    def __init__(self, method: Method, native: Any, argument: Any = None) -> None:
        _, clone, function, lower, read = method
        status = _Status()
        # One status for all three calls, because a function that succeeds does not change it.
        shared = reference(status)
        handle = clone(native._handle, shared)
        arguments = (handle, shared) if lower is None else (handle, lower(argument, shared), shared)
        if status.code:
            _bridge.fail(None, status)
        self._status = status
        self._function = function
        self._read = read
        self._arguments = arguments
        # The result of the function; for a buffer or an error, its bytes after they were copied.
        self._results: list[Any] = []

    def run(self) -> Any:
        """Makes the call and returns its outcome."""
        # One step of Python, so that the result of the library is kept before the next step.
        self._results.extend(starmap(self._function, (self._arguments,)))
        return self.outcome()

    @property
    def has_run(self) -> bool:
        return bool(self._results)

    def outcome(self) -> Any:
        """The result, or the exception with which the call failed; an exception is never an answer."""
        status = self._status
        code = status.code
        if code:
            octets = self._octets(status.error_buf)
            return read_by(_errors, octets) if code == _CALL_ERROR else _bridge.defect()
        read = self._read
        return self._results[0] if read is None else read(self._octets(self._results[0]))

    def _octets(self, buffer: Any) -> bytes:
        results = self._results
        if type(results[0]) is not bytes:
            results[0] = bytes_of(buffer)
            free(buffer)
        octets: bytes = results[0]
        return octets


class Operation:
    """Something to wait for, and everything that is known of it."""

    __slots__ = ("_cancelling", "_fate", "failure")

    def __init__(self) -> None:
        self._fate: Optional[Interrupted] = None
        self._cancelling: Optional[NativeCall] = None
        # The exception with which it failed, for the caller.
        self.failure: Optional[BaseException] = None

    def fate(self) -> Optional[Interrupted]:
        """Gives it up, so that nothing is sent any more, and returns what is known of it. A second call does no harm.

        None in a forked process, which does not have it: it continues in the parent.
        """
        if self._fate is None:
            self._fate = self._give_up()
        return self._fate

    def end(self) -> Any:
        """Waits for its end and returns its result. Notes the exception with which it failed, and raises it."""
        raise NotImplementedError

    def _give_up(self) -> Optional[Interrupted]:
        raise NotImplementedError

    def _cancelled(self, cancel: Method, native: Any, argument: Any = None) -> Optional[Interrupted]:
        """Ends it in the library, which returns only once what is known of it."""
        if self._cancelling is None:
            self._cancelling = NativeCall(cancel, native, argument)
        call = self._cancelling
        outcome = call.outcome() if call.has_run else call.run()
        # Any other outcome means that the library does not know it, for example after a fork.
        return outcome if isinstance(outcome, Interrupted) else None


class Call(Operation):
    """One call: a native call, and another one for each further slice of time."""

    __slots__ = ("_access", "_endpoint", "_first", "_later", "_ticket", "_wanted")

    def __init__(
        self,
        client: object,
        access: NativeAccess,
        generated: Callable[..., T],
        argument: object,
        wanted: int = _logs.NOTHING,
    ) -> None:
        parts = method(generated)
        self._fate = self._cancelling = self.failure = None
        self._access = access
        # The level that the application's log wants of it.
        self._wanted = wanted
        self._endpoint = parts[0]
        # The ticket by which the library continues it after the first slice, and the native call that waits then.
        self._ticket: Optional[int] = None
        self._later: Optional[NativeCall] = None
        self._first = NativeCall(parts, client, argument)

    def end(self) -> Any:
        """Waits for its end, a slice at a time."""
        if self._wanted:
            _logs.begins(self._access, self._endpoint)
        outcome = self._first.run()
        if not (self._wanted or isinstance(outcome, Exception)):
            return outcome
        while isinstance(outcome, Pending):
            self._ticket = outcome.ticket
            self._later = NativeCall(RESUME, self._access, outcome.ticket)
            outcome = self._later.run()
        failed = isinstance(outcome, Exception)
        # An unknown fate shows in the error.
        if self._wanted > (_logs.NOTHING if failed else _logs.FATES):
            _logs.say_of_call(self._access, _FRAMES_TO_CALLER)
        if failed:
            self.failure = outcome
            raise outcome
        return outcome

    def _give_up(self) -> Optional[Interrupted]:
        ticket = self._ticket
        last = self._later or self._first
        if last.has_run:
            outcome = last.outcome()
            if not isinstance(outcome, Pending):
                return fate_of_outcome(self._endpoint, outcome)
            ticket = outcome.ticket
        if ticket is None:
            return Interrupted(self._endpoint, False, 0)
        fate = self._cancelled(_CANCEL, self._access, ticket)
        if self._wanted:
            _logs.say_of_call(self._access, _FRAMES_TO_CALLER + 2)
        return fate


def wait_for(it: Operation) -> Any:
    """Waits for the end of something and returns or raises its result. Any other exception meanwhile ends it."""
    try:
        return it.end()
    except BaseException as stop:
        if stop is it.failure:
            raise
        try:
            attach_fate(stop, it)
        except BaseException as another:
            # This exception came before `attach_fate` had begun.
            attach_fate(another, it)
            raise
        raise


class _HasFate(Protocol):
    """Something that can be ended and then reports what is known of it."""

    def fate(self) -> Optional[Interrupted]: ...


def attach_fate(stop: BaseException, ended: _HasFate, most: int = _MOST_SIGNALS) -> None:
    """Ends a call, and puts into the exception that stopped it what is known of it.

    Another signal may arrive meanwhile: then the exception of its handler is raised, which contains it too.
    """
    try:
        fate = ended.fate()
        if fate is not None:
            stop_with(stop, fate)
    except BaseException as another:
        if most:
            attach_fate(another, ended, most - 1)
        raise


def fate_of_outcome(endpoint: str, outcome: Any) -> Interrupted:
    """What is known of a call whose outcome had arrived before its caller could receive it."""
    if isinstance(outcome, MessageError):
        fate = Interrupted(endpoint, outcome.may_have_executed, getattr(outcome, "attempts", 0))
        fate.outcomes.append(outcome)
    else:
        fate = Interrupted(endpoint, True)
    if isinstance(outcome, Exception):
        fate.__cause__ = outcome
    else:
        fate.was_answered(outcome)
    return fate


_CANCEL = method(NativeAccess.cancel)
RESUME = method(NativeAccess.resume)
RESUME = RESUME._replace(read=lambda octets: getattr(read_by(_answers, octets), "value", None))
