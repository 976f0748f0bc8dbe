//! What the application's log says about a bulk: that its messages wait, that they continue, and how it ended; not
//! every single message.

use std::time::{Duration, Instant};

use crate::{
    call::Waiting,
    log_line::{LogLevel, LogLine, lower, wanted_by_rust},
};

/// If messages wait again within this time, this counts as the same wait, because a server at its limit accepts some
/// messages in between.
const CALM: Duration = Duration::from_secs(2);

/// How many messages have come to which end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) sent: i64,
    pub(super) failed: i64,
    pub(super) unknown: i64,
}

pub(super) struct BulkLog {
    /// What the messages are sent by.
    endpoint: &'static str,
    /// What the application wants to hear; and what it or Rust's own log does.
    asked: Option<LogLevel>,
    level: Option<LogLevel>,
    begun: Instant,
    pause: Option<Pause>,
    /// Whether they ever waited.
    has_waited: bool,
    is_over: bool,
    /// What it has not been told yet.
    lines: Vec<LogLine>,
}

struct Pause {
    since: Instant,
    /// When they last waited.
    last: Instant,
    is_server_away: bool,
}

impl BulkLog {
    pub(super) fn new(endpoint: &'static str, asked: Option<LogLevel>, begun: Instant) -> Self {
        let level = lower(asked, wanted_by_rust());
        Self { endpoint, asked, level, begun, pause: None, has_waited: false, is_over: false, lines: Vec::new() }
    }

    /// Takes in how it goes, and gives what the application's log should say.
    pub(super) fn tell(
        &mut self,
        now: Instant,
        waiting: Option<Waiting>,
        counts: Counts,
        is_done: bool,
    ) -> Vec<LogLine> {
        let Some(level) = self.level else { return Vec::new() };
        if self.is_over {
            return Vec::new();
        }
        if level <= LogLevel::Info {
            self.report_pauses(now, waiting.filter(|_| !is_done), counts, is_done);
        }
        // An end without failures or waiting is logged like the end of a call, which a log by default does not show.
        let how = match counts {
            Counts { unknown: 1.., .. } => LogLevel::Warning,
            Counts { failed: 1.., .. } => LogLevel::Info,
            _ if self.has_waited => LogLevel::Info,
            _ => LogLevel::Debug,
        };
        let all = counts.sent + counts.failed + counts.unknown;
        if is_done && all > 0 && level <= how {
            let time = now.saturating_duration_since(self.begun);
            let text = format!("ended after {:.1} s: {}", time.as_secs_f64(), Words(counts));
            self.add_line(how, "Finished", time, counts, &text);
        }
        self.is_over = is_done;
        std::mem::take(&mut self.lines)
    }

    fn report_pauses(&mut self, now: Instant, waiting: Option<Waiting>, counts: Counts, is_done: bool) {
        match (&mut self.pause, waiting) {
            (Some(pause), Some(waiting)) if pause.is_server_away == waiting.is_server_away => pause.last = now,
            (_, Some(Waiting { is_server_away, .. })) => {
                self.pause = Some(Pause { since: now, last: now, is_server_away });
                self.has_waited = true;
                let why = match is_server_away {
                    true => "the server cannot be reached; the messages wait until it can be reached again",
                    false => "the server accepts no more messages for now; those that are left wait for their turns",
                };
                self.add_line(
                    LogLevel::Info,
                    "Waiting",
                    Duration::ZERO,
                    counts,
                    &format!("{why}; so far {}", Words(counts)),
                );
            }
            (Some(pause), None) if is_done || now.saturating_duration_since(pause.last) >= CALM => {
                let time = pause.last.saturating_duration_since(pause.since);
                self.pause = None;
                if !is_done {
                    let text =
                        format!("the messages continue after {:.1} s; so far {}", time.as_secs_f64(), Words(counts));
                    self.add_line(LogLevel::Info, "GoesOn", time, counts, &text);
                }
            }
            (_, None) => {}
        }
    }

    fn add_line(&mut self, level: LogLevel, outcome: &str, duration: Duration, counts: Counts, text: &str) {
        let line = LogLine {
            outcome: outcome.to_owned(),
            duration,
            may_have_executed: counts.unknown > 0,
            sent: Some(counts.sent),
            failed: Some(counts.failed),
            unknown: Some(counts.unknown),
            ..LogLine::of_call(level, self.endpoint, format!("{}: {text}", self.endpoint))
        };
        line.say();
        if self.asked.is_some_and(|asked| asked <= level) {
            self.lines.push(line);
        }
    }
}

