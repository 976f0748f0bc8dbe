"""Stops a call at any moment: between any two steps of the interpreter in the package, and by signals."""

from __future__ import annotations

import dis
import gc
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Callable, Optional

import pytest

import wildfirechat_message

PACKAGE = str(Path(wildfirechat_message.__file__).parent)


class Stop(Exception):
    """What an application's own signal handler raises."""


class Second(Stop):
    """What it raises at the next signal."""


class Moments:
    """Raises `Stop` at one of the moments of a call, and `Second` at one that follows.

    A moment is the time before a step of the interpreter in a function of the package. The steps at which a method
    hands over what it has are no moments: its caller has it, and from Python 3.11 on no signal's handler runs there.
    """

    def __init__(self, at: Optional[int], second: Optional[int] = None) -> None:
        if sys.version_info >= (3, 13):
            pytest.skip("from 3.13 on, Python's tracing does not show each step of each call")
        self.at, self.second = at, second
        self.passed = 0
        self.where = ""

    def call(self, function: Callable[[], Any]) -> Any:
        """Calls a function, on a thread of its own: an exception at such a moment may leave the interpreter's stack of
        exceptions in disorder, where those that follow would get it for their context.
        """
        ended: list[BaseException] = []

        def run() -> None:
            sys.settrace(self._enter)
            try:
                function()
            except BaseException as stop:
                ended.append(stop)
            finally:
                sys.settrace(None)
                sys.setprofile(None)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if ended:
            raise ended[0]

    def _enter(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return self._step

    def _step(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "opcode" and not hands_over(frame):
            if self.passed == self.at:
                self.where = f"{frame.f_code.co_name}:{frame.f_lineno} {_names(frame.f_code).get(frame.f_lasti)}"
                self.passed = 0
                if self.second is not None:
                    sys.setprofile(self._afterwards)
                raise Stop
            self.passed += 1
        return self._step

    def _afterwards(self, frame: FrameType, event: str, _argument: Any) -> None:
        # On the way out of a method of the client no signal's handler runs either.
        is_left = event == "return" and is_last(frame.f_code)
        if frame.f_code.co_filename.startswith(PACKAGE) and not is_left:
            if self.passed == self.second:
                self.where += f", {frame.f_code.co_name}:{frame.f_lineno} ({event})"
                raise Second
            self.passed += 1


def traced_once(function: Callable[[], Any]) -> None:
    """Calls a function so that its moments are seen afterwards: Python 3.12 shows the steps of what is called
    from the second traced call on.
    """
    Moments(None).call(function)


def hands_over(frame: FrameType) -> bool:
    """Whether the next step ends a method of the client with its answer."""
    step = _names(frame.f_code).get(frame.f_lasti, "")
    if step == "POP_BLOCK":
        # Python 3.9 and 3.10 leave the `try` first.
        step = _names(frame.f_code).get(frame.f_lasti + 2, "")
    return is_last(frame.f_code) and step.startswith(("RETURN_VALUE", "YIELD_VALUE"))


def is_last(code: CodeType) -> bool:
    """Whether it is a function from which the caller of a method gets what it gives."""
    return code.co_name in ("collect", "each", "wait_for", *vars(wildfirechat_message.MessageClient))


_CODES: dict[CodeType, dict[int, str]] = {}


def _names(code: CodeType) -> dict[int, str]:
    names = _CODES.get(code)
    if names is None:
        names = _CODES[code] = {each.offset: each.opname for each in dis.get_instructions(code)}
    return names


@contextmanager
def alarm_raises() -> Iterator[Callable[[float], None]]:
    """Gives what sets an alarm after so many seconds, whose handler raises `Stop`; 0 for none."""

    def stop(*_: object) -> None:
        raise Stop

    before = signal.signal(signal.SIGALRM, stop)
    # What is raised while the collector calls something of Python's, Python itself drops.
    gc.collect()
    gc.disable()
    try:
        yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds) and None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        gc.enable()
