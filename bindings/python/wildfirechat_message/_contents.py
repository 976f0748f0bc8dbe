"""Contents of messages, with named fields, and the payloads that contain them.

The records of the built-in contents are generated. This module adds what counts as a content, how one
is read from a payload, and the checks of everything that a record's method passes to the library.
"""

from __future__ import annotations

from typing import Any, Callable, Optional, Protocol, TypeVar, Union, runtime_checkable

from . import _arguments, _records, _shorthands
from ._bridge import native
from ._errors import InvalidArgument, MessageError
from ._records import ContentExtras, Mention, MessageContent, MessagePayload

T = TypeVar("T")

_payload = _arguments.instance_of(MessagePayload)
_extras = _arguments.optional(_arguments.instance_of(ContentExtras))
list_of_users = _arguments.list_of(_arguments.text, "str")
list_of_mentions = _arguments.list_of(_arguments.instance_of(Mention), "Mention")


@runtime_checkable
class Content(Protocol):
    """The content of a message, with named fields. The sending methods accept a content as well as a payload.

    The built-in contents, such as `TextContent`, are contents. A content of your own is any class with the same
    method, and has a type from 1000 up:

        @dataclass
        class OrderContent:
            number: str

            def to_payload(self, extras: Optional[ContentExtras] = None) -> MessagePayload:
                return MessagePayload(1001, f"Order {self.number}", content=self.number).with_extras(extras)
    """

    def to_payload(self, extras: Optional[ContentExtras] = None) -> MessagePayload:
        """The payload to send.

        Args:
            extras: Mentions, the text of the push notification, the expiry time and a text of your own.
        """
        ...


def decode_content(payload: MessagePayload) -> MessageContent:
    """The content of a payload, with named fields.

    Never fails for a payload from a server: if a part is missing or broken, its fields are empty, and the others are
    kept.

    Args:
        payload: The payload of a message.

    Returns:
        A built-in content, such as a `TextContent`; the payload itself, unchanged, if its type is not built in, as with
        contents of your own.
    """
    content = native.native_decode_content(_payload(payload, "payload"))
    decoded: MessageContent = getattr(content, "value", payload)
    return decoded


def content_extras(payload: MessagePayload) -> ContentExtras:
    """What a payload contains besides its content: mentions, the push notification, expiry, the sender's own text.

    Together with `decode_content` this is everything in the payload of a built-in content. The push text of a rich
    notification is its title and is not part of the result.

    Args:
        payload: The payload of a message.
    """
    return native.native_content_extras(_payload(payload, "payload"))


def make_thumbnail(image: bytes) -> bytes:
    """The thumbnail of an image, for `ImageContent`, `VideoContent` and `LocationContent`.

    Of an animated image, the first picture is used. The image is rotated as its camera has noted, transparent parts
    become white, and a small image is not enlarged.

    Args:
        image: The bytes of a JPEG, PNG, WebP or GIF file.

    Returns:
        The bytes of a JPEG of at most 120 by 120 pixels, with quality 45.

    Raises:
        InvalidArgument: The bytes are not such an image, or it has more than 16,384 pixels per side or needs more than
            192 MiB of memory, which is checked before that memory is used.
    """
    return _without_frames(native.native_make_thumbnail, _arguments.octets(image, "image"))


def payload_of(content: Union[MessagePayload, Content], extras: Optional[ContentExtras]) -> MessagePayload:
    """The payload to send, from the arguments `payload` and `extras` of a sending method."""
    if isinstance(content, MessagePayload):
        if extras is not None:
            raise InvalidArgument("extras", "they are only for a content; add them to a payload by its with_extras")
        return content
    if isinstance(content, type) or not isinstance(content, Content):
        raise _arguments.wrong_type(content, "payload", "MessagePayload or a content")
    return content.to_payload(extras)


def put_on(payload: Any, extras: Optional[ContentExtras]) -> MessagePayload:
    """A copy of a payload with what the extras set."""
    custom: Any = native.MessageContent.CUSTOM(_payload(payload, "payload"))
    result: MessagePayload = _without_frames(custom.native_to_payload, _extras(extras, "extras"))
    return result


def _call(generated: Callable[..., T], method: Callable[..., T], record: Any, **arguments: Any) -> T:
    """Calls the library's method that stands behind a record's, with what can cross."""
    return _without_frames(generated, _arguments.record(record), **_arguments.checked(method, arguments))


def _without_frames(function: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """Calls the library; the frames of the generated code would only lengthen the traceback of an error."""
    try:
        return function(*arguments, **named)
    except MessageError as error:
        raise error.with_traceback(None)  # noqa: B904 (it is the same error)


_records._call = _call

# The records inherit from the short-hands, so that these cannot import what needs the records: they get it from here.
vars(_shorthands).update(
    ContentExtras=ContentExtras,
    Mention=Mention,
    MessageContent=MessageContent,
    MessagePayload=MessagePayload,
    decode_content=decode_content,
    list_of_mentions=list_of_mentions,
    list_of_users=list_of_users,
    put_on=put_on,
)
