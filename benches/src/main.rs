//! Gathers the measurements: starts the server, lets each language's program measure against it, and compares.
//!
//! `wildfirechat-bench --server PROGRAM --out FOLDER --rounds N --seconds S --program 'rust\nPROGRAM\nARGUMENT…' …
//! --startup 'rust\nPROGRAM\nARGUMENT…' …`: the programs, and those that measure their start, which may be others. (`cargo xtask bench` calls it.) Writes `results.json` and `results.md` into the folder, and shows the table.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{ExitCode, Stdio},
    time::Instant,
};

use serde::Serialize;
use wildfirechat_bench::{
    Figure, Startup, median,
    programs::{Program, Server, machine},
};

/// What every program measures on all cores where nothing else is asked for, and what on one.
const WORKLOADS: &str = "sequential,threads_16,threads_64,async_100,async_1000,get_40k,send_40k,bulk,crossing";
const ON_ONE_CORE: &str = "sequential";

/// Whose start is measured, in each language.
fn starting(language: &str) -> &'static [&'static str] {
    match language {
        "rust" => &["ours", "reqwest", "ureq"],
        "python" => &["ours", "requests"],
        "kotlin" => &["ours", "java.net.http", "okhttp", "apache"],
        "swift" => &["ours", "URLSession"],
        _ => &[],
    }
}

/// A start takes no time, compared with a round: so many of them for each.
const STARTS_A_ROUND: usize = 3;

struct Arguments {
    server: PathBuf,
    out: PathBuf,
    workloads: String,
    rounds: String,
    seconds: String,
    programs: Vec<Program>,
    startups: Vec<Program>,
}

fn main() -> ExitCode {
    match arguments().and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("wildfirechat-bench: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Arguments, String> {
    let mut arguments = Arguments {
        server: PathBuf::new(),
        out: PathBuf::new(),
        workloads: WORKLOADS.to_owned(),
        rounds: "5".to_owned(),
        seconds: "1".to_owned(),
        programs: Vec::new(),
        startups: Vec::new(),
    };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--server" => arguments.server = value.into(),
            "--out" => arguments.out = value.into(),
            "--workloads" => arguments.workloads = value,
            "--rounds" => arguments.rounds = value,
            "--seconds" => arguments.seconds = value,
            "--program" => arguments.programs.push(Program::from_lines(&value)?),
            "--startup" => arguments.startups.push(Program::from_lines(&value)?),
            _ => return Err(format!("unknown argument {name}")),
        }
    }
    Ok(arguments)
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let mut figures = Vec::new();
    for program in &arguments.programs {
        for (workloads, pinned) in [(arguments.workloads.as_str(), false), (ON_ONE_CORE, true)] {
            eprintln!("… {}{}", program.language, if pinned { ", one core" } else { "" });
            figures.extend(measure(arguments, program, workloads, pinned)?);
        }
    }
    let mut startups = Vec::new();
    for program in &arguments.startups {
        eprintln!("… {}, start", program.language);
        startups.extend(start(arguments, program)?);
    }
    let comparisons = compare(&figures);
    let machine = machine();
    let table = table(&machine, &figures, &comparisons, &startups);
    let results = Results { machine, figures, comparisons, startups };
    let json = serde_json::to_string_pretty(&results).map_err(|error| error.to_string())?;
    fs::create_dir_all(&arguments.out).map_err(|error| error.to_string())?;
    for (name, text) in [("results.json", &json), ("results.md", &table)] {
        let file = arguments.out.join(name);
        fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    println!("{table}");
    Ok(())
}

fn measure(arguments: &Arguments, program: &Program, workloads: &str, pinned: bool) -> Result<Vec<Figure>, String> {
    let language = &program.language;
    let server = Server::start(&arguments.server, pinned)?;
    let mut command = program.command(pinned);
    command.arg(&server.url).args(["--workloads", workloads, "--rounds", &arguments.rounds]);
    command.args(["--seconds", &arguments.seconds]).stderr(Stdio::inherit());
    let output = command.output().map_err(|error| format!("{language}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{language}: the program failed"));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let figures = text.lines().filter(|line| line.starts_with('{')).map(|line| {
        let mut figure: Figure = serde_json::from_str(line).map_err(|error| format!("{language}: {line}: {error}"))?;
        if pinned {
            figure.workload.push_str(", one core");
        }
        Ok(figure)
    });
    figures.collect()
}

/// Lets all contestants of a language start in turn, again and again: medians.
fn start(arguments: &Arguments, program: &Program) -> Result<Vec<Startup>, String> {
    let server = Server::start(&arguments.server, false)?;
    let rounds: usize = arguments.rounds.parse().map_err(|_| "--rounds takes a number")?;
    let contestants = starting(&program.language);
    let mut starts: Vec<Vec<Startup>> = contestants.iter().map(|_| Vec::new()).collect();
    for round in 0..=rounds * STARTS_A_ROUND {
        for (contestant, starts) in contestants.iter().zip(&mut starts) {
            let start = one_start(&server, program, contestant)?;
            // The first one has read from the disk what the others find in memory.
            if round > 0 {
                starts.push(start);
            }
        }
    }
    let medians = starts.into_iter().filter_map(|starts| {
        let of = |value: fn(&Startup) -> f64| median(starts.iter().map(value).collect());
        Some(Startup {
            import_us: of(|start| start.import_us),
            client_us: of(|start| start.client_us),
            call_us: of(|start| start.call_us),
            process_us: of(|start| start.process_us),
            ..starts.first()?.clone()
        })
    });
    Ok(medians.collect())
}

