"""Arguments that cannot be passed to the library are refused before anything is sent; the error names them."""

from __future__ import annotations

import array
import dataclasses
import datetime
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Callable

import pytest

from wildfirechat_message import (
    BulkOptions,
    ClientOptions,
    ContentType,
    Conversation,
    ConversationType,
    Fault,
    ImportedMessage,
    InvalidArgument,
    MessageClient,
    MessagePayload,
    Sandbox,
    TimedOut,
)

TEXT = MessagePayload.text("hi")
TO_U1 = Conversation.single("u1")


@pytest.fixture
def untouched(sandbox: Sandbox, client: MessageClient) -> Iterator[MessageClient]:
    """A client whose calls must not reach the server."""
    yield client
    assert sandbox.requests() == []


def send(client: MessageClient, **arguments: Any) -> None:
    client.send_message(**{"sender": "admin", "conversation": TO_U1, "payload": TEXT, **arguments})


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"sender": 5}, "sender must be str, not int"),
        ({"sender": None}, "sender must be str, not None"),
        ({"conversation": "u1"}, "conversation must be Conversation, not str"),
        ({"conversation": Conversation(1.5, "g1")}, "conversation.kind must be int, not float"),  # type: ignore[arg-type]
        ({"payload": None}, "payload must be MessagePayload or a content, not None"),
        ({"payload": MessagePayload(1, b"hi")}, "payload.searchable_content must be str, not bytes"),  # type: ignore[arg-type]
        ({"payload": MessagePayload(1, "hi", data="x")}, "payload.data must be bytes, not str"),  # type: ignore[arg-type]
        ({"payload": MessagePayload(1, "hi", data=5)}, "payload.data must be bytes, not int"),  # type: ignore[arg-type]
        ({"to_users": None}, "to_users must be a list of str, not None"),
        ({"to_users": ["u1", None]}, "to_users[1] must be str, not None"),
        ({"to_users": iter([1])}, "to_users[0] must be str, not int"),
        ({"is_user_message": 1}, "is_user_message must be bool, not int"),
    ],
)
def test_a_wrong_type_is_a_type_error(untouched: MessageClient, arguments: dict[str, Any], refusal: str) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(refusal)}$"):
        send(untouched, **arguments)


@pytest.mark.parametrize(
    ("arguments", "argument", "reason"),
    [
        ({"to_users": "u1"}, "to_users", "it is one str where a list of str is needed"),
        ({"payload": MessagePayload(1, "hi", mentioned_targets="u1")}, "payload.mentioned_targets", "it is one str"),  # type: ignore[arg-type]
        ({"sender": "a\ud83d"}, "sender", "it has a lone surrogate at index 1, which UTF-8 cannot hold"),
        ({"to_users": ["u1", "\udc00"]}, "to_users[1]", "it has a lone surrogate at index 0"),
        ({"payload": MessagePayload(2**31)}, "payload.content_type", "it does not fit into 32 bits"),
        ({"conversation": Conversation(0, "u1", -(2**31) - 1)}, "conversation.line", "it does not fit into 32 bits"),
        ({"conversation": Conversation(10**5000, "u1")}, "conversation.kind", "it does not fit into 32 bits"),
        ({"sender": ""}, "sender", "it is empty"),
        ({"to_users": ["u1", ""]}, "to_users[1]", "it is empty"),
    ],
)
def test_a_value_that_cannot_be_is_an_invalid_argument(
    untouched: MessageClient, arguments: dict[str, Any], argument: str, reason: str
) -> None:
    with pytest.raises(InvalidArgument) as info:
        send(untouched, **arguments)
    assert info.value.argument == argument
    assert info.value.reason.startswith(reason)
    assert not info.value.may_have_executed


def test_a_lone_user_is_never_taken_for_a_list_of_letters(untouched: MessageClient) -> None:
    calls: list[tuple[str, Callable[[], object]]] = [
        ("targets", lambda: untouched.multicast_message("admin", "u1", TEXT)),
        ("receivers", lambda: untouched.recall_multicast_message("admin", 1, "u1")),
        ("receivers", lambda: untouched.delete_multicast_message("admin", 1, "u1")),
    ]
    for argument, call in calls:
        with pytest.raises(InvalidArgument) as info:
            call()
        assert info.value.argument == argument


