"""What a user sees: every name is there, has its arguments, and says what it is for."""

from __future__ import annotations

import dataclasses
import enum
import importlib.metadata
import importlib.resources
import inspect
import pydoc
import re
import typing

import pytest

import wildfirechat_message
from wildfirechat_message import ChannelClient, Content, MessageClient, RobotClient

PUBLIC = {name: getattr(wildfirechat_message, name) for name in wildfirechat_message.__all__}
CLASSES = {name: value for name, value in PUBLIC.items() if isinstance(value, type)}
FUNCTIONS = {name: value for name, value in PUBLIC.items() if inspect.isfunction(value)}

# The methods of the API, as they are written down for every language.
METHODS = [
    "send_message(sender, conversation, payload, to_users=(), is_user_message=False, *, extras=None) -> SentMessage",
    "send_text(sender, conversation, text, mention=(), quote=None) -> SentMessage",
    "send_messages(requests, options=None, progress=None) -> list[Union[SentMessage, MessageError]]",
    "send_each(requests, options=None, progress=None) -> Generator[Union[SentMessage, MessageError], None, None]",
    "update_message(message_uid, payload, distribute=True, operator=None, *, extras=None) -> None",
    "recall_message(operator, message_uid) -> Optional[RecalledMessage]",
    "multicast_message(sender, targets, payload, line=0, *, extras=None) -> SentMessage",
    "multicast_each(sender, receivers, payload, line=0, size=1000, options=None, *, extras=None)"
    " -> list[MulticastPart]",
    "broadcast_message(sender, payload, line=0, *, extras=None) -> BroadcastMessage",
    "delete_message(message_uid) -> None",
    "clear_user_messages(user_id, conversation, start_time=None, end_time=None) -> None",
    "clear_conversation(user_id, conversation) -> None",
    "get_message(message_uid) -> Message",
    "find_message(message_uid) -> Optional[Message]",
    "recall_broadcast_message(operator, message_uid) -> None",
    "recall_multicast_message(operator, message_uid, receivers) -> None",
    "delete_broadcast_message(operator, message_uid) -> None",
    "delete_multicast_message(operator, message_uid, receivers) -> None",
    "get_conversation_read_timestamp(user_id, conversation) -> int",
    "get_delivery_timestamp(user_id) -> int",
    "import_messages(messages) -> None",
    "upload(file_name, data_or_path, media_type, content_type=None, *, progress=None) -> str",
]


# What a robot and a channel have of their own.
METHODS_OF = {
    RobotClient: [
        "send_message(conversation, payload, to_users=(), *, extras=None) -> SentMessage",
        "send_text(conversation, text, mention=(), quote=None) -> SentMessage",
        "reply_message(message_uid, payload, only_to_sender=False, *, extras=None) -> SentMessage",
        "update_message(message_uid, payload, distribute=True, *, extras=None) -> None",
        "recall_message(message_uid) -> Optional[RecalledMessage]",
        "set_callback(url) -> None",
        "get_callback() -> Optional[str]",
        "delete_callback() -> None",
        "get_profile() -> UserInfo",
        *(line for line in METHODS if line.startswith(("send_messages(", "send_each(", "upload("))),
    ],
    ChannelClient: [
        "send_message(payload, targets=(), line=0, *, extras=None) -> SentMessage",
        "send_text(text, mention=(), quote=None, targets=(), line=0) -> SentMessage",
        "recall_message(message_uid) -> Optional[RecalledMessage]",
        "republish_message(message_uid, targets) -> None",
    ],
    MessageClient: METHODS,
}


def methods_of(owner: type) -> dict[str, typing.Any]:
    return {
        name: value
        for base in owner.__mro__
        if base.__module__.startswith("wildfirechat_message")
        for name, value in vars(base).items()
        if name[0] != "_" and (inspect.isfunction(value) or isinstance(value, (classmethod, property)))
    }


@pytest.mark.parametrize("client", METHODS_OF)
def test_a_client_has_exactly_the_methods_of_the_api(client: type) -> None:
    named = {line.split("(")[0] for line in METHODS_OF[client]}
    assert set(methods_of(client)) == named | {"close", "close_idle", "stats"}


