"""Uploads of bytes or of a file: they arrive whole or not at all, and can be ended at any moment."""

from __future__ import annotations

import datetime
import hashlib
import os
import pickle
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wildfirechat_message import (
    ClientOptions,
    ConnectionLost,
    Edition,
    Fault,
    Interrupted,
    InvalidArgument,
    InvalidResponse,
    MediaType,
    MessageClient,
    MessageError,
    NotSupported,
    Rejected,
    Sandbox,
    StoreFault,
    StoreKind,
    TimedOut,
    Unreachable,
    UploadProgress,
)

from processes import run

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell how much memory was used")

SIZE = 700_001
BYTES = hashlib.shake_128(b"bytes that are not all alike").digest(SIZE)
SECOND = datetime.timedelta(seconds=1)


@pytest.fixture(params=list(StoreKind), ids=lambda kind: kind.name)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(store=request.param) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> MessageClient:
    options = ClientOptions(read_timeout=SECOND / 4, retry_pause=SECOND / 1000)
    return MessageClient(sandbox.base_url, sandbox.secret, options)


@pytest.mark.parametrize(
    "data",
    [BYTES, bytearray(BYTES), memoryview(BYTES), memoryview(BYTES * 2)[::2], b"", memoryview(b"abcd").cast("H")],
    ids=["bytes", "bytearray", "memoryview", "scattered", "nothing", "of shorts"],
)
def test_bytes_come_whole_and_can_be_fetched(sandbox: Sandbox, client: MessageClient, data: Any) -> None:
    url = client.upload("照片 1.jpg", data, MediaType.IMAGE)
    (file,) = sandbox.files()
    assert (file.url, file.file_name, file.media_type, file.content_type) == (url, "照片 1.jpg", 1, "image/jpeg")
    expected = bytes(data)
    assert (file.size, file.sha1, file.data) == (len(expected), hashlib.sha1(expected).hexdigest(), expected)
    with urllib.request.urlopen(url) as fetched:
        assert fetched.read() == expected


@pytest.mark.parametrize("form", [str, Path], ids=["str", "Path"])
def test_a_file_comes_whole_under_the_name_that_is_given(
    sandbox: Sandbox, client: MessageClient, tmp_path: Path, form: Any
) -> None:
    path = tmp_path / "another name 😀.bin"
    path.write_bytes(BYTES)
    client.upload("clip.mp4", form(path), MediaType.VIDEO, content_type="video/x-own")
    (file,) = sandbox.files()
    assert (file.file_name, file.content_type, file.data) == ("clip.mp4", "video/x-own", BYTES)
    assert len(sandbox.requests()) == 1
    assert len(sandbox.store_requests()) == 1


@pytest.mark.parametrize(
    ("arguments", "argument", "reason"),
    [
        (("", b"x", 0), "file_name", "it is empty"),
        (("a\ud800", b"x", 0), "file_name", "it has a lone surrogate at index 1, which UTF-8 cannot hold"),
        (("a", b"x", -1), "media_type", "-1 is not a media type: it must be 0 or more"),
        (("a", b"x", 1 << 31), "media_type", "it does not fit into 32 bits"),
        (("a", b"x", 0, "jpeg"), "content_type", "it is not a content type such as image/jpeg"),
        (("a", "", 0), "path", "it is empty"),
        (("a", "/nowhere/at all", 0), "path", "it cannot be read: No such file or directory (os error 2)"),
        (("a", os.curdir, 0), "path", "it is a directory"),
    ],
)
def test_what_can_never_work_is_refused_before_anything_is_sent(
    sandbox: Sandbox, client: MessageClient, arguments: Any, argument: str, reason: str
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        client.upload(*arguments)
    assert (caught.value.argument, caught.value.reason) == (argument, reason)
    assert sandbox.requests() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1, b"x", 0), "file_name must be str, not int"),
        (("a", None, 0), "data_or_path must be bytes, str or os.PathLike, not None"),
        (("a", 7, 0), "data_or_path must be bytes, str or os.PathLike, not int"),
        (("a", b"x", "image"), "media_type must be int, not str"),
        (("a", b"x", 0, 5), "content_type must be str, not int"),
    ],
)
def test_a_value_of_another_type_is_a_type_error(client: MessageClient, arguments: Any, words: str) -> None:
    with pytest.raises(TypeError) as caught:
        client.upload(*arguments)
    assert str(caught.value) == words


def test_progress_that_cannot_be_called_is_a_type_error(sandbox: Sandbox, client: MessageClient) -> None:
    with pytest.raises(TypeError, match="progress must be a function, not int"):
        client.upload("a", b"x", 0, progress=5)  # type: ignore[arg-type]
    assert sandbox.requests() == []


def test_a_community_server_has_no_files() -> None:
    with Sandbox(edition=Edition.COMMUNITY) as sandbox, pytest.raises(NotSupported) as caught:
        MessageClient(sandbox.base_url, "123456").upload("a", b"x", 0)
    assert caught.value.endpoint == "oss/get_upload_url"


