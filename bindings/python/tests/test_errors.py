"""Errors are real exceptions, with the native library's sentences."""

from __future__ import annotations

import concurrent.futures
import copy
import datetime
import email.utils
import inspect
import multiprocessing
import pickle
import traceback
from typing import Any

import pytest

from wildfirechat_message import (
    BadRequest,
    ClientOptions,
    ConnectionLost,
    FailedAfterUpload,
    Fault,
    Interrupted,
    InvalidArgument,
    InvalidResponse,
    MessageClient,
    MessageError,
    NotSupported,
    RateLimited,
    Rejected,
    Sandbox,
    StreamFailed,
    TimedOut,
    Unauthorized,
    Unreachable,
)

ENDPOINT = "message/send"

# Every error, its sentence, and whether the server may have acted.
ERRORS = [
    (InvalidArgument("targets[2]", "it is empty"), "invalid argument targets[2]: it is empty", False),
    (
        Unreachable(ENDPOINT, 3, "connection refused"),
        "message/send: no connection to the server in 3 attempts: connection refused; nothing was sent",
        False,
    ),
    (
        RateLimited(ENDPOINT, 1, "over frequency"),
        "message/send: the server accepts no more calls for now: over frequency (1 attempt); nothing was executed",
        False,
    ),
    (
        Unauthorized(ENDPOINT, 244, "auth failure"),
        "message/send: the server does not accept the signature (code 244: auth failure); check that the secret is "
        "right and has no spaces, line break or quotes around it, and that no proxy on the way to the server removes "
        "the headers nonce, timestamp and sign",
        False,
    ),
    (
        Unauthorized(ENDPOINT, 243, "sign expired", 2, -7_500_000),
        "message/send: the server does not accept the signature (code 243: sign expired; 2 attempts); "
        "this machine's clock is 2 h 5 min behind the clock that dated the answer",
        False,
    ),
    (Rejected(ENDPOINT, 253, "not exist"), "message/send: the server answered with code 253: not exist", False),
    (
        Rejected(ENDPOINT, 249, "timeout"),
        "message/send: the server answered with code 249: timeout; the server may have executed the request",
        True,
    ),
    (
        Rejected(ENDPOINT, 249, "timeout", 3),
        "message/send: the server answered with code 249: timeout (3 attempts); the server may have executed the "
        "request",
        True,
    ),
    (
        NotSupported(ENDPOINT),
        "message/send: this server, or its edition, does not have the endpoint; nothing was executed",
        False,
    ),
    (
        BadRequest(ENDPOINT, 500, "bad json"),
        "message/send: the server could not read the request (HTTP 500: bad json); nothing was executed",
        False,
    ),
    (
        BadRequest(ENDPOINT, 500, "bad json", 2),
        "message/send: the server could not read the request (HTTP 500: bad json; 2 attempts); nothing was executed",
        False,
    ),
    (
        RateLimited(ENDPOINT, 0, "the client's own rate_limit is 5 per second"),
        "message/send: the call got no turn in time: the client's own rate_limit is 5 per second; nothing was sent",
        False,
    ),
    (
        TimedOut(ENDPOINT, 1, datetime.timedelta(seconds=15.02)),
        "message/send: no complete answer within 15.0 s (1 attempt); the server may have executed the request",
        True,
    ),
    (
        ConnectionLost(ENDPOINT, 1, "connection reset"),
        "message/send: the connection was lost after the request was sent: connection reset (1 attempt); "
        "the server may have executed the request",
        True,
    ),
    (
        InvalidResponse(ENDPOINT, 502, "it is not JSON", "<html>"),
        "message/send: the answer does not belong to this API: it is not JSON (HTTP 502: <html>); "
        "the server may have executed the request",
        True,
    ),
    (
        InvalidResponse(ENDPOINT, 502, "it is HTML", "<p>", 3),
        "message/send: the answer does not belong to this API: it is HTML (HTTP 502: <p>; 3 attempts); "
        "the server may have executed the request",
        True,
    ),
    (Interrupted(ENDPOINT, False), "message/send: interrupted; nothing was executed", False),
    (
        Interrupted(ENDPOINT, True),
        "message/send: interrupted after the request was sent; the server may have executed the request",
        True,
    ),
    (
        StreamFailed(ENDPOINT, "message/send: the text was cancelled", 0, 9, 3, True, False),
        "message/send: the text was cancelled; receivers see 3 of 9 characters, marked as cancelled",
        False,
    ),
    (
        FailedAfterUpload(ENDPOINT, "https://files/1.jpg", "Rejected", "message/send: it was refused", False),
        "message/send: it was refused; the file has been uploaded, and remote_media_url says where it is",
        False,
    ),
    (
        FailedAfterUpload(ENDPOINT, "https://files/1.jpg", "TimedOut", "message/send: no answer", True, 2, 249),
        "message/send: no answer; the file has been uploaded, and remote_media_url says where it is",
        True,
    ),
]

