//! What robots and channels may do: the table of their endpoints, and a handler each.

use serde_json::{Value, json};

use super::{
    Outcome, Refusal, UNKNOWN, existing, given, oss, recall as recalling,
    send::{go_out_censored, to_conversation},
    some_payload, valid,
};
use crate::sandbox::{
    Edition,
    accounts::Kind,
    fields::Fields,
    message::{Audience, CHANNEL, Conversation, Draft, GROUP, Message, SINGLE},
    now,
    rights::{Version, may_send},
    state::State,
};

const RECALL_TIME_EXPIRED: i32 = 24;
const NO_RIGHT: i32 = 248;

/// How long after its sending a robot may recall a message, in milliseconds.
const RECALL_TIME: i64 = 60_000;
/// The notice of a recalled message is stored.
const NOTICE: i32 = 1;

/// An endpoint of a robot or a channel; its handler is told whose request it is.
pub(in crate::sandbox) struct Endpoint {
    path: &'static str,
    pub(in crate::sandbox) kind: Kind,
    on_community: bool,
    since: Version,
    pub(in crate::sandbox) run: Handler,
}

pub(in crate::sandbox) type Handler = fn(&mut State, &str, &Fields<'_>) -> Outcome;

const fn robot(path: &'static str, run: Handler) -> Endpoint {
    Endpoint { path, kind: Kind::Robot, on_community: true, since: Version::OLDEST, run }
}

const fn channel(path: &'static str, run: Handler) -> Endpoint {
    Endpoint { path, kind: Kind::Channel, on_community: true, since: Version::OLDEST, run }
}

impl Endpoint {
    const fn professional(self) -> Self {
        Self { on_community: false, ..self }
    }

    const fn since(self, since: Version) -> Self {
        Self { since, ..self }
    }
}

static ENDPOINTS: &[Endpoint] = &[
    robot("/robot/message/send", send),
    robot("/robot/message/reply", reply).professional().since(Version::REPLIES),
    robot("/robot/message/update", update).professional(),
    robot("/robot/message/recall", recall).professional(),
    robot("/robot/set_callback", set_callback),
    robot("/robot/get_callback", get_callback),
    robot("/robot/delete_callback", delete_callback),
    robot("/robot/profile", profile).since(Version::AFTER_THE_SEEN),
    robot("/robot/oss/get_upload_url", |state, _, fields| oss::get_upload_url(state, fields)).professional(),
    channel("/channel/message/send", publish),
    channel("/channel/message/recall", unpublish).professional(),
    channel("/channel/message/republish", republish).professional(),
];

/// The endpoint at a path, where a server of this edition and version has it.
pub(in crate::sandbox) fn find(edition: Edition, version: Version, path: &str) -> Option<&'static Endpoint> {
    let there = |endpoint: &&Endpoint| endpoint.on_community || edition == Edition::Professional;
    ENDPOINTS.iter().find(|endpoint| endpoint.path == path).filter(there).filter(|endpoint| version >= endpoint.since)
}

/// Who calls at a path, whether there is an endpoint or not.
pub(in crate::sandbox) fn kind_at(path: &str) -> Option<Kind> {
    ENDPOINTS.iter().find(|endpoint| endpoint.path == path).map(|endpoint| endpoint.kind)
}

/// The paths of the endpoints that an edition of the newest server has.
pub(in crate::sandbox) fn paths(edition: Edition) -> impl Iterator<Item = &'static str> {
    ENDPOINTS.iter().map(|endpoint| endpoint.path).filter(move |path| find(edition, Version::NEWEST, path).is_some())
}

fn send(state: &mut State, robot: &str, fields: &Fields<'_>) -> Outcome {
    let conversation = fields.conversation("conv")?;
    let payload = fields.payload()?;
    let to_users = fields.texts("toUsers")?.unwrap_or_default();

    state.version.measures(payload.as_ref())?;
    let conversation = existing(valid(conversation)?)?;
    let payload = some_payload(payload)?;
    may_send(robot, &conversation, &payload)?;
    let draft = to_conversation(state, robot.to_owned(), conversation, payload, to_users);
    go_out_censored(state, draft)
}

/// In a single chat to who asked, elsewhere into the same conversation.
fn reply(state: &mut State, robot: &str, fields: &Fields<'_>) -> Outcome {
    let uid = fields.long("messageUid")?;
    let payload = fields.payload()?;
    let only_to_sender = fields.flag("only2Sender")?;

    state.version.measures(payload.as_ref())?;
    let payload = some_payload(payload)?;
    let question = state.find(uid).ok_or(UNKNOWN)?;
    let (asker, mut conversation) = (question.sender().to_owned(), question.conversation().clone());
    let to_users = if only_to_sender && conversation.kind == GROUP { vec![asker.clone()] } else { Vec::new() };
    if conversation.kind == SINGLE {
        conversation.target = asker;
    }
    may_send(robot, &conversation, &payload)?;
    let draft = to_conversation(state, robot.to_owned(), conversation, payload, to_users);
    go_out_censored(state, draft)
}

