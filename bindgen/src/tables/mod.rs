//! The tables of README and docs that repeat what the library knows. Each stands between two marks, and is printed from the
//! library's metadata, from the endpoints' pages, from the help of the program, and from the words in `docs/tables`.

mod contents;
mod endpoints;
mod errors;
mod languages;
mod options;
mod program;
mod records;
mod senders;

use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use uniffi_bindgen::ComponentInterface;

use crate::{api::Api, metadata};

/// The pages with such tables.
const PAGES: [&str; 9] = [
    "README.md",
    "docs/contents.md",
    "docs/delivery.md",
    "docs/endpoints/README.md",
    "docs/errors.md",
    "docs/guide.md",
    "docs/program.md",
    "docs/robots.md",
    "docs/zh.md",
];

const BEGIN: &str = "<!-- The table of ";
const WHO: &str = ": `cargo xtask pages` writes it. -->\n";
const END: &str = "<!-- The end of the table. -->\n";

/// Each page with its tables up to date; `help` is the text that the program prints for `--help`.
pub fn files(interface: &ComponentInterface, api: &Api, root: &Utf8Path, help: &str) -> Result<Vec<(String, String)>> {
    let sources = Sources { interface, api, root, help };
    PAGES
        .iter()
        .map(|path| {
            let page = read(root, path)?;
            let table = |name: &str| Ok(seen_from(path, &sources.table(name, &page)?));
            let written = with_tables(&page, table).with_context(|| (*path).to_owned())?;
            Ok(((*path).to_owned(), written))
        })
        .collect()
}

/// What the tables are made of.
struct Sources<'a> {
    interface: &'a ComponentInterface,
    api: &'a Api,
    root: &'a Utf8Path,
    /// The text that the program prints for `--help`.
    help: &'a str,
}

impl Sources<'_> {
    /// The table of this name, for a page with this text.
    fn table(&self, name: &str, page: &str) -> Result<String> {
        if let Some(record) = name.strip_prefix("the fields of ") {
            let has_section = |name: &str| page.contains(&format!("\n### {name}\n"));
            return records::table(self.interface, record, has_section);
        }
        let endpoints = || endpoints::read_pages(self.root);
        let errors = || errors::read_words(self.api, self.root);
        match name {
            "methods" => Ok(endpoints::methods(&endpoints()?)),
            "methods in Chinese" => Ok(endpoints::in_chinese(&endpoints()?)),
            "endpoints" => Ok(endpoints::endpoints(&endpoints()?)),
            "repetitions" => Ok(endpoints::repetitions(&endpoints()?)),
            "errors" => Ok(errors::short(&errors()?)),
            "errors with their fields" => Ok(errors::long(&errors()?)),
            "errors in Chinese" => Ok(errors::in_chinese(&errors()?)),
            "codes" => contents::codes(&metadata::number_lists(self.interface)?),
            "options" => options::short(self.interface),
            "options in full" => options::long(self.interface),
            "contents" => contents::contents(self.interface, self.root),
            "methods of a robot" => senders::methods(self.api, self.root, "robot"),
            "methods of a channel" => senders::methods(self.api, self.root, "channel"),
            "exit codes" => program::section(self.help, "Exit codes", ["Exit code", "What it means"]),
            "variables" => program::section(self.help, "Environment", ["Variable", "What it is"]),
            "languages" => languages::languages(self.root),
            _ => bail!("there is no table of {name}"),
        }
    }
}

/// The page with each table between its marks written anew.
fn with_tables(page: &str, table: impl Fn(&str) -> Result<String>) -> Result<String> {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let Some((name, after)) = after.split_once(WHO).filter(|(name, _)| !name.contains('\n')) else {
            // A table that another command writes.
            text += before;
            text += BEGIN;
            rest = after;
            continue;
        };
        let (_, after) = after.split_once(END).with_context(|| format!("the table of {name} has no end"))?;
        text += &format!("{before}{BEGIN}{name}{WHO}\n{}\n{END}", table(name)?);
        rest = after;
    }
    Ok(text + rest)
}

/// The table with its links, which begin at the top of the checkout, made relative to the page.
fn seen_from(page: &str, table: &str) -> String {
    match page.matches('/').count() {
        0 => table.to_owned(),
        1 => table.replace("](docs/", "]("),
        _ => table.replace("](docs/", "](../"),
    }
}

fn read(root: &Utf8Path, path: &str) -> Result<String> {
    std::fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"))
}

/// A table in Markdown.
fn markdown<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut text = line(head.map(str::to_owned)) + &line(["---"; N].map(str::to_owned));
    text.extend(rows.into_iter().map(line));
    text
}

fn line<const N: usize>(cells: [String; N]) -> String {
    format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}

/// The first sentence of a text of several lines, without its full stop.
fn first_sentence(docs: &str) -> String {
    let text = in_one_line(docs);
    let end = text.find(". ").unwrap_or(text.trim_end_matches('.').len());
    text[..end].to_owned()
}

fn in_one_line(docs: &str) -> String {
    let paragraph: Vec<&str> = docs.trim().lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    paragraph.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_tables_are_written_anew() {
        let page = "# A page\n\n<!-- The table of fish: `cargo xtask pages` writes it. -->\n\nold\n\n\
                    <!-- The end of the table. -->\n\nrest\n\n\
                    <!-- The table of birds: `cargo xtask birds` writes it. -->\nkept\n<!-- The end of the table. -->\n";
        let table = |name: &str| Ok(markdown(["Name"], [[name.to_owned()]]));
        let written = with_tables(page, table).unwrap();
        assert!(
            written.contains("writes it. -->\n\n| Name |\n| --- |\n| fish |\n\n<!-- The end of the table. -->\n\nrest")
        );
        assert!(written.ends_with("kept\n<!-- The end of the table. -->\n") && !written.contains("old"));
        assert_eq!(with_tables(&written, table).unwrap(), written, "a second time changes nothing");
    }

    #[test]
    fn an_unknown_table_or_one_without_end_is_an_error() {
        let begin = format!("{BEGIN}fish{WHO}");
        assert!(with_tables(&begin, |_| Ok(String::new())).unwrap_err().to_string().contains("has no end"));
        let refused = |name: &str| bail!("there is no table of {name}");
        assert!(with_tables(&format!("{begin}{END}"), refused).is_err());
    }

    #[test]
    fn links_lead_from_each_page() {
        let table = "| [a](docs/a.md) |";
        assert_eq!(seen_from("README.md", table), table);
        assert_eq!(seen_from("docs/b.md", table), "| [a](a.md) |");
        assert_eq!(seen_from("docs/c/d.md", table), "| [a](../a.md) |");
    }

    #[test]
    fn a_sentence_ends_at_its_full_stop() {
        assert_eq!(first_sentence("A file, such as a.txt\nor b. More.\n\nOther."), "A file, such as a.txt or b");
        assert_eq!(first_sentence("One."), "One");
    }

    #[test]
    fn a_bar_within_a_cell_is_no_border() {
        assert_eq!(markdown(["A", "B"], [["x|y".into(), "z".into()]]), "| A | B |\n| --- | --- |\n| x\\|y | z |\n");
    }
}
