//! `Outbox+Methods.swift`: the methods of the outbox that only ask the database, as an extension.

use anyhow::Result;
use askama::Template;

use super::{
    client::{Method, speak_swift},
    sandbox::asking,
};
use crate::api::Api;

/// The template of `Outbox+Methods.swift`; it only prints.
#[derive(Template)]
#[template(path = "swift/outbox.swift", escape = "none")]
struct Outbox {
    methods: Vec<Method>,
}

/// The template of `AsyncOutbox+Methods.swift`, which has the same for tasks.
#[derive(Template)]
#[template(path = "swift/async_outbox.swift", escape = "none")]
struct AsyncOutbox {
    methods: Vec<Method>,
}

/// `Outbox+Methods.swift`, and the same for tasks. The result of a method that puts messages may be
/// ignored, because few callers need the id.
pub fn outboxes(api: &mut Api) -> Result<[String; 2]> {
    let (mut methods, mut awaited) = (Vec::new(), Vec::new());
    for call in &mut api.outbox {
        speak_swift(call, &api.errors);
        let discardable = ["put", "purge", "multicast_each"].contains(&call.name.as_str());
        methods.push(Method { discardable, ..asking(call, "OutboxError")? });
        let method = asking(call, "OutboxError")?;
        let body = method.body.replace("try ask {", "try await ask {");
        awaited.push(Method { discardable, body, manner: "async ", ..method });
    }
    Ok([Outbox { methods }.render()? + "\n", AsyncOutbox { methods: awaited }.render()? + "\n"])
}
