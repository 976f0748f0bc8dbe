"""`AsyncOutbox`: the methods of `Outbox` as coroutines, which never block their event loop."""

from __future__ import annotations

import asyncio
import copy
import inspect
import pathlib
import pickle
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Any, Callable, TypeVar

import pytest

from wildfirechat_message import (
    AsyncMessageClient,
    AsyncOutbox,
    AsyncRobotClient,
    ClientOptions,
    Conversation,
    Fault,
    InvalidArgument,
    MessageClient,
    MessagePayload,
    Outbox,
    OutboxError,
    OutboxState,
    Resolution,
    RunOptions,
    RunProgress,
    Sandbox,
    SendRequest,
    TextContent,
)

T = TypeVar("T")
Source = AsyncIterator[tuple[SendRequest, str]]


@pytest.fixture
def store(tmp_path: pathlib.Path) -> str:
    return f"sqlite:{tmp_path / 'outbox.db'}"


def use(sandbox: Sandbox, store: str, work: Callable[[AsyncOutbox], Awaitable[T]], **options: Any) -> T:
    async def main() -> T:
        client = AsyncMessageClient(sandbox.base_url, sandbox.secret, ClientOptions(**options))
        async with client, AsyncOutbox(store, client) as outbox:
            return await work(outbox)

    return asyncio.run(main())


def message(number: int, users: int = 5) -> SendRequest:
    return SendRequest("admin", Conversation.single(f"u{number % users}"), MessagePayload.text(f"message {number}"))


def messages(count: int) -> list[tuple[SendRequest, str]]:
    return [(message(number), str(number)) for number in range(count)]


async def has_sent(sandbox: Sandbox, count: int) -> None:
    while len(sandbox.message_uids()) < count:
        await asyncio.sleep(0.005)


def test_it_has_every_method_of_the_blocking_outbox_with_the_same_arguments() -> None:
    def public(each: type) -> list[str]:
        return [name for name, method in vars(each).items() if callable(method) and not name.startswith("_")]

    assert public(AsyncOutbox) == public(Outbox)
    for name in public(Outbox):
        called, awaited = getattr(Outbox, name), getattr(AsyncOutbox, name)
        assert list(inspect.signature(awaited).parameters) == list(inspect.signature(called).parameters), name
        is_gone_through = name in ("entries", "unknown", "lost", "failed")
        assert inspect.iscoroutinefunction(awaited) is (name != "close" and not is_gone_through), name


def test_messages_are_put_sent_and_found(sandbox: Sandbox, store: str) -> None:
    async def source() -> Source:
        for number in range(2_100):
            yield message(number), str(number)

    async def work(outbox: AsyncOutbox) -> None:
        first = await outbox.put(message(0), "0", priority=2)
        assert await outbox.put(message(1), "0") == first
        counts = await outbox.put_many(source())
        assert (counts.put, counts.known) == (2_099, 1)
        counts = await outbox.put_many(messages(10))
        assert (counts.put, counts.known) == (0, 10)
        parts = await outbox.multicast_each("admin", (f"u{n}" for n in range(25)), TextContent("to all"), size=10)
        assert len(parts) == 3
        told: list[RunProgress] = []
        did = await outbox.run(progress=told.append)
        assert (did.sent, did.failed, did.unknown) == (2_103, 0, 0)
        assert told[-1] == did
        found = await outbox.find("7")
        assert found is not None
        assert found == await outbox.get(found.id)
        assert sandbox.messages_with_text("message 7") == [found.message_uid]
        assert (await outbox.status()).sent == 2_103
        keys = [entry.key async for entry in outbox.entries(OutboxState.SENT) if entry.key]
        assert sorted(map(int, keys)) == list(range(2_100))
        assert [entry async for entry in outbox.unknown()] == []
        assert await outbox.purge(0) == 2_103

    use(sandbox, store, work)


