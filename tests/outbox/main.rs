//! The outbox: putting and sending messages, workers, and what is left when workers are killed.

#[path = "../support/setting.rs"]
mod setting;
mod stores;

mod figures;
mod killed;
mod order;
mod putting;
mod senders;
mod sending;
// They are started from Linux's packages, and end by a signal that only Linux sends.
#[cfg(target_os = "linux")]
mod servers;
mod trouble;
