//! Robots and channels: their secrets, how many requests each may make, and what the server keeps of them.

use std::{collections::HashMap, time::Instant};

use super::{
    Header, answers,
    message::{CHANNEL, GROUP, Message, SINGLE},
    now,
    rate::Bucket,
    signature::{self, Signed},
};

/// How many requests a robot or a channel may make in 10 s.
const RATE: u32 = 1000;
/// So many ids are counted at once.
const COUNTED_MAX: usize = 10_000;

const NO_RIGHT: i32 = 248;
const CHANNEL_NOT_EXIST: i32 = 236;
const CHANNEL_NO_SECRET: i32 = 237;

/// Who calls besides the administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Robot,
    Channel,
}

impl Kind {
    /// The header that names who calls, in the two spellings that the server knows.
    fn header(self) -> (&'static str, &'static str) {
        match self {
            Self::Robot => ("rid", "Rid"),
            Self::Channel => ("cid", "Cid"),
        }
    }

    fn unknown(self) -> i32 {
        match self {
            Self::Robot => answers::NOT_EXIST,
            Self::Channel => CHANNEL_NOT_EXIST,
        }
    }

    fn without_secret(self) -> i32 {
        match self {
            Self::Robot => NO_RIGHT,
            Self::Channel => CHANNEL_NO_SECRET,
        }
    }
}

/// A robot, or a channel.
pub(super) struct Account {
    secret: Option<String>,
    /// Who sends what it sends: a robot itself, a channel's owner.
    pub(super) sender: String,
    /// Where callbacks go; nowhere where it is empty.
    pub(super) callback: String,
    /// When it was made, in milliseconds since the epoch.
    pub(super) made: i64,
}

pub(super) struct Accounts {
    known: HashMap<(Kind, String), Account>,
    rate: u32,
    /// Counted by the id alone, whether there is one of this id or not.
    buckets: HashMap<(Kind, String), Bucket>,
}

impl Default for Accounts {
    fn default() -> Self {
        Self { known: HashMap::new(), rate: RATE, buckets: HashMap::new() }
    }
}

impl Accounts {
    /// Makes one, or gives it another secret and sender.
    pub(super) fn set(&mut self, kind: Kind, id: String, sender: String, secret: Option<String>) {
        let (callback, made) = self
            .known
            .remove(&(kind, id.clone()))
            .map_or_else(|| (String::new(), now()), |account| (account.callback, account.made));
        self.known.insert((kind, id), Account { secret, sender, callback, made });
    }

    /// How many requests each may make in 10 s from now on; 0 is no limit.
    pub(super) fn set_rate(&mut self, rate: u32) {
        self.rate = rate;
        self.buckets.clear();
    }

    pub(super) fn of(&mut self, kind: Kind, id: &str) -> Option<&mut Account> {
        self.known.get_mut(&(kind, id.to_owned()))
    }

    /// Passes a request and gives the id of who makes it, or the code that refuses it, in the server's order: what is
    /// missing, the rate, a timestamp that cannot be read, its age, who it is, whether there is a secret, the signature.
    pub(super) fn admit(&mut self, kind: Kind, headers: &[Header], now: i64) -> Result<String, i32> {
        let signed = Signed::of(headers)?;
        let id = named(kind, headers).ok_or(answers::NOT_SIGNED)?;
        if !self.takes(kind, id) {
            return Err(answers::OVER_FREQUENCY);
        }
        signed.sent().ok_or(answers::NOT_SIGNED)?;
        signed.is_young(now)?;
        let account = self.known.get(&(kind, id.to_owned())).ok_or_else(|| kind.unknown())?;
        let secret = account.secret.as_deref().ok_or_else(|| kind.without_secret())?;
        signed.proves(secret)?;
        Ok(id.to_owned())
    }

    /// Where a message is posted: to the robots that get it, and to the channel that somebody else sends it to.
    pub(super) fn callbacks_for(&self, message: &Message) -> Vec<String> {
        let conversation = message.conversation();
        let url = |((kind, id), account): (&(Kind, String), &Account)| {
            let reaches = match (kind, conversation.kind) {
                (Kind::Robot, SINGLE) => message.reaches(id) && message.sender() != id,
                (Kind::Robot, GROUP) => message.reaches(id) && !conversation.target.starts_with("others"),
                (Kind::Channel, CHANNEL) => conversation.target == *id && message.sender() != account.sender,
                _ => false,
            };
            let end = if *kind == Kind::Channel { "/message" } else { "" };
            (reaches && !account.callback.is_empty()).then(|| format!("{}{end}", account.callback))
        };
        self.known.iter().filter_map(url).collect()
    }

    /// Whether a request is signed by who it names, whatever else is to be said of it.
    pub(super) fn is_signed(&self, kind: Kind, headers: &[Header], now: i64) -> bool {
        let account = named(kind, headers).and_then(|id| self.known.get(&(kind, id.to_owned())));
        let secret = account.and_then(|account| account.secret.as_deref());
        secret.is_some_and(|secret| signature::check(headers, secret, now).is_ok())
    }

    fn takes(&mut self, kind: Kind, id: &str) -> bool {
        let (instant, rate) = (Instant::now(), self.rate);
        if self.buckets.len() >= COUNTED_MAX {
            self.buckets.clear();
        }
        self.buckets.entry((kind, id.to_owned())).or_insert_with(|| Bucket::new(rate, instant)).take(instant)
    }
}

fn named(kind: Kind, headers: &[Header]) -> Option<&str> {
    let (lower, capitalised) = kind.header();
    signature::look_up(headers, lower, capitalised)
}
