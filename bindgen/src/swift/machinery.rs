//! Our changes to the code that uniffi generates for Swift, one after the other.

use anyhow::Result;
use uniffi_bindgen::ComponentInterface;

use super::{hiding, spelling};
use crate::public;

/// The file of uniffi after our changes: internal machinery, and names as Swift spells them.
pub fn patched(generated: &str, interface: &ComponentInterface) -> Result<String> {
    Ok(respelled(&hiding::with_machinery_hidden(generated, &public::internal(interface, &public::WHOLE))?))
}

/// Any generated file with names as Swift spells them.
pub fn respelled(generated: &str) -> String {
    spelling::as_in_swift(generated)
}
