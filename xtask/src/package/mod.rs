//! `cargo xtask package`: what is released. The library is built once for each target and packed for every language, and
//! what was packed is looked at.

pub(crate) mod archive;
pub(crate) mod guard;
pub(crate) mod licences;
pub(crate) mod native;
mod parts;
pub(crate) mod programs;
mod slim;
pub(crate) mod sources;
pub(crate) mod targets;
pub(crate) mod tight;
pub(crate) mod toolchain;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use crate::{
    kotlin,
    language::Language,
    native::take_for_release,
    python, rust,
    shell::{Result, target},
    swift,
    table::table,
};
use guard::Kind;
use native::Native;
use targets::{PROGRAMS, Target};

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// All of them where none is named.
    targets: Vec<&'static Target>,
    languages: Vec<Language>,
    /// Takes what was built before, here or on another machine, and builds nothing.
    built: bool,
    /// Builds, and packs nothing.
    natives_only: bool,
}

impl Wanted {
    /// Reads `[--target T]… [--built | --natives] [LANGUAGE]…`.
    pub(crate) fn read(arguments: &[String]) -> Result<Self> {
        let (mut targets, mut languages) = (Vec::new(), Vec::new());
        let (mut built, mut natives_only) = (false, false);
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--built" => built = true,
                "--natives" => natives_only = true,
                "--target" => {
                    let name = arguments.next().ok_or("--target needs a value")?;
                    targets.push(Target::named(name)?);
                }
                other => match other.strip_prefix("--target=") {
                    Some(name) => targets.push(Target::named(name)?),
                    None => languages.push(argument.clone()),
                },
            }
        }
        if targets.is_empty() {
            targets.extend(&targets::ALL);
        }
        Ok(Self { targets, languages: Language::chosen(&languages)?, built, natives_only })
    }
}

/// A packed file, how large it is, and how large it may be.
struct Packed {
    file: PathBuf,
    size: u64,
    limit: Option<u64>,
}

