"""The measurements in Python: ours, and the HTTP clients that one would take otherwise.

Everybody does the same work: a body from typed values, a signature of its own, one POST on a connection that is kept,
the answer read, the code checked, typed values out.

    python bench.py URL --workloads sequential,bulk --rounds 5 --seconds 2
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import dataclasses
import functools
import hashlib
import http.client
import importlib.metadata
import io
import json
import platform
import secrets
import statistics
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Any, Callable
from urllib.parse import urlsplit

import aiohttp
import httpx
import pycurl
import requests
import urllib3

from wildfirechat_message import (
    AsyncMessageClient,
    Conversation,
    InvalidArgument,
    MessageClient,
    MessagePayload,
    SendRequest,
    SentMessage,
)

SECRET = "123456"
UID = 588582842607370241
DATA = b"\7" * 30_000
IN_FLIGHT = 64

Call = Callable[[], None]


@dataclasses.dataclass
class Found:
    """What the peers make of the answer to get_one."""

    message_uid: int
    sender: str
    conversation: Conversation
    payload: MessagePayload
    timestamp: int


class Send:
    """Sending a message."""

    path = "/admin/message/send"

    def __init__(self, data: bytes = b"") -> None:
        self.data = data

    def body(self) -> bytes:
        """The body as a careful user of an HTTP client writes it: from typed values, each time."""
        conversation = Conversation.single("u1")
        payload = MessagePayload(1, "hello", data=self.data)
        fields: dict[str, Any] = {
            "type": payload.content_type,
            "searchableContent": payload.searchable_content,
            "persistFlag": payload.persist_flag,
        }
        if payload.data:
            fields["base64edData"] = base64.b64encode(payload.data).decode()
        where = {"type": conversation.kind, "target": conversation.target, "line": conversation.line}
        return json.dumps({"sender": "admin", "conv": where, "payload": fields}).encode()

    def check(self, answer: bytes) -> None:
        """Reads the answer as typed values, and checks its code."""
        envelope = json.loads(answer)
        assert envelope["code"] == 0
        result = envelope["result"]
        assert SentMessage(result["messageUid"], result["timestamp"]).message_uid == UID

    def ours(self, client: MessageClient) -> None:
        """The same by our client."""
        payload = MessagePayload(1, "hello", data=self.data)
        assert client.send_message("admin", Conversation.single("u1"), payload).message_uid == UID


class Get:
    """Looking a message of 40 KB up."""

    path = "/admin/message/get_one"

    def body(self) -> bytes:
        """The body."""
        return json.dumps({"messageUid": UID}).encode()

    def check(self, answer: bytes) -> None:
        """Reads the answer as typed values, and checks its code."""
        envelope = json.loads(answer)
        assert envelope["code"] == 0
        result = envelope["result"]
        where, fields = result["conv"], result["payload"]
        payload = MessagePayload(
            fields["type"],
            fields.get("searchableContent") or "",
            data=base64.b64decode(fields.get("base64edData") or ""),
            persist_flag=fields.get("persistFlag", 0),
        )
        conversation = Conversation(where["type"], where["target"], where.get("line", 0))
        found = Found(result["messageId"], result["sender"], conversation, payload, result["timestamp"])
        assert len(found.payload.searchable_content) == 40_000

    def ours(self, client: MessageClient) -> None:
        """The same by our client."""
        assert len(client.get_message(UID).payload.searchable_content) == 40_000


Work = Any


def headers() -> dict[str, str]:
    """A signature of its own for each request."""
    nonce, timestamp = secrets.token_hex(16), str(time.time_ns() // 1_000_000)
    sign = hashlib.sha1(f"{nonce}|{SECRET}|{timestamp}".encode()).hexdigest()
    return {
        "content-type": "application/json; charset=utf-8",
        "nonce": nonce,
        "timestamp": timestamp,
        "sign": sign,
    }


class Contestant:
    """One way to make calls: `caller` makes, once a thread, the function that makes one."""

    def __init__(self, name: str, version: str, caller: Callable[[Work], Call]) -> None:
        self.name = name
        self.version = version
        self.caller = caller


def contestants(url: str) -> list[Contestant]:
    """Ours and its peers, each set up once and for all threads where it can be shared."""
    host = urlsplit(url).netloc
    client = MessageClient(url, SECRET)
    pool = urllib3.PoolManager(maxsize=256, retries=False)
    # It has a pool of connections of its own, and is used from many threads.
    session = requests.Session()
    session.trust_env = False
    adapter = requests.adapters.HTTPAdapter(pool_maxsize=256)
    session.mount("http://", adapter)
    limits = httpx.Limits(max_keepalive_connections=256, max_connections=256)
    httpx_client = httpx.Client(trust_env=False, limits=limits)

    def ours(work: Work) -> Call:
        return lambda: work.ours(client)

    def by_http_client(work: Work) -> Call:
        connection = http.client.HTTPConnection(host)

        def call() -> None:
            connection.request("POST", work.path, work.body(), headers())
            answer = connection.getresponse()
            assert answer.status == 200
            work.check(answer.read())

        return call

    def by_urllib3(work: Work) -> Call:
        def call() -> None:
            answer = pool.request("POST", url + work.path, body=work.body(), headers=headers())
            assert answer.status == 200
            work.check(answer.data)

        return call

    def by_requests(work: Work) -> Call:
        def call() -> None:
            answer = session.post(url + work.path, data=work.body(), headers=headers())
            assert answer.status_code == 200
            work.check(answer.content)

        return call

    def by_httpx(work: Work) -> Call:
        def call() -> None:
            answer = httpx_client.post(url + work.path, content=work.body(), headers=headers())
            assert answer.status_code == 200
            work.check(answer.content)

        return call

    def by_pycurl(work: Work) -> Call:
        curl = pycurl.Curl()
        curl.setopt(pycurl.URL, url + work.path)
        curl.setopt(pycurl.POST, 1)
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.PROXY, "")

        def call() -> None:
            answer = io.BytesIO()
            # The last one: it would wait for the server's leave otherwise.
            lines = [f"{name}: {value}" for name, value in headers().items()] + ["expect:"]
            curl.setopt(pycurl.HTTPHEADER, lines)
            curl.setopt(pycurl.POSTFIELDS, work.body())
            curl.setopt(pycurl.WRITEDATA, answer)
            curl.perform()
            assert curl.getinfo(pycurl.RESPONSE_CODE) == 200
            work.check(answer.getvalue())

        return call

    def version(name: str) -> str:
        return importlib.metadata.version(name)

    return [
        Contestant("ours", version("wildfirechat-message"), ours),
        Contestant("http.client", platform.python_version(), by_http_client),
        Contestant("urllib3", version("urllib3"), by_urllib3),
        Contestant("requests", version("requests"), by_requests),
        Contestant("httpx", version("httpx"), by_httpx),
        Contestant("pycurl", version("pycurl"), by_pycurl),
    ]


@dataclasses.dataclass
class Round:
    """One round of one contestant. Times are in seconds; none where calls are not timed singly."""

    calls: int
    elapsed: float
    cpu: float
    times: list[float]


def sequentially(seconds: float, call: Call) -> list[float]:
    """Calls until the time is over."""
    times = []
    begun = last = time.perf_counter()
    while last - begun < seconds:
        call()
        now = time.perf_counter()
        times.append(now - last)
        last = now
    return times


def on_threads(count: int, seconds: float, caller: Callable[[], Call]) -> Round:
    """Calls on so many threads, each with a call of its own making, until the time is over."""
    begun, cpu = time.perf_counter(), time.process_time()
    if count == 1:
        times = sequentially(seconds, caller())
    else:
        lists: list[list[float]] = []
        threads = [threading.Thread(target=lambda: lists.append(sequentially(seconds, caller()))) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(lists) == count, "a caller failed"
        times = [each for single in lists for each in single]
    return Round(len(times), time.perf_counter() - begun, time.process_time() - cpu, times)


def show(workload: str, name: str, version: str, rounds: list[Round]) -> None:
    """Prints the medians over the rounds."""

    def quantile(share: float) -> float:
        return statistics.median(
            sorted(each.times)[int(len(each.times) * share)] * 1e6 if each.times else 0.0 for each in rounds
        )

    figure = {
        "language": "python",
        "workload": workload,
        "contestant": name,
        "version": version,
        "calls_per_second": statistics.median(each.calls / each.elapsed for each in rounds),
        "cpu_us": statistics.median(each.cpu * 1e6 / each.calls for each in rounds),
        "p50_us": quantile(0.5),
        "p99_us": quantile(0.99),
    }
    print(json.dumps(figure), flush=True)


def timed(calls: int, run: Callable[[], None]) -> Round:
    """One round of something that makes so many calls."""
    begun, cpu = time.perf_counter(), time.process_time()
    run()
    return Round(calls, time.perf_counter() - begun, time.process_time() - cpu, [])


async def by_aiohttp(url: str, count: int) -> None:
    """So many messages, as many at once as are allowed, each of the workers with the next one."""
    work = Send()
    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    async with aiohttp.ClientSession(connector=connector) as session:
        numbers = iter(range(count))

        async def worker() -> None:
            for _ in numbers:
                async with session.post(url + work.path, data=work.body(), headers=headers()) as answer:
                    assert answer.status == 200
                    work.check(await answer.read())

        await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))


AsyncCall = Callable[[], Awaitable[None]]


@contextlib.asynccontextmanager
async def ours_awaited(url: str, _most: int) -> AsyncIterator[AsyncCall]:
    """Our client for asyncio."""
    async with AsyncMessageClient(url, SECRET) as client:

        async def call() -> None:
            sent = await client.send_message("admin", Conversation.single("u1"), MessagePayload(1, "hello"))
            assert sent.message_uid == UID

        yield call


@contextlib.asynccontextmanager
async def aiohttp_awaited(url: str, most: int) -> AsyncIterator[AsyncCall]:
    """aiohttp, with as many connections as calls are under way, at most as many as ours has."""
    work = Send()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=min(most, 128))) as session:

        async def call() -> None:
            async with session.post(url + work.path, data=work.body(), headers=headers()) as answer:
                assert answer.status == 200
                work.check(await answer.read())

        yield call


@contextlib.asynccontextmanager
async def httpx_awaited(url: str, most: int) -> AsyncIterator[AsyncCall]:
    """httpx, likewise."""
    work = Send()
    limits = httpx.Limits(max_connections=min(most, 128), max_keepalive_connections=min(most, 128))
    async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=60) as client:

        async def call() -> None:
            answer = await client.post(url + work.path, content=work.body(), headers=headers())
            assert answer.status_code == 200
            work.check(answer.content)

        yield call


class Loop(asyncio.SelectorEventLoop):
    """An event loop that measures for how long each of its turns keeps the processor, which nothing else gets.

    That is its thread's own time, which is the same however busy the machine is.
    """

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[float] = []

    def _run_once(self) -> None:
        before = time.thread_time()
        super()._run_once()  # type: ignore[misc]
        self.turns.append(time.thread_time() - before)


@dataclasses.dataclass
class Turns:
    """How long the turns of a loop took, and how late its timers were; in seconds."""

    turns: list[float] = dataclasses.field(default_factory=list)
    late: list[float] = dataclasses.field(default_factory=list)

    def tell(self, workload: str, name: str) -> None:
        """Says half, 99 in 100 and all of them, and how many were longer than 5 ms."""

        def told(times: list[float]) -> str:
            ordered = sorted(times)
            at = [ordered[int(len(ordered) * share)] * 1e3 for share in (0.5, 0.99)]
            over = sum(each > 0.005 for each in times)
            return f"{at[0]:.2f} / {at[1]:.2f} / {ordered[-1] * 1e3:.1f} ms, {over} of {len(times)} over 5 ms"

        print(f"  {workload} {name}: turns {told(self.turns)}; timers late {told(self.late)}", file=sys.stderr)


async def beat(late: list[float]) -> None:
    """Notes how late a timer of the loop is, again and again."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        late.append(time.perf_counter() - before - 0.001)


