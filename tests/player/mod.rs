//! Plays conformance cases through the public API against one sandbox.

mod arguments;
pub(crate) mod case;
#[cfg(feature = "files")]
mod files;
mod outcome;
mod senders;

use arguments::read;
use case::{Case, Failure, Request, Sender};
use serde_json::{Value, json};
use wildfirechat_message::{
    ClientOptions, MessageClient, MessageError,
    sandbox::{Fault, FaultRule, Header, ReceivedRequest, Sandbox, ScriptedAnswer},
};

const SECRET: &str = "123456";

pub(crate) struct Player {
    sandbox: Sandbox,
}

impl Player {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::new(Some(SECRET.to_owned()), None).expect("a sandbox");
        sandbox.set_robot("FireRobot".into(), Some(SECRET.to_owned())).expect("a robot");
        sandbox.set_channel("news".into(), "ann".into(), Some(SECRET.to_owned())).expect("a channel");
        Self { sandbox }
    }

    /// Plays one case; the error says all that differs from what it expects.
    pub(crate) fn play(&mut self, case: &Case) -> Result<(), String> {
        self.sandbox.clear_requests().expect("the sandbox forgets");
        self.script(case);
        let outcome = match &case.sender {
            None => self.client(case).and_then(|client| call(&client, &case.method, case.arguments.clone())),
            Some(sender) => {
                let (base_url, secret) = self.server(case);
                senders::play(sender, base_url, secret, case)
            }
        };
        let received = self.sandbox.requests().expect("the sandbox tells");
        let faults: Vec<String> = [outcome_faults(case, outcome), request_faults(case, &received)].concat();
        if faults.is_empty() {
            return Ok(());
        }
        // What this case scripted may still wait, and would spoil the next ones.
        *self = Self::new();
        Err(format!("{}:\n    {}", case.name, faults.join("\n    ")))
    }

    /// The fault strikes first. What there is one of comes as often as the case says; with a fault, the answer comes once.
    fn script(&self, case: &Case) {
        if let Some(name) = &case.fault {
            let fault = Fault::named(name).unwrap_or_else(|| panic!("there is no fault {name}"));
            self.sandbox.fail(FaultRule { times: case.times, ..fault.into() }).expect("a fault");
        }
        if let Some(answer) = &case.answer {
            let headers = answer
                .headers
                .iter()
                .map(|(name, value)| Header { name: name.clone(), value: value.clone() })
                .collect();
            let body = answer.body.replace("{sandbox}", &self.sandbox.base_url().expect("its address")).into();
            let answer = ScriptedAnswer { status: answer.status, headers, body };
            for _ in 0..if case.fault.is_some() { 1 } else { case.times } {
                self.sandbox.answer_next(answer.clone()).expect("a scripted answer");
            }
        }
    }

    fn client(&self, case: &Case) -> Result<MessageClient, MessageError> {
        let options: ClientOptions = arguments::options(&case.options);
        let (base_url, secret) = self.server(case);
        MessageClient::new(base_url, secret, Some(options))
    }

    /// What the client connects to, and with which secret.
    fn server(&self, case: &Case) -> (String, String) {
        if let Some(client) = &case.client {
            return (client.base_url.clone(), client.secret.clone());
        }
        let own = self.sandbox.base_url().expect("the sandbox's address");
        (case.base_url.as_deref().unwrap_or("{sandbox}").replace("{sandbox}", &own), SECRET.to_owned())
    }
}

/// Calls the method that a case names. Methods that give nothing give null.
fn call(client: &MessageClient, method: &str, arguments: Value) -> Result<Value, MessageError> {
    let done = |()| Value::Null;
    match method {
        "new" => Ok(Value::Null),
        "send_message" => client.send_message(read::<arguments::Send>(arguments).0).map(outcome::sent),
        "send_text" => client.send_text(read::<arguments::SendText>(arguments).0).map(outcome::sent),
        "update_message" => client.update_message(read::<arguments::Update>(arguments).0).map(done),
        "recall_message" => client
            .recall_message(read::<arguments::Recall>(arguments).0)
            .map(|recalled| recalled.map(outcome::recalled).into()),
        "multicast_message" => client.multicast_message(read::<arguments::Multicast>(arguments).0).map(outcome::sent),
        "broadcast_message" => {
            client.broadcast_message(read::<arguments::Broadcast>(arguments).0).map(outcome::broadcast)
        }
        "delete_message" => client.delete_message(read::<arguments::MessageUid>(arguments).message_uid).map(done),
        "clear_user_messages" => {
            client.clear_user_messages(read::<arguments::ClearUserMessages>(arguments).0).map(done)
        }
        "clear_conversation" => client.clear_conversation(read::<arguments::ClearConversation>(arguments).0).map(done),
        "get_message" => client.get_message(read::<arguments::MessageUid>(arguments).message_uid).map(outcome::message),
        "find_message" => client
            .find_message(read::<arguments::MessageUid>(arguments).message_uid)
            .map(|found| found.map(outcome::message).into()),
        "recall_broadcast_message" => {
            client.recall_broadcast_message(read::<arguments::RecallBroadcast>(arguments).0).map(done)
        }
        "recall_multicast_message" => {
            client.recall_multicast_message(read::<arguments::RecallMulticast>(arguments).0).map(done)
        }
        "delete_broadcast_message" => {
            client.delete_broadcast_message(read::<arguments::DeleteBroadcast>(arguments).0).map(done)
        }
        "delete_multicast_message" => {
            client.delete_multicast_message(read::<arguments::DeleteMulticast>(arguments).0).map(done)
        }
        "get_conversation_read_timestamp" => client
            .get_conversation_read_timestamp(read::<arguments::ConversationRead>(arguments).0)
            .map(|timestamp| json!(timestamp)),
        "get_delivery_timestamp" => client
            .get_delivery_timestamp(read::<arguments::UserId>(arguments).user_id)
            .map(|timestamp| json!(timestamp)),
        "import_messages" => {
            let messages = read::<arguments::Messages>(arguments).messages;
            client.import_messages(messages.into_iter().map(|imported| imported.0).collect()).map(done)
        }
        "upload" => client.upload(read::<arguments::Upload>(arguments).request(), |_| ()).map(|url| json!(url)),
        #[cfg(feature = "files")]
        "send_image" | "send_file" | "send_video" | "send_voice" => files::as_user(client, method, read(arguments)),
        unknown => panic!("there is no method {unknown}"),
    }
}

