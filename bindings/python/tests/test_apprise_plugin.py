"""The plugin for Apprise, by Apprise's own program and library."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from wildfirechat_message import Edition, Fault, Sandbox

# Apprise's own warnings are its own.
pytestmark = pytest.mark.filterwarnings("ignore")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    apprise = pytest.importorskip("apprise", reason="Apprise wants Python 3.10 or later")

PLUGIN = subprocess.run(
    [sys.executable, "-I", "-m", "wildfirechat_message.bridges.apprise_plugin"],
    capture_output=True,
    text=True,
    check=True,
).stdout.strip()


def notify(url: str, **words: Any) -> bool:
    """Whether Apprise's library says that all were notified."""
    asset = apprise.AppriseAsset(plugin_paths=[PLUGIN])
    return bool(apprise.Apprise(url, asset=asset).notify(**words))


def url(sandbox: Sandbox, receivers: str = "group:ops", more: str = "sender=admin") -> str:
    return f"wildfirechat://{sandbox.secret}@127.0.0.1:{sandbox.port}/{receivers}" + (f"?{more}" if more else "")


def sent(sandbox: Sandbox) -> list[tuple[str, int, str, int, str]]:
    """Sender, conversation's kind and target, content type and text of each message that was sent."""
    bodies = [json.loads(request.body) for request in sandbox.requests() if request.path == "/admin/message/send"]
    return [
        (
            body["sender"],
            body["conv"]["type"],
            body["conv"]["target"],
            body["payload"]["type"],
            body["payload"].get("searchableContent", ""),
        )
        for body in bodies
    ]


def by_the_program(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("apprise")), "--plugin-path", PLUGIN, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_program_sends_to_each_receiver(sandbox: Sandbox) -> None:
    program = by_the_program("-t", "Backup", "-b", "done", url(sandbox, "group:ops/user:ann"))
    assert program.returncode == 0, program.stderr
    assert sorted(sent(sandbox)) == [("admin", 0, "ann", 1, "Backup\ndone"), ("admin", 1, "ops", 1, "Backup\ndone")]


def test_a_failure_is_told_without_the_secret(sandbox: Sandbox) -> None:
    wrong = url(sandbox).replace(sandbox.secret, "not-the-secret-of-anybody")
    program = by_the_program("-vvv", "-b", "done", wrong)
    said = program.stdout + program.stderr
    assert program.returncode != 0
    assert "244" in said
    assert "not-the-secret" not in said


def test_chinese_and_quoted_ids_arrive(sandbox: Sandbox) -> None:
    assert notify(url(sandbox, "user:%E5%B0%8F%E6%98%8E%2F1"), body="磁盘已满 🔥")
    assert sent(sandbox) == [("admin", 0, "小明/1", 1, "磁盘已满 🔥")]


def test_an_image_and_a_file_are_uploaded_and_sent(sandbox: Sandbox, tmp_path: Path) -> None:
    picture, report = tmp_path / "chart.png", tmp_path / "report.txt"
    picture.write_bytes(A_PNG)
    report.write_text("all well", "utf-8")
    assert notify(url(sandbox), body="see", attach=[str(picture), str(report)])
    assert [message[3] for message in sent(sandbox)] == [1, 3, 5]
    assert len(sandbox.files()) == 2


def test_where_a_file_cannot_be_uploaded_nothing_is_sent(tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    report.write_text("all well", "utf-8")
    with Sandbox(edition=Edition.COMMUNITY) as sandbox:
        assert not notify(url(sandbox), body="see", attach=[str(report)])
        assert sent(sandbox) == []


def test_a_retry_sends_to_nobody_twice(sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING, endpoint="message/send")
    sandbox.fail_next(Fault.AUTH_FAILURE, endpoint="message/send")
    assert not notify(url(sandbox, "user:a/user:b/user:c", "sender=admin&retry=2&wait=0"), body="once")
    executed = [len(sandbox.messages_of_user(user)) for user in ("a", "b", "c")]
    assert executed == [1, 1, 1]


@pytest.mark.parametrize(
    ("receivers", "more", "reason"),
    [
        ("", "sender=admin", "receiver"),
        ("group:ops", "", "sender"),
        ("ops", "sender=admin", "KIND:ID"),
        ("team:ops", "sender=admin", "KIND:ID"),
        ("group:", "sender=admin", "KIND:ID"),
    ],
)
def test_an_url_that_lacks_something_says_what(sandbox: Sandbox, receivers: str, more: str, reason: str) -> None:
    program = by_the_program("-v", "-b", "done", url(sandbox, receivers, more))
    assert program.returncode != 0
    assert reason in program.stdout + program.stderr
    assert sandbox.requests() == []


def test_an_url_can_be_made_again_and_a_log_shows_no_secret(sandbox: Sandbox) -> None:
    asset = apprise.AppriseAsset(plugin_paths=[PLUGIN])
    [plugin] = apprise.Apprise(url(sandbox, "group:%E7%BE%A4/user:ann"), asset=asset)
    assert sandbox.secret not in plugin.url(privacy=True)
    [again] = apprise.Apprise(plugin.url(), asset=asset)
    assert again.targets == ["group:群", "user:ann"]
    assert again.notify(body="again")


A_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
