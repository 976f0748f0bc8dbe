//! What is inside besides crates: a database written in C, and what the compilers add.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{
    targets::{Libc, Target},
    toolchain,
};
use crate::shell::{Result, ask};

/// One part, in the words of the licence texts and of the SBOM.
#[derive(Debug)]
pub(super) struct Part {
    /// What the licence texts call it.
    pub(super) title: String,
    pub(super) text: String,
    name: &'static str,
    version: String,
    pub(super) purl: String,
    /// By which lists of vulnerabilities know it.
    cpe: Option<String>,
    licence: &'static str,
}

impl Part {
    /// The part as a component of the SBOM.
    pub(super) fn component(&self) -> Value {
        let mut component = json!({
            "type": "library",
            "bom-ref": self.purl,
            "name": self.name,
            "version": self.version,
            "purl": self.purl,
            "licenses": [{ "expression": self.licence }],
        });
        if let Some(cpe) = &self.cpe {
            component["cpe"] = json!(cpe);
        }
        component
    }
}

/// The parts of a package for `targets`. `folder_of` gives the folder of a crate that is linked in.
pub(super) fn parts<'a>(targets: &[&Target], folder_of: impl Fn(&str) -> Option<&'a Path>) -> Result<Vec<Part>> {
    let mut parts = vec![standard_library()?];
    if let Some(folder) = folder_of("libsqlite3-sys") {
        parts.push(sqlite(folder)?);
    }
    let mut of_zig = of_zig(targets).peekable();
    if of_zig.peek().is_some() {
        let zig = Zig::found()?;
        for part in of_zig {
            parts.push(zig.part(part)?);
        }
    }
    Ok(parts)
}

fn standard_library() -> Result<Part> {
    let notices = toolchain::sysroot()?.join("share/doc/rust/COPYRIGHT-library.html");
    let html = fs::read_to_string(&notices).map_err(in_file(&notices))?;
    let version = toolchain::compiler_version();
    Ok(Part {
        title: "the standard library of Rust, and what is inside it".to_owned(),
        text: without_tags(&html),
        name: "rust-std",
        purl: format!("pkg:generic/rust-std@{version}"),
        cpe: Some(format!("cpe:2.3:a:rust-lang:rust:{version}:*:*:*:*:*:*:*")),
        version,
        licence: "MIT OR Apache-2.0",
    })
}

/// SQLite, which a crate brings along. Its header tells the version, and what stands in place of a licence.
fn sqlite(folder: &Path) -> Result<Part> {
    let header = folder.join("sqlite3/sqlite3.h");
    let text = fs::read_to_string(&header).map_err(in_file(&header))?;
    let version = text.lines().find_map(|line| line.strip_prefix("#define SQLITE_VERSION "));
    let version = version.ok_or_else(|| format!("{} does not tell SQLite's version", header.display()))?;
    let version = version.trim().trim_matches('"').to_owned();
    let words = text.lines().skip_while(|line| !line.contains("disclaims copyright"));
    let words: Vec<&str> = words
        .take_while(|line| line.starts_with("**") && !line.starts_with("***"))
        .map(|line| line.trim_start_matches("**").strip_prefix(' ').unwrap_or_default())
        .collect();
    Ok(Part {
        title: format!("SQLite {version}"),
        text: words.join("\n").trim().to_owned(),
        name: "sqlite",
        purl: format!("pkg:generic/sqlite@{version}"),
        cpe: Some(format!("cpe:2.3:a:sqlite:sqlite:{version}:*:*:*:*:*:*:*")),
        version,
        licence: "blessing",
    })
}

/// What the cross compiler links in, of which it has the sources.
struct OfZig {
    title: &'static str,
    /// Where it lies in the compiler, and there the file with its licence.
    folder: &'static str,
    text: &'static str,
    licence: &'static str,
    is_in: fn(Libc) -> bool,
}

