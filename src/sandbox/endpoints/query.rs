//! Questions: one message, and when a user read or got the last one.

use serde_json::json;

use super::{INVALID, Outcome, UNKNOWN, given, valid};
use crate::sandbox::{fields::Fields, message::Conversation, state::State};

pub(super) fn get_one(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let uid = fields.long("messageUid")?;
    if uid <= 0 {
        return Err(INVALID);
    }
    let message = state.find(uid).ok_or(UNKNOWN)?;
    Ok(Some(message.to_json()))
}

/// The conversation's type has two names, one of the vendor's page and one of the server's own; both may be
/// given, if they agree.
pub(super) fn conv_read(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let user = fields.text("userId")?;
    let target = fields.text("target")?;
    let line = fields.int("line")?;
    let kinds = [fields.optional_int("conversationType")?, fields.optional_int("type")?];

    let user = given(user)?;
    let kind = match kinds {
        [Some(one), Some(other)] if one != other => return Err(INVALID),
        [one, other] => one.or(other).unwrap_or_default(),
    };
    let conversation = valid(Some(Conversation { kind, target, line }))?;
    state.meet([&user]);
    Ok(Some(json!({"timestamp": state.read_time(&user, &conversation)})))
}

pub(super) fn delivery(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let user = given(fields.text("userId")?)?;
    state.meet([&user]);
    Ok(Some(json!({"timestamp": state.delivery_time(&user)})))
}
