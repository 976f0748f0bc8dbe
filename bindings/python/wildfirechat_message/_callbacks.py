"""Callbacks: what a server posts to an application, read. Nothing here listens: that is your web framework's."""

from __future__ import annotations

from typing import Union

from . import _arguments, _shorthands
from ._bridge import native
from ._contents import _payload, _without_frames
from ._records import CensorAnswer, Message, MessagePayload, RecallCallback, SubscriptionCallback


def parse_message_callback(body: Union[bytes, str]) -> Message:
    """Reads a message that a server has posted.

    To the URL of a robot's callback, to that of a channel and `/message`, to those that forward messages, or to the
    censor's. Nobody signs what is posted, and it may come twice, or never: drop repeats by `message_uid`, and a robot
    what it has sent itself.

    Args:
        body: The body of the request.

    Raises:
        InvalidArgument: The body is no message.
    """
    return _without_frames(native.native_parse_message_callback, _octets(body))


def parse_recall_callback(body: Union[bytes, str]) -> RecallCallback:
    """Reads what a server has posted when a message was recalled.

    Args:
        body: The body of the request.

    Raises:
        InvalidArgument: The body is nothing of the kind.
    """
    return _without_frames(native.native_parse_recall_callback, _octets(body))


def parse_subscription_callback(body: Union[bytes, str]) -> SubscriptionCallback:
    """Reads what a server has posted when a user subscribed to a channel, or ended that.

    Args:
        body: The body of the request.

    Raises:
        InvalidArgument: The body is nothing of the kind.
    """
    return _without_frames(native.native_parse_subscription_callback, _octets(body))


def _octets(body: Union[bytes, str]) -> bytes:
    if isinstance(body, str):
        return _arguments.text(body, "body").encode()
    return _arguments.octets(body, "body")


def send_answer() -> CensorAnswer:
    """The message goes out as it is."""
    return native.native_censor_answer_send()


def replace_answer(payload: MessagePayload) -> CensorAnswer:
    """The message goes out with this payload."""
    return _without_frames(native.native_censor_answer_replace, _payload(payload, "payload"))


def refuse_answer() -> CensorAnswer:
    """The message does not go out."""
    return native.native_censor_answer_refuse()


vars(_shorthands).update(
    CensorAnswer=CensorAnswer,
    send_answer=send_answer,
    replace_answer=replace_answer,
    refuse_answer=refuse_answer,
)
