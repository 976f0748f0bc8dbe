//! Writes names in the comments of the generated code as Swift spells them, because these comments come from the library with
//! Rust's names.

/// The error of contents: its name in the library's comments, and the link for Swift's documentation.
const INVALID_ARGUMENT: (&str, &str) = ("`InvalidArgument`", "``MessageError/invalidArgument(argument:reason:)``");

/// The generated Swift with `to_upload` in a comment as `toUpload`.
pub(super) fn as_in_swift(generated: &str) -> String {
    let lines = generated.lines().map(|line| if is_comment(line) { respelled(line) } else { line.to_owned() });
    lines.map(|line| line + "\n").collect()
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("///") || line.starts_with("* ")
}

/// Every second part of a line split at backticks is code.
fn respelled(line: &str) -> String {
    let parts: Vec<String> = line
        .split('`')
        .enumerate()
        .map(|(number, part)| if number % 2 == 1 && is_name(part) { lower_camel_case(part) } else { part.to_owned() })
        .collect();
    parts.join("`").replace(INVALID_ARGUMENT.0, INVALID_ARGUMENT.1)
}

/// Whether a text is a name in Rust's spelling, perhaps with a field after a full stop, and not an endpoint or a URL.
fn is_name(code: &str) -> bool {
    code.contains('_') && code.chars().all(|letter| letter.is_ascii_lowercase() || "_.".contains(letter))
}

fn lower_camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let initial = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &initial.into_iter().chain(letters).collect::<String>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_comments_are_swifts() {
        let text = "/// What `to_upload` gives.\n     * Of `mentioned_type`, `extra` and `payload.remote_media_url`.\n";
        let swift = "/// What `toUpload` gives.\n     * Of `mentionedType`, `extra` and `payload.remoteMediaUrl`.\n";
        assert_eq!(as_in_swift(text), swift);
    }

    #[test]
    fn an_error_becomes_a_link() {
        let swift = "/// Fails with ``MessageError/invalidArgument(argument:reason:)``.\n";
        assert_eq!(as_in_swift("/// Fails with `InvalidArgument`.\n"), swift);
    }

    #[test]
    fn code_and_other_words_in_backticks_stay() {
        for text in
            ["let `operator` = some_c_function()\n", "/// Endpoint `message/get_one`, a `ContentType`, to_upload\n"]
        {
            assert_eq!(as_in_swift(text), text);
        }
    }
}
