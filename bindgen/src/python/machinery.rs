//! Removes from the module that uniffi writes for Python what only makes the import slower.

use anyhow::{Context, Result, ensure};

/// How uniffi begins the class of a record, at the margin, and the class of an enum's variant, indented.
const RECORD: &str = "@dataclass\nclass ";
const HELD: &str = "    @dataclass\n    class ";
/// How every class at the margin begins.
const CLASS: &str = "\nclass ";

/// Methods in the class of a record that `_records.py` replaces.
const REPLACED: [&str; 3] = ["__init__", "__str__", "__eq__"];

/// Modules that the generated code imports for features that this library does not use.
const UNUSED: [&str; 2] = ["platform", "traceback"];

/// The import of what is not used any more once the records are replaced.
const DATACLASS: &str = "\nfrom dataclasses import dataclass\n";

/// The generated module as it is shipped.
///
/// `@dataclass` compiles several functions per class: for a hundred classes this takes a fifth of the import's time. The objects
/// that are made of a record have the class in `_records.py`, so only the methods are kept that call the library. The protocols
/// of objects have no use, because the package has a stub.
pub fn patched(generated: &str) -> Result<String> {
    for beginning in [RECORD, HELD] {
        ensure!(
            generated.contains(&format!("\n{beginning}")),
            "uniffi's Python has no class that begins with {beginning:?}"
        );
    }
    let text = generated.replace(&format!("\n{HELD}"), "\n    class ");
    let mut text = without_protocols(&only_methods_of_records(&text)?)?;
    if !text.contains("@dataclass") {
        text = text.replacen(DATACLASS, "\n", 1);
    }
    for module in UNUSED {
        if !is_used(&text, module) {
            text = text.replacen(&format!("\nimport {module}\n"), "\n", 1);
        }
    }
    Ok(text)
}

/// The module with nothing in the class of a record but the methods that call the library.
fn only_methods_of_records(text: &str) -> Result<String> {
    let begin = format!("\n{RECORD}");
    let mut records = text.split(&begin);
    let mut short = records.next().unwrap_or_default().to_owned();
    for record in records {
        let (class, rest) = record.split_once(CLASS).context("no converter follows the last record")?;
        let (name, _) = class.split_once(':').context("the class of a record has no colon")?;
        ensure!(!class.contains("\n    @"), "the record {name} has a method with a decorator");
        let methods =
            class.split("\n    def ").skip(1).filter(|method| !REPLACED.iter().any(|one| method.starts_with(one)));
        let methods: String = methods.map(|method| format!("\n    def {method}")).collect();
        let body = if methods.is_empty() { "\n    pass\n" } else { &methods };
        short += &format!("{CLASS}{name}:{body}{CLASS}{rest}");
    }
    Ok(short)
}

/// The module without the protocol that uniffi writes in front of the class of each object.
fn without_protocols(text: &str) -> Result<String> {
    let mut text = text.to_owned();
    while let Some(end) = text.find("Protocol(typing.Protocol):") {
        let begin = text[..end].rfind(CLASS).context("a protocol is no class at the margin")?;
        let object = text[begin + CLASS.len()..end].to_owned();
        let (own, plain) = (format!("{CLASS}{object}({object}Protocol):"), format!("{CLASS}{object}:"));
        let next = text.find(&own).with_context(|| format!("no class {object} has the protocol of its name"))?;
        text.replace_range(begin..next + own.len(), &plain);
        text = text.replacen(&format!("    \"{object}Protocol\",\n"), "", 1);
    }
    Ok(text)
}

/// Whether the code uses a module: `platform.system()` does, `sys.platform.startswith` does not.
fn is_used(text: &str, module: &str) -> bool {
    text.match_indices(&format!("{module}."))
        .any(|(at, _)| !text[..at].ends_with(|before: char| before.is_alphanumeric() || "._".contains(before)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENERATED: &str = "import sys\nimport platform\nimport traceback\nif sys.platform.startswith(\"win\"):\n    \
                             pass\n\n@dataclass\nclass Place:\n    \"\"\"\n    Where.\n\"\"\"\n    def __init__(self):\n        \
                             pass\n    def __eq__(self, other):\n        return True\n\nclass ConverterOfPlace:\n    pass\n\n\
                             @dataclass\nclass Note:\n    def __init__(self):\n        pass\n    def native_pin(self):\n        \
                             return 1\n    def __str__(self):\n        return \"\"\n\nclass ConverterOfNote:\n    pass\n\n\
                             class Any:\n    @dataclass\n    class TEXT:\n        pass\n\n\
                             class ClientProtocol(typing.Protocol):\n    def call(self):\n        ...\n\n\
                             class Client(ClientProtocol):\n    def call(self):\n        return 2\n\n__all__ = [\n    \
                             \"ClientProtocol\",\n    \"Client\",\n]\n";

    #[test]
    fn records_keep_the_methods_that_call_the_library_and_objects_have_no_protocol() {
        let text = patched(GENERATED).unwrap();
        let (_, classes) = text.split_once("    pass\n").unwrap();
        let wanted = "\nclass Place:\n    pass\n\nclass ConverterOfPlace:\n    pass\n\n\
                      class Note:\n    def native_pin(self):\n        return 1\nclass ConverterOfNote:\n    pass\n\n\
                      class Any:\n    class TEXT:\n        pass\n\n\
                      class Client:\n    def call(self):\n        return 2\n\n__all__ = [\n    \"Client\",\n]\n";
        assert_eq!(classes, wanted);
    }

    #[test]
    fn modules_are_left_out_that_nothing_uses() {
        assert!(patched(GENERATED).unwrap().starts_with("import sys\nif sys.platform."));
        let using =
            GENERATED.replace("pass\n\n@dataclass\nclass Place", "traceback.print_exc()\n\n@dataclass\nclass Place");
        assert!(patched(&using).unwrap().starts_with("import sys\nimport traceback\nif sys.platform."));
    }

    #[test]
    fn a_generator_that_writes_otherwise_is_an_error() {
        assert!(patched("class Place:\n").is_err());
        assert!(patched("\n@dataclass\nclass Place:\n").is_err());
        assert!(patched(&GENERATED.replace("class Client(ClientProtocol)", "class Client")).is_err());
        assert!(patched(&GENERATED.replace("    def native_pin", "    @classmethod\n    def native_pin")).is_err());
    }
}
