//! [`MessageClient`], the one blocking facade: a method an endpoint, in every language.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use bytes::Bytes;

#[cfg(feature = "cli")]
use crate::endpoints::{Endpoint, Rules};
use crate::{
    BroadcastMessage, BroadcastRequest, Bulk, BulkOptions, BulkProgress, CallRecord, ClearConversationRequest,
    ClearUserMessagesRequest, ClientOptions, ClientStats, ConversationReadRequest, Credentials, DeleteBroadcastRequest,
    DeleteMulticastRequest, ErrorCode, ImportedMessage, LogLevel, Message, MessageError, MulticastEach, MulticastPart,
    MulticastRequest, Multicasts, RecallBroadcastRequest, RecallMulticastRequest, RecallRequest, RecalledMessage,
    SendOutcome, SendRequest, SendTextRequest, SentMessage, StreamTextRequest, TextStream, UpdateRequest, Upload,
    UploadProgress, UploadRequest, UploadSource,
    access::Access,
    bulk::{self, SendAs},
    call::{Identity, take_record},
    endpoints::{DeleteMessage, DeliveryTime, GetMessage, ImportMessages},
    multicast::named_receivers,
};
#[cfg(feature = "files")]
use crate::{
    Conversation, SendFileRequest, SendImageRequest, SendVideoRequest, SendVoiceRequest,
    file_message::{self, FileMessage},
};

/// A client of one server's message API. Its methods block until the answer has arrived, a time-out is over, or
/// the call has failed.
///
/// Many threads may use one client at the same time. Making a client opens no connection, and a program may have
/// several clients for different servers. On a community server, methods that only professional servers have fail
/// with `NotSupported`.
#[derive(uniffi::Object)]
#[uniffi(name = "NativeMessageClient")]
pub struct MessageClient {
    access: Arc<Access>,
}

#[uniffi::export(name = "NativeMessageClient")]
impl MessageClient {
    /// A client of the server at `base_url`, such as `http://localhost:18080`; a path prefix, such as that of a
    /// proxy, is kept. `secret` is the server's admin secret.
    ///
    /// Fails with `InvalidArgument` when the URL is not a plain http or https one, the secret is empty or an
    /// option can never work.
    #[uniffi::constructor(default(options))]
    pub fn new(base_url: String, secret: String, options: Option<ClientOptions>) -> Result<Self, MessageError> {
        Self::build(&base_url, secret, options, Credentials::new(), None)
    }

    /// A client whose calls come back after each `slice` of waiting with the error `Pending`, so that the caller can look
    /// whether it is to stop; its access waits on. Credentials come as pairs of texts and as headers by their names.
    /// `base_url` is the server's URL, such as `http://localhost:18080`; a path prefix, as of a proxy, is kept. `secret` is
    /// the server's admin secret.
    #[doc(hidden)]
    #[uniffi::constructor(default(proxy_login), default(client_certificate), default(headers))]
    pub fn in_slices_with(
        base_url: String,
        secret: String,
        options: Option<ClientOptions>,
        slice: Duration,
        proxy_login: Option<Vec<String>>,
        client_certificate: Option<Vec<String>>,
        headers: HashMap<String, String>,
    ) -> Result<Self, MessageError> {
        let credentials = Credentials::of(proxy_login, client_certificate, headers)?;
        Self::build(&base_url, secret, options, credentials, Some(slice))
    }

    /// Sends a message to a conversation. message/send; both editions.
    ///
    /// Success means accepted, not yet stored: the server answers before it writes to its database.
    pub fn send_message(&self, request: SendRequest) -> Result<SentMessage, MessageError> {
        self.access.call(request)
    }

    /// Sends a text, which may mention users and answer a message. message/send; both editions.
    ///
    /// Success means accepted, not yet stored: the server answers before it writes to its database.
    pub fn send_text(&self, request: SendTextRequest) -> Result<SentMessage, MessageError> {
        self.access.call(SendRequest::try_from(request)?)
    }

    /// Replaces the payload of a message that was sent. message/update; professional servers.
    pub fn update_message(&self, request: UpdateRequest) -> Result<(), MessageError> {
        self.access.call(request)
    }

    /// Recalls a message and returns what it contained; None if the server did not say or the message was recalled before.
    /// message/recall; both editions.
    pub fn recall_message(&self, request: RecallRequest) -> Result<Option<RecalledMessage>, MessageError> {
        self.access.call(request)
    }

