"""A content of one's own: sent like the built-in ones, and read from the payload."""

from __future__ import annotations

import copy
import dataclasses
from typing import Optional

import pytest

from wildfirechat_message import (
    Content,
    ContentExtras,
    InvalidArgument,
    MessageClient,
    MessagePayload,
    PersistFlag,
    decode_content,
)

from content_examples import TO_U1


@dataclasses.dataclass
class OrderContent:
    """A content of one's own: an order of a shop, which its clients show as a card."""

    CONTENT_TYPE = 1001

    number: str
    total: int = 0

    def to_payload(self, extras: Optional[ContentExtras] = None) -> MessagePayload:
        payload = MessagePayload(
            self.CONTENT_TYPE, f"Order {self.number}", content=self.number, data=str(self.total).encode()
        )
        return payload.with_extras(extras)

    @classmethod
    def of(cls, content: object) -> Optional[OrderContent]:
        if isinstance(content, MessagePayload) and content.content_type == cls.CONTENT_TYPE:
            return cls(content.content, int(content.data))
        return None


def test_it_is_sent_like_any_other_and_read_from_the_payload(client: MessageClient) -> None:
    order = OrderContent("A-17", 4200)
    assert isinstance(order, Content)
    sent = client.send_message("shop", TO_U1, order, extras=ContentExtras(push_content="Your order"))
    message = client.get_message(sent.message_uid)
    assert message.payload.push_content == "Your order"
    assert message.payload.persist_flag == PersistFlag.STORED_AND_COUNTED
    assert OrderContent.of(message.decode_content()) == order


@pytest.mark.parametrize("content_type", [1000, 99_999, 2**31 - 1, 16, 0, -1])
def test_a_type_that_is_not_known_gives_the_payload_untouched(content_type: int) -> None:
    payload = MessagePayload(content_type, "s", "p", "d", "{broken", b"\0\xff", 9, "u", 77, 1, 3, ["u1"], "e")
    before = copy.deepcopy(payload)
    assert decode_content(payload) is payload
    assert payload == before


def test_its_payload_is_looked_at(client: MessageClient) -> None:
    class Wrong:
        def to_payload(self, extras: Optional[ContentExtras] = None) -> MessagePayload:
            return MessagePayload(1001, None if extras is None else "x")  # type: ignore[arg-type]

    with pytest.raises(TypeError, match=r"^payload\.searchable_content must be str, not None$"):
        client.send_message("shop", TO_U1, Wrong())


def test_a_payload_that_no_client_takes_is_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"^invalid argument payload: .*(KB|bytes)"):
        MessagePayload(1001, content="x" * 60_000).with_extras(None)
