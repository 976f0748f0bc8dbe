//! The bindings generator: uniffi's own, and beside it the parts of each language's facade that follow from the
//! same metadata.
//!
//! uniffi's generator writes the private module of each language; `machinery` of each language makes our changes to it.
//! This crate generates the rest:
//!
//! - Python's records as true dataclasses, the functions that pack them, and a stub from which type checkers learn the types of
//!   uniffi's module ([`python`]);
//! - the clients, the errors, and the methods of the sandbox and the outbox of every language, printed from the model
//!   ([`api`]) by the house rules ([`rules`]);
//! - Java's builders ([`kotlin`]), and the decision which types users see ([`public`]);
//! - the open number lists, in each language's own form;
//! - the examples of the endpoints' pages, in every language ([`examples`]), and the tables of README and docs ([`tables`]);
//! - wrappers for functions outside of the wrapped objects that can fail, with the facade's own error ([`wrappers`]).

pub mod api;
pub mod docs;
pub mod examples;
pub mod kotlin;
pub mod metadata;
pub mod public;
pub mod python;
mod reading;
pub mod rules;
pub mod swift;
pub mod tables;
pub mod wrappers;
