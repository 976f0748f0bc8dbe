# pyright: strict
"""A program as a user would write it: not run, but checked by mypy --strict and pyright."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Optional, Union

import wildfirechat_message
from wildfirechat_message import (
    BulkOptions,
    BulkProgress,
    ClientOptions,
    CompositeContent,
    Content,
    ContentExtras,
    ContentType,
    Conversation,
    ConversationType,
    Edition,
    ErrorCode,
    Fault,
    ImageContent,
    ImportedMessage,
    Interrupted,
    MediaType,
    Message,
    MessageClient,
    MessageContent,
    MessageError,
    MessagePayload,
    Platform,
    Quote,
    RateLimited,
    RecalledContent,
    ReceivedRequest,
    Sandbox,
    SendRequest,
    SentMessage,
    StopOn,
    StoreFault,
    TextContent,
    TimedOut,
    content_extras,
    decode_content,
    make_thumbnail,
)


def remind(client: MessageClient, users: list[str]) -> list[str]:
    """Sends to each of many; gives those whom it has not reached for sure."""
    requests = [SendRequest("admin", Conversation.single(user), MessagePayload.text("Hello")) for user in users]
    options = BulkOptions(concurrency=8, rate_limit=100, stop_on=StopOn.UNKNOWN)
    shares: list[float] = []

    def progress(told: BulkProgress) -> None:
        shares.append(told.sent / (told.total or 1))

    missed: list[str] = []
    for user, outcome in zip(users, client.send_messages(requests, options, progress)):
        if isinstance(outcome, SentMessage):
            uid: int = outcome.message_uid
            print(uid)
        else:
            missed.append(f"{user}: {outcome.may_have_executed}")
    try:
        for outcome in client.send_each(request for request in requests):
            print(outcome.timestamp if isinstance(outcome, SentMessage) else str(outcome))
    except KeyboardInterrupt as stop:
        if isinstance(stop.__cause__, Interrupted):
            missed += [str(each) for each in stop.__cause__.outcomes if not isinstance(each, SentMessage)]
    return missed


def notify(client: MessageClient, users: set[str], text: str) -> Optional[SentMessage]:
    """Sends to many; tells by its answer whether it arrived."""
    try:
        return client.multicast_message("admin", users, MessagePayload.text(text), line=0)
    except MessageError.RateLimited as error:
        attempts: int = error.attempts
        print(error.endpoint, attempts, error.msg)
    except (MessageError.Rejected, MessageError.Unauthorized) as error:
        if error.code == ErrorCode.NOT_EXIST:
            print(error.msg, error.attempts)
    except MessageError.BadRequest as error:
        tried: int = error.attempts
        print(error.status, tried)
    except TimedOut as error:
        seconds: float = error.elapsed.total_seconds()
        print(seconds, error.may_have_executed)
    except MessageError as error:
        may_have_executed: bool = error.may_have_executed
        print(f"{error} {may_have_executed}")
    return None


def read_back(client: MessageClient, message_uid: int) -> str:
    """Looks a message up."""
    message: Optional[Message] = client.find_message(message_uid)
    if message is None:
        return "nothing"
    if message.client is not None and message.client.platform == Platform.WEB:
        return "from a browser"
    group: str = message.target_group_info.name if message.target_group_info else ""
    data: bytes = message.payload.data
    recalled = client.recall_message("admin", message_uid)
    return f"{group} {data!r} {recalled.searchable_content if recalled else None}"


@dataclass
class OrderContent:
    """A content of one's own."""

    number: str

    def to_payload(self, extras: Optional[ContentExtras] = None) -> MessagePayload:
        """The payload to send."""
        return MessagePayload(1001, f"Order {self.number}", content=self.number).with_extras(extras)


def say(client: MessageClient, content: Union[MessagePayload, Content]) -> SentMessage:
    """Takes what the sending methods take."""
    return client.send_message("admin", Conversation.single("u1"), content)


def contents(client: MessageClient, photo: bytes) -> str:
    """Contents, out and back."""
    extras = ContentExtras.mention(["ann"])
    extras.push_content = "you have mail"
    sent: SentMessage = client.send_message("admin", Conversation.group("g1"), TextContent("@Ann"), extras=extras)
    message: Message = client.get_message(sent.message_uid)
    quote: Quote = message.quote()
    client.update_message(sent.message_uid, TextContent("yes", quote), extras=ContentExtras.mention_everyone())
    client.multicast_message("admin", ["u1"], ImageContent("https://i", make_thumbnail(photo), width=640))
    client.broadcast_message("admin", OrderContent("A-17"), extras=extras)
    say(client, OrderContent("A-18"))
    say(client, message.payload)
    history: Optional[bytes] = CompositeContent("History", [message]).to_upload()
    mentioned: list[str] = content_extras(message.payload).mentioned_targets
    content: MessageContent = decode_content(message.payload)
    if isinstance(content, TextContent):
        return content.text
    if isinstance(content, MessagePayload):
        return f"a type of ours: {content.content_type}, {mentioned} {history!r}"
    if isinstance(content, RecalledContent):
        return content.original.searchable_content if content.original else content.operator
    return str(content.to_payload())


def everything() -> None:
    """The rest, by position and by name."""
    options = ClientOptions(read_timeout=timedelta(seconds=3), proxy="http://proxy:3128", max_attempts=2, rate_limit=9)
    with Sandbox(edition=Edition.COMMUNITY) as sandbox, MessageClient(sandbox.base_url, "123456", options) as client:
        sandbox.fail_next(Fault.NEVER_ANSWER)
        sandbox.fail_next(Fault.SLOW_DRIP, times=2, endpoint="message/send", delay=timedelta(milliseconds=1))
        sandbox.fail_randomly((Fault.REFUSE, Fault.REDIRECT), 0.5, seed=7, endpoint="message/send")
        sandbox.fail_randomly(Fault, 1)
        sandbox.stop_failing()
        sandbox.refuse_connections(timedelta(0))
        sandbox.answer_next("{}", headers=[("x-proxy", "yes")])
        requests: list[ReceivedRequest] = sandbox.requests()
        print([header.value for request in requests for header in request.headers])
        faults: list[Optional[Fault]] = [request.fault for request in requests]
        print(faults)
        conversation: Conversation = Conversation.group("g1")
        payload = MessagePayload(ContentType.TEXT, "hi", mentioned_targets=["u1"])
        client.send_message("admin", Conversation(ConversationType.SINGLE, "u1"), payload, to_users=("u1", "u2"))
        client.update_message(1, payload, distribute=False)
        client.clear_user_messages("u1", conversation, end_time=5)
        client.import_messages(ImportedMessage("u1", conversation, payload, time) for time in range(3))
        url: str = client.upload("a.txt", b"a", MediaType.FILE, progress=lambda now: print(now.sent, now.total))
        print(url + client.upload("a.txt", Path("a.txt"), 4, "text/plain"), sandbox.files()[0].sha1)
        sandbox.fail_store(StoreFault.CUT_IN_BODY, times=2)
        times: list[int] = [
            client.get_conversation_read_timestamp("u1", conversation),
            client.get_delivery_timestamp("u1"),
            client.broadcast_message("admin", payload).count,
        ]
        print(times, client, wildfirechat_message.__version__)
    raise RateLimited("message/send", 1, "over frequency")
