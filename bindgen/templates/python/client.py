"""`{{ client.name }}`, with the arguments, defaults and waits of Python over the native client.

Its calls are generated from the methods of the Rust client and their records.
"""

from __future__ import annotations

import datetime
{% if client.upload.is_some() %}import os
{% endif %}from collections.abc import {% if client.bulk.is_some() %}Generator, {% endif %}Iterable
from types import TracebackType
from typing import Callable, NoReturn, Optional, TypeVar, Union{% if client.stream.is_some() %}, overload{% endif %}

from . import _arguments, _logs{% if client.stream.is_some() %}, _streams{% endif %}{% if client.upload.is_some() %}, _upload{% endif %}
{% if client.bulk.is_some() %}from ._bulk import Bulk, Outcomes, Progress, options_of
{% endif %}from ._calls import Call, wait_for
from ._contents import Content, payload_of
from ._credentials import Credentials
from ._errors import MessageError
{%- if client.multicasts.is_some() %}
from ._multicasts import MulticastPart, Multicasts
{%- endif %}
from ._native.wildfirechat_message import NativeAccess, {% if client.bulk.is_some() %}NativeBulk, {% endif %}{{ client.native() }}
from ._records import (
{%- for record in records %}
    {{ record }},
{%- endfor %}
)
{%- if client.stream.is_some() %}
from ._streams import TextStream
{%- endif %}

T = TypeVar("T")

# How long the native library waits before it lets Python look for Ctrl-C.
_WAIT = datetime.timedelta(milliseconds=100)

_packed = _arguments.packed
_options = _arguments.instance_of(ClientOptions)
_credentials = _arguments.instance_of(Credentials)


class {{ client.name }}:
    """{{ client.intro }}
{%- for line in docs %}
{% if line != "" %}    {{ line }}{% endif %}
{%- endfor %}

    Its methods block until the answer has arrived, a time-out is over, or the call has failed with a `MessageError`.
    Ctrl-C ends a waiting call within a fraction of a second; `Interrupted.of` finds in the KeyboardInterrupt what is
    known of the call, including its answer if it had already arrived. Any number of threads may share one client.
    Making a client opens no connection; a program may have several clients, for different servers. The end of a
    `with` block, or `close`, closes its connections.

    The methods of endpoints that only professional servers have raise `NotSupported` on a community server.

    The logger `wildfirechat_message` gets the log of the calls: at DEBUG how each call ended, at INFO that a call was
    tried again, and at WARNING that it is unknown whether the server executed a call. The facts of a line are also
    attributes of its record, such as `wildfirechat_endpoint`. A level that is switched off costs nothing. Using plain
    HTTP to another machine logs one warning per server and process.

    {{ arguments }}

    Raises:
        InvalidArgument: The URL is not a plain http or https one,{% if client.id().is_some() %} the id or{% endif %} the secret is empty, or an option or a part of the
            credentials can never work.
    """

{% include "python/constructor.py" %}

    def close(self) -> None:
        """Closes the connections. Calls under way in other threads end normally; new calls fail."""
        self._native = None

