//! Makes internal what the generator makes public and no user of the package has business with: the objects
//! that the hand-written layer wraps, the records it fills in, the functions and methods that throw the generator's
//! own errors, the converters.
//!
//! Users then meet one `MessageClient`, in completion, in documentation and in error messages.

use anyhow::{Result, ensure};

/// Declarations that must be there to be hidden. When the generator writes them another way, this fails, rather
/// than let them out.
const EXPECTED: [&str; 15] = [
    "Answer",
    "BulkFailure",
    "BulkNews",
    "FaultRule",
    "NativeBulk",
    "NativeMessageClient",
    "NativeMessageError",
    "NativeSandbox",
    "NativeSandboxError",
    "NativeUpload",
    "RandomFaults",
    "SandboxOptions",
    "UploadNews",
    "nativeDecodeContent",
    "nativeToPayload",
];

/// Records that end in "Request" and are for users all the same.
const SHOWN: [&str; 2] = ["ReceivedRequest", "SendRequest"];

/// The generated Swift with those declarations internal.
pub(super) fn narrowed(generated: &str) -> Result<String> {
    // The generator breaks the line after an error's `public`.
    let generated = generated.replace("\npublic \nenum ", "\npublic enum ");
    let mut hidden = Vec::new();
    let lines: Vec<&str> = generated
        .lines()
        .map(|line| match declaration(line) {
            Some((internal, name)) if is_hidden(name) => {
                hidden.push(name);
                internal
            }
            _ => line,
        })
        .collect();
    for name in EXPECTED {
        let found = hidden.contains(&name);
        ensure!(found, "the generated Swift does not declare {name} as expected: see bindgen/src/swift/narrow.rs");
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

fn is_hidden(name: &str) -> bool {
    let of_the_generator = ["FfiConverter", "uniffi", "Native", "native"].iter().any(|start| name.starts_with(start));
    of_the_generator || EXPECTED.contains(&name) || name.ends_with("Request") && !SHOWN.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_expected() -> String {
        EXPECTED.map(|name| format!("public struct {name} {{\n}}\n")).concat()
    }

    #[test]
    fn what_users_hold_stays_public() {
        let records =
            "public struct Message: Equatable {\n    public var sender: String\n}\npublic struct SendRequest {\n}\n";
        let narrowed = narrowed(&(records.to_owned() + &all_expected())).unwrap();
        assert!(narrowed.starts_with(records), "{narrowed}");
    }

    #[test]
    fn what_the_library_wraps_becomes_internal() {
        let text = all_expected().replace("public struct NativeMessageClient", "open class NativeMessageClient")
            + "public \nenum NativeOther: Swift.Error {\n}\npublic func FfiConverterTypeMessage_lift(_ buf: RustBuffer) {\n";
        let narrowed = narrowed(&text).unwrap();
        assert!(narrowed.contains("\nclass NativeMessageClient {"), "{narrowed}");
        assert!(narrowed.contains("\nenum NativeOther: Swift.Error {"), "{narrowed}");
        assert!(narrowed.contains("\nfunc FfiConverterTypeMessage_lift("), "{narrowed}");
        assert!(!narrowed.contains("public") && !narrowed.contains("open"), "{narrowed}");
    }

    #[test]
    fn a_record_stays_public_and_its_native_methods_do_not() {
        let record = "public struct Note: Equatable {\n    public var text: String\n\
                      public func nativeToPayload(extras: Extras? = nil)throws  -> Payload  {\n}\n}\n";
        let narrowed = narrowed(&(record.to_owned() + &all_expected())).unwrap();
        assert!(
            narrowed.starts_with("public struct Note: Equatable {\n    public var text: String\nfunc nativeToPayload(")
        );
    }

    #[test]
    fn a_generator_that_writes_otherwise_is_an_error() {
        let error = narrowed(&all_expected().replace("struct Answer", "indirect enum Answer")).unwrap_err();
        assert!(error.to_string().contains("does not declare Answer"), "{error}");
    }
}
