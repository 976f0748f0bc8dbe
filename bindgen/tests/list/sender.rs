//! The steps for an endpoint of a robot: `robot/message/withdraw`, which no server has.

use crate::{
    checks::Check,
    steps::{Step, compiled, named},
};

pub(crate) const STEPS: &[Step] = &[
    compiled(
        1,
        "src/endpoints/robot.rs",
        "/// The URL to which the server posts the messages that the robot receives.\n",
        r#"/// The withdrawal of a message of the robot.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RobotWithdrawal {
    pub(crate) message_uid: i64,
}

impl Endpoint for RobotWithdrawal {
    const NAME: &'static str = "robot/message/withdraw";
    const EFFECT: Effect = Effect::Once;
    type Answer = ();

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::message_uid(self.message_uid)
    }
}

"#,
    ),
    compiled(2, "src/endpoints/mod.rs", "pub use robot::{ReplyRequest,", "pub(crate) use robot::RobotWithdrawal;\n"),
    Step {
        point: 2,
        file: "src/endpoints/mod.rs",
        before: "    info::<SetCallback>(\"set_callback\"),\n",
        text: "    info::<RobotWithdrawal>(\"withdraw_own_message\"),\n",
        missed: Check::Test("senders", "every_endpoint_is_held_here"),
        says: "robot/message/withdraw",
    },
    compiled(
        3,
        "src/senders/robot.rs",
        "#[cfg(feature = \"files\")]\nuse crate::{\n",
        "use crate::endpoints::RobotWithdrawal;\n",
    ),
    compiled(
        3,
        "src/senders/robot.rs",
        "    /// Makes the server post the messages that the robot receives to a URL.",
        r"    /// Withdraws a message of the robot. `message_uid` is the message's id. robot/message/withdraw; professional servers.
    pub fn withdraw_own_message(&self, message_uid: i64) -> Result<(), MessageError> {
        self.access.call(RobotWithdrawal { message_uid })
    }

",
    ),
    compiled(
        4,
        "src/sandbox/endpoints/senders.rs",
        "fn set_callback(state: &mut State,",
        r#"fn withdraw(state: &mut State, robot: &str, fields: &Fields<'_>) -> Outcome {
    let uid = fields.long("messageUid")?;

    own(state, uid, |message| message.sender() == robot)?;
    state.change(uid, |_| true, |message| message.recall(robot.to_owned(), 0)).ok_or::<Refusal>(UNKNOWN)?;
    Ok(None)
}

"#,
    ),
    Step {
        point: 4,
        file: "src/sandbox/endpoints/senders.rs",
        before: "    robot(\"/robot/set_callback\", set_callback),\n",
        text: "    robot(\"/robot/message/withdraw\", withdraw).professional(),\n",
        missed: Check::Test("sandbox", "senders::their_endpoints_are_those_of_the_clients"),
        says: "/robot/message/withdraw",
    },
    Step {
        point: 5,
        file: "tests/conformance/senders/robot.json",
        before: "  {\n    \"name\": \"robot_recalls_too_late\",\n",
        text: r#"  {
    "name": "robot_withdraws",
    "sender": {"robot": "FireRobot"},
    "method": "withdraw_own_message",
    "arguments": {"message_uid": 588582842607370241},
    "answer": {"status": 200, "body": "{\"code\":0,\"msg\":\"success\"}"},
    "request": {"path": "/robot/message/withdraw", "body": "{\"messageUid\":588582842607370241}"},
    "result": null
  },
"#,
        missed: OUTCOMES,
        says: "no case of robot/message/withdraw succeeds",
    },
    Step {
        point: 5,
        file: "tests/conformance/senders/robot.json",
        before: "  {\n    \"name\": \"robot_recalls_no_message\",\n",
        text: r#"  {
    "name": "robot_withdraws_an_unknown_message",
    "sender": {"robot": "FireRobot"},
    "method": "withdraw_own_message",
    "arguments": {"message_uid": 588582842607370241},
    "answer": {"status": 200, "body": "{\"code\":253,\"msg\":\"not exist\"}"},
    "request": {"path": "/robot/message/withdraw", "body": "{\"messageUid\":588582842607370241}"},
    "error": {"variant": "Rejected", "fields": {"endpoint": "robot/message/withdraw", "code": 253, "msg": "not exist", "attempts": 1}, "text": "robot/message/withdraw: the server answered with code 253: not exist", "may_have_executed": false}
  },
