//! axum: a robot that answers whoever mentions it.

use std::{collections::VecDeque, env, error::Error, net::TcpListener, sync::mpsc, thread};

use axum::{Router, body::Bytes, http::StatusCode, routing::post};
use wildfirechat_message::{
    Conversation, ConversationType, Message, MessageError, RobotClient, RobotSendTextRequest, parse_message_callback,
};

fn main() -> Result<(), Box<dyn Error>> {
    let id = env::var("ROBOT_ID")?;
    let robot = RobotClient::new(env::var("WILDFIRECHAT_URL")?, id.clone(), env::var("ROBOT_SECRET")?, None)?;
    run(robot, id, TcpListener::bind(env::var("LISTEN")?)?, &env::var("PUBLIC_URL")?, &env::var("CALLBACK_PATH")?)
}

/// Takes what the server posts to the path, which is a secret because nobody signs what is posted.
pub fn run(
    robot: RobotClient,
    id: String,
    listener: TcpListener,
    public_url: &str,
    path: &str,
) -> Result<(), Box<dyn Error>> {
    let (queue, messages) = mpsc::sync_channel(1000);
    // Answers at once; a thread does the work after that.
    let queued = move |message| queue.try_send(message).is_ok();
    let callback = async move |body: Bytes| match parse_message_callback(&body).map(&queued) {
        Ok(true) => (StatusCode::OK, String::new()),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "too many messages wait".to_owned()),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()),
    };
    robot.set_callback(format!("{public_url}{path}"))?;
    thread::spawn(move || answer_all(&robot, &id, messages));
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        Ok(axum::serve(listener, Router::new().route(path, post(callback))).await?)
    })
}

fn answer_all(robot: &RobotClient, id: &str, messages: mpsc::Receiver<Message>) {
    let mut seen = VecDeque::new();
    for message in messages {
        // A robot hears its own messages in groups, and anything may come twice.
        if message.sender == id || seen.contains(&message.message_uid) {
            continue;
        }
        seen.push_back(message.message_uid);
        seen.drain(..seen.len().saturating_sub(1000));
        if let Err(error) = answer(robot, id, &message) {
            eprintln!("message {} was not answered: {error}", message.message_uid);
        }
    }
}

/// Answers where the robot was mentioned, or who wrote to it alone.
fn answer(robot: &RobotClient, id: &str, message: &Message) -> Result<(), MessageError> {
    let conversation = if message.conversation.kind == ConversationType::Single as i32 {
        Conversation::single(&message.sender)
    } else if message.payload.mentioned_targets.iter().any(|mentioned| mentioned == id) {
        message.conversation.clone()
    } else {
        return Ok(());
    };
    let text = format!("You said: {}", message.payload.searchable_content);
    let request = RobotSendTextRequest::new(conversation, text);
    robot.send_text(RobotSendTextRequest { quote: Some(message.quote()?), ..request }).map(drop)
}
