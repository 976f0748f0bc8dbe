"""The handler that sends log records as messages."""

from __future__ import annotations

import json
import logging
import logging.config
import os
from collections.abc import Iterator
from typing import Any

import pytest

from wildfirechat_message import (
    ClientOptions,
    ContentExtras,
    Conversation,
    Fault,
    MessageClient,
    RobotClient,
    Sandbox,
    TextContent,
)
from wildfirechat_message.bridges.log_handler import MessageHandler

from processes import run

OPS = Conversation.group("ops")


@pytest.fixture
def log(client: MessageClient) -> Iterator[logging.Logger]:
    """A logger with a handler that sends without a pause."""
    yield from logger_with(MessageHandler(client, "admin", OPS, pause=0))


def logger_with(handler: MessageHandler) -> Iterator[logging.Logger]:
    logger = logging.Logger("application")
    logger.addHandler(handler)
    yield logger
    handler.close()


def payloads(sandbox: Sandbox) -> list[dict[str, Any]]:
    """What was sent so far, in its order."""
    return [json.loads(request.body)["payload"] for request in sandbox.requests() if request.fault is None]


def lines(sandbox: Sandbox) -> list[str]:
    """The lines of everything that was sent so far."""
    return [line for payload in payloads(sandbox) for line in payload["searchableContent"].split("\n")]


def test_a_record_becomes_a_message(sandbox: Sandbox, log: logging.Logger) -> None:
    log.warning("not worth a message")
    log.error("disk %s is full", "sda")
    log.handlers[0].flush()
    assert lines(sandbox) == ["disk sda is full"]
    [request] = sandbox.requests()
    body = json.loads(request.body)
    assert (body["sender"], body["conv"]["type"], body["conv"]["target"]) == ("admin", 1, "ops")


def test_a_robot_sends_them_too(sandbox: Sandbox) -> None:
    sandbox.set_robot("FireRobot", "secret")
    with RobotClient(sandbox.base_url, "FireRobot", "secret") as robot:
        for log in logger_with(MessageHandler(robot, conversation=OPS, pause=0)):
            log.error("disk %s is full", "sda")
            log.handlers[0].flush()
    [uid] = sandbox.messages_with_text("disk sda is full")
    with MessageClient(sandbox.base_url, sandbox.secret) as admin:
        message = admin.get_message(uid)
    assert (message.sender, message.conversation) == ("FireRobot", OPS)


def test_who_sends_is_said_once(client: MessageClient, sandbox: Sandbox) -> None:
    with RobotClient(sandbox.base_url, "FireRobot", "secret") as robot:
        for sends, sender, conversation, wrong in (
            (client, None, OPS, "sender is missing"),
            (client, "admin", None, "conversation is missing"),
            (robot, "admin", OPS, "sender must be left out, because the robot is the sender"),
            (robot, None, None, "conversation is missing"),
        ):
            with pytest.raises(ValueError, match=wrong):
                MessageHandler(sends, sender, conversation)


def test_a_trace_and_a_format_reach_the_message(sandbox: Sandbox, log: logging.Logger) -> None:
    log.handlers[0].setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    try:
        raise LookupError("no such order")
    except LookupError:
        log.exception("order 7")
    log.handlers[0].flush()
    said = lines(sandbox)
    assert said[0] == "ERROR order 7"
    assert said[-1] == "LookupError: no such order"


def test_records_of_a_pause_are_one_message_and_all_arrive_in_order(sandbox: Sandbox, client: MessageClient) -> None:
    for log in logger_with(MessageHandler(client, "admin", OPS, pause=0.3)):
        for number in range(500):
            log.error("record %d", number)
        log.handlers[0].close()
    assert lines(sandbox) == [f"record {number}" for number in range(500)]
    assert len(sandbox.requests()) < 50


def test_a_message_has_no_more_characters_than_asked_for(sandbox: Sandbox, client: MessageClient) -> None:
    for log in logger_with(MessageHandler(client, "admin", OPS, pause=0, longest=10)):
        log.error("野火" * 20)
        for number in range(9):
            log.error("r%d", number)
        log.handlers[0].flush()
    sent = [payload["searchableContent"] for payload in payloads(sandbox)]
    assert sent[0] == "野火野火野火野火野…"
    assert all(len(text) <= 10 for text in sent)
    assert lines(sandbox)[1:] == [f"r{number}" for number in range(9)]


def test_extras_go_with_each_message(sandbox: Sandbox, client: MessageClient) -> None:
    for log in logger_with(MessageHandler(client, "admin", OPS, extras=ContentExtras.mention(["ann"]))):
        log.error("look")
        log.handlers[0].flush()
    assert payloads(sandbox)[0]["mentionedTarget"] == ["ann"]


def test_nobody_waits_for_a_server_that_is_silent_and_what_finds_no_room_is_told(sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.DELAY_BEFORE_READING, delay=5)
    with MessageClient(sandbox.base_url, sandbox.secret) as client:
        for log in logger_with(MessageHandler(client, "admin", OPS, pause=0, capacity=5, close_timeout=30)):
            log.error("first")
            handler = log.handlers[0]
            assert isinstance(handler, MessageHandler)
            while handler._waiting:
                pass
            for number in range(20):
                log.error("r%d", number)
            assert handler._under_way, "logging waited for the server"
            assert handler.left_out == 15
            handler.flush()
    # The first message is not in here: it met the fault.
    assert lines(sandbox) == ["(15 log records were left out)", "r0", "r1", "r2", "r3", "r4"]


