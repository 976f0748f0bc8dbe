//! Writes names in the documentation from Rust as Kotlin spells them: `mentionedTargets`, not `mentioned_targets`.

/// The generated file with Kotlin's names in its comments.
pub(super) fn in_kotlin(generated: &str) -> String {
    generated.split_inclusive('\n').map(|line| if is_comment(line) { renamed(line) } else { line.to_owned() }).collect()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with(['*', '/'])
}

/// The line with every name between backticks in Kotlin's form.
fn renamed(line: &str) -> String {
    let parts: Vec<String> = line
        .split('`')
        .enumerate()
        .map(|(index, part)| if index % 2 == 1 && is_name(part) { camel_case(part) } else { part.to_owned() })
        .collect();
    parts.join("`")
}

fn is_name(code: &str) -> bool {
    code.starts_with(|first: char| first.is_ascii_lowercase())
        && code.chars().all(|each| each.is_ascii_lowercase() || each.is_ascii_digit() || each == '_')
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1.min(word.len())].to_uppercase() + &word[1.min(word.len())..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_comments_are_those_of_kotlin() {
        for (rust, kotlin) in [
            ("     * One of `to_upload` and `remote_media_url`.\n", "     * One of `toUpload` and `remoteMediaUrl`.\n"),
            ("    /** Those in `mentioned_targets`. */\n", "    /** Those in `mentionedTargets`. */\n"),
        ] {
            assert_eq!(in_kotlin(rust), kotlin);
        }
    }

    #[test]
    fn everything_else_stays() {
        for line in [
            "     * A `Type`, `message/conv_read`, `a`, an_odd word, `http://a_b`.\n",
            "    fun `with_upload`(`a_file`: B) {\n",
        ] {
            assert_eq!(in_kotlin(line), line);
        }
    }
}
