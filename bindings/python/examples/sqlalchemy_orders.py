"""SQLAlchemy: the message belongs to the order's own transaction."""

import json

from sqlalchemy import Column, Integer, MetaData, String, Table, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """The application's own tables."""


class Order(Base):
    """An order of the shop."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    buyer: Mapped[str] = mapped_column(String(64))


# The library's table, with the columns that the application fills in. The library makes it; `create_all` does not.
outbox = Table(
    "wildfirechat_outbox",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("message_key", String(255)),
    Column("request", Text),
)


def place_order(session: Session, order: Order) -> None:
    """Adds the order and the notice about it; both are there after the commit, or neither."""
    session.add(order)
    session.flush()
    request = {
        "sender": "shop",
        "conv": {"type": 0, "target": order.buyer},
        "payload": {"type": 1, "searchableContent": f"Your order {order.id} is on its way."},
    }
    session.execute(outbox.insert().values(message_key=f"order-{order.id}", request=json.dumps(request)))
