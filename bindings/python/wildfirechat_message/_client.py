"""`MessageClient`, with the arguments, defaults and waits of Python over the native client."""

from __future__ import annotations

import datetime
import os
from collections.abc import Generator, Iterable
from types import TracebackType
from typing import Callable, NoReturn, Optional, TypeVar, Union

from . import _arguments, _upload
from ._bulk import Bulk, Outcomes, Progress, options_of
from ._calls import Call, waited_for
from ._contents import Content, payload_of
from ._credentials import Credentials
from ._errors import MessageError
from ._native.wildfirechat_message import NativeBulk, NativeMessageClient
from ._records import (
    BroadcastMessage,
    BroadcastRequest,
    BulkOptions,
    BulkProgress,
    ClearConversationRequest,
    ClearUserMessagesRequest,
    ClientOptions,
    ContentExtras,
    Conversation,
    ConversationReadRequest,
    DeleteBroadcastRequest,
    DeleteMulticastRequest,
    ImportedMessage,
    Message,
    MessagePayload,
    MulticastRequest,
    RecallBroadcastRequest,
    RecalledMessage,
    RecallMulticastRequest,
    RecallRequest,
    SendRequest,
    SentMessage,
    UpdateRequest,
    UploadProgress,
)

T = TypeVar("T")
A = TypeVar("A")

# How long the native library waits before it lets Python look for Ctrl-C.
_SLICE = datetime.timedelta(milliseconds=100)

_packed = _arguments.packed
_options = _arguments.instance_of(ClientOptions)
_credentials = _arguments.instance_of(Credentials)
_messages = _arguments.list_of(_arguments.instance_of(ImportedMessage), "ImportedMessage")


