//! The built-in contents: records with named fields, and the payloads they travel in.
//!
//! One file per content, or a few of a kind: its fields, `to_payload`, which lays them out as the receivers'
//! clients expect, and `read`, which takes them out again. [`MessageContent`] is any of them, and what
//! [`decode_content`] makes of a payload. Source of every layout: layouts.md.
//!
//! ```
//! use wildfirechat_message::{ContentExtras, MessageContent, TextContent, decode_content};
//!
//! # fn main() -> Result<(), wildfirechat_message::MessageError> {
//! let payload = TextContent::new("@Ann the build is green").to_payload(Some(ContentExtras::mention(["ann"])))?;
//! assert_eq!(decode_content(payload)?, MessageContent::from(TextContent::new("@Ann the build is green")));
//! # Ok(())
//! # }
//! ```
//!
//! Writing: every key of a layout is written, in the order of layouts.md, also when its text is empty; only
//! what is optional is left out when it is not there. Reading is lenient: what is missing or of the wrong
//! type is empty, and the rest is kept.

mod any;
mod articles;
mod card;
mod collection;
mod composite;
mod extras;
mod file;
mod image;
mod json;
mod layout;
mod link;
mod location;
mod meeting;
mod mention;
mod mix;
mod notification;
mod of_message;
mod poll;
mod recalled;
mod sticker;
mod streaming;
mod text;
#[cfg(feature = "thumbnails")]
mod thumbnail;
mod tip;
mod typing;
mod video;
mod voice;

pub use any::{MessageContent, decode_content};
pub use articles::{Article, ArticlesContent};
pub use card::CardContent;
pub use collection::{CollectionContent, CollectionEntry};
pub use composite::CompositeContent;
pub use extras::{ContentExtras, content_extras};
pub use file::FileContent;
pub use image::ImageContent;
pub use link::LinkContent;
pub use location::LocationContent;
pub use meeting::{MeetingMinutesContent, TranscriptionContent};
pub use mention::Mention;
pub(crate) use mention::check_each;
pub use mix::{MixFile, MixFileTextContent, MixMultiMediaItem, MixMultiMediaTextContent};
pub use notification::{NotificationItem, RichNotificationContent};
pub use poll::{PollContent, PollOptionResult, PollResultContent};
pub use recalled::RecalledContent;
pub use sticker::StickerContent;
pub use streaming::{StreamingTextCancelledContent, StreamingTextGeneratedContent, StreamingTextGeneratingContent};
pub use text::{PlainTextContent, Quote, TextContent};
#[cfg(feature = "files")]
pub(crate) use thumbnail::Picture;
#[cfg(feature = "thumbnails")]
pub use thumbnail::make_thumbnail;
pub use tip::TipContent;
pub use typing::TypingContent;
pub use video::VideoContent;
pub use voice::VoiceContent;
