//! The table of platforms: which packages were run, only built, or never tried. It is made from one file,
//! packaging/platforms.toml, and stands between two marks in README.md and docs/platforms.md.

use std::{collections::BTreeSet, fs};

use serde::Deserialize;

use crate::{
    shell::{Result, root},
    table::table,
    verify,
};

const FILE: &str = "packaging/platforms.toml";
const PAGES: [&str; 2] = ["README.md", "docs/platforms.md"];
const BEGIN: &str = "<!-- The table of platforms: `cargo xtask platforms` writes it from packaging/platforms.toml. -->";
const END: &str = "<!-- The end of the table. -->";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Matrix {
    platform: Vec<Platform>,
}

/// A row of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Platform {
    name: String,
    rust: Cell,
    python: Cell,
    jvm: Cell,
    swift: Cell,
    programs: Cell,
}

/// What is known about one language on one platform.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum Cell {
    /// A suite or a program of the checkout ran; these words say which.
    Tested(String),
    /// These runs of `cargo xtask verify` were made; the words say on which system.
    Ran { on: String, by: Vec<String> },
    /// It was built and its files were checked, but nothing was run, for this reason.
    Built(String),
    /// It was neither built nor run.
    Untried(String),
    /// There is no package for it, for this reason.
    No(String),
}

impl Matrix {
    pub(crate) fn read() -> Result<Self> {
        let file = root().join(FILE);
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        toml::from_str(&text).map_err(|error| format!("{FILE}: {error}"))
    }

    /// The runs of `cargo xtask verify` that prove it.
    pub(crate) fn runs(&self) -> BTreeSet<&str> {
        let cells = self.platform.iter().flat_map(Platform::cells);
        let by = cells.filter_map(|cell| if let Cell::Ran { by, .. } = cell { Some(by) } else { None });
        by.flatten().map(String::as_str).collect()
    }

    fn table(&self) -> String {
        let mut lines = vec![
            "| | Rust | Python | Java, Kotlin | Swift | The programs |".to_owned(),
            "| --- | --- | --- | --- | --- | --- |".to_owned(),
        ];
        for platform in &self.platform {
            let cells: Vec<String> = platform.cells().into_iter().map(Cell::words).collect();
            lines.push(format!("| {} | {} |", platform.name, cells.join(" | ")));
        }
        lines.join("\n")
    }

    /// Says in each cell how many of its runs are among those that were made.
    fn as_it_ran(&self, ran: &BTreeSet<&str>) -> String {
        let head = ["Platform", "Rust", "Python", "Java, Kotlin", "Swift", "The programs"].map(str::to_owned).to_vec();
        let rows = self.platform.iter().map(|platform| {
            let cells = platform.cells().into_iter().map(|cell| cell.as_it_ran(ran));
            std::iter::once(platform.name.clone()).chain(cells).collect()
        });
        table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
    }
}

impl Platform {
    fn cells(&self) -> [&Cell; 5] {
        [&self.rust, &self.python, &self.jvm, &self.swift, &self.programs]
    }
}

impl Cell {
    fn as_it_ran(&self, ran: &BTreeSet<&str>) -> String {
        match self {
            Self::Tested(_) => "tested by the gate".to_owned(),
            Self::Ran { by, .. } => {
                let made = by.iter().filter(|name| ran.contains(name.as_str())).count();
                format!("ran {made} of {}", by.len())
            }
            Self::Built(_) => "only built".to_owned(),
            Self::Untried(_) => "untried".to_owned(),
            Self::No(_) => "–".to_owned(),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Tested(what) => format!("**tested**: {what}"),
            Self::Ran { on, .. } => format!("**ran**: {on}"),
            Self::Built(reason) if reason.is_empty() => "only built".to_owned(),
            Self::Built(reason) => format!("only built: {reason}"),
            Self::Untried(reason) if reason.is_empty() => "untried".to_owned(),
            Self::Untried(reason) => format!("untried: {reason}"),
            Self::No(reason) if reason.is_empty() => "–".to_owned(),
            Self::No(reason) => format!("– ({reason})"),
        }
    }
}

/// The table for the terminal, when `cargo xtask verify` has made the runs `ran`.
pub(crate) fn as_it_ran(ran: &BTreeSet<&str>) -> Result<String> {
    Ok(Matrix::read()?.as_it_ran(ran))
}

/// Writes the table into the pages.
pub(crate) fn write() -> Result<()> {
    each_page(|file, text, wanted| {
        if text == wanted {
            return Ok(());
        }
        fs::write(root().join(file), wanted).map_err(|error| format!("{file}: {error}"))
    })
}

/// Checks that the pages contain this table, and that the runs in the table exist.
pub(crate) fn check() -> Result<()> {
    let matrix = Matrix::read()?;
    let made: BTreeSet<&str> = verify::names().collect();
    if let Some(name) = matrix.runs().difference(&made).next() {
        return Err(format!("{FILE} builds on {name}, which is no run of `cargo xtask verify`"));
    }
    each_page(|file, text, wanted| match text == wanted {
        true => Ok(()),
        false => Err(format!("the table of platforms in {file} is not that of {FILE}: run `cargo xtask platforms`")),
    })
}

fn each_page(act: impl Fn(&str, &str, &str) -> Result<()>) -> Result<()> {
    let table = Matrix::read()?.table();
    for file in PAGES {
        let text = fs::read_to_string(root().join(file)).map_err(|error| format!("{file}: {error}"))?;
        let wanted =
            with_table(&text, &table).ok_or_else(|| format!("{file} has no place for the table of platforms"))?;
        act(file, &text, &wanted)?;
    }
    Ok(())
}

/// The page with the table between its marks.
fn with_table(page: &str, table: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{table}\n\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_show_the_table_and_it_builds_on_the_runs_that_there_are() {
        assert_eq!(check(), Ok(()));
    }

    #[test]
    fn after_the_runs_a_cell_says_how_many_of_its_runs_were_made() {
        let matrix: Matrix = toml::from_str(
            r#"
            [[platform]]
            name = "Linux"
            rust = { tested = "Debian 12" }
            python = { ran = { on = "3.11", by = ["here-python", "bullseye-python"] } }
            jvm = { built = "" }
            swift = { untried = "" }
            programs = { no = "" }
            "#,
        )
        .unwrap();
        let wanted = "\
Platform  Rust                Python      Java, Kotlin  Swift    The programs
Linux     tested by the gate  ran 1 of 2  only built    untried  –
";
        assert_eq!(matrix.as_it_ran(&BTreeSet::from(["here-python", "here-java"])), wanted);
    }

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let page = format!("# Title\n{BEGIN}\nold\n{END}\nrest\n");
        assert_eq!(with_table(&page, "| a |").unwrap(), format!("# Title\n{BEGIN}\n\n| a |\n\n{END}\nrest\n"));
        assert_eq!(with_table("# Title\n", "| a |"), None);
    }
}
