//! What a test says and sees of callbacks.

use bytes::Bytes;

/// What a server forwards to a URL of its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum ForwardedCallback {
    /// Every message: `message.forward.url`.
    Messages,
    /// Messages that mention somebody: `message.mentionmsg.forward.url`.
    Mentions,
    /// Messages that are recalled: `message.recallmsg.forward.url`.
    Recalls,
    /// Messages that the server refuses because of a sensitive word: `message.sensitive.forward.url`.
    Sensitive,
}

/// What becomes of a callback that is not posted once and at once. A question to the censor is a callback, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum CallbackFault {
    /// It is never posted. A message about which the censor is not asked goes out.
    Lose,
    /// It is posted twice. Of a censor's two answers the first counts.
    Repeat,
    /// It is posted late, behind those that come after it. A censor that is asked 3 seconds late or more answers too late: the
    /// message goes out.
    Delay,
}

/// A callback that was posted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
#[uniffi::export(Eq, Hash)]
pub struct PostedCallback {
    /// Where it was posted.
    pub url: String,
    /// The body's bytes.
    pub body: Bytes,
    /// The status of the answer; 0 where nobody answered within 3 seconds.
    pub status: i32,
}