    /// Sends one message to many users, each in a separate conversation. message/multicast; both editions.
    pub fn multicast_message(&self, request: MulticastRequest) -> Result<SentMessage, MessageError> {
        self.access.call(request)
    }

    /// Sends one message to every user. message/broadcast; professional servers by the vendor's page, community servers too.
    ///
    /// Depending on the server's settings, these are all users who have ever connected, or all users that the server knows.
    /// Each user's queue keeps the newest 1,024 messages (5,000 on professional servers), so thousands of notices push
    /// other messages out of it.
    pub fn broadcast_message(&self, request: BroadcastRequest) -> Result<BroadcastMessage, MessageError> {
        self.access.call(request)
    }

    /// Deletes a message. `message_uid` is the message's id. message/delete; professional servers.
    pub fn delete_message(&self, message_uid: i64) -> Result<(), MessageError> {
        self.access.call(DeleteMessage { message_uid })
    }

    /// Clears a user's messages in a conversation. A time that is left out is not sent, and the server then uses 0.
    /// message/clear_by_user; professional servers.
    pub fn clear_user_messages(&self, request: ClearUserMessagesRequest) -> Result<(), MessageError> {
        self.access.call(request)
    }

    /// Removes a conversation from a user's list, with its messages. conversation/delete; professional servers.
    pub fn clear_conversation(&self, request: ClearConversationRequest) -> Result<(), MessageError> {
        self.access.call(request)
    }

    /// Looks a message up; fails with `Rejected`, code 253, if it does not exist, for which `find_message` returns None.
    /// `message_uid` is the message's id. message/get_one; both editions.
    pub fn get_message(&self, message_uid: i64) -> Result<Message, MessageError> {
        self.access.call(GetMessage { message_uid })
    }

    /// Looks a message up; None if it does not exist. `message_uid` is the message's id. message/get_one; both editions.
    pub fn find_message(&self, message_uid: i64) -> Result<Option<Message>, MessageError> {
        self.access.call_then(GetMessage { message_uid }, |outcome| match outcome {
            Ok(message) => Ok(Some(message)),
            Err(MessageError::Rejected { code, .. }) if code == ErrorCode::NotExist as i32 => Ok(None),
            Err(error) => Err(error),
        })
    }

    /// Recalls a broadcast. message/recall_broadcast; professional servers.
    pub fn recall_broadcast_message(&self, request: RecallBroadcastRequest) -> Result<(), MessageError> {
        self.access.call(request)
    }

    /// Recalls a multicast message from some or all of the users who received it. message/recall_multicast; both editions.
    pub fn recall_multicast_message(&self, request: RecallMulticastRequest) -> Result<(), MessageError> {
        self.access.call(request)
    }

    /// Deletes a broadcast. message/delete_broadcast; professional servers.
    pub fn delete_broadcast_message(&self, request: DeleteBroadcastRequest) -> Result<(), MessageError> {
        self.access.call(request)
    }

    /// Deletes a multicast message from some or all of the users who received it. message/delete_multicast; professional servers.
    pub fn delete_multicast_message(&self, request: DeleteMulticastRequest) -> Result<(), MessageError> {
        self.access.call(request)
    }

    /// The time up to which a user has read a conversation, in milliseconds since the epoch. message/conv_read; professional servers.
    pub fn get_conversation_read_timestamp(&self, request: ConversationReadRequest) -> Result<i64, MessageError> {
        self.access.call_then(request, |outcome| outcome.map(|time| time.timestamp))
    }

    /// The time up to which messages have been delivered to a user, in milliseconds since the epoch. `user_id` is the user's id.
    /// message/delivery; professional servers.
    pub fn get_delivery_timestamp(&self, user_id: String) -> Result<i64, MessageError> {
        self.access.call_then(DeliveryTime { user_id }, |outcome| outcome.map(|time| time.timestamp))
    }

    /// Imports messages of another system. `messages` is the list of messages, with the times at which they were sent there.
    /// message/import; professional servers.
    pub fn import_messages(&self, messages: Vec<ImportedMessage>) -> Result<(), MessageError> {
        self.access.call(ImportMessages { messages })
    }

    /// Begins the sending of many messages; `total` is how many will come, where that is known. message/send; both editions.
    #[doc(hidden)]
    #[uniffi::method(default(options), default(total))]
    pub fn begin_bulk(&self, options: Option<BulkOptions>, total: Option<i64>) -> Result<Bulk, MessageError> {
        Bulk::begin(Arc::clone(&self.access.caller), SendAs::Users, options, total, self.access.notifier())
    }

