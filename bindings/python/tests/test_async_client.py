"""`AsyncMessageClient`: the same calls as coroutines, which never block their event loop."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import Any, Callable, TypeVar

import pytest
import test_conformance as conformance

from wildfirechat_message import (
    AsyncChannelClient,
    AsyncMessageClient,
    AsyncRobotClient,
    BulkOptions,
    ChannelClient,
    ClientOptions,
    ConnectionLost,
    Conversation,
    Fault,
    Interrupted,
    InvalidArgument,
    MessageClient,
    MessagePayload,
    RobotClient,
    Sandbox,
    SendRequest,
    SentMessage,
)

import processes

T = TypeVar("T")

TWINS: dict[Any, Any] = {
    ChannelClient: AsyncChannelClient,
    MessageClient: AsyncMessageClient,
    RobotClient: AsyncRobotClient,
}

TO_U1 = Conversation.single("u1")
HELLO = MessagePayload.text("hello")
REQUEST = SendRequest("admin", TO_U1, HELLO)


def run(sandbox: Sandbox, work: Callable[[AsyncMessageClient], Awaitable[T]], **options: Any) -> T:
    async def main() -> T:
        chosen = ClientOptions(**options)
        async with AsyncMessageClient(sandbox.base_url, sandbox.secret, chosen) as client:
            return await work(client)

    return asyncio.run(main())


def send(client: AsyncMessageClient) -> Awaitable[SentMessage]:
    return client.send_message("admin", TO_U1, HELLO)


async def has_arrived(sandbox: Sandbox, many: int = 1) -> None:
    while len(sandbox.requests()) < many:
        await asyncio.sleep(0.005)


class Player(conformance.Player):
    """Plays the cases through the asynchronous client."""

    def call(self, case: conformance.Case) -> Any:
        return asyncio.run(self.awaited(case))

    async def awaited(self, case: conformance.Case) -> Any:
        options = ClientOptions(**dict(conformance.option(*each) for each in case.get("options", {}).items()))
        base_url = case.get("base_url", "{sandbox}").replace("{sandbox}", self.sandbox.base_url)
        made = {"base_url": base_url, "secret": conformance.SECRET, **case.get("client", {})}
        async with async_client_of(case)(**made, options=options) as client:
            if case["method"] == "new":
                return None
            method = getattr(client, case["method"])
            if case["method"] == "upload":
                return await method(**conformance.arguments_of_an_upload(**case["arguments"]))
            return await method(**conformance.arguments_of(method, case.get("arguments", {})))


def async_client_of(case: conformance.Case) -> Callable[..., Any]:
    """Makes the client that a case is for, as it is called with a server, a secret and options."""
    blocking = conformance.client_of(case)
    if isinstance(blocking, functools.partial):
        return functools.partial(TWINS[blocking.func], **blocking.keywords)
    return AsyncMessageClient


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    player = Player()
    yield player
    player.sandbox.stop()


@pytest.mark.parametrize("case", conformance.cases, ids=lambda case: case["name"])
def test_awaited_case(player: Player, case: conformance.Case) -> None:
    player.play(case)


@pytest.mark.parametrize(("blocking", "twin"), TWINS.items())
def test_it_has_every_method_of_the_blocking_client_with_the_same_arguments_and_texts(
    blocking: type, twin: type
) -> None:
    # Their texts tell of cancelling, and they take asynchronous sources.
    others = {"send_messages", "send_each", "multicast_each", "upload"}
    # Without pieces, `stream_text` returns a stream at once, and with some, what is awaited.
    plain = {"close", "close_idle", "stats", "send_each", "stream_text"}
    methods = [name for name, method in vars(blocking).items() if callable(method) and not name.startswith("_")]
    assert methods == [name for name, method in vars(twin).items() if callable(method) and not name.startswith("_")]
    for name in methods:
        called, awaited = getattr(blocking, name), getattr(twin, name)
        assert inspect.iscoroutinefunction(awaited) is (name not in plain), name
        assert list(inspect.signature(awaited).parameters) == list(inspect.signature(called).parameters), name
        if inspect.iscoroutinefunction(awaited) and name not in others:
            assert inspect.signature(awaited) == inspect.signature(called)
            assert awaited.__doc__ == called.__doc__


def test_a_thousand_calls_at_once_need_one_thread_more(sandbox: Sandbox) -> None:
    async def work(client: AsyncMessageClient) -> None:
        before = processes.tasks()
        most = 0

        async def watch() -> None:
            nonlocal most
            while True:
                most = max(most, processes.tasks())
                await asyncio.sleep(0.005)

        watching = asyncio.ensure_future(watch())
        sent = await asyncio.gather(*(send(client) for _ in range(1000)))
        watching.cancel()
        assert len({each.message_uid for each in sent}) == 1000
        stats = client.stats()
        assert (stats.calls, stats.in_flight, stats.unknown_fates) == (1000, 0, 0)
        # The sandbox is in this process too: it has a thread for each of 128 connections.
        assert most - before <= 128 + 8

    run(sandbox, work)


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.15])
def test_a_cancelled_call_ends_at_once_and_tells_its_fate(sandbox: Sandbox, moment: float) -> None:
    sandbox.fail_next(Fault.NEVER_ANSWER)

    async def work(client: AsyncMessageClient) -> tuple[float, Interrupted, int]:
        call = asyncio.ensure_future(send(client))
        await has_arrived(sandbox)
        await asyncio.sleep(moment)
        begun = time.monotonic()
        call.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await call
        took = time.monotonic() - begun
        fate = Interrupted.of(raised.value)
        assert fate is not None
        return took, fate, client.stats().in_flight

    took, fate, in_flight = run(sandbox, work)
    assert (fate.endpoint, fate.sent, fate.attempts, fate.outcomes) == ("message/send", True, 1, [])
    assert (in_flight, fate.may_have_executed) == (0, True)
    print(f"measured: a cancelled call ended after {took * 1000:.1f} ms")
    assert took < 2.0, "a fifth of a second, on a machine that has nothing else to do"


def test_a_fate_is_found_below_a_cancellation_that_came_later(sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.NEVER_ANSWER)

    async def work(client: AsyncMessageClient) -> None:
        is_tidying_up = asyncio.Event()

        async def call_and_tidy_up() -> None:
            try:
                await send(client)
            finally:
                is_tidying_up.set()
                await asyncio.sleep(60)

        call = asyncio.ensure_future(call_and_tidy_up())
        await has_arrived(sandbox)
        call.cancel()
        await is_tidying_up.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await call
        fate = Interrupted.of(raised.value)
        assert fate is not None
        assert fate.sent

    run(sandbox, work)


def test_a_call_that_is_cancelled_before_its_turn_sends_nothing(sandbox: Sandbox) -> None:
    async def work(client: AsyncMessageClient) -> None:
        call = asyncio.ensure_future(send(client))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        calls = [asyncio.ensure_future(send(client)) for _ in range(100)]
        await asyncio.sleep(0)
        for each in calls:
            each.cancel()
        sent = 0
        for each in calls:
            with pytest.raises(asyncio.CancelledError) as raised:
                await each
            fate = Interrupted.of(raised.value)
            assert fate is not None
            sent += fate.sent
        assert len(sandbox.requests()) <= sent < 100
        await asyncio.sleep(0.3)
        assert len(sandbox.requests()) <= sent, "something went out after the calls had ended"

    run(sandbox, work)


def test_an_answer_that_is_there_comes_with_the_cancellation(sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.DELAY_AFTER_READING, delay=0.1)

    async def work(client: AsyncMessageClient) -> Interrupted:
        call = asyncio.ensure_future(send(client))
        await has_arrived(sandbox)
        # The answer comes while the loop does something else.
        while client.stats().in_flight:
            time.sleep(0.001)
        call.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await call
        fate = Interrupted.of(raised.value)
        assert fate is not None
        return fate

    fate = run(sandbox, work)
    assert isinstance(fate.outcomes[0], SentMessage)
    assert "as message" in str(fate)


def test_time_outs_of_the_language_end_a_call_and_tell_its_fate(sandbox: Sandbox) -> None:
    # From Python 3.11 on there are two.
    sandbox.fail_next(Fault.NEVER_ANSWER, times=2 if hasattr(asyncio, "timeout") else 1)

    async def work(client: AsyncMessageClient) -> None:
        with pytest.raises(asyncio.TimeoutError) as raised:
            await asyncio.wait_for(send(client), 0.2)
        fate = Interrupted.of(raised.value)
        assert fate is not None
        assert fate.sent
        if hasattr(asyncio, "timeout"):
            with pytest.raises(TimeoutError) as timed_out:
                async with asyncio.timeout(0.2):
                    await send(client)
            assert getattr(Interrupted.of(timed_out.value), "sent", None) is True
        await send(client)

    run(sandbox, work)


class Loop(asyncio.SelectorEventLoop):
    """Measures for how long each of its turns keeps the processor, by its thread's own time: whatever else the machine
    does at the same time is not in it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[float] = []

    def _run_once(self) -> None:
        before = time.thread_time()
        super()._run_once()  # type: ignore[misc]
        self.turns.append(time.thread_time() - before)


