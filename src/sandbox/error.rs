//! Why a sandbox could not do what it was asked: [`SandboxError`].

use std::fmt;

/// Why a `Sandbox` could not start or could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Error)]
#[uniffi(name = "NativeSandboxError")]
pub enum SandboxError {
    /// It did not work.
    Failed {
        /// What went wrong, as a sentence.
        reason: String,
    },
}

impl SandboxError {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self::Failed { reason: reason.into() }
    }
}

impl fmt::Display for SandboxError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Failed { reason } = self;
        formatter.write_str(reason)
    }
}

impl std::error::Error for SandboxError {}