def test_people_decide_and_outcomes_are_waited_for(sandbox: Sandbox, store: str) -> None:
    async def work(outbox: AsyncOutbox) -> None:
        assert await outbox.wait("nobody", 5) is None
        await outbox.put(message(0), "0")
        await outbox.cancel(await outbox.put(message(1), "1"))
        queued = await outbox.wait("0", 0.05)
        assert queued is not None
        assert queued.state is OutboxState.QUEUED
        sandbox.fail_next(Fault.CLOSE_AFTER_EXECUTING, endpoint="message/send")
        waiting = asyncio.ensure_future(outbox.wait("0", 60))
        assert (await outbox.run()).unknown == 1
        unknown = await waiting
        assert unknown is not None
        assert unknown.state is OutboxState.UNKNOWN
        assert [entry.key async for entry in outbox.unknown()] == ["0"]
        await outbox.resolve(unknown.id, Resolution.RESEND)
        assert (await outbox.run()).sent == 1
        with pytest.raises(OutboxError.WrongState):
            await outbox.cancel(unknown.id)

    use(sandbox, store, work)


def test_cancelling_a_run_gives_back_what_it_holds(sandbox: Sandbox, store: str) -> None:
    async def work(outbox: AsyncOutbox) -> None:
        await outbox.put_many(messages(500))
        run = asyncio.ensure_future(outbox.run(RunOptions(rate_limit=100, lease=86_400)))
        await has_sent(sandbox, 20)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        status = await outbox.status()
        assert (status.sending, status.unknown, status.sent) == (0, 0, len(sandbox.message_uids()))
        # Nobody has to wait for its lease, which is a day; a time-out is no other thing.
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(outbox.run(RunOptions(until_empty=False)), 0.3)
        await outbox.run()
        assert (await outbox.status()).sent == len(sandbox.message_uids()) == 500

    use(sandbox, store, work)


def test_a_second_cancellation_drops_what_is_under_way(sandbox: Sandbox, store: str) -> None:
    async def work(outbox: AsyncOutbox) -> None:
        await outbox.put_many(messages(10))
        sandbox.fail_next(Fault.NEVER_ANSWER_AFTER_EXECUTING, times=2, endpoint="message/send")
        run = asyncio.ensure_future(outbox.run())
        await has_sent(sandbox, 6)
        run.cancel()
        await asyncio.sleep(0.1)
        assert not run.done()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        status = await outbox.status()
        assert status.sending == 0
        assert status.unknown >= 2
        assert status.sent + status.unknown + status.queued == 10

    use(sandbox, store, work, read_timeout=3600, total_timeout=3600)


def test_an_exception_of_progress_comes_out_and_nothing_is_under_way(sandbox: Sandbox, store: str) -> None:
    def progress(told: RunProgress) -> None:
        if told.sent:
            raise LookupError(told.sent)

    async def work(outbox: AsyncOutbox) -> None:
        await outbox.put_many(messages(200))
        with pytest.raises(LookupError):
            await outbox.run(RunOptions(rate_limit=100), progress)
        status = await outbox.status()
        assert (status.sending, status.unknown, status.sent) == (0, 0, len(sandbox.message_uids()))

    use(sandbox, store, work)


def test_a_source_that_raises_leaves_whole_transactions(sandbox: Sandbox, store: str) -> None:
    async def source() -> Source:
        for number in range(2_500):
            yield message(number), str(number)
        raise LookupError("the list ends here")

    async def work(outbox: AsyncOutbox) -> None:
        with pytest.raises(LookupError):
            await outbox.put_many(source())
        assert (await outbox.status()).queued == 2_000

    use(sandbox, store, work)