async def load(way: Any, url: str, most: int, seconds: float) -> tuple[int, float, float]:
    """So many calls at the same time until the time is over: how many, in which time, and with how much CPU time."""
    async with way(url, most) as call:
        calls = 0
        end = time.perf_counter() + seconds

        async def worker() -> None:
            nonlocal calls
            while time.perf_counter() < end:
                await call()
                calls += 1

        begun, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(worker() for _ in range(most)))
        return calls, time.perf_counter() - begun, time.process_time() - cpu


def in_flight(workload: str, url: str, rounds: int, seconds: float) -> None:
    """So many calls at the same time on one event loop; and how late a timer of the loop is meanwhile, as `times`."""
    most = int(workload.removeprefix("async_"))
    ways = {"ours": ours_awaited, "aiohttp": aiohttp_awaited, "httpx": httpx_awaited}

    async def measure(way: Any, late: list[float]) -> tuple[int, float, float]:
        beating = asyncio.ensure_future(beat(late))
        try:
            return await load(way, url, most, seconds)
        finally:
            beating.cancel()

    async def rest(late: list[float]) -> None:
        """The same load in another process: what is late here is the machine's doing."""
        words = [sys.executable, "-I", "-B", __file__, url, "--load", str(most), "--seconds", str(seconds)]
        process = await asyncio.create_subprocess_exec(*words)
        beating = asyncio.ensure_future(beat(late))
        await process.wait()
        beating.cancel()

    done: dict[str, list[Round]] = {name: [] for name in ways}
    turns = {name: Turns() for name in (*ways, "nothing")}

    def run(name: str, what: Callable[[list[float]], Any]) -> Any:
        late: list[float] = []
        with asyncio.Runner(loop_factory=Loop) as runner:
            outcome = runner.run(what(late))
            turns[name].turns += runner.get_loop().turns  # type: ignore[attr-defined]
        turns[name].late += late
        return outcome, late

    for _ in range(rounds):
        for name, way in ways.items():
            (calls, elapsed, cpu), late = run(name, functools.partial(measure, way))
            done[name].append(Round(calls, elapsed, cpu, late))
        run("nothing", rest)
    for name, told in turns.items():
        told.tell(workload, name)
    for name, each in done.items():
        version = importlib.metadata.version("wildfirechat-message" if name == "ours" else name)
        show(workload, name, version, each)


