//! The virtual environments of Python, and what was last installed into them.

use std::{
    ffi::OsString,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::shell::{Result, ask, install, root, run, shortened, target};

const INTERPRETER: &str = if cfg!(windows) { "python" } else { "python3" };

/// A virtual environment below `target/python`.
pub(crate) struct Venv {
    folder: PathBuf,
}

/// The list of packages for a purpose, with their versions.
pub(crate) fn required(purpose: &str) -> PathBuf {
    sources().join("requirements").join(format!("{purpose}.txt"))
}

impl Venv {
    /// Makes it if it is missing, or was made by another Python or in another place, because its programs contain their place.
    pub(crate) fn new(name: &str) -> Result<Self> {
        let venv = Self { folder: built().join(name) };
        let python = ask(INTERPRETER, &["-c", "import sys; print(sys.base_prefix, sys.version)"]).unwrap_or_default();
        let stamp = venv.stamp("made-by", &format!("{python} in {}", venv.folder.display()));
        if !stamp.is_current() || ask(&venv.program("python").to_string_lossy(), &["-m", "pip", "--version"]).is_none()
        {
            let _ = fs::remove_dir_all(&venv.folder);
            let mut command = Command::new(INTERPRETER);
            run("make a Python environment", command.args(["-m", "venv"]).arg(&venv.folder))?;
            stamp.set()?;
        }
        Ok(venv)
    }

    /// Installs the packages of the list with this name in bindings/python/requirements, unless they are installed.
    pub(crate) fn require(&self, purpose: &str) -> Result<()> {
        let file = required(purpose);
        let list = fs::read_to_string(&file).map_err(in_file(&file))?;
        let stamp = self.stamp(purpose, &list);
        if stamp.is_current() {
            return Ok(());
        }
        let mut pip = self.pip();
        pip.arg("--requirement").arg(&file);
        let packages: Vec<&str> = list
            .lines()
            .filter(|line| !line.starts_with(['#', ' ']))
            .map(|line| line.trim_end_matches(" \\"))
            .collect();
        let what = format!("{} from PyPI into {}, once", packages.join(", "), shortened(&self.folder));
        install(&format!("install what the Python package needs to {purpose}"), &what, &mut pip)?;
        stamp.set()
    }

    /// Installs a wheel, unless it was the last one that was installed.
    pub(super) fn install(&self, wheel: &Path) -> Result<()> {
        let mut hasher = DefaultHasher::new();
        fs::read(wheel).map_err(in_file(wheel))?.hash(&mut hasher);
        let stamp = self.stamp("wheel", &format!("{} {:x}", wheel.display(), hasher.finish()));
        if stamp.is_current() {
            return Ok(());
        }
        stamp.remove();
        let mut pip = self.pip();
        pip.args(["--no-deps", "--no-index", "--force-reinstall"]).arg(wheel);
        run("install the Python wheel", &mut pip)?;
        stamp.set()
    }

    fn pip(&self) -> Command {
        let mut command = self.command("python");
        command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        command
    }

    /// The search path with the environment's programs first.
    pub(crate) fn path(&self) -> Result<OsString> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.programs()).chain(std::env::split_paths(&path));
        std::env::join_paths(folders).map_err(|error| format!("the search path: {error}"))
    }

    /// The folder of the installed packages.
    pub(crate) fn site_packages(&self) -> Result<PathBuf> {
        let python = self.program("python");
        let words = ["-c", "import sysconfig; print(sysconfig.get_path('platlib'))"];
        ask(&python.to_string_lossy(), &words).map(PathBuf::from).ok_or_else(|| format!("{} fails", python.display()))
    }

    /// A program of the environment, which also finds the other programs there.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.program(program));
        if let Ok(path) = self.path() {
            command.env("PATH", path);
        }
        // The second: no caches in the sources. The third: the output is UTF-8 on every system.
        command.env("VIRTUAL_ENV", &self.folder).env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
        command.env_remove("PYTHONPATH").env_remove("PYTHONHOME");
        command
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs().join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    fn programs(&self) -> PathBuf {
        self.folder.join(if cfg!(windows) { "Scripts" } else { "bin" })
    }

    fn stamp(&self, name: &str, made_from: &str) -> Stamp {
        Stamp { file: self.folder.join(format!("{name}.stamp")), made_from: made_from.to_owned() }
    }
}

/// A file that remembers what something was last made from.
pub(super) struct Stamp {
    pub(super) file: PathBuf,
    pub(super) made_from: String,
}

impl Stamp {
    pub(super) fn is_current(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|before| before == self.made_from)
    }

    /// For work that leaves broken files if it is interrupted.
    fn remove(&self) {
        let _ = fs::remove_file(&self.file);
    }

    pub(super) fn set(&self) -> Result<()> {
        fs::write(&self.file, &self.made_from).map_err(in_file(&self.file))
    }
}

/// The hand-written part.
pub(super) fn sources() -> PathBuf {
    root().join("bindings/python")
}

/// The folder of everything that this module builds.
pub(super) fn built() -> PathBuf {
    target().join("python")
}

pub(super) fn in_file(path: &Path) -> impl Fn(io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}
