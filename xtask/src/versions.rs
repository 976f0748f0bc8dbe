//! One version for everything: the one in Cargo.toml. Other files repeat it, because other tools read it there; they are checked.

use std::{fs, path::Path};

use crate::{
    kotlin, python,
    shell::{Result, ask, root},
};

/// A version in another file, and what it should be.
#[derive(Debug, PartialEq, Eq)]
struct Repeated {
    place: String,
    found: String,
    wanted: String,
}

/// Names every place with another version than that of Cargo.toml.
pub(crate) fn check() -> Result<()> {
    let wrong: Vec<String> = repeated()?
        .into_iter()
        .filter(|repeated| repeated.found != repeated.wanted)
        .map(|Repeated { place, found, wanted }| format!("{place}: {found} should be {wanted}"))
        .collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("Cargo.toml's version is not everywhere:\n{}", wrong.join("\n"))),
    }
}

fn repeated() -> Result<Vec<Repeated>> {
    let version = env!("CARGO_PKG_VERSION");
    let mut all = Vec::new();
    let mut place = |place: &str, found: Option<&str>, wanted: &str| {
        let found = found.unwrap_or("nothing").to_owned();
        all.push(Repeated { place: place.to_owned(), found, wanted: wanted.to_owned() });
    };
    let pom = read("bindings/kotlin/pom.xml")?;
    place("bindings/kotlin/pom.xml", kotlin::central::version_of(&pom).as_deref(), version);
    let init = "bindings/python/wildfirechat_message/__init__.py";
    place(init, between(&read(init)?, "__version__ = \"", "\""), &python::version());
    let program = "cli/Cargo.toml";
    place(program, between(&read(program)?, "path = \"..\", version = \"=", "\""), version);
    let changelog = read("CHANGELOG.md")?;
    place("CHANGELOG.md", newest_of_changelog(&changelog), version);
    // Users who copy these lines get this version.
    for file in pages()? {
        let text = read(&file)?;
        for found in of_dependencies(&text) {
            place(&file, Some(found), version);
        }
    }
    Ok(all)
}

/// The newest version in the changelog. The changes since are above it, under *Unreleased*.
fn newest_of_changelog(changelog: &str) -> Option<&str> {
    let mut versions =
        changelog.lines().filter_map(|line| line.strip_prefix("## [")?.split_once(']')).map(|(version, _)| version);
    versions.find(|version| *version != "Unreleased")
}

/// The versions in the lines that readers copy into a pom or a Package.swift.
fn of_dependencies(text: &str) -> Vec<&str> {
    let maven = text.split("<artifactId>wildfirechat-message</artifactId>").skip(1).filter_map(|rest| {
        let rest = rest.trim_start();
        rest.starts_with("<version>").then(|| between(rest, "<version>", "<")).flatten()
    });
    let swift = text.split("wildfirechat-message-swift\", from: \"").skip(1).filter_map(|rest| rest.split('"').next());
    maven.chain(swift).filter(|version| !version.contains('$')).collect()
}

/// The documents, and the manifests of the examples, that are in git.
fn pages() -> Result<Vec<String>> {
    let folder = root().to_string_lossy();
    let files = ask("git", &["-C", &folder, "ls-files", "*.md", "bindings/*.xml"]).ok_or("git does not run")?;
    Ok(files.lines().map(str::to_owned).collect())
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(value, _)| value)
}

fn read(file: &str) -> Result<String> {
    let path = root().join(Path::new(file));
    fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_version_stands_everywhere() {
        assert_eq!(check(), Ok(()));
        assert!(repeated().unwrap().len() >= 5, "{:?}", repeated());
    }

    #[test]
    fn the_versions_that_readers_copy_are_found() {
        let text = "<artifactId>wildfirechat-message</artifactId>\n  <version>0.9.0</version>\n\
                    .package(url: \"https://example.com/wildfirechat-message-swift\", from: \"0.8.0\")";
        assert_eq!(of_dependencies(text), ["0.9.0", "0.8.0"]);
    }

    #[test]
    fn the_changelogs_newest_version_stands_below_what_is_unreleased() {
        assert_eq!(newest_of_changelog("# Changelog\n## [Unreleased]\n## [1.2.0] - 2026\n## [1.1.0]"), Some("1.2.0"));
    }
}
