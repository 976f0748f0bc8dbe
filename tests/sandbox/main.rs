//! The embedded server, tested over raw sockets without the client.
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