def test_a_file_that_is_cut_in_the_middle_is_brought_to_the_back_up_store(
    sandbox: Sandbox, client: MessageClient
) -> None:
    told: list[UploadProgress] = []
    sandbox.fail_store(StoreFault.CUT_IN_BODY)
    client.upload("a.bin", BYTES, 0, progress=told.append)
    assert [file.data for file in sandbox.files()] == [BYTES]
    assert told[-1] == UploadProgress(SIZE, SIZE, 2)
    first, second = (request.path for request in sandbox.store_requests())
    assert not first.startswith("/backup-store")
    assert second.startswith("/backup-store")


@pytest.mark.parametrize(
    ("fault", "kind", "endpoint", "attempts"),
    [
        (StoreFault.REFUSE, Unreachable, "file store", 3),
        (StoreFault.CUT_IN_BODY, ConnectionLost, "file store", 3),
        (StoreFault.NEVER_ANSWER, TimedOut, "file store", 3),
        (StoreFault.HTML_ANSWER, InvalidResponse, "file store", 3),
        (StoreFault.FORBIDDEN, Rejected, "backup file store", 2),
        (StoreFault.REDIRECT, InvalidResponse, "backup file store", 2),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_an_error_names_the_step_and_no_message_was_sent(
    sandbox: Sandbox, client: MessageClient, fault: StoreFault, kind: type[Any], endpoint: str, attempts: int
) -> None:
    sandbox.fail_store(fault, times=9)
    with pytest.raises(kind) as caught:
        client.upload("a.bin", b"few bytes", 0)
    error = caught.value
    assert (error.endpoint, error.attempts, error.may_have_executed) == (endpoint, attempts, False)
    assert str(error).startswith(f"{endpoint}: ")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert sandbox.files() == []


def test_progress_grows_in_this_thread_and_is_told_at_the_end(sandbox: Sandbox, client: MessageClient) -> None:
    told: list[tuple[float, UploadProgress]] = []

    def progress(now: UploadProgress) -> None:
        assert threading.current_thread() is threading.main_thread()
        told.append((time.monotonic(), now))

    sandbox.fail_store(StoreFault.SLOW_READING, delay=SECOND / 500)
    client.upload("a.bin", BYTES * 15, 0, progress=progress)
    sent = [now.sent for _, now in told]
    assert len(sent) > 3
    assert sorted(set(sent)) == sent
    assert sent[-1] == told[-1][1].total == 15 * SIZE
    assert all(later - earlier > 0.09 for (earlier, _), (later, _) in zip(told[:-2], told[1:-1]))


def test_what_progress_raises_ends_it(sandbox: Sandbox, client: MessageClient) -> None:
    def progress(now: UploadProgress) -> None:
        if now.sent:
            raise KeyError("enough")

    sandbox.fail_store(StoreFault.SLOW_READING, delay=SECOND / 100)
    with pytest.raises(KeyError, match="enough") as caught:
        client.upload("a.bin", BYTES * 20, 0, progress=progress)
    interrupted = caught.value.__cause__
    assert isinstance(interrupted, Interrupted)
    assert (interrupted.endpoint, interrupted.sent, interrupted.may_have_executed) == ("file store", True, False)
    time.sleep(0.2)
    assert sandbox.files() == []


@pytest.mark.skipif(os.name != "posix", reason="the signals of this system cannot be sent from here")
@pytest.mark.parametrize("step", ["oss/get_upload_url", "file store"])
def test_ctrl_c_ends_it_at_once(sandbox: Sandbox, step: str) -> None:
    client = MessageClient(sandbox.base_url, sandbox.secret)
    if step == "file store":
        sandbox.fail_store(StoreFault.NEVER_ANSWER)
    else:
        sandbox.fail_next(Fault.NEVER_ANSWER)
    pressed: list[float] = []

    def press() -> None:
        pressed.append(time.monotonic())
        signal.raise_signal(signal.SIGINT)

    threading.Timer(0.3, press).start()
    with pytest.raises(KeyboardInterrupt) as caught:
        client.upload("a.bin", BYTES, 0)
    # Nothing else would end it before half a minute has passed.
    assert time.monotonic() - pressed[0] < 5
    assert isinstance(caught.value.__cause__, Interrupted)
    assert caught.value.__cause__.endpoint == step


def test_a_file_that_shrinks_is_not_stored(sandbox: Sandbox, client: MessageClient, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(BYTES * 15)
    sandbox.fail_store(StoreFault.SLOW_READING, delay=SECOND / 200)

    def shrink(_: UploadProgress) -> None:
        os.truncate(path, 10)

    with pytest.raises(InvalidArgument, match="its size changed while it was read, from 10500015 to 10 bytes"):
        client.upload("a.log", path, 0, progress=shrink)
    assert sandbox.files() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_in_the_middle_does_no_harm(sandbox: Sandbox, client: MessageClient) -> None:
    children: list[int] = []

    def progress(now: UploadProgress) -> None:
        if now.sent and not children:
            child = os.fork()
            if not child:
                # It ends what it has a copy of, as by an exception, and uploads by itself.
                raise ChildProcessError
            children.append(child)

    sandbox.fail_store(StoreFault.SLOW_READING, delay=SECOND / 500)
    try:
        client.upload("parents.bin", BYTES * 10, 0, progress=progress)
    except ChildProcessError as error:
        status = 1
        try:
            client.upload("childs.bin", BYTES, 0)
            status = 0 if error.__cause__ is None else 2
        finally:
            os._exit(status)
    assert os.waitpid(children[0], 0)[1] == 0
    assert sorted((file.file_name, file.size) for file in sandbox.files()) == [
        ("childs.bin", SIZE),
        ("parents.bin", 10 * SIZE),
    ]


def test_sixteen_threads_upload_at_once(sandbox: Sandbox, client: MessageClient) -> None:
    def upload(number: int) -> None:
        for _ in range(3):
            client.upload(f"{number}.txt", str(number).encode() * 1000, 0)

    threads = [threading.Thread(target=upload, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    files = sandbox.files()
    assert len(files) == 48
    assert all(file.data == file.file_name[:-4].encode() * 1000 for file in files)


def test_a_file_that_is_too_large_to_be_kept_has_its_size_and_its_digest(
    sandbox: Sandbox, client: MessageClient
) -> None:
    data = bytes(16 * 1024 * 1024 + 1)
    url = client.upload("a", data, 0)
    (file,) = sandbox.files()
    assert (file.size, file.sha1, file.data) == (len(data), hashlib.sha1(data).hexdigest(), None)
    with pytest.raises(urllib.error.HTTPError, match="410") as gone:
        urllib.request.urlopen(url)
    gone.value.close()


def test_a_closed_client_uploads_nothing(sandbox: Sandbox, client: MessageClient) -> None:
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.upload("a", b"x", 0)
    assert sandbox.requests() == []


def test_the_sandbox_refuses_what_it_cannot_do() -> None:
    with Sandbox() as sandbox:
        with pytest.raises(TypeError, match="fault must be StoreFault, not Fault"):
            sandbox.fail_store(Fault.REFUSE)  # type: ignore[arg-type]
        with pytest.raises(Exception, match="times 0 is below 1"):
            sandbox.fail_store(StoreFault.REFUSE, times=0)
    with pytest.raises(TypeError, match="store must be StoreKind, not int"):
        Sandbox(store=1)  # type: ignore[arg-type]


# The most memory that a process had, in KiB. (getrusage would tell that of the process it was forked from.)
PEAK = """
def peak():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
"""

A_LARGE_FILE = """
import sys, time
from wildfirechat_message import MessageClient, Sandbox, StoreFault

size, path = 200_000_000, sys.argv[1]
with open(path, "wb") as file:
    for _ in range(200):
        file.write(bytes(range(250)) * 4000)

with Sandbox() as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
    client.upload("warm.bin", b"up" * 500_000, 4)
    sandbox.fail_store(StoreFault.CUT_IN_BODY)
    before, begun = peak(), time.perf_counter()
    client.upload("large.bin", path, 4)
    seconds = time.perf_counter() - begun
    file = sandbox.files()[-1]
    assert (file.size, len(sandbox.store_requests())) == (size, 3), sandbox.store_requests()
    print(peak() - before, round(seconds, 1))
"""


@on_linux
def test_a_large_file_that_is_cut_once_needs_little_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = run(PEAK + A_LARGE_FILE, str(tmp_path / "large.bin"), seconds=240)
    assert done.returncode == 0, done.stderr
    grown, seconds = done.stdout.split()
    with capsys.disabled():
        print(f"\nmeasured: 200 MB uploaded, cut once: {seconds} s, {grown} KiB more memory at the most")
    assert int(grown) < 12 * 1024


@on_linux
def test_bytes_in_memory_are_copied_once() -> None:
    program = """
from wildfirechat_message import MessageClient, Sandbox
with Sandbox() as sandbox, MessageClient(sandbox.base_url, sandbox.secret) as client:
    client.upload("warm.bin", b"up" * 500_000, 4)
    data = bytes(range(250)) * 200_000
    before = peak()
    client.upload("large.bin", data, 4)
    print(peak() - before)
"""
    done = run(PEAK + program, seconds=120)
    assert done.returncode == 0, done.stderr
    # 50 MB, which the sandbox does not keep.
    assert 40_000 < int(done.stdout) < 75_000


def test_an_upload_error_is_a_message_error_like_every_other(client: MessageClient) -> None:
    with pytest.raises(MessageError):
        client.upload("", b"", 0)