def test_a_uid_of_more_than_64_bits_is_refused(untouched: MessageClient) -> None:
    for call in (untouched.get_message, untouched.find_message, untouched.delete_message):
        with pytest.raises(InvalidArgument, match="invalid argument message_uid: it does not fit into 64 bits"):
            call(2**63)
        with pytest.raises(TypeError, match="message_uid must be int, not str"):
            call("588582842607370241")  # type: ignore[arg-type]


def test_a_fault_in_a_list_of_records_is_found(untouched: MessageClient) -> None:
    good = ImportedMessage("u1", TO_U1, TEXT, 1)
    with pytest.raises(TypeError, match=re.escape("messages[1] must be ImportedMessage, not str")):
        untouched.import_messages([good, "bad"])  # type: ignore[list-item]
    bad = ImportedMessage("u1", TO_U1, TEXT, 1, ["u2", 3])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=re.escape("messages[1].receivers[1] must be str, not int")):
        untouched.import_messages([good, bad])
    with pytest.raises(InvalidArgument, match=re.escape("messages[0].timestamp")):
        untouched.import_messages([ImportedMessage("u1", TO_U1, TEXT, 2**63)])


@pytest.mark.parametrize("users", [["u1", "u2"], ("u1", "u2"), {"u1": 0, "u2": 0}, dict.fromkeys(["u1", "u2"]).keys()])
def test_a_list_of_users_may_be_anything_to_go_through(sandbox: Sandbox, client: MessageClient, users: Any) -> None:
    client.send_message("admin", Conversation.group("g1"), TEXT, users)
    client.send_message("admin", Conversation.group("g1"), TEXT, (user for user in users))
    assert all(b'"toUsers":["u1","u2"]' in request.body for request in sandbox.requests())


@pytest.mark.parametrize(
    "data",
    [
        b"\1\0\0\0",
        bytearray(b"\1\0\0\0"),
        memoryview(b"\1\0\0\0"),
        array.array("i", [1]),
        memoryview(b"1\0.\0.\0.\0")[::2],
    ],
)
def test_bytes_may_be_anything_like_bytes(client: MessageClient, data: Any) -> None:
    payload = MessagePayload(1000, data=data)
    sent = client.send_message("admin", TO_U1, payload)
    assert client.get_message(sent.message_uid).payload.data == bytes(data)
    assert payload.data is data


def test_named_numbers_and_other_integers_are_taken(client: MessageClient) -> None:
    class Index:
        def __index__(self) -> int:
            return 7

    conversation = Conversation(ConversationType.GROUP, "g1", Index())  # type: ignore[arg-type]
    sent = client.send_message("admin", conversation, MessagePayload(ContentType.TEXT, "hi"))
    assert client.get_message(sent.message_uid).conversation == Conversation(1, "g1", 7)


SECONDS = [field.name for field in dataclasses.fields(ClientOptions) if "timedelta" in str(field.type)]

BAD_OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"read_timeout": datetime.timedelta(seconds=-1)}, "it is negative"),
    ({"total_timeout": datetime.timedelta(0)}, "it is 0, so that no call could ever succeed"),
    ({"total_timeout": 0}, "it is 0, so that no call could ever succeed"),
    ({"max_attempts": 0}, "0 is below 1"),
    ({"max_attempts": 2**31}, "it does not fit into 32 bits"),
    ({"rate_limit": -1}, "-1 is below 0"),
    ({"retry_pause_max": 0.1}, "100ms is less than retry_pause (200ms)"),
    ({"max_response_bytes": 0}, "0 is below 1"),
    ({"max_response_bytes": 2**63}, "it does not fit into 64 bits"),
    ({"pool_max_idle": -1}, "-1 is below 0"),
    ({"proxy": "ftp://proxy"}, "its scheme is ftp"),
    ({"root_certificates": "no PEM"}, "it contains no PEM certificate"),
    ({"user_agent": "two\nlines"}, "it contains a character that an HTTP header cannot contain"),
    *(({name: -1}, "it is negative") for name in SECONDS),
    *(({name: -0.001}, "it is negative") for name in SECONDS),
    *(({name: float("nan")}, "it is nan, which is no number of seconds") for name in SECONDS),
    *(({name: float("-inf")}, "it is -inf, which is no number of seconds") for name in SECONDS),
    *(({name: 1e300}, "it is longer than a datetime.timedelta can be") for name in SECONDS),
    *(({name: 10**400}, "it does not fit into a floating-point number") for name in SECONDS),
]


