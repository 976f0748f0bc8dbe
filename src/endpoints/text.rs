//! The one line that most people write: a text, with whom it mentions and what it answers. It is sent as any message is.

use super::{ChannelSendRequest, RobotSendRequest, SendRequest};
use crate::{Conversation, Mention, MessageError, MessagePayload, Quote, TextContent, content::check_each};

/// A text of a user's to a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default, uniffi::Record)]
pub struct SendTextRequest {
    /// Id of the user who sends it.
    pub sender: String,
    /// The conversation to send it to.
    pub conversation: Conversation,
    /// The text; not empty.
    pub text: String,
    /// Who is mentioned: they are notified, and their names are put in front of the text where it does not have them.
    #[uniffi(default)]
    pub mention: Vec<Mention>,
    /// The message that the text answers, which receivers show above it. A message's `quote` makes one.
    #[uniffi(default)]
    pub quote: Option<Quote>,
}

impl SendTextRequest {
    /// A text to everyone in the conversation, which mentions nobody and answers nothing.
    pub fn new(sender: impl Into<String>, conversation: Conversation, text: impl Into<String>) -> Self {
        Self { sender: sender.into(), conversation, text: text.into(), ..Self::default() }
    }
}

impl TryFrom<SendTextRequest> for SendRequest {
    type Error = MessageError;

    fn try_from(request: SendTextRequest) -> Result<Self, MessageError> {
        let SendTextRequest { sender, conversation, text, mention, quote } = request;
        Ok(Self::new(sender, conversation, payload(text, mention, quote)?))
    }
}

/// A text of a robot's to a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default, uniffi::Record)]
pub struct RobotSendTextRequest {
    /// Where it goes. The robot must be in the group.
    pub conversation: Conversation,
    /// The text; not empty.
    pub text: String,
    /// Who is mentioned: they are notified, and their names are put in front of the text where it does not have them.
    #[uniffi(default)]
    pub mention: Vec<Mention>,
    /// The message that the text answers, which receivers show above it. A message's `quote` makes one.
    #[uniffi(default)]
    pub quote: Option<Quote>,
}

impl RobotSendTextRequest {
    /// A text to everyone in the conversation, which mentions nobody and answers nothing.
    pub fn new(conversation: Conversation, text: impl Into<String>) -> Self {
        Self { conversation, text: text.into(), ..Self::default() }
    }
}

impl TryFrom<RobotSendTextRequest> for RobotSendRequest {
    type Error = MessageError;

    fn try_from(request: RobotSendTextRequest) -> Result<Self, MessageError> {
        let RobotSendTextRequest { conversation, text, mention, quote } = request;
        Ok(Self::new(conversation, payload(text, mention, quote)?))
    }
}

/// A text of a channel's to its subscribers.
#[derive(Debug, Clone, PartialEq, Eq, Default, uniffi::Record)]
pub struct ChannelSendTextRequest {
    /// The text; not empty.
    pub text: String,
    /// Who is mentioned: they are notified, and their names are put in front of the text where it does not have them.
    #[uniffi(default)]
    pub mention: Vec<Mention>,
    /// The message that the text answers, which receivers show above it. A message's `quote` makes one.
    #[uniffi(default)]
    pub quote: Option<Quote>,
    /// Only these subscribers get it; empty for all.
    #[uniffi(default)]
    pub targets: Vec<String>,
    /// The line of the channel's conversation.
    #[uniffi(default = 0)]
    pub line: i32,
}

impl ChannelSendTextRequest {
    /// A text to every subscriber, which mentions nobody and answers nothing.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl TryFrom<ChannelSendTextRequest> for ChannelSendRequest {
    type Error = MessageError;

    fn try_from(request: ChannelSendTextRequest) -> Result<Self, MessageError> {
        let ChannelSendTextRequest { text, mention, quote, targets, line } = request;
        Ok(Self { payload: payload(text, mention, quote)?, targets, line })
    }
}

fn payload(text: String, mention: Vec<Mention>, quote: Option<Quote>) -> Result<MessagePayload, MessageError> {
    check_each("mention", &mention)?;
    TextContent { text, quote }.with_mentions(mention, None)
}
