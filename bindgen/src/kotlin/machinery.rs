//! Our changes to what is generated for Kotlin, one after the other.

use anyhow::Result;

use super::{calls, comments, hiding, records};

/// What uniffi writes, as it is compiled.
pub fn finished(generated: &str) -> Result<String> {
    Ok(shown(&calls::cheapened(generated)?))
}

/// Any generated file as its users see it: the records completed, machinery out of sight, names as Kotlin spells them.
pub fn shown(generated: &str) -> String {
    comments::in_kotlin(&hiding::out_of_sight(&records::completed(generated)))
}