each_error = pytest.mark.parametrize("error", [error for error, _, _ in ERRORS], ids=lambda error: type(error).__name__)


def test_every_class_is_in_the_table() -> None:
    assert {type(error) for error, _, _ in ERRORS} == set(MessageError.__subclasses__())


@pytest.mark.parametrize(("error", "sentence", "may_have_executed"), ERRORS)
def test_the_text_is_the_native_sentence(error: MessageError, sentence: str, may_have_executed: bool) -> None:
    assert str(error) == sentence
    assert error.may_have_executed is may_have_executed


@each_error
def test_a_class_is_reachable_by_its_name_below_the_base(error: MessageError) -> None:
    assert getattr(MessageError, type(error).__name__) is type(error)
    with pytest.raises(MessageError):
        raise error


@each_error
def test_the_fields_are_attributes_and_named_in_the_repr(error: MessageError) -> None:
    names = list(inspect.signature(type(error)).parameters)
    values = [getattr(error, name) for name in names]
    fields = ", ".join(f"{name}={value!r}" for name, value in zip(names, values))
    assert repr(error) == f"{type(error).__name__}({fields})"
    assert repr(type(error)(*values)) == repr(type(error)(**dict(zip(names, values)))) == repr(error)


@each_error
def test_copies_and_pickles_are_the_same_error(error: MessageError) -> None:
    pickles = [pickle.loads(pickle.dumps(error, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    for again in [copy.copy(error), copy.deepcopy(error), *pickles]:
        assert type(again) is type(error)
        assert (str(again), repr(again), vars(again)) == (str(error), repr(error), vars(error))
        assert again.may_have_executed is error.may_have_executed


@each_error
def test_every_error_of_a_call_has_its_attempts(error: MessageError) -> None:
    # Neither arguments nor a text of several messages are tried.
    assert hasattr(error, "attempts") is not isinstance(error, (InvalidArgument, StreamFailed))


def test_what_was_made_without_the_newer_fields_has_their_defaults() -> None:
    made: list[Any] = [
        Unauthorized(ENDPOINT, 244, "auth failure"),
        Rejected(ENDPOINT, 4, "server error"),
        NotSupported(ENDPOINT),
        BadRequest(ENDPOINT, 400, ""),
        InvalidResponse(ENDPOINT, 200, "it is empty", ""),
        Interrupted(ENDPOINT, False),
    ]
    assert [error.attempts for error in made] == [1] * len(made)
    assert Unauthorized(ENDPOINT, 243, "sign expired").clock_offset is None


def hasty(sandbox: Sandbox, max_attempts: int) -> MessageClient:
    """A client that pauses for next to nothing between its attempts."""
    options = ClientOptions(max_attempts=max_attempts, retry_pause=datetime.timedelta(milliseconds=1))
    return MessageClient(sandbox.base_url, sandbox.secret, options)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.OVER_FREQUENCY, RateLimited),
        (Fault.HTML_ANSWER, InvalidResponse),
        (Fault.SERVER_TIMEOUT, Rejected),
        (Fault.CLOSE_AFTER_READING, ConnectionLost),
    ],
)
@pytest.mark.parametrize("attempts", [1, 3])
def test_an_error_says_after_how_many_attempts_a_look_up_failed(
    sandbox: Sandbox, fault: Fault, expected: type[MessageError], attempts: int
) -> None:
    sandbox.fail_next(fault, times=5)
    with hasty(sandbox, attempts) as client, pytest.raises(expected) as info:
        client.get_message(1)
    assert getattr(info.value, "attempts", None) == attempts == len(sandbox.requests())


