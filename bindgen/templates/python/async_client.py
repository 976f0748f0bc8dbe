"""`{{ name }}`: the calls of `{{ client.name }}` as coroutines.

They are generated as those are, from the methods of the Rust client and the records that they take.
"""

from __future__ import annotations

import datetime
{% if client.upload.is_some() %}import os
{% endif %}from collections.abc import {% if client.bulk.is_some() %}AsyncGenerator, AsyncIterable, {% endif %}{% if client.stream.is_some() %}Coroutine, {% endif %}Iterable
{% if client.upload.is_some() %}from functools import partial
{% endif %}from types import TracebackType
from typing import {% if client.bulk.is_some() %}Any, {% endif %}Callable, NoReturn, Optional, TypeVar, Union{% if client.stream.is_some() %}, overload{% endif %}

from . import _arguments, {% if client.stream.is_some() %}_async_streams, {% endif %}{% if client.upload.is_some() %}_async_upload, {% endif %}_logs{% if client.upload.is_some() %}, _upload{% endif %}
{% if client.bulk.is_some() %}from ._async_bulk import AsyncBulk, AsyncOutcomes
{% endif %}from ._async_calls import AwaitedCalls
{% if client.multicasts.is_some() %}from ._async_multicasts import multicast_each
{% endif %}{% if client.stream.is_some() %}from ._async_streams import AsyncTextStream
{% endif %}{% if client.bulk.is_some() %}from ._bulk import Progress, options_of
{% endif %}from ._contents import Content, payload_of
from ._credentials import Credentials
{% if client.bulk.is_some() %}from ._errors import MessageError
{% endif %}{% if client.multicasts.is_some() %}from ._multicasts import MulticastPart
{% endif %}from ._native.wildfirechat_message import NativeAccess, {% if client.bulk.is_some() %}NativeBulk, {% endif %}{{ client.native() }}
from ._records import (
{%- for record in records %}
    {{ record }},
{%- endfor %}
)

T = TypeVar("T")

# The library does not wait for a call: the call continues by itself.
_WAIT = datetime.timedelta()

_packed = _arguments.packed_later
_options = _arguments.instance_of(ClientOptions)
_credentials = _arguments.instance_of(Credentials)


class {{ name }}:
    """{{ client.name }} for asyncio: the same methods as coroutines.

    No method blocks the event loop. One thread of the library drives all calls of a client. 128 of them are under way
    at the same time, each on a connection of its own; the others wait for a connection, and that wait counts towards
    their `total_timeout`. A client serves one event loop at a time; when nothing is under way, another loop may use it.

    If a task is cancelled, its call ends within a fraction of a second: when the CancelledError is raised, no request
    is sent any more, and `Interrupted.of` finds in it what is known of the call, including its answer if that had
    already arrived. The same holds for the TimeoutError of `asyncio.timeout` and `asyncio.wait_for`.

    The end of an `async with` block, or `close`, closes its connections.

    {{ arguments }}

    Raises:
        InvalidArgument: The URL is not a plain http or https one,{% if client.id().is_some() %} the id or{% endif %} the secret is empty, or an option or a part of the
            credentials can never work.
    """

{% include "python/constructor.py" %}
        # It reports which calls have finished.
        self._awaited = AwaitedCalls(access, type(self).__name__)

    def close(self) -> None:
        """Closes the connections. Calls that are under way continue; new ones are refused.

        A second call does no harm.
        """
        self._native = None
        self._awaited.close()

