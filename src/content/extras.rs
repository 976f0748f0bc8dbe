//! What goes with any content: [`ContentExtras`].

use crate::{ContentType, MentionedType, MessageError, MessagePayload};

/// What a message contains besides its content: mentions, the push notification, a text of the sender's own, the expiry
/// time.
///
/// All fields may be left out; `to_payload` of each content accepts extras.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct ContentExtras {
    /// Who is mentioned, one of `MentionedType`: 0 nobody, 1 the users in `mentioned_targets`, 2 everyone.
    #[uniffi(default)]
    pub mentioned_type: i32,
    /// Ids of the users who are mentioned if `mentioned_type` is 1.
    #[uniffi(default)]
    pub mentioned_targets: Vec<String>,
    /// Text of the sender's own that is sent with the message.
    #[uniffi(default)]
    pub extra: String,
    /// The text of the push notification; empty for the receiver's default text. A rich notification keeps its title in
    /// this field, so it refuses any other text.
    #[uniffi(default)]
    pub push_content: String,
    /// Data that is sent with the push notification and not shown.
    #[uniffi(default)]
    pub push_data: String,
    /// Seconds after reading at which the message disappears; 0 for never.
    #[uniffi(default)]
    pub expire_duration: i32,
}

impl ContentExtras {
    /// Mentions these users.
    pub fn mention(users: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            mentioned_type: MentionedType::Targets as i32,
            mentioned_targets: users.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Mentions everyone in the conversation.
    pub fn mention_everyone() -> Self {
        Self { mentioned_type: MentionedType::Everyone as i32, ..Self::default() }
    }

    /// Puts on what is set; what is not set leaves the payload as it is.
    pub(super) fn put_on(self, payload: &mut MessagePayload) {
        let Self { mentioned_type, mentioned_targets, extra, push_content, push_data, expire_duration } = self;
        replace(&mut payload.mentioned_type, mentioned_type);
        replace(&mut payload.mentioned_targets, mentioned_targets);
        replace(&mut payload.extra, extra);
        replace(&mut payload.push_content, push_content);
        replace(&mut payload.push_data, push_data);
        replace(&mut payload.expire_duration, expire_duration);
    }
}

fn replace<T: Default + PartialEq>(place: &mut T, given: T) {
    if given != T::default() {
        *place = given;
    }
}

/// What a payload contains besides its content; together with `decode_content` this is everything in the payload of a
/// built-in content. The push text of a rich notification is its title and is not part of the result. Never fails.
#[uniffi::export(name = "native_content_extras")]
pub fn content_extras(payload: MessagePayload) -> Result<ContentExtras, MessageError> {
    let is_title = payload.content_type == ContentType::RichNotification as i32;
    Ok(ContentExtras {
        mentioned_type: payload.mentioned_type,
        mentioned_targets: payload.mentioned_targets,
        extra: payload.extra,
        push_content: if is_title { String::new() } else { payload.push_content },
        push_data: payload.push_data,
        expire_duration: payload.expire_duration,
    })
}
