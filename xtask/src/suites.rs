//! `cargo xtask test`: every suite, one line each, and one line for all.

use crate::{kotlin, language::Language, python, rust, shell::Result, summary::Summary, swift};

/// Runs the suites one after the other, or `only` some of their tests. If one fails or cannot run, the others still run.
pub(crate) fn test(languages: &[Language], only: Option<&str>) -> Result<()> {
    let outcomes: Vec<(Language, Result<Summary>)> =
        languages.iter().map(|&language| (language, suite(language, only))).collect();
    println!();
    for (language, outcome) in &outcomes {
        println!("{}", line(*language, outcome));
    }
    let total = total(&outcomes);
    println!("\n{total}");
    match outcomes.iter().all(|(_, outcome)| is_good(outcome)) {
        true => Ok(()),
        false => Err("not every suite is good".to_owned()),
    }
}

fn suite(language: Language, only: Option<&str>) -> Result<Summary> {
    let run = || match language {
        Language::Rust => rust::test(only),
        Language::Python => python::test(only),
        Language::Kotlin => kotlin::test(only),
        Language::Swift => swift::test(only),
    };
    // The suite of Swift installs what it needs.
    let missing = language.missing().filter(|_| language != Language::Swift);
    let outcome = missing.map_or_else(run, Err);
    // The summary has room only for the first line.
    if let Err(reason) = &outcome
        && reason.lines().count() > 1
    {
        println!("{reason}");
    }
    outcome
}

fn line(language: Language, outcome: &Result<Summary>) -> String {
    let name = language.name();
    match outcome {
        Ok(summary) if *summary == Summary::default() => format!("{name}: {summary} (not one test ran)"),
        Ok(summary) => format!("{name}: {summary}"),
        Err(reason) => format!("{name}: did not run: {}", reason.lines().next().unwrap_or_default()),
    }
}

/// The line for all suites. A suite that did not run, or ran no test, counts as failed, because some people read only this
/// line.
fn total(outcomes: &[(Language, Result<Summary>)]) -> Summary {
    let mut total = Summary::default();
    for (_, outcome) in outcomes {
        let counts = outcome.as_ref().copied().unwrap_or_default();
        let hidden = u64::from(!is_good(outcome) && counts.failed == 0);
        total += Summary { failed: counts.failed + hidden, skipped: 0, ..counts };
    }
    total
}

fn is_good(outcome: &Result<Summary>) -> bool {
    outcome.as_ref().is_ok_and(Summary::is_good)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(passed: u64, failed: u64) -> Result<Summary> {
        Ok(Summary { passed, failed, skipped: 0 })
    }

    #[test]
    fn a_suite_has_one_line() {
        assert_eq!(line(Language::Rust, &ran(212, 0)), "rust: 212 passed, 0 failed");
        let outcome = Err("Maven is missing: apt-get install maven\nand more".to_owned());
        assert_eq!(line(Language::Kotlin, &outcome), "kotlin: did not run: Maven is missing: apt-get install maven");
        assert_eq!(line(Language::Swift, &ran(0, 0)), "swift: 0 passed, 0 failed (not one test ran)");
    }

    #[test]
    fn the_total_adds_up_and_is_one_plain_line() {
        let outcomes = [(Language::Rust, ran(212, 1)), (Language::Python, ran(87, 0))];
        assert_eq!(total(&outcomes).to_string(), "299 passed, 1 failed");
    }

    #[test]
    fn a_suite_that_did_not_run_or_ran_nothing_makes_the_total_red() {
        let outcomes =
            [(Language::Rust, ran(212, 0)), (Language::Python, ran(0, 0)), (Language::Kotlin, Err("no".into()))];
        assert_eq!(total(&outcomes).to_string(), "212 passed, 2 failed");
        assert!(!is_good(&outcomes[1].1) && !is_good(&outcomes[2].1));
    }
}
