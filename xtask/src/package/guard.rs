//! Checks the packed files themselves, whatever the build was told to do: processor, glibc, paths, symbols, sizes, licences.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use goblin::{
    Object, archive::Archive, elf::Elf, elf::header::EM_AARCH64, elf::header::EM_X86_64, mach::Mach, pe::PE,
    pe::header::COFF_MACHINE_X86_64,
};
use zip::{ZipArchive, result::ZipError};

use super::{
    licences, slim,
    targets::{self, Libc, Processor, Target},
    toolchain,
};
use crate::shell::{Result, root, run};

const MB: u64 = 1_000_000;

/// The largest sizes in bytes of the native files themselves, in whatever they are packed. docs/platforms.md tells why so large.
pub(super) const LARGEST_LIBRARY: u64 = 125 * MB / 10;
pub(super) const LARGEST_PROGRAM: u64 = 11 * MB;
pub(super) const LARGEST_SANDBOX: u64 = 2 * MB;

/// The largest size in bytes of a library as it lies in a jar.
const LARGEST_PACKED_LIBRARY: u64 = 55 * MB / 10;

/// goblin has no name for it yet.
const EM_LOONGARCH: u16 = 258;

/// The kind of a packed file. It decides how large the file may be, and where its native files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Wheel(&'static Target),
    /// The Python source package, which has no native files.
    Sdist,
    /// With this number of native files.
    Jar(usize),
    /// The same with Kotlin's library and JNA inside. JNA has native files of its own.
    ProgramJar(usize),
    /// The bundle of this number of archives.
    Swift(usize),
    /// The Swift package with the archive of one target.
    SwiftPackage(&'static Target),
    Program(&'static Target),
}

impl Kind {
    /// The largest size in bytes.
    pub(super) fn budget(self) -> u64 {
        match self {
            // The library, the program and the outbox's databases: docs/adr/0027 and 0030.
            Self::Wheel(_) => LARGEST_PACKED_LIBRARY,
            Self::Sdist => 2 * MB,
            // The classes, with those of clients that do not block and of the outbox; and the natives.
            Self::Jar(natives) => 15 * MB / 10 + natives as u64 * LARGEST_PACKED_LIBRARY,
            Self::ProgramJar(natives) => Self::Jar(natives).budget() + 3 * MB,
            Self::Swift(archives) => archives as u64 * 75 * MB / 10,
            Self::SwiftPackage(_) => 75 * MB / 10,
            Self::Program(_) => 55 * MB / 10,
        }
    }

    /// The target of the native file at `path` in the package.
    fn target_of(self, path: &Path) -> Option<&'static Target> {
        let text = path.to_string_lossy().replace('\\', "/");
        match self {
            Self::Wheel(target) | Self::Program(target) | Self::SwiftPackage(target) => Some(target),
            Self::Sdist => None,
            Self::Jar(_) | Self::ProgramJar(_) => targets::ALL.iter().find(|target| {
                target.jna.is_some_and(|folder| text.ends_with(&format!("{folder}/{}", target.shared())))
            }),
            Self::Swift(_) => targets::ALL.iter().find(|target| text.contains(target.triple)),
        }
    }

    fn natives(self) -> usize {
        match self {
            Self::Wheel(_) | Self::Program(_) | Self::SwiftPackage(_) => 1,
            Self::Sdist => 0,
            Self::Jar(natives) | Self::ProgramJar(natives) | Self::Swift(natives) => natives,
        }
    }

    /// Whether the file at `path` is an unchanged file of another project.
    fn is_of_others(self, path: &Path) -> bool {
        matches!(self, Self::ProgramJar(_)) && path.starts_with("com/sun/jna")
    }
}

