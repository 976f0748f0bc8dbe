"""What a start costs: the import, a client, the first call; each process measures one way, once.

    python startup.py URL --startup ours

Apart from bench.py, which imports everybody. What each way needs is imported where its time is taken.
"""

from __future__ import annotations

import sys
import time

SECRET = "123456"
UID = 588582842607370241

now = time.perf_counter_ns


def ours(url: str) -> list[int]:
    """The moments before and after each step."""
    begun = now()
    from wildfirechat_message import Conversation, MessageClient, MessagePayload

    imported = now()
    client = MessageClient(url, SECRET)
    made = now()
    sent = client.send_message("admin", Conversation.single("u1"), MessagePayload(1, "hello"))
    answered = now()
    assert sent.message_uid == UID
    return [begun, imported, made, answered]


def by_requests(url: str) -> list[int]:
    """The same with requests: a signed call, its answer read."""
    begun = now()
    import hashlib
    import json
    import secrets

    import requests

    imported = now()
    session = requests.Session()
    session.trust_env = False
    made = now()
    nonce, timestamp = secrets.token_hex(16), str(time.time_ns() // 1_000_000)
    sign = hashlib.sha1(f"{nonce}|{SECRET}|{timestamp}".encode()).hexdigest()
    headers = {
        "content-type": "application/json; charset=utf-8",
        "nonce": nonce,
        "timestamp": timestamp,
        "sign": sign,
    }
    where = {"type": 0, "target": "u1", "line": 0}
    payload = {"type": 1, "searchableContent": "hello", "persistFlag": 3}
    body = json.dumps({"sender": "admin", "conv": where, "payload": payload})
    answer = session.post(url + "/admin/message/send", data=body.encode(), headers=headers)
    assert answer.status_code == 200
    envelope = json.loads(answer.content)
    answered = now()
    assert envelope["result"]["messageUid"] == UID
    return [begun, imported, made, answered]


def main() -> None:
    """Measures one way."""
    url, _, name = sys.argv[1:]
    begun, imported, made, answered = {"ours": ours, "requests": by_requests}[name](url)
    print("answered", flush=True)

    import importlib.metadata
    import json

    start = {
        "language": "python",
        "contestant": name,
        "version": importlib.metadata.version("wildfirechat-message" if name == "ours" else name),
        "import_us": (imported - begun) / 1e3,
        "client_us": (made - imported) / 1e3,
        "call_us": (answered - made) / 1e3,
    }
    print(json.dumps(start), flush=True)


if __name__ == "__main__":
    main()
