"""A message with its file in one call: looked at, uploaded, sent; and nothing sent where the store fails."""

from __future__ import annotations

import asyncio
import datetime
import inspect
import os
import pickle
import signal
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest

from wildfirechat_message import (
    AsyncMessageClient,
    AsyncRobotClient,
    ClientOptions,
    Conversation,
    Edition,
    FailedAfterUpload,
    Fault,
    FileContent,
    ImageContent,
    Interrupted,
    InvalidArgument,
    InvalidResponse,
    MessageClient,
    MessageError,
    NotSupported,
    Rejected,
    RobotClient,
    Sandbox,
    SentMessage,
    StoreFault,
    TimedOut,
    UploadProgress,
    VideoContent,
    VoiceContent,
    decode_content,
    make_thumbnail,
)

BOB = Conversation.single("bob")
ROBOT = "FireRobot"
SECOND = datetime.timedelta(seconds=1)


def png(width: int, height: int) -> bytes:
    """A grey picture."""

    def part(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = b"".join(b"\0" + bytes([90]) * width for _ in range(height))
    head = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def mp4(seconds: int) -> bytes:
    """A video without a picture in it."""

    def part(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body) + 8) + name + body

    header = bytes(12) + struct.pack(">II", 1000, seconds * 1000) + bytes(80)
    return part(b"ftyp", b"isom\0\0\0\0isommp42") + part(b"moov", part(b"mvhd", header)) + part(b"mdat", bytes(99))


def amr(seconds: int) -> bytes:
    """Silence."""
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * (seconds * 50)


# Of each kind of file: the method's end, a file, its name, what phones get of it.
KINDS: list[tuple[str, bytes, str, Callable[[str], Any]]] = [
    ("image", png(300, 200), "a.png", lambda url: ImageContent(url, make_thumbnail(png(300, 200)), 300, 200)),
    ("file", b"words", "a.txt", lambda url: FileContent("a.txt", 5, url)),
    ("video", mp4(3), "a.mp4", lambda url: VideoContent(url, 3)),
    ("voice", amr(2), "a.amr", lambda url: VoiceContent(url, 2)),
]


