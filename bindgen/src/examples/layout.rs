//! Breaks lines: a call that fits into a line stays in one line; any other call has one line per argument.

/// A piece of code: a word, or something between brackets.
pub(super) enum Node {
    Word(String),
    Group { open: String, items: Vec<Node>, close: &'static str, is_padded: bool },
}

/// How a language breaks lines.
pub(super) struct Style {
    pub(super) width: usize,
    /// Whether a comma follows the last of several lines.
    pub(super) comma_at_the_end: bool,
    /// Whether the brackets of a single argument stand directly beside those of its call.
    pub(super) hugs: bool,
}

impl Node {
    pub(super) fn group(open: impl Into<String>, items: Vec<Node>, close: &'static str) -> Self {
        Self::Group { open: open.into(), items, close, is_padded: false }
    }

    /// Puts words in front of it.
    pub(super) fn behind(self, before: &str) -> Self {
        match self {
            Self::Word(word) => Self::Word(format!("{before}{word}")),
            Self::Group { open, items, close, is_padded } => {
                Self::Group { open: format!("{before}{open}"), items, close, is_padded }
            }
        }
    }

    fn flat(&self) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::Group { open, items, close, is_padded } => {
                let items = items.iter().map(Self::flat).collect::<Vec<_>>().join(", ");
                let pad = if *is_padded && !items.is_empty() { " " } else { "" };
                format!("{open}{pad}{items}{pad}{close}")
            }
        }
    }

    /// The text at an indent, with so many letters before it and after it in its line.
    pub(super) fn text(&self, indent: usize, before: usize, after: usize, style: &Style) -> String {
        let flat = self.flat();
        if indent + before + flat.chars().count() + after <= style.width {
            return flat;
        }
        let Self::Group { open, items, close, .. } = self else { return flat };
        if let ([only @ Self::Group { .. }], true) = (items.as_slice(), style.hugs) {
            let inner = only.text(indent, before + open.len(), after + close.len(), style);
            return format!("{open}{inner}{close}");
        }
        let mut text = format!("{open}\n");
        for (at, item) in items.iter().enumerate() {
            let comma = if style.comma_at_the_end || at + 1 < items.len() { "," } else { "" };
            text += &format!("{:deeper$}{}{comma}\n", "", item.text(indent + 4, 0, 1, style), deeper = indent + 4);
        }
        format!("{text}{:indent$}{close}", "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Node {
        Node::Word(text.to_owned())
    }

    #[test]
    fn a_call_that_does_not_fit_has_a_line_for_each_argument() {
        let call = || Node::group("call(", vec![word("first"), Node::group("list(", vec![word("second")], ")")], ")");
        let style = |width| Style { width, comma_at_the_end: true, hugs: false };
        assert_eq!(call().text(0, 0, 0, &style(30)), "call(first, list(second))");
        assert_eq!(call().text(0, 0, 0, &style(20)), "call(\n    first,\n    list(second),\n)");
    }

    #[test]
    fn the_brackets_of_an_only_argument_close_up() {
        let call = Node::group("call(", vec![Node::group("Record {", vec![word("field")], "}")], ")");
        let style = Style { width: 10, comma_at_the_end: true, hugs: true };
        assert_eq!(call.text(0, 0, 0, &style), "call(Record {\n    field,\n})");
    }
}
