//! Other systems, each in a folder: a Debian of another age or processor, entered by chroot.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    package::toolchain::{self, DebianPackage, debian_mirror},
    shell::{Result, ask, install, run},
};

/// What a tree is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) name: &'static str,
    pub(super) suite: &'static str,
    /// Debian's name of the processor.
    pub(super) architecture: &'static str,
    /// What runs the tree's programs where they are for another processor.
    pub(super) emulator: Option<Emulator>,
    pub(super) packages: &'static [&'static str],
}

/// QEMU for one processor, by the name of its program, which stands alone.
#[derive(Debug, Clone, Copy)]
pub(super) enum Emulator {
    /// As this machine's Debian has it.
    Installed(&'static str),
    /// Of a newer Debian: that of 12 does not know all instructions that LoongArch's Debian is made of.
    Newer(&'static str),
}

impl Emulator {
    pub(super) fn program(self) -> Result<PathBuf> {
        match self {
            Self::Installed(name) => {
                need(name, "qemu-user-static")?;
                Ok(Path::new("/usr/bin").join(name))
            }
            Self::Newer(name) => {
                let package = DebianPackage { name: "qemu-user", suite: "trixie", pinned: None };
                Ok(package.unpacked("QEMU (71 MB)")?.join("usr/bin").join(name))
            }
        }
    }
}

/// A system in a folder.
pub(super) struct Tree {
    folder: PathBuf,
    emulator: Option<PathBuf>,
}

/// The folder of what is tried, inside of every tree.
pub(super) const CONSUMER: &str = "/consumer";

impl Tree {
    /// Makes the tree, unless it is there.
    pub(super) fn of(plan: &Plan) -> Result<Self> {
        if ask("id", &["-u"]).as_deref() != Some("0") {
            return Err("only root can enter another system's folder".to_owned());
        }
        need("mmdebstrap", "mmdebstrap")?;
        let emulator = plan.emulator.map(Emulator::program).transpose()?;
        let folder = toolchain::cache()?.join("trees").join(plan.name);
        let stamp = folder.join("made-from");
        let made_from = format!("{plan:?}");
        if fs::read_to_string(&stamp).ok().as_ref() != Some(&made_from) {
            make(plan, &folder)?;
            fs::write(&stamp, &made_from).map_err(in_file(&stamp))?;
        }
        Ok(Self { folder, emulator })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Empties the folder of what is tried, and copies `from` into it. Gives its path as this system sees it.
    pub(super) fn bring(&self, from: &Path) -> Result<PathBuf> {
        let inside = self.folder.join(&CONSUMER[1..]);
        let _ = fs::remove_dir_all(&inside);
        copy(from, &inside).map_err(in_file(from))?;
        Ok(inside)
    }

    /// Copies a folder beside what is tried there, under a name.
    pub(super) fn bring_along(&self, from: &Path, name: &str) -> Result<()> {
        copy(from, &self.folder.join(&CONSUMER[1..]).join(name)).map_err(in_file(from))
    }

    /// A program of the tree, by its path there, in the folder of what is tried. Nothing of this machine's environment
    /// comes along, and no Rust.
    pub(super) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        // This machine's way into the network, and whom it trusts there, hold inside too.
        // In a namespace of its own: nobody else sees what is mounted, and it ends with the program.
        const ENTER: &str = "mount -t proc proc \"$0/proc\" && mount --rbind /dev \"$0/dev\" && \
            for file in etc/resolv.conf etc/ssl/certs/ca-certificates.crt; do \
            if [ -e \"/$file\" ] && [ -d \"$0/${file%/*}\" ]; then cat \"/$file\" > \"$0/$file\"; fi; done; \
            exec chroot \"$0\" env -i HOME=/root LANG=C.UTF-8 \
            PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/usr/libexec/swift/bin sh -c 'cd \"$0\" && exec \"$@\"' /consumer \"$@\"";
        const ENTER_FOREIGN: &str = "mount -t proc proc \"$0/proc\" && mount --rbind /dev \"$0/dev\" && \
            cp -f \"$1\" \"$0/emulator\" && shift && exec chroot \"$0\" /emulator \"$@\"";
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c"]);
        command.arg(if self.emulator.is_some() { ENTER_FOREIGN } else { ENTER }).arg(&self.folder);
        if let Some(emulator) = &self.emulator {
            command.arg(emulator);
            command.env_clear().env("PATH", PATH).env("LANG", "C.UTF-8").env("HOME", "/root");
        }
        command.arg(program).args(arguments);
        command
    }
}

/// Where the system's own programs are, and no Rust of somebody's home.
pub(super) const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

/// Installs a package of this Debian where its program is missing.
pub(super) fn need(program: &str, package: &str) -> Result<()> {
    let is_there = || PATH.split(':').any(|folder| Path::new(folder).join(program).exists());
    if is_there() {
        return Ok(());
    }
    if !Path::new("/etc/debian_version").exists() || ask("id", &["-u"]).as_deref() != Some("0") {
        return Err(format!("{program} is missing: on Debian, root gets it by apt-get install {package}"));
    }
    run("look for Debian's packages", Command::new("apt-get").args(["-q", "update"]))?;
    let mut command = Command::new("apt-get");
    command.args(["-q", "-y", "-o", "DPkg::Lock::Timeout=300", "install", "--no-install-recommends", package]);
    let what = format!("Debian's package {package} on this machine");
    install(&format!("install {package}"), &what, command.env("DEBIAN_FRONTEND", "noninteractive"))?;
    match is_there() {
        true => Ok(()),
        false => Err(format!("{package} brought no {program}")),
    }
}

fn make(plan: &Plan, folder: &Path) -> Result<()> {
    let mirror = debian_mirror()?;
    let scratch = folder.with_extension("new");
    for old in [folder, &scratch] {
        run("remove an older tree", Command::new("rm").args(["-rf", "--one-file-system"]).arg(old))?;
    }
    fs::create_dir_all(folder.parent().unwrap_or(folder)).map_err(in_file(folder))?;
    let mut command = Command::new("mmdebstrap");
    // The programs of another processor cannot be asked to set themselves up; unpacked they will do.
    let variant = if plan.emulator.is_some() { "extract" } else { "minbase" };
    command.args(["--mode=root", &format!("--variant={variant}"), &format!("--architectures={}", plan.architecture)]);
    command.arg(format!("--include={}", plan.packages.join(",")));
    command.arg("--keyring=/usr/share/keyrings/debian-archive-keyring.gpg");
    for setting in ["Acquire::Retries \"5\"", "Acquire::Languages \"none\"", "Acquire::Check-Valid-Until \"false\""] {
        command.arg(format!("--aptopt={setting}"));
    }
    // A service that a package brings is not started; Java's installer wants a folder of the manual.
    command.args(["--dpkgopt=force-unsafe-io", "--setup-hook=mkdir -p \"$1/usr/share/man/man1\""]);
    command.arg(plan.suite).arg(&scratch).arg(format!("deb {mirror} {} main", plan.suite));
    run(&format!("make a Debian {} on {}", plan.suite, plan.architecture), &mut command)?;
    for needed in ["proc", "dev", "tmp", "etc", "root", "consumer"] {
        fs::create_dir_all(scratch.join(needed)).map_err(in_file(&scratch))?;
    }
    // Last, so that what looks complete is complete.
    fs::rename(&scratch, folder).map_err(in_file(folder))
}

pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_file() {
        fs::create_dir_all(to)?;
        return fs::copy(from, to.join(from.file_name().unwrap_or_default())).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        } else {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn in_file(path: &Path) -> impl Fn(io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}
