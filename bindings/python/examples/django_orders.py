"""Django: the message belongs to the order's own transaction."""

import json

from django.db import models, transaction


class Order(models.Model):
    """An order of the shop."""

    buyer = models.CharField(max_length=64)

    class Meta:
        """In a project this follows from the application that has the model."""

        app_label = "shop"


class Outbox(models.Model):
    """The library's table, with the columns that the application fills in. The library makes it; migrations do not."""

    message_key = models.CharField(max_length=255)
    request = models.TextField()

    class Meta:
        """No migration is made for it."""

        app_label = "shop"
        managed = False
        db_table = "wildfirechat_outbox"


def place_order(buyer: str) -> Order:
    """Adds an order and the notice about it; both are there after the commit, or neither."""
    with transaction.atomic():
        order: Order = Order.objects.create(buyer=buyer)
        request = {
            "sender": "shop",
            "conv": {"type": 0, "target": order.buyer},
            "payload": {"type": 1, "searchableContent": f"Your order {order.pk} is on its way."},
        }
        Outbox.objects.create(message_key=f"order-{order.pk}", request=json.dumps(request))
    return order
