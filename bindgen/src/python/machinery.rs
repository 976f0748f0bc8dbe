//! What uniffi writes for Python, less what only costs time when the package is imported.

use anyhow::{Result, ensure};

/// How uniffi has the class of a record begin, at the margin, and that of what an enum holds, further in. What the package
/// uses of either is written out below it, or replaced by the class in `_records.py`.
const RECORD: &str = "@dataclass\nclass ";
const HELD: &str = "    @dataclass\n    class ";

/// Modules that the generated code imports for uses that this library has none of.
const UNUSED: [&str; 2] = ["platform", "traceback"];

/// The generated module as it is shipped.
///
/// `@dataclass` compiles several functions for each class: for a hundred classes a fifth of the import's time.
pub fn patched(generated: &str) -> Result<String> {
    for beginning in [RECORD, HELD] {
        ensure!(
            generated.contains(&format!("\n{beginning}")),
            "uniffi's Python has no class that begins with {beginning:?}"
        );
    }
    let text = generated.replace(&format!("\n{HELD}"), "\n    class ");
    let mut text = text.replace(&format!("\n{RECORD}"), "\nclass ");
    for module in UNUSED {
        if !is_used(&text, module) {
            text = text.replacen(&format!("\nimport {module}\n"), "\n", 1);
        }
    }
    Ok(text)
}

/// Whether something of a module is named: `platform.system()`, and not `sys.platform.startswith`.
fn is_used(text: &str, module: &str) -> bool {
    text.match_indices(&format!("{module}."))
        .any(|(at, _)| !text[..at].ends_with(|before: char| before.is_alphanumeric() || "._".contains(before)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENERATED: &str = "import sys\nimport platform\nimport traceback\nif sys.platform.startswith(\"win\"):\n    \
                             pass\n\n@dataclass\nclass Place:\n    pass\n\nclass Any:\n    @dataclass\n    class TEXT:\n";

    #[test]
    fn records_and_what_enums_hold_are_plain_classes() {
        let text = patched(GENERATED).unwrap();
        assert!(text.ends_with("    pass\n\nclass Place:\n    pass\n\nclass Any:\n    class TEXT:\n"));
    }

    #[test]
    fn modules_are_left_out_that_nothing_uses() {
        assert!(patched(GENERATED).unwrap().starts_with("import sys\nif sys.platform."));
        let using = GENERATED.replace("pass\n\n@", "traceback.print_exc()\n\n@");
        assert!(patched(&using).unwrap().starts_with("import sys\nimport traceback\nif sys.platform."));
    }

    #[test]
    fn a_generator_that_writes_otherwise_is_an_error() {
        assert!(patched("class Place:\n").is_err());
        assert!(patched("\n@dataclass\nclass Place:\n").is_err());
    }
}