const OF_ZIG: [OfZig; 4] = [
    OfZig {
        title: "LLVM's libunwind",
        folder: "lib/libunwind",
        text: "LICENSE.TXT",
        licence: "Apache-2.0 WITH LLVM-exception",
        is_in: |libc| libc != Libc::Apple,
    },
    OfZig {
        title: "the compiler's run-time library of Zig",
        folder: "lib/compiler_rt",
        text: "../../LICENSE",
        licence: "MIT",
        is_in: |libc| libc != Libc::Apple,
    },
    OfZig {
        title: "musl, in the static programs",
        folder: "lib/libc/musl",
        text: "COPYRIGHT",
        licence: "MIT",
        is_in: |libc| libc == Libc::Musl,
    },
    OfZig {
        title: "mingw-w64, on Windows",
        folder: "lib/libc/mingw",
        text: "COPYING",
        licence: "ZPL-2.1",
        is_in: |libc| libc == Libc::Windows,
    },
];

fn of_zig(targets: &[&Target]) -> impl Iterator<Item = &'static OfZig> {
    OF_ZIG.iter().filter(|part| targets.iter().any(|target| (part.is_in)(target.libc)))
}

/// The cross compiler.
struct Zig {
    folder: PathBuf,
    version: String,
}

impl Zig {
    fn found() -> Result<Self> {
        let folder = toolchain::cross_compiler()?.site_packages()?.join("ziglang");
        let version =
            ask(&folder.join("zig").to_string_lossy(), &["version"]).ok_or("the cross compiler does not run")?;
        Ok(Self { folder, version })
    }

    fn part(&self, &OfZig { title, folder, text, licence, .. }: &OfZig) -> Result<Part> {
        let file = self.folder.join(folder).join(text);
        Ok(Part {
            title: title.to_owned(),
            text: fs::read_to_string(&file).map_err(in_file(&file))?.trim().to_owned(),
            name: folder.rsplit('/').next().unwrap_or(folder),
            version: self.version.clone(),
            purl: format!("pkg:pypi/ziglang@{}#{folder}", self.version),
            cpe: None,
            licence,
        })
    }
}

/// The text of a simple page.
fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut inside = false;
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' if inside => inside = false,
            _ if !inside => text.push(character),
            _ => {}
        }
    }
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&amp;", "&")] {
        text = text.replace(entity, character);
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut kept = String::new();
    for (at, line) in lines.iter().enumerate() {
        if !line.is_empty() || at > 0 && !lines[at - 1].is_empty() {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept.trim().to_owned()
}

fn in_file(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_its_text() {
        assert_eq!(without_tags("<h1>Notices</h1>\n\n\n<p>A &amp; B &lt;a@b&gt;</p>\n"), "Notices\n\nA & B <a@b>");
    }

    #[test]
    fn sqlite_is_named_with_its_version_and_its_blessing() {
        let folder = std::env::temp_dir().join(format!("xtask-sqlite-{}", std::process::id()));
        fs::create_dir_all(folder.join("sqlite3")).unwrap();
        let header = "/*\n** 2001-09-15\n**\n** The author disclaims copyright to this.  Instead:\n**\n**    May it be good.\n**\n\
                      *****************\n** This header\n*/\n#define SQLITE_VERSION        \"3.9.2\"\n";
        fs::write(folder.join("sqlite3/sqlite3.h"), header).unwrap();
        let part = sqlite(&folder).unwrap();
        assert_eq!(part.title, "SQLite 3.9.2");
        assert_eq!(part.text, "The author disclaims copyright to this.  Instead:\n\n   May it be good.");
        let component = part.component();
        assert_eq!(component["purl"], "pkg:generic/sqlite@3.9.2");
        assert_eq!(component["cpe"], "cpe:2.3:a:sqlite:sqlite:3.9.2:*:*:*:*:*:*:*");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn each_target_has_its_parts() {
        let of = |triples: &[&str]| {
            let targets: Vec<&Target> = triples.iter().map(|triple| Target::named(triple).unwrap()).collect();
            of_zig(&targets).map(|part| part.folder).collect::<Vec<_>>()
        };
        assert!(of(&["aarch64-apple-darwin"]).is_empty());
        assert_eq!(of(&["x86_64-unknown-linux-gnu"]), ["lib/libunwind", "lib/compiler_rt"]);
        let all = of(&["x86_64-unknown-linux-musl", "x86_64-pc-windows-gnullvm"]);
        assert_eq!(all, ["lib/libunwind", "lib/compiler_rt", "lib/libc/musl", "lib/libc/mingw"]);
    }
}
