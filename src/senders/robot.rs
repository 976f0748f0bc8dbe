//! [`RobotClient`]: what a robot sends and asks.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{
    Bulk, BulkOptions, BulkProgress, CallRecord, ClientOptions, ClientStats, Credentials, LogLevel, MessageError,
    RecalledMessage, ReplyRequest, RobotSendRequest, RobotSendTextRequest, RobotStreamTextRequest, RobotUpdateRequest,
    SendOutcome, SendRequest, SentMessage, TextStream, Upload, UploadProgress, UploadRequest, UploadSource, UserInfo,
    access::Access,
    bulk::{self, SendAs},
    call::{Identity, take_record},
    endpoints::{DeleteCallback, GetCallback, GetProfile, RobotRecall, RobotUploadUrl, SetCallback},
};
#[cfg(feature = "files")]
use crate::{
    Conversation, RobotSendFileRequest, RobotSendImageRequest, RobotSendVideoRequest, RobotSendVoiceRequest,
    file_message::{self, FileMessage},
};

/// A client of one robot. Its methods block until the answer has arrived, a time-out is over, or the call
/// has failed.
///
/// Any number of threads may share one client. Making a client opens no connection; a program may have several clients,
/// for different robots and servers. The methods of endpoints that only professional servers have fail with
/// `NotSupported` on a community server.
///
/// The sender of every message is the robot. It has the rights of a user: the server refuses messages that
/// the robot may not send, such as a message to a group that it is not in (code 9), or to a muted group (241).
///
/// ```
/// use wildfirechat_message::{Conversation, MessagePayload, RobotClient, RobotSendRequest, sandbox::Sandbox};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Sandbox::start()?;
/// server.set_robot("FireRobot".into(), Some("its secret".into()))?;
/// let robot = RobotClient::new(server.base_url()?, "FireRobot".into(), "its secret".into(), None)?;
/// let hello = RobotSendRequest::new(Conversation::group("g1"), MessagePayload::text("Hello"));
/// println!("{}", robot.send_message(hello)?.message_uid);
/// # Ok(())
/// # }
/// ```
#[derive(uniffi::Object)]
#[uniffi(name = "NativeRobotClient")]
pub struct RobotClient {
    access: Arc<Access>,
    robot_id: String,
}

#[uniffi::export(name = "NativeRobotClient")]
impl RobotClient {
    /// A client whose calls return after each `slice` of waiting with the error `Pending`, so that the caller can decide
    /// whether to stop; its access continues the wait. Credentials are pairs of texts, and headers by their names.
    /// `base_url` is the server's public address, such as `https://im.example.com`, not that of its admin API; a path prefix,
    /// for example of a proxy, is kept. `robot_id` is the robot's id. `secret` is the robot's own secret.
    #[doc(hidden)]
    #[uniffi::constructor(default(proxy_login), default(client_certificate), default(headers))]
    #[allow(clippy::too_many_arguments, reason = "uniffi's constructors take what the languages have at hand")]
    pub fn in_slices_with(
        base_url: String,
        robot_id: String,
        secret: String,
        options: Option<ClientOptions>,
        slice: Duration,
        proxy_login: Option<Vec<String>>,
        client_certificate: Option<Vec<String>>,
        headers: HashMap<String, String>,
    ) -> Result<Self, MessageError> {
        let credentials = Credentials::of(proxy_login, client_certificate, headers)?;
        Self::build(&base_url, robot_id, secret, options, credentials, Some(slice))
    }

    /// Sends a message to a conversation. robot/message/send; both editions.
    ///
    /// Success means accepted, not yet stored: the server answers before it writes to its database.
    pub fn send_message(&self, request: RobotSendRequest) -> Result<SentMessage, MessageError> {
        self.access.call(request)
    }

    /// Sends a text, which may mention users and answer a message. robot/message/send; both editions.
    ///
    /// Success means accepted, not yet stored: the server answers before it writes to its database.
    pub fn send_text(&self, request: RobotSendTextRequest) -> Result<SentMessage, MessageError> {
        self.access.call(RobotSendRequest::try_from(request)?)
    }