@pytest.mark.parametrize(("option", "reason"), BAD_OPTIONS)
def test_a_bad_option_is_refused_with_its_name_where_the_options_are_made(option: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidArgument) as info:
        ClientOptions(**option)
    assert info.value.argument == f"options.{next(iter(option))}"
    assert info.value.reason.startswith(reason)
    with pytest.raises(InvalidArgument):
        dataclasses.replace(ClientOptions(), **option)


@pytest.mark.parametrize("name", SECONDS)
@pytest.mark.parametrize("seconds", [5, 2.5, Fraction(5, 2), datetime.timedelta(seconds=3)])
def test_a_duration_may_be_a_number_of_seconds(name: str, seconds: Any) -> None:
    options = ClientOptions(**{name: seconds})
    length = seconds if isinstance(seconds, datetime.timedelta) else datetime.timedelta(seconds=float(seconds))
    assert getattr(options, name) == length
    same: dict[str, Any] = {name: length}
    assert options == ClientOptions(**same)


@pytest.mark.parametrize("name", SECONDS)
@pytest.mark.parametrize("value", [True, False, "5", b"5", [5], 5j])
def test_what_is_no_duration_is_a_type_error(name: str, value: Any) -> None:
    kind = type(value).__name__
    words = rf"options\.{name} must be datetime\.timedelta or a number of seconds, not {kind}"
    with pytest.raises(TypeError, match=words):
        ClientOptions(**{name: value})


def test_seconds_are_what_a_call_waits(sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.NEVER_ANSWER, delay=5)
    options = ClientOptions(read_timeout=0.2)
    with MessageClient(sandbox.base_url, sandbox.secret, options) as client, pytest.raises(TimedOut) as info:
        send(client)
    assert datetime.timedelta(seconds=0.2) <= info.value.elapsed < datetime.timedelta(seconds=3)


def test_options_cannot_be_changed_behind_their_check() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ClientOptions().max_attempts = 0  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        BulkOptions().concurrency = 0  # type: ignore[misc]


def test_pauses_may_be_nothing(sandbox: Sandbox) -> None:
    nothing = datetime.timedelta(0)
    options = ClientOptions(retry_pause=nothing, retry_pause_max=nothing)
    with MessageClient(sandbox.base_url, sandbox.secret, options) as client:
        sandbox.fail_next(Fault.OVER_FREQUENCY, times=2)
        send(client)
    assert len(sandbox.requests()) == 3


def test_an_option_of_the_wrong_type_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"options\.max_attempts must be int, not float"):
        ClientOptions(max_attempts=1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"options\.stop_on must be StopOn, not str"):
        BulkOptions(stop_on="unknown")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="options must be ClientOptions, not dict"):
        MessageClient("http://localhost", "123456", {"read_timeout": 5})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="secret must be str, not None"):
        MessageClient("http://localhost", None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="base_url must be str, not bytes"):
        MessageClient(b"http://localhost", "123456")  # type: ignore[arg-type]


def test_the_longest_times_are_taken(sandbox: Sandbox) -> None:
    longest = datetime.timedelta.max
    options = ClientOptions(
        longest,
        longest,
        longest,
        retry_pause=longest,
        retry_pause_max=longest,
        pool_idle_timeout=longest,
        pool_max_age=longest,
    )
    with MessageClient(sandbox.base_url, sandbox.secret, options) as client:
        send(client)
