//! What may miss a step of the list, and the copy of the tree in which it is asked.

use std::{
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::steps::Step;

/// What is run in the copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    /// A test program of the library, and one of its tests.
    Test(&'static str, &'static str),
    /// Whether pages, examples and tables are what `cargo xtask pages` would write, as `cargo xtask lint` asks.
    Pages,
}

/// A copy of the tree, which ends with this value.
pub(crate) struct CopiedTree {
    folder: tempfile::TempDir,
}

impl CopiedTree {
    /// The copy starts with the dependencies that were compiled for the tree. The compiled files are linked, because there are
    /// gigabytes of them, and the compiler replaces such a file. What cargo notes about them is copied with its times: cargo writes
    /// into these files.
    pub(crate) fn new() -> Self {
        let generator = Path::new(env!("CARGO_BIN_EXE_wildfirechat-bindgen"));
        let built = generator.parent().unwrap();
        // On the same disk as what is linked.
        let folder = tempfile::Builder::new().prefix("copied-tree-").tempdir_in(built.parent().unwrap()).unwrap();
        copy(&root(), folder.path(), &|name| !["target", ".git"].contains(&name), &|from, to| {
            fs::copy(from, to).map(drop)
        });
        let copied = folder.path().join("target").join(built.file_name().unwrap());
        // What the tree itself is made of is compiled anew.
        let is_dependency = |name: &str| !["wildfirechat", "xtask"].iter().any(|own| name.contains(own));
        copy(&built.join("deps"), &copied.join("deps"), &is_dependency, &|from, to| fs::hard_link(from, to));
        for kind in ["build", ".fingerprint"] {
            copy(&built.join(kind), &copied.join(kind), &is_dependency, &with_its_time);
        }
        Self { folder }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn take(&self, step: &Step) {
        if step.before.is_empty() {
            assert!(!self.path(step.file).exists(), "{} is there already", step.file);
            fs::write(self.path(step.file), step.text).unwrap();
            return;
        }
        let text = self.read(step.file);
        let places = text.matches(step.before).count();
        assert_eq!(places, 1, "{} has {places} places that begin with:\n{}", step.file, step.before);
        fs::write(self.path(step.file), text.replace(step.before, &format!("{}{}", step.text, step.before))).unwrap();
    }

    /// Undoes a step, and returns how to do it again.
    pub(crate) fn leave_out(&self, step: &Step) -> impl FnOnce() {
        let (file, text) = (self.path(step.file), self.read(step.file));
        if step.before.is_empty() {
            fs::remove_file(&file).unwrap();
        } else {
            let place = place_of(step, &text).unwrap_or_else(|| panic!("{} no longer has the step", step.file));
            let mut without = text.clone();
            without.replace_range(place, "");
            fs::write(&file, without).unwrap();
        }
        move || fs::write(file, text).unwrap()
    }

    /// What a check prints if it fails.
    pub(crate) fn failure(&self, check: Check) -> Option<String> {
        failure(match check {
            Check::Test(program, test) => {
                self.cargo("test", &["--test", program]).args(["--", "--exact", test]).output()
            }
            Check::Pages => self.pages().arg("--check").output(),
        })
    }

    /// Builds the library, and returns the file that has its metadata.
    pub(crate) fn library(&self) -> PathBuf {
        run(self.cargo("build", &["--lib", "--bins", "--example", "demo"]));
        self.built("libwildfirechat_message_native.a")
    }

    pub(crate) fn built(&self, file: &str) -> PathBuf {
        self.path("target/debug").join(file)
    }

    /// The generator's command that writes the pages.
    pub(crate) fn pages(&self) -> Command {
        let mut command = generator();
        command.arg("pages").arg("--library").arg(self.built("libwildfirechat_message_native.a"));
        command.arg("--program").arg(self.built("wildfirechat-message")).arg("--root").arg(self.folder.path());
        command
    }

    /// Cargo with the same crates and features as the runner has it, or else most dependencies would be compiled again.
    pub(crate) fn cargo(&self, command: &str, targets: &[&str]) -> Command {
        const SHIPPED: [&str; 3] = ["wildfirechat-message", "wildfirechat-message-cli", "wildfirechat-message-native"];
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(self.folder.path()).arg(command).arg("--offline").args(targets);
        cargo.args(SHIPPED.iter().flat_map(|name| ["--package", name]));
        // What cargo says to this test is not for the copy.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CARGO_") && name != "CARGO_HOME") {
                cargo.env_remove(name);
            }
        }
        cargo.env("CARGO_TARGET_DIR", self.path("target")).env("CARGO_INCREMENTAL", "1");
        // Nobody debugs what is built here, and without the information it is built sooner. Dependencies have none anyway.
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
        cargo
    }
}

/// Where a step's text is. `cargo xtask pages` may have filled the space between its first and its last line.
fn place_of(step: &Step, text: &str) -> Option<Range<usize>> {
    if let Some(begin) = text.find(step.text) {
        return Some(begin..begin + step.text.len());
    }
    let mut lines = step.text.lines().filter(|line| !line.is_empty());
    let (first, last) = (lines.next()?, lines.next_back()?);
    let begin = text.find(first)?;
    let end = begin + text[begin..].find(last)? + last.len();
    Some(begin..end)
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

pub(crate) fn generator() -> Command {
    Command::new(env!("CARGO_BIN_EXE_wildfirechat-bindgen"))
}

pub(crate) fn run(mut command: Command) {
    if let Some(failure) = failure(command.output()) {
        panic!("{command:?}\n{failure}");
    }
}

fn failure(output: io::Result<Output>) -> Option<String> {
    let output = output.unwrap();
    let texts = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    (!output.status.success()).then(|| texts.concat())
}

fn with_its_time(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    fs::File::options().write(true).open(to)?.set_modified(fs::metadata(from)?.modified()?)
}

fn copy(from: &Path, to: &Path, wanted: &dyn Fn(&str) -> bool, one: &dyn Fn(&Path, &Path) -> io::Result<()>) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if !wanted(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&from, &to, wanted, one);
        } else {
            one(&from, &to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        }
    }
}
