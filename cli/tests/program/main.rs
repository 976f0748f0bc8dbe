//! The program `wildfirechat-message`, as a shell runs it: the real binary against the sandbox.

mod bulk;
mod commands;
mod doctor;
mod fates;
mod manual;
#[cfg(feature = "outbox")]
mod outbox;
mod profiles;
mod secret;
mod stopping;
mod tool;
mod webhook;

#[path = "../../../tests/support/mod.rs"]
mod support;
#[path = "../../../tests/support/tls.rs"]
mod tls;
