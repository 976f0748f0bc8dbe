//! Messages taken back: a notice stays in their place.

use serde_json::Value;

use super::{INVALID, Outcome, Refusal, UNKNOWN, given};
use crate::sandbox::{
    fields::{Fields, Unreadable},
    message::{Audience, Message},
    now,
    state::State,
};

/// The notice of a recalled message is stored; that of a recalled multicast is not.
const NOTICE: i32 = 1;
const MULTICAST_NOTICE: i32 = 0;

/// By anyone, at any time. The result is a string of JSON, and an empty one when it was recalled before.
pub(super) fn recall(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let told = Recall::read(fields)?.run(state, NOTICE, |_| true)?;
    Ok(Some(Value::String(told)))
}

pub(super) fn recall_broadcast(state: &mut State, fields: &Fields<'_>) -> Outcome {
    Recall::read(fields)?.run(state, NOTICE, |audience| matches!(audience, Audience::Everybody))?;
    Ok(None)
}

/// For some receivers or for all, again and again: the message becomes a notice either way.
pub(super) fn recall_multicast(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let recall = Recall::read(fields)?;
    fields.texts("receivers")?.ok_or(INVALID)?;
    recall.run(state, MULTICAST_NOTICE, |audience| matches!(audience, Audience::Targets(_)))?;
    Ok(None)
}

/// Takes a message back, and has applications hear of it; what it said, or nothing where it was taken back before.
pub(super) fn taken_back(
    state: &mut State,
    uid: i64,
    suits: fn(&Audience) -> bool,
    operator: String,
    persist_flag: i32,
    by_admin: bool,
) -> Result<String, Refusal> {
    let before = state.find(uid).filter(|_| state.callbacks.is_forwarding()).map(Message::to_json);
    let told = state.change(uid, suits, |message| message.recall(operator.clone(), persist_flag)).ok_or(UNKNOWN)?;
    if let Some(message) = before.filter(|_| !told.is_empty()) {
        state.callbacks.recalled(&message, &operator, now(), by_admin);
    }
    Ok(told)
}

struct Recall {
    operator: String,
    uid: i64,
}

impl Recall {
    fn read(fields: &Fields<'_>) -> Result<Self, Unreadable> {
        Ok(Self { operator: fields.text("operator")?, uid: fields.long("messageUid")? })
    }

    /// Unlike in a question, a uid of 0 or below is only unknown here.
    fn run(self, state: &mut State, persist_flag: i32, suits: fn(&Audience) -> bool) -> Result<String, Refusal> {
        let operator = given(self.operator)?;
        taken_back(state, self.uid, suits, operator, persist_flag, true)
    }
}
