"""`Async{{ client.name }}`: the calls of `{{ client.name }}` as coroutines.

They are generated as those are, from the methods of the Rust client and the records that they take.
"""

from __future__ import annotations

import datetime
{% if client.upload.is_some() %}import os
{% endif %}from collections.abc import {% if client.bulk.is_some() %}AsyncGenerator, AsyncIterable, {% endif %}Iterable
from types import TracebackType
from typing import {% if client.bulk.is_some() %}Any, {% endif %}Callable, NoReturn, Optional, TypeVar, Union

from . import _arguments, {% if client.upload.is_some() %}_async_upload, {% endif %}_logs
{% if client.bulk.is_some() %}from ._async_bulk import AsyncBulk, AsyncOutcomes
{% endif %}from ._async_calls import Desk
{% if client.bulk.is_some() %}from ._bulk import Progress, options_of
{% endif %}from ._contents import Content, payload_of
from ._credentials import Credentials
{% if client.bulk.is_some() %}from ._errors import MessageError
{% endif %}from ._native.wildfirechat_message import NativeAccess, {% if client.bulk.is_some() %}NativeBulk, {% endif %}{{ client.native() }}
from ._records import (
{%- for record in records %}
    {{ record }},
{%- endfor %}
)

T = TypeVar("T")

# The library does not wait for a call: it goes on by itself.
_NO_WAIT = datetime.timedelta()

_packed = _arguments.packed
_options = _arguments.instance_of(ClientOptions)
_credentials = _arguments.instance_of(Credentials)