@pytest.mark.parametrize("octets", [0, 30_000])
def test_the_event_loop_is_never_blocked(octets: int) -> None:
    """A thousand calls at the same time, with small and with large messages: no turn of the loop is a long one."""
    payload = MessagePayload(1, "hello", data=bytes(octets))

    async def main(url: str) -> None:
        async with AsyncMessageClient(url, "123456") as client:
            for _ in range(3):
                await asyncio.gather(*(client.send_message("admin", TO_U1, payload) for _ in range(1000)))

    loop = Loop()
    # Whenever Python looks for garbage, that takes as long as it takes.
    gc.disable()
    try:
        with processes.sandbox_elsewhere() as url:
            loop.run_until_complete(main(url))
    finally:
        gc.enable()
        loop.close()
    turns = sorted(loop.turns)
    middle, most = turns[len(turns) // 2], turns[-1]
    over = sum(turn > 0.005 for turn in turns)
    print(
        f"measured: turns of the loop with {octets} bytes: {middle * 1000:.1f} ms in the middle, "
        f"{most * 1000:.1f} ms at the most, {over} of {len(turns)} longer than 5 ms"
    )
    assert over <= len(turns) / 100


def test_what_is_wrong_with_an_argument_is_said_before_anything_is_sent(sandbox: Sandbox) -> None:
    async def work(client: AsyncMessageClient) -> None:
        with pytest.raises(InvalidArgument, match="invalid argument sender"):
            await client.send_message("", TO_U1, HELLO)
        with pytest.raises(TypeError, match="sender"):
            await client.send_message(7, TO_U1, HELLO)  # type: ignore[arg-type]
        assert sandbox.requests() == []

    run(sandbox, work)


def test_many_messages_have_an_outcome_each_in_their_order(sandbox: Sandbox) -> None:
    async def source(many: int) -> AsyncIterator[SendRequest]:
        for number in range(many):
            if number % 50 == 0:
                await asyncio.sleep(0.02)
            yield SendRequest("admin", Conversation.single(f"u{number}"), HELLO)

    async def work(client: AsyncMessageClient) -> None:
        told: list[int] = []
        outcomes = await client.send_messages([REQUEST] * 300, progress=lambda progress: told.append(progress.sent))
        assert [type(each) for each in outcomes] == [SentMessage] * 300
        assert told[-1] == 300
        slow = await client.send_messages(source(120), BulkOptions(any_order=True))
        assert len(slow) == 120
        each = [outcome async for outcome in client.send_each(source(120))]
        each += [outcome async for outcome in client.send_each([SendRequest("", TO_U1, HELLO), REQUEST])]
        assert [type(outcome) for outcome in each] == [SentMessage] * 120 + [InvalidArgument, SentMessage]

    run(sandbox, work)


def test_many_messages_that_are_cancelled_tell_what_became_of_each(sandbox: Sandbox) -> None:
    async def work(client: AsyncMessageClient) -> None:
        requests = [SendRequest("admin", Conversation.single(f"u{number}"), HELLO) for number in range(40)]
        await client.send_messages(requests[:1])
        sandbox.fail_next(Fault.NEVER_ANSWER, times=1)
        sending = asyncio.ensure_future(client.send_messages(requests))
        await has_arrived(sandbox, 41)
        while client.stats().in_flight > 1:
            await asyncio.sleep(0.005)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await sending
        fate = Interrupted.of(raised.value)
        assert fate is not None
        kinds = [type(outcome) for outcome in fate.outcomes]
        assert (len(kinds), kinds.count(Interrupted)) == (40, 1)
        assert client.stats().in_flight == 0

    run(sandbox, work)


def test_who_stops_asking_for_outcomes_ends_it(sandbox: Sandbox) -> None:
    async def work(client: AsyncMessageClient) -> None:
        outcomes = client.send_each(REQUEST for _ in iter(int, 1))
        async for _ in outcomes:
            break
        await outcomes.aclose()
        while client.stats().in_flight:
            await asyncio.sleep(0.005)
        sent = len(sandbox.requests())
        await asyncio.sleep(0.3)
        assert len(sandbox.requests()) == sent
        assert [outcome async for outcome in client.send_each([])] == []
        await send(client)

    run(sandbox, work)


def test_outcomes_that_nobody_iterates_are_warned_of(sandbox: Sandbox) -> None:
    async def work(client: AsyncMessageClient) -> None:
        with pytest.warns(RuntimeWarning, match="never iterated: nothing was sent"):
            client.send_each([REQUEST])
        outcomes = client.send_each([REQUEST])
        assert isinstance(await outcomes.__anext__(), SentMessage)
        with pytest.raises(StopAsyncIteration):
            await outcomes.asend(None)

    run(sandbox, work)


def test_what_is_no_source_is_refused_at_once(sandbox: Sandbox) -> None:
    async def work(client: AsyncMessageClient) -> None:
        for wrong in (7, "text", None):
            with pytest.raises((TypeError, InvalidArgument), match="requests"):
                client.send_each(wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="progress"):
            await client.send_messages([], progress=7)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="progress"):
            await client.upload("a", b"", 4, progress=7)  # type: ignore[arg-type]

    run(sandbox, work)


