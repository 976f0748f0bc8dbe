//! Rust's own tests, built for another processor and run by an emulator.

use std::process::Command;

use super::{
    Outcome,
    consumers::without_rust,
    trees::{Plan, Tree},
};
use crate::{
    package::{native, targets::Target, toolchain},
    rust,
    shell::{Result, run},
};

/// The files of tests/ that are built and run, beside the library's unit tests. Left out are those that read the checkout
/// (docs), and those that measure memory or time, which an emulator spoils.
const TESTS: [&str; 16] = [
    "answers",
    "awaited",
    "bulk",
    "callbacks",
    "conformance",
    "contents",
    "http",
    "https",
    "lifetimes",
    "multicast",
    "observing",
    "repeats",
    "retry",
    "sandbox",
    "secrets",
    "senders",
];

/// What computes for minutes where an emulator does it, and is the same on every processor.
const SKIPPED: [&str; 2] = ["call::governor::model", "a_bomb_is_not_unpacked"];

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
    let build = &mut native::suite(target, &std, &TESTS, |cargo| Command::new(cargo))?;
    run(&format!("build the tests for {triple}"), build.arg("--no-run"))?;
    let mut command = native::suite(target, &std, &TESTS, |cargo| {
        let mut command = Command::new("unshare");
        command.args(NAMESPACE).args(["sh", "-ec", REGISTER]).arg(&emulator).arg(cargo);
        command
    })?;
    command.env("QEMU_LD_PREFIX", tree.folder()).env("WILDFIRECHAT_ECHOES", "50").env("PROPTEST_CASES", "16");
    command.args([rust::ALL_OF_THEM, "--"]).args(SKIPPED.iter().flat_map(|name| ["--skip", name]));
    let summary = rust::tests_of(&format!("run the tests for {triple}"), &mut command)?;
    match summary.failed {
        0 => Ok(Outcome::Ran(format!(
            "{} tests of the library passed: its unit tests and {}",
            summary.passed,
            TESTS.join(", ")
        ))),
        failed => Err(format!("{failed} tests of the library failed, {} passed", summary.passed)),
    }
}

/// Tests start programs of their own, and themselves once more: the system has to know what runs them. In a namespace, so
/// that for everybody else nothing changes.
const NAMESPACE: [&str; 3] = ["--user", "--map-root-user", "--mount"];

/// What a program for ARM64 begins with: ELF, 64 bits, an executable or a shared object, of that processor.
const REGISTER: &str = r#"mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
printf '%s' ":arm64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:$0:F" \
    > /proc/sys/fs/binfmt_misc/register
exec "$@""#;

fn can_register() -> bool {
    let mut command = without_rust("unshare");
    command.args(NAMESPACE).args(["sh", "-c", "mount -t binfmt_misc none /proc/sys/fs/binfmt_misc"]);
    command.output().is_ok_and(|output| output.status.success())
}
