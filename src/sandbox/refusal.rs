//! Why an endpoint does not do what it was asked: [`Refusal`].

use super::{fields::Unreadable, message::Message};

/// Why a handler does not do what it was asked.
pub(super) enum Refusal {
    /// A business error.
    Code(i32),
    /// The body does not fit the endpoint: HTTP 500.
    Unreadable(Unreadable),
    /// Not before the censor was asked about this message.
    CensorFirst(Box<Message>),
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}
