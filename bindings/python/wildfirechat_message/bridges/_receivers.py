"""Receivers as people write them in URLs and tables: `user:u1`, `group:g1`."""

from __future__ import annotations

from .. import Conversation

_KINDS = {
    "user": Conversation.single,
    "group": Conversation.group,
    "chatroom": Conversation.chatroom,
    "channel": Conversation.channel,
}


def conversation(receiver: str) -> Conversation:
    """The conversation that a receiver names."""
    kind, colon, name = receiver.partition(":")
    if not colon or not name or kind not in _KINDS:
        kinds = "user, group, chatroom or channel"
        raise ValueError(f"the receiver {receiver!r} is not of the form KIND:ID, with {kinds} as KIND")
    return _KINDS[kind](name)