def test_what_can_never_work_is_refused_by_its_name(sandbox: Sandbox, store: str, tmp_path: pathlib.Path) -> None:
    async def work(outbox: AsyncOutbox) -> None:
        with pytest.raises(InvalidArgument, match="key: it is empty"):
            await outbox.put(message(0), "")
        with pytest.raises(TypeError, match="request must be SendRequest"):
            await outbox.put("hello")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"messages\[1\] must be OutboxMessage"):
            await outbox.put_many([(message(0), "a"), "b"])  # type: ignore[list-item]
        with pytest.raises(TypeError, match="messages must be a list"):
            await outbox.put_many(7)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="progress must be a function"):
            await outbox.run(progress=7)  # type: ignore[arg-type]
        with pytest.raises(InvalidArgument, match=r"options\.concurrency"):
            await outbox.run(RunOptions(concurrency=0))
        with pytest.raises(TypeError, match="state must be OutboxState"):
            await outbox.entries("sent").__anext__()  # type: ignore[arg-type]
        assert (await outbox.status()).queued == 0
        for copied in (copy.copy, pickle.dumps):
            with pytest.raises(TypeError, match="cannot be copied or pickled"):
                copied(outbox)
        assert repr(outbox) == "AsyncOutbox()"
        outbox.close()
        assert repr(outbox) == "AsyncOutbox(closed)"
        with pytest.raises(RuntimeError, match="this AsyncOutbox is closed"):
            await outbox.status()

    use(sandbox, store, work)

    async def opens() -> None:
        async with AsyncMessageClient(sandbox.base_url, sandbox.secret) as client:
            with pytest.raises(InvalidArgument, match="store: it is neither"):
                await AsyncOutbox("redis://canary", client).status()
            (tmp_path / "text").write_text("no database begins like that. " * 200)
            with pytest.raises(OutboxError.StoreUnusable):
                await AsyncOutbox(f"sqlite:{tmp_path / 'text'}", client).__aenter__()
        blocking = MessageClient(sandbox.base_url, sandbox.secret)
        with blocking, pytest.raises(TypeError, match="client must be"):
            AsyncOutbox(store, blocking)  # type: ignore[arg-type]

    asyncio.run(opens())


def test_a_robot_sends_its_own(sandbox: Sandbox, store: str) -> None:
    sandbox.set_robot("FireRobot", "its secret")

    async def main() -> None:
        robot = AsyncRobotClient(sandbox.base_url, "FireRobot", "its secret")
        async with robot, AsyncOutbox(store, robot) as outbox:
            await outbox.put(SendRequest("", Conversation.single("u1"), MessagePayload.text("of the robot")), "0")
            assert (await outbox.run()).sent == 1
            entry = await outbox.find("0")
            assert entry is not None
            assert entry.robot == "FireRobot"

    asyncio.run(main())
    assert len(sandbox.messages_with_text("of the robot")) == 1


def test_the_event_loop_is_never_blocked(sandbox: Sandbox, store: str) -> None:
    """What a beat of the loop is late while messages are put and sent: most of them are on time."""
    late: list[float] = []

    async def beat() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            late.append(time.perf_counter() - before - 0.001)

    async def work(outbox: AsyncOutbox) -> None:
        beating = asyncio.ensure_future(beat())
        await outbox.put_many(messages(4_000))
        await outbox.run(progress=lambda _: None)
        beating.cancel()

    use(sandbox, store, work)
    late.sort()
    middle, most = late[len(late) // 2], late[-1]
    print(f"measured: the loop was late by {middle * 1000:.1f} ms in the middle, by {most * 1000:.1f} ms at the most")
    assert middle < 0.02, "5 ms at the most, on a machine that has nothing else to do"


# Another process that holds the file's lock.
HOLDS = """
import sqlite3, sys
holder = sqlite3.connect(sys.argv[1], isolation_level=None)
holder.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_database_that_makes_others_wait_does_not_block_the_loop(sandbox: Sandbox, store: str) -> None:
    async def work(outbox: AsyncOutbox) -> None:
        file = store.partition(":")[2]
        pipe = subprocess.PIPE
        with subprocess.Popen([sys.executable, "-c", HOLDS, file], stdin=pipe, stdout=pipe) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            put = asyncio.ensure_future(outbox.put(message(0), "0"))
            for _ in range(20):
                await asyncio.sleep(0.01)
            assert not put.done()
            holder.communicate(b"now\n")
            assert await put > 0

    use(sandbox, store, work)
