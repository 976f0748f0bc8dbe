//! What the measuring programs have in common: the command line, the rounds, and a line of JSON for each figure.
//!
//! A measuring program is called as `PROGRAM URL --workloads a,b --rounds N --seconds S`. It lets every contestant of a
//! workload go in turn, round after round, so that what disturbs the machine disturbs all of them, and prints a line of
//! JSON a contestant: `{"language", "workload", "contestant", "version", "calls_per_second", "cpu_us", "p50_us", "p99_us"}`,
//! medians over the rounds. Ours is called `ours`. Every language's program keeps to this.
//!
//! The workload `soak` is for `bench-soak`: ours alone, on 16 threads, and no call's time is kept, since a list of these
//! would grow itself.
//!
//! Called as `PROGRAM URL --startup CONTESTANT`, a program makes one client and one call, prints a line `answered` at once,
//! and then what these took as a line of JSON, a [`Startup`]. Each run of the program is one measurement: what is loaded
//! once is loaded then.

pub mod programs;

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

/// A figure of one contestant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figure {
    pub language: String,
    pub workload: String,
    pub contestant: String,
    pub version: String,
    pub calls_per_second: f64,
    /// Processor time of the calling process, in microseconds a call.
    pub cpu_us: f64,
    /// Half of the calls, and all but one in a hundred, took no longer; in microseconds. 0 where calls are not timed singly.
    pub p50_us: f64,
    pub p99_us: f64,
}

/// What the start of one contestant costs, in microseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Startup {
    pub language: String,
    pub contestant: String,
    pub version: String,
    /// Where an import is something that one does.
    #[serde(default)]
    pub import_us: f64,
    /// Making a client, with what the language loads for that only now.
    pub client_us: f64,
    pub call_us: f64,
    /// From the start of the process to `answered`, as who started it sees it; with that of a wrapper, where Swift has one.
    #[serde(default)]
    pub process_us: f64,
}

/// What the command line asks for.
pub struct Plan {
    pub url: String,
    pub workloads: Vec<String>,
    pub rounds: usize,
    pub time: Duration,
    /// Only these, where any are named: for whoever profiles.
    pub contestants: Vec<String>,
    /// Whose start is measured, and nothing else.
    pub startup: Option<String>,
}

impl Plan {
    pub fn from_command_line() -> Self {
        let mut arguments = std::env::args().skip(1);
        let url = arguments.next().expect("the server's URL comes first");
        let mut plan = Self {
            url,
            workloads: Vec::new(),
            rounds: 5,
            time: Duration::from_secs(1),
            contestants: Vec::new(),
            startup: None,
        };
        while let Some(name) = arguments.next() {
            let value = arguments.next().unwrap_or_else(|| panic!("{name} needs a value"));
            match name.as_str() {
                "--workloads" => plan.workloads = value.split(',').map(str::to_owned).collect(),
                "--contestants" => plan.contestants = value.split(',').map(str::to_owned).collect(),
                "--startup" => plan.startup = Some(value),
                "--rounds" => plan.rounds = value.parse().expect("--rounds takes a number"),
                "--seconds" => plan.time = Duration::from_secs_f64(value.parse().expect("--seconds takes a number")),
                _ => panic!("unknown argument {name}"),
            }
        }
        plan
    }

    /// Whether a contestant takes part.
    pub fn lets(&self, contestant: &str) -> bool {
        self.contestants.is_empty() || self.contestants.iter().any(|name| name == contestant)
    }
}

/// One round of one contestant.
pub struct Round {
    pub calls: usize,
    pub elapsed: Duration,
    pub cpu: Duration,
    /// Of each call, where they are timed singly.
    pub times: Vec<Duration>,
}

/// Lets something be called until the time is over, on this thread.
pub fn sequentially(time: Duration, mut call: impl FnMut()) -> Round {
    let (begun, cpu) = (Instant::now(), cpu_time());
    let mut times = Vec::with_capacity(64 * 1024);
    let mut last = begun;
    while last.duration_since(begun) < time {
        call();
        let now = Instant::now();
        times.push(now.duration_since(last));
        last = now;
    }
    Round { calls: times.len(), elapsed: last.duration_since(begun), cpu: cpu_time() - cpu, times }
}

/// The same on many threads, each with a call of its own making.
pub fn on_threads<C: FnMut()>(count: usize, time: Duration, caller: impl Fn() -> C + Sync) -> Round {
    let (begun, cpu) = (Instant::now(), cpu_time());
    let times: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(|| sequentially(time, caller()).times)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a caller panicked")).collect()
    });
    Round { calls: times.len(), elapsed: begun.elapsed(), cpu: cpu_time() - cpu, times }
}

/// The same without the time of each call.
pub fn untimed_on_threads<C: FnMut()>(count: usize, time: Duration, caller: impl Fn() -> C + Sync) -> Round {
    let (begun, cpu, calls) = (Instant::now(), cpu_time(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| {
                let mut call = caller();
                while begun.elapsed() < time {
                    call();
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    Round { calls: calls.into_inner(), elapsed: begun.elapsed(), cpu: cpu_time() - cpu, times: Vec::new() }
}

/// The figure of a contestant's rounds.
pub fn figure(workload: &str, contestant: &str, version: &str, rounds: &[Round]) -> Figure {
    let per_round = |value: fn(&Round) -> f64| median(rounds.iter().map(value).collect());
    let quantile = |round: &Round, share: f64| {
        let mut times = round.times.clone();
        times.sort_unstable();
        times.get((times.len() as f64 * share) as usize).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    };
    Figure {
        language: "rust".to_owned(),
        workload: workload.to_owned(),
        contestant: contestant.to_owned(),
        version: version.to_owned(),
        calls_per_second: per_round(|round| round.calls as f64 / round.elapsed.as_secs_f64()),
        cpu_us: per_round(|round| round.cpu.as_secs_f64() * 1e6 / round.calls as f64),
        p50_us: median(rounds.iter().map(|round| quantile(round, 0.5)).collect()),
        p99_us: median(rounds.iter().map(|round| quantile(round, 0.99)).collect()),
    }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The processor time of this process so far, all threads together.
pub fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock exists on every system that this runs on, and the pointer is to a timespec of ours.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
