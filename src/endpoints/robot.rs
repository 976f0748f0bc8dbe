//! What a robot may do: robot/message/send and its like, the address of its callback, and its profile.

use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Effect, Endpoint, Rules, SendRequest,
    answer::{Answer, required},
    oss::{GetUploadUrl, UploadAddress},
    send::as_number,
};
use crate::{Conversation, MessageError, MessagePayload, RecalledMessage, SentMessage, UserInfo, check, steps};

/// A message of a robot to a conversation.
// Source: wire.md §8.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct RobotSendRequest {
    /// The conversation to which it is sent. The robot must be a member of the group.
    #[serde(rename = "conv")]
    pub conversation: Conversation,
    /// The payload of the message.
    pub payload: MessagePayload,
    /// Only these users of the conversation receive it, and the robot; empty for all.
    #[uniffi(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to_users: Vec<String>,
}

impl RobotSendRequest {
    /// A message to everyone in the conversation.
    pub fn new(conversation: Conversation, payload: MessagePayload) -> Self {
        Self { conversation, payload, to_users: Vec::new() }
    }
}

/// The sender is the robot, whatever sender the request names.
impl From<SendRequest> for RobotSendRequest {
    fn from(request: SendRequest) -> Self {
        let SendRequest { conversation, payload, to_users, .. } = request;
        Self { conversation, payload, to_users }
    }
}

impl Endpoint for RobotSendRequest {
    const NAME: &'static str = "robot/message/send";
    const EFFECT: Effect = Effect::EachTime;
    const IN_EVERY_EDITION: bool = true;
    type Answer = SentMessage;

    fn check(&self, rules: &Rules) -> Result<(), MessageError> {
        self.conversation.check("conversation")?;
        self.payload.check("payload", rules.any_content_type)?;
        check::no_empty_entry("to_users", &self.to_users)
    }
}

/// A robot's reply to a message, in the conversation of that message.
// Source: wire.md §8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct ReplyRequest {
    /// The id of the message to which it replies.
    pub message_uid: i64,
    /// The payload of the reply.
    pub payload: MessagePayload,
    /// In a group, only the sender of that message receives the reply.
    #[serde(rename = "only2Sender")]
    #[uniffi(default = false)]
    pub only_to_sender: bool,
}

impl Endpoint for ReplyRequest {
    const NAME: &'static str = "robot/message/reply";
    const EFFECT: Effect = Effect::EachTime;
    type Answer = SentMessage;

    fn check(&self, rules: &Rules) -> Result<(), MessageError> {
        check::message_uid(self.message_uid)?;
        self.payload.check("payload", rules.any_content_type)
    }
}

/// A new payload for a message of the robot.
// Source: wire.md §8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct RobotUpdateRequest {
    /// The message's id.
    pub message_uid: i64,
    /// The new payload.
    pub payload: MessagePayload,
    /// Whether the message is sent again, so that devices which have it show the new payload.
    #[serde(serialize_with = "as_number")]
    #[uniffi(default = true)]
    pub distribute: bool,
}

impl Endpoint for RobotUpdateRequest {
    const NAME: &'static str = "robot/message/update";
    /// The same as for any message.
    const EFFECT: Effect = Effect::EachTime;
    type Answer = ();

    fn check(&self, rules: &Rules) -> Result<(), MessageError> {
        check::message_uid(self.message_uid)?;
        self.payload.check("payload", rules.any_content_type)
    }
}

/// The recall of a message of the robot.
// Source: wire.md §8.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotRecall {
    pub(crate) message_uid: i64,
}

impl Endpoint for RobotRecall {
    const NAME: &'static str = "robot/message/recall";
    const EFFECT: Effect = Effect::Once;
    type Answer = Option<RecalledMessage>;

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::message_uid(self.message_uid)
    }
}

/// The URL to which the server posts the messages that the robot receives.
// Source: wire.md §8.
#[derive(Debug, Serialize)]
pub(crate) struct SetCallback {
    pub(crate) url: String,
}

