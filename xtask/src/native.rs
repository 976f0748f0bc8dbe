//! The native library and the bindings generated from it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::UNIX_EPOCH,
};

use crate::shell::{Result, outside_of_cargo, root, run, target};

/// How the native library is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// For tests and the demo: quick to build.
    Dev,
    /// For what is shipped.
    Release,
}

/// The files of the library that the bindings need.
#[derive(Debug, Clone)]
pub(crate) struct Library {
    /// `libwildfirechat_message.so`, `.dylib` or `wildfirechat_message.dll`.
    pub(crate) shared: PathBuf,
    /// `libwildfirechat_message.a`.
    pub(crate) archive: PathBuf,
}

/// Cargo's profile for the packages, and the name of the folder in which it builds.
pub(crate) const PACKED: &str = "packed";

/// The name of the library's archive in packages.
pub(crate) const ARCHIVE: &str = "libwildfirechat_message.a";

/// The name that cargo gives a file of the library: it is built from the crate that contains library and program.
pub(crate) fn as_built(file: &str) -> String {
    file.replace("wildfirechat_message", "wildfirechat_message_native")
}

static RELEASE: OnceLock<Result<Library>> = OnceLock::new();

/// Uses a library that was already built for release, with its symbols, instead of building one.
pub(crate) fn take_for_release(library: Library) {
    // If another one is set already, that one is as good.
    let _ = RELEASE.set(Ok(library));
}

/// Builds the library as the packages contain it; only once per run, even if several languages ask for it.
///
/// For tests and the demo, the programs are built too. Their development dependencies set features of crates that the
/// library also uses: a build without the programs would compile the library and its dependencies once more.
pub(crate) fn library(profile: Profile) -> Result<Library> {
    static DEV: OnceLock<Result<Library>> = OnceLock::new();
    let (cell, folder, what, flags): (_, _, _, &[&str]) = match profile {
        Profile::Dev => (&DEV, "debug", "the library and its programs", &["--bins", "--example", "demo"]),
        Profile::Release => (&RELEASE, PACKED, "the library for release", &["--profile", PACKED]),
    };
    cell.get_or_init(|| {
        run(&format!("build {what}"), cargo_library("build").arg("--lib").args(flags))?;
        let folder = target().join(folder);
        let shared = format!("{}wildfirechat_message{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        let named = |file: &str| under_its_name(&folder, file).map_err(|error| format!("{file}: {error}"));
        Ok(Library { shared: named(&shared)?, archive: named(ARCHIVE)? })
    })
    .clone()
}

/// Gives a file that cargo built in `folder` its name in packages, by a hard link: so it keeps its time.
fn under_its_name(folder: &Path, file: &str) -> io::Result<PathBuf> {
    let named = folder.join("packed-names");
    fs::create_dir_all(&named)?;
    let named = named.join(file);
    match fs::remove_file(&named) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::hard_link(folder.join(as_built(file)), &named)?,
    }
    Ok(named)
}

/// Writes what uniffi generates for `language` (python, kotlin, swift) into `folder`.
pub(crate) fn generate(library: &Library, language: &str, folder: &Path) -> Result<()> {
    let label = format!("generate the {language} bindings");
    written_by_generator(library, &label, folder, |command, scratch| {
        let command = command.arg("generate").arg(&library.shared);
        command.args(["--language", language, "--no-format", "--out-dir"]).arg(scratch)
    })
}

/// The hand-written classes from which Python's records inherit, because type checkers see nothing that is added to a class later.
/// And the records that cannot be changed.
const PYTHON_ADDITIONS: [&str; 22] = [
    "--python-base=Conversation=._shorthands:ConversationShorthands",
    "--python-base=MessagePayload=._shorthands:PayloadShorthands",
    "--python-base=CensorAnswer=._shorthands:CensorShorthands",
    "--python-base=ContentExtras=._shorthands:ExtrasShorthands",
    "--python-base=Mention=._shorthands:MentionShorthands",
    "--python-base=TextContent=._shorthands:TextShorthands",
    "--python-base=Message=._shorthands:MessageShorthands",
    "--python-base=ClientOptions=._shorthands:ClientOptionsShorthands.__post_init__",
    "--python-base=BulkOptions=._shorthands:OptionsShorthands.__post_init__",
    // Records that name something, that the library returns, or that are checked when they are made.
    "--python-frozen=Conversation",
    "--python-frozen=SentMessage",
    "--python-frozen=BroadcastMessage",
    "--python-frozen=RecalledMessage",
    "--python-frozen=ClientInfo",
    "--python-frozen=UserInfo",
    "--python-frozen=GroupInfo",
    "--python-frozen=BulkProgress",
    "--python-frozen=Header",
    "--python-frozen=ClientStats",
    "--python-frozen=LatencyBucket",
    "--python-frozen=ClientOptions",
    "--python-frozen=BulkOptions",
];

/// Writes what our own generator adds for `language` into `folder`.
pub(crate) fn generate_facade(library: &Library, language: &str, folder: &Path) -> Result<()> {
    let label = format!("generate the {language} additions");
    written_by_generator(library, &label, folder, |command, scratch| {
        let command = command.args(["facade", "--library"]).arg(&library.shared);
        let command = command.args(["--language", language, "--out-dir"]).arg(scratch);
        if language == "python" { command.args(PYTHON_ADDITIONS) } else { command }
    })
}

