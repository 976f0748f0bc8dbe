"""The task engines that feed an outbox, by the examples on the page: a message that they deliver twice is sent once."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from wildfirechat_message import MessageClient, Outbox, RunOptions, Sandbox

EXAMPLES = Path(__file__).parent.parent / "examples"
# What other people's libraries warn of is theirs.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.limit(600)]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(rate_limit=0) as sandbox:
        yield sandbox


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"sqlite:{tmp_path / 'outbox.db'}"


@pytest.fixture
def outbox(client: MessageClient, store: str) -> Iterator[Outbox]:
    with Outbox(store, client) as outbox:
        outbox.status()
        yield outbox


def test_the_page_shows_the_examples_as_they_are() -> None:
    page = (EXAMPLES.parents[2] / "docs" / "engines.md").read_text("utf-8")
    shown = re.findall(r"<!-- The file (\S+): -->\n\n```\w+\n(.*?)```\n", page, re.DOTALL)
    assert len(shown) == page.count("<!-- The file ") > 4
    for file, text in shown:
        assert (EXAMPLES.parents[2] / file).read_text("utf-8") == text, file


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def eventually(what: str, happened: Any) -> None:
    until = time.monotonic() + 300
    while not happened():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.05)


# Celery


@contextlib.contextmanager
def broker(folder: Path) -> Iterator[str]:
    """A Redis of the system's packages."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            # Celery waits for it by itself.
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.kill()


# Holds the first worker's tasks between their work and its acknowledgement.
HELD = """
import os, sys, time
sys.path.insert(0, {examples!r})
from celery import signals
from celery_notices import app
app.conf.broker_transport_options = {{"visibility_timeout": 2}}

@signals.task_postrun.connect
def hold(task_id, **_):
    with open(os.path.join(os.environ["HELD"], task_id), "a") as told:
        told.write("x")
    while os.environ["HOLDS"] == "yes":
        time.sleep(0.1)
"""

ENQUEUE = """
from held import app
for number in range(20):
    app.send_task("celery_notices.notify", (f"u{number}", f"notice {number}"))
"""


@contextlib.contextmanager
def worker(folder: Path, environment: dict[str, str], holds: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "held",
        "worker",
        "-c",
        "4",
        "--without-gossip",
        "--without-mingle",
    ]
    environment = {**os.environ, **environment, "HOLDS": holds}
    with (folder / f"worker-{holds}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_celery_worker_killed_in_the_middle_sends_each_message_once(
    sandbox: Sandbox, outbox: Outbox, store: str, tmp_path: Path
) -> None:
    (tmp_path / "held.py").write_text(HELD.format(examples=str(EXAMPLES)), "utf-8")
    held = tmp_path / "held"
    held.mkdir()
    with broker(tmp_path) as url:
        environment = {
            "BROKER_URL": url,
            "WILDFIRECHAT_URL": sandbox.base_url,
            "WILDFIRECHAT_SECRET": sandbox.secret,
            "OUTBOX_STORE": store,
            "HELD": str(held),
        }
        environment["HOLDS"] = "no"
        subprocess.run(
            [sys.executable, "-c", ENQUEUE], cwd=tmp_path, env={**os.environ, **environment}, check=True, timeout=300
        )
        with worker(tmp_path, environment, "yes"):
            eventually("four tasks that have put and are not acknowledged", lambda: len(list(held.iterdir())) == 4)
        assert outbox.status().queued == 4
        with worker(tmp_path, environment, "no"):
            eventually("all tasks", lambda: len(list(held.iterdir())) == 20)
            eventually(
                "those again that were not finished", lambda: sum(len(f.read_text()) for f in held.iterdir()) >= 24
            )
    told = outbox.run(RunOptions(until_empty=True))
    assert (told.sent, told.failed, told.unknown) == (20, 0, 0)
    assert [len(sandbox.messages_with_text(f"notice {n}")) for n in range(20)] == [1] * 20


# Kafka


def test_kafka_records_that_are_delivered_twice_are_sent_once(sandbox: Sandbox, outbox: Outbox) -> None:
    kafka = pytest.importorskip("confluent_kafka")
    producer = kafka.Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "mock"})
    brokers = [f"{broker.host}:{broker.port}" for broker in producer.list_topics(timeout=30).brokers.values()]
    for number in range(100):
        notice = {"user": f"u{number % 7}", "text": f"notice {number}"}
        producer.produce("notices", json.dumps(notice).encode())
    assert producer.flush(30) == 0
    settings = {
        "bootstrap.servers": ",".join(brokers),
        "group.id": "notices",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        # A consumer that is gone is not waited for.
        "session.timeout.ms": 6000,
    }
    put_notices = example("kafka_notices").put_notices

    class DiesBeforeTheCommit(kafka.Consumer):  # type: ignore[misc, name-defined]
        def commit(self, *_: Any, **__: Any) -> None:
            raise SystemExit

    first = DiesBeforeTheCommit(settings)
    first.subscribe(["notices"])

    def until_it_dies() -> None:
        while True:
            put_notices(first, outbox, most=40)

    with pytest.raises(SystemExit):
        until_it_dies()
    put = outbox.status().queued
    assert put > 0
    first.close()
    second = kafka.Consumer(settings)
    second.subscribe(["notices"])
    read = 0

    def all_read() -> bool:
        nonlocal read
        read += put_notices(second, outbox)
        return bool(read == 100)

    eventually("the records", all_read)
    second.close()
    told = outbox.run()
    assert (told.sent, told.failed, told.unknown) == (100, 0, 0)
    assert [len(sandbox.messages_with_text(f"notice {n}")) for n in range(100)] == [1] * 100


