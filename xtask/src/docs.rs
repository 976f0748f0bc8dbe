//! `cargo xtask docs`.

use crate::{
    native::{self, cargo_library, cargo_tools},
    shell::{Result, run, target},
};

/// Builds the Rust documentation and prints where it is.
pub(crate) fn docs() -> Result<()> {
    build()?;
    println!("{}", target().join("doc/wildfirechat_message/index.html").display());
    Ok(())
}

/// Builds the Rust documentation; a warning is an error.
pub(crate) fn build() -> Result<()> {
    const DENY_WARNINGS: (&str, &str) = ("RUSTDOCFLAGS", "-D warnings");
    let mut command = cargo_library("doc");
    run("build the documentation", command.arg("--no-deps").env(DENY_WARNINGS.0, DENY_WARNINGS.1))?;
    let mut command = cargo_tools("doc");
    let command = command.args(["--no-deps", "--document-private-items"]);
    run("build the documentation of the tools", command.env(DENY_WARNINGS.0, DENY_WARNINGS.1)).map(drop)
}

/// Checks that each endpoint has a page under docs/ with examples in all languages.
pub(crate) fn check_pages() -> Result<()> {
    native::pages(true)?;
    run("check that docs/ shows every endpoint", cargo_library("test").args(["--test", "docs"])).map(drop)
}
