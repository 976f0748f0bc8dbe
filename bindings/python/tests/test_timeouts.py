"""Each time-out measures what its name says: silence, connecting, the whole. Slow data is not silence."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest

from wildfirechat_message import (
    ClientOptions,
    Conversation,
    ImportedMessage,
    MessageClient,
    MessagePayload,
    SentMessage,
    TimedOut,
    Unreachable,
)

UID = 588582842607370241
BODY = json.dumps({"code": 0, "msg": "success", "result": {"messageUid": UID, "timestamp": 5}})
ANSWER = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n{BODY}".encode()


def read_request(connection: Any, piece: int = 65536, pause: float = 0.0) -> None:
    """Reads a whole request, so many bytes at once."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += connection.recv(piece)
    head, _, body = read.partition(b"\r\n\r\n")
    (length,) = (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    left = length - len(body)
    while left > 0:
        left -= len(connection.recv(min(piece, left)))
        time.sleep(pause)


@contextlib.contextmanager
def server(
    answer: Callable[[Any], None], prepare: Callable[[socket.socket], Any] = lambda each: each, buffer: int = 0
) -> Iterator[int]:
    """A server of raw sockets; gives its port."""
    with socket.socket() as listener:
        if buffer:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            with contextlib.suppress(OSError), listener.accept()[0] as accepted, prepare(accepted) as connection:
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def send(url: str, options: ClientOptions) -> SentMessage:
    with MessageClient(url, "123456", options) as client:
        return client.send_message("admin", Conversation.single("u1"), MessagePayload.text("hi"))


def drip(connection: Any) -> None:
    read_request(connection)
    for at in range(0, len(ANSWER), 12):
        connection.sendall(ANSWER[at : at + 12])
        time.sleep(0.12)


def test_an_answer_that_trickles_in_head_and_body_is_no_silence() -> None:
    with server(drip) as port:
        begun = time.monotonic()
        assert send(f"http://127.0.0.1:{port}", ClientOptions(read_timeout=0.6)).message_uid == UID
        assert time.monotonic() - begun > 1, "it took longer than the silence that is allowed"


def test_an_answer_that_trickles_in_ends_with_the_total_time() -> None:
    with server(drip) as port, pytest.raises(TimedOut) as info:
        send(f"http://127.0.0.1:{port}", ClientOptions(read_timeout=0.6, total_timeout=0.8, max_attempts=1))
    assert info.value.elapsed < datetime.timedelta(seconds=1.5)


def test_an_upload_over_a_slow_line_is_no_silence() -> None:
    def slowly(connection: Any) -> None:
        read_request(connection, piece=16384, pause=0.02)
        connection.sendall(b'HTTP/1.1 200 OK\r\ncontent-length: 27\r\n\r\n{"code":0,"msg":"success"} ')

    many = [ImportedMessage("u1", Conversation.group("g1"), MessagePayload.text("x" * 30_000), 5)] * 60
    with server(slowly, buffer=8192) as port:
        options = ClientOptions(read_timeout=0.7, total_timeout=30, max_attempts=1)
        with MessageClient(f"http://127.0.0.1:{port}", "123456", options) as client:
            begun = time.monotonic()
            client.import_messages(many)
            assert time.monotonic() - begun > 1, "it took longer than the silence that is allowed"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority (ca.pem), and a server's certificate and key (server.pem, server.key)."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not there, which makes the certificates")
    folder = tmp_path_factory.mktemp("certificates")
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    authority = ["-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"]
    mine = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE"]
    issued = ["-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "server.key", "-out", "server.pem"]
    for arguments in (authority, mine + issued):
        subprocess.run([*new, *arguments], cwd=folder, check=True, capture_output=True)
    return folder


def late_tls(folder: Path, pause: float) -> Callable[[socket.socket], Any]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")

    def prepare(connection: socket.socket) -> Any:
        time.sleep(pause)
        return context.wrap_socket(connection, server_side=True)

    return prepare


def answer(connection: Any) -> None:
    read_request(connection)
    connection.sendall(ANSWER)


def test_a_slow_handshake_is_bounded_by_the_time_to_connect_alone(certificates: Path) -> None:
    trusted = (certificates / "ca.pem").read_text("ascii")
    options = ClientOptions(read_timeout=0.3, connect_timeout=5, root_certificates=trusted)
    with server(answer, late_tls(certificates, 1)) as port:
        assert send(f"https://localhost:{port}", options).message_uid == UID
    hasty = ClientOptions(read_timeout=5, connect_timeout=0.3, root_certificates=trusted, max_attempts=1)
    with server(answer, late_tls(certificates, 1)) as port, pytest.raises(Unreachable):
        send(f"https://localhost:{port}", hasty)


STOPPED = """
import sys
from wildfirechat_message import ClientOptions, Conversation, MessageClient, MessagePayload
client = MessageClient(sys.argv[1], "123456", ClientOptions(read_timeout=1, total_timeout=1.5, max_attempts=1))
print("ready", flush=True)
print(client.send_message("admin", Conversation.single("u1"), MessagePayload.text("hi")).message_uid)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process cannot be stopped here")
def test_a_process_that_stood_still_reads_the_answer_that_came_meanwhile() -> None:
    has_come = threading.Event()

    def later(connection: Any) -> None:
        read_request(connection)
        has_come.set()
        time.sleep(0.5)
        connection.sendall(ANSWER)

    with server(later) as port:
        command = [sys.executable, "-I", "-c", STOPPED, f"http://127.0.0.1:{port}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            assert has_come.wait(10)
            os.kill(process.pid, signal.SIGSTOP)
            time.sleep(2.5)
            os.kill(process.pid, signal.SIGCONT)
            assert process.communicate(timeout=10)[0] == f"{UID}\n"
