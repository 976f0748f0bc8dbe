//! What is inside: the list of every crate and every other part (a CycloneDX SBOM), and the licence texts of all of it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{
    parts::{Part, parts},
    targets::Target,
};
use crate::{
    native::{NATIVE, SHIPPED, cargo},
    shell::{Result, outside_of_cargo, root},
};

/// The names under which both lie in every package.
pub(crate) const SBOM: &str = "wildfirechat-message.cdx.json";
pub(crate) const TEXTS: &str = "THIRD-PARTY-LICENSES.txt";
/// Our own, which lie beside them.
pub(crate) const OURS: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// A crate that is linked into the library.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Crate {
    name: String,
    version: String,
    licence: String,
    folder: PathBuf,
}

/// Writes the SBOM and the licence texts of a package for `targets` into `folder`.
pub(crate) fn write(folder: &Path, targets: &[&Target]) -> Result<()> {
    let crates = crates(targets)?;
    let parts = parts_besides(&crates, targets)?;
    fs::create_dir_all(folder).map_err(in_file(folder))?;
    let write = |name: &str, text: String| {
        let file = folder.join(name);
        fs::write(&file, text).map_err(in_file(&file))
    };
    let sbom =
        serde_json::to_string_pretty(&sbom(&crates, &parts, &checksums()?)).map_err(|error| error.to_string())?;
    write(SBOM, sbom + "\n")?;
    write(TEXTS, texts(&crates, parts)?)?;
    for name in OURS {
        fs::copy(root().join(name), folder.join(name)).map_err(in_file(&root().join(name)))?;
    }
    Ok(())
}

/// Holds the files of a package for `targets` to it: our licences, the others' texts, and an SBOM that names every dependency
/// that one of them has.
pub(crate) fn check(package: &str, files: &[PathBuf], targets: &[&Target]) -> Result<()> {
    let find = |name: &str| {
        files.iter().find(|file| file.ends_with(name)).ok_or_else(|| format!("{package} does not contain {name}"))
    };
    for name in OURS {
        find(name)?;
    }
    let read = |name: &str| find(name).and_then(|file| fs::read_to_string(file).map_err(in_file(file)));
    let (sbom, texts) = (read(SBOM)?, read(TEXTS)?);
    let sbom: Value = serde_json::from_str(&sbom).map_err(|error| format!("{package}, {SBOM}: {error}"))?;
    let components = sbom["components"].as_array().ok_or_else(|| format!("{package}, {SBOM}: no components"))?;
    let has = |what: &str, purl: &str, title: &str| {
        if !components.iter().any(|component| component["purl"] == purl) {
            return Err(format!("{package}: its {SBOM} does not name {what}"));
        }
        if !texts.contains(&format!("\n{title}")) {
            return Err(format!("{package}: its {TEXTS} does not contain the licence of {what}"));
        }
        Ok(())
    };
    let crates = crates(targets)?;
    for Crate { name, version, .. } in &crates {
        let what = format!("{name} {version}");
        has(&what, &format!("pkg:cargo/{name}@{version}"), &format!("{what} ("))?;
    }
    for part in parts_besides(&crates, targets)? {
        has(&part.title, &part.purl, &part.title)?;
    }
    Ok(())
}

/// The crates that are linked in, all of `targets` together, as cargo resolves them.
fn crates(targets: &[&Target]) -> Result<Vec<Crate>> {
    let mut crates = BTreeMap::new();
    for target in targets {
        let mut command = cargo();
        command.args(["tree", "--locked", "--package", NATIVE]);
        command.args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}|{l}"]);
        command.args(["--target", target.triple]);
        let output = outside_of_cargo(&mut command).output().map_err(|error| format!("cargo tree: {error}"))?;
        if !output.status.success() {
            return Err(format!("cargo tree: {}", String::from_utf8_lossy(&output.stderr)));
        }
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            if let Some((name, version, licence)) = of_line(line)
                && !SHIPPED.contains(&name)
            {
                crates.insert((name.to_owned(), version.to_owned()), licence.to_owned());
            }
        }
    }
    let folders = folders()?;
    crates
        .into_iter()
        .map(|((name, version), licence)| {
            let folder = folders.get(&format!("{name} {version}")).cloned();
            let folder = folder.ok_or_else(|| format!("cargo does not say in which folder {name} {version} is"))?;
            Ok(Crate { name, version, licence, folder })
        })
        .collect()
}

fn parts_besides(crates: &[Crate], targets: &[&Target]) -> Result<Vec<Part>> {
    parts(targets, |name| crates.iter().find(|package| package.name == name).map(|package| package.folder.as_path()))
}

/// `serde v1.0.229|MIT OR Apache-2.0`, with ` (*)` behind what stood before.
fn of_line(line: &str) -> Option<(&str, &str, &str)> {
    let (package, licence) = line.split_once('|')?;
    let mut words = package.split(' ');
    let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
    Some((name, version, licence.trim_end_matches(" (*)")))
}