    /// Starts to send one message to many users, in multicasts. message/multicast; both editions.
    #[doc(hidden)]
    #[uniffi::method(default(options))]
    pub fn begin_multicasts(
        &self,
        request: MulticastEach,
        options: Option<BulkOptions>,
    ) -> Result<Multicasts, MessageError> {
        let MulticastEach { sender, receivers, payload, line, size } = request;
        let request = MulticastRequest { sender, targets: receivers, line, payload };
        let begun = Multicasts::begin(&self.access.caller, &request, usize::try_from(size).unwrap_or(0), options);
        begun.map_err(|error| match error {
            MessageError::InvalidArgument { argument, reason } => {
                MessageError::invalid(named_receivers(&argument), reason)
            }
            error => error,
        })
    }

    /// Begins a text that grows. message/send; both editions.
    #[doc(hidden)]
    pub fn begin_stream(&self, request: StreamTextRequest) -> Result<TextStream, MessageError> {
        let access = &self.access;
        TextStream::begin(&access.caller, &access.desk, SendAs::Users, request, access.notifier())
    }

    /// Starts the upload of bytes in memory; the content type is guessed from the ending of the name when left out.
    /// oss/get_upload_url; professional servers.
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
    /// oss/get_upload_url; professional servers.
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

#[cfg(all(feature = "sandbox", debug_assertions))]
#[uniffi::export(name = "NativeMessageClient")]
impl MessageClient {
    /// Looks a message up and panics over the answer: for tests of what a caller sees of a defect in this library.
    #[doc(hidden)]
    pub fn panic_in_a_call(&self, message_uid: i64) -> Result<(), MessageError> {
        self.access
            .call_then(GetMessage { message_uid }, |_| -> Result<(), MessageError> { panic!("as it was asked to") })
    }
}

impl MessageClient {
    /// As `in_slices_with`, for a server that needs no credentials.
    #[doc(hidden)]
    pub fn in_slices(
        base_url: String,
        secret: String,
        options: Option<ClientOptions>,
        slice: Duration,
    ) -> Result<Self, MessageError> {
        Self::build(&base_url, secret, options, Credentials::new(), Some(slice))
    }

    /// A client for a server that needs more than the secret to be reached: see [`Credentials`].
    pub fn with_credentials(
        base_url: String,
        secret: String,
        options: Option<ClientOptions>,
        credentials: Credentials,
    ) -> Result<Self, MessageError> {
        Self::build(&base_url, secret, options, credentials, None)
    }

    /// Closes the idle connections. Calls that are under way keep theirs, and the next call opens a new one. A client that
    /// is not used does nothing by itself: its idle connections stay open until the next call closes those that are too old,
    /// or until this method is called.
    pub fn close_idle(&self) -> Result<(), MessageError> {
        self.access.close_idle()
    }

    /// What this client has done so far in this process, in numbers of one moment: calls, attempts, errors by their name,
    /// unknown fates, connections, waits for limits, and how long attempts took.
    pub fn stats(&self) -> Result<ClientStats, MessageError> {
        Ok(self.access.caller.stats())
    }

    /// From now on what becomes of each call is written down, for `take_record`: of those whose fate is unknown (`Warning`),
    /// also of those that were tried again (`Info`), of all (`Debug`), or of none, which costs nothing.
    pub fn listen(&self, level: Option<LogLevel>) {
        self.access.listen(level);
    }

    /// What became of the last call whose outcome this thread has had, where `listen` asked for that: its attempts, and what
    /// the application's log should say. It is given once.
    pub fn take_record(&self) -> Result<Option<CallRecord>, MessageError> {
        Ok(take_record())
    }

    /// Adds headers, such as `traceparent`, to the requests of the next call that this thread starts. They replace none of
    /// the call's own headers.
    pub fn carry(&self, headers: HashMap<String, String>) -> Result<(), MessageError> {
        self.access.carry(headers)
    }

