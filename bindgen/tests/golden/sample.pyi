# What type checkers see of the generated module. Generated, do not edit.

import datetime
import enum
from typing import Any, Optional

from .._records import Late as Late
from .._records import Note as Note
from .._records import Nothing as Nothing
from .._records import Place as Place

class InternalError(Exception): ...

class Edition(enum.Enum):
    """A closed enum, which is uniffi's affair.

    Members:
        COMMUNITY
    """

    COMMUNITY = 0

class Failure(Exception):
    Refused: type[_FailureRefused]
    TooLate: type[_FailureTooLate]
    def sentence(self) -> str: ...

class _FailureRefused(Failure):
    code: int
    def __init__(self, code: int) -> None: ...

class _FailureTooLate(Failure):
    after: datetime.timedelta
    def __init__(self, after: datetime.timedelta) -> None: ...

class Outcome:
    GONE_AWAY: type[_OutcomeGoneAway]
    KEPT: type[_OutcomeKept]

class _OutcomeGoneAway(Outcome):
    def __init__(self) -> None: ...

class _OutcomeKept(Outcome):
    note: Optional[Note]
    def __init__(self, note: Optional[Note]) -> None: ...

class Desk:
    @classmethod
    def in_slices(cls, note: Optional[Note] = ...) -> Desk: ...
    def __init__(self, url: str) -> None: ...
    def keep(self, note: Note) -> Outcome: ...
    def visit(self, places: list[Place]) -> None: ...

class Handle:
    ...

def native_read_note(place: Place) -> Outcome: ...

# The converters and the calls into the library.
def __getattr__(name: str) -> Any: ...
