//! One file, brought to its store or to the back-up one: which is tried when, and what is told in the end.

use std::time::Duration;

use super::{
    BACKUP_STORE, STORE,
    store::{Cargo, Stores},
};
use crate::{
    MessageError,
    call::{Failed, Fate, Next, luck, next},
    endpoints::{Effect, Place, UploadAddress},
};

/// Brings it, and tries again where that can help: nothing refers to a file that is there twice.
pub(super) async fn deliver(cargo: Cargo, stores: &Stores, address: UploadAddress) -> Result<String, MessageError> {
    let UploadAddress { store, backup, download_url } = address;
    let mut open: Vec<Way> = [(STORE, Some(store)), (BACKUP_STORE, backup)]
        .into_iter()
        .filter_map(|(step, place)| Some(Way { step, place: place?, tried: false }))
        .collect();
    let (mut attempt, mut answered) = (0_u32, None);
    loop {
        attempt += 1;
        let mut way = open.remove(0);
        let Err(failed) = cargo.bring(stores, way.step, &way.place).await else {
            return Ok(download_url);
        };
        let Failed { error, fate, retry_after } = failed;
        let is_ours = matches!(error, MessageError::InvalidArgument { .. });
        way.tried = true;
        if fate != Fate::Decided {
            // Behind the other one, whose turn it is.
            open.push(way);
        }
        // A refusal that another attempt would meet again; another place may still take it.
        let fate = if fate == Fate::Decided { Fate::Unknown } else { fate };
        let next = next(&stores.policy, Effect::None, fate, attempt, retry_after, Duration::MAX, luck());
        let pause = match (next, open.first()) {
            (Next::Pause(_), Some(Way { tried: false, .. })) if !is_ours => Some(Duration::ZERO),
            (Next::Pause(pause), Some(_)) if !is_ours => Some(pause),
            _ => None,
        };
        let Some(pause) = pause else {
            return Err(told(answered, error).after(i32::try_from(attempt).unwrap_or(i32::MAX)));
        };
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
fn told(answered: Option<MessageError>, last: MessageError) -> MessageError {
    match answered {
        Some(answered) if !is_an_answer(&last) && !matches!(last, MessageError::InvalidArgument { .. }) => answered,
        _ => last,
    }
}

fn is_an_answer(error: &MessageError) -> bool {
    matches!(error, MessageError::Rejected { .. })
}