class World:
    """A server with a robot, and a client of each kind."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        sandbox.set_robot(ROBOT, "its secret")
        options = ClientOptions(read_timeout=SECOND / 2, retry_pause=SECOND / 1000, max_attempts=1)
        self.client = MessageClient(sandbox.base_url, sandbox.secret, options)
        self.robot = RobotClient(sandbox.base_url, ROBOT, "its secret", options)
        self.coroutines = AsyncMessageClient(sandbox.base_url, sandbox.secret, options)
        self.robot_of_coroutines = AsyncRobotClient(sandbox.base_url, ROBOT, "its secret", options)

    def send(self, who: str, kind: str, *file: Any, **more: Any) -> SentMessage:
        """One call of one of the clients."""
        client = getattr(self, who)
        sender = {} if "robot" in who else {"sender": "ann"}
        outcome = getattr(client, f"send_{kind}")(*sender.values(), BOB, *file, **more)
        if not inspect.iscoroutine(outcome):
            return outcome  # type: ignore[no-any-return]

        async def awaited() -> SentMessage:
            return await outcome  # type: ignore[no-any-return]

        return asyncio.run(awaited())

    def sends(self) -> int:
        """How many requests were sends."""
        return sum(request.path.endswith("/message/send") for request in self.sandbox.requests())


@pytest.fixture
def world() -> Iterator[World]:
    with Sandbox() as sandbox:
        yield World(sandbox)


WHO = ["client", "robot", "coroutines", "robot_of_coroutines"]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("kind", "data", "name", "content"), KINDS, ids=[kind for kind, *_ in KINDS])
def test_a_file_is_uploaded_and_sent_with_what_phones_show_of_it(
    world: World, tmp_path: Path, who: str, kind: str, data: bytes, name: str, content: Callable[[str], Any]
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    told: list[UploadProgress] = []
    for given in [(path,), (str(path),), (data, name), (bytearray(data), name)]:
        sent = world.send(who, kind, *given, progress=told.append)
        message = world.client.get_message(sent.message_uid)
        stored = world.sandbox.files()[-1]
        assert decode_content(message.payload) == content(stored.url)
        assert (message.sender, stored.data, stored.file_name) == (ROBOT if "robot" in who else "ann", data, name)
        assert told[-1].sent == len(data)


@pytest.mark.parametrize("who", WHO)
def test_what_is_given_goes_before_what_the_file_says(world: World, who: str) -> None:
    sent = world.send(who, "video", mp4(3), duration=61, thumbnail=png(400, 300))
    content = decode_content(world.client.get_message(sent.message_uid).payload)
    assert content == VideoContent(world.sandbox.files()[-1].url, 61, make_thumbnail(png(400, 300)))
    assert world.sandbox.files()[-1].file_name == "video.mp4"
    sent = world.send(who, "voice", amr(2), duration=7)
    content = decode_content(world.client.get_message(sent.message_uid).payload)
    assert content == VoiceContent(world.sandbox.files()[-1].url, 7)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("kind", "data", "name"), [kind[:3] for kind in KINDS], ids=[kind for kind, *_ in KINDS])
def test_where_the_store_fails_no_message_is_sent(world: World, who: str, kind: str, data: bytes, name: str) -> None:
    failures: list[tuple[StoreFault, type[MessageError]]] = [
        (StoreFault.FORBIDDEN, Rejected),
        (StoreFault.CUT_IN_BODY, MessageError),
        (StoreFault.NEVER_ANSWER, TimedOut),
        (StoreFault.INTERNAL_ERROR, InvalidResponse),
    ]
    for fault, expected in failures:
        world.sandbox.fail_store(fault, 1)
        with pytest.raises(expected) as caught:
            world.send(who, kind, data, name)
        assert caught.value.endpoint == "file store"  # type: ignore[attr-defined]
        assert not caught.value.may_have_executed
        assert not isinstance(caught.value, FailedAfterUpload)
        world.sandbox.stop_failing()
    assert world.sends() == 0


@pytest.mark.parametrize("who", WHO)
def test_a_send_that_fails_says_where_the_file_is_and_a_retry_uploads_nothing(world: World, who: str) -> None:
    endpoint = "robot/message/send" if "robot" in who else "message/send"
    for fault, kind, code, doubt in [
        (Fault.AUTH_FAILURE, "Unauthorized", 244, False),
        (Fault.SERVER_TIMEOUT, "Rejected", 249, True),
        (Fault.CLOSE_AFTER_EXECUTING, "ConnectionLost", None, True),
    ]:
        world.sandbox.fail_next(fault, endpoint=endpoint)
        with pytest.raises(FailedAfterUpload) as caught:
            world.send(who, "file", b"words", "a.txt")
        error = caught.value
        assert (error.endpoint, error.kind, error.code, error.attempts) == (endpoint, kind, code, 1)
        assert error.sent is doubt
        assert error.may_have_executed is doubt
        assert error.remote_media_url == world.sandbox.files()[-1].url
        assert str(error) == f"{error.reason}; the file has been uploaded, and remote_media_url says where it is"
        copied = pickle.loads(pickle.dumps(error))
        assert (type(copied), vars(copied), str(copied)) == (FailedAfterUpload, vars(error), str(error))
        uploads = len(world.sandbox.store_requests())
        sent = world.send(who, "file", b"words", "a.txt", remote_media_url=error.remote_media_url)
        assert world.client.get_message(sent.message_uid).payload.remote_media_url == error.remote_media_url
        assert len(world.sandbox.store_requests()) == uploads


@pytest.mark.parametrize("who", WHO)
def test_what_can_never_be_sent_is_refused_by_its_name_before_anything_is_sent(
    world: World, tmp_path: Path, who: str
) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    refused: list[tuple[str, tuple[Any, ...], dict[str, Any], str, str]] = [
        ("image", (b"words",), {}, "data", "it has an unknown format: it must be JPEG, PNG, WebP or GIF"),
        ("image", (mp4(1),), {}, "data", "it is not an image: its first bytes are those of video/mp4"),
        ("file", (b"words",), {}, "file_name", "it is missing: bytes in memory have no name"),
        ("file", (empty,), {}, "path", "it has no bytes"),
        ("file", (tmp_path / "nothing",), {}, "path", "it cannot be read: No such file"),
        ("file", ("a\udcff",), {}, "data_or_path", "it has a lone surrogate"),
        ("video", (png(1, 1),), {}, "data", "it is not a video: its first bytes are those of image/png"),
        ("video", (mp4(1),), {"thumbnail": b"x"}, "thumbnail", "it has an unknown format"),
        ("voice", (amr(1),), {"duration": -1}, "duration", "-1 is below 0"),
        ("voice", (b"x", "a.txt"), {}, "data", "neither its first bytes nor the ending of its name"),
        ("voice", (amr(1),), {"remote_media_url": ""}, "remote_media_url", "it is empty"),
    ]
    for kind, file, more, argument, reason in refused:
        with pytest.raises(InvalidArgument) as caught:
            world.send(who, kind, *file, **more)
        assert caught.value.argument == argument
        assert caught.value.reason.startswith(reason), caught.value
    of_a_wrong_type: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
        ("file", (4711,), {}),
        ("file", (None,), {}),
        ("file", (b"words", 5), {}),
        ("voice", (amr(1),), {"duration": "1"}),
        ("voice", (amr(1),), {"progress": 5}),
    ]
    for kind, file, more in of_a_wrong_type:
        with pytest.raises(TypeError):
            world.send(who, kind, *file, **more)
    assert world.sandbox.requests() == []
    assert world.sandbox.store_requests() == []


def test_a_community_server_has_no_files() -> None:
    with Sandbox(edition=Edition.COMMUNITY) as sandbox:
        with pytest.raises(NotSupported) as caught:
            MessageClient(sandbox.base_url, sandbox.secret).send_file("ann", BOB, b"words", "a.txt")
        assert caught.value.endpoint == "oss/get_upload_url"


@pytest.mark.skipif(not hasattr(signal, "SIGINT") or os.name == "nt", reason="it needs signals")
@pytest.mark.parametrize("step", ["oss/get_upload_url", "file store", "message/send"])
def test_ctrl_c_ends_it_in_each_step_and_nothing_goes_out_any_more(world: World, step: str) -> None:
    options = ClientOptions(read_timeout=SECOND * 60)
    client = MessageClient(world.sandbox.base_url, world.sandbox.secret, options)
    if step == "file store":
        world.sandbox.fail_store(StoreFault.NEVER_ANSWER, 1, SECOND * 60)
    else:
        world.sandbox.fail_next(Fault.NEVER_ANSWER, endpoint=step, delay=SECOND * 60)

    def is_there() -> bool:
        if step == "file store":
            return bool(world.sandbox.store_requests())
        return any(request.path.endswith(step) for request in world.sandbox.requests())

    def interrupt() -> None:
        while not is_there():
            time.sleep(0.01)
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt) as caught:
        client.send_file("ann", BOB, b"words", "a.txt")
    fate = Interrupted.of(caught.value)
    assert fate is not None
    assert fate.endpoint == step
    assert fate.may_have_executed is (step == "message/send")
    if step != "message/send":
        assert world.sends() == 0


@pytest.mark.parametrize("step", ["oss/get_upload_url", "file store", "message/send"])
def test_a_cancelled_task_ends_it_in_each_step(world: World, step: str) -> None:
    options = ClientOptions(read_timeout=SECOND * 60)
    client = AsyncMessageClient(world.sandbox.base_url, world.sandbox.secret, options)
    if step == "file store":
        world.sandbox.fail_store(StoreFault.NEVER_ANSWER, 1, SECOND * 60)
    else:
        world.sandbox.fail_next(Fault.NEVER_ANSWER, endpoint=step, delay=SECOND * 60)

    async def cancelled() -> BaseException:
        task = asyncio.ensure_future(client.send_file("ann", BOB, b"words", "a.txt"))
        while not (
            world.sandbox.store_requests()
            if step == "file store"
            else any(request.path.endswith(step) for request in world.sandbox.requests())
        ):
            await asyncio.sleep(0.01)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError as stop:
            return stop
        raise AssertionError("it was not cancelled")

    fate = Interrupted.of(asyncio.run(cancelled()))
    assert fate is not None
    assert fate.endpoint == step
    assert fate.may_have_executed is (step == "message/send")


def test_an_exception_of_the_progress_ends_it(world: World) -> None:
    def stop(_: UploadProgress) -> None:
        raise LookupError("enough")

    with pytest.raises(LookupError):
        world.client.send_file("ann", BOB, bytes(3_000_000), "a.bin", progress=stop)
    assert world.sends() == 0