def test_what_an_async_source_raises_brings_the_outcomes_along(sandbox: Sandbox) -> None:
    class Wrong(Exception):
        pass

    async def source() -> AsyncIterator[SendRequest]:
        yield REQUEST
        await asyncio.sleep(0.3)
        raise Wrong

    async def work(client: AsyncMessageClient) -> None:
        with pytest.raises(Wrong) as raised:
            await client.send_messages(source())
        fate = Interrupted.of(raised.value)
        assert fate is not None
        assert [type(outcome) for outcome in fate.outcomes] == [SentMessage]

    run(sandbox, work)


def test_a_file_is_uploaded_and_a_cancelled_upload_ends(sandbox: Sandbox) -> None:
    async def work(client: AsyncMessageClient) -> None:
        told: list[int] = []
        url = await client.upload("a.txt", b"text", 4, progress=lambda progress: told.append(progress.sent))
        assert url.startswith("http")
        assert told[-1] == 4
        sandbox.fail_next(Fault.NEVER_ANSWER)
        before = len(sandbox.requests())
        upload = asyncio.ensure_future(client.upload("a.txt", b"text", 4))
        await has_arrived(sandbox, before + 1)
        upload.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await upload
        fate = Interrupted.of(raised.value)
        assert fate is not None
        assert (fate.endpoint, fate.may_have_executed) == ("oss/get_upload_url", False)

    run(sandbox, work)