    /// Sends many messages, several at the same time, and returns the outcome of each, in their order. message/send; both editions.
    ///
    /// A message is tried again if that is safe, and never sent twice. The messages of one conversation are sent one after
    /// the other, in their order. If the server accepts no more messages for now, all of them slow down together; if it is
    /// away, the method waits for it until the patience is over. `progress` is called at most ten times a second. If there
    /// are more messages than fit into memory, [`send_each`](Self::send_each) takes them from an iterator and passes on the
    /// outcomes one by one.
    pub fn send_messages(
        &self,
        requests: Vec<SendRequest>,
        options: Option<BulkOptions>,
        progress: impl FnMut(&BulkProgress),
    ) -> Result<Vec<SendOutcome>, MessageError> {
        let bulk = self.begin_bulk(options, i64::try_from(requests.len()).ok())?;
        bulk::send_all(&bulk, requests, progress)
    }

    /// Sends one message to many users, in multicasts of `size` receivers each, and gives the outcome of each part, in order.
    /// message/multicast; both editions.
    ///
    /// That is the vendor's own advice for one text to many: with a size of 1,000 a thousandth of the requests. Each part is
    /// tried again where that is safe, and never sent twice. Concurrency, rate and patience are those of `send_messages`;
    /// nothing else of the options matters here.
    pub fn multicast_each(
        &self,
        request: MulticastRequest,
        size: usize,
        options: Option<BulkOptions>,
    ) -> Result<Vec<MulticastPart>, MessageError> {
        /// How long to wait for news at a time.
        const CHECK_EVERY: Duration = Duration::from_secs(1);
        let multicasts = Multicasts::begin(&self.access.caller, &request, size, options)?;
        let mut told = Vec::new();
        loop {
            let (parts, done) = multicasts.next(CHECK_EVERY)?;
            told.extend(parts);
            if done {
                return Ok(told);
            }
        }
    }

    /// Sends the messages of an iterator as [`send_messages`](Self::send_messages) does, in bounded memory: it takes
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

    /// Begins a text that grows while receivers read it, such as the answer of a language model. message/send; both editions.
    ///
    /// Nothing is sent before the first piece. Receivers see the text in steps, at most one in each interval, and at the end
    /// the whole text as a stored message; if it fails or is dropped, they see that it was cancelled.
    ///
    /// ```
    /// use wildfirechat_message::{Conversation, MessageClient, StreamTextRequest, sandbox::Sandbox};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = Sandbox::start()?;
    /// # let client = MessageClient::new(server.base_url()?, "123456".into(), None)?;
    /// let request = StreamTextRequest::new("admin", Conversation::single("u1"));
    /// let sent = client.stream_text(request)?.finish_with(["The capital ", "of France ", "is Paris."])?;
    /// println!("{}", sent.message_uid);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream_text(&self, request: StreamTextRequest) -> Result<TextStream, MessageError> {
        self.begin_stream(request).map(TextStream::waiting)
    }

    /// Uploads a file and returns its URL, which goes into `remote_media_url`. oss/get_upload_url;
    /// professional servers.
    ///
    /// The server names a store, and the bytes are streamed to it, or to a back-up store if the first one does not accept
    /// them; together at most `max_attempts` times. Only silence ends an upload early: `connect_timeout` limits how long
    /// connecting may take, `read_timeout` how long no byte may move in either direction, and `total_timeout` limits only
    /// the question to the server. `progress` is called at most ten times a second and at the end.
    ///
    /// An upload sends no message, so `may_have_executed` is false for all its errors; `endpoint` names the step that failed:
    /// `oss/get_upload_url`, `file store` or `backup file store`.
    pub fn upload(
        &self,
        request: UploadRequest,
        progress: impl FnMut(&UploadProgress),
    ) -> Result<String, MessageError> {
        self.begin_upload_of(request)?.finish(progress)
    }

    /// Starts an upload that can be given up: it continues only while a thread waits for it.
    pub fn begin_upload_of(&self, request: UploadRequest) -> Result<Upload, MessageError> {
        Upload::begin(&self.access.caller, &self.access.stores, request, |question| question)
    }

    fn build(
        base_url: &str,
        secret: String,
        options: Option<ClientOptions>,
        credentials: Credentials,
        slice: Option<Duration>,
    ) -> Result<Self, MessageError> {
        Ok(Self { access: Access::new(base_url, Identity::admin(), secret, options, credentials, slice)? })
    }
}

