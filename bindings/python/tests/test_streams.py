"""Texts that grow: what receivers see of them, from every source and through every trouble."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Union

import pytest

from wildfirechat_message import (
    AsyncMessageClient,
    AsyncRobotClient,
    AsyncTextStream,
    ContentExtras,
    Conversation,
    Fault,
    Interrupted,
    InvalidArgument,
    MessageClient,
    MessageError,
    RobotClient,
    Sandbox,
    SentMessage,
    StreamFailed,
    TextStream,
)

DATA = Path(__file__).parents[3] / "tests" / "streams"
VECTORS = json.loads((DATA / "vectors.json").read_text("utf-8"))
PIECES = [
    (entry["after_ms"], entry["piece"]) for entry in json.loads((DATA / "answer" / "pieces.json").read_text("utf-8"))
]
WHOLE = "".join(piece for _, piece in PIECES)
GENERATING, GENERATED, CANCELLED = 14, 15, 20
SECRET = "123456"
TO = Conversation.single("u1")
# No second step comes while a test runs.
NEVER = 3600


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SECRET) as sandbox:
        sandbox.set_robot("FireRobot", SECRET)
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[MessageClient]:
    with MessageClient(sandbox.base_url, SECRET) as client:
        yield client


def shown(sandbox: Sandbox) -> list[tuple[int, str]]:
    return [(step.content_type, step.text) for step in sandbox.streamed_texts()]


def wait_for(sandbox: Sandbox, steps: int) -> None:
    begun = time.monotonic()
    while len(shown(sandbox)) < steps:
        assert time.monotonic() - begun < 60, shown(sandbox)
        time.sleep(0.005)


def until_seen(sandbox: Sandbox, error: BaseException) -> Iterator[str]:
    """A source that breaks once receivers have seen some of it."""
    yield "The capital"
    wait_for(sandbox, 1)
    yield " of"
    raise error


def model(pauses: float = 0.001) -> Iterator[str]:
    for pause, piece in PIECES:
        time.sleep(pause * pauses)
        yield piece


async def awaited_model() -> AsyncIterator[str]:
    for pause, piece in PIECES:
        await asyncio.sleep(pause / 1000)
        yield piece


def arguments_of(vector: dict[str, Any]) -> dict[str, Any]:
    arguments = dict(vector["arguments"])
    arguments["conversation"] = Conversation(**arguments["conversation"])
    if "extras" in arguments:
        arguments["extras"] = ContentExtras(**arguments["extras"])
    return {**arguments, "pieces": vector["pieces"], "interval": NEVER}


def check(vector: dict[str, Any], sandbox: Sandbox, outcome: Union[SentMessage, MessageError]) -> None:
    expected = vector.get("error")
    if expected is None:
        assert isinstance(outcome, SentMessage)
        assert outcome.message_uid == sandbox.streamed_texts()[-1].message_uid
    else:
        assert isinstance(outcome, MessageError)
        assert (type(outcome).__name__, str(outcome)) == (expected["variant"], expected["text"])
        assert outcome.may_have_executed is expected["may_have_executed"]
    assert [request.body.decode() for request in sandbox.requests()] == vector["bodies"]
    assert [list(step) for step in shown(sandbox)] == vector["shown"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector(vector: dict[str, Any], sandbox: Sandbox) -> None:
    client: Union[MessageClient, RobotClient] = MessageClient(sandbox.base_url, SECRET)
    if vector["robot"]:
        client = RobotClient(sandbox.base_url, "FireRobot", SECRET)
    outcome: Union[SentMessage, MessageError]
    try:
        outcome = client.stream_text(**arguments_of(vector))
    except MessageError as error:
        outcome = error
    check(vector, sandbox, outcome)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector_in_coroutines(vector: dict[str, Any], sandbox: Sandbox) -> None:
    async def play() -> SentMessage:
        client: Any = AsyncMessageClient(sandbox.base_url, SECRET)
        if vector["robot"]:
            client = AsyncRobotClient(sandbox.base_url, "FireRobot", SECRET)
        async with client:
            sent: SentMessage = await client.stream_text(**arguments_of(vector))
            return sent

    outcome: Union[SentMessage, MessageError]
    try:
        outcome = asyncio.run(play())
    except MessageError as error:
        outcome = error
    check(vector, sandbox, outcome)


def check_that_it_grew(sandbox: Sandbox) -> None:
    steps = shown(sandbox)
    assert len(steps) > 2
    assert steps[-1] == (GENERATED, WHOLE)
    for (kind, text), (_, longer) in zip(steps, steps[1:]):
        assert kind == GENERATING
        assert longer.startswith(text)


def test_the_answer_of_a_language_model_grows_on_the_phone(sandbox: Sandbox, client: MessageClient) -> None:
    sent = client.stream_text("admin", TO, model(), interval=0.02)
    assert client.get_message(sent.message_uid).payload.searchable_content == WHOLE
    check_that_it_grew(sandbox)


def test_the_answer_of_an_awaited_language_model_grows_on_the_phone(sandbox: Sandbox) -> None:
    async def stream() -> None:
        async with AsyncRobotClient(sandbox.base_url, "FireRobot", SECRET) as robot:
            await robot.stream_text(Conversation.group("g1"), awaited_model(), interval=0.02)

    asyncio.run(stream())
    check_that_it_grew(sandbox)


def test_the_end_of_a_block_finishes_the_text(sandbox: Sandbox, client: MessageClient) -> None:
    with client.stream_text("admin", TO, interval=NEVER) as stream:
        assert isinstance(stream, TextStream)
        assert stream.message is None
        for piece in ("a", "", "b"):
            stream.append(piece)
    assert shown(sandbox) == [(GENERATING, "a"), (GENERATED, "ab")]
    assert stream.message == stream.finish()
    assert {step.stream_id for step in sandbox.streamed_texts()} == {stream.stream_id}
    with pytest.raises(InvalidArgument, match="takes no more pieces"):
        stream.append("c")


def test_a_block_that_cancels_sends_no_end(sandbox: Sandbox, client: MessageClient) -> None:
    with client.stream_text("admin", TO, interval=NEVER) as stream:
        stream.append("a")
        wait_for(sandbox, 1)
        stream.cancel()
    assert shown(sandbox) == [(GENERATING, "a"), (CANCELLED, "a")]
    with pytest.raises(StreamFailed, match="marked as cancelled"):
        stream.finish()


@pytest.mark.parametrize("error", [ValueError("broke"), KeyboardInterrupt(), GeneratorExit()])
def test_a_source_that_breaks_cancels_the_text(sandbox: Sandbox, client: MessageClient, error: BaseException) -> None:
    with pytest.raises(type(error)) as caught:
        client.stream_text("admin", TO, until_seen(sandbox, error), interval=NEVER)
    assert caught.value is error
    fate = Interrupted.of(error)
    assert fate is not None
    assert not fate.sent
    (told,) = fate.outcomes
    assert isinstance(told, StreamFailed)
    assert (told.characters, told.shown, told.is_marked, told.may_be_finished) == (14, 14, True, False)
    assert shown(sandbox) == [(GENERATING, "The capital"), (CANCELLED, "The capital of")]


def test_a_block_that_raises_cancels_the_text(sandbox: Sandbox, client: MessageClient) -> None:
    def stream_it() -> None:
        with client.stream_text("admin", TO, interval=NEVER) as stream:
            for piece in until_seen(sandbox, ZeroDivisionError()):
                stream.append(piece)

    with pytest.raises(ZeroDivisionError) as caught:
        stream_it()
    assert Interrupted.of(caught.value) is not None
    assert shown(sandbox)[-1] == (CANCELLED, "The capital of")


def test_ctrl_c_while_the_end_is_on_its_way(sandbox: Sandbox, client: MessageClient) -> None:
    sandbox.fail_next(Fault.DELAY_AFTER_EXECUTING, endpoint="message/send")
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt) as caught:
        client.stream_text("admin", TO, ["a"], interval=NEVER)
    fate = Interrupted.of(caught.value)
    assert fate is not None
    # The step was under way, so the text could still be cancelled.
    assert isinstance(fate.outcomes[0], StreamFailed)
    wait_for(sandbox, 2)
    assert shown(sandbox) == [(GENERATING, "a"), (CANCELLED, "a")]


def test_a_text_that_nobody_has_any_more_is_cancelled(sandbox: Sandbox, client: MessageClient) -> None:
    stream = client.stream_text("admin", TO, interval=NEVER)
    stream.append("a")
    wait_for(sandbox, 1)
    del stream
    gc.collect()
    wait_for(sandbox, 2)
    assert shown(sandbox)[-1] == (CANCELLED, "a")


def test_a_process_that_ends_cancels_its_texts(sandbox: Sandbox) -> None:
    code = f"""
