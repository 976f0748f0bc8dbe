//! Python: records as dataclasses and what packs them, number lists as `enum.IntEnum`, and a stub for what uniffi generates.

mod client;
mod errors;
pub mod machinery;
mod numbers;
mod outbox;
mod packing;
mod public;
mod records;
mod sandbox;
mod stub;
mod types;

pub use client::{clients, endpoints};
pub use errors::{errors, outbox_errors};
pub use numbers::numbers;
pub use outbox::{async_outbox, outbox};
pub use packing::packing;
pub use public::public;
pub use records::{Base, records};
pub use sandbox::sandbox;
pub use stub::stub;

use crate::docs;

/// `_bridge.py`: what this package changes about uniffi's module when it is imported.
pub const BRIDGE: &str = include_str!("bridge.py");

/// `_dataclass.py`: what makes the records dataclasses, when somebody asks for it.
pub const DATACLASS: &str = include_str!("dataclass.py");

/// A docstring, indented, with its line end. Empty for an empty text.
fn docstring(text: &str, indent: &str) -> String {
    let text = docs::without_links(text.trim()).replace('\\', r"\\").replace(r#"""""#, r#"\"\"\""#);
    if text.is_empty() {
        String::new()
    } else if text.contains('\n') || text.ends_with('"') {
        format!("{indent}\"\"\"{}\n{indent}\"\"\"\n", docs::indented(&text, indent).trim())
    } else {
        format!("{indent}\"\"\"{text}\"\"\"\n")
    }
}

/// A docstring section that lists names and what they mean, in the form that Sphinx and editors know.
fn section(title: &str, entries: impl Iterator<Item = (String, String)>) -> String {
    const WIDTH: usize = 100;
    let lines: String = entries
        .map(|(name, docs)| match docs::in_one_line(&docs) {
            docs if docs.is_empty() => format!("    {name}\n"),
            docs => docs::wrapped(&format!("{name}: {docs}"), WIDTH, "    ", "        "),
        })
        .collect();
    if lines.is_empty() { lines } else { format!("\n\n{title}:\n{lines}") }
}
