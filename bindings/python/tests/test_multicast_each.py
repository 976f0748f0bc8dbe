"""One message to many users, in multicasts: an outcome for each part."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time

import pytest

from wildfirechat_message import (
    AsyncMessageClient,
    BulkOptions,
    ConnectionLost,
    Fault,
    Interrupted,
    InvalidArgument,
    MessageClient,
    MessagePayload,
    MulticastPart,
    Sandbox,
    SentMessage,
    TextContent,
)

USERS = [f"u{number}" for number in range(25)]


def test_each_part_has_its_outcome_and_everybody_gets_it_once(client: MessageClient, sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.CLOSE_AFTER_EXECUTING)
    parts = client.multicast_each("admin", iter(USERS), TextContent("to all"), size=10)
    assert [part.receivers for part in parts] == [USERS[:10], USERS[10:20], USERS[20:]]
    unknown = [part.outcome for part in parts if not isinstance(part.outcome, SentMessage)]
    assert [type(error) for error in unknown] == [ConnectionLost]
    assert all(len(sandbox.messages_of_user(user)) == 1 for user in USERS)
    (part,) = client.multicast_each("admin", ["u1"], MessagePayload.text("to one"))
    receivers, sent = part
    assert receivers == ["u1"]
    assert isinstance(sent, SentMessage)
    assert isinstance(part, MulticastPart)
    assert "u1" in repr(part)


def test_what_can_never_work_is_refused_before_anything_is_sent(client: MessageClient, sandbox: Sandbox) -> None:
    hello = TextContent("hello")
    for receivers, size, argument in [(USERS, 0, "size"), ([], 10, "receivers"), (["u1", ""], 1, "receivers[1]")]:
        with pytest.raises(InvalidArgument) as refused:
            client.multicast_each("admin", receivers, hello, size=size)
        assert refused.value.argument == argument
    with pytest.raises(InvalidArgument, match="receivers: it is one str"):
        client.multicast_each("admin", "u1", hello)
    with pytest.raises(TypeError, match="payload must be MessagePayload or a content"):
        client.multicast_each("admin", USERS, "hello")  # type: ignore[arg-type]
    assert not sandbox.requests()


def test_ctrl_c_tells_what_became_of_each_part(client: MessageClient, sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.NEVER_ANSWER_AFTER_EXECUTING)

    def interrupt() -> None:
        while len(sandbox.message_uids()) < 1:
            time.sleep(0.002)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt) as stop:
        client.multicast_each("admin", USERS, TextContent("to all"), size=10, options=BulkOptions(concurrency=1))
    thread.join()
    fate = Interrupted.of(stop.value)
    assert fate is not None
    assert fate.endpoint == "message/multicast"
    assert fate.sent
    assert [outcome.sent for outcome in fate.outcomes] == [True, False, False]
    assert len(sandbox.message_uids()) == 1


def test_coroutines_send_them_too_and_the_loop_goes_on(sandbox: Sandbox) -> None:
    async def main() -> None:
        async with AsyncMessageClient(sandbox.base_url, sandbox.secret) as client:
            sandbox.fail_next(Fault.CLOSE_AFTER_EXECUTING)
            parts = await client.multicast_each("admin", iter(USERS), TextContent("to all"), size=10)
            assert [part.receivers for part in parts] == [USERS[:10], USERS[10:20], USERS[20:]]
            assert sorted(type(part.outcome).__name__ for part in parts) == ["ConnectionLost"] + ["SentMessage"] * 2
            assert all(len(sandbox.messages_of_user(user)) == 1 for user in USERS)
            with pytest.raises(InvalidArgument) as refused:
                await client.multicast_each("admin", ["u1", ""], TextContent("to all"), size=1)
            assert refused.value.argument == "receivers[1]"

    asyncio.run(main())


def test_a_cancelled_task_tells_what_became_of_each_part(sandbox: Sandbox) -> None:
    async def main() -> None:
        sandbox.fail_next(Fault.NEVER_ANSWER_AFTER_EXECUTING)
        async with AsyncMessageClient(sandbox.base_url, sandbox.secret) as client:
            sending = asyncio.ensure_future(
                client.multicast_each(
                    "admin", USERS, TextContent("to all"), size=10, options=BulkOptions(concurrency=1)
                )
            )
            while len(sandbox.message_uids()) < 1:
                await asyncio.sleep(0.002)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError) as stop:
                await sending
        fate = Interrupted.of(stop.value)
        assert fate is not None
        assert (fate.endpoint, fate.sent) == ("message/multicast", True)
        assert [outcome.sent for outcome in fate.outcomes] == [True, False, False]
        assert len(sandbox.message_uids()) == 1

    asyncio.run(main())
