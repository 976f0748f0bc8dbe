"""`{{ client.name }}`, with the arguments, defaults and waits of Python over the native client.

Its calls are generated from the methods of the Rust client and the records that they take.
"""

from __future__ import annotations

import datetime
{% if client.upload.is_some() %}import os
{% endif %}from collections.abc import {% if client.bulk.is_some() %}Generator, {% endif %}Iterable
from types import TracebackType
from typing import Callable, NoReturn, Optional, TypeVar, Union

from . import _arguments, _logs{% if client.upload.is_some() %}, _upload{% endif %}
{% if client.bulk.is_some() %}from ._bulk import Bulk, Outcomes, Progress, options_of
{% endif %}from ._calls import Call, waited_for
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

T = TypeVar("T")

# How long the native library waits before it lets Python look for Ctrl-C.
_SLICE = datetime.timedelta(milliseconds=100)

_packed = _arguments.packed
_options = _arguments.instance_of(ClientOptions)
_credentials = _arguments.instance_of(Credentials)


class {{ client.name }}:
    """{{ client.intro }}
{%- for line in docs %}
{% if line != "" %}    {{ line }}{% endif %}
{%- endfor %}

    Its methods block until the answer is there, a time-out is over, or the call failed: they raise a `MessageError`.
    Ctrl-C ends a waiting call within a fraction of a second; `Interrupted.of` finds in the KeyboardInterrupt what is
    known of the call, its answer too where it was there already. A client may be used from many threads at once and is
    cheap to share. Making one opens nothing; many for different servers live side by side. In a `with` block, or by
    `close`, it lets its connections go.

    The methods that only professional servers have raise `NotSupported` on a community server.

    The logger `wildfirechat_message` hears of calls: at DEBUG how each ended, at INFO that one was tried again, as a
    WARNING that nobody knows whether the server executed it; what a line says stands as attributes in its record too,
    `wildfirechat_endpoint` and others. Nothing is paid where nobody listens. A client that speaks plain http to another
    machine says so once for a server in a process, as a warning.

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
            {% for argument in client.arguments %}{{ argument.name }}, {% endfor %}options, _SLICE, **shown
        )
        # Its calls, and what they are waited with: who closes it lets both go in one step.
        self._native: Optional[tuple[{{ client.native() }}, NativeAccess]] = (native, native.access())
        # What a description shows.
        self._named = (base_url,{% for id in client.id() %} {{ id.name }}{% endfor %})
        # How much the library knows that the application's log wants to hear.
        self._listening = _logs.NOTHING
        notice = self._native[1].notice()
        if notice is not None:
            _logs.notice(notice)

    def close(self) -> None:
        """Lets the connections go. Calls under way in other threads go on; new ones are refused. Twice does no harm."""
        self._native = None

    def close_idle(self) -> None:
        """Closes the connections that lie idle. Calls under way keep theirs, and the next call makes a new one.

        An idle client does nothing by itself: what is idle stays open until the next call, which closes what is older
        than `pool_idle_timeout`, or until this. Worth a line after the last message of a while, or before a fork.
        """
        self._open()[1].close_idle()

    def stats(self) -> ClientStats:
        """What this client has done so far in this process, in numbers of one moment.

        Calls, attempts, errors by their name, unknown fates, connections, waits for limits, and how long attempts took.
        They are counted whether anybody asks or not.
        """
        return self._open()[1].stats()

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

    def __repr__(self) -> str:
        state = "" if getattr(self, "_native", None) else " (closed)"
        named = ", ".join(map(repr, getattr(self, "_named", (None,))))
        return f"{{ client.name }}({named}){state}"

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
        """Sends many messages, several under way at once. {{ bulk.endpoint }}; {{ bulk.servers }}.
{%- if let Some(sender) = client.sender() %}

        The {{ sender }} sends them, whatever sender a request names, and with its own rights.
{%- endif %}

        Each is sent as `send_message` does it, and comes to an outcome of its own: one that fails keeps no other from
        being sent. Those of one conversation go one after the other, in their order. A server that accepts no more
        for now slows all of them down together, and one that goes away is waited for, as long as the patience lasts.

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
        self._heed(access)
        names = _arguments.items(receivers, "receivers")
        request = MulticastEach(sender, names, payload_of(payload, extras), line, size)
        checked = options_of(options, "options")
        native = calls.begin_multicasts(_arguments.record(request), checked)
        # In one step: an interrupt between two would lose what is known.
        return waited_for(Multicasts(native))  # type: ignore[no-any-return]
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
        """Uploads a file, for a message that is to carry it. {{ asked.endpoint }}; {{ asked.servers }}.

        The server names a store, and the bytes are streamed there; to a back-up store, where the first one does not
        take them. The store is tried as often as `max_attempts` says, all in all. However long it takes, only silence
        ends it: `read_timeout` without a byte either way. Ctrl-C ends it within a fraction of a second, as does an
        exception of `progress`.

        No message is sent by an upload. So none of its errors `may_have_executed`; their `endpoint` is the step that
        failed: `{{ asked.endpoint }}`, `file store` or `backup file store`.

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
        client, access = self._open()
        wanted = self._heed(access)
        native = _upload.begin(client, file_name, data_or_path, media_type, content_type)
        try:
            # In one step: an interrupt between two would lose it.
            return waited_for(_upload.Upload(native, progress, access, wanted, "{{ asked.endpoint }}"))  # type: ignore[no-any-return]
        except MessageError as error:
            error.__traceback__ = None
            raise error
{%- endif %}
{%- if let Some(bulk) = client.bulk %}

    def _bulk(
        self, requests: Iterable[SendRequest], options: Optional[BulkOptions], progress: Optional[Progress]
    ) -> Bulk:
        client, access = self._open()
        self._heed(access)
        checked = options_of(options, "options")

        def begin(total: Optional[int]) -> NativeBulk:
            return client.begin_bulk(checked, total)

        return Bulk(begin, requests, progress)
{%- endif %}

    def _heed(self, access: NativeAccess) -> int:
        """Has the library know how much the application's log wants to hear just now; gives that."""
        wanted = _logs.wanted()
        if wanted != self._listening:
            access.listen_to(wanted)
            self._listening = wanted
        return wanted

    def _open(self) -> tuple[{{ client.native() }}, NativeAccess]:
        if self._native is None:
            raise RuntimeError("this {{ client.name }} is closed: make a new one")
        return self._native

    def _call(self, method: Callable[..., T], argument: object = None) -> T:
        """Calls a method of the native client and waits until it is through."""
        client, access = self._open()
        call = Call(client, access, method, argument, self._heed(access))
        try:
            # In one step: an interrupt between two would lose it.
            return waited_for(call)  # type: ignore[no-any-return]
        except MessageError as error:
            # The frames of the waiting would only lengthen the traceback.
            error.__traceback__ = None
            raise error
