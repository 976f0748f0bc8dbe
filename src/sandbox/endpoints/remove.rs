//! Messages removed: for everybody, or hidden from one user.

use super::{INVALID, Outcome, Refusal, UNKNOWN, given, valid};
use crate::sandbox::{fields::Fields, message::Audience, now, state::State};

pub(super) fn delete(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let uid = positive(fields.long("messageUid")?)?;
    state.change(uid, |_| true, |message| message.delete()).ok_or(UNKNOWN)?;
    Ok(None)
}

pub(super) fn delete_broadcast(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let operator = fields.text("operator")?;
    let uid = fields.long("messageUid")?;

    given(operator)?;
    let suits = |audience: &Audience| matches!(audience, Audience::Everybody);
    state.change(positive(uid)?, suits, |message| message.delete()).ok_or(UNKNOWN)?;
    Ok(None)
}

/// For some receivers; the message is gone when it was deleted for the last one.
pub(super) fn delete_multicast(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let operator = fields.text("operator")?;
    let uid = fields.long("messageUid")?;
    let receivers = fields.texts("receivers")?;

    given(operator)?;
    let receivers = receivers.ok_or(INVALID)?;
    let suits = |audience: &Audience| matches!(audience, Audience::Targets(_));
    state.change(positive(uid)?, suits, |message| message.delete_for(&receivers)).ok_or(UNKNOWN)?;
    Ok(None)
}

/// A bound that is left out is 0, whatever a caller that misspells it meant; an end of 0 is now.
pub(super) fn clear_by_user(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let start = fields.long("startTime")?;
    let end = fields.long("endTime")?;
    hide(state, fields, start, if end == 0 { now() } else { end })
}

pub(super) fn clear_conversation(state: &mut State, fields: &Fields<'_>) -> Outcome {
    hide(state, fields, 0, i64::MAX)
}

fn hide(state: &mut State, fields: &Fields<'_>, start: i64, end: i64) -> Outcome {
    let user = fields.text("userId")?;
    let conversation = fields.conversation("conversation")?;

    let user = given(user)?;
    let conversation = valid(conversation)?;
    state.meet([&user]);
    state.hide(&user, &conversation, start, end);
    Ok(None)
}

fn positive(uid: i64) -> Result<i64, Refusal> {
    if uid > 0 { Ok(uid) } else { Err(INVALID) }
}
