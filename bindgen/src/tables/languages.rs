//! The table of the features of each language: a name is shown if the listing of the language's public API has it.

use anyhow::{Context, Result};
use camino::Utf8Path;
use heck::ToLowerCamelCase;
use serde::Deserialize;

use super::{markdown, read};

/// A row of `docs/tables/languages.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Feature {
    feature: String,
    /// Its name in Rust and Python: `MessageClient.send_message`, or only a type.
    name: String,
    /// Its name in languages that use another name.
    #[serde(default)]
    rust: Option<String>,
    #[serde(default)]
    python: Option<String>,
    #[serde(default)]
    kotlin: Option<String>,
    #[serde(default)]
    java: Option<String>,
    #[serde(default)]
    swift: Option<String>,
}

/// The line with which Java's part of the listing for the JVM begins.
const JAVA: &str = "\nAs Java sees it:\n";

pub(super) fn languages(root: &Utf8Path) -> Result<String> {
    let features: Vec<Feature> = serde_json::from_str(&read(root, "docs/tables/languages.json")?)?;
    let listing = |language: &str| read(root, &format!("bindings/{language}/api.txt"));
    let (python, jvm, swift) = (listing("python")?, listing("kotlin")?, listing("swift")?);
    let (kotlin, java) = jvm.split_once(JAVA).context("the JVM's listing has no part for Java")?;
    let rust = sources(&root.join("src"))?;
    let rows = features.iter().map(|feature| {
        let snake = |own: &Option<String>| own.clone().unwrap_or_else(|| feature.name.clone());
        let camel = |own: &Option<String>| own.clone().unwrap_or_else(|| in_camel_case(&feature.name));
        [
            feature.feature.clone(),
            cell(&snake(&feature.rust), |name| is_in_sources(&rust, name)),
            cell(&snake(&feature.python), |name| is_listed(&python, name)),
            cell(&camel(&feature.kotlin), |name| is_listed(kotlin, name)),
            cell(&camel(&feature.java), |name| is_listed(java, name)),
            cell(&camel(&feature.swift), |name| is_listed(&swift, name)),
        ]
    });
    Ok(markdown(["", "Rust", "Python", "Kotlin", "Java", "Swift"], rows))
}

/// The name without its type, or a dash if the language does not have it.
fn cell(name: &str, has: impl Fn(&str) -> bool) -> String {
    let shown = name.split_once('.').map_or(name, |(_, member)| member);
    if has(name) { format!("`{shown}`") } else { "–".to_owned() }
}

/// The type's name stays as it is.
fn in_camel_case(name: &str) -> String {
    match name.split_once('.') {
        Some((owner, member)) => format!("{owner}.{}", member.to_lower_camel_case()),
        None => name.to_owned(),
    }
}

/// Whether a listing has a type, a function, or a member of a type. A paragraph is a type, whose name stands in its first line.
fn is_listed(listing: &str, name: &str) -> bool {
    let has_word = |line: &str, wanted: &str| words(line).any(|word| word == wanted);
    let Some((owner, member)) = name.split_once('.') else {
        return listing.lines().any(|line| has_word(line, name));
    };
    let of_owner = |paragraph: &&str| paragraph.lines().next().is_some_and(|line| has_word(line, owner));
    let mut types = listing.split("\n\n").filter(of_owner);
    types.any(|paragraph| paragraph.lines().skip(1).any(|line| has_word(line, member)))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
}

/// Rust has no listing: there the public declarations in the sources count.
fn is_in_sources(sources: &str, name: &str) -> bool {
    let name = name.rsplit_once('.').map_or(name, |(_, member)| member);
    ["fn ", "struct ", "enum "].iter().any(|keyword| {
        let declared = format!("pub {keyword}{name}");
        sources.match_indices(&declared).any(|(at, _)| {
            sources[at + declared.len()..].starts_with(|next: char| !next.is_alphanumeric() && next != '_')
        })
    })
}

/// The text of every Rust file in a folder and below.
fn sources(folder: &Utf8Path) -> Result<String> {
    let mut text = String::new();
    for entry in folder.read_dir_utf8().with_context(|| format!("cannot list {folder}"))? {
        let path = entry?.into_path();
        if path.is_dir() {
            text += &sources(&path)?;
        } else if path.extension() == Some("rs") {
            text += &std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_its_type_alone() {
        let listing = "class Client\n    fun send(\n        text: String,\n    )\n\nclass Other\n    fun stop()\n";
        assert!(is_listed(listing, "Client") && is_listed(listing, "Client.send") && is_listed(listing, "Other.stop"));
        assert!(
            !is_listed(listing, "Client.stop") && !is_listed(listing, "Client.sen") && !is_listed(listing, "Clien")
        );
        assert!(
            is_in_sources("pub fn send_each<I>(", "Client.send_each") && !is_in_sources("pub fn send_each(", "A.send")
        );
        assert_eq!(in_camel_case("Client.send_each"), "Client.sendEach");
    }
}
