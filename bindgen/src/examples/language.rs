//! How each language writes statements, names and texts.

use heck::ToLowerCamelCase;
use heck::ToUpperCamelCase;

use super::layout::{Node, Style};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    Rust,
    Python,
    Kotlin,
    Java,
    Swift,
}

/// The width that every linter here allows.
const WIDTH: usize = 120;

impl Language {
    /// In the order in which the pages show them.
    pub const ALL: [Self; 5] = [Self::Rust, Self::Python, Self::Kotlin, Self::Java, Self::Swift];

    /// Its name above a block of code on a page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Kotlin => "kotlin",
            Self::Java => "java",
            Self::Swift => "swift",
        }
    }

    /// The indent of an example in the file that is compiled.
    pub(super) fn indent(self) -> usize {
        match self {
            Self::Rust | Self::Python | Self::Kotlin | Self::Swift => 4,
            Self::Java => 8,
        }
    }

    /// The width of a line, which must fit into the file that is compiled.
    fn style(self) -> Style {
        let comma_at_the_end = matches!(self, Self::Rust | Self::Python | Self::Kotlin);
        Style { width: WIDTH - self.indent(), comma_at_the_end, hugs: self == Self::Rust }
    }

    pub(super) fn identifier(self, name: &str) -> String {
        match self {
            Self::Rust | Self::Python => name.to_owned(),
            Self::Kotlin | Self::Java | Self::Swift => name.to_lower_camel_case(),
        }
    }

    /// A call as a statement, with the text before and after it.
    pub(super) fn statement(self, before: &str, call: &Node, after: &str) -> Vec<String> {
        let end = match self {
            Self::Rust => "?;",
            Self::Java => ";",
            _ => "",
        };
        let attempt = if self == Self::Swift { "try " } else { "" };
        let (before, after) = (format!("{before}{attempt}"), if after.is_empty() { end } else { after });
        let text = call.text(0, before.chars().count(), after.chars().count(), &self.style());
        format!("{before}{text}{after}").lines().map(str::to_owned).collect()
    }

    /// The text before and after a call whose answer gets a name.
    pub(super) fn assignment(self, name: &str) -> (String, &'static str) {
        let name = self.identifier(name);
        let before = match self {
            Self::Python => format!("{name} = "),
            Self::Kotlin => format!("val {name} = "),
            Self::Java => format!("var {name} = "),
            Self::Rust | Self::Swift => format!("let {name} = "),
        };
        (before, "")
    }

    /// Prints a part of an answer, if there is an answer.
    pub(super) fn guarded(self, name: &str, call: &Node, print: &str) -> Vec<String> {
        let id = self.identifier(name);
        let (mut lines, close) = match self {
            Self::Rust => (self.statement(&format!("if let Some({id}) = "), call, "? {"), Some("}")),
            Self::Swift => (self.statement(&format!("if let {id} = "), call, " {"), Some("}")),
            Self::Python | Self::Kotlin | Self::Java => {
                let (before, after) = self.assignment(name);
                let mut lines = self.statement(&before, call, after);
                lines.push(match self {
                    Self::Python => format!("if {id}:"),
                    _ => format!("if ({id} != null) {{"),
                });
                (lines, (self != Self::Python).then_some("}"))
            }
        };
        lines.push(format!("    {print}"));
        lines.extend(close.map(str::to_owned));
        lines
    }

    /// Prints a text in which `{sent.message_uid}` is a field of an answer.
    pub(super) fn print(self, template: &str) -> String {
        let mut format = String::new();
        let mut values = Vec::new();
        let mut java = Vec::new();
        for (at, part) in template.split(['{', '}']).enumerate() {
            if at % 2 == 0 {
                format += part;
                java.extend((!part.is_empty()).then(|| format!("\"{part}\"")));
                continue;
            }
            let path: Vec<String> = part.split('.').map(|name| self.identifier(name)).collect();
            let value = path.join(".");
            format += &match self {
                Self::Rust if path.len() > 1 => "{}".to_owned(),
                Self::Rust | Self::Python => format!("{{{value}}}"),
                Self::Kotlin if path.len() > 1 => format!("${{{value}}}"),
                Self::Kotlin | Self::Java => format!("${value}"),
                Self::Swift => format!("\\({value})"),
            };
            java.push(getters(&path));
            values.extend((path.len() > 1).then_some(value));
        }
        match self {
            Self::Rust if values.is_empty() => format!("println!(\"{format}\");"),
            Self::Rust => format!("println!(\"{format}\", {});", values.join(", ")),
            Self::Python => match values.as_slice() {
                [only] if format == format!("{{{only}}}") => format!("print({only})"),
                _ => format!("print(f\"{format}\")"),
            },
            Self::Kotlin => match values.as_slice() {
                [only] if format == format!("${{{only}}}") => format!("println({only})"),
                _ => format!("println(\"{format}\")"),
            },
            Self::Java => format!("System.out.println({});", java.join(" + ")),
            Self::Swift => match values.as_slice() {
                [only] if format == format!("\\({only})") => format!("print({only})"),
                _ => format!("print(\"{format}\")"),
            },
        }
    }
}

fn getters(path: &[String]) -> String {
    let (first, rest) = path.split_first().expect("a path has a first name");
    rest.iter().fold(first.clone(), |value, name| format!("{value}.get{}()", name.to_upper_camel_case()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_prints_in_its_own_way() {
        let wanted = [
            r#"println!("{} at {}", sent.message_uid, sent.timestamp);"#,
            r#"print(f"{sent.message_uid} at {sent.timestamp}")"#,
            r#"println("${sent.messageUid} at ${sent.timestamp}")"#,
            r#"System.out.println(sent.getMessageUid() + " at " + sent.getTimestamp());"#,
            r#"print("\(sent.messageUid) at \(sent.timestamp)")"#,
        ];
        for (language, wanted) in Language::ALL.into_iter().zip(wanted) {
            assert_eq!(language.print("{sent.message_uid} at {sent.timestamp}"), wanted);
        }
    }
}
