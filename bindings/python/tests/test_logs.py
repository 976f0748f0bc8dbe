"""The lines about calls in the application's log, and what they never contain."""

from __future__ import annotations

import contextlib
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any, Callable

import pytest

from wildfirechat_message import (
    ClientOptions,
    Conversation,
    Fault,
    Interrupted,
    InvalidArgument,
    MessageClient,
    MessageError,
    MessagePayload,
    Sandbox,
    SendRequest,
    StoreFault,
)

LOGGER = "wildfirechat_message"
SECRET = "canary-of-the-secret"
BODY = "canary-of-the-body"
USER = "canary-of-the-user"
OPTIONS = ClientOptions(read_timeout=0.3, retry_pause=0.001)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SECRET) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[MessageClient]:
    with MessageClient(sandbox.base_url, SECRET, OPTIONS) as client:
        yield client


@pytest.fixture(autouse=True)
def level() -> Iterator[None]:
    yield
    logging.getLogger(LOGGER).setLevel(logging.NOTSET)


def send(client: MessageClient) -> None:
    client.send_message(USER, Conversation.single(USER), MessagePayload.text(BODY))


def send_in_vain(client: MessageClient) -> MessageError:
    with pytest.raises(MessageError) as raised:
        send(client)
    return raised.value


def heard(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, str(vars(record)["wildfirechat_outcome"])) for record in caplog.records]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (logging.CRITICAL, []),
        (logging.WARNING, [("WARNING", "ConnectionLost")]),
        (logging.INFO, [("INFO", "RateLimited"), ("WARNING", "ConnectionLost")]),
        (
            logging.DEBUG,
            [
                ("DEBUG", "Answered"),
                ("INFO", "RateLimited"),
                ("DEBUG", "Answered"),
                ("WARNING", "ConnectionLost"),
                ("DEBUG", "Rejected"),
            ],
        ),
    ],
)
def test_each_level_hears_what_it_is_for(
    sandbox: Sandbox,
    client: MessageClient,
    caplog: pytest.LogCaptureFixture,
    level: int,
    expected: list[tuple[str, str]],
) -> None:
    caplog.set_level(level, LOGGER)
    send(client)
    sandbox.fail_next(Fault.OVER_FREQUENCY)
    send(client)
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING)
    send_in_vain(client)
    with pytest.raises(MessageError):
        client.get_message(1)
    assert heard(caplog) == expected


