//! Names for the numbers of the open lists: what a record's integer means.
//!
//! The records carry plain integers; these enums only name the known ones. Rust writes
//! `ConversationType::Group as i32`, Python has an `IntEnum`, Kotlin constants, Swift static members, all
//! emitted from the lists below.

/// What a conversation is with.
// Source: wire.md §3, Conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
#[repr(i32)]
pub enum ConversationType {
    /// One user.
    Single = 0,
    /// A group.
    Group = 1,
    /// A chatroom.
    Chatroom = 2,
    /// A channel.
    Channel = 3,
    /// A thing (a device).
    Things = 4,
    /// A secret chat.
    SecretChat = 5,
}

/// What a payload holds.
// Source: layouts.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
#[repr(i32)]
pub enum ContentType {
    /// Text.
    Text = 1,
    /// A voice recording.
    Voice = 2,
    /// An image.
    Image = 3,
    /// A place.
    Location = 4,
    /// A file.
    File = 5,
    /// A video.
    Video = 6,
    /// A sticker.
    Sticker = 7,
    /// A link to a page.
    Link = 8,
    /// Text that is stored but not counted as unread.
    PlainText = 9,
    /// The card of a user, group, chatroom or channel.
    Card = 10,
    /// Messages forwarded together.
    Composite = 11,
    /// A notification with rows.
    RichNotification = 12,
    /// Articles of a channel.
    Articles = 13,
    /// Text that is still being written.
    StreamingTextGenerating = 14,
    /// Text that has been written to its end.
    StreamingTextGenerated = 15,
    /// A list that people join.
    Collection = 17,
    /// A poll.
    Poll = 18,
    /// How a poll ended.
    PollResult = 19,
    /// Text whose writing was given up.
    StreamingTextCancelled = 20,
    /// The minutes of a meeting.
    MeetingMinutes = 25,
    /// What somebody in a meeting said, while it is spoken.
    Transcription = 26,
    /// What is left of a recalled message.
    Recalled = 80,
    /// A grey line in the conversation.
    Tip = 90,
    /// Somebody is typing.
    Typing = 91,
    /// Pictures and videos with a text.
    MixMultiMediaText = 510,
    /// Files with a text.
    MixFileText = 511,
}

/// What kind of file a payload's URL leads to.
// Source: wire.md §3, mediaType.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
#[repr(i32)]
pub enum MediaType {
    /// No file, or one of no special kind.
    General = 0,
    /// An image.
    Image = 1,
    /// A voice recording.
    Voice = 2,
    /// A video.
    Video = 3,
    /// A file.
    File = 4,
    /// A user's or group's picture.
    Portrait = 5,
    /// A favourite.
    Favourite = 6,
    /// A sticker.
    Sticker = 7,
    /// A picture of the moments.
    Moments = 8,
    /// The first kind left to applications.
    Custom1 = 9,
    /// The second kind left to applications.
    Custom2 = 10,
    /// The third kind left to applications.
    Custom3 = 11,
    /// A file of the network disk.
    Pan = 12,
}

/// What receivers and the server keep of a message.
// Source: wire.md §3, persistFlag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
#[repr(i32)]
pub enum PersistFlag {
    /// Not stored.
    NotStored = 0,
    /// Stored, not counted as unread.
    Stored = 1,
    /// Stored and counted as unread.
    StoredAndCounted = 3,
    /// Not stored, and gone when the receiver is not there within 10 seconds.
    Transparent = 4,
}

/// Whom a message mentions.
// Source: wire.md §3, mentionedType.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
#[repr(i32)]
pub enum MentionedType {
    /// Nobody.
    Nobody = 0,
    /// Those in `mentioned_targets`.
    Targets = 1,
    /// Everyone in the conversation.
    Everyone = 2,
}

/// The platform of the device a message was sent from.
// Source: wire.md §3, platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
#[repr(i32)]
pub enum Platform {
    /// Not told; messages sent through the server API have it.
    Unset = 0,
    /// iPhone.
    Ios = 1,
    /// Android phone.
    Android = 2,
    /// Windows.
    Windows = 3,
    /// macOS.
    Macos = 4,
    /// A browser.
    Web = 5,
    /// A mini program.
    Wx = 6,
    /// Linux.
    Linux = 7,
    /// iPad.
    Ipad = 8,
    /// Android tablet.
    AndroidPad = 9,
    /// Harmony phone.
    Harmony = 10,
    /// Harmony tablet.
    HarmonyPad = 11,
    /// Harmony computer.
    HarmonyPc = 12,
    /// Android watch or other wearable.
    AndroidWearable = 13,
    /// Harmony watch or other wearable.
    HarmonyWearable = 14,
    /// Android television.
    AndroidTv = 15,
    /// Apple TV.
    AppleTv = 16,
    /// Harmony television.
    HarmonyTv = 17,
}