@pytest.mark.parametrize(
    ("client", "line"),
    [(client, line) for client, lines in METHODS_OF.items() for line in lines],
    ids=lambda value: value.__name__ if isinstance(value, type) else value.split("(")[0],
)
def test_a_method_has_the_arguments_of_the_api(client: type, line: str) -> None:
    signature = inspect.signature(getattr(client, line.split("(")[0]))
    shown = [
        name if parameter.default is parameter.empty else f"{name}={parameter.default!r}"
        for name, parameter in list(signature.parameters.items())[1:]
    ]
    if shown and signature.parameters[shown[-1].split("=")[0]].kind is inspect.Parameter.KEYWORD_ONLY:
        shown.insert(-1, "*")
    assert line.split("(", 1)[1] == f"{', '.join(shown)}) -> {signature.return_annotation}"


def test_every_name_is_a_class_or_a_function_but_the_unions_of_contents_and_of_requests() -> None:
    assert PUBLIC.keys() - CLASSES.keys() - FUNCTIONS.keys() == {"MessageContent", "OutboxRequest"}


@pytest.mark.parametrize("name", [*CLASSES, *FUNCTIONS])
def test_a_public_name_says_what_it_is_for(name: str) -> None:
    value = PUBLIC[name]
    assert value.__doc__
    assert not value.__doc__.startswith(f"{name}("), "this is what dataclasses write where nobody wrote anything"
    for method, member in methods_of(CLASSES.get(name, object)).items():
        assert inspect.getdoc(getattr(value, method)), f"{name}.{method}"
        assert inspect.getdoc(member), f"{name}.{method}"


@pytest.mark.parametrize("name", [*CLASSES, *FUNCTIONS])
def test_a_docstring_names_every_argument_and_field(name: str) -> None:
    value = PUBLIC[name]
    documented = {name: value.__doc__}
    named: dict[str, list[str]] = {name: []}
    if dataclasses.is_dataclass(value):
        named[name] = [field.name for field in dataclasses.fields(value)]
    elif inspect.isfunction(value):
        named[name] = list(inspect.signature(value).parameters)
    elif not issubclass(value, (enum.Enum, Content)) and inspect.isfunction(value.__init__):
        named[name] = list(inspect.signature(value.__init__).parameters)[1:]
    if value in (*METHODS_OF, wildfirechat_message.Sandbox):
        for method, member in methods_of(value).items():
            if inspect.isfunction(member):
                documented[method] = member.__doc__
                named[method] = list(inspect.signature(member).parameters)[1:]
    for owner, names in named.items():
        # One argument may be told of in the sentence.
        missing = [each for each in names if not re.search(rf"\b{each}: ", documented[owner]) and len(names) > 1]
        assert not missing, f"{owner} says nothing of {missing}"


@pytest.mark.parametrize("name", [name for name, value in CLASSES.items() if issubclass(value, enum.Enum)])
def test_an_enum_says_what_each_member_means(name: str) -> None:
    docs = inspect.getdoc(PUBLIC[name]) or ""
    missing = [member for member in PUBLIC[name].__members__ if f"\n    {member}: " not in docs]
    assert not missing


def test_help_reads_well() -> None:
    text = pydoc.plain(pydoc.render_doc(wildfirechat_message))
    for name in PUBLIC:
        assert name in text
    assert "Only these users of the conversation receive it, and the sender; empty for all." in text


def test_nothing_else_is_public() -> None:
    others = {name for name in vars(wildfirechat_message) if name[0] != "_"} - set(PUBLIC)
    # Modules that are imported by themselves, as other tests do.
    assert others <= {"annotations", "bridges", "otel"}


def test_the_version_is_the_distribution_s() -> None:
    assert wildfirechat_message.__version__ == importlib.metadata.version("wildfirechat-message")


def test_the_package_is_typed() -> None:
    files = importlib.resources.files(wildfirechat_message)
    assert files.joinpath("py.typed").is_file()
    assert files.joinpath("_native").joinpath("wildfirechat_message.pyi").is_file()


def test_annotations_can_be_resolved() -> None:
    for function in FUNCTIONS.values():
        assert typing.get_type_hints(function)
    for value in CLASSES.values():
        typing.get_type_hints(value)
        for member in methods_of(value).values():
            typing.get_type_hints(getattr(member, "fget", None) or getattr(member, "__func__", member))
