"""Plays the conformance cases that every language plays: see tests/conformance/README.md."""

from __future__ import annotations

import base64
import collections.abc
import dataclasses
import datetime
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Callable, Optional, Union, get_args, get_origin, get_type_hints

import pytest

from wildfirechat_message import (
    ChannelClient,
    ClientOptions,
    Fault,
    MessageClient,
    MessageError,
    ReceivedRequest,
    RobotClient,
    Sandbox,
)

CASES = Path(__file__).parents[3] / "tests" / "conformance"
SECRET = "123456"

KEYS = {
    *("name", "sender", "method", "arguments", "options", "base_url", "client"),
    *("answer", "fault", "times", "request", "result", "error"),
}
KEYS_OF_AN_ANSWER = {"status", "headers", "body"}
KEYS_OF_A_REQUEST = {"path", "body"}
KEYS_OF_AN_ERROR = {"variant", "fields", "text", "text_starts_with", "may_have_executed"}

Case = dict[str, Any]


def written_out(value: dict[str, Any]) -> Any:
    """A long text that is written short: `{"before": "x", "repeat": "ab", "times": 2, "after": "y"}`."""
    if "repeat" not in value:
        return value
    assert set(value) <= {"before", "repeat", "times", "after"}, value
    return value.get("before", "") + value["repeat"] * value["times"] + value.get("after", "")


def all_cases() -> list[Case]:
    files = sorted([*CASES.glob("cases/*.json"), *CASES.glob("senders/*.json")])
    return [case for file in files for case in json.loads(file.read_text("utf-8"), object_hook=written_out)]


cases = all_cases()


class Player:
    """Plays the cases against one sandbox, or another one after a failure, which may have left its script behind."""

    def __init__(self) -> None:
        self.sandbox = sandbox()
        self.played = 0

    def play(self, case: Case) -> None:
        try:
            self.play_against_this_sandbox(case)
            self.played += 1
        except BaseException:
            self.sandbox.stop()
            self.sandbox = sandbox()
            raise

    def play_against_this_sandbox(self, case: Case) -> None:
        assert set(case) <= KEYS
        assert ("result" in case) != ("error" in case)
        self.sandbox.clear_requests()
        scripted = self.script(case)
        try:
            outcome: Any = self.call(case)
        except MessageError as error:
            outcome = error
        if "error" in case:
            check_error(outcome, case["error"])
        else:
            assert as_json(outcome) == case["result"]
        check_requests(self.sandbox.requests(), case.get("request"), scripted, case.get("sender", {}))

    def script(self, case: Case) -> int:
        """Scripts the fault, then the answer; gives how many requests the server is to get, if it gets any."""
        times: int = case.get("times", 1)
        answers = 1 if "fault" in case else times
        if "fault" in case:
            self.sandbox.fail_next(Fault[case["fault"].upper()], times)
        if "answer" in case:
            answer = case["answer"]
            assert set(answer) <= KEYS_OF_AN_ANSWER
            headers = [(name, value) for name, value in answer.get("headers", [])]
            for _ in range(answers):
                body = answer["body"].replace("{sandbox}", self.sandbox.base_url)
                self.sandbox.answer_next(body, answer["status"], headers)
        return times + 1 if {"fault", "answer"} <= set(case) else times

    def call(self, case: Case) -> Any:
        options = ClientOptions(**dict(option(*each) for each in case.get("options", {}).items()))
        base_url = case.get("base_url", "{sandbox}").replace("{sandbox}", self.sandbox.base_url)
        made = {"base_url": base_url, "secret": SECRET, **case.get("client", {})}
        with client_of(case)(**made, options=options) as client:
            if case["method"] == "new":
                return None
            method = getattr(client, case["method"])
            if case["method"] == "upload":
                return method(**arguments_of_an_upload(**case["arguments"]))
            return method(**arguments_of(method, case.get("arguments", {})))


def sandbox() -> Sandbox:
    """With the robot and the channel of the cases."""
    sandbox = Sandbox(SECRET)
    sandbox.set_robot("FireRobot", SECRET)
    sandbox.set_channel("news", "ann", SECRET)
    return sandbox


def client_of(case: Case) -> Callable[..., Union[MessageClient, RobotClient, ChannelClient]]:
    """Makes the client that a case is for, as it is called with a server, a secret and options."""
    if "sender" not in case:
        return MessageClient
    ((kind, sender_id),) = case["sender"].items()
    kinds: dict[str, Callable[..., Union[RobotClient, ChannelClient]]] = {
        "robot": RobotClient,
        "channel": ChannelClient,
    }
    return partial(kinds[kind], **{f"{kind}_id": sender_id})