/// The server's error codes that have a name. Others may come: an error's `code` is always the number.
// Source: wire.md §5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
#[repr(i32)]
pub enum ErrorCode {
    /// It worked.
    Success = 0,
    /// The secret key does not match.
    SecretKeyMismatch = 1,
    /// The data is not valid.
    InvalidData = 2,
    /// The node does not exist.
    NodeNotExist = 3,
    /// The server failed; it is unknown whether it executed the request.
    ServerError = 4,
    /// Nothing was modified.
    NotModified = 5,
    /// The token is wrong.
    TokenError = 6,
    /// The user was kicked off.
    KickedOff = 7,
    /// The user is forbidden.
    UserForbidden = 8,
    /// The user is not in the group.
    NotInGroup = 9,
    /// The message is not valid.
    InvalidMessage = 10,
    /// The group already exists.
    GroupAlreadyExist = 11,
    /// The user is already in the group.
    AlreadyInGroup = 12,
    /// The friend request was already sent.
    FriendAlreadyRequested = 16,
    /// The friend request is blocked.
    FriendRequestBlocked = 18,
    /// The friend request has expired.
    FriendRequestExpired = 19,
    /// The user is not in the chatroom.
    NotInChatroom = 20,
    /// The user is not in the channel.
    NotInChannel = 21,
    /// The server has no licence for this.
    NotLicensed = 22,
    /// The users are already friends.
    AlreadyFriends = 23,
    /// It is too late to recall the message.
    RecallTimeExpired = 24,
    /// It is already locked.
    AlreadyLocked = 25,
    /// The lock belongs to another user.
    NotYourLock = 26,
    /// The robot has no token.
    RobotNoToken = 27,
    /// WebSocket is not configured.
    WsNotConfigured = 28,
    /// The times are not consistent.
    TimeInconsistent = 30,
    /// The message is larger than the server accepts.
    MessageTooLarge = 35,
    /// The conference room does not exist.
    ConferenceRoomNotExist = 60,
    /// There is no conference service.
    ConferenceServiceNotAvailable = 61,
    /// The application's token is wrong.
    ApplicationTokenError = 70,
    /// The conference failed.
    ConferenceError = 90,
    /// The function is disabled.
    FunctionDisabled = 220,
    /// The server is busy; this call was not executed.
    ServerBusy = 221,
    /// A part of it worked; it is unknown which part.
    PartlySuccess = 222,
    /// Another device of the user is in the chatroom.
    OtherClientAlreadyInChatroom = 225,
    /// The channel does not exist.
    ChannelNotExist = 236,
    /// The channel has no secret.
    ChannelNoSecret = 237,
    /// The user is not prepared.
    UserNotPrepared = 238,
    /// The request is not signed.
    ApiNotSigned = 239,
    /// The group would have too many members.
    GroupExceedsMaxMembers = 240,
    /// The group is muted.
    GroupMuted = 241,
    /// The text contains a sensitive word.
    SensitiveWordMatched = 242,
    /// The time of the signature is too far from the server's time.
    SignExpired = 243,
    /// The signature is wrong.
    AuthFailure = 244,
    /// The user is blocked; on a professional server also: more users than licensed.
    UserBlocked = 245,
    /// The sender is on the black list of the receiver.
    InBlackList = 246,
    /// The sender may not send messages.
    SendingForbidden = 247,
    /// The sender has no right to do this.
    NoRight = 248,
    /// The server's own time-out; it is unknown whether the server executed the request.
    Timeout = 249,
    /// There were more calls than the server accepts; this call was not executed.
    OverFrequency = 250,
    /// A parameter is not valid.
    InvalidParameter = 251,
    /// The server continues the work; its result is unknown.
    AsyncHandling = 252,
    /// The message, group, channel or other object does not exist.
    NotExist = 253,
    /// The server does not implement this.
    NotImplemented = 254,
    /// It worked; the answer is compressed.
    SuccessGzipped = 255,
}