    /// Replies to a message, in the conversation of that message. robot/message/reply; professional servers.
    pub fn reply_message(&self, request: ReplyRequest) -> Result<SentMessage, MessageError> {
        self.access.call(request)
    }

    /// Replaces the payload of a message of the robot. robot/message/update; professional servers.
    pub fn update_message(&self, request: RobotUpdateRequest) -> Result<(), MessageError> {
        self.access.call(request)
    }

    /// Recalls a message of the robot and returns what it contained; None if the server did not say or the message was
    /// recalled before. Fails with `Rejected`, code 24, if it was sent too long ago. `message_uid` is the message's id.
    /// robot/message/recall; professional servers.
    pub fn recall_message(&self, message_uid: i64) -> Result<Option<RecalledMessage>, MessageError> {
        self.access.call(RobotRecall { message_uid })
    }

    /// Makes the server post the messages that the robot receives to a URL. The posts are not signed: use a path that
    /// nobody can guess, to tell the server from others. `url` is the URL, http or https. robot/set_callback; both editions.
    pub fn set_callback(&self, url: String) -> Result<(), MessageError> {
        self.access.call(SetCallback { url })
    }

    /// The URL to which the server posts; None if none is set. robot/get_callback; both editions.
    pub fn get_callback(&self) -> Result<Option<String>, MessageError> {
        self.access.call_then(GetCallback {}, |outcome| outcome.map(|callback| callback.0))
    }

    /// Makes the server stop posting messages. robot/delete_callback; both editions.
    pub fn delete_callback(&self) -> Result<(), MessageError> {
        self.access.call(DeleteCallback {})
    }

    /// The robot as the server knows it. robot/profile; both editions, newer servers.
    pub fn get_profile(&self) -> Result<UserInfo, MessageError> {
        self.access.call(GetProfile {})
    }

    /// Starts the sending of many messages; `total` is their number, if it is known. robot/message/send; both
    /// editions.
    #[doc(hidden)]
    #[uniffi::method(default(options), default(total))]
    pub fn begin_bulk(&self, options: Option<BulkOptions>, total: Option<i64>) -> Result<Bulk, MessageError> {
        Bulk::begin(
            Arc::clone(&self.access.caller),
            SendAs::Robot(self.robot_id.clone()),
            options,
            total,
            self.access.notifier(),
        )
    }

    /// Begins a text that grows. robot/message/send; both editions.
    #[doc(hidden)]
    pub fn begin_stream(&self, request: RobotStreamTextRequest) -> Result<TextStream, MessageError> {
        let access = &self.access;
        let request = request.of(self.robot_id.clone());
        TextStream::begin(
            &access.caller,
            &access.desk,
            SendAs::Robot(self.robot_id.clone()),
            request,
            access.notifier(),
        )
    }

    /// Starts the upload of bytes in memory; the content type is guessed from the ending of the name when left out.
    /// robot/oss/get_upload_url; professional servers.
    pub fn begin_upload(
        &self,
        file_name: String,
        data: Bytes,
        media_type: i32,
        content_type: Option<String>,
    ) -> Result<Upload, MessageError> {
        let source = UploadSource::Bytes(data);
        self.begin_upload_of(UploadRequest { file_name, source, media_type, content_type })
    }

    /// Starts the upload of a file on this machine; the content type is guessed from the ending of the name when left out.
    /// robot/oss/get_upload_url; professional servers.
    pub fn begin_file_upload(
        &self,
        file_name: String,
        path: String,
        media_type: i32,
        content_type: Option<String>,
    ) -> Result<Upload, MessageError> {
        let source = UploadSource::File(path.into());
        self.begin_upload_of(UploadRequest { file_name, source, media_type, content_type })
    }

    /// The object with which its calls are waited for.
    #[doc(hidden)]
    pub fn access(&self) -> Result<Arc<Access>, MessageError> {
        Ok(Arc::clone(&self.access))
    }
}

