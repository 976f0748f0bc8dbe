//! A header of HTTP: the server reads them, tests see them and make them.

/// One HTTP header, its name as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}
