//! Processes with a governor each, before one server with a budget, on a clock of the model's own.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::*;

#[derive(Clone, Copy)]
struct Trial {
    budget: f64,
    /// A second.
    refill: f64,
    processes: usize,
    /// Of each process, as the messages are.
    workers: usize,
    messages: u32,
    /// A request's, there and back.
    way: Duration,
    /// How often and how long nothing moves in a process, on the average.
    stalls: Option<(Duration, Duration)>,
    /// Each begins at some moment within this time.
    starts: Duration,
    /// What share of the refill others take, and from when to when.
    others: (f64, Duration, Duration),
}

const NOBODY: (f64, Duration, Duration) = (0.0, Duration::ZERO, Duration::ZERO);

/// What the server does for one request; it does one after the other.
const WORK: Duration = Duration::from_micros(60);

/// The time that processes take until they have their share.
const SETTLING: Duration = Duration::from_secs(15);

#[derive(Debug)]
struct Played {
    /// Of the requests that the server would have taken.
    used: f64,
    /// Of the requests made.
    refused: f64,
    /// How much longer the slowest process took than the fastest.
    slowest: f64,
    /// How much more one process got than another while all were under way, after their first seconds.
    most: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Asks,
    Arrives { begun: Instant },
    Answered { begun: Instant, taken: bool },
}

struct Process {
    governor: Governor,
    start: Instant,
    /// From when to when nothing moves.
    stalls: Vec<(Instant, Instant)>,
    /// Messages that no worker has yet.
    left: u32,
    /// When each was taken.
    taken: Vec<Instant>,
}

impl Process {
    fn moves(&self, at: Instant) -> Instant {
        let last = self.stalls[..self.stalls.partition_point(|(from, _)| *from <= at)].last();
        last.map_or(at, |(_, to)| at.max(*to))
    }
}

struct Server {
    left: f64,
    /// What it would have taken until now.
    could: f64,
    begin: Instant,
    now: Instant,
    /// When it has done all its work.
    free: Instant,
}

impl Trial {
    fn play(self, seed: u64) -> Played {
        let (begin, mut random) = (Instant::now(), Random(seed.wrapping_mul(0x9E37_79B9)));
        let mut processes: Vec<Process> = (0..self.processes).map(|_| self.process(begin, &mut random)).collect();
        let mut server = Server { left: self.budget, could: self.budget, begin, now: begin, free: begin };
        let (mut refused, mut taken) = (0, 0);
        let mut events = BinaryHeap::new();
        for (number, process) in processes.iter().enumerate() {
            events.extend((0..self.workers).map(|worker| Reverse((process.start, number, worker, Event::Asks))));
        }
        while let Some(Reverse((now, number, worker, event))) = events.pop() {
            let half = self.way / 2 + random.about(self.way / 10);
            let process = &mut processes[number];
            let (at, next) = match event {
                Event::Asks if process.left == 0 => continue,
                Event::Asks => match process.governor.turn(now) {
                    Turn::In(wait) => {
                        process.left -= 1;
                        let begun = process.moves(now + wait);
                        (process.moves(begun + half), Event::Arrives { begun })
                    }
                    Turn::AskIn(wait) => (process.moves(now + wait), Event::Asks),
                },
                Event::Arrives { begun } => {
                    let takes = self.takes(&mut server, now);
                    if takes {
                        process.taken.push(now);
                    } else {
                        process.left += 1;
                    }
                    taken += u32::from(takes);
                    refused += u32::from(!takes);
                    if taken == self.messages * self.processes as u32 {
                        break;
                    }
                    (process.moves(server.free + half), Event::Answered { begun, taken: takes })
                }
                Event::Answered { begun, taken } => {
                    if taken {
                        process.governor.taken(now);
                    } else {
                        process.governor.refused(begun, now, Duration::ZERO);
                    }
                    (now, Event::Asks)
                }
            };
            events.push(Reverse((at, number, worker, next)));
        }
        Played {
            used: f64::from(taken) / server.could,
            refused: f64::from(refused) / f64::from(refused + taken),
            slowest: apart(processes.iter().map(|each| (*each.taken.last().unwrap() - each.start).as_secs_f64())),
            most: most(&processes),
        }
    }

    fn process(&self, begin: Instant, random: &mut Random) -> Process {
        let start = begin + self.starts.mul_f64(random.share());
        let mut at = begin;
        let stalls = self.stalls.map_or_else(Vec::new, |(every, long)| {
            let times = std::iter::from_fn(|| {
                let from = at + random.about(every);
                at = from + random.about(long);
                Some((from, at))
            });
            times.take_while(|(from, _)| *from < begin + Duration::from_secs(300)).collect()
        });
        Process { governor: Governor::new(start), start, stalls, left: self.messages, taken: Vec::new() }
    }

    fn takes(&self, server: &mut Server, now: Instant) -> bool {
        let (share, from, to) = self.others;
        let others = if (from..to).contains(&(now - server.begin)) { share } else { 0.0 };
        let refill = (now - server.now).as_secs_f64() * self.refill * (1.0 - others);
        server.left = (server.left + refill).min(self.budget);
        server.could += refill;
        (server.now, server.free) = (now, server.free.max(now) + WORK);
        let takes = server.left >= 1.0;
        server.left -= f64::from(u8::from(takes));
        takes
    }
}

/// The largest over the smallest.
fn apart(all: impl Iterator<Item = f64> + Clone) -> f64 {
    all.clone().fold(0.0, f64::max) / all.fold(f64::INFINITY, f64::min)
}

fn most(processes: &[Process]) -> f64 {
    let from = processes.iter().map(|each| each.start).max().unwrap() + SETTLING;
    let to = processes.iter().map(|each| *each.taken.last().unwrap()).min().unwrap();
    apart(processes.iter().map(|each| each.taken.iter().filter(|at| (from..to).contains(*at)).count() as f64))
}

