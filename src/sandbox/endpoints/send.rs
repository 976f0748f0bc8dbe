//! Messages that go out: send, multicast, broadcast, and the update of one that went.

use serde_json::json;

use super::{Outcome, Refusal, UNKNOWN, existing, given, some_payload, valid};
use crate::sandbox::{
    fields::{Fields, Unreadable},
    message::{Audience, CHANNEL, CHATROOM, Conversation, Draft, Payload, SINGLE},
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
    if by_user {
        state.version.allows(&sender, &conversation, &payload)?;
    }
    go_out(state, sender, conversation, payload, to_users)
}

/// A message goes out that may.
pub(super) fn go_out(
    state: &mut State,
    sender: String,
    conversation: Conversation,
    payload: Payload,
    to_users: Vec<String>,
) -> Outcome {
    let to_users = if is_listened_to(state, &conversation) { to_users } else { Vec::new() };

    state.meet([&sender]);
    state.meet(&to_users);
    if conversation.kind == SINGLE {
        state.meet([&conversation.target]);
    }
    let (uid, timestamp) =
        state.add(Draft { sender, conversation, payload, audience: Audience::Conversation(to_users) });
    Ok(Some(json!({"messageUid": uid, "timestamp": timestamp})))
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

    state.meet([&sender]);
    state.meet(&targets);
    let (uid, timestamp) = state.add(Draft {
        conversation: to_the_sender(&sender, line),
        sender,
        payload,
        audience: Audience::Targets(targets.into_iter().collect()),
    });
    Ok(Some(json!({"messageUid": uid, "timestamp": timestamp})))
}

pub(super) fn broadcast(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let sender = fields.text("sender")?;
    let line = fields.int("line")?;
    let payload = fields.payload()?;

    state.version.measures(payload.as_ref())?;
    let sender = given(sender)?;
    let payload = some_payload(payload)?;

    state.meet([&sender]);
    let count = state.user_count();
    let (uid, _) =
        state.add(Draft { conversation: to_the_sender(&sender, line), sender, payload, audience: Audience::Everybody });
    Ok(Some(json!({"messageUid": uid, "count": count})))
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