def test_calls_are_logged_in_the_context_of_their_task(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "wildfirechat_message")

    async def work(client: AsyncMessageClient) -> None:
        sandbox.fail_next(Fault.OVER_FREQUENCY)
        await send(client)
        sandbox.fail_next(Fault.RESET_AFTER_EXECUTING)
        with pytest.raises(ConnectionLost):
            await send(client)

    run(sandbox, work)
    assert {record.funcName for record in caplog.records} == {"work"}, "a line of the log names who awaits the call"
    outcomes = [(record.levelname, vars(record)["wildfirechat_outcome"]) for record in caplog.records]
    assert outcomes == [("INFO", "RateLimited"), ("DEBUG", "Answered"), ("WARNING", "ConnectionLost")]


def test_one_client_serves_one_loop_after_the_other_but_not_two_at_once(sandbox: Sandbox) -> None:
    client = AsyncMessageClient(sandbox.base_url, sandbox.secret)
    for _ in range(3):
        asyncio.run(asyncio.wait_for(send(client), 20))
    sandbox.fail_next(Fault.DELAY_AFTER_READING, delay=0.5)

    async def main() -> None:
        call = asyncio.ensure_future(send(client))
        await has_arrived(sandbox, 4)

        def elsewhere() -> str:
            with pytest.raises(RuntimeError) as raised:
                asyncio.run(asyncio.wait_for(send(client), 20))
            return str(raised.value)

        words = await asyncio.get_running_loop().run_in_executor(None, elsewhere)
        assert "another event loop" in words
        await call

    asyncio.run(main())
    client.close()


