//! What callers give for a message with a file: a record for each kind, of a user's and of a robot's.

use std::fmt;

use bytes::Bytes;

use super::kind::Kind;
use crate::Conversation;

/// Any of them, less who sends it to whom.
pub(crate) struct FileMessage {
    pub(super) kind: Kind,
    pub(super) data: Option<Bytes>,
    pub(super) path: Option<String>,
    pub(super) file_name: Option<String>,
    pub(super) remote_media_url: Option<String>,
    pub(super) duration: Option<i32>,
    pub(super) thumbnail: Option<Bytes>,
}

/// The records of one kind: a user's, and a robot's, who needs no sender. The last list has what this kind has besides.
macro_rules! file_requests {
    (
        $kind:ident, $user:ident, $robot:ident, $what:tt, $whose:tt, $named:tt;
        $($(#[$($meta:tt)*])* $field:ident: $type:ty),*
    ) => {
        #[doc = $what]
        #[derive(Clone, PartialEq, Eq, Default, uniffi::Record)]
        pub struct $user {
            /// Id of the user who sends it.
            pub sender: String,
            /// The conversation to send it to.
            pub conversation: Conversation,
            /// The bytes of the file.
            #[uniffi(default)]
            pub data: Option<Bytes>,
            /// The path of the file on this machine, in place of its bytes.
            #[uniffi(default)]
            pub path: Option<String>,
            #[doc = $named]
            #[uniffi(default)]
            pub file_name: Option<String>,
            $($(#[$($meta)*])* #[uniffi(default)] pub $field: Option<$type>,)*
            /// The URL of the file if it has been uploaded before, as `FailedAfterUpload` says: it is not uploaded again.
            #[uniffi(default)]
            pub remote_media_url: Option<String>,
        }

        #[doc = $whose]
        #[derive(Clone, PartialEq, Eq, Default, uniffi::Record)]
        pub struct $robot {
            /// Where it goes. The robot must be in the group.
            pub conversation: Conversation,
            /// The bytes of the file.
            #[uniffi(default)]
            pub data: Option<Bytes>,
            /// The path of the file on this machine, in place of its bytes.
            #[uniffi(default)]
            pub path: Option<String>,
            #[doc = $named]
            #[uniffi(default)]
            pub file_name: Option<String>,
            $($(#[$($meta)*])* #[uniffi(default)] pub $field: Option<$type>,)*
            /// The URL of the file if it has been uploaded before, as `FailedAfterUpload` says: it is not uploaded again.
            #[uniffi(default)]
            pub remote_media_url: Option<String>,
        }

        impl $user {
            /// Of a file on this machine, which is called there as it is here.
            pub fn file(sender: impl Into<String>, conversation: Conversation, path: impl Into<String>) -> Self {
                Self { sender: sender.into(), conversation, path: Some(path.into()), ..Self::default() }
            }

            /// Of bytes in memory.
            pub fn bytes(
                sender: impl Into<String>,
                conversation: Conversation,
                file_name: impl Into<String>,
                bytes: impl Into<Bytes>,
            ) -> Self {
                let (data, file_name) = (Some(bytes.into()), Some(file_name.into()));
                Self { sender: sender.into(), conversation, data, file_name, ..Self::default() }
            }
        }

        impl $robot {
            /// Of a file on this machine, which is called there as it is here.
            pub fn file(conversation: Conversation, path: impl Into<String>) -> Self {
                Self { conversation, path: Some(path.into()), ..Self::default() }
            }

            /// Of bytes in memory.
            pub fn bytes(conversation: Conversation, file_name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
                let (data, file_name) = (Some(bytes.into()), Some(file_name.into()));
                Self { conversation, data, file_name, ..Self::default() }
            }
        }

        file_requests!(@common $kind, $user, $($field),*);
        file_requests!(@common $kind, $robot, $($field),*);
    };
    (@common $kind:ident, $record:ident, $($field:ident),*) => {
        impl $record {
            pub(crate) fn take(&mut self) -> FileMessage {
                FileMessage {
                    data: self.data.take(),
                    path: self.path.take(),
                    file_name: self.file_name.take(),
                    remote_media_url: self.remote_media_url.take(),
                    $($field: self.$field.take(),)*
                    ..FileMessage::of(Kind::$kind)
                }
            }
        }

        /// Says how many bytes there are, and never which.
        impl fmt::Debug for $record {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let bytes = self.data.as_ref().map(Bytes::len);
                f.debug_struct(stringify!($record))
                    .field("conversation", &self.conversation)
                    .field("bytes", &bytes)
                    .field("path", &self.path)
                    .field("file_name", &self.file_name)
                    .finish_non_exhaustive()
            }
        }
    };
}

impl FileMessage {
    fn of(kind: Kind) -> Self {
        let (data, path, file_name, remote_media_url) = (None, None, None, None);
        Self { kind, data, path, file_name, remote_media_url, duration: None, thumbnail: None }
    }
}

file_requests!(
    Image, SendImageRequest, RobotSendImageRequest, "An image of a user's to a conversation.",
    "An image of a robot's to a conversation.",
    "The name of the file for the server; that of the path when left out.";
);

file_requests!(
    File, SendFileRequest, RobotSendFileRequest, "A file of a user's to a conversation.",
    "A file of a robot's to a conversation.",
    "The name of the file, as receivers see it; that of the path when left out. Bytes in memory need one.";
);

file_requests!(
    Video, SendVideoRequest, RobotSendVideoRequest, "A video of a user's to a conversation.",
    "A video of a robot's to a conversation.",
    "The name of the file for the server; that of the path when left out.";
    /// The length of the video in whole seconds; read out of the file when left out.
    duration: i32,
    /// An image of the video as a JPEG, PNG, WebP or GIF file of any size, which is made small; receivers see it until the
    /// video is played. None when left out.
    thumbnail: Bytes
);

file_requests!(
    Voice, SendVoiceRequest, RobotSendVoiceRequest, "A voice recording of a user's to a conversation.",
    "A voice recording of a robot's to a conversation.",
    "The name of the file for the server; that of the path when left out.";
    /// The length of the recording in whole seconds; read out of the file when left out.
    duration: i32
);