impl RobotClient {
    /// A client of the robot on the server at `base_url`: the server's public address, such as `https://im.example.com`,
    /// not that of its admin API. `secret` is the robot's own.
    ///
    /// Fails with `InvalidArgument` when the URL is not a plain http or https one, the id or the secret is empty or an
    /// option can never work.
    pub fn new(
        base_url: String,
        robot_id: String,
        secret: String,
        options: Option<ClientOptions>,
    ) -> Result<Self, MessageError> {
        Self::with_credentials(base_url, robot_id, secret, options, Credentials::new())
    }

    /// A client for a server that needs more than the secret to be reached: see [`Credentials`].
    pub fn with_credentials(
        base_url: String,
        robot_id: String,
        secret: String,
        options: Option<ClientOptions>,
        credentials: Credentials,
    ) -> Result<Self, MessageError> {
        Self::build(&base_url, robot_id, secret, options, credentials, None)
    }

    /// Sends many messages, several at the same time, and returns the outcome of each, in their order, as
    /// [`MessageClient::send_messages`](crate::MessageClient::send_messages) does. The robot is the sender of all of them,
    /// whatever sender a request names, and needs the right to send them. robot/message/send; both editions.
    pub fn send_messages(
        &self,
        requests: Vec<SendRequest>,
        options: Option<BulkOptions>,
        progress: impl FnMut(&BulkProgress),
    ) -> Result<Vec<SendOutcome>, MessageError> {
        let bulk = self.begin_bulk(options, i64::try_from(requests.len()).ok())?;
        bulk::send_all(&bulk, requests, progress)
    }

    /// Sends the messages of an iterator as [`send_messages`](Self::send_messages) does, in limited memory: it takes
    /// requests only while there is room for them, and passes on each outcome, in the order of the requests.
    pub fn send_each(
        &self,
        requests: impl IntoIterator<Item = SendRequest>,
        options: Option<BulkOptions>,
        progress: impl FnMut(&BulkProgress),
        outcome: impl FnMut(SendOutcome),
    ) -> Result<(), MessageError> {
        let bulk = self.begin_bulk(options, None)?;
        bulk::feed_all(&bulk, requests, progress, outcome)
    }

    /// Begins a text that grows while receivers read it, as
    /// [`MessageClient::stream_text`](crate::MessageClient::stream_text) does. robot/message/send; both editions.
    pub fn stream_text(&self, request: RobotStreamTextRequest) -> Result<TextStream, MessageError> {
        self.begin_stream(request).map(TextStream::waiting)
    }

    /// Uploads a file and returns its URL, as
    /// [`MessageClient::upload`](crate::MessageClient::upload) does. robot/oss/get_upload_url; professional servers.
    pub fn upload(
        &self,
        request: UploadRequest,
        progress: impl FnMut(&UploadProgress),
    ) -> Result<String, MessageError> {
        self.begin_upload_of(request)?.finish(progress)
    }

    /// Starts an upload that can be given up: it continues only while a thread waits for it.
    pub fn begin_upload_of(&self, request: UploadRequest) -> Result<Upload, MessageError> {
        Upload::begin(&self.access.caller, &self.access.stores, request, RobotUploadUrl)
    }

    /// Closes the idle connections, as
    /// [`MessageClient::close_idle`](crate::MessageClient::close_idle) does.
    pub fn close_idle(&self) -> Result<(), MessageError> {
        self.access.close_idle()
    }

    /// What this client has done so far in this process: see
    /// [`MessageClient::stats`](crate::MessageClient::stats).
    pub fn stats(&self) -> Result<ClientStats, MessageError> {
        Ok(self.access.caller.stats())
    }

    /// Sets which calls are recorded for `take_record`: see
    /// [`MessageClient::listen`](crate::MessageClient::listen).
    pub fn listen(&self, level: Option<LogLevel>) {
        self.access.listen(level);
    }

    /// The record of the last call whose outcome this thread has received, if `listen` asked for records. Each record is
    /// returned once.
    pub fn take_record(&self) -> Result<Option<CallRecord>, MessageError> {
        Ok(take_record())
    }

