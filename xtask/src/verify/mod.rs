//! `cargo xtask verify`: installs what was packed where users have it, and sends messages. No Rust is in reach there.

mod consumers;
mod fetched;
mod java;
mod program;
mod python;
mod readme;
mod rust;
mod sandbox;
mod swift;
mod trees;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use crate::{shell::Result, summary::Summary, table::table};

/// One installation and what it sent.
struct Run {
    /// What `cargo xtask verify` and packaging/platforms.toml call it.
    name: &'static str,
    act: fn() -> Result<Outcome>,
}

/// How a run ended that nothing was wrong with.
enum Outcome {
    /// What its program printed, in a line.
    Ran(String),
    /// This was not packed, or the machine lacks what it takes.
    NotRun(String),
}

impl Outcome {
    /// Of a suite, named by its tests: some have to run, and none may fail.
    fn of_tests(tests: &str, summary: Summary) -> Result<Self> {
        let told = format!("{tests}: {summary}");
        if summary.is_good() { Ok(Self::Ran(told)) } else { Err(told) }
    }
}

const RUNS: [Run; 51] = [
    Run { name: "here-python", act: python::here },
    Run { name: "here-java", act: java::here },
    Run { name: "here-swift", act: swift::here },
    Run { name: "here-sandbox", act: || sandbox::here("x86_64-unknown-linux-gnu") },
    Run { name: "here-sandbox-static", act: || sandbox::here("x86_64-unknown-linux-musl") },
    Run { name: "here-program", act: || program::alone("x86_64-unknown-linux-gnu") },
    Run { name: "here-program-static", act: || program::alone("x86_64-unknown-linux-musl") },
    Run { name: "here-python-program", act: program::of_python },
    Run { name: "here-java-program", act: program::of_java },
    Run { name: "container-sandbox", act: sandbox::in_a_container },
    Run { name: "bullseye-python", act: || python::in_tree(&consumers::BULLSEYE) },
    Run { name: "bullseye-python-suite", act: || python::suite(&consumers::BULLSEYE_SUITE, &python::BULLSEYE_LACKS) },
    Run { name: "sid-python-suite", act: || python::suite(&consumers::SID_SUITE, &python::SID_LACKS) },
    Run { name: "bullseye-java-11", act: || java::in_tree(&consumers::BULLSEYE, "java-11-openjdk-amd64") },
    Run { name: "bullseye-java-17", act: || java::in_tree(&consumers::BULLSEYE, "java-17-openjdk-amd64") },
    Run { name: "python-3.10", act: || python::fetched(&fetched::PYTHON_3_10) },
    Run { name: "python-3.12", act: || python::fetched(&fetched::PYTHON_3_12) },
    Run { name: "python-3.12-interrupts", act: || python::interrupted(&fetched::PYTHON_3_12) },
    Run { name: "python-3.13", act: || python::fetched(&fetched::PYTHON_3_13) },
    Run { name: "musl-python", act: || python::of_source(&python::MUSL) },
    Run { name: "sid-python", act: || python::in_tree(&consumers::SID) },
    Run { name: "sid-java-8", act: || java::in_tree(&consumers::SID, "java-8-openjdk-amd64") },
    Run {
        name: "sid-java-8-old-jna",
        act: || java::in_tree_with_jna(&consumers::SID, "java-8-openjdk-amd64", "5.12.0"),
    },
    Run {
        name: "bullseye-java-11-old-jna",
        act: || java::in_tree_with_jna(&consumers::BULLSEYE, "java-11-openjdk-amd64", "5.5.0"),
    },
    Run { name: "sid-java-25", act: || java::in_tree(&consumers::SID, "java-25-openjdk-amd64") },
    Run { name: "sid-java-27", act: || java::in_tree(&consumers::SID, "java-27-openjdk-amd64") },
    Run { name: "sid-swift", act: swift::in_sid },
    Run {
        name: "spring-boot-2",
        act: || java::spring_boot("2.7.18", "1.8", "<kotlin.version>1.9.25</kotlin.version>"),
    },
    Run { name: "spring-boot-3", act: || java::spring_boot("3.5.0", "17", "") },
    Run { name: "readme-rust", act: readme::rust },
    Run { name: "readme-python", act: readme::python },
    Run { name: "readme-kotlin", act: readme::kotlin },
    Run { name: "readme-java", act: readme::java },
    Run { name: "readme-swift", act: readme::swift },
    Run { name: "readme-program", act: readme::program },
    Run { name: "sdist", act: python::sdist },
    Run { name: "checkout", act: python::checkout },
    Run {
        name: "aarch64-python",
        act: || python::on_another(&consumers::AARCH64, "aarch64-unknown-linux-gnu", "/usr/bin/python3.11"),
    },
    Run {
        name: "aarch64-java",
        act: || java::on_another(&consumers::AARCH64, "linux-aarch64/", "java-17-openjdk-arm64"),
    },
    Run { name: "aarch64-sandbox", act: sandbox::on_aarch64 },
    Run {
        name: "aarch64-program",
        act: || {
            let static_one = Some("aarch64-unknown-linux-musl");
            program::on_another(&consumers::AARCH64, "aarch64-unknown-linux-gnu", static_one)
        },
    },
    Run {
        name: "loongarch64-program",
        act: || program::on_another(&consumers::LOONGARCH64, "loongarch64-unknown-linux-gnu", None),
    },
    Run { name: "loongarch64-sandbox", act: sandbox::on_loongarch64 },
    Run {
        name: "loongarch64-python",
        act: || python::on_another(&consumers::LOONGARCH64, "loongarch64-unknown-linux-gnu", "/usr/bin/python3"),
    },
    Run {
        name: "loongarch64-java",
        act: || java::on_another(&consumers::LOONGARCH64, "linux-loongarch64/", "java-25-openjdk-loong64"),
    },
    Run { name: "windows-python", act: python::on_windows },
    Run { name: "windows-java", act: java::on_windows },
    Run { name: "windows-program", act: program::on_windows },
    Run { name: "windows-sandbox", act: sandbox::on_windows },
    // Last: they take longer than all others.
    Run { name: "free-threaded-python", act: || python::of_source(&python::FREE_THREADED) },
    Run { name: "aarch64-rust", act: || rust::on_another(&consumers::AARCH64, "aarch64-unknown-linux-gnu") },
];