/// Where the sources of each crate lie.
fn folders() -> Result<BTreeMap<String, PathBuf>> {
    let mut command = cargo();
    command.args(["metadata", "--locked", "--all-features", "--format-version", "1"]);
    let output = outside_of_cargo(&mut command).output().map_err(|error| format!("cargo metadata: {error}"))?;
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let mut folders = BTreeMap::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let text = |field: &str| package[field].as_str().unwrap_or_default();
        let folder = Path::new(text("manifest_path")).parent().unwrap_or(Path::new("")).to_owned();
        folders.insert(format!("{} {}", text("name"), text("version")), folder);
    }
    Ok(folders)
}

/// The registry's checksums, by `name version`.
fn checksums() -> Result<BTreeMap<String, String>> {
    let file = root().join("Cargo.lock");
    let text = fs::read_to_string(&file).map_err(in_file(&file))?;
    let lock: toml::Table = text.parse().map_err(|error| format!("Cargo.lock: {error}"))?;
    let packages = lock.get("package").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let field = |package: &toml::Value, name: &str| Some(package.get(name)?.as_str()?.to_owned());
    let entry = |package: &toml::Value| {
        Some((format!("{} {}", field(package, "name")?, field(package, "version")?), field(package, "checksum")?))
    };
    Ok(packages.iter().filter_map(entry).collect())
}

/// What the jars need, and one of them has inside, by group, name and licence.
const OF_THE_JARS: [(&str, &str, &str); 2] = [
    ("net.java.dev.jna", "jna", "LGPL-2.1-or-later OR Apache-2.0"),
    ("org.jetbrains.kotlin", "kotlin-stdlib", "Apache-2.0"),
];

/// Names in the SBOM in `folder` what the jars need beside the crates. `version_of` tells a package's version by its name.
pub(crate) fn name_the_jars_own(folder: &Path, version_of: impl Fn(&str) -> Result<String>) -> Result<()> {
    let file = folder.join(SBOM);
    let text = fs::read_to_string(&file).map_err(in_file(&file))?;
    let mut sbom: Value = serde_json::from_str(&text).map_err(|error| format!("{SBOM}: {error}"))?;
    let components = sbom["components"].as_array_mut().ok_or_else(|| format!("{SBOM}: no components"))?;
    for (group, name, licence) in OF_THE_JARS {
        let version = version_of(name)?;
        let purl = format!("pkg:maven/{group}/{name}@{version}");
        let licences = [json!({ "expression": licence })];
        components.push(json!({
            "type": "library", "bom-ref": purl, "group": group, "name": name, "version": version, "purl": purl,
            "licenses": licences,
        }));
    }
    let text = serde_json::to_string_pretty(&sbom).map_err(|error| error.to_string())?;
    fs::write(&file, text + "\n").map_err(in_file(&file))
}

/// Holds a jar's SBOM to it.
pub(crate) fn check_the_jars_own(package: &str, files: &[PathBuf]) -> Result<()> {
    let file =
        files.iter().find(|file| file.ends_with(SBOM)).ok_or_else(|| format!("{package} does not contain {SBOM}"))?;
    let text = fs::read_to_string(file).map_err(in_file(file))?;
    let lacks = |(group, name, _): &(&str, &str, &str)| !text.contains(&format!("pkg:maven/{group}/{name}@"));
    match OF_THE_JARS.iter().find(|package| lacks(package)) {
        Some((_, name, _)) => Err(format!("{package}: its {SBOM} does not name {name}")),
        None => Ok(()),
    }
}

fn sbom(crates: &[Crate], parts: &[Part], checksums: &BTreeMap<String, String>) -> Value {
    let purl = |name: &str, version: &str| format!("pkg:cargo/{name}@{version}");
    let components = crates.iter().map(|Crate { name, version, licence, .. }| {
        let checksum = checksums.get(&format!("{name} {version}")).cloned().unwrap_or_default();
        json!({
            "type": "library",
            "bom-ref": purl(name, version),
            "name": name,
            "version": version,
            "purl": purl(name, version),
            "licenses": [{ "expression": licence.replace('/', " OR ") }],
            "hashes": [{ "alg": "SHA-256", "content": checksum }],
        })
    });
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": purl("wildfirechat-message", env!("CARGO_PKG_VERSION")),
                "name": "wildfirechat-message",
                "version": env!("CARGO_PKG_VERSION"),
                "purl": purl("wildfirechat-message", env!("CARGO_PKG_VERSION")),
                "licenses": [{ "expression": env!("CARGO_PKG_LICENSE") }],
            },
        },
        "components": components.chain(parts.iter().map(Part::component)).collect::<Vec<_>>(),
    })
}