/// Checks that a packed file keeps everything that is promised of it. Returns its size.
pub(crate) fn packed(kind: Kind, file: &Path) -> Result<u64> {
    let size = fs::metadata(file).map_err(in_file(file))?.len();
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if size > kind.budget() {
        return Err(format!("{name} has {size} bytes; at most {} are allowed", kind.budget()));
    }
    let folder = crate::shell::target().join("package/looked-into").join(&name);
    let _ = fs::remove_dir_all(&folder);
    unpack(file, &folder)?;
    let mut files = Vec::new();
    list(&folder, &mut files).map_err(in_file(&folder))?;
    let mut natives = Vec::new();
    for inside in &files {
        let path = inside.strip_prefix(&folder).unwrap_or(inside);
        let content = fs::read(inside).map_err(in_file(inside))?;
        if kind.is_of_others(path) {
            continue;
        }
        let mut fault = if is_native(&content) {
            match kind.target_of(path) {
                Some(target) => {
                    natives.push(target);
                    let mut faults = faults(target, path, &content);
                    faults.extend(matches!(kind, Kind::Program(_)).then(|| cannot_be_run(inside)).flatten());
                    faults
                }
                None => vec!["it is a native file, and no target has one at this place".to_owned()],
            }
        } else {
            paths_in(&content)
        };
        fault.extend(of_the_tests(path, &content));
        if !fault.is_empty() {
            return Err(format!("{name}, {}: {}", path.display(), fault.join("; ")));
        }
    }
    if natives.len() != kind.natives() {
        return Err(format!("{name} contains {} native files instead of {}", natives.len(), kind.natives()));
    }
    if kind == Kind::Sdist {
        // Whoever builds it may be anywhere.
        natives.extend(&targets::ALL);
    }
    licences::check(&name, &files, &natives)?;
    if matches!(kind, Kind::Jar(_) | Kind::ProgramJar(_)) {
        licences::check_the_jars_own(&name, &files)?;
        each_library_in_the_jar(kind, &name, file)?;
    }
    let _ = fs::remove_dir_all(&folder);
    Ok(size)
}

/// Checks that one native file keeps what its target promises.
pub(crate) fn native_file(target: &Target, file: &Path) -> Result<()> {
    let content = fs::read(file).map_err(in_file(file))?;
    match faults(target, file, &content).as_slice() {
        [] => Ok(()),
        faults => Err(format!("{}: {}", file.display(), faults.join("; "))),
    }
}

/// Everything that is wrong with a native file, in words.
fn faults(target: &Target, path: &Path, content: &[u8]) -> Vec<String> {
    let mut faults = match Object::parse(content) {
        Ok(Object::Elf(elf)) => of_elf(target, &elf, path.extension().is_some_and(|extension| extension == "o")),
        Ok(Object::PE(pe)) => of_pe(target, &pe),
        Ok(Object::Archive(archive)) => of_archive(target, &archive, content),
        // Only a Mac makes one, and it is looked at there: by the linker and by codesign.
        Ok(Object::Mach(Mach::Binary(_) | Mach::Fat(_))) if target.libc == Libc::Apple => Vec::new(),
        Ok(_) => vec!["it is not a native file of this target".to_owned()],
        Err(error) => vec![format!("it cannot be read: {error}")],
    };
    faults.extend(paths_in(content));
    faults.extend(too_large(target, path, content.len()));
    faults.extend(more_of_sqlite(content));
    faults
}

/// Whether SQLite was built with what .cargo/config.toml leaves out: a build that has not read those settings.
fn more_of_sqlite(content: &[u8]) -> Option<String> {
    const OF_ITS_SEARCH: &[u8] = b"fts5: syntax error near";
    contains(content, OF_ITS_SEARCH).then(|| "it has SQLite's full-text search, which nothing here uses".to_owned())
}

/// Whether a library or a program is larger than any may be.
fn too_large(target: &Target, path: &Path, size: usize) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let limits = [
        (target.shared().to_owned(), LARGEST_LIBRARY),
        (target.program(targets::PROGRAM), LARGEST_PROGRAM),
        (target.program(targets::SANDBOX), LARGEST_SANDBOX),
    ];
    let (_, limit) = limits.into_iter().find(|(file, _)| file == name)?;
    (size as u64 > limit).then(|| format!("it has {size} bytes, more than its {limit}"))
}

/// Holds each library in a jar to the room that it may take there: beside a small one, none may take the room of two.
fn each_library_in_the_jar(kind: Kind, name: &str, file: &Path) -> Result<()> {
    let in_zip = |error: ZipError| format!("{name}: {error}");
    let mut jar = ZipArchive::new(File::open(file).map_err(in_file(file))?).map_err(in_zip)?;
    for at in 0..jar.len() {
        let entry = jar.by_index(at).map_err(in_zip)?;
        let path = entry.name().map_err(in_zip)?.into_owned();
        let size = entry.compressed_size();
        if kind.target_of(Path::new(&path)).is_some() && size > LARGEST_PACKED_LIBRARY {
            return Err(format!("{name}, {path}: it takes {size} bytes there, more than its {LARGEST_PACKED_LIBRARY}"));
        }
    }
    Ok(())
}