/// The names of all runs.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    RUNS.iter().map(|run| run.name)
}

/// Makes the runs that `wanted` names or begins, all of them where it names none, and tells of each. `platforms` gives the table of the
/// platforms for the names of the runs that were made.
pub(crate) fn verify(wanted: &[String], platforms: impl Fn(&BTreeSet<&str>) -> Result<String>) -> Result<()> {
    for word in wanted {
        if !RUNS.iter().any(|run| run.name.starts_with(word.as_str())) {
            let known: Vec<&str> = RUNS.iter().map(|run| run.name).collect();
            return Err(format!("no run has a name that begins with {word}; the runs are {}", known.join(", ")));
        }
    }
    // A whole name means that run alone, though others begin with it.
    let names = |word: &str, run: &Run| run.name == word || !is_a_name(word) && run.name.starts_with(word);
    let is_wanted = |run: &&Run| wanted.is_empty() || wanted.iter().any(|word| names(word, run));
    let begun = Instant::now();
    let mut ends = Vec::new();
    for run in RUNS.iter().filter(is_wanted) {
        let end = End::of(run);
        // All of them are shown once more when the last one has ended.
        println!("{}", end.row().join("  "));
        ends.push(end);
    }
    println!("\n{}", told(&ends, begun.elapsed()));
    let count = |is_so: fn(&End) -> bool| ends.iter().filter(|end| is_so(end)).count();
    let (failed, not_run) = (count(End::failed), count(End::was_not_made));
    if wanted.is_empty() {
        let ran: BTreeSet<&str> = ends.iter().filter(|end| end.ran()).map(|end| end.name).collect();
        println!("{}", platforms(&ran)?);
    }
    match (failed, not_run) {
        (0, 0) => Ok(()),
        // Whoever names a run wants to see it.
        (0, _) if wanted.is_empty() => Ok(()),
        _ => Err(format!("{failed} runs failed, {not_run} were not made")),
    }
}

