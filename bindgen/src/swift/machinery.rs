//! Our changes to what is generated for Swift, one after the other.

use anyhow::Result;
use uniffi_bindgen::ComponentInterface;

use super::{hiding, spelling};
use crate::public;

/// What uniffi writes, as it is compiled: machinery internal, and names as Swift spells them.
pub fn patched(generated: &str, interface: &ComponentInterface) -> Result<String> {
    Ok(respelled(&hiding::with_machinery_hidden(generated, &public::internal(interface, &public::WHOLE))?))
}

/// Any generated file with names as Swift spells them.
pub fn respelled(generated: &str) -> String {
    spelling::as_in_swift(generated)
}
