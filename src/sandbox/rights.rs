//! What servers of different versions make of a message: how large it may be, and the rights of a user who sends it.

use super::{
    SandboxError,
    message::{CHANNEL, CHATROOM, Conversation, GROUP, Payload, SINGLE},
    refusal::Refusal,
};

const USER_FORBIDDEN: i32 = 8;
const NOT_IN_GROUP: i32 = 9;
const NOT_IN_CHATROOM: i32 = 20;
const NOT_IN_CHANNEL: i32 = 21;
const TOO_LARGE: i32 = 35;
const GROUP_MUTED: i32 = 241;
pub(super) const SENSITIVE_WORD: i32 = 242;
const IN_BLACK_LIST: i32 = 246;
const SENDING_FORBIDDEN: i32 = 247;
const NO_RIGHT: i32 = 248;
const INVALID_PARAMETER: i32 = 251;

/// What the texts of a payload may have in UTF-16 units, and its data in bytes, together.
const LARGEST: usize = 65_536;

/// A server's version, such as 1.2.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version([u32; 3]);

impl Version {
    pub(super) const NEWEST: Self = Self([1, 4, 9]);
    pub(super) const OLDEST: Self = Self([0, 0, 0]);
    /// The first one after 1.2.4, which is the one that was seen.
    pub(super) const AFTER_THE_SEEN: Self = Self([1, 2, 5]);
    /// Since then a robot can reply to a message.
    pub(super) const REPLIES: Self = Self([1, 3, 9]);

    pub(super) fn of(text: &str) -> Result<Self, SandboxError> {
        let numbers: Option<Vec<u32>> = text.split('.').map(|number| number.parse().ok()).collect();
        match numbers.as_deref() {
            Some([major, minor, patch]) => Ok(Self([*major, *minor, *patch])),
            _ => Err(SandboxError::new(format!("server_version {text:?} is not a version such as 1.2.4"))),
        }
    }

    /// Whether it keeps to the list of users that a message to a chatroom has.
    pub(super) fn lists_in_chatrooms(self) -> bool {
        self >= Self([1, 3, 2])
    }

    /// Whether a channel's targets who are no subscribers are left out; otherwise they spoil the call.
    pub(super) fn leaves_strangers_out(self) -> bool {
        self >= Self::AFTER_THE_SEEN
    }

    /// Whether a robot or channel that is refused gets the error a second time, as the result.
    pub(super) fn repeats_errors(self) -> bool {
        self < Self([1, 4, 7])
    }

    /// Whether the rights of a user count who sends by the message API.
    pub(super) fn knows_rights(self) -> bool {
        self >= Self([1, 3, 8])
    }

    /// Refuses a payload that is too large, before anything else is looked at.
    pub(super) fn measures(self, payload: Option<&Payload>) -> Result<(), Refusal> {
        match payload {
            Some(payload) if self.knows_rights() && payload.size() > LARGEST => Err(Refusal::Code(TOO_LARGE)),
            _ => Ok(()),
        }
    }
}

/// Refuses what a user may not send. The ids tell who may what: see [`super`].
pub(super) fn may_send_as_a_user(sender: &str, conversation: &Conversation, payload: &Payload) -> Result<(), Refusal> {
    match payload.kind {
        200..=299 => Err(Refusal::Code(NO_RIGHT)),
        _ => may_send(sender, conversation, payload),
    }
}

/// Whether the server itself finds a sensitive word.
pub(super) fn is_sensitive(payload: &Payload) -> bool {
    payload.searchable_content.contains("sensitive-word")
}

/// Refuses what a user, a robot or a channel may not send, whatever it says.
pub(super) fn may_send(sender: &str, conversation: &Conversation, payload: &Payload) -> Result<(), Refusal> {
    let target = |beginning: &str| conversation.target.starts_with(beginning);
    let refused = match payload.kind {
        80 | 81 | 100..=199 => Some(INVALID_PARAMETER),
        _ if sender.starts_with("muted") || sender.starts_with("blocked") => Some(SENDING_FORBIDDEN),
        _ => match conversation.kind {
            SINGLE if target("unfriendly") => Some(IN_BLACK_LIST),
            SINGLE if target("blocked") => Some(USER_FORBIDDEN),
            GROUP if target("others") => Some(NOT_IN_GROUP),
            GROUP if target("muted") => Some(GROUP_MUTED),
            CHATROOM if target("others") => Some(NOT_IN_CHATROOM),
            CHANNEL if target("others") => Some(NOT_IN_CHANNEL),
            _ => None,
        },
    };
    refused.map_or(Ok(()), |code| Err(Refusal::Code(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared_by_their_numbers() {
        let version = |text| Version::of(text).unwrap();
        assert!(version("1.2.4") < version("1.3.2") && version("1.9.9") < version("1.10.0"));
        assert_eq!(version("1.4.9"), Version::NEWEST);
        for text in ["", "1", "1.2", "1.2.x", "1.2.3.4", "-1.2.3", "newest"] {
            assert!(Version::of(text).is_err(), "{text}");
        }
    }
}
