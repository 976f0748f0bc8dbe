//! A selection of lines of a file: `7,12-40,100-`.

use std::fmt;

/// Numbers of lines, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lines(Vec<Range>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    first: u64,
    /// None means all lines from the first one on.
    last: Option<u64>,
}

impl Lines {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let number = |text: &str| match text.trim().parse() {
            Ok(0) => Err("lines are counted from 1".to_owned()),
            Ok(number) => Ok(number),
            Err(_) => Err(format!("{text:?} is not the number of a line")),
        };
        let range = |part: &str| -> Result<Range, String> {
            let (first, last) = match part.split_once('-') {
                None => (number(part)?, Some(number(part)?)),
                Some((first, "")) => (number(first)?, None),
                Some((first, last)) => (number(first)?, Some(number(last)?)),
            };
            match last {
                Some(last) if last < first => Err(format!("{part} ends before it begins")),
                _ => Ok(Range { first, last }),
            }
        };
        text.split(',').map(range).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn contain(&self, line: u64) -> bool {
        self.0.iter().any(|range| line >= range.first && range.last.is_none_or(|last| line <= last))
    }

    /// All lines.
    pub(super) fn all() -> Self {
        Self(vec![Range { first: 1, last: None }])
    }

    /// Whether no selected line comes after this one.
    pub(super) fn end_before(&self, line: u64) -> bool {
        self.0.iter().all(|range| range.last.is_some_and(|last| last < line))
    }
}

/// Lines that are collected one by one, in as few ranges as there can be.
#[derive(Debug, Default)]
pub(super) struct Collected(Vec<Range>);

impl Collected {
    pub(super) fn add(&mut self, line: u64) {
        self.add_range(Range { first: line, last: Some(line) });
    }

    /// Adds all lines from this one on.
    pub(super) fn add_rest(&mut self, lines: &Lines, from: u64) {
        for Range { first, last } in &lines.0 {
            if last.is_none_or(|last| last >= from) {
                self.add_range(Range { first: *first.max(&from), last: *last });
            }
        }
    }

    fn add_range(&mut self, range: Range) {
        match self.0.last_mut().filter(|before| before.last.and_then(|last| last.checked_add(1)) == Some(range.first)) {
            Some(before) => before.last = range.last,
            None => self.0.push(range),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many ranges there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Collected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Range { first, last }) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            match last {
                Some(last) if last == first => write!(f, "{comma}{first}")?,
                Some(last) => write!(f, "{comma}{first}-{last}")?,
                None => write!(f, "{comma}{first}-")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_list_of_lines_is_read_or_refused_with_the_reason() {
        let lines = Lines::parse("7,12-40,100-").unwrap();
        let contained: Vec<u64> = (1..200).filter(|line| lines.contain(*line)).collect();
        assert_eq!(contained, [7].into_iter().chain(12..=40).chain(100..200).collect::<Vec<_>>());
        assert!(!lines.end_before(1_000_000));
        assert!(Lines::parse("3-5").unwrap().end_before(6) && !Lines::parse("3-5").unwrap().end_before(5));
        for (text, reason) in [
            ("", "\"\" is not the number of a line"),
            ("0", "lines are counted from 1"),
            ("5-3", "5-3 ends before it begins"),
            ("1,,2", "\"\" is not the number of a line"),
            ("-3", "\"\" is not the number of a line"),
            ("x", "\"x\" is not the number of a line"),
        ] {
            assert_eq!(Lines::parse(text), Err(reason.to_owned()), "{text}");
        }
    }

    proptest! {
        /// What is collected reads back as exactly the lines that were meant, whichever of them were asked for: of those
        /// that were looked at the ones that were added, and all behind them.
        #[test]
        fn what_is_collected_is_what_was_meant(
            asked in prop::collection::vec((1_u64..40, 0_u64..10), 1..5),
            is_open in any::<bool>(),
            looked_at in 0_u64..40,
            added in prop::collection::vec(any::<bool>(), 40),
        ) {
            let mut text: Vec<String> = asked.iter().map(|(first, more)| format!("{first}-{}", first + more)).collect();
            text.extend(is_open.then(|| "35-".to_owned()));
            let asked = Lines::parse(&text.join(",")).unwrap();
            let is_meant = |line: u64| asked.contain(line) && (line > looked_at || added[usize::try_from(line).unwrap()]);
            let mut collected = Collected::default();
            (1..=looked_at).filter(|line| is_meant(*line)).for_each(|line| collected.add(line));
            collected.add_rest(&asked, looked_at + 1);
            let read = if collected.is_empty() { None } else { Some(Lines::parse(&collected.to_string()).unwrap()) };
            for line in 1..100 {
                let is_collected = read.as_ref().is_some_and(|read| read.contain(line));
                prop_assert_eq!(is_collected, is_meant(line), "{} in {}", line, collected);
            }
        }
    }
}
