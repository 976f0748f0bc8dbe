//! The tables of the program's exit codes and of the variables of the environment that it reads: from its own help.

use anyhow::{Context, Result};

use super::markdown;

/// The table of a section of the help, such as `Exit codes`: a row for each line below that title.
pub(super) fn section(help: &str, title: &str, head: [&str; 2]) -> Result<String> {
    let (_, lines) = help.split_once(&format!("{title}:\n")).with_context(|| format!("the help has no {title}"))?;
    let lines = lines.lines().take_while(|line| !line.is_empty());
    let rows = lines.map(|line| {
        let (name, meaning) = line.trim_start().split_once("  ").with_context(|| format!("no meaning: {line}"))?;
        Ok([format!("`{name}`"), meaning.trim_start().to_owned()])
    });
    Ok(markdown(head, rows.collect::<Result<Vec<_>>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_of_the_help_ends_at_an_empty_line() {
        let help = "Flags:\n  -n  no\n\nExit codes:\n  0   Done.\n  75  Later.\n\nEnvironment:\n  A  B\n";
        let table = section(help, "Exit codes", ["Code", "Meaning"]).unwrap();
        assert_eq!(table, "| Code | Meaning |\n| --- | --- |\n| `0` | Done. |\n| `75` | Later. |\n");
        assert!(section(help, "Nothing", ["", ""]).is_err());
    }
}
