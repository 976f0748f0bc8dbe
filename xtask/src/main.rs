//! The one runner of the project: `cargo xtask demo`, `test`, `api`, `bench`, `soak`, `lines`, `lint`, `docs`, `pages`,
//! `package`, `verify`.

mod api;
mod bench;
mod demo;
mod deny;
mod docs;
mod kotlin;
mod language;
mod lines;
mod lint;
mod matrix;
mod native;
mod package;
mod python;
mod robots;
mod rust;
mod server;
mod shell;
mod suites;
mod summary;
mod swift;
mod table;
mod verify;
mod versions;
mod workflows;

use std::process::ExitCode;

use language::Language;
use server::Server;
use shell::Result;

const HELP: &str = "\
The project's one runner.

Usage: cargo xtask COMMAND

  demo                          builds everything and runs each language's demo against the sandbox
       --url URL --secret S     the same against a real server. It calls every method once: real messages,
                                one of them a broadcast to every user. Take a server that is for tests.
  test [LANGUAGE]…              runs the suites of rust, python, kotlin and swift, or only the named ones.
                                Swift is installed where that is possible (Debian)
       -k PATTERN               only the tests that match PATTERN: a part of a test's name, in Kotlin its class
                                (`ApiTest`, `*Test#name`)
  api [LANGUAGE]…               writes the listings of the public API anew (bindings/*/api.txt, api-docs.txt); the
                                suites of python, kotlin and swift compare them with what is installed
  bench [--quick] [LANGUAGE]…   measures against peers, into target/bench
  soak [--minutes N] [LANGUAGE]…
                                shows that memory and threads stay flat over N minutes of calls (10), in Rust or the
                                named languages
  lines                         how many lines of each facade are written by hand, room by room, beside the targets
       --generated              also builds the library, and counts what is generated from it and the generator
  lint                          formats, lints, licences, and that docs/ shows every endpoint
  docs                          builds the Rust documentation
  pages                         writes the examples of the endpoints' pages, and the programs by which each language's
                                suite runs them, from docs/examples/endpoints.json
  package [--target T]… [LANGUAGE]…
                                builds the library for each target, as far as this machine can, and packs what is
                                released into target/package; says what it left out, and why
       --natives                builds, and packs nothing
       --built                  packs what was built before, here or on another machine
  verify [NAME]…                installs what was packed into empty projects, on this system and others, without Rust,
                                and sends messages; NAME is a run's name, or the beginning of several names
  platforms                     writes the table of platforms into README.md and docs/
  help                          this text

The output of each step is kept in target/xtask/.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, arguments) =
        arguments.split_first().map_or(("help", &[][..]), |(first, rest)| (first.as_str(), rest));
    if arguments.iter().any(|argument| is_call_for_help(argument)) {
        print!("{}", help_of(command));
        return ExitCode::SUCCESS;
    }
    let outcome = match command {
        "bench" => bench::bench(arguments),
        "soak" => bench::soak(arguments),
        "demo" => server(arguments).and_then(demo::demo),
        "test" => selection(arguments).and_then(|(languages, only)| suites::test(&languages, only.as_deref())),
        "api" => Language::chosen(arguments).and_then(|languages| api::renew(&languages)),
        "lint" => none(arguments).and_then(|()| lint::lint()),
        "lines" => match arguments {
            [flag] if flag == "--generated" => lines::lines(true),
            others => none(others).and_then(|()| lines::lines(false)),
        },
        "docs" => none(arguments).and_then(|()| docs::docs()),
        "pages" => none(arguments).and_then(|()| native::pages(false)),
        "package" => package::Wanted::read(arguments).and_then(|wanted| package::package(&wanted)),
        "verify" => verify::verify(arguments, matrix::as_it_ran),
        "platforms" => none(arguments).and_then(|()| matrix::write()),
        // bindings/python/hatch_build.py asks for it.
        "python-sources" => none(arguments).and_then(|()| python::sources_for_a_wheel()),
        help if help == "help" || is_call_for_help(help) => {
            print!("{HELP}");
            Ok(())
        }
        unknown => Err(format!("{unknown} is not a command; see `cargo xtask help`")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn is_call_for_help(argument: &str) -> bool {
    ["--help", "-h"].contains(&argument)
}

/// The part of the help that is about one command; the whole help if there is no such command.
fn help_of(command: &str) -> String {
    let begins_a_command =
        |line: &str| line.strip_prefix("  ").is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    let is_meant = |line: &&str| begins_a_command(line) && line.split_whitespace().next() == Some(command);
    let mut lines = HELP.lines().skip_while(|line| !is_meant(line));
    let Some(first) = lines.next() else { return HELP.to_owned() };
    let rest = lines.take_while(|line| !begins_a_command(line) && !line.is_empty());
    ["Usage: cargo xtask COMMAND", "", first].into_iter().chain(rest).map(|line| format!("{line}\n")).collect()
}

/// The server that `--url` and `--secret` name, both as `--url URL` and `--url=URL`; None without them.
fn server(arguments: &[String]) -> Result<Option<Server>> {
    let (mut url, mut secret) = (None, None);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let (name, attached) =
            argument.split_once('=').map_or((argument.as_str(), None), |(n, v)| (n, Some(v.to_owned())));
        let place = match name {
            "--url" => &mut url,
            "--secret" => &mut secret,
            _ => return Err(format!("demo does not know {name}; see `cargo xtask help`")),
        };
        let value = attached.or_else(|| arguments.next().cloned());
        *place = Some(value.ok_or_else(|| format!("{name} needs a value"))?);
    }
    match (url, secret) {
        (None, None) => Ok(None),
        (Some(url), Some(secret)) => Ok(Some(Server { url, secret })),
        _ => Err("--url and --secret go together".to_owned()),
    }
}

/// The languages of `test`, and the pattern behind `-k`, if there is one.
fn selection(arguments: &[String]) -> Result<(Vec<Language>, Option<String>)> {
    let Some(at) = arguments.iter().position(|argument| argument == "-k") else {
        return Ok((Language::chosen(arguments)?, None));
    };
    let pattern = arguments.get(at + 1).ok_or("-k needs a pattern")?;
    let languages = [&arguments[..at], &arguments[at + 2..]].concat();
    Ok((Language::chosen(&languages)?, Some(pattern.clone())))
}

fn none(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => Ok(()),
        [first, ..] => Err(format!("{first} is not expected here; see `cargo xtask help`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_server_is_named_by_url_and_secret() {
        for line in ["--url http://h:18080 --secret s", "--secret=s --url=http://h:18080"] {
            let server = server(&words(line)).unwrap().unwrap();
            assert_eq!((server.url.as_str(), server.secret.as_str()), ("http://h:18080", "s"));
        }
        assert!(server(&[]).unwrap().is_none());
    }

    #[test]
    fn a_pattern_may_stand_anywhere_among_the_languages() {
        for line in ["python swift -k api", "-k api python swift", "python -k api swift"] {
            let (languages, only) = selection(&words(line)).unwrap();
            assert_eq!((languages, only.as_deref()), (vec![Language::Python, Language::Swift], Some("api")));
        }
        assert_eq!(selection(&words("rust")).unwrap(), (vec![Language::Rust], None));
        assert_eq!(selection(&words("rust -k")).err().as_deref(), Some("-k needs a pattern"));
    }

    #[test]
    fn a_command_that_is_asked_for_help_shows_its_part_of_the_help() {
        let bench = help_of("bench");
        assert!(bench.starts_with("Usage: cargo xtask COMMAND\n\n  bench [--quick]"), "{bench}");
        assert_eq!(bench.lines().count(), 3, "{bench}");
        let package = help_of("package");
        assert!(package.contains("--natives") && package.ends_with("another machine\n"), "{package}");
        assert_eq!(help_of("platforms").lines().count(), 3);
        assert_eq!(help_of("cobol"), HELP);
    }

    #[test]
    fn half_a_server_is_refused() {
        for (line, reason) in [
            ("--url http://h:18080", "--url and --secret go together"),
            ("--secret", "--secret needs a value"),
            ("--port 1", "demo does not know --port; see `cargo xtask help`"),
        ] {
            assert_eq!(server(&words(line)).err().as_deref(), Some(reason));
        }
    }
}