def arguments_of_an_upload(data: Any = None, path: Any = None, **others: Any) -> dict[str, Any]:
    """Those of a case, which has the bytes or the path by names of their own."""
    assert (data is None) != (path is None)
    return {"data_or_path": build(bytes, data) if path is None else path, **others}


def arguments_of(method: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Those of a case; a file's bytes have a name of their own there."""
    hints = get_type_hints(method)
    arguments = {name: build(hints[name], value) for name, value in given.items() if name != "data"}
    return {**arguments, "data_or_path": build(bytes, given["data"])} if "data" in given else arguments


def option(name: str, value: Any) -> tuple[str, Any]:
    if name.endswith("_ms"):
        return name[: -len("_ms")], datetime.timedelta(milliseconds=value)
    return name, value


def build(hint: Any, value: Any) -> Any:
    """From JSON to what an annotation asks for."""
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{name: build(hints[name], each) for name, each in value.items()})  # type: ignore[operator]
    if hint is bytes:
        return base64.b64decode(value, validate=True)
    if get_origin(hint) is Union:
        return None if value is None else build(get_args(hint)[0], value)
    if get_origin(hint) in (list, collections.abc.Iterable):
        return [build(get_args(hint)[0], each) for each in value]
    assert isinstance(value, hint)
    return value


def as_json(value: Any) -> Any:
    """From what a method gives back to JSON."""
    if dataclasses.is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value


def check_error(error: Any, expected: dict[str, Any]) -> None:
    assert set(expected) <= KEYS_OF_AN_ERROR
    assert type(error) is getattr(MessageError, expected["variant"]), repr(error)
    assert {name: getattr(error, name) for name in expected["fields"]} == expected["fields"]
    if "text" in expected:
        assert str(error) == expected["text"]
    else:
        assert str(error).startswith(expected["text_starts_with"])
    assert error.may_have_executed is expected["may_have_executed"]


def check_requests(received: list[ReceivedRequest], expected: Any, scripted: int, sender: dict[str, str]) -> None:
    if expected is None:
        assert received == []
        return
    assert set(expected) == KEYS_OF_A_REQUEST
    assert len(received) == scripted
    nonces: set[str] = set()
    named = {{"robot": "rid", "channel": "cid"}[kind]: sender_id for kind, sender_id in sender.items()}
    for request in received:
        assert (request.method, request.path) == ("POST", expected["path"])
        assert request.body.decode() == expected["body"]
        assert request.signature_valid
        names = [header.name for header in request.headers]
        assert names == [name.lower() for name in names]
        assert {header.name: header.value for header in request.headers if header.name in ("rid", "cid")} == named
        content_types = [header.value for header in request.headers if header.name == "content-type"]
        assert content_types == ["application/json; charset=utf-8"]
        nonces.update(header.value for header in request.headers if header.name == "nonce")
    assert len(nonces) == scripted


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    player = Player()
    yield player
    player.sandbox.stop()


@pytest.mark.parametrize("case", cases, ids=lambda case: case["name"])
def test_case(player: Player, case: Case) -> None:
    player.play(case)


def test_every_case_was_played(
    player: Player, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = [item for item in request.session.items if item.name.startswith("test_case[")]
    with capsys.disabled():
        print(f"\nconformance: {player.played} cases played")
    assert cases, f"there are no cases in {CASES}"
    assert player.played == len(chosen)
    # All of them, unless whoever runs this chose some by name.
    if not (request.config.option.keyword or any("::" in argument for argument in request.config.args)):
        assert player.played == len(cases)


@pytest.mark.parametrize("unknown", [{"twice": 1}, {"options": {"patience_ms": 1}}, {"fault": "boredom"}])
def test_what_the_player_does_not_know_fails(unknown: Case) -> None:
    player = Player()
    case: Case = {"name": "a", "method": "get_delivery_timestamp", "arguments": {"user_id": "u1"}, "result": 0}
    with pytest.raises((AssertionError, KeyError, TypeError)):
        player.play({**case, **unknown})
    assert player.played == 0
    player.sandbox.stop()


@pytest.mark.parametrize(
    ("kind", "client"), [(None, MessageClient), ("robot", RobotClient), ("channel", ChannelClient)]
)
def test_every_method_has_a_case(kind: Optional[str], client: type) -> None:
    methods = {name for name in vars(client) if re.fullmatch(r"[a-z]\w+_\w+", name)}
    # Which other files of tests are about.
    others = {"send_each", "send_messages", "multicast_each", "stream_text", "close_idle"}
    assert methods - others
    assert methods - others <= {case["method"] for case in cases if kind in case.get("sender", {None: ""})}


def test_every_error_has_a_case_but_those_of_more_than_one_call() -> None:
    reached = {case["error"]["variant"] for case in cases if "error" in case}
    assert {error.__name__ for error in MessageError.__subclasses__()} - reached <= {"Interrupted", "StreamFailed"}
