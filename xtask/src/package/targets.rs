//! The targets that are released: what each is called by whom, and what its files may need.

/// The C library, or the system where it is the same for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Libc {
    /// glibc, of this version or a newer one.
    Glibc(u32, u32),
    Musl,
    Windows,
    Apple,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Processor {
    X86_64,
    Aarch64,
    Loongarch64,
}

/// One target, for which the library is built once and packed for every language.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Rust's name.
    pub(crate) triple: &'static str,
    pub(crate) libc: Libc,
    pub(crate) processor: Processor,
    /// The platform in the wheel's name.
    pub(crate) wheel: &'static str,
    /// The folder in the jar. JNA knows no musl: the library of the glibc target serves Alpine too.
    pub(crate) jna: Option<&'static str>,
}

/// The message API for the shell, and the stand-in for a server.
pub(crate) const PROGRAMS: [&str; 2] = [PROGRAM, SANDBOX];
pub(crate) const PROGRAM: &str = "wildfirechat-message";
pub(crate) const SANDBOX: &str = "wildfirechat-sandbox";

pub(crate) const ALL: [Target; 8] = [
    Target {
        triple: "x86_64-unknown-linux-gnu",
        libc: Libc::Glibc(2, 17),
        processor: Processor::X86_64,
        wheel: "manylinux_2_17_x86_64.manylinux2014_x86_64",
        jna: Some("linux-x86-64"),
    },
    Target {
        triple: "aarch64-unknown-linux-gnu",
        libc: Libc::Glibc(2, 17),
        processor: Processor::Aarch64,
        wheel: "manylinux_2_17_aarch64.manylinux2014_aarch64",
        jna: Some("linux-aarch64"),
    },
    Target {
        triple: "x86_64-unknown-linux-musl",
        libc: Libc::Musl,
        processor: Processor::X86_64,
        wheel: "musllinux_1_2_x86_64",
        jna: None,
    },
    Target {
        triple: "aarch64-unknown-linux-musl",
        libc: Libc::Musl,
        processor: Processor::Aarch64,
        wheel: "musllinux_1_2_aarch64",
        jna: None,
    },
    // The first glibc that knows this processor.
    Target {
        triple: "loongarch64-unknown-linux-gnu",
        libc: Libc::Glibc(2, 36),
        processor: Processor::Loongarch64,
        wheel: "manylinux_2_36_loongarch64",
        jna: Some("linux-loongarch64"),
    },
    Target {
        triple: "x86_64-pc-windows-gnullvm",
        libc: Libc::Windows,
        processor: Processor::X86_64,
        wheel: "win_amd64",
        jna: Some("win32-x86-64"),
    },
    Target {
        triple: "aarch64-apple-darwin",
        libc: Libc::Apple,
        processor: Processor::Aarch64,
        wheel: "macosx_11_0_arm64",
        jna: Some("darwin-aarch64"),
    },
    Target {
        triple: "x86_64-apple-darwin",
        libc: Libc::Apple,
        processor: Processor::X86_64,
        wheel: "macosx_10_12_x86_64",
        jna: Some("darwin-x86-64"),
    },
];

impl Target {
    /// The target that `triple` names.
    pub(crate) fn named(triple: &str) -> Result<&'static Self, String> {
        ALL.iter().find(|target| target.triple == triple).ok_or_else(|| {
            let known: Vec<&str> = ALL.iter().map(|target| target.triple).collect();
            format!("{triple} is none of the targets {}", known.join(", "))
        })
    }

    /// The library that other languages load.
    pub(crate) fn shared(&self) -> &'static str {
        match self.libc {
            Libc::Windows => "wildfirechat_message.dll",
            Libc::Apple => "libwildfirechat_message.dylib",
            Libc::Glibc(..) | Libc::Musl => "libwildfirechat_message.so",
        }
    }

    /// The file of one of the [`PROGRAMS`].
    pub(crate) fn program(&self, name: &str) -> String {
        match self.libc {
            Libc::Windows => format!("{name}.exe"),
            Libc::Apple | Libc::Glibc(..) | Libc::Musl => name.to_owned(),
        }
    }

    /// Whether this machine runs what is built for it.
    pub(crate) fn is_this_machine(&self) -> bool {
        let here = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        cfg!(all(target_os = "linux", target_env = "gnu")) && self.triple == here
    }

    /// Whether Swift links to it: Swift on Linux is built for glibc.
    pub(crate) fn is_for_swift(&self) -> bool {
        matches!(self.libc, Libc::Glibc(..)) && self.processor != Processor::Loongarch64
    }

    /// The name by which the cross compiler knows it: with the oldest glibc that is to do.
    pub(crate) fn with_floor(&self) -> String {
        match self.libc {
            Libc::Glibc(major, minor) => format!("{}.{major}.{minor}", self.triple),
            Libc::Musl | Libc::Windows | Libc::Apple => self.triple.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_found_by_its_triple_and_another_is_refused_with_the_names_that_are_known() {
        assert_eq!(Target::named("x86_64-unknown-linux-musl").unwrap().wheel, "musllinux_1_2_x86_64");
        let refusal = Target::named("s390x-unknown-linux-gnu").unwrap_err();
        assert!(refusal.starts_with("s390x-unknown-linux-gnu is none of the targets x86_64-unknown-linux-gnu,"));
    }

    #[test]
    fn a_wheels_name_promises_the_glibc_that_the_library_is_built_for() {
        for target in &ALL {
            if let Libc::Glibc(major, minor) = target.libc {
                assert!(target.wheel.starts_with(&format!("manylinux_{major}_{minor}_")), "{}", target.wheel);
            }
        }
    }

    #[test]
    fn each_folder_of_the_jar_has_one_library() {
        let mut folders: Vec<&str> = ALL.iter().filter_map(|target| target.jna).collect();
        folders.sort_unstable();
        folders.dedup();
        assert_eq!(folders.len(), ALL.iter().filter(|target| target.jna.is_some()).count());
    }
}