impl Endpoint for SetCallback {
    const NAME: &'static str = "robot/set_callback";
    /// A second execution would replace a URL that was set in between.
    const EFFECT: Effect = Effect::EachTime;
    const IN_EVERY_EDITION: bool = true;
    type Answer = ();

    /// The reasons do not repeat the URL, because whoever knows it can post to the application as the server does.
    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::not_empty("url", &self.url)?;
        match self.url.parse::<Url>() {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
            Ok(_) => Err(MessageError::invalid("url", "it must begin with http:// or https://")),
            Err(error) => Err(MessageError::invalid("url", format!("it is not a URL: {error}"))),
        }
    }
}

/// Asks for the URL to which the server posts the messages that the robot receives.
// Source: wire.md §8.
#[derive(Debug, Serialize)]
pub(crate) struct GetCallback {}

impl Endpoint for GetCallback {
    const NAME: &'static str = "robot/get_callback";
    const EFFECT: Effect = Effect::None;
    const ANSWER_IS_SECRET: bool = true;
    const IN_EVERY_EDITION: bool = true;
    type Answer = Callback;

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        Ok(())
    }
}

/// The URL of the callback, if one is set.
pub(crate) struct Callback(pub(crate) Option<String>);

impl Answer for Callback {
    /// If none is set, the server may answer with an empty text, with none, or without a result.
    fn read(result: Option<&RawValue>) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Told {
            url: Option<String>,
        }
        let told = match result {
            Some(_) => required::<Option<Told>>(result)?,
            None => None,
        };
        Ok(Self(told.and_then(|told| told.url).filter(|url| !url.is_empty())))
    }
}

/// Makes the server stop posting.
// Source: wire.md §8.
#[derive(Debug, Serialize)]
pub(crate) struct DeleteCallback {}

impl Endpoint for DeleteCallback {
    const NAME: &'static str = "robot/delete_callback";
    /// A second execution would delete a URL that was set in between.
    const EFFECT: Effect = Effect::EachTime;
    const IN_EVERY_EDITION: bool = true;
    type Answer = ();

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        Ok(())
    }
}

/// Asks for the robot's profile.
// Source: wire.md §8.
#[derive(Debug, Serialize)]
pub(crate) struct GetProfile {}

impl Endpoint for GetProfile {
    const NAME: &'static str = "robot/profile";
    /// Newer community servers have it too.
    const EFFECT: Effect = Effect::None;
    type Answer = UserInfo;

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        Ok(())
    }
}

impl Answer for UserInfo {
    fn read(result: Option<&RawValue>) -> Result<Self, String> {
        required(result)
    }
}

/// Asks where the robot can upload a file.
// Source: wire.md §7.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct RobotUploadUrl(pub(crate) GetUploadUrl);

impl Endpoint for RobotUploadUrl {
    const NAME: &'static str = steps::ROBOT_ADDRESS;
    const EFFECT: Effect = GetUploadUrl::EFFECT;
    const ANSWER_IS_SECRET: bool = GetUploadUrl::ANSWER_IS_SECRET;
    type Answer = UploadAddress;

    fn check(&self, rules: &Rules) -> Result<(), MessageError> {
        self.0.check(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callback(result: Option<&str>) -> Result<Option<String>, String> {
        let result = result.map(|text| serde_json::from_str::<Box<RawValue>>(text).unwrap());
        Callback::read(result.as_deref()).map(|callback| callback.0)
    }

    #[test]
    fn no_callback_is_told_in_many_ways() {
        for result in [None, Some("null"), Some("{}"), Some(r#"{"url":null}"#), Some(r#"{"url":""}"#)] {
            assert_eq!(callback(result), Ok(None), "{result:?}");
        }
        assert_eq!(callback(Some(r#"{"url":"http://a/b","more":1}"#)), Ok(Some("http://a/b".into())));
        assert!(callback(Some("[]")).is_err_and(|reason| reason.contains("expected form")));
    }
}
