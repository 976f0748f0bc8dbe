"""Short ways to make the records that are made most; the generated records inherit from these classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ._numbers import ContentType, ConversationType

_Conversation = TypeVar("_Conversation", bound="ConversationShorthands")
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