    /// Adds headers to the requests of the next call that this thread starts: see
    /// [`MessageClient::carry`](crate::MessageClient::carry).
    pub fn carry(&self, headers: HashMap<String, String>) -> Result<(), MessageError> {
        self.access.carry(headers)
    }

    #[cfg(feature = "outbox")]
    pub(crate) fn caller(&self) -> &Arc<crate::call::Caller> {
        &self.access.caller
    }

    #[cfg(feature = "outbox")]
    pub(crate) fn robot_id(&self) -> &str {
        &self.robot_id
    }

    fn build(
        base_url: &str,
        robot_id: String,
        secret: String,
        options: Option<ClientOptions>,
        credentials: Credentials,
        slice: Option<Duration>,
    ) -> Result<Self, MessageError> {
        let access = Access::new(base_url, Identity::robot(&robot_id)?, secret, options, credentials, slice)?;
        Ok(Self { access, robot_id })
    }
}

#[cfg(feature = "files")]
#[uniffi::export(name = "NativeRobotClient")]
impl RobotClient {
    /// Sends an image: uploads the file, and then sends the message with a thumbnail and the size of the image.
    /// robot/message/send; both editions; the upload needs a professional server.
    ///
    /// The file is looked at before anything is sent, and refused with `InvalidArgument` unless it is a JPEG, PNG,
    /// WebP or GIF file of at most 64 MiB. If the upload fails, no message is sent, and the `endpoint` of the error
    /// is the step that failed: `robot/oss/get_upload_url`, `file store` or `backup file store`. If only the sending
    /// fails, the error is `FailedAfterUpload`, which says where the file is.
    #[doc(hidden)]
    pub fn begin_send_image(&self, mut request: RobotSendImageRequest) -> Result<Upload, MessageError> {
        let file = request.take();
        self.begin_file(file, request.conversation)
    }

    /// Sends a file: uploads it, and then sends the message with its name and size. robot/message/send; both
    /// editions; the upload needs a professional server.
    ///
    /// The file is looked at before anything is sent, and refused with `InvalidArgument` if it cannot be read, is
    /// empty, or has 2 GiB or more. If the upload fails, no message is sent, and the `endpoint` of the error is the
    /// step that failed: `robot/oss/get_upload_url`, `file store` or `backup file store`. If only the sending fails,
    /// the error is `FailedAfterUpload`, which says where the file is.
    #[doc(hidden)]
    pub fn begin_send_file(&self, mut request: RobotSendFileRequest) -> Result<Upload, MessageError> {
        let file = request.take();
        self.begin_file(file, request.conversation)
    }

    /// Sends a video: uploads the file, and then sends the message with the length of the video and its thumbnail.
    /// robot/message/send; both editions; the upload needs a professional server.
    ///
    /// The file is looked at before anything is sent, and refused with `InvalidArgument` unless it is a video of less
    /// than 2 GiB. MP4, QuickTime and 3GP files say how long they are; for others the length is 0 unless it is given.
    /// If the upload fails, no message is sent, and the `endpoint` of the error is the step that failed:
    /// `robot/oss/get_upload_url`, `file store` or `backup file store`. If only the sending fails, the error is
    /// `FailedAfterUpload`, which says where the file is.
    #[doc(hidden)]
    pub fn begin_send_video(&self, mut request: RobotSendVideoRequest) -> Result<Upload, MessageError> {
        let file = request.take();
        self.begin_file(file, request.conversation)
    }

    /// Sends a voice recording: uploads the file, and then sends the message with the length of the recording.
    /// robot/message/send; both editions; the upload needs a professional server.
    ///
    /// The file is looked at before anything is sent, and refused with `InvalidArgument` unless it is a recording of
    /// less than 2 GiB. AMR, WAV, MP4 and M4A files say how long they are; for others the length is 0 unless it is
    /// given. If the upload fails, no message is sent, and the `endpoint` of the error is the step that failed:
    /// `robot/oss/get_upload_url`, `file store` or `backup file store`. If only the sending fails, the error is
    /// `FailedAfterUpload`, which says where the file is.
    #[doc(hidden)]
    pub fn begin_send_voice(&self, mut request: RobotSendVoiceRequest) -> Result<Upload, MessageError> {
        let file = request.take();
        self.begin_file(file, request.conversation)
    }
}