def test_a_closed_client_takes_no_call_and_those_under_way_go_on(sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.DELAY_AFTER_READING, delay=0.3)

    async def main() -> None:
        client = AsyncMessageClient(sandbox.base_url, sandbox.secret)
        call = asyncio.ensure_future(send(client))
        await has_arrived(sandbox)
        client.close()
        client.close()
        with pytest.raises(RuntimeError, match="is closed"):
            await send(client)
        assert (await call).message_uid > 0

    asyncio.run(main())


def test_clients_that_nobody_closed_leave_no_file_and_no_reader(sandbox: Sandbox) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        before = 0
        for number in range(20):
            await send(AsyncMessageClient(sandbox.base_url, sandbox.secret))
            gc.collect()
            await asyncio.sleep(0)
            await asyncio.sleep(0.01)
            if number == 5:
                before = processes.descriptors()
        deadline = time.monotonic() + 20
        while processes.descriptors() > before + 6 and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        assert processes.descriptors() <= before + 6
        assert not loop.is_closed()

    asyncio.run(main())


def test_a_loop_that_watches_no_files_has_a_thread_that_waits(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise NotImplementedError

    async def main() -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "add_reader", refuse, raising=False)
        async with AsyncMessageClient(sandbox.base_url, sandbox.secret) as client:
            assert len(await asyncio.gather(*(send(client) for _ in range(50)))) == 50

    asyncio.run(main())


def test_a_forked_child_makes_calls_of_its_own(sandbox: Sandbox) -> None:
    client = AsyncMessageClient(sandbox.base_url, sandbox.secret)
    asyncio.run(asyncio.wait_for(send(client), 20))
    child = os.fork()
    if child == 0:
        status = 1
        try:
            asyncio.run(asyncio.wait_for(send(client), 20))
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    asyncio.run(asyncio.wait_for(send(client), 20))
    client.close()


EXITS = """
import asyncio, sys
from wildfirechat_message import AsyncMessageClient, Conversation, Fault, MessagePayload, Sandbox
sandbox = Sandbox()
client = AsyncMessageClient(sandbox.base_url, sandbox.secret)

async def main():
    await client.send_message("admin", Conversation.single("u1"), MessagePayload.text("hello"))
    sandbox.fail_next(Fault.NEVER_ANSWER)
    asyncio.ensure_future(client.send_message("admin", Conversation.single("u1"), MessagePayload.text("hello")))
    await asyncio.sleep(0.2)

asyncio.run(main())
"""


def test_an_interpreter_that_ends_amid_calls_ends() -> None:
    ended = processes.run(EXITS)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_it_cannot_be_copied_and_shows_no_secret(sandbox: Sandbox) -> None:
    client = AsyncMessageClient(sandbox.base_url, "canary-of-the-secret")
    assert "canary" not in repr(client)
    with pytest.raises(TypeError, match="cannot be copied"):
        client.__reduce__()
    client.close()
    assert repr(client).endswith("(closed)")


def test_threads_may_have_loops_and_clients_of_their_own(sandbox: Sandbox) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            assert run(sandbox, lambda client: asyncio.gather(*(send(client) for _ in range(20))))
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
