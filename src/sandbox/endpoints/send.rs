//! Messages that go out: send, multicast, broadcast, and the update of one that went.

use serde_json::{Value, json};

use super::{Outcome, Refusal, UNKNOWN, existing, given, some_payload, valid};
use crate::sandbox::{
    fields::{Fields, Unreadable},
    message::{Audience, CHANNEL, CHATROOM, Conversation, Draft, Payload, SINGLE},
    rights::{SENSITIVE_WORD, is_sensitive, may_send_as_a_user},
    state::State,
};

pub(super) fn send(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let sender = fields.text("sender")?;
    let conversation = fields.conversation("conv")?;
    let payload = fields.payload()?;
    let to_users = fields.texts("toUsers")?.unwrap_or_default();
    let by_user = fields.flag("isUserMessage")? | fields.flag("userMessage")?;

    state.version.measures(payload.as_ref())?;
    let sender = given(sender)?;
    let conversation = existing(valid(conversation)?)?;
    let payload = some_payload(payload)?;
    let is_checked = by_user && state.version.knows_rights();
    if is_checked {
        may_send_as_a_user(&sender, &conversation, &payload)?;
    }
    let draft = to_conversation(state, sender, conversation, payload, to_users);
    if is_checked { go_out_censored(state, draft) } else { Ok(Some(gone_out(state.add(draft)))) }
}

/// A message to a conversation, or to some of its users where the server keeps to the list.
pub(super) fn to_conversation(
    state: &State,
    sender: String,
    conversation: Conversation,
    payload: Payload,
    to_users: Vec<String>,
) -> Draft {
    let to_users = if is_listened_to(state, &conversation) { to_users } else { Vec::new() };
    Draft { sender, conversation, payload, audience: Audience::Conversation(to_users) }
}

/// A message goes out whose sender had to have the right to send it: what it says is looked at as well.
pub(super) fn go_out_censored(state: &mut State, draft: Draft) -> Outcome {
    let message = state.arrived(draft);
    if is_sensitive(message.payload()) {
        state.callbacks.sensitive(&message.to_json());
        return Err(Refusal::Code(SENSITIVE_WORD));
    }
    if state.callbacks.has_a_censor() {
        return Err(Refusal::CensorFirst(Box::new(message)));
    }
    Ok(Some(gone_out(state.admit(message))))
}

/// What its sender is told of a message.
pub(in crate::sandbox) fn gone_out((uid, timestamp): (i64, i64)) -> Value {
    json!({"messageUid": uid, "timestamp": timestamp})
}

/// Any list of targets will do, an empty one and one with duplicates too; only none at all cannot be read.
pub(super) fn multicast(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let sender = fields.text("sender")?;
    let targets = fields.texts("targets")?.ok_or_else(|| Unreadable("targets is not there".to_owned()))?;
    let line = fields.int("line")?;
    let payload = fields.payload()?;

    state.version.measures(payload.as_ref())?;
    let sender = given(sender)?;
    let payload = some_payload(payload)?;

    Ok(Some(gone_out(state.add(Draft {
        conversation: to_the_sender(&sender, line),
        sender,
        payload,
        audience: Audience::Targets(targets.into_iter().collect()),
    }))))
}

pub(super) fn broadcast(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let sender = fields.text("sender")?;
    let line = fields.int("line")?;
    let payload = fields.payload()?;

    state.version.measures(payload.as_ref())?;
    let sender = given(sender)?;
    let payload = some_payload(payload)?;

    let (uid, _) =
        state.add(Draft { conversation: to_the_sender(&sender, line), sender, payload, audience: Audience::Everybody });
    Ok(Some(json!({"messageUid": uid, "count": state.user_count()})))
}

/// The operator is read and not required: the first page of the vendor lacks it, the later one has it.
pub(super) fn update(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let uid = fields.long("messageUid")?;
    let payload = fields.payload()?;
    fields.int("distribute")?;
    fields.text("operator")?;
    fields.long("updateTimestamp")?;

    let payload = some_payload(payload)?;
    state.change(uid, |_| true, |message| message.update(payload)).ok_or::<Refusal>(UNKNOWN)?;
    Ok(None)
}

/// Whether the server keeps to a list of users in such a conversation.
fn is_listened_to(state: &State, conversation: &Conversation) -> bool {
    match conversation.kind {
        CHATROOM => state.version.lists_in_chatrooms(),
        CHANNEL => !conversation.target.starts_with("others"),
        _ => true,
    }
}

/// Where each receiver finds a message to many: in the conversation with its sender.
fn to_the_sender(sender: &str, line: i32) -> Conversation {
    Conversation { kind: SINGLE, target: sender.to_owned(), line }
}
