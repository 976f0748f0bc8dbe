"""The examples of docs/endpoints: each sends the request on its page, and accepts the answer on its page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Callable

import pytest

from wildfirechat_message import MessageClient, Sandbox

from endpoint_examples import EXAMPLES

PAGES = Path(__file__).parents[3] / "docs" / "endpoints"
MESSAGE_UID = 588582842607370241


def test_every_page_has_an_example() -> None:
    assert {page.stem for page in PAGES.glob("*-*.md")} == set(EXAMPLES)


@pytest.mark.parametrize(("name", "example"), EXAMPLES.items(), ids=str)
def test_an_example_sends_what_its_page_shows(name: str, example: Callable[[MessageClient, int], None]) -> None:
    page = (PAGES / f"{name}.md").read_text("utf-8")
    request, answer = [block.split("```\n")[0] for block in page.split("```json\n")[1:]]
    with Sandbox() as sandbox, MessageClient(sandbox.base_url, "123456") as client:
        # The store that an answer names is the sandbox's.
        sandbox.answer_next(answer.replace("https://store.example.com", sandbox.base_url))
        example(client, MESSAGE_UID)
        (sent,) = sandbox.requests()
    assert sent.path == "/admin/" + name.replace("-", "/")
    assert json.loads(sent.body) == json.loads(request)
