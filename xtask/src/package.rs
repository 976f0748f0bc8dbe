//! `cargo xtask package`: what is released, each tried in a fresh project.

use std::fs;

use crate::{
    kotlin,
    language::Language,
    python, rust,
    shell::{Result, target},
    swift,
};

/// Builds the artifacts of `languages` into target/package.
pub(crate) fn package(languages: &[Language]) -> Result<()> {
    for &language in languages {
        if let Some(missing) = language.missing().filter(|_| language != Language::Swift) {
            return Err(missing);
        }
        let folder = target().join("package").join(language.name());
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        match language {
            Language::Rust => rust::package(&folder),
            Language::Python => python::package(&folder),
            Language::Kotlin => kotlin::package(&folder),
            Language::Swift => swift::package(&folder),
        }?;
    }
    Ok(())
}
