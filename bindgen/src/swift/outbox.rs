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

/// `Outbox+Methods.swift`. The result of a method that puts messages may be ignored, because few callers need the id.
pub fn outbox(api: &mut Api) -> Result<String> {
    let methods = api.outbox.iter_mut().map(|call| {
        speak_swift(call, &api.errors);
        let method = asking(call, "OutboxError")?;
        Ok(Method { discardable: ["put", "purge", "multicast_each"].contains(&call.name.as_str()), ..method })
    });
    Ok(Outbox { methods: methods.collect::<Result<_>>()? }.render()? + "\n")
}
