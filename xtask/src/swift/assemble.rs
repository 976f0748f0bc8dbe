//! Assembles the SwiftPM package from the hand-written sources, the generated sources and the library.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    native::{self, Library, Profile},
    shell::{Result, root, target},
};

pub(super) const NAME: &str = "WildfireChatMessage";

const LIBRARY: &str = "lib/libwildfirechat_message.a";

/// The files of a package, by their paths in it.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Builds the library and updates the package in `folder`; returns the folder of the package. Calls
/// `before_new_library` before it replaces the library.
///
/// A file whose text is the same is not written, so that the compiler has nothing to do. A file that is not part of the package
/// any more is removed.
pub(super) fn package(
    profile: Profile,
    folder: &Path,
    before_new_library: impl FnOnce() -> Result<()>,
) -> Result<PathBuf> {
    let library = native::library(profile)?;
    let mut files = development(&library)?;
    files.insert(LIBRARY.into(), fs::read(&library.archive).map_err(failed("the library"))?);
    let package = folder.join(NAME);
    if fs::read(package.join(LIBRARY)).ok().as_ref() != files.get(Path::new(LIBRARY)) {
        before_new_library()?;
    }
    bring_up_to_date(&package, &files).map_err(failed("assemble"))?;
    Ok(package)
}

/// The package as it is released, for one target: with its archive, for Swift 6.0 and later, by path.
pub(super) fn with_archive(folder: &Path, archive: &Path) -> Result<()> {
    let mut files = development(&native::library(Profile::Release)?)?;
    files.retain(|path, _| !path.starts_with("Tests") && !path.starts_with("examples"));
    // The demo and the tests are only in the checkout.
    let parts = manifest("Package.swift")?;
    let (library, rest) =
        parts.split_once("        // Of the checkout alone.\n").ok_or("Package.swift has no part of its own")?;
    let (_, end) = rest.split_once("        // So far.\n").ok_or("the checkout's part of Package.swift has no end")?;
    files.insert("Package.swift".into(), format!("{library}{end}").into_bytes());
    files.insert(LIBRARY.into(), fs::read(archive).map_err(failed("the archive"))?);
    bring_up_to_date(&folder.join(NAME), &files).map_err(failed("assemble"))
}

/// The files of a tag in the package's own repository: the sources, and the URL of the native library.
pub(super) fn repository(folder: &Path, native: &str) -> Result<()> {
    let mut files = development(&native::library(Profile::Release)?)?;
    let kept =
        |path: &Path| path.starts_with(format!("Sources/{NAME}")) || path.to_string_lossy().starts_with("LICENSE-");
    files.retain(|path, _| kept(path));
    let manifest = manifest("Package-of-the-repository.swift")?;
    files.insert("Package.swift".into(), manifest.replace(NATIVE, native).into_bytes());
    files.insert("README.md".into(), fs::read(root().join("bindings/swift/README.md")).map_err(failed("README.md"))?);
    fs::create_dir_all(folder).map_err(failed("assemble"))?;
    bring_up_to_date(folder, &files).map_err(failed("assemble"))
}

/// The place in the manifest where the native library is named.
const NATIVE: &str = "NATIVE_LIBRARY";

fn manifest(name: &str) -> Result<String> {
    let file = root().join("bindings/swift").join(name);
    fs::read_to_string(&file).map_err(failed("the manifest"))
}

