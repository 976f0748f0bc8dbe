//! Our changes to what is generated for Swift, one after the other.

use anyhow::Result;

use super::{narrow, spelling};

/// What uniffi writes, as it is compiled.
pub fn finished(generated: &str) -> Result<String> {
    Ok(shown(&narrow::narrowed(generated)?))
}

/// Any generated file with names as Swift spells them.
pub fn shown(generated: &str) -> String {
    spelling::as_in_swift(generated)
}
