//! [`ChannelClient`]: what a channel sends.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use crate::{
    CallRecord, ChannelSendRequest, ChannelSendTextRequest, ClientOptions, ClientStats, Credentials, LogLevel,
    MessageError, RecalledMessage, RepublishRequest, SentMessage,
    access::Access,
    call::{Identity, take_record},
    endpoints::ChannelRecall,
};

/// A client of one channel. Its methods block until the answer has arrived, a time-out is over, or the call
/// has failed.
///
/// Any number of threads may share one client. Making a client opens no connection; a program may have several clients,
/// for different channels and servers. The methods of endpoints that only professional servers have fail with
/// `NotSupported` on a community server.
///
/// The sender of every message is the channel's owner. They go to the channel's subscribers.
///
/// ```
/// use wildfirechat_message::{ChannelClient, ChannelSendRequest, MessagePayload, sandbox::Sandbox};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Sandbox::start()?;
/// server.set_channel("news".into(), "ann".into(), Some("its secret".into()))?;
/// let channel = ChannelClient::new(server.base_url()?, "news".into(), "its secret".into(), None)?;
/// let sent = channel.send_message(ChannelSendRequest::new(MessagePayload::text("To all subscribers")))?;
/// println!("{}", sent.message_uid);
/// # Ok(())
/// # }
/// ```
#[derive(uniffi::Object)]
#[uniffi(name = "NativeChannelClient")]
pub struct ChannelClient {
    access: Arc<Access>,
    channel_id: String,
}

#[uniffi::export(name = "NativeChannelClient")]
impl ChannelClient {
    /// A client whose calls return after each `slice` of waiting with the error `Pending`, so that the caller can decide
    /// whether to stop; its access continues the wait. Credentials are pairs of texts, and headers by their names.
    /// `base_url` is the server's public address, such as `https://im.example.com`, not that of its admin API; a path prefix,
    /// for example of a proxy, is kept. `channel_id` is the channel's id. `secret` is the channel's own secret.
    #[doc(hidden)]
    #[uniffi::constructor(default(proxy_login), default(client_certificate), default(headers))]
    #[allow(clippy::too_many_arguments, reason = "uniffi's constructors take what the languages have at hand")]
    pub fn in_slices_with(
        base_url: String,
        channel_id: String,
        secret: String,
        options: Option<ClientOptions>,
        slice: Duration,
        proxy_login: Option<Vec<String>>,
        client_certificate: Option<Vec<String>>,
        headers: HashMap<String, String>,
    ) -> Result<Self, MessageError> {
        let credentials = Credentials::of(proxy_login, client_certificate, headers)?;
        Self::build(&base_url, channel_id, secret, options, credentials, Some(slice))
    }

    /// Sends a message to the channel's subscribers, or to some of them. channel/message/send; both editions.
    ///
    /// Success means accepted, not yet stored: the server answers before it writes to its database.
    pub fn send_message(&self, request: ChannelSendRequest) -> Result<SentMessage, MessageError> {
        self.access.call(request)
    }

    /// Sends a text to the channel's subscribers, or to some of them. channel/message/send; both editions.
    ///
    /// Success means accepted, not yet stored: the server answers before it writes to its database.
    pub fn send_text(&self, request: ChannelSendTextRequest) -> Result<SentMessage, MessageError> {
        self.access.call(ChannelSendRequest::try_from(request)?)
    }

    /// Recalls a message of the channel and returns what it contained; None if the server did not say or the message was
    /// recalled before. `message_uid` is the message's id. channel/message/recall; professional servers.
    pub fn recall_message(&self, message_uid: i64) -> Result<Option<RecalledMessage>, MessageError> {
        self.access.call(ChannelRecall { message_uid })
    }

    /// Sends a message of the channel to more users. channel/message/republish; professional servers.
    pub fn republish_message(&self, request: RepublishRequest) -> Result<(), MessageError> {
        self.access.call(request)
    }

    /// The object with which its calls are waited for.
    #[doc(hidden)]
    pub fn access(&self) -> Result<Arc<Access>, MessageError> {
        Ok(Arc::clone(&self.access))
    }
}

impl ChannelClient {
    /// A client of the channel on the server at `base_url`: the server's public address, such as `https://im.example.com`,
    /// not that of its admin API. `secret` is the channel's own.
    ///
    /// Fails with `InvalidArgument` when the URL is not a plain http or https one, the id or the secret is empty or an
    /// option can never work.
    pub fn new(
        base_url: String,
        channel_id: String,
        secret: String,
        options: Option<ClientOptions>,
    ) -> Result<Self, MessageError> {
        Self::with_credentials(base_url, channel_id, secret, options, Credentials::new())
    }

    /// A client for a server that needs more than the secret to be reached: see [`Credentials`].
    pub fn with_credentials(
        base_url: String,
        channel_id: String,
        secret: String,
        options: Option<ClientOptions>,
        credentials: Credentials,
    ) -> Result<Self, MessageError> {
        Self::build(&base_url, channel_id, secret, options, credentials, None)
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

    fn build(
        base_url: &str,
        channel_id: String,
        secret: String,
        options: Option<ClientOptions>,
        credentials: Credentials,
        slice: Option<Duration>,
    ) -> Result<Self, MessageError> {
        let access = Access::new(base_url, Identity::channel(&channel_id)?, secret, options, credentials, slice)?;
        Ok(Self { access, channel_id })
    }
}

/// Shows the URL of the server and the id of the channel; never the secret.
impl fmt::Debug for ChannelClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.access.describe("ChannelClient", ("channel_id", &self.channel_id), f)
    }
}
