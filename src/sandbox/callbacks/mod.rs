//! Callbacks: what the server posts to applications, of its own accord: without a signature, once, and in no order.

mod censor;
mod delivery;
mod post;
mod records;

use std::{
    collections::{HashMap, VecDeque},
    mem,
    time::Duration,
};

use serde_json::{Value, json};

use censor::Question;
pub(super) use censor::Verdict;
pub(super) use delivery::deliver;
use post::Post;
pub use records::{CallbackFault, ForwardedCallback, PostedCallback};

use super::SandboxError;

/// So many posts are told of; older ones are forgotten.
const TOLD_MAX: usize = 10_000;

/// Where forwarded messages go, what waits to be posted, and what was.
#[derive(Default)]
pub(super) struct Callbacks {
    forwards: HashMap<ForwardedCallback, String>,
    /// Where the server asks before a message goes out; empty where there is no censor.
    censor: String,
    waiting: Vec<Post>,
    faults: VecDeque<(CallbackFault, Duration)>,
    told: VecDeque<PostedCallback>,
}

impl Callbacks {
    /// Whether something is forwarded, whoever gets it.
    pub(super) fn is_forwarding(&self) -> bool {
        !self.forwards.is_empty()
    }

    /// Whether something waits to be posted.
    pub(super) fn are_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// An empty URL has nothing posted.
    pub(super) fn forward(&mut self, what: ForwardedCallback, url: String) {
        if url.is_empty() {
            self.forwards.remove(&what);
        } else {
            self.forwards.insert(what, url);
        }
    }

    pub(super) fn fail(
        &mut self,
        fault: CallbackFault,
        times: i32,
        delay: Option<Duration>,
    ) -> Result<(), SandboxError> {
        let times = usize::try_from(times).ok().filter(|times| (1..=TOLD_MAX).contains(times));
        let times = times.ok_or_else(|| SandboxError::new(format!("times is not from 1 to {TOLD_MAX}")))?;
        self.faults.extend(std::iter::repeat_n((fault, delay.unwrap_or(Duration::from_secs(1))), times));
        Ok(())
    }

    pub(super) fn stop_failing(&mut self) {
        self.faults.clear();
    }

    pub(super) fn told(&self) -> Vec<PostedCallback> {
        self.told.iter().cloned().collect()
    }

    /// Posts a body to a URL, where there is one.
    pub(super) fn post(&mut self, url: &str, body: &Value) {
        if !url.is_empty() {
            self.waiting.push(Post { url: url.to_owned(), body: body.to_string() });
        }
    }

    /// A message that has come: forwarded where that is set, and once more where it mentions somebody.
    pub(super) fn message(&mut self, message: &Value) {
        self.forwarded(ForwardedCallback::Messages, message);
        if message["payload"]["mentionedType"].as_i64().is_some_and(|kind| kind > 0) {
            self.forwarded(ForwardedCallback::Mentions, message);
        }
    }

    /// A message that is refused because of a word in it.
    pub(super) fn sensitive(&mut self, message: &Value) {
        self.forwarded(ForwardedCallback::Sensitive, message);
    }

    /// An empty URL has nobody asked.
    pub(super) fn set_censor(&mut self, url: String) {
        self.censor = url;
    }

    pub(super) fn has_a_censor(&self) -> bool {
        !self.censor.is_empty()
    }

    /// What the censor is asked about a message, with the fault that the question meets.
    pub(super) fn question(&mut self, message: &Value) -> Question {
        let post = Post { url: self.censor.clone(), body: message.to_string() };
        Question { post, fault: self.faults.pop_front() }
    }

    pub(super) fn recalled(&mut self, message: &Value, user: &str, timestamp: i64, is_admin: bool) {
        let body = json!({"message": message, "userId": user, "timestamp": timestamp, "isAdmin": is_admin});
        self.forwarded(ForwardedCallback::Recalls, &body);
    }

    fn forwarded(&mut self, what: ForwardedCallback, body: &Value) {
        let url = self.forwards.get(&what).cloned().unwrap_or_default();
        self.post(&url, body);
    }

    /// What waits to be posted, each with the fault that it meets.
    fn take_waiting(&mut self) -> Vec<(Post, Option<(CallbackFault, Duration)>)> {
        mem::take(&mut self.waiting).into_iter().map(|post| (post, self.faults.pop_front())).collect()
    }

    pub(super) fn tell(&mut self, posted: PostedCallback) {
        if self.told.len() == TOLD_MAX {
            self.told.pop_front();
        }
        self.told.push_back(posted);
    }
}