{% include "python/common.py" %}

    def __enter__(self) -> {{ client.name }}:
        self._open()
        return self

    def __exit__(
        self,
        exc_type: Optional[type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a {{ client.name }} cannot be copied or pickled: threads can share the same one, and another process "
            "makes its own with {{ client.name }}({% for argument in client.arguments %}{% if !loop.first %}, {% endif %}{{ argument.name }}{% endfor %})"
        )
{%- for call in calls %}
{% include "python/method.py" %}
{%- endfor %}
{%- if let Some(bulk) = client.bulk %}

    def send_messages(
        self,
        requests: Iterable[SendRequest],
        options: Optional[BulkOptions] = None,
        progress: Optional[Callable[[BulkProgress], object]] = None,
    ) -> list[Union[SentMessage, MessageError]]:
        """Sends many messages, several at the same time. {{ bulk.endpoint }}; {{ bulk.servers }}.
{%- if let Some(sender) = client.sender() %}

        The {{ sender }} is the sender of all of them, whatever sender a request names, and needs the right to send them.
{%- endif %}

        Each message is sent as by `send_message` and has an outcome of its own: if one fails, the others are still
        sent. Messages of one conversation are sent one after the other, in their order. If the server accepts no
        more for now, all messages slow down together; if the server goes away, the method waits for it until the
        patience is over.

        Ctrl-C ends it within a fraction of a second, and so does an exception of the requests or the progress: the
        cause of the exception is then an `Interrupted`, whose `outcomes` are the outcomes of the messages.

        Args:
            requests: The messages. A message that cannot be sent has that failure as its outcome; a value that is not a
                `SendRequest`, or has a field of a wrong type, raises a TypeError that ends the sending.
            options: How many messages are sent at the same time and per second, what ends the sending early, whether
                any order will do, and how long to wait for a server that accepts nothing.
            progress: Called with the progress, in this thread, at most ten times per second and at the end.

        Returns:
            One outcome per request, in their order: the `SentMessage`, or the `MessageError` that `send_message` would
            have raised. If it was ended early (`stop_on`) and the requests have no length, only for those taken so far.
        """
        return self._bulk(requests, options, progress).collect()

    def send_each(
        self,
        requests: Iterable[SendRequest],
        options: Optional[BulkOptions] = None,
        progress: Optional[Callable[[BulkProgress], object]] = None,
    ) -> Generator[Union[SentMessage, MessageError], None, None]:
        """Sends more messages than fit into memory, as `send_messages` does, and yields each outcome as it arrives.

        At most some thousands of requests are taken ahead of the outcomes. Messages are sent while you iterate over the
        outcomes; if you stop iterating, the sending ends, and messages that are under way are given up. Nothing is sent
        before you ask for the first outcome: if you never do, a RuntimeWarning says so.

        Args:
            requests: The messages; the source may be endless.
            options: How many messages are sent at the same time and per second, what ends the sending early, whether
                any order will do, and how long to wait for a server that accepts nothing.
            progress: Called with the progress, in the thread that asks for outcomes, at most ten times per second.

        Returns:
            One outcome per request, in their order: the `SentMessage`, or the `MessageError` that `send_message` would
            have raised.
        """
        return Outcomes(self._bulk(requests, options, progress))
{%- endif %}
{%- if let Some(asked) = client.multicasts %}

    def multicast_each(
        self,
        sender: str,
        receivers: Iterable[str],
        payload: Union[MessagePayload, Content],
        line: int = 0,
        size: int = 1000,
        options: Optional[BulkOptions] = None,
        *,
        extras: Optional[ContentExtras] = None,
    ) -> list[MulticastPart]:
        """Sends one message to many users, in multicasts. {{ asked.endpoint }}; {{ asked.servers }}.

        That is the vendor's own advice for one text to many: a thousandth of the requests. Each part is tried again where
        that is safe, and never sent twice. Ctrl-C ends it within a fraction of a second: the cause of the exception is
        then an `Interrupted`, whose `outcomes` tell what became of each part.

        Args:
            sender: Id of the user who sends it.
            receivers: Ids of the users who get it.
            payload: What it says, such as a `TextContent`, or the payload that carries it.
            line: The conversation line that it is sent on.
            size: How many receivers each part has.
            options: How many parts are under way at once, how many go a second, and how long a server that takes nothing
                is waited for; nothing else of the options matters here.
            extras: Mentions, push text, expiry and a text of your own, to go with a content.

        Returns:
            The outcome of each part, in the order of the receivers.
        """
        calls, access = self._open()
        self._update_log_level(access)
        names = _arguments.items(receivers, "receivers")
        request = MulticastEach(sender, names, payload_of(payload, extras), line, size)
        checked = options_of(options, "options")
        native = calls.begin_multicasts(_arguments.record(request), checked)
        # In one step: an interrupt between two would lose what is known.
        return wait_for(Multicasts(native))  # type: ignore[no-any-return]
{%- endif %}
{%- if let Some(asked) = client.stream %}

    @overload
    def stream_text(
{%- let pieces = "Iterable[str]" %}
{% include "python/stream_parameters.py" %}
    ) -> SentMessage: ...

    @overload
    def stream_text(
{%- let pieces = "None = None" %}
{% include "python/stream_parameters.py" %}
    ) -> TextStream: ...

    def stream_text(
{%- let pieces = "Optional[Iterable[str]] = None" %}
{% include "python/stream_parameters.py" %}
    ) -> Union[SentMessage, TextStream]:
        """Begins a text that grows while receivers read it. {{ asked.endpoint }}; {{ asked.servers }}.
{%- if let Some(sender) = client.sender() %}

        The {{ sender }} is the sender, and needs the right to send to the conversation.
{%- endif %}

        Made for the answer of a language model, piece by piece. The first piece is sent immediately; the others are
        gathered, and receivers see the text so far in steps, at most one in each interval. At the end the whole text is
        sent as an ordinary message, which is stored; the steps are not. A step that does not arrive does no harm,
        because the next one has its text too; if the server accepts no more for now, the steps slow down.

        If the text is not finished, receivers who have seen some of it see that it was cancelled: if the source raises,
        on Ctrl-C, and when the process ends. `Interrupted.of` finds in an exception that ended it what became of the
        text.

        Args:
{%- if client.id().is_none() %}
            sender: Id of the user who sends it.
{%- endif %}
            conversation: The conversation to send it to.
            pieces: The pieces of the text; without them, the method returns a stream to which you append them.
            to_users: Only these users of the conversation receive it, and the sender; empty for all.
            interval: The least time between two steps, as a timedelta or in seconds; half a second when left out.
            stream_id: The id of the stream, the same in all its messages; made up when left out.
            extras: Mentions, push text, expiry and a text of your own, for the finished message.

        Returns:
            With pieces, the message with the whole text; without, the stream: a `TextStream`.

        Raises:
            InvalidArgument: An argument can never work, or there is no text at all; nothing was sent.
            StreamFailed: The text could not be finished; the error says what receivers see of it.
        """
{% include "python/stream_request.py" %}
        coming = None if pieces is None else _streams.iterator_of(pieces)
        native = client.begin_stream(_arguments.record(request))
        return _streams.stream_of(native) if coming is None else _streams.send_all(native, coming)
{%- endif %}
{%- if let Some(asked) = client.upload %}

    def upload(
        self,
        file_name: str,
        data_or_path: Union[bytes, bytearray, memoryview, str, os.PathLike[str]],
        media_type: int,
        content_type: Optional[str] = None,
        *,
        progress: Optional[Callable[[UploadProgress], object]] = None,
    ) -> str:
        """Uploads a file for a message. {{ asked.endpoint }}; {{ asked.servers }}.

        The server names a file store, to which the bytes are streamed, and a back-up store that is used if the first
        one does not accept them. Together at most `max_attempts` attempts are made. The upload may take any time, but
        not be silent for longer than `read_timeout`. Ctrl-C ends it within a fraction of a second, and so does an
        exception of `progress`.

        An upload sends no message, so `may_have_executed` is false for all its errors; their `endpoint` is the step
        that failed: `{{ asked.endpoint }}`, `file store` or `backup file store`.

        Args:
            file_name: The name of the file for the server.
            data_or_path: The bytes of the file, or its path on this machine as a str or a path object; then the file
                need not fit into memory.
            media_type: The kind of the file, a number of `MediaType`.
            content_type: The content type, such as `image/jpeg`; guessed from the ending of `file_name` when left out.
            progress: Called with the progress, in this thread, at most ten times per second and at the end.

        Returns:
            The URL of the file, which is the value for `remote_media_url`.

        Raises:
            InvalidArgument: The file cannot be read, or changed its size while it was read.
        """
        if progress is not None and not callable(progress):
            raise _arguments.wrong_type(progress, "progress", "a function")
        client, access = self._open()
        wanted = self._update_log_level(access)
        if wanted:
            _logs.begins(access, "{{ asked.endpoint }}")
        native = _upload.begin(client, file_name, data_or_path, media_type, content_type)
        try:
            # In one step: an interrupt between two would lose it.
            return wait_for(_upload.Upload(native, progress, access, wanted, "{{ asked.endpoint }}"))  # type: ignore[no-any-return]
        except MessageError as error:
            error.__traceback__ = None
            raise error
{%- for call in files %}
{% include "python/method.py" %}
{%- endfor %}
{%- if !files.is_empty() %}

    def _send_file(
        self, begin: _upload.Begin, request: object, progress: Optional[_upload.Progress], endpoint: str
    ) -> SentMessage:
        if progress is not None and not callable(progress):
            raise _arguments.wrong_type(progress, "progress", "a function")
        client, access = self._open()
        wanted = self._update_log_level(access)
        if wanted:
            _logs.begins(access, endpoint)
        native = begin(client, _arguments.record(request))
        try:
            # In one step: an interrupt between two would lose it.
            return wait_for(_upload.Sending(native, progress, access, wanted, endpoint))  # type: ignore[no-any-return]
        except MessageError as error:
            error.__traceback__ = None
            raise error
{%- endif %}
{%- endif %}
{%- if let Some(bulk) = client.bulk %}

    def _bulk(
        self, requests: Iterable[SendRequest], options: Optional[BulkOptions], progress: Optional[Progress]
    ) -> Bulk:
        client, access = self._open()
        self._update_log_level(access)
        checked = options_of(options, "options")

        def begin(total: Optional[int]) -> NativeBulk:
            return client.begin_bulk(checked, total)

        return Bulk(begin, requests, progress)
{%- endif %}

    def _call(self, method: Callable[..., T], argument: object = None) -> T:
        """Calls a method of the native client and waits for its end."""
        client, access = self._open()
        call = Call(client, access, method, argument, self._update_log_level(access))
        try:
            # In one step: an interrupt between two would lose it.
            return wait_for(call)  # type: ignore[no-any-return]
        except MessageError as error:
            # The frames of the waiting would only lengthen the traceback.
            error.__traceback__ = None
            raise error