/// A generator with 64 bits of state.
struct Random(u64);

impl Random {
    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Times of this average, in an exponential distribution.
    fn about(&mut self, average: Duration) -> Duration {
        average.mul_f64(-(1.0 - self.share()).ln())
    }
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

const THOUSAND: Trial = Trial {
    budget: 10_000.0,
    refill: 1_000.0,
    processes: 1,
    workers: 32,
    messages: 40_000,
    way: ms(1),
    stalls: None,
    starts: Duration::ZERO,
    others: NOBODY,
};

#[test]
fn the_rate_settles_near_the_servers_and_few_requests_are_wasted() {
    for trial in [
        THOUSAND,
        Trial { workers: 64, way: ms(20), ..THOUSAND },
        Trial { budget: 1_000.0, refill: 100.0, workers: 8, messages: 4_000, ..THOUSAND },
        Trial { budget: 100_000.0, refill: 10_000.0, workers: 256, way: ms(2), messages: 300_000, ..THOUSAND },
    ] {
        for seed in 0..4 {
            let played = trial.play(seed);
            assert!(played.used >= 0.99 && played.refused < 0.01, "{played:?} of {} workers", trial.workers);
        }
    }
}

#[test]
fn the_rate_settles_near_the_servers_even_where_requests_stand_still_at_times() {
    for stalls in [(ms(300), ms(50)), (ms(300), ms(100)), (ms(100), ms(50)), (ms(1000), ms(200))] {
        let stalls = Some(stalls);
        for trial in [
            Trial { stalls, ..THOUSAND },
            Trial { stalls, workers: 64, way: ms(20), ..THOUSAND },
            Trial { stalls, budget: 2_000.0, refill: 200.0, workers: 8, messages: 3_000, ..THOUSAND },
        ] {
            for seed in 0..5 {
                let played = trial.play(seed);
                assert!(played.used >= 0.95 && played.refused < 0.02, "{played:?} {stalls:?}, seed {seed}");
            }
        }
    }
}

#[test]
fn others_that_come_and_go_get_their_share_and_leave_it() {
    for (share, from, to) in [(0.5, 15, 30), (0.9, 5, 15), (1.0, 15, 20)] {
        let others = (share, Duration::from_secs(from), Duration::from_secs(to));
        for trial in [THOUSAND, Trial { workers: 64, way: ms(20), ..THOUSAND }] {
            for seed in 0..4 {
                let played = Trial { others, messages: 60_000, ..trial }.play(seed);
                assert!(played.used >= 0.95 && played.refused < 0.03, "{played:?} {others:?}, seed {seed}");
            }
        }
    }
}

#[test]
fn a_server_that_takes_few_is_not_stormed() {
    for seed in 0..4 {
        let played = Trial { budget: 100.0, refill: 10.0, messages: 400, ..THOUSAND }.play(seed);
        // The first refusal is of all 32.
        assert!(played.used >= 0.95 && played.refused < 0.3, "{played:?}, seed {seed}");
    }
}

/// 2,000 in 10 s, for several at once.
const SHARED: Trial = Trial { budget: 2_000.0, refill: 200.0, messages: 1_000, ..THOUSAND };

/// The averages of some trials, of which none wastes much.
fn averages(processes: usize, seeds: u64, trial: Trial) -> Played {
    let all: Vec<Played> = (0..seeds).map(|seed| Trial { processes, ..trial }.play(seed)).collect();
    let average = |which: fn(&Played) -> f64| all.iter().map(which).sum::<f64>() / seeds as f64;
    let [used, refused, slowest, most] = [
        |each: &Played| each.used,
        |each: &Played| each.refused,
        |each: &Played| each.slowest,
        |each: &Played| each.most,
    ]
    .map(average);
    let played = Played { used, refused, slowest, most };
    let least = all.iter().map(|each| each.used).fold(1.0, f64::min);
    assert!(played.used >= 0.95 && least >= 0.93, "{processes} processes: {played:?}, {least} used at the least");
    played
}

#[test]
fn processes_that_begin_together_share_the_budget_and_end_together() {
    for processes in [2, 4, 8, 16] {
        let messages = if processes == 2 { 2_000 } else { 1_000 };
        for trial in [SHARED, Trial { way: ms(30), ..SHARED }, Trial { workers: 8, way: ms(5), ..SHARED }] {
            let played = averages(processes, 4, Trial { messages, ..trial });
            assert!(played.slowest <= 1.35, "{processes} processes: {played:?}");
        }
    }
}

/// What they had of the budget before the first refusal is chance; from then on they are equals.
#[test]
fn processes_that_begin_at_different_times_or_stand_still_at_times_are_equals() {
    for processes in [2, 4, 8, 16] {
        let several = Trial { messages: 40_000 / processes as u32, ..SHARED };
        for trial in [
            Trial { starts: ms(500), ..several },
            Trial { starts: ms(5_000), ..several },
            Trial { stalls: Some((ms(300), ms(50))), ..several },
            Trial { stalls: Some((ms(1000), ms(200))), starts: ms(500), way: ms(20), ..several },
        ] {
            let played = averages(processes, 1, trial);
            assert!(played.most <= 2.0, "{processes} processes: {played:?}");
        }
    }
}

#[test]
fn the_usual_limit_of_a_server_is_shared_as_well() {
    for (processes, starts) in [(2, ms(0)), (4, ms(1_000)), (8, ms(1_000))] {
        let played = averages(processes, 1, Trial { starts, messages: 80_000 / processes as u32, ..THOUSAND });
        assert!(played.most <= 2.0, "{processes} processes: {played:?}");
    }
}
