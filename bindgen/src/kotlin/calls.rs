//! Lets the code that uniffi generates for Kotlin make its calls through `NativeCall.kt`.
//!
//! In the generated code, a buffer and the status of a call are JNA structures, whose fields JNA reads and writes by reflection.
//! That costs ten times as much as the rest of a call. These changes fit one version of the generator: if it writes other code,
//! the build fails.

use anyhow::{Context, Result, ensure};

/// The generated file with cheaper calls; fails if the generator has written other code than expected.
pub(super) fn with_direct_calls(generated: &str) -> Result<String> {
    let mut text = generated.to_owned();
    for (wanted, instead) in REPLACEMENTS {
        let count = text.matches(wanted).count();
        ensure!(count == 1, "uniffi's Kotlin has {count} times, not once: {wanted}");
        text = text.replacen(wanted, instead, 1);
    }
    let (before, library) = text.split_once(LIBRARY).context("uniffi's Kotlin has no UniffiLib")?;
    let (functions, after) = library.split_once("\n}\n").context("uniffi's Kotlin has no end of UniffiLib")?;
    Ok(format!("{before}{LIBRARY}{}\n}}\n{after}", declarations(functions)?))
}

const LIBRARY: &str = "\ninternal object UniffiLib {\n";

/// Texts that stand in the generated file exactly once, and the texts that replace them.
const REPLACEMENTS: &[(&str, &str)] = &[
    (
        "@Structure.FieldOrder(\"capacity\", \"len\", \"data\")\nopen class RustBuffer : Structure() {",
        "open class RustBuffer {",
    ),
    (
        "    class ByValue: RustBuffer(), Structure.ByValue\n    class ByReference: RustBuffer(), Structure.ByReference\n",
        "    class ByValue: RustBuffer()\n",
    ),
    ("rbuf.writeField(\"len\", bbuf.position().toLong())", "rbuf.len = bbuf.position().toLong()"),
    (
        "errorHandler: UniffiRustCallStatusErrorHandler<E>, callback: (UniffiRustCallStatus) -> U): U {\n    \
         var status = UniffiRustCallStatus()\n    val return_value = callback(status)\n    \
         uniffiCheckCallStatus(errorHandler, status)\n    return return_value\n}\n",
        "errorHandler: UniffiRustCallStatusErrorHandler<E>, callback: (NativeCall) -> U): U {\n    \
         val status = NativeCall.take()\n    try {\n        val return_value = callback(status)\n        \
         uniffiCheckCallStatus(errorHandler, status)\n        return return_value\n    } finally {\n        \
         status.giveBack()\n    }\n}\n",
    ),
    (
        "private fun<E: kotlin.Exception> uniffiCheckCallStatus(errorHandler: UniffiRustCallStatusErrorHandler<E>, \
         status: UniffiRustCallStatus) {",
        "private fun<E: kotlin.Exception> uniffiCheckCallStatus(errorHandler: UniffiRustCallStatusErrorHandler<E>, \
         status: NativeCall) {",
    ),
    ("throw errorHandler.lift(status.error_buf)", "throw errorHandler.lift(status.errorBuffer)"),
    ("if (status.error_buf.len > 0) {", "if (status.errorBuffer.len > 0) {"),
    ("FfiConverterString.lift(status.error_buf)", "FfiConverterString.lift(status.errorBuffer)"),
    (
        "private inline fun <U> uniffiRustCall(callback: (UniffiRustCallStatus) -> U): U {",
        "private inline fun <U> uniffiRustCall(callback: (NativeCall) -> U): U {",
    ),
    (
        "    init {\n        Native.register(UniffiLib::class.java, findLibraryName(componentName = \"wildfirechat_message\"))\n",
        "    private val functions = NativeFunctions(\n        \
         findLibraryName(componentName = \"wildfirechat_message\"), UniffiLib::class.java.classLoader,\n    )\n\n    init {\n",
    ),
    (
        "        val byteBuf = toUtf8(value)\n        buf.putInt(byteBuf.limit())\n        buf.put(byteBuf)\n",
        "        writeText(value, buf)\n",
    ),
    // Users never see this exception: the hand-written part turns it into one that has a stack trace.
    (
        "sealed class NativeMessageException: kotlin.Exception() {",
        "sealed class NativeMessageException: kotlin.Exception(null, null, false, false) {",
    ),
];