{% include "python/common.py" %}

    async def __aenter__(self) -> {{ name }}:
        self._open()
        return self

    async def __aexit__(
        self,
        exc_type: Optional[type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "an {{ name }} cannot be copied or pickled: the tasks of an event loop can share the same one, and "
            "another process makes its own with {{ name }}({% for argument in client.arguments %}{% if !loop.first %}, {% endif %}{{ argument.name }}{% endfor %})"
        )
{%- for call in calls %}
{% include "python/method.py" %}
{%- endfor %}
{%- if let Some(bulk) = client.bulk %}

    async def send_messages(
        self,
        requests: Union[Iterable[SendRequest], AsyncIterable[SendRequest]],
        options: Optional[BulkOptions] = None,
        progress: Optional[Callable[[BulkProgress], object]] = None,
    ) -> list[Union[SentMessage, MessageError]]:
        """Sends many messages, several at the same time. {{ bulk.endpoint }}; {{ bulk.servers }}.
{%- if let Some(sender) = client.sender() %}

        The {{ sender }} is the sender of all of them, whatever sender a request names, and needs the right to send them.
{%- endif %}

        Each message is sent as by `send_message` and has an outcome of its own: if one fails, the others are still
        sent. Messages of one conversation are sent one after the other, in their order. If the server accepts no more
        for now, all messages slow down together; if the server goes away, the method waits for it until the patience
        is over.

        Cancelling ends it at once, as does an exception of the requests or of `progress`: the cause of the exception
        is then an `Interrupted` with the outcome of each message in `outcomes`.

        Args:
            requests: The messages, perhaps of an asynchronous source. A request that can never be sent fails alone, as
                its outcome; an object that is no `SendRequest`, or a field of a wrong type, is a TypeError that ends all.
            options: How many messages are sent at the same time and per second, what ends the sending early, whether
                any order will do, and how long to wait for a server that accepts nothing.
            progress: Called with the progress, on the event loop, at most ten times per second and at the end.

        Returns:
            One outcome per request, in their order: the `SentMessage`, or the `MessageError` that `send_message` would
            have raised. If it ended early (`stop_on`) and the requests have no length, the outcomes of those taken so
            far.
        """
        return await self._bulk(requests, options, progress).collect_all()

    def send_each(
        self,
        requests: Union[Iterable[SendRequest], AsyncIterable[SendRequest]],
        options: Optional[BulkOptions] = None,
        progress: Optional[Callable[[BulkProgress], object]] = None,
    ) -> AsyncGenerator[Union[SentMessage, MessageError], None]:
        """Sends more messages than fit into memory, as `send_messages` does, and returns the outcomes one by one.

        Requests are taken at most some thousands ahead of the outcomes. Messages are sent while you iterate over the
        outcomes; `aclose` ends the sending, and messages that are under way are given up.

        Args:
            requests: The messages, perhaps without end, and perhaps of an asynchronous source.
            options: How many messages are sent at the same time and per second, what ends the sending early, whether
                any order will do, and how long to wait for a server that accepts nothing.
            progress: Called with the progress, on the event loop, at most ten times per second.

        Returns:
            One outcome per request, in their order: the `SentMessage`, or the `MessageError` that `send_message` would
            have raised.
        """
        return AsyncOutcomes(self._bulk(requests, options, progress))
{%- endif %}
{%- if let Some(asked) = client.multicasts %}

    async def multicast_each(
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
        that is safe, and never sent twice. Cancelling ends it within a fraction of a second: `Interrupted.of` then finds
        what became of each part, in `outcomes`. A thread of the event loop's default executor waits for it.

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
        client, access = self._open()
        self._update_log_level(access)
        names = _arguments.items(receivers, "receivers")
        request = _arguments.record(MulticastEach(sender, names, payload_of(payload, extras), line, size))
        checked = options_of(options, "options")
        return await multicast_each(lambda: client.begin_multicasts(request, checked))
{%- endif %}
{%- if let Some(asked) = client.stream %}

    @overload
    def stream_text(
{%- let pieces = "Union[Iterable[str], AsyncIterable[str]]" %}
{% include "python/stream_parameters.py" %}
    ) -> Coroutine[Any, Any, SentMessage]: ...

    @overload
    def stream_text(
{%- let pieces = "None = None" %}
{% include "python/stream_parameters.py" %}
    ) -> AsyncTextStream: ...

    def stream_text(
{%- let pieces = "Optional[Union[Iterable[str], AsyncIterable[str]]] = None" %}
{% include "python/stream_parameters.py" %}
    ) -> Union[Coroutine[Any, Any, SentMessage], AsyncTextStream]:
        """Begins a text that grows while receivers read it. {{ asked.endpoint }}; {{ asked.servers }}.
{%- if let Some(sender) = client.sender() %}

        The {{ sender }} is the sender, and needs the right to send to the conversation.
{%- endif %}

        Made for the answer of a language model, piece by piece. The first piece is sent immediately; the others are
        gathered, and receivers see the text so far in steps, at most one in each interval. At the end the whole text is
        sent as an ordinary message, which is stored; the steps are not. A step that does not arrive does no harm,
        because the next one has its text too; if the server accepts no more for now, the steps slow down.

        If the text is not finished, receivers who have seen some of it see that it was cancelled: if the source raises,
        on cancellation, and when the process ends. `Interrupted.of` finds in an exception that ended it what became of
        the text.

        Args:
{%- if client.id().is_none() %}
            sender: Id of the user who sends it.
{%- endif %}
            conversation: The conversation to send it to.
            pieces: The pieces of the text, perhaps of an asynchronous source; without them, the method returns a stream
                to which you append them.
            to_users: Only these users of the conversation receive it, and the sender; empty for all.
            interval: The least time between two steps, as a timedelta or in seconds; half a second when left out.
            stream_id: The id of the stream, the same in all its messages; made up when left out.
            extras: Mentions, push text, expiry and a text of your own, for the finished message.

        Returns:
            With pieces, the message with the whole text (to be awaited); without, the stream: an `AsyncTextStream`.

        Raises:
            InvalidArgument: An argument can never work, or there is no text at all; nothing was sent.
            StreamFailed: The text could not be finished; the error says what receivers see of it.
        """
{% include "python/stream_request.py" %}
        native = client.begin_stream(_arguments.record(request))
        stream = _async_streams.stream_of(self._awaited, native)
        return stream if pieces is None else _async_streams.send_all(stream, pieces)
{%- endif %}
{%- if let Some(asked) = client.upload %}

    async def upload(
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
        not be silent for longer than `read_timeout`. Cancelling ends it within a fraction of a second, as does an
        exception of `progress`. A thread of the event loop's default executor waits for it.

        An upload sends no message, so `may_have_executed` is false for all its errors; their `endpoint` is the step
        that failed: `{{ asked.endpoint }}`, `file store` or `backup file store`.

        Args:
            file_name: The name of the file for the server.
            data_or_path: The bytes of the file, or its path on this machine as a str or a path object; then the file
                need not fit into memory.
            media_type: The kind of the file, a number of `MediaType`.
            content_type: The content type, such as `image/jpeg`; guessed from the ending of `file_name` when left out.
            progress: Called with the progress, on the event loop, at most ten times per second and at the end.

        Returns:
            The URL of the file, which is the value for `remote_media_url`.

        Raises:
            InvalidArgument: The file cannot be read, or changed its size while it was read.
        """
        client, access = self._open()
        wanted = self._update_log_level(access)
        begin = partial(_upload.begin, client, file_name, data_or_path, media_type, content_type)
        url: str = await _async_upload.bring(begin, access, "{{ asked.endpoint }}", wanted, progress)
        return url
{%- for call in files %}
{% include "python/method.py" %}
{%- endfor %}
{%- if !files.is_empty() %}

    async def _send_file(
        self, begin: _upload.Begin, request: object, progress: Optional[_upload.Progress], endpoint: str
    ) -> SentMessage:
        client, access = self._open()
        wanted = self._update_log_level(access)
        # The request is looked at here: an error then names the line that awaits.
        begin_now = partial(begin, client, _arguments.record(request))
        sent: SentMessage = await _async_upload.bring(begin_now, access, endpoint, wanted, progress, frames=1)
        return sent
{%- endif %}
{%- endif %}
{%- if let Some(bulk) = client.bulk %}

    def _bulk(self, requests: Any, options: Optional[BulkOptions], progress: Optional[Progress]) -> AsyncBulk:
        client, access = self._open()
        self._update_log_level(access)
        checked = options_of(options, "options")

        def begin(total: Optional[int]) -> NativeBulk:
            return client.begin_bulk(checked, total)

        return AsyncBulk(self._awaited, begin, requests, progress)
{%- endif %}

    async def _call(self, method: Callable[..., T], argument: object = None) -> T:
        """Calls a method of the native client and awaits its end."""
        client, access = self._open()
        return await self._awaited.call(client, method, argument, self._update_log_level(access))  # type: ignore[no-any-return]