import time
from wildfirechat_message import Conversation, MessageClient
client = MessageClient({sandbox.base_url!r}, {SECRET!r})
stream = client.stream_text("admin", Conversation.single("u1"), interval=3600)
stream.append("a")
while not client.stats().calls: time.sleep(0.01)
time.sleep(0.3)
"""
    # Isolated: the working folder has the package without its generated modules.
    subprocess.run([sys.executable, "-I", "-c", code], check=True)
    assert shown(sandbox) == [(GENERATING, "a"), (CANCELLED, "a")]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_leaves_the_text_to_its_parent(sandbox: Sandbox, client: MessageClient) -> None:
    stream = client.stream_text("admin", TO, interval=NEVER)
    stream.append("a")
    wait_for(sandbox, 1)
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            try:
                stream.append("of the child")
            except InvalidArgument:
                code = 0
        del stream
        gc.collect()
        os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    stream.append("b")
    stream.finish()
    assert shown(sandbox) == [(GENERATING, "a"), (GENERATED, "ab")]


def test_an_end_of_unknown_fate(sandbox: Sandbox, client: MessageClient) -> None:
    stream = client.stream_text("admin", TO, interval=NEVER)
    stream.append("a")
    wait_for(sandbox, 1)
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING, endpoint="message/send")
    with pytest.raises(StreamFailed) as caught:
        stream.finish()
    assert caught.value.may_have_executed
    assert caught.value.may_be_finished
    assert "receivers see the whole text, or 1 of 1 characters" in str(caught.value)


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"pieces": "letters"}, TypeError, "pieces must be an iterable of str, not str"),
        ({"pieces": 3}, TypeError, "pieces must be an iterable of str, not int"),
        ({"pieces": ["a", None]}, TypeError, r"pieces\[1\] must be str, not None"),
        ({"pieces": ["\ud83d"]}, InvalidArgument, r"pieces\[0\]: it has a lone surrogate"),
        ({"interval": -1}, InvalidArgument, "interval: it is negative"),
        ({"interval": "soon"}, TypeError, "interval must be"),
        ({"to_users": "ann"}, InvalidArgument, "to_users: it is one str"),
        ({"conversation": None}, TypeError, "conversation must be Conversation, not None"),
        ({"sender": ""}, InvalidArgument, "sender: it is empty"),
        ({"extras": {}}, TypeError, "extras must be ContentExtras"),
    ],
)
def test_what_can_never_work_is_refused_by_name(
    sandbox: Sandbox, client: MessageClient, given: dict[str, Any], error: type[Exception], text: str
) -> None:
    arguments: dict[str, Any] = {"sender": "admin", "conversation": TO, "pieces": ["a"], **given}
    with pytest.raises(error, match=text):
        client.stream_text(**arguments)
    assert [kind for kind, _ in shown(sandbox) if kind == GENERATED] == []


def test_a_cancelled_task_cancels_its_text(sandbox: Sandbox) -> None:
    async def endless() -> AsyncIterator[str]:
        while True:
            yield "x"
            await asyncio.sleep(0.01)

    async def stream() -> BaseException:
        async with AsyncMessageClient(sandbox.base_url, SECRET) as client:
            coming: Any = client.stream_text("admin", TO, endless(), interval=NEVER)
            task = asyncio.ensure_future(coming)
            while not shown(sandbox):
                await asyncio.sleep(0.01)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError as stop:
                return stop
            raise AssertionError("it was not cancelled")

    stop = asyncio.run(stream())
    fate = Interrupted.of(stop)
    assert fate is not None
    assert fate.outcomes[0].is_marked
    assert [kind for kind, _ in shown(sandbox)] == [GENERATING, CANCELLED]


def test_a_time_out_cancels_an_asynchronous_block(sandbox: Sandbox) -> None:
    async def stream() -> None:
        client = AsyncMessageClient(sandbox.base_url, SECRET)
        async with client, client.stream_text("admin", TO, interval=NEVER) as text:
            assert isinstance(text, AsyncTextStream)
            text.append("a")
            while not shown(sandbox):
                await asyncio.sleep(0.01)
            await asyncio.wait_for(asyncio.sleep(60), 0.05)

    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(stream())
    assert shown(sandbox) == [(GENERATING, "a"), (CANCELLED, "a")]


def test_an_asynchronous_block_finishes_its_text(sandbox: Sandbox) -> None:
    async def stream() -> None:
        async with AsyncMessageClient(sandbox.base_url, SECRET) as client:
            async with client.stream_text("admin", TO, interval=NEVER) as text:
                text.append("a")
            assert text.message == await text.finish()
            await text.cancel()

    asyncio.run(stream())
    assert shown(sandbox) == [(GENERATING, "a"), (GENERATED, "a")]


def test_an_asynchronous_source_that_breaks_cancels_the_text(sandbox: Sandbox) -> None:
    async def source() -> AsyncIterator[str]:
        for piece in until_seen(sandbox, ValueError("broke")):
            yield piece

    async def stream() -> None:
        async with AsyncMessageClient(sandbox.base_url, SECRET) as client:
            await client.stream_text("admin", TO, source(), interval=NEVER)

    with pytest.raises(ValueError, match="broke") as caught:
        asyncio.run(stream())
    assert Interrupted.of(caught.value) is not None
    assert shown(sandbox) == [(GENERATING, "The capital"), (CANCELLED, "The capital of")]


def test_hundreds_of_texts_grow_at_once(sandbox: Sandbox) -> None:
    async def all_of_them() -> None:
        async with AsyncMessageClient(sandbox.base_url, SECRET) as client:
            texts = [client.stream_text("admin", TO, awaited_model(), interval=0.1) for _ in range(200)]
            sent = await asyncio.gather(*texts)
            assert len({message.message_uid for message in sent}) == 200

    threads = threading.active_count()
    asyncio.run(all_of_them())
    assert threading.active_count() <= threads + 2
    assert [text for kind, text in shown(sandbox) if kind == GENERATED] == [WHOLE] * 200