/// Every text once, below the names of those that it covers.
fn texts(crates: &[Crate], parts: Vec<Part>) -> Result<String> {
    let mut covered: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in crates {
        let texts = texts_of(package)?;
        for text in texts {
            let names = covered.entry(text).or_default();
            names.push(format!("{} {} ({})", package.name, package.version, package.licence));
        }
    }
    for part in parts {
        covered.entry(part.text).or_default().push(part.title);
    }
    let mut sections: Vec<(Vec<String>, String)> = covered.into_iter().map(|(text, names)| (names, text)).collect();
    sections.sort();
    let rule = "-".repeat(100);
    let mut all = String::from(
        "wildfirechat-message is under the MIT licence or the Apache licence 2.0, as you like: LICENSE-MIT, \
         LICENSE-APACHE.\nInside it is the work of others, listed here with the licences that it came with. Where a \
         crate leaves the choice,\nany one of its licences will do. The sources of each crate are at \
         https://crates.io/crates/NAME/VERSION.\n",
    );
    for (names, text) in sections {
        all.push_str(&format!("\n{rule}\n{}\n{rule}\n\n{}\n", names.join("\n"), text.trim_end()));
    }
    Ok(all)
}

/// The licence files of a crate; one that comes without a file needs its licence's text here.
fn texts_of(package: &Crate) -> Result<Vec<String>> {
    let is_licence = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        path.is_file() && ["LICEN", "COPY", "NOTICE", "UNLICENSE"].iter().any(|start| name.starts_with(start))
    };
    let entries = fs::read_dir(&package.folder).map_err(in_file(&package.folder))?;
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(is_licence).collect();
    files.sort();
    if files.is_empty() {
        files.push(text_of(&package.licence));
    }
    let read = |file: &PathBuf| {
        let text = fs::read_to_string(file).map_err(|_| {
            format!("{} {} has no licence file, and {} does not exist", package.name, package.version, file.display())
        })?;
        Ok(text.replace("\r\n", "\n").trim().to_owned())
    };
    files.iter().map(read).collect()
}

/// The text of a licence, or of the first one of a choice that has nobody's name in it.
fn text_of(licence: &str) -> PathBuf {
    let file = |name: &str| match name {
        "Apache-2.0" => root().join("LICENSE-APACHE"),
        _ => root().join("packaging/licences").join(format!("{name}.txt")),
    };
    licence.split(" OR ").map(file).find(|file| file.is_file()).unwrap_or_else(|| file(licence))
}

fn in_file(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_cargos_tree_is_read() {
        assert_eq!(of_line("serde v1.0.229|MIT OR Apache-2.0"), Some(("serde", "1.0.229", "MIT OR Apache-2.0")));
        assert_eq!(of_line("log v0.4.35|MIT (*)"), Some(("log", "0.4.35", "MIT")));
        assert_eq!(of_line(""), None);
    }

    #[test]
    fn of_a_choice_a_licence_is_taken_whose_text_is_here() {
        assert_eq!(text_of("MIT OR Apache-2.0"), root().join("LICENSE-APACHE"));
        assert_eq!(text_of("MPL-2.0"), root().join("packaging/licences/MPL-2.0.txt"));
        assert!(!text_of("MIT").exists());
    }

    #[test]
    fn a_jars_list_names_what_the_jar_needs_beside_the_crates() {
        let folder = std::env::temp_dir().join(format!("xtask-jars-own-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(SBOM);
        fs::write(&file, r#"{"components": []}"#).unwrap();
        let refusal = check_the_jars_own("a", std::slice::from_ref(&file)).unwrap_err();
        assert_eq!(refusal, "a: its wildfirechat-message.cdx.json does not name jna");
        name_the_jars_own(&folder, |name| Ok(format!("{}.0", name.len()))).unwrap();
        check_the_jars_own("a", std::slice::from_ref(&file)).unwrap();
        assert!(fs::read_to_string(&file).unwrap().contains("pkg:maven/org.jetbrains.kotlin/kotlin-stdlib@13.0"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_target_has_crates_that_another_has_not() {
        let of = |triple: &str| crates(&[Target::named(triple).unwrap()]).unwrap();
        let (here, there) = (of("x86_64-unknown-linux-gnu"), of("x86_64-pc-windows-gnullvm"));
        let names = |crates: &[Crate], name: &str| crates.iter().any(|package| package.name == name);
        assert!(names(&here, "openssl-probe") && !names(&there, "openssl-probe"));
        assert!(names(&there, "windows-sys") && !names(&here, "windows-sys"));
    }

    #[test]
    fn a_package_without_licences_or_with_an_sbom_that_leaves_one_out_is_refused() {
        let folder = std::env::temp_dir().join(format!("xtask-licences-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let targets = [Target::named("x86_64-unknown-linux-gnu").unwrap()];
        assert_eq!(check("a", &[], &targets).unwrap_err(), "a does not contain LICENSE-APACHE");
        let files: Vec<PathBuf> = OURS.iter().chain(&[SBOM, TEXTS]).map(|name| folder.join(name)).collect();
        for file in &files {
            fs::write(file, r#"{"components": []}"#).unwrap();
        }
        let refusal = check("a", &files, &targets).unwrap_err();
        assert!(refusal.starts_with("a: its wildfirechat-message.cdx.json does not name "), "{refusal}");
        fs::remove_dir_all(folder).unwrap();
    }
}
