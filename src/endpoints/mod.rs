//! The endpoints of the message API: one value each, with its path, its body, its answer and what a
//! second execution does.
//!
//! An endpoint knows nothing of HTTP, time or retries. To add one: write its request record and its
//! `Endpoint` in the family's file, and name it in [`ENDPOINTS`] (a test fails until the client, the
//! sandbox, the conformance cases and the docs have it too).

pub(crate) mod answer;
mod channel;
mod import;
mod oss;
mod query;
mod recall;
mod remove;
mod robot;
mod send;
mod text;

use serde::Serialize;

pub(crate) use channel::ChannelRecall;
pub use channel::{ChannelSendRequest, RepublishRequest};
pub use import::{ImportMessages, ImportedMessage};
pub(crate) use oss::{GetUploadUrl, Place, UploadAddress};
pub use query::{ConversationReadRequest, DeliveryTime, GetMessage};
pub use recall::{RecallBroadcastRequest, RecallMulticastRequest, RecallRequest};
pub use remove::{
    ClearConversationRequest, ClearUserMessagesRequest, DeleteBroadcastRequest, DeleteMessage, DeleteMulticastRequest,
};
pub(crate) use robot::{DeleteCallback, GetCallback, GetProfile, RobotRecall, RobotUploadUrl, SetCallback};
pub use robot::{ReplyRequest, RobotSendRequest, RobotUpdateRequest};
pub use send::{BroadcastRequest, MulticastRequest, SendRequest, UpdateRequest};
pub use text::{ChannelSendTextRequest, RobotSendTextRequest, SendTextRequest};

use crate::MessageError;
use answer::Answer;

/// What one endpoint is.
///
/// The value itself is the request: it serialises as the JSON body.
pub trait Endpoint: Serialize + Send + Sync {
    /// Its path below `/admin/`, a robot's or channel's whole path; also its name in error texts.
    const NAME: &'static str;
    /// What a second execution would do, whatever the arguments.
    const EFFECT: Effect;
    /// Whether its answers hold something that may not show up in an error.
    const ANSWER_IS_SECRET: bool = false;
    /// Whether every edition of the server has it; the others are the professional edition's.
    const IN_EVERY_EDITION: bool = false;
    /// What the caller gets.
    type Answer: Answer;

    /// What a second execution would do, with these arguments.
    fn effect(&self) -> Effect {
        Self::EFFECT
    }

    /// Refuses arguments that can never work.
    fn check(&self, rules: &Rules) -> Result<(), MessageError>;

    /// Whether an answer is one to this request, as far as can be told; the error says what is wrong with it.
    fn suits(&self, _answer: &Self::Answer) -> Result<(), String> {
        Ok(())
    }
}

/// What a second execution of the same request does: whether a call whose fate is unknown may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only reads.
    None,
    /// It leaves everything as the first did: the message it names is already in its last state.
    Once,
    /// It acts again: a second message, or a change over whatever came in between.
    EachTime,
}

/// What of the client's options the checks need.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    /// Lets content types pass that are not meant to be sent through the server API.
    pub(crate) any_content_type: bool,
}

/// An endpoint as the tests and the docs count them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointInfo {
    /// The client's method.
    pub method: &'static str,
    /// The path: of a client's below `/admin/`, of a robot's or channel's the whole.
    pub name: &'static str,
    /// What a second execution does, whatever the arguments.
    pub effect: Effect,
}

const fn info<E: Endpoint>(method: &'static str) -> EndpointInfo {
    EndpointInfo { method, name: E::NAME, effect: E::EFFECT }
}

/// Every endpoint of the admin API, in the order of the vendor's page.
pub const ENDPOINTS: &[EndpointInfo] = &[
    info::<SendRequest>("send_message"),
    info::<UpdateRequest>("update_message"),
    info::<RecallRequest>("recall_message"),
    info::<MulticastRequest>("multicast_message"),
    info::<BroadcastRequest>("broadcast_message"),
    info::<DeleteMessage>("delete_message"),
    info::<ClearUserMessagesRequest>("clear_user_messages"),
    info::<ClearConversationRequest>("clear_conversation"),
    info::<GetMessage>("get_message"),
    info::<RecallBroadcastRequest>("recall_broadcast_message"),
    info::<RecallMulticastRequest>("recall_multicast_message"),
    info::<DeleteBroadcastRequest>("delete_broadcast_message"),
    info::<DeleteMulticastRequest>("delete_multicast_message"),
    info::<ConversationReadRequest>("get_conversation_read_timestamp"),
    info::<DeliveryTime>("get_delivery_timestamp"),
    info::<ImportMessages>("import_messages"),
    info::<GetUploadUrl>("upload"),
];

/// Every endpoint of a robot.
pub const ROBOT_ENDPOINTS: &[EndpointInfo] = &[
    info::<RobotSendRequest>("send_message"),
    info::<ReplyRequest>("reply_message"),
    info::<RobotUpdateRequest>("update_message"),
    info::<RobotRecall>("recall_message"),
    info::<SetCallback>("set_callback"),
    info::<GetCallback>("get_callback"),
    info::<DeleteCallback>("delete_callback"),
    info::<GetProfile>("get_profile"),
    info::<RobotUploadUrl>("upload"),
];

/// Every endpoint of a channel.
pub const CHANNEL_ENDPOINTS: &[EndpointInfo] = &[
    info::<ChannelSendRequest>("send_message"),
    info::<ChannelRecall>("recall_message"),
    info::<RepublishRequest>("republish_message"),
];
