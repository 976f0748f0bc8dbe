"""The log of calls: the library writes the sentences, and only those that the application's log wants.

`logging` is not imported here, because that is slow; if no other module has imported it, there is no log.
"""

from __future__ import annotations

from collections.abc import Iterable
from sys import modules
from typing import Any, Optional, Protocol

from ._errors import MessageError
from ._native.wildfirechat_message import LogLevel, NativeAccess
from ._records import CallRecord, CallTrace, LogLine

# The levels, with the numbers of the library: nothing, unknown fates, also calls that were tried again, or each call.
NOTHING, FATES, RETRIES, CALLS = range(4)

_NUMBERS = {LogLevel.DEBUG: 10, LogLevel.INFO: 20, LogLevel.WARNING: 30}
_PREFIX = "wildfirechat_"
# These two are the message and the level of the record.
_NO_FIELDS = ("level", "text")


class Observer(Protocol):
    """An observer that is told of each call, in addition to the log."""

    def begins(self, endpoint: str) -> dict[str, str]:
        """Is called when a call begins; returns headers to send with it."""

    def ends(self, trace: CallTrace) -> None:
        """Is called when a call has ended, in the thread or the task that began it."""


_logger: Any = None
_observer: Optional[Observer] = None


def observe(observer: Optional[Observer]) -> None:
    """Adds an observer, which is told of each call from now on."""
    global _observer
    _observer = observer


def begins(access: NativeAccess, endpoint: str) -> None:
    """Tells the observers that this thread is about to begin a call."""
    carry(access, begins_elsewhere(endpoint))


def begins_elsewhere(endpoint: str) -> dict[str, str]:
    """The same for a call that another thread begins; that thread calls `carry`."""
    return {} if _observer is None else _observer.begins(endpoint)


def carry(access: NativeAccess, headers: dict[str, str]) -> None:
    """Sends headers with the call that this thread begins next."""
    if headers:
        try:
            access.carry(headers)
        except MessageError as error:
            # What cannot be a header costs nobody a call.
            logger().warning("%s", error)


def logger() -> Any:
    """The logger of the package: it is silent if the application has not configured logging."""
    global _logger
    if _logger is None:
        import logging

        made = logging.getLogger(__package__)
        made.addHandler(logging.NullHandler())
        _logger = made
    return _logger


def wanted() -> int:
    """The level that the application's log, or an observer, wants at the moment."""
    if _observer is not None:
        return CALLS
    if "logging" not in modules:
        return NOTHING
    is_enabled_for = (_logger or logger()).isEnabledFor
    if not is_enabled_for(30):
        return NOTHING
    if not is_enabled_for(20):
        return FATES
    return CALLS if is_enabled_for(10) else RETRIES


def say_of_call(access: NativeAccess, stacklevel: int) -> None:
    """Logs the call whose outcome this thread has just received."""
    record = access.take_record()
    if record is not None:
        hear(access, record, stacklevel + 1)


def hear(access: NativeAccess, record: CallRecord, stacklevel: int) -> None:
    """Logs a call, and tells the observers of it."""
    if _observer is not None:
        _observer.ends(access.trace(record))
    say(record.lines, stacklevel + 1)


def say(lines: Iterable[LogLine], stacklevel: int) -> None:
    """Logs some lines; `stacklevel` is that of `logging`, where 1 is the line that calls this."""
    for line in lines:
        log = logger().log
        log(_NUMBERS[line.level], "%s", line.text, extra=_fields(line), stacklevel=stacklevel + 1)


def notice(text: str) -> None:
    """Logs a warning even if the application has not configured logging: then it goes to standard error."""
    import logging

    ours = logger()
    ours.warning("%s", text, stacklevel=3)
    heard = [handler for each in (ours, logging.getLogger()) for handler in each.handlers]
    if logging.lastResort is not None and all(isinstance(each, logging.NullHandler) for each in heard):
        logging.lastResort.handle(logging.makeLogRecord({"msg": text, "levelno": logging.WARNING}))


def _fields(line: LogLine) -> dict[str, Any]:
    """The facts of a line as attributes of the record: durations in seconds, and no attribute for None."""
    fields = {name: value for name, value in vars(line).items() if value is not None and name not in _NO_FIELDS}
    fields["duration"] = line.duration.total_seconds()
    fields["waited"] = line.waited.total_seconds()
    return {_PREFIX + name: value for name, value in fields.items()}


if "logging" in modules:
    logger()
