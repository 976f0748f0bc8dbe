//! Gathers the measurements: starts the server, lets each language's program measure against it, and compares.
//!
//! `wildfirechat-bench --server PROGRAM --out FOLDER --rounds N --seconds S --program 'rust\nPROGRAM\nARGUMENT…' …`
//! (`cargo xtask bench` calls it.) Writes `results.json` and `results.md` into the folder, and shows the table.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdin, Command, ExitCode, Stdio},
};

use serde::Serialize;
use wildfirechat_bench::Figure;

/// What every program measures on all cores, and what on one.
const WORKLOADS: &str = "sequential,threads_16,threads_64,get_40k,send_40k,bulk,crossing";
const ON_ONE_CORE: &str = "sequential";

struct Arguments {
    server: PathBuf,
    out: PathBuf,
    rounds: String,
    seconds: String,
    programs: Vec<(String, Vec<String>)>,
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
        rounds: "5".to_owned(),
        seconds: "1".to_owned(),
        programs: Vec::new(),
    };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--server" => arguments.server = value.into(),
            "--out" => arguments.out = value.into(),
            "--rounds" => arguments.rounds = value,
            "--seconds" => arguments.seconds = value,
            "--program" => {
                let mut words = value.lines().map(str::to_owned);
                let language = words.next().ok_or("--program needs a language and a program")?;
                arguments.programs.push((language, words.collect()));
            }
            _ => return Err(format!("unknown argument {name}")),
        }
    }
    Ok(arguments)
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let mut figures = Vec::new();
    for (language, program) in &arguments.programs {
        for (workloads, pinned) in [(WORKLOADS, false), (ON_ONE_CORE, true)] {
            eprintln!("… {language}{}", if pinned { ", one core" } else { "" });
            figures.extend(measure(arguments, language, program, workloads, pinned)?);
        }
    }
    let comparisons = compare(&figures);
    let machine = machine();
    let table = table(&machine, &figures, &comparisons);
    let results = Results { machine, figures, comparisons };
    let json = serde_json::to_string_pretty(&results).map_err(|error| error.to_string())?;
    fs::create_dir_all(&arguments.out).map_err(|error| error.to_string())?;
    for (name, text) in [("results.json", &json), ("results.md", &table)] {
        let file = arguments.out.join(name);
        fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    println!("{table}");
    Ok(())
}

/// A running server; it ends when this is dropped.
struct Server {
    url: String,
    process: Child,
    _input: Option<ChildStdin>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn server(arguments: &Arguments, pinned: bool) -> Result<Server, String> {
    let mut command = pin(pinned, &[arguments.server.display().to_string()]);
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", arguments.server.display()))?;
    let mut url = String::new();
    if let Some(output) = process.stdout.take() {
        BufReader::new(output).read_line(&mut url).map_err(|error| error.to_string())?;
    }
    let input = process.stdin.take();
    Ok(Server { url: url.trim().to_owned(), process, _input: input })
}

/// The command, on the first core alone where it is pinned.
fn pin(pinned: bool, words: &[String]) -> Command {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    if pinned {
        words.splice(0..0, ["taskset", "-c", "0"]);
    }
    let mut command = Command::new(words.first().copied().unwrap_or_default());
    command.args(&words[1..]);
    command
}

fn measure(
    arguments: &Arguments,
    language: &str,
    program: &[String],
    workloads: &str,
    pinned: bool,
) -> Result<Vec<Figure>, String> {
    let server = server(arguments, pinned)?;
    let mut command = pin(pinned, program);
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

#[derive(Serialize)]
struct Results {
    machine: String,
    figures: Vec<Figure>,
    comparisons: Vec<Comparison>,
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

fn table(machine: &str, figures: &[Figure], comparisons: &[Comparison]) -> String {
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
    lines.push(String::new());
    lines.join("\n")
}

fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{} cores of {}, Linux {}", cores, model.trim_start_matches([':', ' ', '\t']), kernel.trim())
}