/// The header and the module map of the native library.
pub(super) fn headers() -> Result<[(&'static str, String); 2]> {
    headers_in(&generated(&native::library(Profile::Release)?)?)
}

fn headers_in(generated: &Path) -> Result<[(&'static str, String); 2]> {
    let read = |name: &str| fs::read_to_string(generated.join(name)).map_err(failed(name));
    Ok([("module.modulemap", read(&format!("{NAME}FFI.modulemap"))?), (HEADER, read(HEADER)?)])
}

const HEADER: &str = "WildfireChatMessageFFI.h";

fn generated(library: &Library) -> Result<PathBuf> {
    let folder =
        target().join("swift/generated").join(library.shared.parent().and_then(Path::file_name).unwrap_or_default());
    native::generate(library, "swift", &folder)?;
    native::generate_facade(library, "swift", &folder)?;
    Ok(folder)
}

/// All files of the package without the native library.
fn development(library: &Library) -> Result<Files> {
    let generated = generated(library)?;
    let mut files = Files::new();
    let written = root().join("bindings/swift");
    for part in ["Package.swift", "Sources", "Tests", "examples"] {
        collect(&written.join(part), Path::new(part), &mut files).map_err(failed(part))?;
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        collect(&root().join(licence), Path::new(licence), &mut files).map_err(failed(licence))?;
    }
    let mut place = |to: String, text: String| files.insert(PathBuf::from(to), text.into_bytes());
    let read = |name: &str| fs::read_to_string(generated.join(name)).map_err(failed(name));
    const FACADE: [&str; 9] = [
        "Answers.swift",
        "AsyncOutbox+Methods.swift",
        "Contents.swift",
        "Durations+Records.swift",
        "MessageError.swift",
        "Numbers.swift",
        "Outbox+Methods.swift",
        "OutboxError+Cases.swift",
        "Sandbox+Methods.swift",
    ];
    let mut names: Vec<String> = FACADE.map(str::to_owned).into();
    names.push(format!("{NAME}.swift"));
    let entries = fs::read_dir(&generated).map_err(failed("the generated files"))?;
    let all = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.extend(all.filter(|name| name.ends_with("Client.swift")));
    for name in &names {
        place(format!("Sources/{NAME}/Generated/{name}"), read(name)?);
    }
    // SwiftPM finds a module map by this name only.
    for (name, text) in headers_in(&generated)? {
        place(format!("Sources/{NAME}FFI/{name}"), text);
    }
    Ok(files)
}

/// Removes a file or a folder, if it is there.
pub(super) fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(format!("{}: {error}", path.display())),
        _ => Ok(()),
    }
}

/// Adds `from`, a file or a folder, to `files`, under the path `at`.
fn collect(from: &Path, at: &Path, files: &mut Files) -> io::Result<()> {
    if !from.is_dir() {
        files.insert(at.to_owned(), fs::read(from)?);
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        collect(&entry.path(), &at.join(entry.file_name()), files)?;
    }
    Ok(())
}

fn bring_up_to_date(folder: &Path, files: &Files) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    remove_others(folder, Path::new(""), files)?;
    for (path, content) in files {
        let path = folder.join(path);
        if fs::read(&path).ok().as_ref() != Some(content) {
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(path, content)?;
        }
    }
    Ok(())
}

fn remove_others(folder: &Path, within: &Path, files: &Files) -> io::Result<()> {
    for entry in fs::read_dir(folder.join(within))? {
        let entry = entry?;
        let at = within.join(entry.file_name());
        let is_folder = entry.file_type()?.is_dir();
        match is_folder {
            true if files.keys().any(|file| file.starts_with(&at)) => remove_others(folder, &at, files)?,
            true => fs::remove_dir_all(entry.path())?,
            false if files.contains_key(&at) => {}
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

fn failed(what: &str) -> impl Fn(io::Error) -> String {
    move |error| format!("the Swift package, {what}: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_right_stays_untouched_and_what_does_not_belong_goes() {
        let folder = std::env::temp_dir().join(format!("xtask-assemble-{}", std::process::id()));
        let files = Files::from([("a/right".into(), b"1".to_vec()), ("a/b/new".into(), b"2".to_vec())]);
        fs::create_dir_all(folder.join("gone")).unwrap();
        fs::create_dir_all(folder.join("a")).unwrap();
        fs::write(folder.join("a/right"), "1").unwrap();
        fs::write(folder.join("a/stray"), "3").unwrap();
        let before = fs::metadata(folder.join("a/right")).unwrap().modified().unwrap();

        bring_up_to_date(&folder, &files).unwrap();

        let mut found = Files::new();
        collect(&folder, Path::new(""), &mut found).unwrap();
        assert_eq!(found, files);
        assert!(!folder.join("gone").exists());
        assert_eq!(fs::metadata(folder.join("a/right")).unwrap().modified().unwrap(), before);
        fs::remove_dir_all(folder).unwrap();
    }
}