fn of_elf(target: &Target, elf: &Elf<'_>, is_object: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let machine = match target.processor {
        Processor::X86_64 => EM_X86_64,
        Processor::Aarch64 => EM_AARCH64,
        Processor::Loongarch64 => EM_LOONGARCH,
    };
    if elf.header.e_machine != machine || matches!(target.libc, Libc::Windows | Libc::Apple) {
        faults.push(format!("it is for another machine (ELF, {}) than {}", elf.header.e_machine, target.triple));
    }
    let sections = || elf.section_headers.iter().filter_map(|section| elf.shdr_strtab.get_at(section.sh_name));
    if sections().any(|name| name.starts_with(".debug_") || name == ".llvmbc") {
        faults.push("it has debug information".to_owned());
    }
    if is_object {
        return faults;
    }
    if !elf.syms.is_empty() {
        faults.push("it is not stripped".to_owned());
    }
    let floor = match target.libc {
        Libc::Glibc(major, minor) => Some((major, minor)),
        Libc::Musl | Libc::Windows | Libc::Apple => None,
    };
    match (newest_glibc(elf), floor) {
        (Some(newest), Some(floor)) if newest > floor => faults
            .push(format!("it needs GLIBC_{}.{}, but its target promises {}.{}", newest.0, newest.1, floor.0, floor.1)),
        (Some(newest), None) => faults.push(format!("it needs glibc {}.{}", newest.0, newest.1)),
        _ => {}
    }
    let defined = elf.dynsyms.iter().filter(|symbol| !symbol.is_import() && symbol.st_name != 0);
    faults.extend(exports_too_much(defined.filter_map(|symbol| elf.dynstrtab.get_at(symbol.st_name))));
    let foreign: Vec<&str> = elf.libraries.iter().copied().filter(|name| !is_of_the_system(target, name)).collect();
    if !foreign.is_empty() {
        faults.push(format!("it needs {}, which not every system has", foreign.join(", ")));
    }
    faults
}

/// A library that exports more than its generated code calls also keeps all that code, and its names may clash with those of
/// other libraries in the same program.
fn exports_too_much<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    // The last but one is what ring is written in Rust for, where it has no assembler for the processor.
    const OURS: [&str; 5] = ["ffi_", "uniffi_", "UNIFFI_META_", "ring_core_", slim::PROGRAM];
    let foreign: Vec<&str> = names.filter(|name| !OURS.iter().any(|start| name.starts_with(start))).collect();
    let first = foreign.first()?;
    Some(format!("it exports names that nobody uses ({}): {first}", foreign.len()))
}

/// The newest version of glibc's symbols that the file asks for.
fn newest_glibc(elf: &Elf<'_>) -> Option<(u32, u32)> {
    let needed = elf.verneed.as_ref()?;
    let versions = needed.iter().flat_map(|file| file.iter().collect::<Vec<_>>());
    let names = versions.filter_map(|version| elf.dynstrtab.get_at(version.vna_name));
    names.filter_map(glibc_version).max()
}

/// `GLIBC_2.17` and `GLIBC_2.2.5`; what is private to glibc, `GLIBC_PRIVATE`, fits one version only.
fn glibc_version(name: &str) -> Option<(u32, u32)> {
    let version = name.strip_prefix("GLIBC_")?;
    let mut numbers = version.split('.').map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Some((major, minor)),
        _ => Some((u32::MAX, 0)),
    }
}

fn is_of_the_system(target: &Target, library: &str) -> bool {
    const GLIBC: [&str; 7] = ["libc.so.", "libm.so.", "libpthread.so.", "libdl.so.", "librt.so.", "ld-linux-", "ld64"];
    match target.libc {
        Libc::Glibc(..) => GLIBC.iter().any(|start| library.starts_with(start)),
        Libc::Musl => library == "libc.so",
        Libc::Windows | Libc::Apple => false,
    }
}

