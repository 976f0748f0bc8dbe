//! What is needed to build for another machine: one C compiler for all targets, and Rust's standard library.
//!
//! Both are downloaded from registries by name, pinned and with checksums, and only when a build needs them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use sha2::{Digest, Sha256};

use super::targets::{Libc, Target};
use crate::{
    python::Venv,
    shell::{Result, ask, run},
};

/// Debian's packages of the standard library's source, by the compiler that each fits exactly.
const RUST_SOURCES: [RustSource; 1] = [RustSource {
    compiler: "1.95.0",
    package: DebianPackage {
        name: "rust-src",
        suite: "trixie-backports",
        pinned: Some(("1.95.0+dfsg1-2~bpo13+1", "7b76db5b880a77f9e52975d2baa6209d2f76d2c9c2789515c3088cb960e2c83b")),
    },
}];

struct RustSource {
    compiler: &'static str,
    package: DebianPackage,
}

/// Where a target's standard library comes from.
pub(crate) enum Std {
    /// The compiler has it.
    Installed,
    /// It is compiled along, from the source in this folder, which has `std/` and its like.
    Compiled(PathBuf),
}

/// The folder of what is fetched once and kept for every checkout.
pub(crate) fn cache() -> Result<PathBuf> {
    let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    of("WILDFIRECHAT_CACHE")
        .or_else(|| of("XDG_CACHE_HOME").map(|folder| folder.join("wildfirechat-message")))
        .or_else(|| of("HOME").map(|home| home.join(".cache/wildfirechat-message")))
        .ok_or_else(|| "neither HOME nor WILDFIRECHAT_CACHE says where to keep downloaded files".to_owned())
}

