"""Celery: a task that is delivered twice sends once."""

import os

from celery import Celery, Task

from wildfirechat_message import Conversation, MessageClient, MessagePayload, Outbox, RunOptions, SendRequest

app = Celery("notices", broker=os.environ["BROKER_URL"])
# A task that was not finished when its worker died is delivered again.
app.conf.task_acks_late = True
app.conf.task_reject_on_worker_lost = True

client = MessageClient(os.environ["WILDFIRECHAT_URL"], os.environ["WILDFIRECHAT_SECRET"])
outbox = Outbox(os.environ["OUTBOX_STORE"], client)


@app.task(bind=True)
def notify(self: Task, user: str, text: str) -> None:
    """Puts a message; the task's id is its key, so the same task again is the same message."""
    request = SendRequest("admin", Conversation.single(user), MessagePayload.text(text))
    outbox.put(request, key=f"notify-{self.request.id}")


@app.task
def send() -> None:
    """Sends what was put: from `beat` every few seconds, or in place of it a process of its own that runs for ever."""
    outbox.run(RunOptions(until_empty=True))