fn of_pe(target: &Target, pe: &PE<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    if target.libc != Libc::Windows || pe.header.coff_header.machine != COFF_MACHINE_X86_64 {
        faults.push(format!("it is for Windows, and for another machine than {}", target.triple));
    }
    let names = pe.sections.iter().filter_map(|section| section.name().ok());
    if names.clone().any(|name| name.starts_with(".debug_")) {
        faults.push("it has debug information".to_owned());
    }
    faults.extend(exports_too_much(pe.exports.iter().filter_map(|export| export.name)));
    // What Windows itself brings, from 10 on.
    const WINDOWS: [&str; 16] = [
        "advapi32.dll",
        "bcrypt.dll",
        "bcryptprimitives.dll",
        "combase.dll",
        "crypt32.dll",
        "dbghelp.dll",
        "kernel32.dll",
        "msvcrt.dll",
        "ntdll.dll",
        "ole32.dll",
        "oleaut32.dll",
        "secur32.dll",
        "shell32.dll",
        "user32.dll",
        "userenv.dll",
        "ws2_32.dll",
    ];
    let is_known = |name: &str| WINDOWS.contains(&name) || name.starts_with("api-ms-win-");
    let mut foreign: Vec<String> =
        pe.libraries.iter().map(|name| name.to_lowercase()).filter(|name| !is_known(name)).collect();
    foreign.sort();
    foreign.dedup();
    if !foreign.is_empty() {
        faults.push(format!("it needs {}, which not every Windows has", foreign.join(", ")));
    }
    faults
}

fn of_archive(target: &Target, archive: &Archive<'_>, content: &[u8]) -> Vec<String> {
    let mut faults = Vec::new();
    for member in archive.members() {
        match archive.extract(member, content).map(Object::parse) {
            Ok(Ok(Object::Elf(elf))) => faults.extend(of_elf(target, &elf, true)),
            // An object for Windows, which goblin tells from others by its header alone.
            Ok(Ok(Object::COFF(_))) if target.libc == Libc::Windows => {}
            Ok(Ok(Object::Mach(_))) if target.libc == Libc::Apple => {}
            _ => faults.push(format!("{member} is not an object file of this target")),
        }
    }
    faults.sort();
    faults.dedup();
    faults
}

/// What of this machine stands in a file: no user has any business with it, and a build elsewhere would differ.
fn paths_in(content: &[u8]) -> Vec<String> {
    let found = paths_of_this_machine().into_iter().filter(|path| contains(content, path.as_bytes()));
    found.map(|path| format!("it names {path} of the machine that built it")).collect()
}

/// Whether a program lacks the right to be run, which an archive carries along.
#[cfg(unix)]
fn cannot_be_run(program: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let is_for_all = fs::metadata(program).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 == 0o111);
    (!is_for_all).then(|| "not everybody may run it".to_owned())
}

#[cfg(not(unix))]
fn cannot_be_run(_: &Path) -> Option<String> {
    None
}

/// What only a build for development has, as the generated code and the native library call it: it panics.
const METHOD_OF_THE_TESTS: &[u8] = b"panic_in_a_call";

/// Whether a file was made of, or for, a build for development. The source package has the method in the crate's source.
fn of_the_tests(path: &Path, content: &[u8]) -> Option<String> {
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    (!is_rust && contains(content, METHOD_OF_THE_TESTS))
        .then(|| "it contains the method that panics, which is only for tests".to_owned())
}

fn paths_of_this_machine() -> Vec<String> {
    let mut paths = vec![root().to_owned(), cargo_home()];
    paths.extend(std::env::var_os("HOME").map(PathBuf::from));
    paths.extend(toolchain::sysroot().ok());
    paths.extend(toolchain::cache().ok());
    let is_telling = |path: &PathBuf| path.components().count() > 1;
    paths.into_iter().filter(is_telling).map(|path| format!("{}/", path.display())).collect()
}

/// Where cargo keeps what it fetched.
pub(super) fn cargo_home() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home).unwrap_or_default()
}

fn contains(content: &[u8], wanted: &[u8]) -> bool {
    !wanted.is_empty() && memchr::memmem::find(content, wanted).is_some()
}

