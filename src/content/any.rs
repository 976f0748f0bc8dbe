//! Any content: [`MessageContent`], and [`decode_content`], which makes one of a payload.

use super::*;
use crate::{ContentType, MessageError, MessagePayload};

/// The content of a payload, with named fields.
#[derive(Debug, Clone, PartialEq, uniffi::Enum)]
pub enum MessageContent {
    /// Text.
    Text {
        /// The content.
        value: TextContent,
    },
    /// A voice recording.
    Voice {
        /// The content.
        value: VoiceContent,
    },
    /// An image.
    Image {
        /// The content.
        value: ImageContent,
    },
    /// A place on the map.
    Location {
        /// The content.
        value: LocationContent,
    },
    /// A file.
    File {
        /// The content.
        value: FileContent,
    },
    /// A video.
    Video {
        /// The content.
        value: VideoContent,
    },
    /// A sticker.
    Sticker {
        /// The content.
        value: StickerContent,
    },
    /// A link to a page.
    Link {
        /// The content.
        value: LinkContent,
    },
    /// Text that is stored but not counted as unread.
    PlainText {
        /// The content.
        value: PlainTextContent,
    },
    /// The card of a user, group, chatroom or channel.
    Card {
        /// The content.
        value: CardContent,
    },
    /// Messages forwarded together.
    Composite {
        /// The content.
        value: CompositeContent,
    },
    /// A notification with rows.
    RichNotification {
        /// The content.
        value: RichNotificationContent,
    },
    /// Articles of a channel.
    Articles {
        /// The content.
        value: ArticlesContent,
    },
    /// Text that is still being written.
    StreamingTextGenerating {
        /// The content.
        value: StreamingTextGeneratingContent,
    },
    /// Text that has been written to its end.
    StreamingTextGenerated {
        /// The content.
        value: StreamingTextGeneratedContent,
    },
    /// A list that people join.
    Collection {
        /// The content.
        value: CollectionContent,
    },
    /// A poll.
    Poll {
        /// The content.
        value: PollContent,
    },
    /// The result of a poll.
    PollResult {
        /// The content.
        value: PollResultContent,
    },
    /// Text whose writing was cancelled.
    StreamingTextCancelled {
        /// The content.
        value: StreamingTextCancelledContent,
    },
    /// The minutes of a meeting.
    MeetingMinutes {
        /// The content.
        value: MeetingMinutesContent,
    },
    /// What somebody says in a meeting, sent while it is spoken.
    Transcription {
        /// The content.
        value: TranscriptionContent,
    },
    /// A grey line in the conversation.
    Tip {
        /// The content.
        value: TipContent,
    },
    /// Somebody is typing.
    Typing {
        /// The content.
        value: TypingContent,
    },
    /// Pictures and videos with a text.
    MixMultiMediaText {
        /// The content.
        value: MixMultiMediaTextContent,
    },
    /// Files with a text.
    MixFileText {
        /// The content.
        value: MixFileTextContent,
    },
    /// What is left of a recalled message; it can only be read.
    Recalled {
        /// The content.
        value: RecalledContent,
    },
    /// A content of a type that the library does not know: one of your own, or a newer one of the vendor's.
    Custom {
        /// The payload, unchanged.
        payload: MessagePayload,
    },
}

/// The content of a payload, with named fields. Reading is lenient: if a part is missing or broken, its fields are
/// empty and the others are kept; for a type that the library does not know, the payload is returned unchanged. Never
/// fails.
#[uniffi::export(name = "native_decode_content")]
pub fn decode_content(payload: MessagePayload) -> Result<MessageContent, MessageError> {
    Ok(MessageContent::read(payload))
}

/// What holds for every content that is written as well as read: a variant is called as its number in
/// `ContentType` is.
macro_rules! contents {
    ($($variant:ident($record:ident)),* $(,)?) => {
        impl MessageContent {
            fn read(payload: MessagePayload) -> Self {
                match payload.content_type {
                    $(number if number == ContentType::$variant as i32 => Self::$variant { value: $record::read(payload) },)*
                    number if number == ContentType::Recalled as i32 => Self::Recalled { value: RecalledContent::read(payload) },
                    _ => Self::Custom { payload },
                }
            }
        }

        #[uniffi::export]
        impl MessageContent {
            /// The payload to send. For a custom content this is its own payload, in which the extras replace what they
            /// set. Fails with `InvalidArgument` for the content of a recalled message, which cannot be sent, and in
            /// the same cases as `to_payload` of the content itself.
            #[uniffi::method(name = "native_to_payload", default(extras))]
            pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
                match self {
                    $(Self::$variant { value } => value.to_payload(extras),)*
                    Self::Recalled { .. } => Err(MessageError::invalid(
                        "content",
                        "only the server writes what is left of a recalled message: it can be read, but not sent",
                    )),
                    Self::Custom { payload } => layout::finish(payload.clone(), extras),
                }
            }
        }

        $(impl From<$record> for MessageContent {
            fn from(value: $record) -> Self {
                Self::$variant { value }
            }
        })*
    };
}

contents!(
    Text(TextContent),
    Voice(VoiceContent),
    Image(ImageContent),
    Location(LocationContent),
    File(FileContent),
    Video(VideoContent),
    Sticker(StickerContent),
    Link(LinkContent),
    PlainText(PlainTextContent),
    Card(CardContent),
    Composite(CompositeContent),
    RichNotification(RichNotificationContent),
    Articles(ArticlesContent),
    StreamingTextGenerating(StreamingTextGeneratingContent),
    StreamingTextGenerated(StreamingTextGeneratedContent),
    Collection(CollectionContent),
    Poll(PollContent),
    PollResult(PollResultContent),
    StreamingTextCancelled(StreamingTextCancelledContent),
    MeetingMinutes(MeetingMinutesContent),
    Transcription(TranscriptionContent),
    Tip(TipContent),
    Typing(TypingContent),
    MixMultiMediaText(MixMultiMediaTextContent),
    MixFileText(MixFileTextContent),
);