def test_a_level_that_changes_while_a_client_lives_is_heeded(
    client: MessageClient, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger(LOGGER)
    for level, lines in ((logging.INFO, 0), (logging.DEBUG, 1), (logging.WARNING, 1), (logging.DEBUG, 2)):
        logger.setLevel(level)
        send(client)
        assert len(caplog.records) == lines


def test_a_line_has_its_fields_and_names_the_line_that_made_the_call(
    sandbox: Sandbox, client: MessageClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    sandbox.fail_next(Fault.OVER_FREQUENCY)
    client.send_message(USER, Conversation.single(USER), MessagePayload.text(BODY))
    again, last = caplog.records
    assert (again.name, again.levelno, again.pathname) == (LOGGER, logging.INFO, __file__)
    assert again.funcName == last.funcName == "test_a_line_has_its_fields_and_names_the_line_that_made_the_call"
    assert again.getMessage().startswith("message/send: the server accepts no more calls for now")
    assert "; tried again after 0.0 s" in again.getMessage()
    assert last.getMessage().startswith("message/send: answered in ")
    fields = {name: value for name, value in vars(last).items() if name.startswith("wildfirechat_")}
    assert isinstance(fields.pop("wildfirechat_duration"), float)
    assert fields == {
        "wildfirechat_endpoint": "message/send",
        "wildfirechat_outcome": "Answered",
        "wildfirechat_attempts": 2,
        "wildfirechat_status": 200,
        "wildfirechat_code": 0,
        "wildfirechat_waited": 0.0,
        "wildfirechat_may_have_executed": False,
    }


def test_an_unknown_fate_is_said_as_the_error_says_it(
    sandbox: Sandbox, client: MessageClient, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.fail_next(Fault.NEVER_ANSWER)
    error = send_in_vain(client)
    (record,) = caplog.records
    assert record.getMessage().startswith(f"{error}; it took 0.")
    assert vars(record)["wildfirechat_may_have_executed"] is True


def test_what_is_refused_before_it_is_sent_is_nobodys_line(
    client: MessageClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    send(client)
    with pytest.raises(InvalidArgument):
        client.send_message("", Conversation.single(USER), MessagePayload.text(BODY))
    assert len(caplog.records) == 1


def test_each_thread_logs_its_own_calls(client: MessageClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    threads = [threading.Thread(target=send, args=(client,), name=f"sender-{number}") for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(record.threadName or "" for record in caplog.records) == [f"sender-{number}" for number in range(8)]


def test_many_messages_log_their_end_and_not_each(
    sandbox: Sandbox, client: MessageClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    requests = [SendRequest(USER, Conversation.single(USER), MessagePayload.text(BODY))] * 30
    client.send_messages(requests)
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING)
    list(client.send_each(iter(requests)))
    assert heard(caplog) == [("DEBUG", "Finished"), ("WARNING", "Finished")]
    first, second = caplog.records
    assert ": 30 sent, 0 failed, 0 of unknown fate" in first.getMessage()
    assert (vars(second)["wildfirechat_sent"], vars(second)["wildfirechat_unknown"]) == (29, 1)
    assert [record.pathname for record in caplog.records] == [__file__] * 2


def test_an_upload_logs_its_question(client: MessageClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    client.upload("a.txt", b"text", 4)
    (record,) = caplog.records
    assert (vars(record)["wildfirechat_endpoint"], record.pathname) == ("oss/get_upload_url", __file__)


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING])
def test_neither_secret_nor_text_nor_user_is_in_any_line_or_field(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, level: int
) -> None:
    caplog.set_level(level, LOGGER)
    options = ClientOptions(read_timeout=0.1, total_timeout=0.5, retry_pause=0.001, max_response_bytes=4096)
    with MessageClient(sandbox.base_url, SECRET, options) as client:
        for fault in Fault:
            sandbox.fail_next(fault, times=2, delay=0.02)
            calls: list[Callable[[], object]] = [lambda: send(client), lambda: client.find_message(1)]
            for call in calls:
                with contextlib.suppress(MessageError):
                    call()
            sandbox.stop_failing()
        sandbox.fail_store(next(iter(StoreFault)))
        with contextlib.suppress(MessageError):
            client.upload("a.txt", BODY.encode(), 4)
    shown = "\n".join(f"{record.getMessage()} {vars(record)!r}" for record in caplog.records)
    assert caplog.records
    assert [canary for canary in (SECRET, BODY, USER) if canary in shown] == []


def test_what_a_filter_raises_brings_the_outcome_along(client: MessageClient) -> None:
    class Wrong(Exception):
        pass

    class Filter(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
            raise Wrong

    logger, its = logging.getLogger(LOGGER), Filter()
    logger.setLevel(logging.DEBUG)
    logger.addFilter(its)
    try:
        with pytest.raises(Wrong) as raised:
            send(client)
    finally:
        logger.removeFilter(its)
    known = Interrupted.of(raised.value)
    assert known is not None
    assert known.outcomes[0].message_uid > 0


def test_ctrl_c_of_a_call_is_a_line_with_its_fate(
    sandbox: Sandbox, client: MessageClient, caplog: pytest.LogCaptureFixture
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    sandbox.fail_next(Fault.NEVER_ANSWER)
    before: Callable[..., Any] = signal.signal(signal.SIGALRM, stop)  # type: ignore[assignment]
    signal.setitimer(signal.ITIMER_REAL, 0.15)
    try:
        with pytest.raises(KeyboardInterrupt):
            client.send_message(USER, Conversation.single(USER), MessagePayload.text(BODY))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert heard(caplog) == [("WARNING", "Interrupted")]


SILENT = """
import sys
IMPORT
from wildfirechat_message import ConnectionLost, Conversation, Fault, MessageClient, MessagePayload, Sandbox
with Sandbox() as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING)
    try:
        client.send_message("admin", Conversation.single("u1"), MessagePayload.text("hello"))
    except ConnectionLost:
        print("logging" in sys.modules)
"""


@pytest.mark.parametrize(("imported", "printed"), [("", "False\n"), ("import logging", "True\n")])
def test_a_program_that_set_up_no_log_hears_nothing_and_pays_nothing(imported: str, printed: str) -> None:
    program = SILENT.replace("IMPORT", imported)
    ended = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, printed, "")