class Async{{ client.name }}:
    """{{ client.name }} for asyncio: the same methods as coroutines.

    No method blocks the event loop. One thread of the library drives all calls of a client. 128 of them are under way
    at the same time, each on a connection of its own; the others wait for a connection, and that wait counts towards
    their `total_timeout`. A client serves one event loop at a time; when nothing is under way, another loop may use it.

    If a task is cancelled, its call ends within a fraction of a second: when the CancelledError is raised, nothing is
    sent any more, and `Interrupted.of` finds in it what is known of the call, including its answer if that had arrived
    already. The same holds for the TimeoutError of `asyncio.timeout` and `asyncio.wait_for`.

    In an `async with` block, or by `close`, it closes its connections.

    {{ arguments }}

    Raises:
        InvalidArgument: The URL is not a plain http or https one,{% if client.id().is_some() %} the id or{% endif %} the secret is empty, or an option or a part of the
            credentials can never work.
    """

    def __init__(
        self,
{%- for argument in client.arguments %}
        {{ argument.name }}: str,
{%- endfor %}
        options: Optional[ClientOptions] = None,
        credentials: Optional[Credentials] = None,
    ) -> None:
{%- for argument in client.arguments %}
        {{ argument.name }} = _arguments.text({{ argument.name }}, "{{ argument.name }}")
{%- endfor %}
        options = None if options is None else _options(options, "options")
        shown = {} if credentials is None else _credentials(credentials, "credentials")._crossing
        native = {{ client.native() }}.in_slices_with(
            {% for argument in client.arguments %}{{ argument.name }}, {% endfor %}options, _NO_WAIT, **shown
        )
        access = native.access()
        # Its calls, and what says which have finished.
        self._native: Optional[tuple[{{ client.native() }}, NativeAccess]] = (native, access)
        self._desk = Desk(access, type(self).__name__)
        # What a description shows.
        self._named = (base_url,{% for id in client.id() %} {{ id.name }}{% endfor %})
        # How much the library knows that the application's log wants to hear.
        self._listening = _logs.NOTHING
        notice = access.notice()
        if notice is not None:
            _logs.notice(notice)

    def close(self) -> None:
        """Closes the connections. Calls that are under way go on; new ones are refused. Closing twice does no harm."""
        self._native = None
        self._desk.close()

    def close_idle(self) -> None:
        """Closes the idle connections. Calls that are under way keep theirs, and the next call opens a new one."""
        self._open()[1].close_idle()

    def stats(self) -> ClientStats:
        """What this client has done so far in this process, in numbers of one moment.

        Calls, attempts, errors by their name, unknown fates, connections, waits for limits, and how long attempts took.
        They are counted whether anybody asks or not.
        """
        return self._open()[1].stats()

    async def __aenter__(self) -> Async{{ client.name }}:
        self._open()
        return self

    async def __aexit__(
        self,
        exc_type: Optional[type[BaseException]],
        exc: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "" if getattr(self, "_native", None) else " (closed)"
        named = ", ".join(map(repr, getattr(self, "_named", (None,))))
        return f"Async{{ client.name }}({named}){state}"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "an Async{{ client.name }} cannot be copied or pickled: the tasks of an event loop can share the same one, and "
            "another process makes its own with Async{{ client.name }}({% for argument in client.arguments %}{% if !loop.first %}, {% endif %}{{ argument.name }}{% endfor %})"
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
        """Sends many messages, several under way at once. {{ bulk.endpoint }}; {{ bulk.servers }}.
{%- if let Some(sender) = client.sender() %}

        The {{ sender }} sends them, whatever sender a request names, and with its own rights.
{%- endif %}

        Each is sent as `send_message` does it, and comes to an outcome of its own: one that fails keeps no other from
        being sent. Those of one conversation go one after the other, in their order. A server that takes no more for
        now slows all of them down together, and one that goes away is waited for, as long as the patience lasts.

        Cancelling ends it at once, as does an exception that the requests or the progress raise: the cause of the
        exception is then an `Interrupted`, whose `outcomes` tell what became of each message.

        Args:
            requests: The messages, perhaps of an asynchronous source. What cannot be sent fails as the outcome of its
                request; what is no `SendRequest`, or has a field of a wrong type, is a TypeError that ends it all.
            options: How many are under way at once, how many a second, what ends it early, whether any order will do,
                and how long a server that takes nothing is waited for.
            progress: Called with how it goes, on the event loop, ten times a second at the most and at the end.

        Returns:
            One outcome a request, in their order: the `SentMessage`, or the `MessageError` that `send_message` would
            have raised. Where it was ended early (`stop_on`) and the requests have no length, those taken so far.
        """
        return await self._bulk(requests, options, progress).collect_all()

    def send_each(
        self,
        requests: Union[Iterable[SendRequest], AsyncIterable[SendRequest]],
        options: Optional[BulkOptions] = None,
        progress: Optional[Callable[[BulkProgress], object]] = None,
    ) -> AsyncGenerator[Union[SentMessage, MessageError], None]:
        """Sends more messages than memory holds, as `send_messages` does, and gives each outcome as it comes.

        Requests are taken only as there is room for them: at most some thousands are ahead of the outcomes. Messages
        go out while you ask for outcomes; `aclose` ends it, and what is under way is then given up.

        Args:
            requests: The messages, perhaps without end, and perhaps of an asynchronous source.
            options: How many are under way at once, how many a second, what ends it early, whether any order will do,
                and how long a server that takes nothing is waited for.
            progress: Called with how it goes, on the event loop, ten times a second at the most.

        Returns:
            One outcome a request, in their order: the `SentMessage`, or the `MessageError` that `send_message` would
            have raised.
        """
        return AsyncOutcomes(self._bulk(requests, options, progress))
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
        """Uploads a file, for a message that is to carry it. {{ asked.endpoint }}; {{ asked.servers }}.

        The server names a store, and the bytes are streamed there; to a back-up store, where the first one does not
        take them. The store is tried as often as `max_attempts` says, all in all. However long it takes, only silence
        ends it: `read_timeout` without a byte either way. Cancelling ends it within a fraction of a second, as does an
        exception of `progress`. A thread of the event loop's default executor waits for it.

        No message is sent by an upload. So none of its errors `may_have_executed`; their `endpoint` is the step that
        failed: `{{ asked.endpoint }}`, `file store` or `backup file store`.

        Args:
            file_name: What the server is told that the file is called.
            data_or_path: The bytes of the file; or where it is on this machine, as a str or a path: then it need not
                fit into memory.
            media_type: What it is, a number of `MediaType`.
            content_type: Such as `image/jpeg`; guessed by the ending of `file_name` when left out.
            progress: Called with how it goes, on the event loop, ten times a second at the most and at the end.

        Returns:
            The URL under which the file is found: what goes into `remote_media_url`.

        Raises:
            InvalidArgument: The file cannot be read, or changed its size while it was read.
        """
        client, access = self._open()
        wanted = self._heed(access)
        file = (file_name, data_or_path, media_type, content_type)
        return await _async_upload.upload(client, access, "{{ asked.endpoint }}", wanted, progress, *file)
{%- endif %}
{%- if let Some(bulk) = client.bulk %}

    def _bulk(self, requests: Any, options: Optional[BulkOptions], progress: Optional[Progress]) -> AsyncBulk:
        client, access = self._open()
        self._heed(access)
        checked = options_of(options, "options")

        def begin(total: Optional[int]) -> NativeBulk:
            return client.begin_bulk(checked, total)

        return AsyncBulk(self._desk, begin, requests, progress)
{%- endif %}

    def _heed(self, access: NativeAccess) -> int:
        """Has the library know how much the application's log wants to hear just now; returns that."""
        wanted = _logs.wanted()
        if wanted != self._listening:
            access.listen_to(wanted)
            self._listening = wanted
        return wanted

    def _open(self) -> tuple[{{ client.native() }}, NativeAccess]:
        if self._native is None:
            raise RuntimeError("this Async{{ client.name }} is closed: make a new one")
        return self._native

    async def _call(self, method: Callable[..., T], argument: object = None) -> T:
        """Calls a method of the native client and awaits its end."""
        client, access = self._open()
        return await self._desk.call(client, method, argument, self._heed(access))  # type: ignore[no-any-return]
