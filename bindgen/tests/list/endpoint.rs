//! The steps for an endpoint of the admin API: `message/withdraw`, which no server has.

use crate::{
    checks::Check,
    steps::{Step, compiled, named},
};

pub(crate) const STEPS: &[Step] = &[
    compiled(
        1,
        "src/endpoints/remove.rs",
        "/// The deletion of a broadcast.\n",
        r#"/// The withdrawal of a message, of which nothing stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct WithdrawRequest {
    /// Id of the user who withdraws it.
    pub operator: String,
    /// The message's id.
    pub message_uid: i64,
}

impl Endpoint for WithdrawRequest {
    const NAME: &'static str = "message/withdraw";
    const EFFECT: Effect = Effect::Once;
    type Answer = ();

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::operation(&self.operator, self.message_uid)
    }
}

"#,
    ),
    compiled(2, "src/endpoints/mod.rs", "pub use send::{BroadcastRequest,", "pub use remove::WithdrawRequest;\n"),
    Step {
        point: 2,
        file: "src/endpoints/mod.rs",
        before: "    info::<GetUploadUrl>(\"upload\"),\n",
        text: "    info::<WithdrawRequest>(\"withdraw_message\"),\n",
        missed: Check::Test("docs", "every_endpoint_has_a_page_and_every_page_an_endpoint"),
        says: "message-withdraw.md",
    },
    compiled(2, "src/lib.rs", "pub use error::MessageError;\n", "pub use endpoints::WithdrawRequest;\n"),
    compiled(3, "src/client.rs", "#[cfg(feature = \"files\")]\nuse crate::{\n", "use crate::WithdrawRequest;\n"),
    compiled(
        3,
        "src/client.rs",
        "    /// Clears a user's messages in a conversation.",
        r"    /// Withdraws a message, so that nothing of it stays. message/withdraw; professional servers.
    pub fn withdraw_message(&self, request: WithdrawRequest) -> Result<(), MessageError> {
        self.access.call(request)
    }

",
    ),
    compiled(
        4,
        "src/sandbox/endpoints/remove.rs",
        "pub(super) fn delete_broadcast(",
        r#"pub(super) fn withdraw(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let operator = fields.text("operator")?;
    let uid = fields.long("messageUid")?;

    given(operator)?;
    state.change(positive(uid)?, |_| true, |message| message.delete()).ok_or(UNKNOWN)?;
    Ok(None)
}

"#,
    ),
    Step {
        point: 4,
        file: "src/sandbox/endpoints/mod.rs",
        before: "    professional(\"/admin/oss/get_upload_url\",",
        text: "    professional(\"/admin/message/withdraw\", remove::withdraw),\n",
        missed: Check::Test(
            "sandbox",
            "lifecycle::the_professional_edition_has_every_endpoint_of_the_client_and_the_community_one_six",
        ),
        says: "/admin/message/withdraw",
    },
    Step {
        point: 5,
        file: "tests/conformance/cases/remove.json",
        before: "  {\n    \"name\": \"clear_a_conversation\",\n",
        text: r#"  {
    "name": "withdraw_a_message",
    "method": "withdraw_message",
    "arguments": {"operator": "admin", "message_uid": 588582842607370241},
    "answer": {"status": 200, "body": "{\"code\":0,\"msg\":\"success\"}"},
    "request": {"path": "/admin/message/withdraw", "body": "{\"operator\":\"admin\",\"messageUid\":588582842607370241}"},
    "result": null
  },
"#,
        missed: Check::Test("conformance", "every_endpoint_has_a_case_that_succeeds_and_one_that_fails_at_the_server"),
        says: "no case of message/withdraw succeeds",
    },
    Step {
        point: 5,
        file: "tests/conformance/cases/remove.json",
        before: "  {\n    \"name\": \"clear_a_conversation_on_line_1\",\n",
        text: r#"  {
    "name": "withdraw_an_unknown_message_is_rejected",
    "method": "withdraw_message",
    "arguments": {"operator": "admin", "message_uid": 588582842607370241},
    "answer": {"status": 200, "body": "{\"code\":253,\"msg\":\"not exist\"}"},
    "request": {"path": "/admin/message/withdraw", "body": "{\"operator\":\"admin\",\"messageUid\":588582842607370241}"},
    "error": {"variant": "Rejected", "fields": {"endpoint": "message/withdraw", "code": 253, "msg": "not exist"}, "text": "message/withdraw: the server answered with code 253: not exist", "may_have_executed": false}
  },
"#,
        missed: Check::Test("conformance", "every_endpoint_has_a_case_that_succeeds_and_one_that_fails_at_the_server"),
        says: "no case of message/withdraw fails at the server",
    },
    Step {
        point: 5,
        file: "tests/conformance/cases/arguments.json",
        before: "  {\n    \"name\": \"delete_broadcast_message_refuses_an_empty_operator\",\n",
        text: r#"  {
    "name": "withdraw_message_refuses_an_empty_operator",
    "method": "withdraw_message",
    "arguments": {"operator": "", "message_uid": 588582842607370241},
    "error": {"variant": "InvalidArgument", "fields": {"argument": "operator", "reason": "it is empty"}, "text": "invalid argument operator: it is empty", "may_have_executed": false}
  },
