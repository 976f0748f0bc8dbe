"""Plays the server for a robot: waits for it, mentions it, and prints its answer."""

import sys
import time

from wildfirechat_message import Conversation, Mention, Message, MessageClient, RobotClient, Sandbox

ROBOT, SECRET = "FireRobot", "its secret"


def answer(sandbox: Sandbox) -> Message:
    """The robot's answer to a mention."""
    with RobotClient(sandbox.base_url, ROBOT, SECRET) as robot:
        while not robot.get_callback():
            time.sleep(0.1)
    with MessageClient(sandbox.base_url, sandbox.secret) as client:
        client.send_text("ann", Conversation.group("g1"), "are you there?", mention=[Mention(ROBOT, ROBOT)])
        while True:
            messages = [client.get_message(uid) for uid in sandbox.message_uids()]
            answers = [message for message in messages if message.sender == ROBOT]
            if answers:
                return answers[0]
            time.sleep(0.1)


# Another port than 18080 may be named on the command line.
with Sandbox(port=int(sys.argv[1]) if sys.argv[1:] else 18080) as server:
    server.set_robot(ROBOT, SECRET)
    print(f"The server is at {server.base_url}, and waits for the robot.", flush=True)
    print(f"{ROBOT} answers: {answer(server).payload.searchable_content}")