fn outcome_faults(case: &Case, outcome: Result<Value, MessageError>) -> Vec<String> {
    match (&case.result, &case.error, outcome) {
        (Some(expected), None, Ok(result)) if result == *expected => Vec::new(),
        (Some(expected), None, Ok(result)) => vec![format!("gives {result}, not {expected}")],
        (Some(_), None, Err(error)) => vec![format!("fails: {error}")],
        (None, Some(expected), Ok(result)) => vec![format!("gives {result} and should fail: {expected:?}")],
        (None, Some(expected), Err(error)) => error_faults(expected, &error),
        _ => vec!["a case has either a result or an error".to_owned()],
    }
}

fn error_faults(expected: &Failure, error: &MessageError) -> Vec<String> {
    let mut faults = Vec::new();
    let (variant, fields) = outcome::error(error);
    if variant != expected.variant {
        faults.push(format!("fails with {variant}, not {}: {error}", expected.variant));
    }
    for (name, value) in &expected.fields {
        if fields.get(name) != Some(value) {
            faults.push(format!("the error's {name} is {:?}, not {value}", fields.get(name)));
        }
    }
    let text = error.to_string();
    match (&expected.text, &expected.text_starts_with) {
        (Some(whole), None) if text == *whole => {}
        (None, Some(beginning)) if text.starts_with(beginning) => {}
        (Some(words), None) | (None, Some(words)) => {
            faults.push(format!("the error says\n      {text}\n    not\n      {words}"))
        }
        _ => faults.push("an error has either text or text_starts_with".to_owned()),
    }
    if error.may_have_executed() != expected.may_have_executed {
        faults.push(format!("may_have_executed is {}", error.may_have_executed()));
    }
    faults
}

fn request_faults(case: &Case, received: &[ReceivedRequest]) -> Vec<String> {
    let answered_at_last = usize::from(case.fault.is_some() && case.answer.is_some());
    let expected = case.request.as_ref().map_or(0, |_| case.times as usize + answered_at_last);
    if received.len() != expected {
        return vec![format!("{} requests reached the server, not {expected}", received.len())];
    }
    let Some(request) = &case.request else { return Vec::new() };
    let mut faults: Vec<String> = received.iter().flat_map(|received| faults_of(received, request)).collect();
    let named = match &case.sender {
        None => ["", ""],
        Some(Sender::Robot(id)) => [id, ""],
        Some(Sender::Channel(id)) => ["", id],
    };
    for received in received {
        let headers = ["rid", "cid"].map(|name| values_of(name, received).concat());
        if headers != named {
            faults.push(format!("the headers rid and cid are {headers:?}, not {named:?}"));
        }
    }
    let mut nonces: Vec<_> = received.iter().flat_map(|received| values_of("nonce", received)).collect();
    nonces.sort_unstable();
    nonces.dedup();
    if nonces.len() != expected {
        faults.push("two attempts share a signature".to_owned());
    }
    faults
}

fn faults_of(request: &ReceivedRequest, expected: &Request) -> Vec<String> {
    let mut faults = Vec::new();
    let mut compare = |what: &str, is: &str, should: &str| {
        if is != should {
            faults.push(format!("the request's {what} is\n      {is}\n    not\n      {should}"));
        }
    };
    compare("method", &request.method, "POST");
    compare("path", &request.path, &expected.path);
    compare("body", &String::from_utf8_lossy(&request.body), &expected.body);
    compare("content types", &values_of("content-type", request).join(" and "), "application/json; charset=utf-8");
    for Header { name, .. } in &request.headers {
        compare("header name", name, &name.to_lowercase());
    }
    if !request.signature_valid {
        faults.push("the request's signature is not valid".to_owned());
    }
    faults
}

fn values_of<'a>(name: &str, request: &'a ReceivedRequest) -> Vec<&'a str> {
    request.headers.iter().filter(|header| header.name == name).map(|header| header.value.as_str()).collect()
}
