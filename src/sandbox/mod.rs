//! The embedded stand-in for a WildfireChat server, for tests and first steps without one: [`Sandbox`].
//!
//! It implements the server's side of the message API as it was seen on a running community server 1.2.4, and the
//! endpoints of the professional edition as the vendor's page describes them. It keeps state, reports the requests that
//! it received, and fails on demand. It shares no code with the client of this crate, because no test would find a
//! mistake in a shared signature or envelope.
//!
//! | File | What lives there |
//! | --- | --- |
//! | `handle.rs` | [`Sandbox`], the object for tests |
//! | `options.rs`, `records.rs`, `header.rs`, `error.rs` | its arguments and results |
//! | `server.rs` | the listening socket and the thread behind it |
//! | `connection.rs` | one connection: read, record, answer, repeat |
//! | `http.rs` | HTTP/1.1 as far as the server speaks it |
//! | `log.rs` | the requests that arrived |
//! | `responder.rs` | answers one request: route, rate, signature, body, endpoint |
//! | `signature.rs`, `rate.rs` | the two checks in front of every endpoint |
//! | `accounts.rs` | robots and channels: the same checks, with secrets of their own |
//! | `callbacks/` | what it posts to applications, and the censor that it asks |
//! | `rights.rs` | the differences between versions: sizes, lists of users, a user's own rights |
//! | `fields.rs` | reading a request body as strictly as the server does |
//! | `answers.rs` | every shape of answer |
//! | `state.rs`, `message.rs` | what the server remembers |
//! | `endpoints/`, `refusal.rs` | one handler per endpoint, and its reasons for refusing |
//! | `store/` | the file store |
//! | `script.rs`, `faults.rs` | scripted answers and faults |
//!
//! # Choices
//!
//! Where the behaviour of the server is not known, the sandbox does the following.
//!
//! - A group or channel exists unless its id begins with `unknown`; then the answer is code 253. Like the server, the
//!   sandbox does not check users and chatrooms.
//! - Every sender is a member: a message to a group or chatroom reaches all users, or those in `toUsers` (in a chatroom
//!   since 1.3.2). In a single chat it reaches the target only if the target is in `toUsers` or the list is empty. The
//!   sender owns the channel, unless the channel's id begins with `others`: then `toUsers` has no effect.
//! - Rights (1.3.8 and later, only with `isUserMessage`): a sender whose id begins with `muted` or `blocked` may not
//!   send (247); a user whose id begins with `unfriendly` has every sender on the black list (246), and one that begins
//!   with `blocked` receives nothing (8); no user is in a group, chatroom or channel whose id begins with `others` (9,
//!   20, 21); a group whose id begins with `muted` is muted (241); `sensitive-word` in the searchable content is a
//!   sensitive word (242).
//! - The robots and channels are those that [`Sandbox::set_robot`] and [`Sandbox::set_channel`] have created. They have
//!   the rights of a user, by the same ids and in every version, but may also send the types 200 to 299. A user whose
//!   id begins with `others` subscribes to no channel. Robots and channels may neither update, recall nor republish
//!   messages of other senders (248). A robot may recall a message for 60 s, a channel at any time, and a robot may
//!   update messages of any type. A reply to an unknown message is code 253, and an empty list of users to republish to
//!   is 251. Before 1.4.7, a refusal repeats the error as its result.
//! - Callbacks are posted to plain HTTP only, those but the censor's after the call that causes them has been answered. A robot's callback gets the
//!   messages to the robot, and every message to a group, also its own, unless the group's id begins with `others`; a
//!   channel's callback gets the messages that others send to the channel. For a recall, the message is as it was before.
//! - The censor is asked about the messages whose sender's rights are checked, after those checks: the messages of robots and
//!   channels, and those with `isUserMessage` (1.3.8 and later). What it refuses is code 242, and nothing of it is kept. A
//!   replaced payload is not checked again. An update is not shown to it.
//! - The queue of each user keeps the newest 1,024 messages (community) or 5,000 (professional).
//! - A broadcast counts the user ids that have appeared in executed calls: senders, targets, receivers and users in
//!   queries.
//! - Messages are read and delivered immediately: `conv_read` returns the time of the newest message of the
//!   conversation, and `delivery` that of the newest message that reached the user; both return 0 if there is none.
//!   [`Sandbox::set_read_timestamp`] and [`Sandbox::set_delivery_timestamp`] replace these times.
//! - A message with persist flag 0 can never be looked up, and one with flag 4 only for 10 s.
//! - Clearing hides messages from one user ([`Sandbox::messages_of_user`]); `get_one` still finds them. A time that is
//!   left out is 0, and an end of 0 means now.
//! - An update replaces the payload, even of a recalled message, and needs no operator.
//! - Deleting a uid of 0 or below is code 251; deleting an unknown or deleted uid is 253.
//! - An import imports all messages or none; a time of 0 or below is code 251.
//! - A multicast message no longer exists when it was deleted for its last receiver. Recalling or deleting a multicast
//!   message or a broadcast with the uid of another kind of message is code 253.
//! - The file store uses the same port. It accepts only what the requested address allows: that key, that content type,
//!   and a length that is announced. A file that is uploaded again replaces the first one. Any client may upload a file
//!   whose key begins with `open/`, for scripted answers.
//! - An upload address for a file without a name is code 251.
//! - An empty body, or `null`, is an object without fields.
//! - A timestamp that is not a number counts as expired (243).
//! - Requests on one connection are answered in order; the real server answers pipelined requests out of order.
//!
//! # Bounds
//!
//! The sandbox keeps the newest 10,000 requests (at most 128 MiB), 100,000 messages (at most 256 MiB) and 100,000 user
//! ids; older ones are forgotten. It keeps the newest 1,000 files of the file store (at most 128 MiB), and of a file
//! over 16 MiB only the size and the hash. A request body may have 100 MiB, and a request head 64 KiB.

mod accounts;
mod answers;
mod callbacks;
mod connection;
mod endpoints;
mod error;
mod faults;
mod fields;
mod handle;
mod header;
mod http;
mod log;
mod message;
mod options;
mod rate;
mod records;
mod refusal;
mod responder;
mod rights;
mod script;
mod server;
mod signature;
mod state;
mod store;

pub use callbacks::{CallbackFault, ForwardedCallback, PostedCallback};
pub use error::SandboxError;
pub use faults::{Fault, StoreFault};
pub use handle::Sandbox;
pub use header::Header;
pub use options::{Edition, SandboxOptions, StoreKind};
pub use records::{FaultRule, RandomFaults, ReceivedRequest, ScriptedAnswer, StoredFile, StreamedText};

/// Now, in milliseconds since the epoch.
fn now() -> i64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}