/// How a run ended, and after how long.
struct End {
    name: &'static str,
    outcome: Result<Outcome>,
    took: Duration,
}

impl End {
    /// Makes the run.
    fn of(run: &Run) -> Self {
        let begun = Instant::now();
        let outcome = (run.act)();
        if let Err(reason) = &outcome {
            println!("{}: {reason}", run.name);
        }
        Self { name: run.name, outcome, took: begun.elapsed() }
    }

    fn ran(&self) -> bool {
        matches!(self.outcome, Ok(Outcome::Ran(_)))
    }

    fn failed(&self) -> bool {
        self.outcome.is_err()
    }

    fn was_not_made(&self) -> bool {
        matches!(self.outcome, Ok(Outcome::NotRun(_)))
    }

    fn row(&self) -> Vec<String> {
        let (end, words) = match &self.outcome {
            Ok(Outcome::Ran(line)) => ("ran", line.as_str()),
            Ok(Outcome::NotRun(reason)) => ("not run", reason.as_str()),
            Err(reason) => ("failed", reason.lines().next().unwrap_or_default()),
        };
        [self.name, end, &format!("{:.0} s", self.took.as_secs_f64()), words].map(str::to_owned).to_vec()
    }
}

/// The table of all runs that were made, and how many ended how.
fn told(ends: &[End], took: Duration) -> String {
    let head = ["Run", "", "Time", "What it told"].map(str::to_owned).to_vec();
    let rows: Vec<_> = std::iter::once(head).chain(ends.iter().map(End::row)).collect();
    let count = |is_so: fn(&End) -> bool| ends.iter().filter(|end| is_so(end)).count();
    format!(
        "{}{} ran, {} failed, {} not run, in {:.0} s\n",
        table(&rows),
        count(End::ran),
        count(End::failed),
        count(End::was_not_made),
        took.as_secs_f64()
    )
}

fn is_a_name(word: &str) -> bool {
    RUNS.iter().any(|run| run.name == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_does_not_exist_is_refused_with_the_names_of_those_that_do() {
        let refusal = verify(&["centos".to_owned()], |_| Ok(String::new())).unwrap_err();
        assert!(
            refusal.starts_with("no run has a name that begins with centos; the runs are here-python, here-java,"),
            "{refusal}"
        );
    }

    #[test]
    fn the_last_table_tells_of_each_run_how_it_ended() {
        let of = |name, outcome, seconds| End { name, outcome, took: Duration::from_secs(seconds) };
        let ends = [
            of("here-python", Ok(Outcome::Ran("sent: Hello.".to_owned())), 12),
            of("sdist", Err("it does not build\nbecause of this".to_owned()), 281),
            of("here-swift", Ok(Outcome::NotRun("Swift is missing".to_owned())), 0),
        ];
        let wanted = "\
Run                    Time  What it told
here-python  ran       12 s  sent: Hello.
sdist        failed   281 s  it does not build
here-swift   not run    0 s  Swift is missing
1 ran, 1 failed, 1 not run, in 293 s
";
        assert_eq!(told(&ends, Duration::from_secs(293)), wanted);
    }

    #[test]
    fn a_suite_in_which_a_test_failed_or_none_ran_has_failed() {
        let of = |passed, failed, skipped| Outcome::of_tests("tests", Summary { passed, failed, skipped });
        assert!(matches!(of(9, 0, 1), Ok(Outcome::Ran(told)) if told == "tests: 9 passed, 0 failed, 1 skipped"));
        assert_eq!(of(9, 1, 0).err().unwrap(), "tests: 9 passed, 1 failed");
        assert_eq!(of(0, 0, 3).err().unwrap(), "tests: 0 passed, 0 failed, 3 skipped");
    }

    #[test]
    fn each_run_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = names().collect();
        assert_eq!(names.len(), RUNS.len());
    }
}
