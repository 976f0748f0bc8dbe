//! Cards of users, groups, chatrooms and channels: type 10.

use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MessageError, MessagePayload, check};

/// The card of a user, group, chatroom or channel, by which others can find it. Type 10.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct CardContent {
    /// Id of the user, group, chatroom or channel; not empty.
    pub target: String,
    /// Whose card it is: 0 a user's, 1 a group's, 2 a chatroom's, 3 a channel's.
    #[uniffi(default)]
    pub kind: i32,
    /// The name of the user, group, chatroom or channel.
    #[uniffi(default)]
    pub name: String,
    /// The name that is shown.
    #[uniffi(default)]
    pub display_name: String,
    /// URL of the picture on the card.
    #[uniffi(default)]
    pub portrait: String,
    /// Id of the user who recommends the user, group, chatroom or channel.
    #[uniffi(default)]
    pub from_user: String,
}

#[uniffi::export]
impl CardContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no target, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        #[derive(Serialize)]
        struct Data<'a> {
            t: i32,
            n: &'a str,
            d: &'a str,
            p: &'a str,
            f: &'a str,
        }
        check::not_empty("target", &self.target)?;
        let Self { target, kind, name, display_name, portrait, from_user } = self;
        let payload = MessagePayload {
            content: target.clone(),
            data: json::bytes(&Data { t: *kind, n: name, d: display_name, p: portrait, f: from_user }),
            ..layout::blank(ContentType::Card)
        };
        layout::finish(payload, extras)
    }
}

impl CardContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let mut data = Fields::read(&payload.data);
        Self {
            target: payload.content,
            kind: data.int("t").unwrap_or_default(),
            name: data.text("n"),
            display_name: data.text("d"),
            portrait: data.text("p"),
            from_user: data.text("f"),
        }
    }
}