def bulk(url: str, rounds: int, seconds: float) -> None:
    """Many messages at once: ours, and aiohttp. The peers with threads are measured by the workloads of threads."""
    count = 100_000 if seconds >= 1 else 20_000
    # It is slow: what it makes in a fraction of a bulk tells its rate as well.
    for_aiohttp = count // 10

    def ours() -> None:
        with MessageClient(url, SECRET) as client:
            # A notice to many: messages to one conversation would go one after the other.
            users = [Conversation.single(f"u{number}") for number in range(1_000)]
            messages = [
                SendRequest("admin", users[number % 1_000], MessagePayload(1, "hello")) for number in range(count)
            ]
            outcomes = client.send_messages(messages)
        assert len(outcomes) == count
        assert all(isinstance(outcome, SentMessage) and outcome.message_uid == UID for outcome in outcomes)

    done: dict[str, list[Round]] = {"ours": [], "aiohttp": []}
    for _ in range(rounds):
        done["ours"].append(timed(count, ours))
        done["aiohttp"].append(timed(for_aiohttp, lambda: asyncio.run(by_aiohttp(url, for_aiohttp))))
    show("bulk", "ours", importlib.metadata.version("wildfirechat-message"), done["ours"])
    show("bulk", "aiohttp", importlib.metadata.version("aiohttp"), done["aiohttp"])


