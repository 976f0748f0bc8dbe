//! The methods of robots and channels.

use serde_json::{Value, json};
use wildfirechat_message::{ChannelClient, MessageError, RobotClient};

#[cfg(feature = "files")]
use super::files;
use super::{
    arguments::{self, read},
    case::{Case, Sender},
    outcome,
};

/// Makes the client that a case is for, and calls the method that it names.
pub(super) fn play(sender: &Sender, base_url: String, secret: String, case: &Case) -> Result<Value, MessageError> {
    let (options, arguments) = (Some(arguments::options(&case.options)), case.arguments.clone());
    match sender {
        Sender::Robot(id) => {
            call_robot(&RobotClient::new(base_url, id.clone(), secret, options)?, &case.method, arguments)
        }
        Sender::Channel(id) => {
            call_channel(&ChannelClient::new(base_url, id.clone(), secret, options)?, &case.method, arguments)
        }
    }
}

fn call_robot(robot: &RobotClient, method: &str, arguments: Value) -> Result<Value, MessageError> {
    let done = |()| Value::Null;
    match method {
        "new" => Ok(Value::Null),
        "send_message" => robot.send_message(read::<arguments::RobotSend>(arguments).0).map(outcome::sent),
        "send_text" => robot.send_text(read::<arguments::RobotSendText>(arguments).0).map(outcome::sent),
        "reply_message" => robot.reply_message(read::<arguments::Reply>(arguments).0).map(outcome::sent),
        "update_message" => robot.update_message(read::<arguments::RobotUpdate>(arguments).0).map(done),
        "recall_message" => recalled(robot.recall_message(read::<arguments::MessageUid>(arguments).message_uid)),
        "set_callback" => robot.set_callback(read::<arguments::Callback>(arguments).url).map(done),
        "get_callback" => robot.get_callback().map(|url| json!(url)),
        "delete_callback" => robot.delete_callback().map(done),
        "get_profile" => robot.get_profile().map(outcome::user),
        "upload" => robot.upload(read::<arguments::Upload>(arguments).request(), |_| ()).map(|url| json!(url)),
        #[cfg(feature = "files")]
        "send_image" | "send_file" | "send_video" | "send_voice" => files::as_robot(robot, method, read(arguments)),
        unknown => panic!("a robot has no method {unknown}"),
    }
}

fn call_channel(channel: &ChannelClient, method: &str, arguments: Value) -> Result<Value, MessageError> {
    match method {
        "new" => Ok(Value::Null),
        "send_message" => channel.send_message(read::<arguments::ChannelSend>(arguments).0).map(outcome::sent),
        "send_text" => channel.send_text(read::<arguments::ChannelSendText>(arguments).0).map(outcome::sent),
        "recall_message" => recalled(channel.recall_message(read::<arguments::MessageUid>(arguments).message_uid)),
        "republish_message" => {
            channel.republish_message(read::<arguments::Republish>(arguments).0).map(|()| Value::Null)
        }
        unknown => panic!("a channel has no method {unknown}"),
    }
}

fn recalled(
    outcome: Result<Option<wildfirechat_message::RecalledMessage>, MessageError>,
) -> Result<Value, MessageError> {
    outcome.map(|recalled| recalled.map(outcome::recalled).into())
}