fn update(state: &mut State, robot: &str, fields: &Fields<'_>) -> Outcome {
    let uid = fields.long("messageUid")?;
    let payload = fields.payload()?;
    fields.int("distribute")?;
    fields.long("updateTimestamp")?;

    let payload = some_payload(payload)?;
    own(state, uid, |message| message.sender() == robot)?;
    state.change(uid, |_| true, |message| message.update(payload)).ok_or::<Refusal>(UNKNOWN)?;
    Ok(None)
}

fn recall(state: &mut State, robot: &str, fields: &Fields<'_>) -> Outcome {
    let uid = fields.long("messageUid")?;

    let message = own(state, uid, |message| message.sender() == robot)?;
    if now().saturating_sub(message.timestamp()) > RECALL_TIME {
        return Err(Refusal::Code(RECALL_TIME_EXPIRED));
    }
    taken_back(state, uid, robot)
}

fn set_callback(state: &mut State, robot: &str, fields: &Fields<'_>) -> Outcome {
    let url = given(fields.text("url")?)?;
    if let Some(account) = state.accounts.of(Kind::Robot, robot) {
        account.callback = url;
    }
    Ok(None)
}

fn get_callback(state: &mut State, robot: &str, _: &Fields<'_>) -> Outcome {
    let url = state.accounts.of(Kind::Robot, robot).map_or("", |account| &account.callback);
    Ok(Some(json!({"url": url})))
}

fn delete_callback(state: &mut State, robot: &str, _: &Fields<'_>) -> Outcome {
    if let Some(account) = state.accounts.of(Kind::Robot, robot) {
        account.callback.clear();
    }
    Ok(None)
}

/// A user whose type says that it is a robot.
fn profile(state: &mut State, robot: &str, _: &Fields<'_>) -> Outcome {
    let made = state.accounts.of(Kind::Robot, robot).map_or(0, |account| account.made);
    Ok(Some(
        json!({"userId": robot, "name": robot, "displayName": robot, "gender": 0, "type": 1, "updateDt": made, "deleted": 0}),
    ))
}

fn publish(state: &mut State, channel: &str, fields: &Fields<'_>) -> Outcome {
    let line = fields.int("line")?;
    let targets = fields.texts("targets")?.unwrap_or_default();
    let payload = fields.payload()?;

    state.version.measures(payload.as_ref())?;
    let payload = some_payload(payload)?;
    let conversation = Conversation { kind: CHANNEL, target: channel.to_owned(), line };
    let owner = state.accounts.of(Kind::Channel, channel).map(|account| account.sender.clone()).unwrap_or_default();
    may_send(&owner, &conversation, &payload)?;
    let for_all = targets.is_empty();
    let targets = subscribers(state, targets)?;
    // A list of which nobody is left is for nobody, and not for all.
    let audience = match for_all || !targets.is_empty() {
        true => Audience::Conversation(targets),
        false => Audience::Targets(Default::default()),
    };
    go_out_censored(state, Draft { sender: owner, conversation, payload, audience })
}

fn unpublish(state: &mut State, channel: &str, fields: &Fields<'_>) -> Outcome {
    let uid = fields.long("messageUid")?;

    let owner = own(state, uid, |message| is_of(message, channel))?.sender().to_owned();
    taken_back(state, uid, &owner)
}

fn republish(state: &mut State, channel: &str, fields: &Fields<'_>) -> Outcome {
    let uid = fields.long("messageId")?;
    let targets = fields.texts("targets")?.unwrap_or_default();

    own(state, uid, |message| is_of(message, channel))?;
    if targets.is_empty() {
        return Err(super::INVALID);
    }
    let targets = subscribers(state, targets)?;
    state.meet(&targets);
    state.change(uid, |_| true, |message| message.reach_too(&targets)).ok_or::<Refusal>(UNKNOWN)?;
    Ok(None)
}

fn is_of(message: &Message, channel: &str) -> bool {
    message.conversation().kind == CHANNEL && message.conversation().target == channel
}

/// A message that is there, and belongs to who asks.
fn own(state: &State, uid: i64, is_own: impl Fn(&Message) -> bool) -> Result<&Message, Refusal> {
    let message = state.find(uid).ok_or(UNKNOWN)?;
    if is_own(message) { Ok(message) } else { Err(Refusal::Code(NO_RIGHT)) }
}

/// The result is a string of JSON, and an empty one when it was recalled before.
fn taken_back(state: &mut State, uid: i64, operator: &str) -> Outcome {
    let told = recalling::taken_back(state, uid, |_| true, operator.to_owned(), NOTICE, false)?;
    Ok(Some(Value::String(told)))
}

/// The subscribers among the targets. Older servers refuse the whole call where there is somebody else.
fn subscribers(state: &State, targets: Vec<String>) -> Result<Vec<String>, Refusal> {
    let named = targets.len();
    let subscribers: Vec<String> = targets.into_iter().filter(|target| !target.starts_with("others")).collect();
    if subscribers.len() < named && !state.version.leaves_strangers_out() {
        return Err(Refusal::Code(NO_RIGHT));
    }
    Ok(subscribers)
}