#[cfg(feature = "files")]
#[uniffi::export(name = "NativeMessageClient")]
impl MessageClient {
    /// Sends an image: uploads the file, and then sends the message with a thumbnail and the size of the image.
    /// message/send; both editions; the upload needs a professional server.
    ///
    /// The file is looked at before anything is sent, and refused with `InvalidArgument` unless it is a JPEG, PNG,
    /// WebP or GIF file of at most 64 MiB. If the upload fails, no message is sent, and the `endpoint` of the error
    /// is the step that failed: `oss/get_upload_url`, `file store` or `backup file store`. If only the sending fails,
    /// the error is `FailedAfterUpload`, which says where the file is.
    #[doc(hidden)]
    pub fn begin_send_image(&self, mut request: SendImageRequest) -> Result<Upload, MessageError> {
        let file = request.take();
        self.begin_file(file, (request.sender, request.conversation))
    }

    /// Sends a file: uploads it, and then sends the message with its name and size. message/send; both editions; the
    /// upload needs a professional server.
    ///
    /// The file is looked at before anything is sent, and refused with `InvalidArgument` if it cannot be read, is
    /// empty, or has 2 GiB or more. If the upload fails, no message is sent, and the `endpoint` of the error is the
    /// step that failed: `oss/get_upload_url`, `file store` or `backup file store`. If only the sending fails, the
    /// error is `FailedAfterUpload`, which says where the file is.
    #[doc(hidden)]
    pub fn begin_send_file(&self, mut request: SendFileRequest) -> Result<Upload, MessageError> {
        let file = request.take();
        self.begin_file(file, (request.sender, request.conversation))
    }

    /// Sends a video: uploads the file, and then sends the message with the length of the video and its thumbnail.
    /// message/send; both editions; the upload needs a professional server.
    ///
    /// The file is looked at before anything is sent, and refused with `InvalidArgument` unless it is a video of less
    /// than 2 GiB. MP4, QuickTime and 3GP files say how long they are; for others the length is 0 unless it is given.
    /// If the upload fails, no message is sent, and the `endpoint` of the error is the step that failed:
    /// `oss/get_upload_url`, `file store` or `backup file store`. If only the sending fails, the error is
    /// `FailedAfterUpload`, which says where the file is.
    #[doc(hidden)]
    pub fn begin_send_video(&self, mut request: SendVideoRequest) -> Result<Upload, MessageError> {
        let file = request.take();
        self.begin_file(file, (request.sender, request.conversation))
    }

    /// Sends a voice recording: uploads the file, and then sends the message with the length of the recording.
    /// message/send; both editions; the upload needs a professional server.
    ///
    /// The file is looked at before anything is sent, and refused with `InvalidArgument` unless it is a recording of
    /// less than 2 GiB. AMR, WAV, MP4 and M4A files say how long they are; for others the length is 0 unless it is
    /// given. If the upload fails, no message is sent, and the `endpoint` of the error is the step that failed:
    /// `oss/get_upload_url`, `file store` or `backup file store`. If only the sending fails, the error is
    /// `FailedAfterUpload`, which says where the file is.
    #[doc(hidden)]
    pub fn begin_send_voice(&self, mut request: SendVoiceRequest) -> Result<Upload, MessageError> {
        let file = request.take();
        self.begin_file(file, (request.sender, request.conversation))
    }
}

#[cfg(feature = "files")]
impl MessageClient {
    /// Sends an image: uploads the file, and then sends the message with a thumbnail and the size of the image.
    /// message/send; both editions; the upload needs a professional server.
    ///
    /// The file is refused with `InvalidArgument` unless it is a JPEG, PNG, WebP or GIF file of at most 64 MiB.
    /// `progress` is called as by [`upload`](Self::upload). If the upload fails, no message is sent; if only the
    /// sending fails, the error is [`FailedAfterUpload`](MessageError::FailedAfterUpload), which says where the file
    /// is.
    pub fn send_image(
        &self,
        request: SendImageRequest,
        progress: impl FnMut(&UploadProgress),
    ) -> Result<SentMessage, MessageError> {
        self.begin_send_image(request)?.finish_message(progress)
    }

    /// Sends a file: uploads it, and then sends the message with its name and size. message/send; both editions; the
    /// upload needs a professional server.
    ///
    /// The file is refused with `InvalidArgument` if it cannot be read, is empty, or has 2 GiB or more. `progress` is
    /// called as by [`upload`](Self::upload). If the upload fails, no message is sent; if only the sending fails, the
    /// error is [`FailedAfterUpload`](MessageError::FailedAfterUpload), which says where the file is.
    pub fn send_file(
        &self,
        request: SendFileRequest,
        progress: impl FnMut(&UploadProgress),
    ) -> Result<SentMessage, MessageError> {
        self.begin_send_file(request)?.finish_message(progress)
    }

