"""Kafka: a record that is delivered twice is one message."""

import json

from confluent_kafka import Consumer

from wildfirechat_message import Conversation, MessagePayload, Outbox, SendRequest


def put_notices(consumer: Consumer, outbox: Outbox, most: int = 500) -> int:
    """Puts a batch of records into the outbox, and commits their offsets after that. Gives their number."""
    records = [record for record in consumer.consume(most, timeout=1.0) if record.error() is None]
    notices = [(record, json.loads(record.value() or b"")) for record in records]
    outbox.put_many(
        (
            SendRequest("shop", Conversation.single(notice["user"]), MessagePayload.text(notice["text"])),
            # Where the record stands is its name: the same record again is the same message.
            f"{record.topic()}-{record.partition()}-{record.offset()}",
        )
        for record, notice in notices
    )
    if records:
        consumer.commit(asynchronous=False)
    return len(records)
