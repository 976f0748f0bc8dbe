//! What a growing text is begun with: [`StreamTextRequest`] and [`RobotStreamTextRequest`].

use std::time::Duration;

use super::growth::Step;
use crate::{
    ContentExtras, Conversation, MessageError, MessagePayload, SendRequest, StreamingTextCancelledContent,
    StreamingTextGeneratedContent, StreamingTextGeneratingContent, check,
};

/// How long the steps of a text lie apart, where nobody says so.
pub(super) const INTERVAL: Duration = Duration::from_millis(500);

/// A growing text of a user's to a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default, uniffi::Record)]
pub struct StreamTextRequest {
    /// Id of the user who sends it.
    pub sender: String,
    /// The conversation to send it to.
    pub conversation: Conversation,
    /// Only these users of the conversation receive it, and the sender; empty for all.
    #[uniffi(default)]
    pub to_users: Vec<String>,
    /// The least time between two steps that receivers see; half a second when left out.
    #[uniffi(default)]
    pub interval: Option<Duration>,
    /// The stream's id, the same in all its messages; made up when left out.
    #[uniffi(default)]
    pub stream_id: Option<String>,
    /// Mentions, push text, expiry time and a text of your own for the finished message; the steps have none of them.
    #[uniffi(default)]
    pub extras: Option<ContentExtras>,
}

impl StreamTextRequest {
    /// A text to everyone in the conversation, with steps half a second apart.
    pub fn new(sender: impl Into<String>, conversation: Conversation) -> Self {
        Self { sender: sender.into(), conversation, ..Self::default() }
    }
}

/// A growing text of a robot's to a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default, uniffi::Record)]
pub struct RobotStreamTextRequest {
    /// Where it goes. The robot must be in the group.
    pub conversation: Conversation,
    /// Only these users of the conversation receive it, and the robot; empty for all.
    #[uniffi(default)]
    pub to_users: Vec<String>,
    /// The least time between two steps that receivers see; half a second when left out.
    #[uniffi(default)]
    pub interval: Option<Duration>,
    /// The stream's id, the same in all its messages; made up when left out.
    #[uniffi(default)]
    pub stream_id: Option<String>,
    /// Mentions, push text, expiry time and a text of your own for the finished message; the steps have none of them.
    #[uniffi(default)]
    pub extras: Option<ContentExtras>,
}

impl RobotStreamTextRequest {
    /// A text to everyone in the conversation, with steps half a second apart.
    pub fn new(conversation: Conversation) -> Self {
        Self { conversation, ..Self::default() }
    }

    /// The same as a user's, for the robot that sends it.
    pub(crate) fn of(self, robot_id: String) -> StreamTextRequest {
        let Self { conversation, to_users, interval, stream_id, extras } = self;
        StreamTextRequest { sender: robot_id, conversation, to_users, interval, stream_id, extras }
    }
}

/// What every message of a stream has in common.
pub(super) struct Frame {
    pub(super) request: SendRequest,
    pub(super) stream_id: String,
    pub(super) extras: Option<ContentExtras>,
}

impl Frame {
    pub(super) fn payload(&self, step: Step, text: &str) -> Result<MessagePayload, MessageError> {
        let (stream_id, text) = (self.stream_id.clone(), text.to_owned());
        match step {
            Step::Generating(_) => StreamingTextGeneratingContent { stream_id, text }.to_payload(None),
            Step::Generated(_) => StreamingTextGeneratedContent { stream_id, text }.to_payload(self.extras.clone()),
            Step::Cancelled(_) => StreamingTextCancelledContent { stream_id, text }.to_payload(None),
        }
    }
}

impl TryFrom<StreamTextRequest> for Frame {
    type Error = MessageError;

    fn try_from(request: StreamTextRequest) -> Result<Self, MessageError> {
        let StreamTextRequest { sender, conversation, to_users, stream_id, extras, interval: _ } = request;
        let stream_id = stream_id.map_or_else(made_up, Ok)?;
        check::not_empty("stream_id", &stream_id)?;
        let request = SendRequest { sender, conversation, to_users, ..SendRequest::default() };
        Ok(Self { request, stream_id, extras })
    }
}

/// 32 digits that no other stream has.
fn made_up() -> Result<String, MessageError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        MessageError::invalid("stream_id", format!("the system gave no random bytes to make one up: {error}"))
    })?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}