    /// Sends a video: uploads the file, and then sends the message with the length of the video and its thumbnail.
    /// message/send; both editions; the upload needs a professional server.
    ///
    /// The file is refused with `InvalidArgument` unless it is a video of less than 2 GiB. MP4, QuickTime and 3GP
    /// files say how long they are; for others the length is 0 unless it is given. `progress` is called as by
    /// [`upload`](Self::upload). If the upload fails, no message is sent; if only the sending fails, the error is
    /// [`FailedAfterUpload`](MessageError::FailedAfterUpload), which says where the file is.
    pub fn send_video(
        &self,
        request: SendVideoRequest,
        progress: impl FnMut(&UploadProgress),
    ) -> Result<SentMessage, MessageError> {
        self.begin_send_video(request)?.finish_message(progress)
    }

    /// Sends a voice recording: uploads the file, and then sends the message with the length of the recording.
    /// message/send; both editions; the upload needs a professional server.
    ///
    /// The file is refused with `InvalidArgument` unless it is a recording of less than 2 GiB. AMR, WAV, MP4 and M4A
    /// files say how long they are; for others the length is 0 unless it is given. `progress` is called as by
    /// [`upload`](Self::upload). If the upload fails, no message is sent; if only the sending fails, the error is
    /// [`FailedAfterUpload`](MessageError::FailedAfterUpload), which says where the file is.
    pub fn send_voice(
        &self,
        request: SendVoiceRequest,
        progress: impl FnMut(&UploadProgress),
    ) -> Result<SentMessage, MessageError> {
        self.begin_send_voice(request)?.finish_message(progress)
    }

    fn begin_file(
        &self,
        file: FileMessage,
        (sender, conversation): (String, Conversation),
    ) -> Result<Upload, MessageError> {
        let message = move |payload| SendRequest::new(sender.clone(), conversation.clone(), payload);
        file_message::begin(&self.access, file, message, |question| question)
    }
}

#[cfg(feature = "outbox")]
impl MessageClient {
    /// What an outbox sends with.
    pub(crate) fn caller(&self) -> &Arc<crate::call::Caller> {
        &self.access.caller
    }
}

/// What the program needs besides.
#[cfg(feature = "cli")]
#[doc(hidden)]
impl MessageClient {
    /// Where a call would be posted to, and its body; fails where its arguments can never work.
    pub fn request_of<E: Endpoint>(&self, endpoint: &E) -> Result<(String, String), MessageError> {
        endpoint.check(self.access.caller.rules())?;
        let body = serde_json::to_string(endpoint)
            .map_err(|error| MessageError::invalid("request", format!("it cannot be written as JSON: {error}")))?;
        let base = self.access.caller.bases().next().unwrap_or_default();
        Ok((format!("{base}{}", E::NAME), body))
    }

    /// Makes a call, and ends it as soon as `is_to_end` says so.
    pub fn call_unless<E: Endpoint + 'static>(
        &self,
        endpoint: E,
        is_to_end: impl Fn() -> bool,
    ) -> Result<E::Answer, MessageError> {
        /// How often it is looked.
        const CHECK_EVERY: Duration = Duration::from_millis(100);
        let mut call = self.access.caller.begin(self.access.caller.check(endpoint)?, |outcome| outcome)?;
        loop {
            call = match self.access.caller.wait(call, Some(CHECK_EVERY)) {
                Ok(outcome) => return outcome,
                Err(call) if is_to_end() => return Err(call.interrupt()),
                Err(call) => call,
            };
        }
    }

    /// What of the options the checks of arguments need.
    pub fn rules(&self) -> Rules {
        *self.access.caller.rules()
    }

    /// Signs requests for a time that differs from now by this many milliseconds.
    pub fn shift_clock(&self, milliseconds: i64) {
        self.access.caller.shift_clock(milliseconds);
    }

    /// Makes a connection to the server, TLS and proxy included, and closes it again.
    pub fn try_connection(&self) -> Result<(), MessageError> {
        self.access.caller.try_connection()
    }
}

/// Says which server it is for, and never the secret.
impl fmt::Debug for MessageClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageClient").field("base", &self.access.caller.bases().next()).finish_non_exhaustive()
    }
}