class MessageClient:
    """A client of one server's message API.

    Its methods block until the answer is there, a time-out is over, or the call failed: they raise a `MessageError`.
    Ctrl-C ends a waiting call within a fraction of a second; `Interrupted.of` finds in the KeyboardInterrupt what is
    known of the call, its answer too where it was there already. A client may be used from many threads at once and is
    cheap to share. Making one opens nothing; many for different servers live side by side. In a `with` block, or by
    `close`, it lets its connections go.

    The methods that only professional servers have raise `NotSupported` on a community server.

    A client that speaks plain http to another machine says so once for a server in a process: a warning to the logger
    `wildfirechat_message`.

    Args:
        base_url: The server's URL, such as `http://localhost:18080`; a path prefix, as of a proxy, is kept.
        secret: The server's admin secret.
        options: Time-outs, attempts, proxy and more.
        credentials: What a proxy or a gateway on the way wants to see: a login, a certificate, headers.

    Raises:
        InvalidArgument: The URL is not a plain http or https one, the secret is empty, or an option or a part of the
            credentials can never work.
    """

    def __init__(
        self,
        base_url: str,
        secret: str,
        options: Optional[ClientOptions] = None,
        credentials: Optional[Credentials] = None,
    ) -> None:
        base_url = _arguments.text(base_url, "base_url")
        secret = _arguments.text(secret, "secret")
        options = None if options is None else _options(options, "options")
        shown = {} if credentials is None else _credentials(credentials, "credentials")._crossing
        self._native: Optional[NativeMessageClient] = NativeMessageClient.in_slices_with(
            base_url, secret, options, _SLICE, **shown
        )
        self._base_url = base_url
        notice = self._native.notice()
        if notice is not None:
            # Imported here: few clients have anything to say, and it is slow.
            import logging

            logging.getLogger(__package__).warning(notice, stacklevel=2)

    def close(self) -> None:
        """Lets the connections go. Calls under way in other threads go on; new ones are refused. Twice does no harm."""
        self._native = None

    def close_idle(self) -> None:
        """Closes the connections that lie idle. Calls under way keep theirs, and the next call makes a new one.

        An idle client does nothing by itself: what is idle stays open until the next call, which closes what is older
        than `pool_idle_timeout`, or until this. Worth a line after the last message of a while, or before a fork.
        """
        self._open().close_idle()

    def __enter__(self) -> MessageClient:
        self._open()
        return self

    def __exit__(
        self,
        exc_type: Optional[type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "" if getattr(self, "_native", None) else " (closed)"
        return f"MessageClient({getattr(self, '_base_url', None)!r}){state}"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a MessageClient cannot be copied or pickled: threads can share the same one, and another process "
            "makes its own with MessageClient(base_url, secret)"
        )

    def send_message(
        self,
        sender: str,
        conversation: Conversation,
        payload: Union[MessagePayload, Content],
        to_users: Iterable[str] = (),
        is_user_message: bool = False,
        *,
        extras: Optional[ContentExtras] = None,
    ) -> SentMessage:
        """Sends a message to a conversation. message/send; both editions.

        Accepted, not stored: the server answers before it writes to its database.

        Args:
            sender: Id of the user it comes from.
            conversation: Where it goes.
            payload: What it says, such as a `TextContent`, or the payload that carries it.
            to_users: Only these users of the conversation get it, and the sender; empty for all. In a single chat the
                other gets it only where it is named. In a chatroom servers before 1.3.2 ignore the list. In a channel
                only its owner may give one.
            is_user_message: Whether it is sent with the user's own rights: since 1.3.8 the server then refuses what the
                user may not send (codes 8, 9, 20, 21, 241, 242, 246, 247, 248, 251). Without it none of that is looked
                at.
            extras: Mentions, push text, expiry and a text of your own, to go with a content.
        """
        users = _users(to_users, "to_users")
        request = SendRequest(sender, conversation, payload_of(payload, extras), users, is_user_message)
        return self._call(NativeMessageClient.send_message, _packed(request))

    def send_messages(
        self,
        requests: Iterable[SendRequest],
        options: Optional[BulkOptions] = None,
        progress: Optional[Callable[[BulkProgress], object]] = None,
    ) -> list[Union[SentMessage, MessageError]]:
        """Sends many messages, several under way at once. message/send; both editions.

        Each is sent as `send_message` does it, and comes to an outcome of its own: one that fails keeps no other from
        being sent. Those of one conversation go one after the other, in their order. A server that takes no more for
        now slows all of them down together, and one that goes away is waited for, as long as the patience lasts.

        Ctrl-C ends it within a fraction of a second, as does an exception that the requests or the progress raise: the
        cause of the exception is then an `Interrupted`, whose `outcomes` tell what became of each message.

        Args:
            requests: The messages. What cannot be sent fails as the outcome of its request; what is no `SendRequest`,
                or has a field of a wrong type, is a TypeError that ends it all.
            options: How many are under way at once, how many a second, what ends it early, whether any order will do,
                and how long a server that takes nothing is waited for.
            progress: Called with how it goes, in this thread, ten times a second at the most and at the end.

        Returns:
            One outcome a request, in their order: the `SentMessage`, or the `MessageError` that `send_message` would
            have raised. Where it was ended early (`stop_on`) and the requests have no length, those taken so far.
        """
        return self._bulk(requests, options, progress).collect()

    def send_each(
        self,
        requests: Iterable[SendRequest],
        options: Optional[BulkOptions] = None,
        progress: Optional[Callable[[BulkProgress], object]] = None,
    ) -> Generator[Union[SentMessage, MessageError], None, None]:
        """Sends more messages than memory holds, as `send_messages` does, and gives each outcome as it comes.

        Requests are taken only as there is room for them: at most some thousands are ahead of the outcomes. Messages
        go out while you ask for outcomes; who stops asking ends it, and what is under way is then given up. Nothing is
        sent before the first is asked for: where nobody ever asks, a RuntimeWarning says so.

        Args:
            requests: The messages, perhaps without end.
            options: How many are under way at once, how many a second, what ends it early, whether any order will do,
                and how long a server that takes nothing is waited for.
            progress: Called with how it goes, in the thread that asks for outcomes, ten times a second at the most.

        Returns:
            One outcome a request, in their order: the `SentMessage`, or the `MessageError` that `send_message` would
            have raised.
        """
        return Outcomes(self._bulk(requests, options, progress))

    def update_message(
        self,
        message_uid: int,
        payload: Union[MessagePayload, Content],
        distribute: bool = True,
        operator: Optional[str] = None,
        *,
        extras: Optional[ContentExtras] = None,
    ) -> None:
        """Gives a message that was sent a new payload. message/update; professional servers.

        Args:
            message_uid: The message's id.
            payload: What it says from now on, such as a `TextContent`, or the payload that carries it.
            distribute: Whether the message is sent again, so that devices which have it show the new payload.
            operator: Id of the user who changes it; later servers want one.
            extras: Mentions, push text, expiry and a text of your own, to go with a content; the old ones are gone.
        """
        request = UpdateRequest(message_uid, payload_of(payload, extras), distribute, operator)
        self._call(NativeMessageClient.update_message, _packed(request))

    def recall_message(self, operator: str, message_uid: int) -> Optional[RecalledMessage]:
        """Recalls a message and tells what it held. message/recall; both editions.

        Args:
            operator: Id of the user who recalls it; need not be the sender.
            message_uid: The message's id.

        Returns:
            What the message held; None where the server told nothing or it was recalled before.
        """
        request = RecallRequest(operator, message_uid)
        return self._call(NativeMessageClient.recall_message, _packed(request))

    def multicast_message(
        self,
        sender: str,
        targets: Iterable[str],
        payload: Union[MessagePayload, Content],
        line: int = 0,
        *,
        extras: Optional[ContentExtras] = None,
    ) -> SentMessage:
        """Sends one message to many users, each in a conversation of their own. message/multicast; both editions.

        Args:
            sender: Id of the user it comes from.
            targets: Ids of the users it goes to.
            payload: What it says, such as a `TextContent`, or the payload that carries it.
            line: The line of the conversations.
            extras: Mentions, push text, expiry and a text of your own, to go with a content.
        """
        users = _users(targets, "targets")
        request = MulticastRequest(sender=sender, targets=users, payload=payload_of(payload, extras), line=line)
        return self._call(NativeMessageClient.multicast_message, _packed(request))

    def broadcast_message(
        self,
        sender: str,
        payload: Union[MessagePayload, Content],
        line: int = 0,
        *,
        extras: Optional[ContentExtras] = None,
    ) -> BroadcastMessage:
        """Sends one message to every user. message/broadcast.

        Professional servers by the vendor's page; community servers do it too. Every user is one who has ever
        connected, or one that the server knows, as it is set up. Each user's queue keeps the newest 1,024
        messages (5,000 on professional servers): thousands of notices push other messages out of it.

        Args:
            sender: Id of the user it comes from.
            payload: What it says, such as a `TextContent`, or the payload that carries it.
            line: The line of the conversations.
            extras: Mentions, push text, expiry and a text of your own, to go with a content.
        """
        request = BroadcastRequest(sender=sender, payload=payload_of(payload, extras), line=line)
        return self._call(NativeMessageClient.broadcast_message, _packed(request))

    def delete_message(self, message_uid: int) -> None:
        """Deletes a message. message/delete; professional servers.

        Args:
            message_uid: The message's id.
        """
        self._call(NativeMessageClient.delete_message, _uid(message_uid))

    def clear_user_messages(
        self,
        user_id: str,
        conversation: Conversation,
        start_time: Optional[int] = None,
        end_time: Optional[int] = None,
    ) -> None:
        """Clears a user's messages in a conversation. message/clear_by_user; professional servers.

        A time left out is sent as absent, and the server then takes 0.

        Args:
            user_id: Id of the user whose messages are cleared.
            conversation: The conversation they are cleared in.
            start_time: Milliseconds since the epoch from which on.
            end_time: Milliseconds since the epoch up to which.
        """
        request = ClearUserMessagesRequest(user_id, conversation, start_time, end_time)
        self._call(NativeMessageClient.clear_user_messages, _packed(request))

    def clear_conversation(self, user_id: str, conversation: Conversation) -> None:
        """Removes a conversation from a user's list, with its messages. conversation/delete; professional servers.

        Args:
            user_id: Id of the user whose conversation it is.
            conversation: The conversation.
        """
        request = ClearConversationRequest(user_id, conversation)
        self._call(NativeMessageClient.clear_conversation, _packed(request))

    def get_message(self, message_uid: int) -> Message:
        """Looks a message up. message/get_one; both editions.

        Args:
            message_uid: The message's id.

        Raises:
            Rejected: There is none (code 253, `ErrorCode.NOT_EXIST`); `find_message` gives None instead.
        """
        return self._call(NativeMessageClient.get_message, _uid(message_uid))

    def find_message(self, message_uid: int) -> Optional[Message]:
        """Looks a message up; None when there is none. message/get_one; both editions.

        Args:
            message_uid: The message's id.
        """
        return self._call(NativeMessageClient.find_message, _uid(message_uid))

    def recall_broadcast_message(self, operator: str, message_uid: int) -> None:
        """Recalls a broadcast. message/recall_broadcast; professional servers.

        Args:
            operator: Id of the user who recalls it.
            message_uid: The broadcast's id.
        """
        request = RecallBroadcastRequest(operator, message_uid)
        self._call(NativeMessageClient.recall_broadcast_message, _packed(request))

    def recall_multicast_message(self, operator: str, message_uid: int, receivers: Iterable[str]) -> None:
        """Recalls a multicast message from some or all who got it. message/recall_multicast; both editions.

        Args:
            operator: Id of the user who recalls it.
            message_uid: The message's id.
            receivers: Ids of the users it is taken back from; may be part of those who got it.
        """
        request = RecallMulticastRequest(operator, message_uid, _users(receivers, "receivers"))
        self._call(NativeMessageClient.recall_multicast_message, _packed(request))

    def delete_broadcast_message(self, operator: str, message_uid: int) -> None:
        """Deletes a broadcast. message/delete_broadcast; professional servers.

        Args:
            operator: Id of the user who deletes it.
            message_uid: The broadcast's id.
        """
        request = DeleteBroadcastRequest(operator, message_uid)
        self._call(NativeMessageClient.delete_broadcast_message, _packed(request))

    def delete_multicast_message(self, operator: str, message_uid: int, receivers: Iterable[str]) -> None:
        """Deletes a multicast message from some or all who got it. message/delete_multicast; professional servers.

        Args:
            operator: Id of the user who deletes it.
            message_uid: The message's id.
            receivers: Ids of the users it is deleted from; may be part of those who got it.
        """
        request = DeleteMulticastRequest(operator, message_uid, _users(receivers, "receivers"))
        self._call(NativeMessageClient.delete_multicast_message, _packed(request))

    def get_conversation_read_timestamp(self, user_id: str, conversation: Conversation) -> int:
        """Up to when a user has read a conversation. message/conv_read; professional servers.

        Args:
            user_id: Id of the user who reads.
            conversation: The conversation that is read.

        Returns:
            Milliseconds since the epoch.
        """
        request = ConversationReadRequest(user_id, conversation)
        return self._call(NativeMessageClient.get_conversation_read_timestamp, _packed(request))

    def get_delivery_timestamp(self, user_id: str) -> int:
        """Up to when a user's messages have been delivered. message/delivery; professional servers.

        Args:
            user_id: Id of the user.

        Returns:
            Milliseconds since the epoch.
        """
        return self._call(NativeMessageClient.get_delivery_timestamp, _arguments.text(user_id, "user_id"))

    def import_messages(self, messages: Iterable[ImportedMessage]) -> None:
        """Imports messages of another system, with their times. message/import; professional servers.

        Args:
            messages: The messages.
        """
        self._call(NativeMessageClient.import_messages, _messages(messages, "messages"))

    def upload(
        self,
        file_name: str,
        data_or_path: Union[bytes, bytearray, memoryview, str, os.PathLike[str]],
        media_type: int,
        content_type: Optional[str] = None,
        *,
        progress: Optional[Callable[[UploadProgress], object]] = None,
    ) -> str:
        """Uploads a file, for a message that is to carry it. oss/get_upload_url; professional servers.

        The server names a store, and the bytes are streamed there; to a back-up store, where the first one does not
        take them. The store is tried as often as `max_attempts` says, all in all. However long it takes, only silence
        ends it: `read_timeout` without a byte either way. Ctrl-C ends it within a fraction of a second, as does an
        exception of `progress`.

        No message is sent by an upload. So none of its errors `may_have_executed`; their `endpoint` is the step that
        failed: `oss/get_upload_url`, `file store` or `backup file store`.

        Args:
            file_name: What the server is told that the file is called.
            data_or_path: The bytes of the file; or where it is on this machine, as a str or a path: then it need not
                fit into memory.
            media_type: What it is, a number of `MediaType`.
            content_type: Such as `image/jpeg`; guessed by the ending of `file_name` when left out.
            progress: Called with how it goes, in this thread, ten times a second at the most and at the end.

        Returns:
            The URL under which the file is found: what goes into `remote_media_url`.

        Raises:
            InvalidArgument: The file cannot be read, or changed its size while it was read.
        """
        if progress is not None and not callable(progress):
            raise _arguments.wrong_type(progress, "progress", "a function")
        native = _upload.begin(self._open(), file_name, data_or_path, media_type, content_type)
        try:
            # In one step: an interrupt between two would lose it.
            return waited_for(_upload.Upload(native, progress))  # type: ignore[no-any-return]
        except MessageError as error:
            error.__traceback__ = None
            raise error

    def _bulk(
        self, requests: Iterable[SendRequest], options: Optional[BulkOptions], progress: Optional[Progress]
    ) -> Bulk:
        client = self._open()
        checked = options_of(options, "options")

        def begin(total: Optional[int]) -> NativeBulk:
            return client.begin_bulk(checked, total)

        return Bulk(begin, requests, progress)

    def _open(self) -> NativeMessageClient:
        if self._native is None:
            raise RuntimeError("this MessageClient is closed: make a new one")
        return self._native

    def _call(self, method: Callable[[NativeMessageClient, A], T], argument: A) -> T:
        """Calls a method of the native client and waits until it is through."""
        call = Call(self._open(), method, argument)
        try:
            # In one step: an interrupt between two would lose it.
            return waited_for(call)  # type: ignore[no-any-return]
        except MessageError as error:
            # The frames of the waiting would only lengthen the traceback.
            error.__traceback__ = None
            raise error


def try_out(options: ClientOptions) -> None:
    """Fails where an option can never work, as a client does that is made with them: making one opens nothing."""
    NativeMessageClient.in_slices("http://localhost", "secret", options, _SLICE)


def _users(ids: Iterable[str], at: str) -> list[str]:
    users: list[str] = _arguments.items(ids, at)
    return users


def _uid(message_uid: int) -> int:
    return _arguments.integer(message_uid, "message_uid")
