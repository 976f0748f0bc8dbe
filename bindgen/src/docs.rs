//! Changes doc comments from Rust's form into a form that the tools of the other languages show well.

/// Removes the link syntax: ``[`send_message`](MessageClient::send_message)`` and ``[`Conversation`]`` keep only
/// the code between the backticks, which every language's tools show well.
pub fn without_links(docs: &str) -> String {
    let mut plain = String::with_capacity(docs.len());
    let mut rest = docs;
    while let Some(start) = rest.find("[`") {
        let (before, link) = rest.split_at(start);
        plain.push_str(before);
        let Some(end) = link.find("`]") else {
            rest = link;
            break;
        };
        plain.push_str(&link[1..=end]);
        rest = without_target(&link[end + 2..]);
    }
    plain + rest
}

/// The text after a link, without its `(target)`.
fn without_target(rest: &str) -> &str {
    match rest.strip_prefix('(').and_then(|target| target.split_once(')')) {
        Some((_, after)) => after,
        None => rest,
    }
}

/// A doc comment in one line, for places that have no room for more lines.
pub fn in_one_line(docs: &str) -> String {
    without_links(docs).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Prefixes every line that is not empty.
pub fn indented(text: &str, indent: &str) -> String {
    let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{indent}{line}\n") };
    text.lines().map(line).collect()
}

/// Fills lines up to a width: the first begins with `first`, the others with `rest`.
pub fn wrapped(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut is_bare = true;
    for word in text.split_whitespace() {
        if !is_bare && line.chars().count() + 1 + word.chars().count() > width {
            lines += &(line + "\n");
            line = rest.to_owned();
            is_bare = true;
        }
        if !is_bare {
            line += " ";
        }
        line += word;
        is_bare = false;
    }
    lines + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_their_code_only() {
        assert_eq!(without_links("See [`send`](Client::send), [`Place`]."), "See `send`, `Place`.");
    }

    #[test]
    fn other_brackets_stay() {
        for text in ["`targets[2]` (the third)", "a [plain](link)", "[`open", "`a`](b)"] {
            assert_eq!(without_links(text), text);
        }
    }

    #[test]
    fn lines_are_filled_up_to_the_width() {
        assert_eq!(wrapped("one two three", 9, "- ", "  "), "- one two\n  three\n");
        assert_eq!(wrapped("unbreakable", 5, "- ", "  "), "- unbreakable\n");
    }
}
