//! Our changes to the code that uniffi generates for Kotlin, one after the other.

use anyhow::Result;
use uniffi_bindgen::ComponentInterface;

use super::{calls, comments, hiding, records};
use crate::public;

/// The file of uniffi after our changes: completed records, hidden machinery, names as Kotlin spells them.
pub fn patched(generated: &str, interface: &ComponentInterface) -> Result<String> {
    let completed = records::completed(&calls::with_direct_calls(generated)?);
    Ok(respelled(&hiding::with_machinery_hidden(&completed, &public::internal(interface, &public::WHOLE))))
}

/// Any generated file with the names in its comments as Kotlin spells them.
pub fn respelled(generated: &str) -> String {
    comments::in_kotlin(generated)
}