/// The mirror that this machine's own Debian comes from; it has the other ones too.
pub(crate) fn debian_mirror() -> Result<String> {
    let targets = ask("apt-get", &["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]);
    let targets = targets.ok_or("there is no apt here: this needs Debian")?;
    let is_archive = |line: &&str| line.trim_end_matches('/').ends_with("/debian");
    targets.lines().find(is_archive).map(str::to_owned).ok_or_else(|| "apt knows no Debian mirror".to_owned())
}

/// The environment with the cross compiler, as `cargo zigbuild`.
pub(super) fn cross_compiler() -> Result<Venv> {
    let venv = Venv::new("cross")?;
    venv.require("cross")?;
    Ok(venv)
}

/// Where the standard library of `target` comes from, or the reason why this machine cannot have it.
pub(crate) fn std_of(target: &Target) -> Result<Std> {
    match (target.libc, cfg!(target_os = "macos")) {
        (Libc::Apple, false) => return Err("linking needs Apple's frameworks, which only a Mac has".to_owned()),
        (Libc::Apple, true) | (_, false) => {}
        (_, true) => return Err("on a Mac, only Apple's targets are built".to_owned()),
    }
    let sysroot = sysroot()?;
    if sysroot.join("lib/rustlib").join(target.triple).join("lib").is_dir() {
        return Ok(Std::Installed);
    }
    if target.libc == Libc::Apple {
        return Err(format!("run `rustup target add {}` first", target.triple));
    }
    // `rustup component add rust-src` puts it here.
    let of_the_compiler = sysroot.join("lib/rustlib/src/rust/library");
    if of_the_compiler.join("std").is_dir() {
        return Ok(Std::Compiled(of_the_compiler));
    }
    static OF_DEBIAN: OnceLock<Result<PathBuf>> = OnceLock::new();
    OF_DEBIAN.get_or_init(of_debian).clone().map(Std::Compiled).map_err(|reason| {
        format!(
            "the compiler has no standard library for it: `rustup target add {}` or `rustup component add rust-src` \
             would bring it; {reason}",
            target.triple
        )
    })
}

/// The folder of the compiler that builds here.
pub(super) fn sysroot() -> Result<PathBuf> {
    ask("rustc", &["--print", "sysroot"]).map(PathBuf::from).ok_or_else(|| "rustc does not run".to_owned())
}

/// The version of the compiler that builds here, empty where there is none.
pub(super) fn compiler_version() -> String {
    let told = ask("rustc", &["--version"]).unwrap_or_default();
    told.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// The source that fits this compiler, out of Debian's package.
fn of_debian() -> Result<PathBuf> {
    let compiler = compiler_version();
    let source = RUST_SOURCES
        .iter()
        .find(|source| source.compiler == compiler)
        .ok_or_else(|| format!("no known Debian package of the standard library's source fits Rust {compiler}"))?;
    let folder = source.package.unpacked("the standard library's source (45 MB)")?;
    Ok(folder.join(format!("usr/src/rustc-{compiler}/library")))
}

/// A package of Debian's, of which only the files are wanted.
pub(crate) struct DebianPackage {
    pub(crate) name: &'static str,
    pub(crate) suite: &'static str,
    /// The version and its checksum; without them the suite's own, of which apt checks the signature.
    pub(crate) pinned: Option<(&'static str, &'static str)>,
}

impl DebianPackage {
    /// Fetches it and unpacks it without installing anything, unless that was done. Gives the folder.
    pub(crate) fn unpacked(&self, what: &str) -> Result<PathBuf> {
        let version = self.pinned.map_or(self.suite, |(version, _)| version);
        let folder = cache()?.join(format!("{}-{version}", self.name));
        if folder.is_dir() {
            return Ok(folder);
        }
        let scratch = folder.with_extension("new");
        let _ = fs::remove_dir_all(&scratch);
        let file = self.download(what, &scratch)?;
        if let Some((version, wanted)) = self.pinned {
            let found = sha256(&file)?;
            if found != wanted {
                return Err(format!("Debian's {} {version} has the checksum {found}, not {wanted}", self.name));
            }
        }
        let unpacked = scratch.join("unpacked");
        run(&format!("unpack {what}"), Command::new("dpkg-deb").arg("-x").arg(&file).arg(&unpacked))?;
        // Last, so that what looks complete is complete.
        fs::rename(&unpacked, &folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let _ = fs::remove_dir_all(&scratch);
        Ok(folder)
    }

    /// Has apt fetch the package with settings of its own, below `scratch`: the machine's stay as they are.
    fn download(&self, what: &str, scratch: &Path) -> Result<PathBuf> {
        const DEBIAN: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
        let mirror = debian_mirror()?;
        for folder in ["lists/partial", "cache/archives/partial"] {
            let folder = scratch.join(folder);
            fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let list = scratch.join("sources.list");
        let line = format!("deb [signed-by={DEBIAN}] {mirror} {} main\n", self.suite);
        fs::write(&list, line).map_err(|error| format!("{}: {error}", list.display()))?;
        let settings = [
            format!("Dir::Etc::SourceList={}", list.display()),
            "Dir::Etc::SourceParts=-".to_owned(),
            format!("Dir::State::Lists={}", scratch.join("lists").display()),
            "Dir::State::Status=/dev/null".to_owned(),
            format!("Dir::Cache={}", scratch.join("cache").display()),
            // Into a folder that apt's own user may not be allowed to see.
            "APT::Sandbox::User=root".to_owned(),
        ];
        let apt = |words: &[&str]| {
            let mut command = Command::new("apt-get");
            command
                .current_dir(scratch)
                .arg("-q")
                .args(settings.iter().flat_map(|setting| ["-o", setting]))
                .args(words);
            command
        };
        run(&format!("look for {what}"), &mut apt(&["update"]))?;
        let package = self.pinned.map_or(self.name.to_owned(), |(version, _)| format!("{}={version}", self.name));
        run(&format!("fetch {what}"), &mut apt(&["download", &package]))?;
        let packages = fs::read_dir(scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
        let is_package = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "deb");
        packages
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .find(is_package)
            .ok_or_else(|| "apt downloaded nothing".to_owned())
    }
}

/// The checksum of a file, as the registries write it.
pub(crate) fn sha256(file: &Path) -> Result<String> {
    let content = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect())
}
