//! Rust's own tests, built for another processor and run by an emulator.

use std::{fs, io, process::Command};

use super::{
    Outcome,
    consumers::without_rust,
    trees::{Plan, Tree},
};
use crate::{
    package::{native, targets::Target, toolchain},
    rust,
    shell::{Result, root, run},
};

/// What of tests/ is not run. Three are the same on every processor, as they read the checkout or go through every order of steps. The
/// last measures the memory of its process, in which the emulator keeps the code that it has translated.
const LEFT_OUT: [&str; 4] = ["docs", "house", "loom", "upload_memory"];

/// The test of another file that measures this memory too.
const SKIPPED: &str = "sixty_four_threads_make_every_kind_of_call_at_once";

/// The tests for `triple`. They find the loader of their processor, and its libraries, in the tree.
pub(super) fn on_another(plan: &Plan, triple: &str) -> Result<Outcome> {
    let target = Target::named(triple)?;
    let std = match toolchain::std_of(target) {
        Ok(std) => std,
        Err(reason) => return Ok(Outcome::NotRun(reason)),
    };
    if !can_register() {
        return Ok(Outcome::NotRun("this kernel has no binfmt_misc of a user's own (Linux 6.7)".to_owned()));
    }
    let emulator = plan.emulator.ok_or("this tree has no emulator")?.program()?;
    let tree = Tree::of(plan)?;
    let tests = programs()?;
    let build = &mut native::suite(target, &std, &tests, |cargo| Command::new(cargo))?;
    run(&format!("build the tests for {triple}"), build.arg("--no-run"))?;
    let mut command = native::suite(target, &std, &tests, |cargo| {
        let mut command = Command::new("sh");
        command.args(["-ec", ENTER, "enter", REGISTER]).arg(&emulator).arg(cargo);
        command
    })?;
    command.env("QEMU_LD_PREFIX", tree.folder());
    // Fewer of what is made up at random: the processor makes no difference there.
    command.env("WILDFIRECHAT_ECHOES", "50").env("PROPTEST_CASES", "16");
    command.args([rust::ALL_OF_THEM, "--", "--skip", SKIPPED]);
    let summary = rust::tests_of(&format!("run the tests for {triple}"), &mut command)?;
    Outcome::of_tests(&format!("tests of all but {}", LEFT_OUT.join(", ")), summary)
}

/// The names of the files and folders of tests/ that are programs, by the rule of cargo.
fn programs() -> Result<Vec<String>> {
    let folder = root().join("tests");
    let in_folder = |error: io::Error| format!("{}: {error}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(in_folder)? {
        let path = entry.map_err(in_folder)?.path();
        let is_program = path.extension().is_some_and(|ending| ending == "rs") || path.join("main.rs").exists();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if is_program && !LEFT_OUT.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Tests start programs of their own, and themselves once more: the system has to know what runs them. In a namespace, so
/// that for everybody else nothing changes; with all users in it, because database servers become one of their own.
const ENTER: &str = r#"register=$1
shift
unshare --user --mount sleep infinity &
trap 'kill "$!" 2>/dev/null' EXIT
while [ "$(readlink "/proc/$!/ns/user")" = "$(readlink "/proc/$$/ns/user")" ]; do sleep 0.1; done
for map in uid_map gid_map; do echo "0 0 65536" > "/proc/$!/$map"; done
nsenter --target "$!" --user --mount --setuid 0 --setgid 0 env --chdir="$PWD" sh -ec "$register" "$@""#;

/// What a program for ARM64 begins with: ELF, 64 bits, an executable or a shared object, of that processor.
const REGISTER: &str = r#"mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
printf '%s' ":arm64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:$0:F" \
    > /proc/sys/fs/binfmt_misc/register
exec "$@""#;

fn can_register() -> bool {
    let words =
        ["--user", "--map-root-user", "--mount", "mount", "-t", "binfmt_misc", "none", "/proc/sys/fs/binfmt_misc"];
    without_rust("unshare").args(words).output().is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_run_exists_and_all_else_is_run() {
        let folder = root().join("tests");
        for name in LEFT_OUT {
            let is_there =
                [format!("{name}.rs"), format!("{name}/main.rs")].iter().any(|file| folder.join(file).exists());
            assert!(is_there, "{name}");
        }
        let lifetimes = fs::read_to_string(folder.join("lifetimes.rs")).unwrap();
        assert!(lifetimes.contains(&format!("fn {SKIPPED}()")));
        let tests = programs().unwrap();
        assert!(["lifetimes", "outbox", "ways"].iter().all(|name| tests.iter().any(|test| test == name)), "{tests:?}");
        assert!(!tests.iter().any(|test| LEFT_OUT.contains(&test.as_str()) || test == "support"), "{tests:?}");
    }
}
