//! The table of endpoints, one handler each, and what their handlers have in common.

mod import;
mod oss;
mod query;
mod recall;
mod remove;
mod send;
pub(super) mod senders;

pub(super) use send::gone_out;

use serde_json::Value;

use super::{
    Edition,
    answers::{INVALID_PARAMETER, NOT_EXIST},
    fields::Fields,
    message::{CHANNEL, Conversation, GROUP, Payload},
    refusal::Refusal,
    state::State,
};

/// A handler's result for code 0, or why there is none.
type Outcome = Result<Option<Value>, Refusal>;

pub(super) struct Endpoint {
    path: &'static str,
    on_community: bool,
    pub(super) run: fn(&mut State, &Fields<'_>) -> Outcome,
}

const fn community(path: &'static str, run: fn(&mut State, &Fields<'_>) -> Outcome) -> Endpoint {
    Endpoint { path, on_community: true, run }
}

const fn professional(path: &'static str, run: fn(&mut State, &Fields<'_>) -> Outcome) -> Endpoint {
    Endpoint { path, on_community: false, run }
}

static ENDPOINTS: &[Endpoint] = &[
    community("/admin/message/send", send::send),
    professional("/admin/message/update", send::update),
    community("/admin/message/recall", recall::recall),
    community("/admin/message/multicast", send::multicast),
    // Professional by the page; works on a community server.
    community("/admin/message/broadcast", send::broadcast),
    professional("/admin/message/delete", remove::delete),
    professional("/admin/message/clear_by_user", remove::clear_by_user),
    professional("/admin/conversation/delete", remove::clear_conversation),
    community("/admin/message/get_one", query::get_one),
    professional("/admin/message/recall_broadcast", recall::recall_broadcast),
    community("/admin/message/recall_multicast", recall::recall_multicast),
    professional("/admin/message/delete_broadcast", remove::delete_broadcast),
    professional("/admin/message/delete_multicast", remove::delete_multicast),
    professional("/admin/message/conv_read", query::conv_read),
    professional("/admin/message/delivery", query::delivery),
    professional("/admin/message/import", import::import),
    professional("/admin/oss/get_upload_url", oss::get_upload_url),
];

/// The endpoint at a path, where this edition has it.
pub(super) fn find(edition: Edition, path: &str) -> Option<&'static Endpoint> {
    ENDPOINTS
        .iter()
        .find(|endpoint| endpoint.path == path)
        .filter(|endpoint| endpoint.on_community || edition == Edition::Professional)
}

/// Whether any edition has an endpoint at this path.
pub(super) fn exists(path: &str) -> bool {
    ENDPOINTS.iter().any(|endpoint| endpoint.path == path) || senders::kind_at(path).is_some()
}

/// The paths of the endpoints that an edition has.
pub(super) fn paths(edition: Edition) -> impl Iterator<Item = &'static str> {
    ENDPOINTS.iter().map(|endpoint| endpoint.path).filter(move |path| find(edition, path).is_some())
}

const INVALID: Refusal = Refusal::Code(INVALID_PARAMETER);
const UNKNOWN: Refusal = Refusal::Code(NOT_EXIST);

/// A text that must be there.
fn given(text: String) -> Result<String, Refusal> {
    if text.is_empty() { Err(INVALID) } else { Ok(text) }
}

/// A payload that must be there.
fn some_payload(payload: Option<Payload>) -> Result<Payload, Refusal> {
    payload.ok_or(INVALID)
}

/// A conversation that must be there, with a target and a type that the server has.
fn valid(conversation: Option<Conversation>) -> Result<Conversation, Refusal> {
    conversation
        .filter(|conversation| !conversation.target.is_empty() && (0..=6).contains(&conversation.kind))
        .ok_or(INVALID)
}

/// Refuses a message to a group or channel that does not exist. Nothing else is checked.
fn existing(conversation: Conversation) -> Result<Conversation, Refusal> {
    if matches!(conversation.kind, GROUP | CHANNEL) && conversation.target.starts_with("unknown") {
        return Err(UNKNOWN);
    }
    Ok(conversation)
}
