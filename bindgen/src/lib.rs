//! The bindings generator: uniffi's own, and beside it the parts of each language's facade that follow from the
//! same metadata.
//!
//! uniffi's generator writes the private module of each language. What it writes badly comes from here instead:
//!
//! - Python's records, as true dataclasses ([`python::records`]), what packs them ([`python::packing`]), and a stub that makes the rest of its Python
//!   readable for type checkers ([`python::stub`]);
//! - the open number lists, in each language's own form ([`python::numbers`], [`kotlin::numbers`],
//!   [`swift::numbers`]);
//! - what throws an error and is no method of a wrapped object, with the facade's own error ([`wrappers`]).

pub mod docs;
pub mod kotlin;
pub mod metadata;
pub mod python;
pub mod swift;
pub mod wrappers;
