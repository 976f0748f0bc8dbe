//! Hides the machinery in the code that uniffi generates for Kotlin from users of the library.
//!
//! So an editor does not offer `FfiConverterSequenceTypeHeader` to users. If too much is hidden, the code does not compile, because
//! a public function must not return an `internal` type.

use std::collections::BTreeSet;

/// The first words of the names of uniffi's own declarations, and of those that the hand-written layer wraps.
const MACHINERY: &[&str] = &["FfiConverter", "ForeignBytes", "Native", "RustBuffer", "Uniffi", "uniffi"];

/// The full names of further declarations of uniffi.
const MACHINERY_TOO: &[&str] = &["Disposable", "InternalException", "NoHandle"];

/// The prefix of functions that are exported to be wrapped; methods with this prefix are private already.
const NATIVE_FUNCTION: &str = " fun `native";
const PRIVATE: &str = " private fun `native";

/// The generated file as it is compiled; `internal` is what the library exports for the facade alone.
pub(super) fn with_machinery_hidden(generated: &str, internal: &BTreeSet<String>) -> String {
    generated.lines().map(|line| declared(line, internal) + "\n").collect()
}

/// A line; where it is a top-level declaration of machinery, or a function that a hand-written one wraps, made
/// `internal`.
fn declared(line: &str, internal: &BTreeSet<String>) -> String {
    if line.contains(NATIVE_FUNCTION) && !line.contains(PRIVATE) {
        // Internal functions are public to Java.
        return line.replace(NATIVE_FUNCTION, &format!(" @JvmSynthetic internal{NATIVE_FUNCTION}"));
    }
    let declaration = line.strip_prefix("public ").unwrap_or(line);
    match name(declaration) {
        Some(name) if is_machinery(name) || internal.contains(name) => format!("internal {declaration}"),
        _ => line.to_owned(),
    }
}

/// What a line declares that begins at the margin and has no visibility yet.
fn name(declaration: &str) -> Option<&str> {
    const MODIFIERS: [&str; 5] = ["open", "sealed", "data", "enum", "inline"];
    let mut rest = declaration;
    while let Some((word, after)) = rest.split_once(' ') {
        match word {
            "class" | "interface" | "object" => return after.split(['(', '<', ':', ' ']).next(),
            // An extension belongs to its receiver: `fun <T : Disposable?, R> T.use(block …`.
            "fun" => return after.rsplit_once("<T : ").map_or(after, |(_, bound)| bound).split(['(', '?']).next(),
            word if MODIFIERS.contains(&word) => rest = after,
            _ => break,
        }
    }
    None
}

fn is_machinery(name: &str) -> bool {
    MACHINERY.iter().any(|start| name.starts_with(start)) || MACHINERY_TOO.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(generated: &str) -> String {
        with_machinery_hidden(generated, &["BulkNews", "UpdateRequest"].map(str::to_owned).into())
    }

    #[test]
    fn machinery_is_internal() {
        for (generated, compiled) in [
            ("public object FfiConverterInt: X<Int, Int> {", "internal object FfiConverterInt: X<Int, Int> {"),
            ("open class RustBuffer : Structure() {", "internal open class RustBuffer : Structure() {"),
            ("data class UpdateRequest (", "internal data class UpdateRequest ("),
            ("data class BulkNews (", "internal data class BulkNews ("),
            ("object NoHandle", "internal object NoHandle"),
            ("sealed class NativeMessageException: E() {", "internal sealed class NativeMessageException: E() {"),
            ("    @Throws() fun `nativeRead`(): X {", "    @Throws() @JvmSynthetic internal fun `nativeRead`(): X {"),
            ("public fun uniffiEnsureInitialized() {", "internal fun uniffiEnsureInitialized() {"),
            ("inline fun <T : Disposable?, R> T.use(", "internal inline fun <T : Disposable?, R> T.use("),
        ] {
            assert_eq!(hidden(generated), format!("{compiled}\n"));
        }
    }

    #[test]
    fn what_users_hold_and_what_is_hidden_already_stays() {
        for line in [
            "data class Message (",
            "data class ReceivedRequest (",
            "data class SendRequest (",
            "enum class Fault {",
            "sealed class MessageContent {",
            "private class UniffiHidden {",
            "internal object UniffiLib {",
            "    fun uniffiMember() {",
            "    private fun `nativeToPayload`(): X {",
            " fun `decodeContent`(`payload`: MessagePayload): MessageContent {",
        ] {
            assert_eq!(hidden(line), format!("{line}\n"));
        }
    }
}