fn is_native(content: &[u8]) -> bool {
    const MAGICS: [&[u8]; 6] =
        [b"\x7fELF", b"MZ", b"!<arch>\n", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbf", b"\xce\xfa\xed\xfe"];
    MAGICS.iter().any(|magic| content.starts_with(magic))
}

/// Unpacks any of the forms in which something is released.
pub(crate) fn unpack(file: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(in_file(folder))?;
    let name = file.to_string_lossy();
    let mut command = if name.ends_with(".tar.gz") || name.ends_with(".crate") {
        let mut command = Command::new("tar");
        command.arg("-xzf").arg(file).arg("-C").arg(folder);
        command
    } else {
        let mut command = Command::new("python3");
        command.args(["-m", "zipfile", "-e"]).arg(file).arg(folder);
        command
    };
    run("unpack what was packed", &mut command).map(drop)
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { list(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

fn in_file(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    use super::*;

    /// This very program: built for this machine's own glibc, with symbols, and with paths in it.
    fn built_without_a_floor() -> PathBuf {
        std::env::current_exe().unwrap()
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
    fn a_file_that_was_built_without_the_floor_is_refused() {
        let target = Target::named("x86_64-unknown-linux-gnu").unwrap();
        let refusal = native_file(target, &built_without_a_floor()).unwrap_err();
        assert!(refusal.contains("it needs GLIBC_2."), "{refusal}");
        assert!(refusal.contains("its target promises 2.17"), "{refusal}");
        assert!(refusal.contains("it is not stripped"), "{refusal}");
        assert!(refusal.contains("libgcc_s.so.1, which not every system has"), "{refusal}");
        assert!(refusal.contains(&format!("it names {}/ of the machine", root().display())), "{refusal}");
    }

    /// A library as `cargo build` makes it: for this machine's own glibc.
    fn library_without_a_floor(folder: &Path) -> PathBuf {
        let (source, library) = (folder.join("library.rs"), folder.join("libwildfirechat_message.so"));
        let code = "#[unsafe(no_mangle)] pub extern \"C\" fn threads() { std::thread::spawn(|| ()).join().ok(); }";
        fs::write(&source, code).unwrap();
        let mut rustc = Command::new("rustc");
        rustc.args(["--edition=2024", "--crate-type=cdylib", "-Cstrip=symbols", "-o"]).arg(&library).arg(&source);
        assert!(rustc.status().unwrap().success());
        library
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
    fn a_wheel_with_a_library_that_was_built_without_the_floor_is_refused() {
        let folder = std::env::temp_dir().join(format!("xtask-guard-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (library, wheel) = (library_without_a_floor(&folder), folder.join("without-a-floor.whl"));
        let mut zip = Command::new("python3");
        assert!(zip.args(["-m", "zipfile", "-c"]).arg(&wheel).arg(&library).status().unwrap().success());
        let kind = Kind::Wheel(Target::named("x86_64-unknown-linux-gnu").unwrap());

        let refusal = packed(kind, &wheel).unwrap_err();

        println!("{refusal}");
        assert!(refusal.starts_with("without-a-floor.whl, libwildfirechat_message.so: it needs GLIBC_2."), "{refusal}");
        assert!(refusal.contains(", but its target promises 2.17"), "{refusal}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
    fn an_archive_with_a_program_that_nobody_may_run_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("xtask-guard-run-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (program, archive) = (folder.join("wildfirechat-sandbox"), folder.join("nobody-runs-it.tar.gz"));
        fs::copy("/bin/true", &program).unwrap();
        let kind = Kind::Program(Target::named("x86_64-unknown-linux-gnu").unwrap());
        for (mode, is_refused) in [(0o644, true), (0o744, true), (0o755, false)] {
            fs::set_permissions(&program, fs::Permissions::from_mode(mode)).unwrap();
            let mut tar = Command::new("tar");
            tar.arg("-czf").arg(&archive).arg("-C").arg(&folder).arg("wildfirechat-sandbox");
            assert!(tar.status().unwrap().success());

            let refusal = packed(kind, &archive).unwrap_err();

            assert_eq!(refusal.contains("not everybody may run it"), is_refused, "{mode:o}: {refusal}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_has_the_method_that_panics_is_refused_but_for_its_source() {
        let symbol = b"uniffi_fn_method_nativemessageclient_panic_in_a_call";
        assert!(of_the_tests(Path::new("wildfirechat_message.so"), symbol).is_some());
        assert!(of_the_tests(Path::new("_native/wildfirechat_message.py"), symbol).is_some());
        assert!(of_the_tests(Path::new("rust/src/client.rs"), symbol).is_none());
        assert!(of_the_tests(Path::new("wildfirechat_message.so"), b"send_message").is_none());
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
    fn a_file_for_another_machine_is_refused() {
        for (triple, words) in [
            ("aarch64-unknown-linux-gnu", "for another machine (ELF, 62) than aarch64-unknown-linux-gnu"),
            ("x86_64-pc-windows-gnullvm", "for another machine (ELF, 62) than x86_64-pc-windows-gnullvm"),
            ("x86_64-unknown-linux-musl", "it needs glibc 2."),
        ] {
            let refusal = native_file(Target::named(triple).unwrap(), &built_without_a_floor()).unwrap_err();
            assert!(refusal.contains(words), "{refusal}");
        }
    }

    #[test]
    fn a_native_file_that_is_larger_than_it_may_be_is_refused_and_others_have_no_limit() {
        let target = Target::named("x86_64-pc-windows-gnullvm").unwrap();
        let of = |file: &str, size: u64| too_large(target, Path::new(file), size as usize);
        assert_eq!(of("wildfirechat_message.dll", LARGEST_LIBRARY), None);
        assert_eq!(of("bin/wildfirechat-message.exe", LARGEST_PROGRAM), None);
        assert_eq!(of("jnidispatch.dll", LARGEST_LIBRARY + 1), None);
        let refusal = of("win32-x86-64/wildfirechat_message.dll", LARGEST_LIBRARY + 1).unwrap();
        assert_eq!(refusal, "it has 12500001 bytes, more than its 12500000");
        assert!(of("wildfirechat-message.exe", LARGEST_PROGRAM + 1).is_some());
        assert!(of("wildfirechat-sandbox.exe", LARGEST_SANDBOX + 1).is_some());
    }

    #[test]
    fn a_jar_with_a_library_that_takes_too_much_room_is_refused() {
        let folder = std::env::temp_dir().join(format!("xtask-guard-jar-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("large.jar");
        for (size, is_refused) in [(LARGEST_PACKED_LIBRARY, false), (LARGEST_PACKED_LIBRARY + 1, true)] {
            let mut jar = ZipWriter::new(File::create(&file).unwrap());
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            jar.start_file("linux-x86-64/libwildfirechat_message.so", options).unwrap();
            jar.write_all(&vec![7; size as usize]).unwrap();
            jar.start_file("linux-x86-64/another.so", options).unwrap();
            jar.write_all(&vec![7; 6_000_000]).unwrap();
            jar.finish().unwrap();

            let outcome = each_library_in_the_jar(Kind::Jar(2), "large.jar", &file);

            assert_eq!(outcome.is_err(), is_refused, "{outcome:?}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_library_with_all_of_sqlite_is_refused() {
        let refusal = more_of_sqlite(b"\0fts5: syntax error near \"%.*s\"\0").unwrap();
        assert_eq!(refusal, "it has SQLite's full-text search, which nothing here uses");
        assert_eq!(more_of_sqlite(b"\0near \"%T\": syntax error\0"), None);
    }

    #[test]
    fn versions_of_glibc_are_compared_as_numbers_and_what_is_private_to_one_fits_none() {
        assert_eq!(glibc_version("GLIBC_2.17"), Some((2, 17)));
        assert_eq!(glibc_version("GLIBC_2.2.5"), Some((2, 2)));
        assert!(glibc_version("GLIBC_2.4") < glibc_version("GLIBC_2.17"));
        assert!(glibc_version("GLIBC_PRIVATE") > glibc_version("GLIBC_2.99"));
        assert_eq!(glibc_version("GCC_3.0"), None);
    }

    #[test]
    fn a_library_that_exports_more_than_is_called_is_refused() {
        let of = |names: &[&str]| exports_too_much(names.iter().copied());
        assert_eq!(
            of(&["ffi_wildfirechat_message_rustbuffer_free", "uniffi_wildfirechat_message_fn_free_sandbox"]),
            None
        );
        let refusal = of(&["ffi_a", "_ZN4core3fmt5Write9write_fmt", "BrotliDecoderVersion"]).unwrap();
        assert_eq!(refusal, "it exports names that nobody uses (2): _ZN4core3fmt5Write9write_fmt");
    }

    #[test]
    fn a_native_belongs_to_the_folder_of_its_target() {
        let of = |path: &str| Kind::Jar(2).target_of(Path::new(path)).map(|target| target.triple);
        assert_eq!(of("linux-aarch64/libwildfirechat_message.so"), Some("aarch64-unknown-linux-gnu"));
        assert_eq!(of("win32-x86-64/wildfirechat_message.dll"), Some("x86_64-pc-windows-gnullvm"));
        assert_eq!(of("linux-x86-64/wildfirechat_message.dll"), None);
        assert_eq!(of("linux-mips/libwildfirechat_message.so"), None);
    }
}
