"""With asyncio: what cancelling a task does to a call in a thread, as the guide describes it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import time

import pytest

from wildfirechat_message import ClientOptions, Conversation, Fault, MessageClient, Sandbox, TextContent

TO_U1 = Conversation.single("u1")


async def in_a_thread(client: MessageClient, text: str) -> object:
    return await asyncio.get_running_loop().run_in_executor(
        None, client.send_message, "admin", TO_U1, TextContent(text)
    )


def test_a_total_time_keeps_a_call_from_sending_after_its_task_was_cancelled(sandbox: Sandbox) -> None:
    # A look-up is tried again and again.
    sandbox.fail_next(Fault.NEVER_ANSWER, times=100)
    options = ClientOptions(
        read_timeout=0.1, total_timeout=0.6, max_attempts=100, retry_pause=0.05, retry_pause_max=0.05
    )
    with MessageClient(sandbox.base_url, sandbox.secret, options) as client:

        async def main() -> int:
            call = asyncio.get_running_loop().run_in_executor(None, client.get_message, 7)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(call, 0.15)
            return len(sandbox.requests())

        at_the_cancelling = asyncio.run(main())
        time.sleep(0.7)
        at_the_total_time = len(sandbox.requests())
        time.sleep(0.5)
    assert 0 < at_the_cancelling < at_the_total_time == len(sandbox.requests())


def test_a_call_that_waits_for_a_thread_is_never_begun_once_its_task_is_cancelled(sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.DELAY_AFTER_EXECUTING, delay=0.5)
    with MessageClient(sandbox.base_url, sandbox.secret) as client:

        async def main() -> None:
            one = concurrent.futures.ThreadPoolExecutor(1)
            asyncio.get_running_loop().set_default_executor(one)
            first = asyncio.ensure_future(in_a_thread(client, "first"))
            await asyncio.sleep(0.1)
            second = asyncio.ensure_future(in_a_thread(client, "second"))
            await asyncio.sleep(0.1)
            second.cancel()
            await first

        asyncio.run(main())
        time.sleep(0.3)
    assert (len(sandbox.messages_with_text("first")), sandbox.messages_with_text("second")) == (1, [])
