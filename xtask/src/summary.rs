//! How a suite went.

use std::{fmt, ops::AddAssign};

/// The counts of one suite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Summary {
    /// A suite is good when something ran and nothing failed.
    pub(crate) fn is_good(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }
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
    fn a_suite_without_a_test_is_not_good() {
        assert!(!Summary::default().is_good());
        assert!(!Summary { passed: 9, failed: 1, skipped: 0 }.is_good());
        assert!(Summary { passed: 9, failed: 0, skipped: 1 }.is_good());
    }
}