struct Words(Counts);

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Counts { sent, failed, unknown } = self.0;
        write!(f, "{sent} sent, {failed} failed, {unknown} of unknown fate")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_THE_LIMIT: Option<Waiting> = Some(Waiting { is_server_away: false, waited: None, patience_left: None });
    const AWAY: Option<Waiting> = Some(Waiting { is_server_away: true, waited: None, patience_left: None });

    fn told(asked: LogLevel, moments: &[(u64, Option<Waiting>, bool)], unknown: i64) -> Vec<(LogLevel, String)> {
        let begun = Instant::now();
        let mut bulk_log = BulkLog::new("message/send", Some(asked), begun);
        let counts = Counts { sent: 7, failed: 1, unknown };
        let tell = |(after, waiting, done): &(u64, Option<Waiting>, bool)| {
            bulk_log.tell(begun + Duration::from_millis(*after), *waiting, counts, *done)
        };
        moments.iter().flat_map(tell).map(|line| (line.level, line.text)).collect()
    }

    #[test]
    fn a_storm_is_told_once_when_it_comes_and_once_when_it_is_over() {
        // It takes some in between, as a server at its limit does.
        let storm: Vec<_> =
            (0..100).map(|tenth| (tenth * 100, AT_THE_LIMIT.filter(|_| tenth % 7 != 0), false)).collect();
        let calm = [(10_100, None, false), (12_500, None, false), (13_000, None, true), (13_100, None, true)];
        let lines = told(LogLevel::Info, &[storm, calm.to_vec()].concat(), 0);
        let texts: Vec<&str> = lines.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "message/send: the server accepts no more messages for now; those that are left wait for their turns; \
                 so far 7 sent, 1 failed, 0 of unknown fate",
                "message/send: the messages continue after 9.8 s; so far 7 sent, 1 failed, 0 of unknown fate",
                "message/send: ended after 13.0 s: 7 sent, 1 failed, 0 of unknown fate",
            ]
        );
        assert!(lines.iter().all(|(level, _)| *level == LogLevel::Info));
    }

    #[test]
    fn a_server_that_goes_away_within_a_storm_is_told_too() {
        let lines = told(LogLevel::Debug, &[(0, AT_THE_LIMIT, false), (100, AWAY, false), (200, None, true)], 0);
        let about = |words: &str| lines.iter().filter(|(_, text)| text.contains(words)).count();
        assert_eq!(
            (lines.len(), about("accepts no more"), about("cannot be reached"), about("ended after")),
            (3, 1, 1, 1)
        );
    }

    #[test]
    fn the_level_of_the_last_log_line_follows_from_what_happened() {
        let end = |moments: &[(u64, Option<Waiting>)], failed, unknown| {
            let begun = Instant::now();
            let mut bulk_log = BulkLog::new("message/send", Some(LogLevel::Debug), begun);
            let counts = Counts { sent: 7, failed, unknown };
            for (after, waiting) in moments {
                bulk_log.tell(begun + Duration::from_millis(*after), *waiting, counts, false);
            }
            let lines = bulk_log.tell(begun + Duration::from_secs(9), None, counts, true);
            lines.last().map(|line| line.level)
        };
        assert_eq!(end(&[], 0, 0), Some(LogLevel::Debug));
        assert_eq!(end(&[(100, AWAY), (5_000, None)], 0, 0), Some(LogLevel::Info));
        assert_eq!(end(&[], 1, 0), Some(LogLevel::Info));
        assert_eq!(end(&[(100, AWAY)], 1, 1), Some(LogLevel::Warning));
    }

    #[test]
    fn who_hears_warnings_alone_hears_of_unknown_fates_at_the_end() {
        let moments = [(0, AWAY, false), (100, None, true)];
        assert_eq!(told(LogLevel::Warning, &moments, 0), []);
        let lines = told(LogLevel::Warning, &moments, 2);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].0, LogLevel::Warning);
        assert!(lines[0].1.contains("ended after 0.1 s: 7 sent, 1 failed, 2 of unknown fate"), "{lines:?}");
    }
}
