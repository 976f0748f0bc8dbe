"""Names for the known numbers of the open lists. Generated from the Rust enums of the same names."""

from __future__ import annotations

import enum

__all__ = [
    "Code",
    "Kind",
]


class Code(enum.IntEnum):
    """Members:
        ODD: Quoted: "odd"
    """

    ODD = -1
    """Quoted: "odd"
    """


class Kind(enum.IntEnum):
    """What a place is.

    Members:
        SINGLE: One user.
        SECRET_CHAT: Nobody else /* nobody */ reads it.
        DEFAULT
    """

    SINGLE = 0
    """One user."""

    SECRET_CHAT = 5
    """Nobody else /* nobody */
    reads it.
    """

    DEFAULT = 6
