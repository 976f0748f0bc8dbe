//! The bindings generator: uniffi's own, and beside it the parts of each language's facade that follow from the
//! same metadata.
//!
//! uniffi's generator writes the private module of each language; `machinery` of each language makes our changes to it.
//! What it writes badly, or not at all, comes from here:
//!
//! - Python's records, as true dataclasses, what packs them, and a stub that makes the rest of its Python readable for
//!   type checkers ([`python`]);
//! - the clients, the errors, and the methods of the sandbox and the outbox of every language, printed from the model
//!   ([`api`]) by the house rules ([`rules`]);
//! - Java's builders ([`kotlin`]), and what users see at all ([`public`]);
//! - the open number lists, in each language's own form;
//! - the examples of the endpoints' pages, in every language ([`examples`]), and the tables of README and docs ([`tables`]);
//! - what throws an error and is no method of a wrapped object, with the facade's own error ([`wrappers`]).

pub mod api;
pub mod docs;
pub mod examples;
pub mod kotlin;
pub mod metadata;
pub mod public;
pub mod python;
pub mod rules;
pub mod swift;
pub mod tables;
pub mod wrappers;