def test_what_was_not_sent_is_sent_when_the_server_is_back(sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.OVER_FREQUENCY, times=3)
    with MessageClient(sandbox.base_url, sandbox.secret, ClientOptions(max_attempts=1)) as client:
        handler = MessageHandler(client, "admin", OPS, pause=0, close_timeout=30)
        for log in logger_with(handler):
            log.error("one")
            log.error("two")
    assert lines(sandbox) == ["one", "two"]
    assert (handler.left_out, handler.failed) == (0, 0)


def test_what_may_have_been_sent_is_not_sent_again(
    sandbox: Sandbox, log: logging.Logger, capfd: pytest.CaptureFixture[str]
) -> None:
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING)
    log.error("once")
    handler = log.handlers[0]
    handler.flush()
    log.error("then")
    handler.flush()
    assert len(sandbox.messages_with_text("once")) == 1
    assert lines(sandbox) == ["then"]
    assert isinstance(handler, MessageHandler)
    assert handler.failed == 1
    assert "ConnectionLost" in capfd.readouterr().err


def test_closing_waits_no_longer_than_it_says_and_counts_what_is_left() -> None:
    with MessageClient("http://127.0.0.1:1", "123456", ClientOptions(max_attempts=1)) as client:
        handler = MessageHandler(client, "admin", OPS, close_timeout=0.5)
        for log in logger_with(handler):
            log.error("never")
            log.error("ever")
            handler.close()
            log.error("after the end")
    assert handler.left_out == 3


def test_the_clients_own_log_is_not_sent(sandbox: Sandbox, client: MessageClient) -> None:
    own = logging.getLogger("wildfirechat_message")
    handler = MessageHandler(client, "admin", OPS, level=logging.DEBUG, pause=0)
    own.addHandler(handler)
    level = own.level
    own.setLevel(logging.DEBUG)
    try:
        client.send_message("admin", OPS, TextContent("a call that is logged"))
        handler.flush()
        assert len(sandbox.requests()) == 1
    finally:
        own.removeHandler(handler)
        own.setLevel(level)
        handler.close()


def test_dictconfig_makes_it(sandbox: Sandbox, client: MessageClient) -> None:
    configuration = {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {
            "ops": {
                "()": "wildfirechat_message.bridges.log_handler.MessageHandler",
                "client": client,
                "sender": "admin",
                "conversation": OPS,
                "pause": 0,
            }
        },
        "loggers": {"shop": {"handlers": ["ops"]}},
    }
    logging.config.dictConfig(configuration)
    shop = logging.getLogger("shop")
    shop.error("sold out")
    [handler] = shop.handlers
    handler.close()
    shop.removeHandler(handler)
    assert lines(sandbox) == ["sold out"]


@pytest.mark.parametrize("wrong", [{"capacity": 0}, {"longest": 0}, {"pause": -1}, {"close_timeout": float("nan")}])
def test_a_setting_that_cannot_be_is_refused_by_name(client: MessageClient, wrong: dict[str, Any]) -> None:
    [name] = wrong
    with pytest.raises(ValueError, match=name):
        MessageHandler(client, "admin", OPS, **wrong)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_sends_its_own_records_and_its_parents_stay_with_the_parent() -> None:
    with Sandbox() as sandbox:
        program = run(FORKING, sandbox.base_url, sandbox.secret)
        assert (program.returncode, program.stderr) == (0, "")
        assert sorted(lines(sandbox)) == ["child", "first", "parent 0", "parent 1"]


FORKING = """
import logging, os, sys, warnings
from wildfirechat_message import Conversation, MessageClient
from wildfirechat_message.bridges.log_handler import MessageHandler

log = logging.getLogger("application")
# The pause keeps what is logged after the first record in the queue while the process forks.
log.addHandler(MessageHandler(MessageClient(*sys.argv[1:]), "admin", Conversation.group("ops"), pause=2))
for text in ("first", "parent 0", "parent 1"):
    log.error(text)
warnings.simplefilter("ignore", DeprecationWarning)  # of newer Pythons, which warn of a fork beside threads
child = os.fork()
if child == 0:
    log.error("child")
    logging.shutdown()
    os._exit(0)
logging.shutdown()
os.waitpid(child, 0)
"""


def test_a_program_that_ends_sends_what_it_logged_last() -> None:
    with Sandbox() as sandbox:
        program = run(ENDING, sandbox.base_url, sandbox.secret)
        assert (program.returncode, program.stderr) == (0, "")
        assert lines(sandbox) == ["the last words", "and one more"]


ENDING = """
import atexit, logging, sys
from wildfirechat_message import Conversation, MessageClient
from wildfirechat_message.bridges.log_handler import MessageHandler

log = logging.getLogger("application")
log.addHandler(MessageHandler(MessageClient(*sys.argv[1:]), "admin", Conversation.group("ops")))
# Runs before the end of logging, which was imported earlier.
atexit.register(log.error, "and one more")
log.error("the last words")
"""