/// The functions of the library as `NativeCall`s, made from the declarations that the generator wrote for JNA.
fn declarations(functions: &str) -> Result<String> {
    let mut text = String::with_capacity(functions.len() * 2);
    let mut rest = functions;
    while let Some(start) = rest.find("    external fun ") {
        let (before, declared) = rest.split_at(start);
        let (signature, after_parameters) = declared.split_once("\n    ): ").context("a function without an answer")?;
        let (answer, after) = after_parameters.split_once('\n').context("a function without an end")?;
        text += before;
        // The library has no futures and callbacks, so their functions are left out; code that called one would not compile.
        if signature.contains(STATUS) && !signature.contains("_rust_future_") && !signature.contains("ForeignBytes") {
            text +=
                &declaration(signature, answer).with_context(|| format!("a function we do not know: {signature}"))?;
        }
        rest = after;
    }
    Ok(text + rest)
}

const STATUS: &str = "uniffi_out_err: UniffiRustCallStatus";

fn declaration(signature: &str, answer: &str) -> Option<String> {
    let (name, parameters) = signature.trim_start().strip_prefix("external fun ")?.split_once('(')?;
    let parameters = parameters.trim_end().strip_suffix(',')?.strip_suffix(STATUS)?;
    let parameters: Vec<(&str, &str)> = parameters
        .split(',')
        .filter(|each| !each.is_empty())
        .map(|each| each.split_once(": "))
        .collect::<Option<_>>()?;
    let kinds = parameters.iter().map(|(_, kind)| Some(format!(", NativeKind.{}", kind_of(kind)?.0)));
    let kinds = kinds.collect::<Option<String>>()?;
    let puts: String = parameters
        .iter()
        .enumerate()
        .map(|(index, (name, _))| format!("        call.put({index}, {name})\n"))
        .collect();
    let parameters: String = parameters.iter().map(|(name, kind)| format!("{name}: {kind}, ")).collect();
    let (answer_kind, read) = if answer == "Unit" { ("NOTHING", "") } else { kind_of(answer)? };
    let give = if answer == "Unit" { "" } else { "return " };
    Some(format!(
        "    private val function_{name} = functions.find(\"{name}\", NativeKind.{answer_kind}{kinds})\n    \
         fun {name}({parameters}call: NativeCall): {answer} {{\n{puts}        \
         {give}call.run(function_{name}){read}\n    }}\n"
    ))
}

/// The kind of a type for `NativeCall`, and how an answer of this type is read.
fn kind_of(kotlin: &str) -> Option<(&'static str, &'static str)> {
    match kotlin {
        "Byte" => Some(("BYTE", ".byte()")),
        "Int" => Some(("INT", ".int()")),
        "Long" => Some(("LONG", ".long()")),
        "Double" => Some(("DOUBLE", ".double()")),
        "RustBuffer.ByValue" => Some(("BUFFER", ".buffer()")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn external_functions_become_functions_that_use_native_call() {
        let declared = "\n    external fun f(`ptr`: Long,`request`: RustBuffer.ByValue,uniffi_out_err: UniffiRustCallStatus, \
                        \n    ): RustBuffer.ByValue\n    external fun g(uniffi_out_err: UniffiRustCallStatus, \n    ): Unit\n";
        let by_hand = "\n    private val function_f = functions.find(\"f\", NativeKind.BUFFER, NativeKind.LONG, NativeKind.BUFFER)\n    \
                       fun f(`ptr`: Long, `request`: RustBuffer.ByValue, call: NativeCall): RustBuffer.ByValue {\n        \
                       call.put(0, `ptr`)\n        call.put(1, `request`)\n        \
                       return call.run(function_f).buffer()\n    }\n    \
                       private val function_g = functions.find(\"g\", NativeKind.NOTHING)\n    \
                       fun g(call: NativeCall): Unit {\n        call.run(function_g)\n    }\n";
        assert_eq!(declarations(declared).unwrap(), by_hand);
    }

    #[test]
    fn functions_of_futures_are_left_out() {
        let declared = "    external fun ffi_x_rust_future_poll_u8(`handle`: Long,\n    ): Unit\n";
        assert_eq!(declarations(declared).unwrap(), "");
    }

    #[test]
    fn what_we_do_not_know_fails() {
        let unknown = "    external fun f(`a`: Callback,uniffi_out_err: UniffiRustCallStatus, \n    ): Unit\n";
        assert!(declarations(unknown).unwrap_err().to_string().contains("a function we do not know: "));
        let without = |missing: &str| {
            let whole: String = REPLACEMENTS.iter().map(|(wanted, _)| format!("{wanted}\n")).collect();
            with_direct_calls(&format!("{}{LIBRARY}\n}}\n", whole.replacen(missing, "", 1)))
        };
        without("nothing").unwrap();
        for (wanted, _) in REPLACEMENTS {
            assert!(without(wanted).unwrap_err().to_string().contains("not once"), "{wanted}");
        }
    }
}
