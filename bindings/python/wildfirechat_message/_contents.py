"""Contents: what a message says, with its fields by name, and the payloads they travel in.

The records of the built-in contents are generated. Here is what goes round them: what counts as a content, reading
one out of a payload, and the check of everything that a record's method hands to the library.
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
    """What a message says, with its fields by name. The sending methods take it as well as a payload.

    The built-in contents, such as `TextContent`, are of this kind. One of your own is any class with the same method,
    and has a type from 1000 on:

        @dataclass
        class OrderContent:
            number: str

            def to_payload(self, extras: Optional[ContentExtras] = None) -> MessagePayload:
                return MessagePayload(1001, f"Order {self.number}", content=self.number).with_extras(extras)
    """

    def to_payload(self, extras: Optional[ContentExtras] = None) -> MessagePayload:
        """The payload to send.

        Args:
            extras: Mentions, the text of the push notification, expiry and a text of your own.
        """
        ...


def decode_content(payload: MessagePayload) -> MessageContent:
    """The content of a payload, with its fields by name.

    Never fails on what a server sent: a part that is missing or broken leaves its fields empty, and the rest is kept.

    Args:
        payload: What a message carries.

    Returns:
        A built-in content, such as a `TextContent`; the payload itself, untouched, where its type is none of theirs,
        as with contents of your own.
    """
    content = native.native_decode_content(_payload(payload, "payload"))
    decoded: MessageContent = getattr(content, "value", payload)
    return decoded


def content_extras(payload: MessagePayload) -> ContentExtras:
    """What a payload carries beside its content: mentions, the push notification, expiry, the sender's own text.

    With `decode_content` it tells all that a built-in content's payload holds. The push text of a rich notification is
    its title, and not told here.

    Args:
        payload: What a message carries.
    """
    return native.native_content_extras(_payload(payload, "payload"))


def make_thumbnail(image: bytes) -> bytes:
    """The thumbnail of an image, for `ImageContent`, `VideoContent` and `LocationContent`.

    Of a moving image the first picture. The image is turned as its camera says, a transparent one is put on white, a
    small one is not enlarged.

    Args:
        image: The bytes of a JPEG, PNG, WebP or GIF file.

    Returns:
        The bytes of a JPEG within 120 by 120 pixels, quality 45.

    Raises:
        InvalidArgument: The bytes are no such image, or it has more than 16,384 pixels on a side or takes more than
            192 MiB of memory, which is found out before that memory is used.
    """
    return _without_frames(native.native_make_thumbnail, _arguments.octets(image, "image"))


def payload_of(content: Union[MessagePayload, Content], extras: Optional[ContentExtras]) -> MessagePayload:
    """What a sending method is to send, of its arguments `payload` and `extras`."""
    if isinstance(content, MessagePayload):
        if extras is not None:
            raise InvalidArgument("extras", "they go with a content; put them on a payload by its with_extras")
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
    return _without_frames(generated, _arguments.record(record), **_arguments.named(method, arguments))


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
    MessageContent=MessageContent,
    MessagePayload=MessagePayload,
    decode_content=decode_content,
    list_of_mentions=list_of_mentions,
    list_of_users=list_of_users,
    put_on=put_on,
)