# SQLAlchemy


def test_an_order_and_its_message_are_one_transaction(sandbox: Sandbox, outbox: Outbox, tmp_path: Path) -> None:
    alchemy = pytest.importorskip("sqlalchemy")
    shop = example("sqlalchemy_orders")
    engine = alchemy.create_engine(f"sqlite:///{tmp_path / 'outbox.db'}")
    shop.Base.metadata.create_all(engine)
    with shop.Session(engine) as session, session.begin():
        shop.place_order(session, shop.Order(id=1, buyer="ann"))
    with contextlib.suppress(ZeroDivisionError), shop.Session(engine) as session, session.begin():
        shop.place_order(session, shop.Order(id=2, buyer="ben"))
        raise ZeroDivisionError
    engine.dispose()
    told = outbox.run()
    assert (told.sent, told.failed) == (1, 0)
    assert len(sandbox.messages_with_text("Your order 1 is on its way.")) == 1
    assert len(sandbox.messages_of_user("ben")) == 0


# Django


def test_a_django_order_and_its_message_are_one_transaction(sandbox: Sandbox, outbox: Outbox, tmp_path: Path) -> None:
    pytest.importorskip("django")
    from django import setup
    from django.conf import settings
    from django.db import connection, transaction

    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "outbox.db")}
    settings.configure(DATABASES={"default": database}, INSTALLED_APPS=[])
    setup()
    shop = example("django_orders")
    with connection.schema_editor() as editor:
        editor.create_model(shop.Order)
    first = shop.place_order("ann")
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        shop.place_order("ben")
        raise ZeroDivisionError
    # One whose message cannot be put leaves no order: its key is another one's.
    shop.Outbox.objects.create(message_key=f"order-{first.pk + 1}", request="{}")
    with pytest.raises(Exception, match="UNIQUE"):
        shop.place_order("eve")
    assert [order.buyer for order in shop.Order.objects.all()] == ["ann"]
    connection.close()
    told = outbox.run()
    assert told.sent == 1
    assert len(sandbox.messages_with_text(f"Your order {first.pk} is on its way.")) == 1
    assert [sandbox.messages_of_user(user) for user in ("ben", "eve")] == [[], []]


# Spark

SPARK = """
import os, sys
from pyspark.sql import SparkSession
from wildfirechat_message.bridges.spark import WildfireChatDataSource

store, marker = sys.argv[1:]
# A local master gives up at the first failure unless it is told how often to try.
spark = SparkSession.builder.master("local[2,4]").config("spark.ui.enabled", "false").getOrCreate()
spark.dataSource.register(WildfireChatDataSource)

def fails_once(rows):
    for number, row in enumerate(rows):
        # The task that has row 0 is killed after half of its rows, once.
        if number == 25 and row.id == 25 and not os.path.exists(marker):
            open(marker, "w").close()
            os.kill(os.getpid(), 9)
        yield row

rows = spark.range(0, 100, 1, 2).rdd.mapPartitions(fails_once).toDF("id long")
rows = rows.selectExpr("concat('row-', id) AS key", "concat('user:u', id % 7) AS to", "concat('notice ', id) AS text")
rows.write.format("wildfirechat").mode("append").options(store=store, sender="shop").save()
rows.write.format("wildfirechat").mode("append").options(store=store, sender="shop").save()
"""


def test_a_spark_task_killed_after_half_its_rows_sends_each_row_once(
    sandbox: Sandbox, outbox: Outbox, store: str, tmp_path: Path
) -> None:
    pytest.importorskip("pyspark")
    marker = tmp_path / "was-killed"
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    command = [sys.executable, "-c", SPARK, store, str(marker)]
    spark = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=280)
    assert spark.returncode == 0, spark.stderr[-3000:]
    assert marker.exists()
    told = outbox.run()
    assert (told.sent, told.failed, told.unknown) == (100, 0, 0)
    assert [len(sandbox.messages_with_text(f"notice {n}")) for n in range(100)] == [1] * 100
