"""The records as dataclasses, which they become when somebody first asks: nobody can tell when that was."""

from __future__ import annotations

import dataclasses
import sys
import types
from pathlib import Path

import pytest

from wildfirechat_message import _records

import processes

LATER = "from . import _dataclass as dataclasses"


def made_at_once() -> types.ModuleType:
    """The module of the records with the `dataclasses` of Python."""
    source = Path(_records.__file__).read_text("utf-8")
    assert source.count(LATER) == 1
    module = types.ModuleType(_records.__name__)
    module.__package__ = _records.__package__
    exec(compile(source.replace(LATER, "import dataclasses"), "records", "exec"), vars(module))
    return module


@pytest.fixture(scope="module")
def at_once() -> types.ModuleType:
    return made_at_once()


@pytest.mark.parametrize("name", [record.__name__ for record in _records._RECORDS])
def test_each_record_is_the_dataclass_that_python_makes_of_it(name: str, at_once: types.ModuleType) -> None:
    record, expected = getattr(_records, name), getattr(at_once, name)
    assert repr(dataclasses.fields(record)) == repr(dataclasses.fields(expected))
    assert repr(record.__dataclass_params__) == repr(expected.__dataclass_params__)
    assert record.__match_args__ == tuple(field.name for field in dataclasses.fields(expected))
    # Newer versions of Python add the first two, and `copy` the third.
    newer = {"__match_args__", "__replace__", "__slotnames__"}
    assert {*vars(record)} - newer == {*vars(expected)} - newer
    assert (record.__hash__ is None) == (expected.__hash__ is None)


# What a program sees first, and what it prints. Each is a process of its own, in which no record is a dataclass yet.
FIRST = {
    "fields": (
        "print([field.name for field in dataclasses.fields(ContentExtras)][:2])",
        "['mentioned_type', 'mentioned_targets']",
    ),
    "is_dataclass": ("print(dataclasses.is_dataclass(SentMessage), dataclasses.is_dataclass(sent))", "True True"),
    "asdict": ("print(dataclasses.asdict(sent))", "{'message_uid': 1, 'timestamp': 2}"),
    "replace": ("print(dataclasses.replace(sent, timestamp=3))", "SentMessage(message_uid=1, timestamp=3)"),
    "a subclass": (
        "print(dataclasses.make_dataclass('Mine', [('more', int, 5)], bases=(SendRequest,))('admin', here, text).more)",
        "5",
    ),
    "a subclass that is none itself": (
        "Mine = type('Mine', (SentMessage,), {}); print(dataclasses.asdict(Mine(1, 2)))",
        "{'message_uid': 1, 'timestamp': 2}",
    ),
    "setting": ("options.max_attempts = 3", "cannot assign to field 'max_attempts'"),
    "deleting": ("del options.max_attempts", "cannot delete field 'max_attempts'"),
    "setting what is no field": ("options.nothing = 3", "cannot assign to field 'nothing'"),
    "a subclass that is frozen": (
        "Mine = type('Mine', (ClientOptions,), {}); mine = Mine(); mine.nothing = 3; mine.max_attempts = 3",
        "cannot assign to field 'max_attempts'",
    ),
    "an attribute of the class": ("ContentExtras.mentioned_targets", "has no attribute 'mentioned_targets'"),
    "a list of its own": (
        "a, b = ContentExtras(), ContentExtras(); a.mentioned_targets.append('x'); print(b.mentioned_targets)",
        "[]",
    ),
    "copies": ("print(copy.copy(sent) == sent == copy.deepcopy(sent) == pickle.loads(pickle.dumps(sent)))", "True"),
    "hash": ("print(len({BulkOptions(), BulkOptions()}))", "1"),
    "no hash": ("hash(text)", "unhashable type"),
    "many threads": (
        "all_options = [ClientOptions() for _ in range(64)]\n"
        "start = threading.Barrier(64)\n"
        "def ask(mine):\n"
        "    start.wait()\n"
        "    assert dataclasses.is_dataclass(mine)\n"
        "    return dataclasses.replace(mine, max_attempts=2).max_attempts\n"
        "with ThreadPoolExecutor(64) as pool:\n"
        "    print({future.result() for future in [pool.submit(ask, mine) for mine in all_options]})",
        "{2}",
    ),
    "a signal's handler in the middle of it": (
        "def ask(*_): dataclasses.fields(SendRequest)\n"
        "signal.signal(signal.SIGALRM, ask)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)\n"
        "for record in wildfirechat_message._records._RECORDS: dataclasses.fields(record)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0)\n"
        "print('all')",
        "all",
    ),
}
if sys.version_info >= (3, 10):
    FIRST["match"] = (
        "match sent:\n    case SentMessage(uid, timestamp):\n        print(uid, timestamp)",
        "1 2",
    )
if sys.version_info >= (3, 13):
    FIRST["copy.replace"] = ("print(copy.replace(sent, timestamp=3))", "SentMessage(message_uid=1, timestamp=3)")

BEGINNING = """
import sys, wildfirechat_message
from wildfirechat_message import BulkOptions, ClientOptions, ContentExtras, Conversation, MessagePayload
from wildfirechat_message import SendRequest, SentMessage
sent, options, here, text = SentMessage(1, 2), ClientOptions(), Conversation.single("u1"), MessagePayload.text("hi")
assert "dataclasses" not in sys.modules
import copy, dataclasses, pickle, signal, threading
from concurrent.futures import ThreadPoolExecutor
"""


@pytest.mark.parametrize("first", FIRST)
def test_nobody_can_tell_that_a_record_was_no_dataclass_before(first: str) -> None:
    program, expected = FIRST[first]
    told = processes.run(BEGINNING + program)
    assert expected in (told.stdout or told.stderr).splitlines()[-1]