"#,
        missed: Check::Test("conformance", "every_method_refuses_arguments_in_a_case"),
        says: "no case shows what withdraw_message refuses",
    },
    Step {
        point: 5,
        file: "tests/player/mod.rs",
        before: "        \"delete_broadcast_message\" => {\n",
        text: r#"        "withdraw_message" => client.withdraw_message(read::<arguments::Withdraw>(arguments).0).map(done),
"#,
        missed: Check::Test("conformance", "every_case_holds"),
        says: "there is no method withdraw_message",
    },
    compiled(
        5,
        "tests/player/arguments.rs",
        "holder!(DeleteBroadcast,",
        "holder!(Withdraw, \"WithdrawForm\", WithdrawRequest);\n",
    ),
    compiled(
        5,
        "tests/player/arguments.rs",
        "#[derive(Deserialize)]\n#[serde(remote = \"DeleteBroadcastRequest\", deny_unknown_fields)]\n",
        r#"#[derive(Deserialize)]
#[serde(remote = "WithdrawRequest", deny_unknown_fields)]
struct WithdrawForm {
    operator: String,
    message_uid: i64,
}

"#,
    ),
    named(
        5,
        "bindings/swift/Tests/WildfireChatMessageTests/Conformance/Player.swift",
        "        case \"delete_broadcast_message\":\n",
        r#"        case "withdraw_message":
            let (user, uid) = (try given.text("operator"), try given.integer("message_uid"))
            try withdrawMessage(operator: user, messageUid: uid)
            return .null
"#,
    ),
    named(
        5,
        "bindings/swift/Tests/WildfireChatMessageTests/Conformance/Player+Awaiting.swift",
        "        case \"delete_broadcast_message\":\n",
        r#"        case "withdraw_message":
            let (user, uid) = (try given.text("operator"), try given.integer("message_uid"))
            try await withdrawMessage(operator: user, messageUid: uid)
            return .null
"#,
    ),
    named(
        6,
        "examples/demo.rs",
        "    let uid_of_multicast =",
        r#"    let request =
        wildfirechat_message::WithdrawRequest { operator: admin.into(), message_uid: uid_of_broadcast };
    show("withdraw_message", client.withdraw_message(request), done)?;
"#,
    ),
    named(
        6,
        "bindings/python/examples/demo.py",
        "    to_both =",
        "    show(\"withdraw_message\", lambda: client.withdraw_message(admin, to_all), done)\n",
    ),
    named(
        6,
        "bindings/kotlin/examples/Demo.kt",
        "    val multicastUid =",
        "    show(\"withdrawMessage\", { client.withdrawMessage(admin, broadcastUid) })\n",
    ),
    named(
        6,
        "bindings/swift/examples/demo/main.swift",
        "    let uidOfMulticast =",
        r#"    try show(
        "withdrawMessage",
        try client.withdrawMessage(operator: admin, messageUid: uidOfBroadcast),
        done)
"#,
    ),
    Step {
        point: 7,
        file: "tests/repeats.rs",
        before: "        (\"message/delete_broadcast\", |w| {\n",
        text: r#"        ("message/withdraw", |w| {
            let request = wildfirechat_message::WithdrawRequest { operator: admin(), message_uid: w.message };
            w.client.withdraw_message(request)
        }),
"#,
        missed: Check::Test("repeats", "every_endpoint_that_changes_something_is_held_here"),
        says: "message/withdraw",
    },
    Step {
        point: 8,
        file: "docs/endpoints/message-withdraw.md",
        before: "",
        text: r#"# message/withdraw: withdraw a message

Withdraws a message, so that nothing of it stays.

| | |
| --- | --- |
| Method | `withdraw_message`; in Kotlin, Java and Swift `withdrawMessage` |
| Edition | professional |
| Safe to repeat | yes: a message that was withdrawn stays away. A second call may fail with `Rejected`, code 253 |

## Call it

`client` and `message_uid` are as [before each example](README.md#before-each-example).

<!-- The example: `cargo xtask pages` writes it from docs/examples/endpoints.json. -->

<!-- The end of the example. -->

## On the wire

`POST {base}/admin/message/withdraw`, signed as in [the wire](../wire.md#1-request).

```json
{"operator": "admin", "messageUid": 588582842607370241}
```

The answer:

```json
{"code": 0, "msg": "success"}
```
"#,
        missed: Check::Test("docs", "every_endpoint_has_a_page_and_every_page_an_endpoint"),
        says: "message-withdraw.md",
    },
    Step {
        point: 8,
        file: "docs/examples/endpoints.json",
        before: "  {\n    \"endpoint\": \"message/delete_broadcast\",",
        text: r#"  {
    "endpoint": "message/withdraw", "zh": "撤销消息", "method": "withdraw_message",
    "arguments": {"operator": "admin", "message_uid": "$message_uid"}
  },
"#,
        missed: Check::Pages,
        says: "docs/examples/endpoints.rs",
    },
];