def crossing(url: str, rounds: int, seconds: float) -> None:
    """A call that is refused before anything is sent; the same with 40 KB of data; and what a copy of these takes."""
    client = MessageClient(url, SECRET)
    version = importlib.metadata.version("wildfirechat-message")
    where, data = Conversation.single("u1"), b"\7" * 40_000

    def refused(octets: bytes) -> Call:
        def call() -> None:
            with contextlib.suppress(InvalidArgument):
                client.send_message("", where, MessagePayload(1, "hello", data=octets))
                raise AssertionError("it was sent")

        return call

    calls: dict[str, Call] = {
        "crossing": refused(b""),
        "crossing_40k": refused(data),
        "copy_40k": lambda: bytearray(data) and None,
    }
    done: dict[str, list[Round]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            done[name].append(on_threads(1, seconds / 3, functools.partial(lambda call: call, call)))
    for name, each in done.items():
        show(name, "ours", version, each)


def soak(url: str, seconds: float) -> None:
    """Ours on 16 threads, without the time of each call: over many minutes a list of these would grow itself."""
    client, work = MessageClient(url, SECRET), Send()
    counts: list[int] = []

    def call() -> None:
        calls, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            work.ours(client)
            calls += 1
        counts.append(calls)

    begun, cpu = time.perf_counter(), time.process_time()
    threads = [threading.Thread(target=call) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == len(threads), "a caller failed"
    round_ = Round(sum(counts), time.perf_counter() - begun, time.process_time() - cpu, [])
    show("soak", "ours", importlib.metadata.version("wildfirechat-message"), [round_])


def main() -> None:
    """Measures what the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--workloads", default="")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--load", type=int, help="make so many calls at the same time on a loop, and measure nothing")
    plan = parser.parse_args()
    if plan.load:
        asyncio.run(load(ours_awaited, plan.url, plan.load, plan.seconds))
        return
    simple: dict[str, tuple[Work, int]] = {
        "sequential": (Send(), 1),
        "get_40k": (Get(), 1),
        "send_40k": (Send(DATA), 1),
        "threads_16": (Send(), 16),
        "threads_64": (Send(), 64),
        "threads_256": (Send(), 256),
    }
    ways = contestants(plan.url)
    for workload in filter(None, plan.workloads.split(",")):
        if workload == "bulk":
            bulk(plan.url, plan.rounds, plan.seconds)
        elif workload.startswith("async_"):
            in_flight(workload, plan.url, plan.rounds, plan.seconds)
        elif workload == "crossing":
            crossing(plan.url, plan.rounds, plan.seconds)
        elif workload == "soak":
            soak(plan.url, plan.seconds)
        elif workload in simple:
            work, threads = simple[workload]
            done: dict[str, list[Round]] = {way.name: [] for way in ways}
            for _ in range(plan.rounds):
                for way in ways:
                    caller = functools.partial(way.caller, work)
                    done[way.name].append(on_threads(threads, plan.seconds, caller))
            for way in ways:
                show(workload, way.name, way.version, done[way.name])


if __name__ == "__main__":
    main()
