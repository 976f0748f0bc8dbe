//! Adds to the records that uniffi generates for Kotlin what cannot be added outside of their classes.
//!
//! - A constructor for each number of arguments, as Java has no default values: `new TextContent("hi")`.
//! - Methods that fail with the facade's own errors, in front of those that Rust exports as `native_…`, which become
//!   private: `content.toPayload()`.
//! - The interface `Content`, if the record has a method `toPayload`.

/// The first words of every record, and of every enum whose variants have fields, at the margin.
const BEGINNINGS: [&str; 2] = ["data class ", "sealed class "];

/// The end of a record. Methods also have braces at the margin, but no empty line follows them.
const END: &str = "\n}\n\n";

/// The generated file with its records completed.
pub(super) fn completed(generated: &str) -> String {
    let mut text = String::with_capacity(generated.len());
    let mut rest = generated;
    while let Some(start) = next_record(rest) {
        let (before, record_and_more) = rest.split_at(start);
        let end = record_and_more.find(END).map_or(record_and_more.len(), |end| end + END.len());
        let (record, after) = record_and_more.split_at(end);
        text += before;
        text += &content(&methods(&constructor(record)));
        rest = after;
    }
    text + rest
}

/// The position at which the next record begins.
fn next_record(text: &str) -> Option<usize> {
    let starts = BEGINNINGS.iter().filter_map(|beginning| {
        if text.starts_with(beginning) { Some(0) } else { text.find(&format!("\n{beginning}")).map(|start| start + 1) }
    });
    starts.min()
}

/// The record with a constructor for each number of arguments, if its last fields have defaults.
fn constructor(record: &str) -> String {
    let fields = record.split_once("\n){").map_or("", |(fields, _)| fields);
    let has_defaults = fields.lines().any(|line| line.trim_start().starts_with("val ") && line.contains(" = "));
    if has_defaults { record.replacen(" (", " @JvmOverloads constructor (", 1) } else { record.to_owned() }
}

/// The record with a wrapper in front of each native method. The native one's documentation stands before it.
fn methods(record: &str) -> String {
    let lines = record.split_inclusive('\n');
    lines.map(|line| wrapper(line).map_or_else(|| line.to_owned(), |wrapper| wrapper + &hidden(line))).collect()
}

fn hidden(line: &str) -> String {
    line.replace(" fun `native", " private fun `native")
}

/// The wrapper of the method that begins in `line`, when it is a native one.
fn wrapper(line: &str) -> Option<String> {
    let (_, signature) = line.trim_end().strip_suffix(" {")?.split_once(" fun `native")?;
    let (name, parameters_and_type) = signature.split_once('`')?;
    let (parameters, _) = parameters_and_type.strip_prefix('(')?.split_once(')')?;
    let names: Vec<&str> = parameters.split('`').skip(1).step_by(2).collect();
    let looked_at: String = names.iter().map(|name| format!(", \"{name}\" to {name}")).collect();
    let passed = names.join(", ");
    let overriding = if name == "ToPayload" { "override " } else { "" };
    let plain = name[..1].to_lowercase() + &name[1..];
    Some(format!(
        "    {overriding}fun {plain}{parameters_and_type} =\n        \
         translatingErrors(mapOf(\"\" to this{looked_at})) {{ native{name}({passed}) }}\n\n"
    ))
}

/// The record as a content, when it is one.
fn content(record: &str) -> String {
    if !record.contains("override fun toPayload(") {
        return record.to_owned();
    }
    match record.split_once("\n){") {
        Some((fields, body)) => format!("{fields}\n) : Content {{{body}"),
        None => record.replacen(" {", " : Content {", 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_with_defaults_has_a_constructor_for_each_number_of_arguments() {
        let record = "data class Place (\n    /**\n     * Whose.\n     */\n    val `target`: kotlin.String\n    , \n    \
                      val `line`: kotlin.Int = 0 \n){\n    companion object\n}\n\n";
        assert_eq!(completed(record), record.replace("Place (", "Place @JvmOverloads constructor ("));
    }

    #[test]
    fn a_record_without_defaults_stays() {
        let record = "data class Sent (\n    /**\n     * The uid = the id.\n     */\n    val `uid`: kotlin.Long\n){\n    \
                      fun `other`(a: Int = 0) {\n    }\n}\n\n";
        assert_eq!(completed(record), record);
    }

    #[test]
    fn native_methods_are_wrapped_and_hidden() {
        let record = "data class Note (\n    val `a`: X\n){\n    /**\n     * The file.\n     */\n    \
                      @Throws(E::class) fun `nativeWithUpload`(`file`: B, `odd`: C?): Note {\n{\n}\n    )\n    }\n\n    \
                      fun `nativeQuote`(): Q {\n    }\n}\n\n";
        let wrapped = "data class Note (\n    val `a`: X\n){\n    /**\n     * The file.\n     */\n    \
                       fun withUpload(`file`: B, `odd`: C?): Note =\n        \
                       translatingErrors(mapOf(\"\" to this, \"file\" to file, \"odd\" to odd)) { nativeWithUpload(file, odd) }\n\n    \
                       @Throws(E::class) private fun `nativeWithUpload`(`file`: B, `odd`: C?): Note {\n{\n}\n    )\n    }\n\n    \
                       fun quote(): Q =\n        translatingErrors(mapOf(\"\" to this)) { nativeQuote() }\n\n    \
                       private fun `nativeQuote`(): Q {\n    }\n}\n\n";
        assert_eq!(completed(record), wrapped);
    }

    #[test]
    fn what_has_a_payload_is_a_content() {
        let method = "    fun `nativeToPayload`(): P {\n    }\n}\n\n";
        let wrapped = "    override fun toPayload(): P =\n        translatingErrors(mapOf(\"\" to this)) { nativeToPayload() }\n\n    \
                       private fun `nativeToPayload`(): P {\n    }\n}\n\n";
        let record = "// before\n\ndata class Tip (\n    val `tip`: S\n){\n";
        assert_eq!(
            completed(&format!("{record}{method}// after\n")),
            format!("{}{wrapped}// after\n", record.replace("){", ") : Content {"))
        );
        let sealed = "sealed class Any {\n    data class Tip(val `value`: T) : Any()\n    {\n    }\n";
        assert_eq!(
            completed(&format!("{sealed}{method}")),
            format!("{}{wrapped}", sealed.replacen("Any {", "Any : Content {", 1))
        );
    }

    #[test]
    fn functions_stay() {
        let function = "    @Throws(E::class) fun `nativeRead`(`a`: P): C {\n    }\n";
        assert_eq!(completed(function), function);
    }
}
