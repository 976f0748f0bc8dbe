//! Numbers that may be set for a longer run (CONTRIBUTING.md).

use std::env;

/// What an environment variable says, or what is usual.
pub fn number(name: &str, usual: usize) -> usize {
    env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}
