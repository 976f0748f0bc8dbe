"""Lets Spark write a DataFrame into an outbox, whose workers then send a message for each row.

Example:
    spark.dataSource.register(WildfireChatDataSource)
    rows = orders.selectExpr("concat('order-', id) AS key", "concat('user:', buyer) AS to", "notice AS text")
    rows.write.format("wildfirechat").mode("append").options(store=url, sender="shop").save()
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyspark.sql.datasource import DataSource, DataSourceWriter, WriterCommitMessage

from .. import MessageClient, MessagePayload, Outbox, OutboxMessage, SendRequest
from ._receivers import conversation

__all__ = ["WildfireChatDataSource"]

_COLUMNS = {"key", "to", "text", "sender", "priority", "not_before", "expires_at"}


class WildfireChatDataSource(DataSource):
    """The format `wildfirechat`, for writing in the mode `append`.

    Spark repeats tasks that fail, and may run one twice at the same time. So each row needs a key: rows with the same
    key are one message, however often they are written. Rows are put while their task runs; a job that fails in the
    middle has put some of them, and the same job again puts the rest.

    Options:
        store: The outbox, a URL such as `postgres://user:password@host/database` that every executor can reach.
        sender: Id of the user whom the messages come from, where the rows have no column `sender`.

    Columns:
        key: Your own name for the message, such as an order's number. Text, not null.
        to: The receiver: `user:ID`, `group:ID`, `chatroom:ID` or `channel:ID`.
        text: The text of the message.
        sender, priority, not_before, expires_at: As in `OutboxMessage`; each may be missing.
    """

    @classmethod
    def name(cls) -> str:
        """The format's name."""
        return "wildfirechat"

    def writer(self, schema: Any, overwrite: bool) -> DataSourceWriter:
        """What writes the rows of a task; what is missing is refused before any task begins."""
        if overwrite:
            raise ValueError("an outbox is only added to: use .mode('append')")
        store, sender = self.options.get("store"), self.options.get("sender")
        if not store:
            raise ValueError("the option store is missing: the URL of the outbox")
        columns = set(schema.fieldNames())
        required = {"key", "to", "text"} if sender else {"key", "to", "text", "sender"}
        for problem, names in {"missing": required - columns, "unknown": columns - _COLUMNS}.items():
            if names:
                raise ValueError(f"columns that are {problem}: {', '.join(sorted(names))}")
        return _Writer(store, sender)


class _Writer(DataSourceWriter):
    def __init__(self, store: str, sender: str | None) -> None:
        self._store = store
        self._sender = sender

    def write(self, iterator: Iterator[Any]) -> WriterCommitMessage:
        # Putting talks to the database alone; whoever runs the outbox has a client of the server.
        with MessageClient("http://localhost", "unused") as nobody, Outbox(self._store, nobody) as outbox:
            outbox.put_many(self._message(row.asDict()) for row in iterator)
        return WriterCommitMessage()

    def _message(self, row: dict[str, Any]) -> OutboxMessage:
        sender = row.get("sender") or self._sender
        if not row["key"] or not sender:
            raise ValueError(f"a row without a {'sender' if row['key'] else 'key'}: {row['to']}")
        request = SendRequest(sender, conversation(row["to"]), MessagePayload.text(row["text"]))
        given = {name: row[name] for name in ("priority", "not_before", "expires_at") if row.get(name) is not None}
        return OutboxMessage(request, key=row["key"], **given)
