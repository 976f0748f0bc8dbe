//! What a test holds: [`Sandbox`].

use std::{fmt, sync::Arc, time::Duration};

use serde_json::json;

use super::{
    CallbackFault, Edition, Fault, FaultRule, ForwardedCallback, PostedCallback, RandomFaults, ReceivedRequest,
    SandboxError, SandboxOptions, ScriptedAnswer, StoreFault, StoredFile, StreamedText,
    accounts::Kind,
    endpoints,
    message::Conversation,
    options::SandboxSettings,
    responder::{Memory, Responder},
    server::Server,
};

const SECRET: &str = "123456";

/// An embedded stand-in for a WildfireChat server, listening on a loopback port from its start until it is
/// stopped or dropped.
///
/// It answers every endpoint of the message API as the server does, keeps the messages, reports the requests that it
/// received, and fails on demand. It runs on a thread of its own.
#[derive(uniffi::Object)]
#[uniffi(name = "NativeSandbox")]
pub struct Sandbox {
    server: Server,
    responder: Arc<Responder>,
}

#[uniffi::export(name = "NativeSandbox")]
impl Sandbox {
    /// Starts a sandbox with a secret, `123456` when left out. A port that is in use is an error.
    #[uniffi::constructor(default(secret), default(options))]
    pub fn new(secret: Option<String>, options: Option<SandboxOptions>) -> Result<Self, SandboxError> {
        let settings = SandboxSettings::try_from(options.unwrap_or_default())?;
        let secret = secret.unwrap_or_else(|| SECRET.to_owned());
        if secret.is_empty() {
            return Err(SandboxError::new("the secret is empty"));
        }
        let responder = Arc::new(Responder::new(secret, &settings));
        let server = Server::start(&settings.host, settings.port, Arc::clone(&responder))?;
        responder.memory().state.store.set_base(format!("http://{}", server.address()));
        Ok(Self { server, responder })
    }

    /// The URL for clients on this machine, such as `http://127.0.0.1:41234`.
    pub fn base_url(&self) -> Result<String, SandboxError> {
        Ok(format!("http://{}", self.server.address()))
    }

    /// The port on which it listens.
    pub fn port(&self) -> Result<i32, SandboxError> {
        Ok(self.server.address().port().into())
    }

    /// The requests that arrived, the oldest first: the newest 10,000, at most 128 MiB. A request is in this list
    /// before it is answered.
    pub fn requests(&self) -> Result<Vec<ReceivedRequest>, SandboxError> {
        self.with(|memory| memory.log.all())
    }

    /// Forgets the requests that arrived, including those to the file store; messages, files and scripted answers are
    /// kept.
    pub fn clear_requests(&self) -> Result<(), SandboxError> {
        self.with(|memory| {
            memory.log.clear();
            memory.state.store.log.clear();
        })
    }

    /// Gives the next request exactly this answer instead of the real one; the request is not executed.
    ///
    /// Answers and faults form one queue: each is for one request to any endpoint, in the order of the calls.
    pub fn answer_next(&self, answer: ScriptedAnswer) -> Result<(), SandboxError> {
        answer.check()?;
        self.with(|memory| memory.scripts.answer_next(answer))
    }

    /// Makes the next requests meet a fault, if you wish only those to one endpoint. The fault waits in the same queue
    /// as `answer_next`; requests to other endpoints do not take it.
    #[uniffi::method(name = "fail_next")]
    pub fn fail(&self, rule: FaultRule) -> Result<(), SandboxError> {
        self.with(|memory| memory.scripts.fail_next(rule))?
    }

    /// Makes requests meet faults at random until `stop_failing`, except requests for which something is in the queue.
    /// A second call replaces the first.
    pub fn fail_randomly(&self, faults: RandomFaults) -> Result<(), SandboxError> {
        self.with(|memory| memory.scripts.fail_randomly(faults))?
    }

    /// Forgets every fault and answer that still waits, those of the store and of callbacks too, and makes none by chance any more.
    pub fn stop_failing(&self) -> Result<(), SandboxError> {
        self.with(|memory| {
            memory.scripts.clear();
            memory.state.store.stop_failing();
            memory.state.callbacks.stop_failing();
        })
    }

    /// The files in the file store, the newest at the end: the newest 1,000, at most 128 MiB.
    pub fn files(&self) -> Result<Vec<StoredFile>, SandboxError> {
        self.with(|memory| memory.state.store.files())
    }

    /// The requests that uploaded files to the file store, the oldest first, without the files. They are not among
    /// `requests`.
    pub fn store_requests(&self) -> Result<Vec<ReceivedRequest>, SandboxError> {
        self.with(|memory| memory.state.store.requests())
    }

    /// Makes the next requests to the file store meet a fault, including those to the back-up store. `fault` is the
    /// fault. `times` is how many requests meet it. `delay` is the delay of the faults that take time; 1 second when
    /// left out.
    #[uniffi::method(default(times = 1), default(delay))]
    pub fn fail_store(&self, fault: StoreFault, times: i32, delay: Option<Duration>) -> Result<(), SandboxError> {
        self.with(|memory| memory.state.store.fail(fault, times, delay))?
    }

