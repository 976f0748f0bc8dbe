//! The embedded server, spoken to over bare sockets: nothing of our client is in the way.
#![cfg(feature = "sandbox")]

mod faults;
mod http;
mod lifecycle;
mod messages;
mod program;
mod raw;
mod reading;
mod recording;
mod removing;
mod rules;
mod senders;
mod signature;
mod store;
mod versions;
