//! The result of a suite.

use std::{fmt, ops::AddAssign};

/// The counts of one suite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Summary {
    /// Whether a suite succeeded: some test ran and none failed.
    pub(crate) fn is_good(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

/// The lines that a successful suite prints: how many cases were played, the oracle's table, measured figures.
pub(crate) fn show_what_is_told(output: &str) {
    for line in told(output) {
        println!("  {line}");
    }
}

fn told(output: &str) -> impl Iterator<Item = &str> {
    const BEGINNINGS: [&str; 4] = ["conformance: ", "contents: ", "oracle: ", "measured: "];
    output.lines().filter(|line| BEGINNINGS.iter().any(|beginning| line.starts_with(beginning)))
}

impl AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_tests_are_named_only_where_there_are_some() {
        assert_eq!(Summary { passed: 212, failed: 0, skipped: 0 }.to_string(), "212 passed, 0 failed");
        assert_eq!(Summary { passed: 212, failed: 1, skipped: 3 }.to_string(), "212 passed, 1 failed, 3 skipped");
    }

    #[test]
    fn what_a_suite_has_to_tell_is_shown() {
        let lines = [
            "conformance: 458 cases played",
            "contents: 97 vectors played",
            "oracle: seed 1",
            "measured: 64 threads, 5000 calls",
        ];
        let output = format!("a test\n{}\n9 passed", lines.join("\n"));
        assert_eq!(told(&output).collect::<Vec<_>>(), lines);
    }

    #[test]
    fn a_suite_without_a_test_is_not_good() {
        assert!(!Summary::default().is_good());
        assert!(!Summary { passed: 9, failed: 1, skipped: 0 }.is_good());
        assert!(Summary { passed: 9, failed: 0, skipped: 1 }.is_good());
    }
}