    /// Closes the port and every idle connection for some time, so that new connections are refused. The port is closed
    /// when this method returns. Calls that are under way continue. `duration` is how long the port stays closed.
    pub fn refuse_connections(&self, duration: Duration) -> Result<(), SandboxError> {
        self.with(|_| ())?;
        self.server.refuse(duration);
        Ok(())
    }

    /// How many calls created or changed this message: 1 for the call that sent it, and 1 more for each update, recall
    /// or delete that found it. 0 for a uid that never existed. `message_uid` is the message's uid.
    pub fn executions(&self, message_uid: i64) -> Result<i64, SandboxError> {
        self.with(|memory| memory.state.executions(message_uid))
    }

    /// The uids of all messages that the sandbox keeps, including deleted messages and those that are not stored, the
    /// oldest first.
    pub fn message_uids(&self) -> Result<Vec<i64>, SandboxError> {
        self.with(|memory| memory.state.uids())
    }

    /// The uids of the messages that were sent with this searchable content, including deleted messages and those that
    /// are not stored, in the order of arrival. Two uids for one call mean that the call was executed twice.
    /// `searchable_content` is the text that searching finds.
    pub fn messages_with_text(&self, searchable_content: String) -> Result<Vec<i64>, SandboxError> {
        self.with(|memory| memory.state.uids_with_text(&searchable_content))
    }

    /// The steps of the texts that grew, in the order of arrival: what receivers saw of them, piece by piece. The steps of all
    /// streams are in it; those of one have the same stream id.
    pub fn streamed_texts(&self) -> Result<Vec<StreamedText>, SandboxError> {
        self.with(|memory| memory.state.streamed_texts())
    }

    /// The uids of the messages that a user sent or received and has not cleared, the oldest first. Messages to groups,
    /// channels and chatrooms reach every user, or those of `to_users`. `user_id` is the user's id.
    pub fn messages_of_user(&self, user_id: String) -> Result<Vec<i64>, SandboxError> {
        self.with(|memory| memory.state.uids_of_user(&user_id))
    }

    /// Sets the time that `get_conversation_read_timestamp` returns for this user and conversation, in milliseconds
    /// since the epoch.
    pub fn set_read_timestamp(
        &self,
        user_id: String,
        conversation_type: i32,
        target: String,
        line: i32,
        timestamp: i64,
    ) -> Result<(), SandboxError> {
        let conversation = Conversation { kind: conversation_type, target, line };
        self.with(|memory| memory.state.set_read_time(user_id, conversation, timestamp))
    }

    /// Sets the time that `get_delivery_timestamp` returns for a user. `user_id` is the user's id. `timestamp` is the
    /// time, in milliseconds since the epoch.
    pub fn set_delivery_timestamp(&self, user_id: String, timestamp: i64) -> Result<(), SandboxError> {
        self.with(|memory| memory.state.set_delivery_time(user_id, timestamp))
    }

    /// Creates a robot, or gives it another secret. `robot_id` is the robot's id. `secret` is its secret; a robot without
    /// a secret may not make calls (code 248). Fails when the id or the secret is empty.
    #[uniffi::method(default(secret))]
    pub fn set_robot(&self, robot_id: String, secret: Option<String>) -> Result<(), SandboxError> {
        some_of("robot_id", &robot_id)?;
        some_of("secret", secret.as_deref().unwrap_or("none"))?;
        self.with(|memory| memory.state.accounts.set(Kind::Robot, robot_id.clone(), robot_id, secret))
    }

    /// Creates a channel, or gives it another owner and secret. `channel_id` is the channel's id. `owner` is the id of the
    /// user who owns the channel and is the sender of its messages. `secret` is its secret; a channel without a secret may
    /// not make calls (code 237).
    /// Fails when the id, the owner or the secret is empty.
    #[uniffi::method(default(secret))]
    pub fn set_channel(&self, channel_id: String, owner: String, secret: Option<String>) -> Result<(), SandboxError> {
        some_of("channel_id", &channel_id)?;
        some_of("owner", &owner)?;
        some_of("secret", secret.as_deref().unwrap_or("none"))?;
        self.with(|memory| memory.state.accounts.set(Kind::Channel, channel_id, owner, secret))
    }

    /// Sets how many requests each robot and each channel may make in 10 s before they are answered with code 250; at
    /// first this is 1,000. `rate_limit` is the number of requests; 0 means no limit. Fails when it is below 0.
    pub fn set_sender_rate_limit(&self, rate_limit: i32) -> Result<(), SandboxError> {
        let rate =
            u32::try_from(rate_limit).map_err(|_| SandboxError::new(format!("rate_limit {rate_limit} is below 0")))?;
        self.with(|memory| memory.state.accounts.set_rate(rate))
    }

    /// Sets where what is sent to a channel is posted: to this URL and `/message`, and changes of its subscribers to the URL and
    /// `/subscribe`. `channel_id` is the channel's id. `url` is the URL, plain http; an empty one has nothing posted. Fails when
    /// there is no such channel.
    pub fn set_channel_callback(&self, channel_id: String, url: String) -> Result<(), SandboxError> {
        self.with(|memory| match memory.state.accounts.of(Kind::Channel, &channel_id) {
            Some(account) => {
                account.callback = url;
                Ok(())
            }
            None => Err(SandboxError::new(format!("there is no channel {channel_id:?}"))),
        })?
    }

