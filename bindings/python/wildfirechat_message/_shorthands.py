"""Short ways to make and read the records that are used most; the generated records inherit from these classes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Optional, TypeVar, cast

from ._numbers import ContentType, ConversationType, MentionedType

if TYPE_CHECKING:
    from ._callbacks import refuse_answer, replace_answer, send_answer
    from ._contents import decode_content, list_of_mentions, list_of_users, put_on
    from ._records import CensorAnswer, ClientOptions, ContentExtras, Mention, MessageContent, MessagePayload

_Conversation = TypeVar("_Conversation", bound="ConversationShorthands")
_Extras = TypeVar("_Extras", bound="ExtrasShorthands")
_Mention = TypeVar("_Mention", bound="MentionShorthands")
_Payload = TypeVar("_Payload", bound="PayloadShorthands")


class ConversationShorthands:
    """A conversation by what it is with."""

    if TYPE_CHECKING:

        def __init__(self, kind: int, target: str, line: int = 0) -> None: ...

    @classmethod
    def single(cls: type[_Conversation], user_id: str, line: int = 0) -> _Conversation:
        """The one-to-one conversation with a user."""
        return cls(ConversationType.SINGLE.value, user_id, line)

    @classmethod
    def group(cls: type[_Conversation], group_id: str, line: int = 0) -> _Conversation:
        """A group's conversation."""
        return cls(ConversationType.GROUP.value, group_id, line)

    @classmethod
    def chatroom(cls: type[_Conversation], chatroom_id: str, line: int = 0) -> _Conversation:
        """A chatroom's conversation."""
        return cls(ConversationType.CHATROOM.value, chatroom_id, line)

    @classmethod
    def channel(cls: type[_Conversation], channel_id: str, line: int = 0) -> _Conversation:
        """A channel's conversation."""
        return cls(ConversationType.CHANNEL.value, channel_id, line)


class PayloadShorthands:
    """A payload by what it carries."""

    if TYPE_CHECKING:

        def __init__(self, content_type: int, searchable_content: str = "") -> None: ...

    @classmethod
    def text(cls: type[_Payload], text: str) -> _Payload:
        """A text message."""
        return cls(ContentType.TEXT.value, text)

    def with_extras(self, extras: Optional[ContentExtras]) -> MessagePayload:
        """A copy of this payload with what the extras set in place of what it has; the rest stays.

        Raises:
            InvalidArgument: No client would accept the payload: it has more than 50 KB, or is a text message without a
                text.
        """
        return put_on(self, extras)


class ExtrasShorthands:
    """Extras by whom they mention."""

    if TYPE_CHECKING:

        def __init__(self, mentioned_type: int = 0, mentioned_targets: list[str] = ...) -> None: ...

    @classmethod
    def mention(cls: type[_Extras], users: Iterable[str]) -> _Extras:
        """Mentions these users, by their ids."""
        return cls(MentionedType.TARGETS.value, list(list_of_users(users, "users")))

    @classmethod
    def mention_everyone(cls: type[_Extras]) -> _Extras:
        """Mentions everyone in the conversation."""
        return cls(MentionedType.EVERYONE.value)


class CensorShorthands:
    """What a censor answers."""

    @classmethod
    def send(cls) -> CensorAnswer:
        """The message goes out as it is."""
        return send_answer()

    @classmethod
    def replace(cls, payload: MessagePayload) -> CensorAnswer:
        """The message goes out with this payload in place of its own.

        Raises:
            InvalidArgument: The payload cannot be sent.
        """
        return replace_answer(payload)

    @classmethod
    def refuse(cls) -> CensorAnswer:
        """The message does not go out."""
        return refuse_answer()


class MentionShorthands:
    """Somebody whom a text mentions."""

    if TYPE_CHECKING:

        def __init__(self, user_id: str = "", name: str = "", is_everyone: bool = False) -> None: ...

    @classmethod
    def user(cls: type[_Mention], user_id: str, name: str = "") -> _Mention:
        """Mentions a user, whom the text shows by this name."""
        return cls(user_id, name)

    @classmethod
    def everyone(cls: type[_Mention], name: str = "") -> _Mention:
        """Mentions everyone in the conversation, which the text shows by this name."""
        return cls("", name, True)


class TextShorthands:
    """A text by whom it mentions."""

    if TYPE_CHECKING:

        def __init__(self, text: str) -> None: ...

        def with_mentions(self, users: list[Mention]) -> MessagePayload: ...

    @classmethod
    def mentioning(cls, users: Iterable[Mention], text: str) -> MessagePayload:
        """The payload of a text that mentions users: it notifies them, and shows their names in front of the text."""
        return cls(text).with_mentions(list(list_of_mentions(users, "users")))


class MessageShorthands:
    """A message by what it says."""

    if TYPE_CHECKING:
        payload: MessagePayload

    def decode_content(self) -> MessageContent:
        """The message's content, with its fields by name: `decode_content` of its payload."""
        return decode_content(self.payload)


class OptionsShorthands:
    """Options that are checked when they are made."""

    def __post_init__(self) -> None:
        from ._arguments import convert_fields

        convert_fields(self, "options")


class ClientOptionsShorthands(OptionsShorthands):
    """A client's options, all of which the library can judge."""

    def __post_init__(self) -> None:
        super().__post_init__()
        from ._native.wildfirechat_message import NativeMessageClient

        # As any client that is made with them does; making one opens nothing.
        NativeMessageClient("http://localhost", "secret", cast("ClientOptions", self))