fn one_start(server: &Server, program: &Program, contestant: &str) -> Result<Startup, String> {
    let failed = |reason: &dyn std::fmt::Display| format!("{}, start of {contestant}: {reason}", program.language);
    let mut command = program.command(false);
    command.args([&server.url, "--startup", contestant]).stdout(Stdio::piped());
    let begun = Instant::now();
    let mut process = command.spawn().map_err(|error| failed(&error))?;
    let output = process.stdout.take().ok_or_else(|| failed(&"it has no output"))?;
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let answered = lines.find(|line| line == "answered").map(|_| begun.elapsed());
    let line = lines.find(|line| line.starts_with('{'));
    let ended = process.wait().map_err(|error| failed(&error))?;
    let (Some(answered), Some(line), true) = (answered, line, ended.success()) else {
        return Err(failed(&"the program failed"));
    };
    let start: Startup = serde_json::from_str(&line).map_err(|error| failed(&error))?;
    Ok(Startup { process_us: answered.as_secs_f64() * 1e6, ..start })
}

#[derive(Serialize)]
struct Results {
    machine: String,
    figures: Vec<Figure>,
    comparisons: Vec<Comparison>,
    startups: Vec<Startup>,
}

/// Ours against one peer, in one workload of one language.
#[derive(Serialize)]
struct Comparison {
    language: String,
    workload: String,
    peer: String,
    version: String,
    ours: f64,
    theirs: f64,
    ratio: f64,
    our_cpu_us: f64,
    their_cpu_us: f64,
    cpu_ratio: f64,
}

/// A bulk is compared with the peers of the threads: that is what one would do otherwise.
fn compare(figures: &[Figure]) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    for ours in figures.iter().filter(|figure| figure.contestant == "ours") {
        let suits = |figure: &&Figure| {
            figure.language == ours.language
                && figure.contestant != "ours"
                && (figure.workload == ours.workload
                    || (ours.workload == "bulk" && ["threads_16", "threads_64"].contains(&figure.workload.as_str())))
        };
        for theirs in figures.iter().filter(suits) {
            let threads = if ours.workload == theirs.workload { "" } else { &theirs.workload };
            comparisons.push(Comparison {
                language: ours.language.clone(),
                workload: ours.workload.clone(),
                peer: [theirs.contestant.as_str(), threads].join(" ").trim().to_owned(),
                version: theirs.version.clone(),
                ours: ours.calls_per_second,
                theirs: theirs.calls_per_second,
                ratio: ours.calls_per_second / theirs.calls_per_second,
                our_cpu_us: ours.cpu_us,
                their_cpu_us: theirs.cpu_us,
                cpu_ratio: ours.cpu_us / theirs.cpu_us,
            });
        }
    }
    comparisons
}

fn table(machine: &str, figures: &[Figure], comparisons: &[Comparison], startups: &[Startup]) -> String {
    let mut lines = vec![
        machine.to_owned(),
        String::new(),
        "| language | workload | peer | ours, calls/s | theirs | ratio | CPU a call, ours / theirs, µs |".to_owned(),
        "| --- | --- | --- | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    lines.extend(comparisons.iter().map(|c| {
        format!(
            "| {} | {} | {} {} | {:.0} | {:.0} | **{:.2}** | {:.1} / {:.1} |",
            c.language, c.workload, c.peer, c.version, c.ours, c.theirs, c.ratio, c.our_cpu_us, c.their_cpu_us
        )
    }));
    lines.push(String::new());
    lines.push("| language | workload | ours: µs a call, half of them | all but 1 % | CPU µs a call |".to_owned());
    lines.push("| --- | --- | ---: | ---: | ---: |".to_owned());
    lines.extend(
        figures.iter().filter(|figure| figure.contestant == "ours").map(|f| {
            format!("| {} | {} | {:.1} | {:.1} | {:.1} |", f.language, f.workload, f.p50_us, f.p99_us, f.cpu_us)
        }),
    );
    if !startups.is_empty() {
        lines.push(String::new());
        lines.push(
            "| language | start with | import, µs | client, µs | first call, µs | process start to answer, ms |"
                .to_owned(),
        );
        lines.push("| --- | --- | ---: | ---: | ---: | ---: |".to_owned());
    }
    lines.extend(startups.iter().map(|s| {
        let import = if s.import_us > 0.0 { format!("{:.0}", s.import_us) } else { "–".to_owned() };
        format!(
            "| {} | {} {} | {import} | {:.0} | {:.0} | {:.1} |",
            s.language,
            s.contestant,
            s.version,
            s.client_us,
            s.call_us,
            s.process_us / 1e3
        )
    }));
    lines.push(String::new());
    lines.join("\n")
}