"#,
        missed: OUTCOMES,
        says: "no case of robot/message/withdraw fails at the server",
    },
    Step {
        point: 5,
        file: "tests/conformance/senders/robot.json",
        before: "  {\n    \"name\": \"robot_sets_its_callback\",\n",
        text: r#"  {
    "name": "robot_withdraws_no_message",
    "sender": {"robot": "FireRobot"},
    "method": "withdraw_own_message",
    "arguments": {"message_uid": -1},
    "error": {"variant": "InvalidArgument", "fields": {"argument": "message_uid", "reason": "-1 is not a message id: it must be above 0"}, "text": "invalid argument message_uid: -1 is not a message id: it must be above 0", "may_have_executed": false}
  },
"#,
        missed: OUTCOMES,
        says: "no case shows what robot/message/withdraw refuses",
    },
    Step {
        point: 5,
        file: "tests/player/senders.rs",
        before: "        \"set_callback\" => robot",
        text: r#"        "withdraw_own_message" => {
            robot.withdraw_own_message(read::<arguments::MessageUid>(arguments).message_uid).map(done)
        }
"#,
        missed: Check::Test("conformance", "every_case_of_robots_and_channels_holds"),
        says: "withdraw_own_message",
    },
    named(
        5,
        "bindings/swift/Tests/WildfireChatMessageTests/Conformance/Player+Senders.swift",
        "        case \"set_callback\":\n",
        r#"        case "withdraw_own_message":
            try withdrawOwnMessage(messageUid: try given.integer("message_uid"))
            return .null
"#,
    ),
    named(
        5,
        "bindings/swift/Tests/WildfireChatMessageTests/Conformance/Player+Awaiting.swift",
        "        case \"set_callback\":\n",
        r#"        case "withdraw_own_message":
            try await withdrawOwnMessage(messageUid: try given.integer("message_uid"))
            return .null
"#,
    ),
    Step {
        point: 6,
        file: "tests/senders.rs",
        before: "        (\"robot/set_callback\", |w|",
        text: "        (\"robot/message/withdraw\", |w| w.robot.withdraw_own_message(w.of_robot)),\n",
        missed: Check::Test("senders", "every_endpoint_is_held_here"),
        says: "robot/message/withdraw",
    },
    Step {
        point: 7,
        file: "docs/robots.md",
        before: "<!-- The example of robot/set_callback:",
        text: r"<!-- The example of robot/message/withdraw: `cargo xtask pages` writes it from docs/examples/senders.json. -->

<!-- The end of the example. -->

",
        missed: Check::Pages,
        says: "lacks the marks of the example of robot/message/withdraw",
    },
    Step {
        point: 7,
        file: "docs/examples/senders.json",
        before: "  {\n    \"endpoint\": \"robot/set_callback\",",
        text: r#"  {
    "endpoint": "robot/message/withdraw", "method": "withdraw_own_message",
    "arguments": {"message_uid": "$message_uid"}
  },
"#,
        missed: Check::Pages,
        says: "docs/examples/senders.rs",
    },
    Step {
        point: 7,
        file: "docs/tables/senders.json",
        before: "  \"robot/set_callback\":",
        text: "  \"robot/message/withdraw\": \"yes\",\n",
        missed: Check::Pages,
        says: "docs/tables/senders.json says nothing of robot/message/withdraw",
    },
];

const OUTCOMES: Check =
    Check::Test("conformance", "every_endpoint_of_robots_and_channels_has_a_case_that_succeeds_and_one_that_fails");
