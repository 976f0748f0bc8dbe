//! `wildfirechat-bindgen`: uniffi's own command line, whose `generate` also makes our changes to what it has written, and
//! two more commands, `facade` and `pages`.

use std::{
    env, fs,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use clap::{Parser, ValueEnum};
use uniffi_bindgen::ComponentInterface;
use wildfirechat_message_bindgen::{api::Api, examples, kotlin, metadata, python, swift, tables, wrappers};

/// Writes the parts of a language's facade that follow from the library's metadata.
#[derive(Parser)]
#[command(bin_name = "wildfirechat-bindgen facade")]
struct Facade {
    /// The library as cargo built it (cdylib or staticlib), not stripped.
    #[arg(long)]
    library: Utf8PathBuf,

    #[arg(long, value_enum)]
    language: Language,

    /// The folder to write into; it is made when it is not there.
    #[arg(long)]
    out_dir: Utf8PathBuf,

    /// Kotlin: the package of the emitted file.
    #[arg(long, default_value = "chat.wildfire.message")]
    kotlin_package: String,

    /// Python: the module with uniffi's generated code, relative to the package. Its stub is written beside it.
    #[arg(long, default_value = "._native.wildfirechat_message")]
    python_native: String,

    /// Python: a hand-written base class for a record, `RECORD=MODULE:CLASS`. May be repeated.
    #[arg(long, value_parser = python::Base::parse)]
    python_base: Vec<python::Base>,

    /// Python: a record that cannot be changed. If it contains no list, it can be hashed.
    #[arg(long)]
    python_frozen: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Language {
    Python,
    Kotlin,
    Swift,
}

fn main() -> ExitCode {
    let command = env::args().nth(1).unwrap_or_default();
    let outcome = if command == "facade" {
        facade(&Facade::parse_from(env::args().skip(1)))
    } else if command == "pages" {
        pages(&Pages::parse_from(env::args().skip(1)))
    } else {
        // If this fails, it ends the process.
        uniffi::uniffi_bindgen_main();
        if command == "generate" { finish(&env::args().collect::<Vec<_>>()) } else { Ok(()) }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wildfirechat-bindgen {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Makes our changes to the files that uniffi's `generate` has written; its arguments say where they are.
fn finish(arguments: &[String]) -> Result<()> {
    let value = |names: [&str; 2]| {
        let at = arguments.iter().position(|argument| names.contains(&argument.as_str()))?;
        arguments.get(at + 1)
    };
    let (Some(language), Some(folder)) = (value(["--language", "-l"]), value(["--out-dir", "-o"])) else {
        return Ok(());
    };
    type Finished = fn(&str, &ComponentInterface) -> Result<String>;
    let (extension, finished): (_, Finished) = match language.as_str() {
        "python" => ("py", |text, _| python::machinery::patched(text)),
        "kotlin" => ("kt", kotlin::machinery::patched),
        "swift" => ("swift", swift::machinery::patched),
        _ => return Ok(()),
    };
    let library = arguments.get(2).context("the library stands behind `generate`")?;
    let interface = metadata::load(Utf8Path::new(library))?;
    for path in files_with(extension, Utf8Path::new(folder))? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        write_if_changed(&path, &finished(&text, &interface).with_context(|| format!("{path}"))?)?;
    }
    Ok(())
}

/// The files below a folder.
fn files_with(extension: &str, folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    for entry in folder.read_dir_utf8().with_context(|| format!("cannot list {folder}"))? {
        let path = entry?.into_path();
        if path.is_dir() {
            found.extend(files_with(extension, &path)?);
        } else if path.extension() == Some(extension) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Writes what follows from the library into the pages of a checkout, and the programs that hold the pages' examples.
#[derive(Parser)]
#[command(bin_name = "wildfirechat-bindgen pages")]
struct Pages {
    /// The library, with its metadata.
    #[arg(long)]
    library: Utf8PathBuf,

    /// The program `wildfirechat-message`, of whose help tables are made.
    #[arg(long)]
    program: Utf8PathBuf,

    /// The checkout.
    #[arg(long)]
    root: Utf8PathBuf,

    /// Changes nothing, and fails with the names of the files that are out of date.
    #[arg(long)]
    check: bool,
}

fn pages(options: &Pages) -> Result<()> {
    let interface = metadata::load(&options.library)?;
    let api = Api::of(&interface)?;
    let mut wrong = kept(options, examples::files(&interface, &api, &options.root)?)?;
    // A page may have both, so its tables go into the page that has its examples already.
    wrong.extend(kept(options, tables::files(&interface, &api, &options.root, &help(&options.program)?)?)?);
    anyhow::ensure!(wrong.is_empty(), "`cargo xtask pages` would write these anew: {}", wrong.join(", "));
    Ok(())
}

/// Writes the files; or, if nothing may change, returns the names of those that are out of date.
fn kept(options: &Pages, files: Vec<(String, String)>) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for (name, text) in files {
        let path = options.root.join(&name);
        if !options.check {
            write_if_changed(&path, &text)?;
        } else if fs::read_to_string(&path).map_or(true, |present| present != text) {
            wrong.push(name);
        }
    }
    Ok(wrong)
}

/// What the program prints for `--help`.
fn help(program: &Utf8Path) -> Result<String> {
    let output = Command::new(program).arg("--help").output().with_context(|| format!("cannot run {program}"))?;
    Ok(String::from_utf8(output.stdout)?)
}

fn facade(options: &Facade) -> Result<()> {
    let interface = metadata::load(&options.library)?;
    let (lists, mut api) = (metadata::number_lists(&interface)?, Api::of(&interface)?);
    let files = match options.language {
        Language::Python => {
            let native = &options.python_native;
            let mut files = vec![
                ("_numbers.py".into(), python::numbers(&lists)),
                (
                    "_records.py".into(),
                    python::records(&interface, native, &options.python_base, &options.python_frozen)?,
                ),
                ("_public.py".into(), python::public(&interface, &api, &lists, native)?),
                ("_bridge.py".into(), python::BRIDGE.into()),
                ("_dataclass.py".into(), python::DATACLASS.into()),
                ("_packing.py".into(), python::packing(&interface)),
                ("_endpoints.py".into(), python::endpoints(&api)?),
                ("_sandbox.py".into(), python::sandbox(&api)?),
                ("_outbox.py".into(), python::outbox(&api)?),
                ("_async_outbox.py".into(), python::async_outbox(&api)?),
                ("_errors.py".into(), python::errors(&api)?),
                ("_outbox_errors.py".into(), python::outbox_errors(&api, native)?),
                python::stub(&interface, native)?,
            ];
            files.extend(python::clients(&api)?.into_iter().map(|(name, text)| (format!("{name}.py"), text)));
            files
        }
        Language::Kotlin => {
            let package = &options.kotlin_package;
            let file = |name: &str| format!("{}/{name}.kt", package.replace('.', "/"));
            let mut files = vec![
                (file("Numbers"), kotlin::machinery::respelled(&kotlin::numbers(&lists, package))),
                (file("NativeCall"), kotlin::NATIVE_CALL.into()),
                (file("MessageException"), kotlin::errors(&api)?),
                (file("OutboxException"), kotlin::outbox_errors(&api)?),
                (file("Sandbox"), kotlin::sandbox(&api)?),
                (file("Outbox"), kotlin::outbox(&api)?),
                (file("CoroutineOutbox"), kotlin::coroutine_outbox(&api)?),
                (file("Builders"), kotlin::builders(&interface, &api.errors)?),
            ];
            files.extend(kotlin::clients(&api)?.into_iter().map(|(name, text)| (file(&name), text)));
            files
        }
        Language::Swift => {
            let wrappers = wrappers::wrappers(&interface);
            let [outbox, async_outbox] = swift::outboxes(&mut api)?;
            let mut files = vec![
                ("Numbers.swift".into(), swift::machinery::respelled(&swift::numbers(&lists))),
                ("MessageError.swift".into(), swift::machinery::respelled(&swift::errors(&api)?)),
                ("OutboxError+Cases.swift".into(), swift::machinery::respelled(&swift::outbox_errors(&api)?)),
                ("Durations+Records.swift".into(), swift::durations(&interface)?),
                ("Sandbox+Methods.swift".into(), swift::machinery::respelled(&swift::sandbox(&mut api)?)),
                ("Outbox+Methods.swift".into(), swift::machinery::respelled(&outbox)),
                ("AsyncOutbox+Methods.swift".into(), swift::machinery::respelled(&async_outbox)),
                ("Answers.swift".into(), swift::machinery::respelled(&swift::answers(&api)?)),
                ("Contents.swift".into(), swift::machinery::respelled(&swift::wrappers(&wrappers)?)),
            ];
            let clients = swift::clients(&mut api)?.into_iter();
            files.extend(clients.map(|(name, text)| (format!("{name}.swift"), swift::machinery::respelled(&text))));
            files
        }
    };
    files.iter().try_for_each(|(name, text)| write_if_changed(&options.out_dir.join(name), text))
}

/// Writes a file only if its text changes, so that compilers have nothing to do otherwise.
fn write_if_changed(path: &Utf8Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    let folder = path.parent().expect("a file is in a folder");
    fs::create_dir_all(folder).with_context(|| format!("cannot make {folder}"))?;
    fs::write(path, text).with_context(|| format!("cannot write {path}"))
}