    /// Has a user subscribe to a channel: its callback hears of it. `user_id` is the user's id. `channel_id` is the channel's
    /// id. Fails when there is no such channel.
    pub fn subscribe(&self, user_id: String, channel_id: String) -> Result<(), SandboxError> {
        self.subscription(&user_id, &channel_id, 1)
    }

    /// Has a user subscribe to a channel no more: its callback hears of it. `user_id` is the user's id. `channel_id` is the
    /// channel's id. Fails when there is no such channel.
    pub fn unsubscribe(&self, user_id: String, channel_id: String) -> Result<(), SandboxError> {
        self.subscription(&user_id, &channel_id, 0)
    }

    /// Sets where the server forwards messages to, as its settings do. `what` is what is forwarded. `url` is the URL, plain
    /// http; an empty one has nothing posted.
    pub fn forward_to(&self, what: ForwardedCallback, url: String) -> Result<(), SandboxError> {
        self.with(|memory| memory.state.callbacks.forward(what, url))
    }

    /// Sets where the server asks before a message goes out, as its setting `sensitive.remote_server_url` does: for messages of
    /// robots and channels, and for those that a user sends. A message that the censor refuses fails with code 242. `url` is the
    /// URL, plain http; an empty one has nobody asked.
    pub fn set_censor(&self, url: String) -> Result<(), SandboxError> {
        self.with(|memory| memory.state.callbacks.set_censor(url))
    }

    /// Lets the next callbacks meet a fault, until `stop_failing`; questions to the censor are callbacks, too. `fault` is the fault. `times` is how many meet it. `delay` is
    /// how late one is posted that is posted late; 1 second when left out.
    #[uniffi::method(default(times = 1), default(delay))]
    pub fn fail_callbacks(
        &self,
        fault: CallbackFault,
        times: i32,
        delay: Option<Duration>,
    ) -> Result<(), SandboxError> {
        self.with(|memory| memory.state.callbacks.fail(fault, times, delay))?
    }

    /// The callbacks that were posted, and the questions to the censor, in the order in which they were answered: the newest 10,000.
    pub fn callbacks(&self) -> Result<Vec<PostedCallback>, SandboxError> {
        self.with(|memory| memory.state.callbacks.told())
    }

    /// Closes the port and every connection, and returns when they are closed. The requests and messages can still be
    /// read. A second call does nothing.
    pub fn stop(&self) -> Result<(), SandboxError> {
        self.server.stop();
        Ok(())
    }
}

impl Sandbox {
    /// Starts a sandbox with every default: secret `123456`, professional edition, a free loopback port.
    ///
    /// # Errors
    ///
    /// If the system has no free port or cannot start a thread.
    pub fn start() -> Result<Self, SandboxError> {
        Self::new(None, None)
    }

    /// Makes the next request meet this fault, which waits in the same queue as `answer_next`.
    ///
    /// # Errors
    ///
    /// In a forked process.
    pub fn fail_next(&self, fault: Fault) -> Result<(), SandboxError> {
        self.fail(fault.into())
    }

    /// The paths of the endpoints that robots and channels have, such as `/robot/message/send`.
    pub fn sender_paths(edition: Edition) -> impl Iterator<Item = &'static str> {
        endpoints::senders::paths(edition)
    }

    /// The paths of the endpoints that an edition has, such as `/admin/message/send`.
    pub fn paths(edition: Edition) -> impl Iterator<Item = &'static str> {
        endpoints::paths(edition)
    }

    fn subscription(&self, user_id: &str, channel_id: &str, status: i32) -> Result<(), SandboxError> {
        some_of("user_id", user_id)?;
        self.with(|memory| {
            let account = memory.state.accounts.of(Kind::Channel, channel_id);
            let account = account.ok_or_else(|| SandboxError::new(format!("there is no channel {channel_id:?}")))?;
            let url = match account.callback.as_str() {
                "" => String::new(),
                url => format!("{url}/subscribe"),
            };
            let body = json!({"userId": user_id, "channelId": channel_id, "status": status});
            memory.state.callbacks.post(&url, &body);
            Ok(())
        })??;
        self.responder.have_posted();
        Ok(())
    }

    /// A forked process has a copy of the memory, but no thread that serves it, and its lock may never be released.
    fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> Result<T, SandboxError> {
        if !self.server.is_here() {
            return Err(SandboxError::new(
                "this sandbox runs in the process that started it and cannot be used from another process",
            ));
        }
        Ok(work(&mut self.responder.memory()))
    }
}

fn some_of(name: &str, text: &str) -> Result<(), SandboxError> {
    if text.is_empty() { Err(SandboxError::new(format!("{name} is empty"))) } else { Ok(()) }
}

/// Says where it listens, and never the secret.
impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sandbox").field("address", &self.server.address()).finish_non_exhaustive()
    }
}