#[cfg(feature = "files")]
impl RobotClient {
    /// Sends an image: uploads the file, and then sends the message with a thumbnail and the size of the image.
    /// robot/message/send; both editions; the upload needs a professional server.
    ///
    /// The file is refused with `InvalidArgument` unless it is a JPEG, PNG, WebP or GIF file of at most 64 MiB.
    /// `progress` is called as by [`upload`](Self::upload). If the upload fails, no message is sent; if only the
    /// sending fails, the error is [`FailedAfterUpload`](MessageError::FailedAfterUpload), which says where the file
    /// is.
    pub fn send_image(
        &self,
        request: RobotSendImageRequest,
        progress: impl FnMut(&UploadProgress),
    ) -> Result<SentMessage, MessageError> {
        self.begin_send_image(request)?.finish_message(progress)
    }

    /// Sends a file: uploads it, and then sends the message with its name and size. robot/message/send; both
    /// editions; the upload needs a professional server.
    ///
    /// The file is refused with `InvalidArgument` if it cannot be read, is empty, or has 2 GiB or more. `progress` is
    /// called as by [`upload`](Self::upload). If the upload fails, no message is sent; if only the sending fails, the
    /// error is [`FailedAfterUpload`](MessageError::FailedAfterUpload), which says where the file is.
    pub fn send_file(
        &self,
        request: RobotSendFileRequest,
        progress: impl FnMut(&UploadProgress),
    ) -> Result<SentMessage, MessageError> {
        self.begin_send_file(request)?.finish_message(progress)
    }

    /// Sends a video: uploads the file, and then sends the message with the length of the video and its thumbnail.
    /// robot/message/send; both editions; the upload needs a professional server.
    ///
    /// The file is refused with `InvalidArgument` unless it is a video of less than 2 GiB. MP4, QuickTime and 3GP
    /// files say how long they are; for others the length is 0 unless it is given. `progress` is called as by
    /// [`upload`](Self::upload). If the upload fails, no message is sent; if only the sending fails, the error is
    /// [`FailedAfterUpload`](MessageError::FailedAfterUpload), which says where the file is.
    pub fn send_video(
        &self,
        request: RobotSendVideoRequest,
        progress: impl FnMut(&UploadProgress),
    ) -> Result<SentMessage, MessageError> {
        self.begin_send_video(request)?.finish_message(progress)
    }

    /// Sends a voice recording: uploads the file, and then sends the message with the length of the recording.
    /// robot/message/send; both editions; the upload needs a professional server.
    ///
    /// The file is refused with `InvalidArgument` unless it is a recording of less than 2 GiB. AMR, WAV, MP4 and M4A
    /// files say how long they are; for others the length is 0 unless it is given. `progress` is called as by
    /// [`upload`](Self::upload). If the upload fails, no message is sent; if only the sending fails, the error is
    /// [`FailedAfterUpload`](MessageError::FailedAfterUpload), which says where the file is.
    pub fn send_voice(
        &self,
        request: RobotSendVoiceRequest,
        progress: impl FnMut(&UploadProgress),
    ) -> Result<SentMessage, MessageError> {
        self.begin_send_voice(request)?.finish_message(progress)
    }

    fn begin_file(&self, file: FileMessage, conversation: Conversation) -> Result<Upload, MessageError> {
        let message = move |payload| RobotSendRequest::new(conversation.clone(), payload);
        file_message::begin(&self.access, file, message, RobotUploadUrl)
    }
}

/// Says which robot of which server it is for, and never the secret.
impl fmt::Debug for RobotClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.access.describe("RobotClient", ("robot_id", &self.robot_id), f)
    }
}
