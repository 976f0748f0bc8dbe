//! Makes declarations internal that uniffi's generator makes public, but that users of the package do not need: the objects
//! that the hand-written layer wraps, the records that it fills in, the functions and methods that throw the generator's
//! own errors, and the converters.
//!
//! Then users see only one `MessageClient` in completion, in documentation and in error messages.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

/// The generated Swift with those declarations internal; `internal` names what the library exports only for the facade. If
/// the generator writes one of those in another way, this fails, so that none stays public by mistake.
pub(super) fn with_machinery_hidden(generated: &str, internal: &BTreeSet<String>) -> Result<String> {
    // The generator breaks the line after the `public` of an error.
    let generated = generated.replace("\npublic \nenum ", "\npublic enum ");
    let mut hidden = Vec::new();
    let lines: Vec<&str> = generated
        .lines()
        .map(|line| match declaration(line) {
            Some((declaration, name)) if is_of_the_generator(name) || internal.contains(name) => {
                hidden.push(name);
                declaration
            }
            _ => line,
        })
        .collect();
    for name in internal {
        let found = hidden.contains(&name.as_str());
        ensure!(found, "the generated Swift does not declare {name} as expected: see bindgen/src/swift/hiding.rs");
    }
    Ok(lines.join("\n") + "\n")
}

/// A public declaration at the beginning of a line: the same without its access, and its name. The generator begins
/// methods there too.
fn declaration(line: &str) -> Option<(&str, &str)> {
    let internal = line.strip_prefix("public ").or_else(|| line.strip_prefix("open "))?;
    let (keyword, rest) = internal.split_once(' ')?;
    if !["class", "enum", "func", "protocol", "struct"].contains(&keyword) {
        return None;
    }
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    Some((internal, &rest[..end]))
}

/// Whether a name begins with `native`: such functions are internal too.
fn is_of_the_generator(name: &str) -> bool {
    ["FfiConverter", "uniffi", "Native", "native"].iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERNAL: [&str; 2] = ["Answer", "BulkNews"];

    fn all_expected() -> String {
        INTERNAL.map(|name| format!("public struct {name} {{\n}}\n")).concat()
    }

    fn with_machinery_hidden(generated: &str) -> Result<String> {
        super::with_machinery_hidden(generated, &INTERNAL.map(str::to_owned).into())
    }

    #[test]
    fn what_users_hold_stays_public() {
        let records =
            "public struct Message: Equatable {\n    public var sender: String\n}\npublic struct SendRequest {\n}\n";
        let with_machinery_hidden = with_machinery_hidden(&(records.to_owned() + &all_expected())).unwrap();
        assert!(with_machinery_hidden.starts_with(records), "{with_machinery_hidden}");
    }

    #[test]
    fn what_the_library_wraps_becomes_internal() {
        let text = all_expected()
            + "open class NativeMessageClient {\n}\npublic \nenum NativeOther: Swift.Error {\n}\npublic func FfiConverterTypeMessage_lift(_ buf: RustBuffer) {\n";
        let with_machinery_hidden = with_machinery_hidden(&text).unwrap();
        assert!(with_machinery_hidden.contains("\nclass NativeMessageClient {"), "{with_machinery_hidden}");
        assert!(with_machinery_hidden.contains("\nenum NativeOther: Swift.Error {"), "{with_machinery_hidden}");
        assert!(with_machinery_hidden.contains("\nfunc FfiConverterTypeMessage_lift("), "{with_machinery_hidden}");
        assert!(
            !with_machinery_hidden.contains("public") && !with_machinery_hidden.contains("open"),
            "{with_machinery_hidden}"
        );
    }

    #[test]
    fn a_record_stays_public_and_its_native_methods_do_not() {
        let record = "public struct Note: Equatable {\n    public var text: String\n\
                      public func nativeToPayload(extras: Extras? = nil)throws  -> Payload  {\n}\n}\n";
        let with_machinery_hidden = with_machinery_hidden(&(record.to_owned() + &all_expected())).unwrap();
        assert!(
            with_machinery_hidden
                .starts_with("public struct Note: Equatable {\n    public var text: String\nfunc nativeToPayload(")
        );
    }

    #[test]
    fn a_generator_that_writes_otherwise_is_an_error() {
        let error =
            with_machinery_hidden(&all_expected().replace("struct Answer", "indirect enum Answer")).unwrap_err();
        assert!(error.to_string().contains("does not declare Answer"), "{error}");
    }
}
