//! The signed message API of a [WildfireChat](https://github.com/wildfirechat) server: send, broadcast,
//! recall, look up and delete messages, and import those of another system.
//!
//! ```no_run
//! use wildfirechat_message::{Conversation, MessageClient, MessagePayload, SendRequest};
//!
//! # fn main() -> Result<(), wildfirechat_message::MessageError> {
//! let client = MessageClient::new("http://localhost:18080".into(), "123456".into(), None)?;
//! let request = SendRequest::new("admin", Conversation::group("g1"), MessagePayload::text("The build is green."));
//! let sent = client.send_message(request)?;
//! println!("{} at {}", sent.message_uid, sent.timestamp);
//! # Ok(())
//! # }
//! ```
//!
//! # The way of one call
//!
//! ```text
//! MessageClient::send_message      client.rs      which endpoint for which method
//!   └─ SendRequest: Endpoint       endpoints/     path, body, answer, safe to repeat?, what can never work
//!        └─ Caller::run            call/          sign → post → read at most N bytes → envelope → answer or error
//!             └─ Engine::wait      runtime.rs     a runtime for each call under way, driven by its caller
//! ```
//!
//! What callers hold lives in `model/`, the built-in contents that payloads carry in `content/`, what can go
//! wrong in `error.rs`, the embedded server for tests in `sandbox/` (feature `sandbox`). Python, Kotlin and
//! Swift see the same types through uniffi, each under a thin layer of its own in `bindings/`.

mod access;
mod atomic;
mod bulk;
mod call;
mod callback;
mod check;
mod client;
mod content;
mod credentials;
#[doc(hidden)]
pub mod endpoints;
mod error;
#[cfg(feature = "files")]
mod file_message;
mod log_line;
mod model;
mod multicast;
mod notice;
mod numbers;
mod options;
#[cfg(feature = "outbox")]
mod outbox;
mod per_process;
mod proof;
mod ring;
mod runtime;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod senders;
mod stats;
mod steps;
mod stream;
mod upload;

/// What the program `wildfirechat-message` is made of besides. No interface of the library: it changes with the program.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod program {
    pub use crate::{bulk::outcomes, error::Span, model::FIELDS};
}

// What only the other languages' layers call is no part of the documentation.
#[doc(hidden)]
pub use access::{Access, Answer};
#[doc(hidden)]
pub use bulk::{Bulk, BulkFailure, BulkNews};
pub use bulk::{BulkOptions, BulkProgress, SendOutcome, StopOn, WaitingFor};
pub use bytes::Bytes;
pub use call::{AttemptRecord, CallRecord, CallTrace, TraceAttribute, TraceSpan, TraceValue};
pub use callback::{
    CensorAnswer, RecallCallback, SubscriptionCallback, parse_message_callback, parse_recall_callback,
    parse_subscription_callback,
};
pub use client::MessageClient;
#[cfg(feature = "thumbnails")]
pub use content::make_thumbnail;
pub use content::{
    Article, ArticlesContent, CardContent, CollectionContent, CollectionEntry, CompositeContent, ContentExtras,
    FileContent, ImageContent, LinkContent, LocationContent, MeetingMinutesContent, Mention, MessageContent, MixFile,
    MixFileTextContent, MixMultiMediaItem, MixMultiMediaTextContent, NotificationItem, PlainTextContent, PollContent,
    PollOptionResult, PollResultContent, Quote, RecalledContent, RichNotificationContent, StickerContent,
    StreamingTextCancelledContent, StreamingTextGeneratedContent, StreamingTextGeneratingContent, TextContent,
    TipContent, TranscriptionContent, TypingContent, VideoContent, VoiceContent, content_extras, decode_content,
};
pub use credentials::Credentials;
pub use endpoints::{
    BroadcastRequest, ChannelSendRequest, ChannelSendTextRequest, ClearConversationRequest, ClearUserMessagesRequest,
    ConversationReadRequest, DeleteBroadcastRequest, DeleteMulticastRequest, ImportedMessage, MulticastRequest,
    RecallBroadcastRequest, RecallMulticastRequest, RecallRequest, ReplyRequest, RepublishRequest, RobotSendRequest,
    RobotSendTextRequest, RobotUpdateRequest, SendRequest, SendTextRequest, UpdateRequest,
};
pub use error::MessageError;
#[cfg(feature = "files")]
pub use file_message::{
    RobotSendFileRequest, RobotSendImageRequest, RobotSendVideoRequest, RobotSendVoiceRequest, SendFileRequest,
    SendImageRequest, SendVideoRequest, SendVoiceRequest,
};
pub use log_line::{LogLevel, LogLine};
pub use model::{
    BroadcastMessage, ChannelInfo, ClientInfo, Conversation, GroupInfo, MAX_PAYLOAD_BYTES, Message, MessagePayload,
    RecalledMessage, SentMessage, UserInfo,
};
pub use multicast::{MulticastEach, MulticastNews, MulticastOutcome, MulticastPart, Multicasts};
pub use numbers::{ContentType, ConversationType, ErrorCode, MediaType, MentionedType, PersistFlag, Platform};
pub use options::ClientOptions;
#[cfg(feature = "outbox")]
pub use outbox::{
    Outbox, OutboxEntries, OutboxEntry, OutboxError, OutboxPolicy, OutboxRequest, OutboxRun, OutboxSender, OutboxState,
    OutboxStatus, PutCounts, PutOptions, Resolution, RunOptions, RunProgress, RunWaitsFor,
};
pub use senders::{ChannelClient, RobotClient};
pub use stats::{ClientStats, LatencyBucket};
pub use stream::{RobotStreamTextRequest, StreamTextRequest, TextStream};
pub use upload::{Upload, UploadNews, UploadProgress, UploadRequest, UploadSource};

uniffi::setup_scaffolding!();
