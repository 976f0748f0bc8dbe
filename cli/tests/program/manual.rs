//! Help, completions, the man page and the page in docs/: each names all that there is.

use std::{fs, path::PathBuf};

use crate::tool::{Folder, bare};

const COMMANDS: [&str; 15] = [
    "send",
    "multicast",
    "broadcast",
    "recall",
    "get",
    "update",
    "delete",
    "read-time",
    "delivery",
    "bulk",
    "import",
    "upload",
    "doctor",
    "sandbox",
    "completions",
];

/// The long flags of a help text.
fn flags(help: &str) -> Vec<String> {
    let words = help.lines().filter_map(|line| line.trim_start().strip_prefix('-'));
    let long = words
        .filter_map(|line| line.split_whitespace().find_map(|word| word.strip_prefix("--").or(word.strip_prefix('-'))));
    long.map(|flag| flag.trim_end_matches(',').to_owned()).filter(|flag| flag.len() > 1).collect()
}

#[test]
fn the_page_of_the_program_names_every_command_flag_and_exit_code() {
    let page = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/program.md")).unwrap();
    for command in COMMANDS.iter().chain(&["man"]) {
        assert!(page.contains(&format!("`{command}")), "{command}");
        let help = bare().args([command, "--help"]).run();
        assert_eq!(help.code, 0, "{help:?}");
        let flags = flags(&help.out);
        assert!(flags.len() > 10, "{flags:?}");
        for flag in flags.iter().filter(|flag| !matches!(flag.as_str(), "help" | "version")) {
            assert!(page.contains(&format!("--{flag}")), "{command} --{flag}");
        }
    }
    // `cargo xtask pages` makes their tables of the help; here they are counted, so that a table that is lost is missed.
    assert_eq!(page.matches("\n| `WILDFIRECHAT_").count(), 7, "variables");
    for code in [0, 1, 2, 3, 4, 5, 75] {
        assert!(page.contains(&format!("\n| `{code}` | ")), "{code}");
    }
}

#[cfg(feature = "outbox")]
#[test]
fn the_page_of_the_program_names_every_command_of_the_outbox() {
    let page = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/program.md")).unwrap();
    for command in ["put", "run", "status", "unknown", "lost", "failed", "resolve", "purge", "export"] {
        assert!(page.contains(&format!("`outbox {command}")), "{command}");
        let help = bare().args(["outbox", command, "--help"]).run();
        assert_eq!(help.code, 0, "{help:?}");
        for flag in flags(&help.out).iter().filter(|flag| !matches!(flag.as_str(), "help" | "version")) {
            assert!(page.contains(&format!("--{flag}")), "{command} --{flag}");
        }
    }
}

#[test]
fn help_and_version_are_no_errors() {
    for arguments in [&["--help"][..], &["-h"], &["help", "send"], &["send", "--help"], &["--version"]] {
        let outcome = bare().args(arguments).run();
        assert_eq!((outcome.code, outcome.err.as_str()), (0, ""), "{arguments:?}");
        assert!(!outcome.out.is_empty());
    }
    let version = bare().args(["--version"]).run().out;
    assert_eq!(version, format!("wildfirechat-message {}\n", env!("CARGO_PKG_VERSION")));
    let help = bare().args(["--help"]).run().out;
    assert!(COMMANDS.iter().all(|command| help.contains(&format!("\n  {command} "))), "{help}");
}

#[test]
fn completions_name_every_command_for_each_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let outcome = bare().args(["completions", shell]).run();
        assert_eq!((outcome.code, outcome.err.as_str()), (0, ""), "{shell}");
        assert!(COMMANDS.iter().all(|command| outcome.out.contains(command)), "{shell}");
        assert!(outcome.out.contains("secret-file"));
    }
    let Ok(bash) = std::process::Command::new("bash").arg("--version").output() else { return };
    assert!(bash.status.success());
    let folder = Folder::new();
    let file = folder.file("completions.bash", bare().args(["completions", "bash"]).run().out);
    let script = format!(
        "source {}; COMP_WORDS=(wildfirechat-message de); COMP_CWORD=1; _wildfirechat__message wildfirechat-message de; \
         echo ${{COMPREPLY[@]}}",
        file.display()
    );
    let completed = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&completed.stdout).trim(), "delete delivery");
}

#[test]
fn the_man_page_is_one_and_each_command_has_its_own() {
    let page = bare().args(["man"]).run();
    assert_eq!(page.code, 0);
    assert!(page.out.contains(".TH wildfirechat-message 1") && page.out.contains("WILDFIRECHAT_SECRET"), "{page:?}");
    let folder = Folder::new();
    let outcome = bare().args(["man", "--directory", folder.path().to_str().unwrap()]).run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    for command in COMMANDS {
        let file = folder.path().join(format!("wildfirechat-message-{command}.1"));
        assert!(file.exists(), "{}", file.display());
    }
    let outcome = bare().args(["man", "--directory", "/nowhere/at/all"]).run();
    assert_eq!(outcome.code, 2, "{outcome:?}");
}
