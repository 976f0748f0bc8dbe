//! What docs/observing.md shows of the log is what the program beside it writes.

#![cfg(feature = "sandbox")]

use std::sync::{Mutex, PoisonError};

static HEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps the lines of the library alone.
struct Listener;

impl log::Log for Listener {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        if record.target() == "wildfirechat_message" {
            let line = format!("{} {}", record.level(), record.args());
            HEARD.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }

    fn flush(&self) {}
}

mod program {
    // begin
    use wildfirechat_message::{
        Conversation, MessageClient, MessageError, SendTextRequest,
        sandbox::{Fault, Sandbox},
    };

    pub fn transcript(sandbox: &Sandbox, client: &MessageClient) -> Result<(), Box<dyn std::error::Error>> {
        let message = |text: &str| SendTextRequest::new("admin", Conversation::group("g1"), text);
        sandbox.fail_next(Fault::OverFrequency)?;
        client.send_text(message("first"))?;
        sandbox.fail_next(Fault::ResetBeforeReading)?;
        client.find_message(1)?;
        sandbox.fail_next(Fault::ResetAfterExecuting)?;
        match client.send_text(message("second")) {
            Err(MessageError::ConnectionLost { .. }) => Ok(()), // The log has said it.
            other => Ok(other.map(drop)?),
        }
    }
    // end
}

#[test]
fn the_page_shows_what_the_program_writes() {
    let page = include_str!("../docs/observing.md");
    let (_, section) = page.split_once("\n#### In Rust\n").unwrap();
    let section = section.split("\n#").next().unwrap();
    let shown: Vec<&str> =
        section.split("\n```").skip(1).step_by(2).filter_map(|block| Some(block.split_once('\n')?.1)).collect();
    let source =
        include_str!("transcript.rs").split_once("    // begin\n").unwrap().1.split_once("    // end").unwrap().0;
    let source: Vec<&str> = source.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    assert_eq!(shown[0].trim(), source.join("\n").trim());
    log::set_logger(&Listener).unwrap();
    for (level, text) in [(log::LevelFilter::Info, shown[1]), (log::LevelFilter::Debug, shown[2])] {
        log::set_max_level(level);
        let sandbox = wildfirechat_message::sandbox::Sandbox::new(Some("123456".into()), None).unwrap();
        let (url, secret) = (sandbox.base_url().unwrap(), "123456".into());
        program::transcript(&sandbox, &wildfirechat_message::MessageClient::new(url, secret, None).unwrap()).unwrap();
        let heard = std::mem::take(&mut *HEARD.lock().unwrap());
        assert_eq!(without_times(&heard.join("\n")), without_times(text.trim()), "{level}");
    }
}

/// Each `0.207 s` is `… s`.
fn without_times(text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    for at in 1..words.len() {
        let is_unit = words[at].starts_with('s') && !words[at][1..].starts_with(char::is_alphabetic);
        if is_unit && words[at - 1].parse::<f64>().is_ok() {
            words[at - 1] = "…";
        }
    }
    words.join(" ")
}