/// Builds and packs what is wanted into target/package, as far as this machine can, and says what it left out and why.
pub(crate) fn package(wanted: &Wanted) -> Result<()> {
    let begun = Instant::now();
    if let Some(missing) = wanted.languages.iter().find_map(|language| missing(*language)) {
        return Err(missing);
    }
    let (natives, left_out) = natives(wanted)?;
    if natives.is_empty() {
        return Err(format!("no target can be built here:\n{}", left_out.join("\n")));
    }
    let mut packed = Vec::new();
    if !wanted.natives_only {
        packed = programs::pack(&folder("programs"), &natives)?;
        for &language in &wanted.languages {
            packed.extend(pack(language, &natives)?);
        }
        write_checksums(&packed)?;
    }
    println!("\n{}", told(&natives, &packed, &left_out));
    println!("in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

fn missing(language: Language) -> Option<String> {
    // Swift's module installs what it needs.
    language.missing().filter(|_| language != Language::Swift)
}

/// The folder of one kind of packages.
fn folder(name: &str) -> PathBuf {
    target().join("package").join(name)
}

/// What could be built, and of the rest why it could not.
fn natives(wanted: &Wanted) -> Result<(Vec<Native>, Vec<String>)> {
    let (mut natives, mut left_out) = (Vec::new(), Vec::new());
    for &target in &wanted.targets {
        let outcome = if wanted.built {
            native::present(target).ok_or_else(|| "it was not built before".to_owned())
        } else {
            match toolchain::std_of(target) {
                // What is wrong with a build that was begun is no reason to leave it out.
                Ok(std) => Ok(native::build(target, &std)?),
                Err(reason) => Err(reason),
            }
        };
        match outcome {
            Ok(native) => {
                native.with_symbols().into_iter().for_each(take_for_release);
                natives.push(native);
            }
            Err(reason) => left_out.push(format!("{}: left out: {reason}", target.triple)),
        }
    }
    Ok((natives, left_out))
}

/// Packs for one language, and looks at what was packed.
fn pack(language: Language, natives: &[Native]) -> Result<Vec<Packed>> {
    let folder = folder(language.name());
    let mut files: Vec<(Kind, PathBuf)> = Vec::new();
    match language {
        Language::Rust => return rust::package(&folder).and_then(|file| Ok(vec![weighed(&file)?])),
        Language::Python => {
            let wheels = python::package(&folder, natives)?;
            files.extend(natives.iter().zip(wheels).map(|(native, wheel)| (Kind::Wheel(native.target), wheel)));
            files.extend(python::source_package(&folder).map(|sdist| (Kind::Sdist, sdist)));
        }
        Language::Kotlin => {
            let libraries = natives.iter().filter(|native| native.target.jna.is_some()).count();
            if libraries == 0 {
                println!("  kotlin: none of the targets has a place in the jar");
                return Ok(Vec::new());
            }
            files.push((Kind::Jar(libraries), kotlin::package(&folder, natives)?));
            files.push((Kind::ProgramJar(libraries), kotlin::central::program(&folder)));
        }
        Language::Swift => files.extend(swift::package(&folder, natives)?),
    }
    let mut packed = Vec::new();
    for (kind, file) in files {
        packed.push(Packed { size: guard::packed(kind, &file)?, limit: Some(kind.budget()), file });
    }
    if language == Language::Kotlin {
        packed.push(weighed(&kotlin::central::bundle(&folder)?)?);
    }
    Ok(packed)
}

fn weighed(file: &Path) -> Result<Packed> {
    let size = fs::metadata(file).map_err(|error| format!("{}: {error}", file.display()))?.len();
    Ok(Packed { file: file.to_owned(), size, limit: None })
}

/// `SHA256SUMS`, as `sha256sum --check` reads it.
fn write_checksums(packed: &[Packed]) -> Result<()> {
    let top = target().join("package");
    let mut lines = String::new();
    for Packed { file, .. } in packed {
        let name = file.strip_prefix(&top).unwrap_or(file);
        lines.push_str(&format!("{}  {}\n", toolchain::sha256(file)?, name.display()));
    }
    let sums = top.join("SHA256SUMS");
    fs::write(&sums, lines).map_err(|error| format!("{}: {error}", sums.display()))
}

/// What was built and packed: a table of the targets, and one of the files. In the head stands how large each may be.
fn told(natives: &[Native], packed: &[Packed], left_out: &[String]) -> String {
    let size = |file: &Path| megabytes(fs::metadata(file).map_or(0, |metadata| metadata.len()));
    let limits =
        [("Library", guard::LARGEST_LIBRARY), ("Program", guard::LARGEST_PROGRAM), ("Sandbox", guard::LARGEST_SANDBOX)];
    let heads = limits.map(|(what, limit)| format!("{what}, at most {}", megabytes(limit)));
    let mut targets = vec![[&["Target".to_owned(), "Build".to_owned()][..], &heads].concat()];
    for native in natives {
        let built = native.took.map_or("before".to_owned(), |took| format!("{:.0} s", took.as_secs_f64()));
        let programs = PROGRAMS.map(|name| size(&native.program(name)));
        targets.push([&[native.target.triple.to_owned(), built, size(&native.shared())][..], &programs].concat());
    }
    let mut files = vec![["Size", "At most", "File"].map(str::to_owned).to_vec()];
    let top = target();
    for Packed { file, size, limit } in packed {
        let path = file.strip_prefix(&top).unwrap_or(file);
        files.push(vec![
            megabytes(*size),
            limit.map(megabytes).unwrap_or_default(),
            format!("target/{}", path.display()),
        ]);
    }
    let mut text = table(&targets);
    for line in left_out {
        text.push_str(&format!("{line}\n"));
    }
    if !packed.is_empty() {
        text.push_str(&format!("\n{}", table(&files)));
    }
    text
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Wanted> {
        Wanted::read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn without_a_word_everything_is_wanted() {
        let wanted = read("").unwrap();
        assert_eq!((wanted.targets.len(), wanted.languages.len()), (targets::ALL.len(), 4));
        assert!(!wanted.built && !wanted.natives_only);
    }

    #[test]
    fn targets_and_languages_are_picked() {
        let wanted = read("--target x86_64-unknown-linux-gnu --target=x86_64-unknown-linux-musl python").unwrap();
        assert_eq!(wanted.languages, [Language::Python]);
        assert_eq!(wanted.targets.len(), 2);
        assert_eq!(read("--target").unwrap_err(), "--target needs a value");
        assert_eq!(read("cobol").unwrap_err(), "cobol is none of rust, python, kotlin, swift");
    }

    #[test]
    fn sizes_are_told_in_megabytes() {
        assert_eq!(megabytes(6_074_752), "6.0 MB");
    }
}
