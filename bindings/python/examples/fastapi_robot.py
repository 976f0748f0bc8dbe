"""FastAPI: a robot that answers whoever mentions it."""

import logging
import os
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request

from wildfirechat_message import (
    Conversation,
    ConversationType,
    InvalidArgument,
    Message,
    MessageError,
    RobotClient,
    parse_message_callback,
)

ROBOT_ID = os.environ["ROBOT_ID"]
# Nobody signs what is posted, so the path is a secret.
CALLBACK_PATH = os.environ["CALLBACK_PATH"]
robot = RobotClient(os.environ["WILDFIRECHAT_URL"], ROBOT_ID, os.environ["ROBOT_SECRET"])
seen: deque[int] = deque(maxlen=1000)


@asynccontextmanager
async def life(_: FastAPI) -> AsyncIterator[None]:
    """Tells the server where to post, when the application starts."""
    robot.set_callback(os.environ["PUBLIC_URL"] + CALLBACK_PATH)
    yield


# Without its page of documentation, which would show the secret path to everybody.
app = FastAPI(lifespan=life, openapi_url=None)


@app.post(CALLBACK_PATH)
async def callback(request: Request, work: BackgroundTasks) -> None:
    """Takes what the server posts, and answers at once; the work is done after that."""
    try:
        message = parse_message_callback(await request.body())
    except InvalidArgument as error:
        raise HTTPException(400, error.reason) from error
    # A robot hears its own messages in groups, and anything may come twice.
    if message.sender != ROBOT_ID and message.message_uid not in seen:
        seen.append(message.message_uid)
        work.add_task(answer, message)


def answer(message: Message) -> None:
    """Answers where the robot was mentioned, or who wrote to it alone."""
    conversation = message.conversation
    if conversation.kind == ConversationType.SINGLE:
        conversation = Conversation.single(message.sender)
    elif ROBOT_ID not in message.payload.mentioned_targets:
        return
    try:
        robot.send_text(conversation, f"You said: {message.payload.searchable_content}", quote=message.quote())
    except MessageError:
        logging.exception("message %d was not answered", message.message_uid)
