//! Who sends the messages of an outbox: [`OutboxSender`]. Each entry says who that is, and nobody else sends it.

use std::sync::Arc;

use super::OutboxRequest;
use crate::{
    MessageClient, MessageError, RobotClient, RobotSendRequest,
    call::Caller,
    endpoints::{Endpoint, Rules},
};

/// Who sends the messages of an [`Outbox`](super::Outbox), of a client: the users of a [`MessageClient`], or the robot of a
/// [`RobotClient`].
///
/// Outboxes of several senders may share a store. Each sends its own messages and leaves those of the others alone.
#[derive(Clone)]
pub struct OutboxSender {
    pub(super) caller: Arc<Caller>,
    /// The robot's id; empty for users.
    pub(super) robot: Arc<str>,
}

impl From<&MessageClient> for OutboxSender {
    fn from(client: &MessageClient) -> Self {
        Self { caller: Arc::clone(client.caller()), robot: "".into() }
    }
}

impl From<&RobotClient> for OutboxSender {
    fn from(client: &RobotClient) -> Self {
        Self { caller: Arc::clone(client.caller()), robot: client.robot_id().into() }
    }
}

impl OutboxSender {
    pub(super) fn is_robot(&self) -> bool {
        !self.robot.is_empty()
    }
}

impl OutboxRequest {
    /// The request as the sender makes it, where it can work at all. Who has no robot gives an empty text for it.
    pub(super) fn checked(self, robot: &str, rules: &Rules) -> Result<Self, MessageError> {
        if robot.is_empty() {
            match &self {
                Self::Send { value: request } => request.check(rules)?,
                Self::Multicast { value: request } => request.check(rules)?,
                Self::Broadcast { value: request } => request.check(rules)?,
            }
            return Ok(self);
        }
        let wrong = |argument: &str, reason: String| Err(MessageError::invalid(argument, reason));
        let Self::Send { value: request } = self.of_robot(robot) else {
            let reason = "a robot sends only to a conversation; for multicasts and broadcasts use a MessageClient";
            return wrong("request", reason.into());
        };
        if request.sender != robot {
            let reason = format!("the robot {robot} sends this message, so the sender must be that robot or empty");
            return wrong("sender", reason);
        }
        if request.is_user_message {
            return wrong("is_user_message", "a message of a robot cannot have this mark".into());
        }
        RobotSendRequest::from(request.clone()).check(rules)?;
        Ok(request.into())
    }

    /// Fills in who sends it, where that is a robot and was left out.
    pub(super) fn of_robot(mut self, robot: &str) -> Self {
        if let Self::Send { value: request } = &mut self
            && request.sender.is_empty()
        {
            robot.clone_into(&mut request.sender);
        }
        self
    }
}
