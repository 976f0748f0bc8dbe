//! The methods that send a message with its file.

use serde_json::Value;
use wildfirechat_message::*;

use super::{arguments::File, outcome};

/// Calls the method of this kind of file with its record, without what comes after the fields that the case gives.
macro_rules! call {
    ($client:ident.$method:ident, $record:ident, $file:ident, { $($field:ident),* } $($without:ident)?) => {{
        let File { conversation, data, file_name, remote_media_url, .. } = $file;
        let data = Some(data);
        $client.$method(
            $record {
                conversation,
                data,
                path: None,
                file_name,
                remote_media_url,
                $($field: $file.$field,)*
                $($without: None,)?
            },
            |_| (),
        )
    }};
}

pub(super) fn as_user(client: &MessageClient, method: &str, file: File) -> Result<Value, MessageError> {
    match method {
        "send_image" => call!(client.send_image, SendImageRequest, file, { sender }),
        "send_file" => call!(client.send_file, SendFileRequest, file, { sender }),
        "send_video" => call!(client.send_video, SendVideoRequest, file, { sender, duration } thumbnail),
        _ => call!(client.send_voice, SendVoiceRequest, file, { sender, duration }),
    }
    .map(outcome::sent)
}

pub(super) fn as_robot(robot: &RobotClient, method: &str, file: File) -> Result<Value, MessageError> {
    match method {
        "send_image" => call!(robot.send_image, RobotSendImageRequest, file, {}),
        "send_file" => call!(robot.send_file, RobotSendFileRequest, file, {}),
        "send_video" => call!(robot.send_video, RobotSendVideoRequest, file, { duration } thumbnail),
        _ => call!(robot.send_voice, RobotSendVoiceRequest, file, { duration }),
    }
    .map(outcome::sent)
}
