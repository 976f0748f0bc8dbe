"""Every method of the client once, one line each: `demo.py --url URL --secret SECRET`, or alone for a sandbox.

`cargo xtask demo` runs it beside its twins in Rust, Kotlin and Swift, which print the same lines. On a real server it
sends real messages, one of them to every user.
"""

from __future__ import annotations

import argparse
import io
import sys
from datetime import datetime, timezone
from typing import Callable, Optional, TypeVar, Union

from wildfirechat_message import (
    BroadcastMessage,
    Conversation,
    ImportedMessage,
    MediaType,
    Message,
    MessageClient,
    MessageError,
    MessagePayload,
    NotSupported,
    RecalledMessage,
    Rejected,
    Sandbox,
    SendRequest,
    SentMessage,
)

T = TypeVar("T")


def demo(client: MessageClient) -> None:
    """Calls every method."""
    admin, user, others = "admin", "user1", ["user2", "user3"]
    to_user, to_group = Conversation.single(user), Conversation.group("group1")

    # To a user, a group and many users.
    sent = client.send_message(admin, to_user, MessagePayload.text("Hello, user1."))
    show("send_message", lambda: sent, told)
    show("send_message", lambda: client.send_message(admin, to_group, MessagePayload.text("Hello, group1.")), told)
    many = [SendRequest(admin, to_user, MessagePayload.text(f"Hello for the {time}. time.")) for time in range(2, 5)]
    show("send_messages", lambda: client.send_messages(many), counted)
    show("send_each", lambda: list(client.send_each(many)), counted)
    both = MessagePayload.text("Hello, both of you.")
    multicast = show("multicast_message", lambda: client.multicast_message(admin, others, both), told)

    # Back again, gone, and looked up.
    uid = sent.message_uid
    show("get_message", lambda: client.get_message(uid), text_and_sender)
    show("recall_message", lambda: client.recall_message(admin, uid), taken_back)
    show("find_message", lambda: client.find_message(uid), found)

    # An error: its text names the endpoint and what the server said.
    show("get_message", lambda: client.get_message(1), lambda _: "a message nobody sent")

    # Every other method.
    again = MessagePayload.text("Hello again.")
    show("update_message", lambda: client.update_message(uid, again, operator=admin), done)
    everybody = MessagePayload.text("Hello, everybody.")
    broadcast = show("broadcast_message", lambda: client.broadcast_message(admin, everybody), reach)
    to_all = broadcast.message_uid if broadcast else uid
    show("recall_broadcast_message", lambda: client.recall_broadcast_message(admin, to_all), done)
    show("delete_broadcast_message", lambda: client.delete_broadcast_message(admin, to_all), done)
    to_both = multicast.message_uid if multicast else uid
    show("recall_multicast_message", lambda: client.recall_multicast_message(admin, to_both, others[:1]), done)
    show("delete_multicast_message", lambda: client.delete_multicast_message(admin, to_both, others[1:]), done)
    show("get_conversation_read_timestamp", lambda: client.get_conversation_read_timestamp(user, to_group), at)
    show("get_delivery_timestamp", lambda: client.get_delivery_timestamp(user), at)
    old = ImportedMessage(user, to_group, MessagePayload.text("From the old system."), timestamp=1_700_000_000_000)
    show("import_messages", lambda: client.import_messages([old]), done)
    show("stream_text", lambda: client.stream_text(admin, to_user, ["The capital ", "of France ", "is Paris."]), told)
    show("upload", lambda: client.upload("hello.txt", b"Hello.", MediaType.FILE), done)
    show("send_file", lambda: client.send_file(user, to_group, b"Hello.", "hello.txt"), told)
    show("delete_message", lambda: client.delete_message(uid), done)
    show("clear_user_messages", lambda: client.clear_user_messages(user, to_group, start_time=sent.timestamp), done)
    show("clear_conversation", lambda: client.clear_conversation(user, to_user), done)


def show(method: str, call: Callable[[], T], words: Callable[[T], str]) -> Optional[T]:
    """Prints a method and what came of it.

    What the server refuses or lacks is part of the show; that it cannot be reached, or does not take the secret, ends
    it.
    """
    value = None
    try:
        value = call()
        line = words(value)
    except NotSupported:
        line = "skipped: this edition does not have it"
    except Rejected as error:
        line = f"error: {error}"
    print(f"{method:<32}→ {line}")
    return value


def told(sent: SentMessage) -> str:
    return f"uid {sent.message_uid} at {at(sent.timestamp)}"


def counted(outcomes: list[Union[SentMessage, MessageError]]) -> str:
    return f"{sum(isinstance(each, SentMessage) for each in outcomes)} of {len(outcomes)} sent"


def text_and_sender(message: Message) -> str:
    return f'"{message.payload.searchable_content}" from {message.sender}'


def taken_back(recalled: Optional[RecalledMessage]) -> str:
    return f'took back "{recalled.searchable_content}"' if recalled else "done"


def found(message: Optional[Message]) -> str:
    if message is None:
        return "nothing"
    return f"content type {message.payload.content_type}, a recall by {message.payload.content}"


def reach(broadcast: BroadcastMessage) -> str:
    return f"uid {broadcast.message_uid} to {broadcast.count} users"


def done(_: object) -> str:
    return "done"


def at(milliseconds: int) -> str:
    """A time of the server as people read it: `2026-03-01 08:15:00 UTC`."""
    return datetime.fromtimestamp(milliseconds // 1000, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def main() -> int:
    """Reads the arguments and runs the demo."""
    parser = argparse.ArgumentParser(description="Calls every method of the client once.")
    parser.add_argument("--url", help="the server's URL; a sandbox is started when it is left out")
    parser.add_argument("--secret", default="123456", help="the server's admin secret (default: %(default)s)")
    arguments = parser.parse_args()
    # Where the output goes to a file or a pipe, its encoding may not have the arrow.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        if arguments.url:
            with MessageClient(arguments.url, arguments.secret) as client:
                demo(client)
        else:
            with Sandbox(arguments.secret) as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
                demo(client)
    except MessageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
