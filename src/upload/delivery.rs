//! One file, brought to its store or to the back-up one: which is tried when, and what is told in the end.

use std::time::Duration;

use super::store::{Stores, UploadJob};
use crate::{
    MessageError,
    call::{Failed, Fate, Next, jitter, next},
    endpoints::{Effect, Place, UploadAddress},
    steps::{BACKUP_STORE, STORE},
};

/// Brings it, and tries again where that can help: nothing refers to a file that is there twice.
pub(super) async fn deliver(job: UploadJob, stores: &Stores, address: UploadAddress) -> Result<String, MessageError> {
    let UploadAddress { store, backup, download_url } = address;
    let mut open: Vec<Way> = [(STORE, Some(store)), (BACKUP_STORE, backup)]
        .into_iter()
        .filter_map(|(step, place)| Some(Way { step, place: place?, tried: false }))
        .collect();
    let (mut attempt, mut answered) = (0_u32, None);
    loop {
        attempt += 1;
        let mut way = open.remove(0);
        let Err(failed) = job.send_to(stores, way.step, &way.place).await else {
            return Ok(download_url);
        };
        let Failed { error, fate, retry_after } = failed;
        let error = *error;
        let is_ours = matches!(error, MessageError::InvalidArgument { .. });
        way.tried = true;
        if fate != Fate::Decided {
            // Behind the other one, whose turn it is.
            open.push(way);
        }
        // A refusal that another attempt would meet again; another place may still take it.
        let fate = if fate == Fate::Decided { Fate::Unknown } else { fate };
        let is_new = open.first().is_some_and(|way| !way.tried);
        let asked = retry_after.filter(|_| !is_new);
        let next = next(&stores.policy, Effect::None, fate, attempt, asked, stores.longest_pause, jitter());
        let Next::Pause(pause) = next else { return Err(told(answered, error, attempt)) };
        if is_ours || open.is_empty() {
            return Err(told(answered, error, attempt));
        }
        let pause = if is_new { Duration::ZERO } else { pause };
        log::debug!("{error}; trying again in {pause:.1?}");
        if is_an_answer(&error) {
            answered = Some(error);
        }
        tokio::time::sleep(pause).await;
    }
}

/// A store, and whether it was tried.
struct Way {
    step: &'static str,
    place: Place,
    tried: bool,
}

/// A store that said why says more than one that said nothing.
fn told(answered: Option<MessageError>, last: MessageError, attempts: u32) -> MessageError {
    let error = match answered {
        Some(answered) if !is_an_answer(&last) && !matches!(last, MessageError::InvalidArgument { .. }) => answered,
        _ => last,
    };
    error.after(i32::try_from(attempts).unwrap_or(i32::MAX))
}

fn is_an_answer(error: &MessageError) -> bool {
    matches!(error, MessageError::Rejected { .. })
}
