//! Whether memory, threads and open files stay as they are while a program makes calls for minutes.
//!
//! `bench-soak --server PROGRAM --out FOLDER --minutes N --program 'rust\nPROGRAM\nARGUMENT…' …` (`cargo xtask soak` calls
//! it.) Reads in /proc what the program holds while it does the workload `soak`, shows it minute by minute, appends it to
//! `soak.md` in the folder, and fails where it has grown.

use std::{
    fs::{self, OpenOptions},
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use wildfirechat_bench::{
    Figure,
    programs::{Program, Server, machine},
};

const MINUTE: Duration = Duration::from_secs(60);
/// A shorter run is shown in fifths.
const LONG: u32 = 10;
/// How often a program is looked at, in a row of the table.
const LOOKS: u32 = 4;
/// By how much the memory may be larger at the end than in minute 2, or in the first fifth of a shorter run: until then
/// caches fill.
const ALLOWED: f64 = 0.03;
/// The threads and files that may be more: a JVM's compiler takes threads as it needs them.
const A_FEW: usize = 4;

struct Arguments {
    server: PathBuf,
    out: PathBuf,
    minutes: u32,
    programs: Vec<Program>,
}

fn main() -> ExitCode {
    match arguments().and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("bench-soak: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Arguments, String> {
    let mut arguments = Arguments { server: PathBuf::new(), out: PathBuf::new(), minutes: 10, programs: Vec::new() };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--server" => arguments.server = value.into(),
            "--out" => arguments.out = value.into(),
            "--minutes" => {
                let minutes = value.parse().ok().filter(|minutes| *minutes > 0);
                arguments.minutes = minutes.ok_or("--minutes takes a number, from 1 on")?;
            }
            "--program" => arguments.programs.push(Program::from_lines(&value)?),
            _ => return Err(format!("unknown argument {name}")),
        }
    }
    Ok(arguments)
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let mut grown = Vec::new();
    for program in &arguments.programs {
        if !soak(arguments, program)? {
            grown.push(program.language.as_str());
        }
    }
    if grown.is_empty() { Ok(()) } else { Err(format!("it grows: {}", grown.join(", "))) }
}

/// Shows a line, and keeps it for the file.
struct Told(String);

impl Told {
    fn tell(&mut self, line: &str) {
        println!("{line}");
        self.0.push_str(line);
        self.0.push('\n');
    }
}

/// Lets one program call; says whether it held no more at the end than at the beginning.
fn soak(arguments: &Arguments, program: &Program) -> Result<bool, String> {
    let language = &program.language;
    let total = MINUTE * arguments.minutes;
    let step = if arguments.minutes < LONG { total / 5 } else { MINUTE };
    let server = Server::start(&arguments.server, false)?;
    let mut told = Told(String::new());
    told.tell(&format!("## {language}, {} min", arguments.minutes));
    told.tell("");
    told.tell(&machine());
    told.tell("");
    told.tell("| minute | memory, KiB | threads | open files |");
    told.tell("| ---: | ---: | ---: | ---: |");
    let mut command = program.command(false);
    command.arg(&server.url).args(["--workloads", "soak", "--rounds", "1"]);
    command.args(["--seconds", &total.as_secs().to_string()]).stdout(Stdio::piped());
    let begun = Instant::now();
    let mut running = Running(command.spawn().map_err(|error| format!("{language}: {error}"))?);
    let mut rows = Vec::new();
    for number in 1..=(total.as_secs() / step.as_secs()) as u32 {
        let row = running.looked_at(begun + step * (number - 1), step)?;
        let minute = (step * number).as_secs_f64() / 60.0;
        told.tell(&format!("| {minute:.1} | {} | {} | {} |", row.memory, row.threads, row.files));
        rows.push(row);
    }
    let figure = running.figure(language)?;
    let (Some(early), Some(late)) = (rows.get(usize::from(arguments.minutes >= LONG)), rows.last()) else {
        return Err("there is nothing to compare".to_owned());
    };
    let growth = late.memory as f64 / early.memory as f64 - 1.0;
    let flat = growth <= ALLOWED && late.threads <= early.threads + A_FEW && late.files <= early.files + A_FEW;
    told.tell("");
    told.tell(&format!(
        "{:.0} calls, {:.0} a second, {:.1} µs of processor time each.",
        figure.calls_per_second * total.as_secs_f64(),
        figure.calls_per_second,
        figure.cpu_us
    ));
    told.tell(&format!(
        "**{}**: at the end {:+.2} % of memory, {} → {} KiB; {} → {} threads, {} → {} files.",
        if flat { "flat" } else { "it grows" },
        growth * 100.0,
        early.memory,
        late.memory,
        early.threads,
        late.threads,
        early.files,
        late.files
    ));
    told.tell("");
    append(&arguments.out, &told.0)?;
    Ok(flat)
}

/// What a program holds: the most of what was seen in some time, so that it matters little when its memory was last tidied.
#[derive(Default)]
struct Held {
    memory: usize,
    threads: usize,
    files: usize,
}

struct Running(Child);

impl Running {
    /// Looks a few times at what it holds, in the time that begins then; not at its end, where the program may end too.
    fn looked_at(&mut self, begin: Instant, time: Duration) -> Result<Held, String> {
        let mut most = Held::default();
        for look in 0..LOOKS {
            let moment = begin + time * (2 * look + 1) / (2 * LOOKS);
            thread::sleep(moment.saturating_duration_since(Instant::now()));
            if self.0.try_wait().map_err(|error| error.to_string())?.is_some() {
                return Err("the program has ended before its time".to_owned());
            }
            let now = held(self.0.id()).ok_or("the program cannot be looked at in /proc")?;
            most.memory = most.memory.max(now.memory);
            most.threads = most.threads.max(now.threads);
            most.files = most.files.max(now.files);
        }
        Ok(most)
    }

    /// Waits for its end, and for what it has counted.
    fn figure(mut self, language: &str) -> Result<Figure, String> {
        let mut text = String::new();
        if let Some(mut output) = self.0.stdout.take() {
            output.read_to_string(&mut text).map_err(|error| error.to_string())?;
        }
        if !self.0.wait().map_err(|error| error.to_string())?.success() {
            return Err(format!("{language}: the program failed"));
        }
        let line = text.lines().find(|line| line.starts_with('{')).ok_or("the program told no figure")?;
        serde_json::from_str(line).map_err(|error| format!("{language}: {line}: {error}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The words of a program may begin with a wrapper, which becomes the program: it has the same number.
fn held(process: u32) -> Option<Held> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let number = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse().ok()
    };
    let files = fs::read_dir(format!("/proc/{process}/fd")).ok()?.count();
    Some(Held { memory: number("VmRSS")?, threads: number("Threads")?, files })
}

fn append(folder: &Path, text: &str) -> Result<(), String> {
    let file = folder.join("soak.md");
    fs::create_dir_all(folder)
        .and_then(|()| OpenOptions::new().create(true).append(true).open(&file))
        .and_then(|mut file| writeln!(file, "{text}"))
        .map_err(|error| format!("{}: {error}", file.display()))
}
