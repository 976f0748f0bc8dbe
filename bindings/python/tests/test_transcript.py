"""What docs/observing.md shows of the log is what the program beside it writes."""

from __future__ import annotations

import re
from pathlib import Path

import processes

PAGE = Path(__file__).parents[3] / "docs/observing.md"


def test_the_page_shows_what_the_program_writes() -> None:
    section = PAGE.read_text("utf-8").split("\n#### In Python\n")[1].split("\n#")[0]
    program, default, debug = (block.split("\n", 1)[1] for block in section.split("\n```")[1::2])
    for level, shown in [("WARNING", default), ("DEBUG", debug)]:
        told = processes.run(program, level)
        assert told.stderr == ""
        assert without_times(told.stdout) == without_times(shown)


def without_times(text: str) -> str:
    return re.sub(r"\d+\.\d+ s", "0 s", text.strip())
