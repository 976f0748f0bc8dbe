//! The four languages, and what each needs on a machine.

use std::{fmt, path::Path};

use crate::{shell::ask, swift};

/// A language of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    Python,
    Kotlin,
    Swift,
}

impl Language {
    pub(crate) const ALL: [Self; 4] = [Self::Rust, Self::Python, Self::Kotlin, Self::Swift];

    /// The name on the command line and in summary lines.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Kotlin => "kotlin",
            Self::Swift => "swift",
        }
    }

    /// The languages that `arguments` name, or all if they name none.
    pub(crate) fn chosen(arguments: &[String]) -> Result<Vec<Self>, String> {
        if arguments.is_empty() {
            return Ok(Self::ALL.to_vec());
        }
        let named = |argument: &String| {
            Self::ALL
                .into_iter()
                .find(|language| language.name() == argument)
                .ok_or_else(|| format!("{argument} is none of rust, python, kotlin, swift"))
        };
        arguments.iter().map(named).collect()
    }

    /// What this machine lacks for the language, and how to get it.
    pub(crate) fn missing(self) -> Option<String> {
        match self {
            // Whoever runs this program has Rust.
            Self::Rust => None,
            Self::Python => python(),
            Self::Kotlin => kotlin(),
            Self::Swift => swift(),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "Rust",
            Self::Python => "Python",
            Self::Kotlin => "Kotlin",
            Self::Swift => "Swift",
        })
    }
}

/// The oldest Python that the package supports.
const OLDEST_PYTHON: (u32, u32) = (3, 9);
/// The oldest JDK on which the tools of the tests run; the built library runs on older ones.
const OLDEST_JDK: u32 = 17;

fn python() -> Option<String> {
    let get = install("python3 python3-venv", "python", "https://www.python.org/downloads/");
    let interpreter = if cfg!(windows) { "python" } else { "python3" };
    let Some(version) = ask(interpreter, &["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]) else {
        return Some(format!("Python is missing: {get}"));
    };
    if numbers(&version) < Some(OLDEST_PYTHON) {
        return Some(format!("Python {version} is too old, 3.9 or later is needed: {get}"));
    }
    // Debian ships these two apart from Python.
    match ask(interpreter, &["-c", "import venv, ensurepip"]) {
        Some(_) => None,
        None => Some(format!("Python's venv module is missing: {get}")),
    }
}

/// The Java on which Maven runs is the one that counts, even if `java` is another one.
fn kotlin() -> Option<String> {
    let get = install("maven openjdk-17-jdk-headless", "maven", "https://maven.apache.org/ and https://adoptium.net/");
    match ask(if cfg!(windows) { "mvn.cmd" } else { "mvn" }, &["--version"]) {
        Some(report) => jdk_of_maven(&report, &|file| file.exists()).err().map(|reason| format!("{reason}: {get}")),
        // Maven itself fails if there is no Java.
        None if ask("java", &["-version"]).is_some() => Some(format!("Maven is missing: {get}")),
        None => Some(format!("Maven or its JDK is missing: {get}")),
    }
}

fn jdk_of_maven(report: &str, exists: &dyn Fn(&Path) -> bool) -> Result<(), String> {
    let line = report.lines().find(|line| line.starts_with("Java version:")).unwrap_or_default();
    let field = |name: &str| line.split_once(name).map(|(_, rest)| rest.split(", ").next().unwrap_or(rest).trim());
    let version = field("Java version:").unwrap_or_default();
    let major: u32 = version.split(['.', '-', '+']).next().and_then(|major| major.parse().ok()).unwrap_or_default();
    if major < OLDEST_JDK {
        return Err(format!("Maven runs on Java {version}, a JDK {OLDEST_JDK} or later is needed"));
    }
    let compiler = Path::new("bin").join(format!("javac{}", std::env::consts::EXE_SUFFIX));
    match field("runtime:") {
        Some(home) if !exists(&Path::new(home).join(compiler)) => {
            Err(format!("Maven's Java at {home} is a runtime without a compiler, a JDK is needed"))
        }
        _ => Ok(()),
    }
}

fn swift() -> Option<String> {
    let get = if is_debian() { "`cargo xtask test swift` installs it" } else { "see https://www.swift.org/install/" };
    (!swift::is_installed()).then(|| format!("Swift 6 or later is not installed: {get}"))
}

fn install(debian: &str, brew: &str, elsewhere: &str) -> String {
    if is_debian() {
        format!("apt-get install {debian}")
    } else if cfg!(target_os = "macos") {
        format!("brew install {brew}")
    } else {
        format!("see {elsewhere}")
    }
}

fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists()
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAVEN: &str = "Apache Maven 3.8.7\nMaven home: /usr/share/maven\n\
        Java version: 17.0.15, vendor: Debian, runtime: /usr/lib/jvm/java-17\nDefault locale: en\n";

    #[test]
    fn no_name_means_every_language() {
        assert_eq!(Language::chosen(&[]).unwrap(), Language::ALL);
    }

    #[test]
    fn a_name_that_is_no_language_is_refused() {
        let error = Language::chosen(&["swift".into(), "cobol".into()]).unwrap_err();
        assert_eq!(error, "cobol is none of rust, python, kotlin, swift");
    }

    #[test]
    fn a_jdk_that_is_new_enough_is_taken() {
        assert_eq!(jdk_of_maven(MAVEN, &|file| file.ends_with("java-17/bin/javac")), Ok(()));
    }

    #[test]
    fn a_java_without_a_compiler_is_refused() {
        let error = jdk_of_maven(MAVEN, &|_| false).unwrap_err();
        assert_eq!(error, "Maven's Java at /usr/lib/jvm/java-17 is a runtime without a compiler, a JDK is needed");
    }

    #[test]
    fn an_old_java_is_refused() {
        let error = jdk_of_maven(&MAVEN.replace("17.0.15", "1.8.0_402"), &|_| true).unwrap_err();
        assert_eq!(error, "Maven runs on Java 1.8.0_402, a JDK 17 or later is needed");
        assert_eq!(jdk_of_maven(&MAVEN.replace("17.0.15", "21"), &|_| true), Ok(()));
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(numbers("3.11") > Some(OLDEST_PYTHON));
        assert!(numbers("3.8") < Some(OLDEST_PYTHON));
    }
}
