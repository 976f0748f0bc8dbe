//! The embedded stand-in for a WildfireChat server, for tests and first steps without one: [`Sandbox`].
//!
//! It speaks the server's side of the message API as it was seen on a running community server 1.2.4, and for
//! the endpoints of the professional edition as the vendor's page describes them. It keeps state, tells what it
//! received, and makes trouble when it is asked to. It shares no code with the client of this crate: a mistake in
//! a shared signature or envelope would hide from every test.
//!
//! | File | What lives there |
//! | --- | --- |
//! | `handle.rs` | [`Sandbox`], what a test holds |
//! | `options.rs`, `records.rs`, `header.rs`, `error.rs` | what goes into it and comes out |
//! | `server.rs` | the listening socket and the thread behind it |
//! | `connection.rs` | one connection: read, record, answer, repeat |
//! | `http.rs` | HTTP/1.1 as far as the server speaks it |
//! | `log.rs` | the requests that arrived |
//! | `desk.rs` | the way of one request: route, rate, signature, body, endpoint |
//! | `signature.rs`, `rate.rs` | the two checks in front of every endpoint |
//! | `accounts.rs` | robots and channels: the same checks, with secrets of their own |
//! | `callbacks/` | what it posts to applications |
//! | `rights.rs` | what differs by version: sizes, lists of users, a user's own rights |
//! | `fields.rs` | reading a request body as strictly as the server does |
//! | `answers.rs` | every shape of answer |
//! | `state.rs`, `message.rs` | what the server remembers |
//! | `endpoints/`, `refusal.rs` | one handler an endpoint, and why it does nothing |
//! | `store/` | the store that files are brought to |
//! | `script.rs`, `faults.rs` | answers and faults made to order |
//!
//! # Choices
//!
//! Where nobody has seen what the server does, the sandbox does the following.
//!
//! - A group or channel exists unless its id begins with `unknown`; then the answer is code 253. Users and
//!   chatrooms are not checked, as on the server.
//! - Who asks is a member: a message to a group or chatroom reaches everybody, or those in `toUsers` (in a chatroom since
//!   1.3.2). In a single chat it reaches the target only where that is in `toUsers`, or there are none. Who sends to a
//!   channel owns it, unless the channel's id begins with `others`: then `toUsers` does nothing.
//! - Rights (1.3.8 and later, with `isUserMessage` alone): a sender whose id begins with `muted` or `blocked` may not send
//!   (247); a user `unfriendly…` has everybody on the black list (246), one `blocked…` gets nothing (8); nobody is in a
//!   group, chatroom or channel `others…` (9, 20, 21); a group `muted…` is muted (241); `sensitive-word` in the searchable
//!   content is one (242).
//! - There are the robots and channels that [`Sandbox::set_robot`] and [`Sandbox::set_channel`] have made. Their rights are
//!   those of a user, by the same ids, with every version; only types 200 to 299 they may send. A user `others…` subscribes
//!   to nothing. What belongs to somebody else they may neither update, recall nor republish (248). A robot may recall for 60 s,
//!   a channel at any time, and a robot may update messages of any type. A reply to a message that is unknown is 253, and an
//!   empty list of users to republish to 251. A refusal repeats the error as its result before 1.4.7.
//! - Callbacks are posted to plain http alone, after the call that they come of has been answered. A robot is posted what is
//!   sent to it, and every message to a group, its own too, unless the group is called `others…`; a channel what others send to
//!   it. The message of a recall is as it was before.
//! - A user's queue keeps the newest 1,024 messages (community) or 5,000 (professional).
//! - The users that a broadcast counts are the ids named so far in executed calls: senders, targets, receivers
//!   and those asked about.
//! - Messages are read and delivered at once: `conv_read` tells the time of the newest message of that
//!   conversation, `delivery` of the newest one that reached the user, and both 0 where there is none, until
//!   [`Sandbox::set_read_timestamp`] or [`Sandbox::set_delivery_timestamp`] says otherwise.
//! - A message with persist flag 0 is never found again, one with 4 for 10 s.
//! - Clearing hides messages from one user ([`Sandbox::messages_of_user`]); `get_one` still finds them. A range
//!   left out is 0, and an end of 0 is now.
//! - An update replaces the payload, that of a recalled message too, and needs no operator.
//! - Deleting a uid of 0 or below is code 251, an unknown or deleted one 253.
//! - An import is all or nothing; a time of 0 or below is code 251.
//! - A multicast is gone when it was deleted for its last receiver. Recalling or deleting a multicast or
//!   broadcast by the uid of another kind of message is code 253.
//! - The store for files is at the same port. It takes what the address that was asked for allows: that key, that
//!   content type, and a length told beforehand. A file that is brought again replaces itself. What has a key that
//!   begins with `open/` anybody may bring, for answers made to order.
//! - An upload address for a file without a name is code 251.
//! - An empty body, or `null`, is an object without fields.
//! - A timestamp that is no number is expired (243).
//! - Requests on one connection are answered in order; the server answers pipelined ones out of order.
//!
//! # Bounds
//!
//! The newest 10,000 requests (of 128 MiB at most) and 100,000 messages (of 256 MiB at most) are kept, and 100,000
//! user ids; older ones are forgotten. Of the files in the store it is the newest 1,000 (of 128 MiB at most), and of a file over
//! 16 MiB only size and digest. A request body may have 100 MiB, a request head 64 KiB.

mod accounts;
mod answers;
mod callbacks;
mod connection;
mod desk;
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
pub use records::{FaultRule, RandomFaults, ReceivedRequest, ScriptedAnswer, StoredFile};

/// Now, in milliseconds since the epoch.
fn now() -> i64 {
    let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}