/// Writes the examples and tables of the pages, and the programs that run the examples; or only compares them.
pub(crate) fn pages(only_checks: bool) -> Result<()> {
    let library = library(Profile::Dev)?;
    let mut command = Command::new(generator()?);
    command.arg("pages").arg("--library").arg(&library.shared).arg("--root").arg(root());
    // It was built together with the library.
    let program = format!("wildfirechat-message{}", std::env::consts::EXE_SUFFIX);
    command.arg("--program").arg(target().join("debug").join(program));
    let label = if only_checks { "check the examples of the pages" } else { "write the examples of the pages" };
    run(label, command.args(only_checks.then_some("--check"))).map(drop)
}

/// A command that runs cargo in the project's top folder.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    outside_of_cargo(command.current_dir(root()));
    command
}

/// The crate from which the library of the packages is built: it contains the library and the program, with the features of both.
pub(crate) const NATIVE: &str = "wildfirechat-message-native";

/// The crates that are released, as crates or in the packages of other languages.
pub(crate) const SHIPPED: [&str; 3] = ["wildfirechat-message", "wildfirechat-message-cli", NATIVE];

/// The features with which the library is released, for builds of the library alone.
pub(crate) const FEATURES: &str = "bindings,outbox-servers";

/// A command that runs cargo on the library and its program, as packages contain them. Every command uses this same selection of
/// crates and features, because with another one cargo would build most dependencies a second time.
pub(crate) fn cargo_library(subcommand: &str) -> Command {
    let mut command = cargo();
    command.arg(subcommand).args(SHIPPED.iter().flat_map(|name| ["--package", name]));
    command
}

/// A command that runs cargo on the project's own tools. They are built apart from the library, because the library's uniffi would
/// otherwise be built again with the features of the generator.
pub(crate) fn cargo_tools(subcommand: &str) -> Command {
    let mut command = cargo();
    command.args([subcommand, "--package", "wildfirechat-message-bindgen", "--package", "xtask"]);
    command
}

/// Runs the generator, unless it has already run for exactly this library, and updates `folder`.
/// A file whose text is the same is not written, so that compilers have nothing to do.
fn written_by_generator(
    library: &Library,
    label: &str,
    folder: &Path,
    arguments: impl for<'a> FnOnce(&'a mut Command, &Path) -> &'a mut Command,
) -> Result<()> {
    let generator = generator()?;
    let scratch = target().join("xtask").join(label.replace(' ', "-")).join(file_name(library.shared.parent()));
    let stamp = scratch.with_extension("made-from");
    let in_files = |error: io::Error| format!("{label}: {error}");
    let mut command = Command::new(&generator);
    arguments(command.current_dir(root()), &scratch);
    let files = [&library.shared, &generator, &root().join("uniffi.toml")].map(|file| version(file)).concat();
    let made_from = format!("{files}{command:?}\n");
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&made_from) {
        if scratch.exists() {
            fs::remove_dir_all(&scratch).map_err(in_files)?;
        }
        fs::create_dir_all(&scratch).map_err(in_files)?;
        run(label, &mut command)?;
        fs::write(&stamp, made_from).map_err(in_files)?;
    }
    copy_what_differs(&scratch, folder).map_err(in_files)
}

/// Builds the generator, once per run.
fn generator() -> Result<PathBuf> {
    static GENERATOR: OnceLock<Result<PathBuf>> = OnceLock::new();
    GENERATOR
        .get_or_init(|| {
            let mut command = cargo();
            run("build the bindings generator", command.args(["build", "--package", "wildfirechat-message-bindgen"]))?;
            Ok(target().join("debug").join(format!("wildfirechat-bindgen{}", std::env::consts::EXE_SUFFIX)))
        })
        .clone()
}

/// Identifies the state of a file: its path, length and time.
fn version(file: &Path) -> String {
    let (length, changed) = fs::metadata(file)
        .map(|metadata| {
            (metadata.len(), metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()))
        })
        .unwrap_or_default();
    format!("{} {length} {:?}\n", file.display(), changed.unwrap_or_default())
}

fn file_name(folder: Option<&Path>) -> &std::ffi::OsStr {
    folder.and_then(Path::file_name).unwrap_or_default()
}

fn copy_what_differs(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, copy) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_what_differs(&source, &copy)?;
        } else {
            let wanted = fs::read(&source)?;
            if fs::read(&copy).ok().as_ref() != Some(&wanted) {
                fs::write(&copy, wanted)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_right_stays_untouched() {
        let folder = std::env::temp_dir().join(format!("xtask-copy-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        fs::create_dir_all(from.join("deep")).unwrap();
        fs::create_dir_all(to.join("deep")).unwrap();
        fs::write(from.join("same"), "1").unwrap();
        fs::write(from.join("deep/other"), "new").unwrap();
        fs::write(to.join("same"), "1").unwrap();
        fs::write(to.join("deep/other"), "old").unwrap();
        fs::write(to.join("by-hand"), "kept").unwrap();
        let before = fs::metadata(to.join("same")).unwrap().modified().unwrap();

        copy_what_differs(&from, &to).unwrap();

        assert_eq!(fs::metadata(to.join("same")).unwrap().modified().unwrap(), before);
        assert_eq!(fs::read_to_string(to.join("deep/other")).unwrap(), "new");
        assert_eq!(fs::read_to_string(to.join("by-hand")).unwrap(), "kept");
        fs::remove_dir_all(folder).unwrap();
    }
}
