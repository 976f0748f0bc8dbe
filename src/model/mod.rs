//! What callers hold: conversations, payloads, messages and results, one set of types for every language.
//!
//! Each record is at once the Rust type, the JSON of the wire (serde) and the record the other languages
//! see (uniffi). Numbers of the open lists (conversation types, content types, …) stay plain integers, so
//! that one this library does not know passes unharmed; [`numbers`] names the known ones.

mod bytes;
mod conversation;
mod message;
mod payload;
mod people;
mod results;
pub(crate) mod wire;

pub(crate) use crate::numbers;
pub use conversation::Conversation;
pub use message::{ClientInfo, Message};
#[cfg(any(feature = "cli", feature = "outbox"))]
pub use payload::FIELDS;
pub use payload::{MAX_PAYLOAD_BYTES, MessagePayload};
pub use people::{ChannelInfo, GroupInfo, UserInfo};
pub use results::{BroadcastMessage, RecalledMessage, SentMessage};