def test_what_a_busy_server_refuses_at_last_was_tried_more_than_once(sandbox: Sandbox) -> None:
    with hasty(sandbox, 3) as client:
        for last, expected in [(Fault.AUTH_FAILURE, Unauthorized), (Fault.UNREADABLE_REQUEST, BadRequest)]:
            sandbox.fail_next(Fault.OVER_FREQUENCY)
            sandbox.fail_next(last)
            with pytest.raises(expected) as info:
                client.get_message(1)
            assert getattr(info.value, "attempts", None) == 2


def test_code_243_says_by_how_much_the_clocks_differ(sandbox: Sandbox, client: MessageClient) -> None:
    date = "Tue, 15 Nov 1994 08:12:31 GMT"
    sandbox.answer_next('{"code":243,"msg":"sign expired"}', headers=[("date", date)])
    with pytest.raises(Unauthorized, match="ahead of the clock that dated the answer") as info:
        client.get_message(1)
    assert info.value.clock_offset is not None
    answered = datetime.datetime.now(datetime.timezone.utc) - email.utils.parsedate_to_datetime(date)
    assert abs(datetime.timedelta(milliseconds=info.value.clock_offset) - answered) < datetime.timedelta(minutes=1)


FAILING_WORK = """
import datetime
from wildfirechat_message import TimedOut
raise TimedOut("message/send", 1, datetime.timedelta(seconds=2))
"""


def test_an_error_crosses_from_another_process() -> None:
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as processes:
        error = processes.submit(exec, FAILING_WORK).exception(timeout=60)
    assert isinstance(error, TimedOut)
    assert error.elapsed == datetime.timedelta(seconds=2)
    text = "message/send: no complete answer within 2.0 s (1 attempt); the server may have executed the request"
    assert str(error) == text


def test_tracebacks_name_the_public_class() -> None:
    (line,) = traceback.format_exception_only(NotSupported, NotSupported(ENDPOINT))
    assert line.startswith("wildfirechat_message.NotSupported: message/send: this server")


def test_tracebacks_are_short() -> None:
    with pytest.raises(Unreachable) as info:
        MessageClient("http://127.0.0.1:9", "123456").get_delivery_timestamp("u1")
    frames = [frame.name for frame in traceback.extract_tb(info.value.__traceback__)]
    assert frames == ["test_tracebacks_are_short", "get_delivery_timestamp", "_call"]
    assert info.value.__context__ is None


@pytest.mark.parametrize("name", [RateLimited, MessageError.RateLimited])
def test_an_except_clause_takes_both_names(name: type[RateLimited]) -> None:
    caught = None
    try:
        raise RateLimited(ENDPOINT, 1, "over frequency")
    except name as error:
        caught = error
    assert caught.attempts == 1


def test_the_base_class_and_classes_of_ones_own_have_plain_texts() -> None:
    class Ours(Rejected):
        """A kind of rejection that an application tells apart."""

    assert str(MessageError("what a test raises")) == "what a test raises"
    assert repr(MessageError("x")) == "MessageError('x')"
    assert MessageError("unknown").may_have_executed
    assert str(Ours(ENDPOINT, 4, "server error")) == str(Rejected(ENDPOINT, 4, "server error"))


def test_fields_have_their_types() -> None:
    assert isinstance(TimedOut(ENDPOINT, 1, datetime.timedelta(seconds=1)).elapsed, datetime.timedelta)
    assert not hasattr(MessageError, "Pending")
