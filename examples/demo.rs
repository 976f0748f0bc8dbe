//! Every method of the client once, one line each: `demo URL SECRET`.
//!
//! `cargo xtask demo` runs it against the sandbox, beside its twins in Python, Kotlin and Swift, which print the
//! same lines. On a real server it sends real messages, one of them to every user.

use std::process::ExitCode;

use wildfirechat_message::{
    BroadcastRequest, ClearConversationRequest, ClearUserMessagesRequest, Conversation, ConversationReadRequest,
    DeleteBroadcastRequest, DeleteMulticastRequest, ImportedMessage, MediaType, MessageClient, MessageError,
    MessagePayload, MulticastRequest, RecallBroadcastRequest, RecallMulticastRequest, RecallRequest, SendFileRequest,
    SendOutcome, SendRequest, SentMessage, StreamTextRequest, UpdateRequest, UploadRequest,
};

fn main() -> ExitCode {
    let [_, url, secret] = std::env::args().collect::<Vec<_>>().try_into().unwrap_or_default();
    if url.is_empty() {
        eprintln!("usage: demo URL SECRET");
        return ExitCode::from(2);
    }
    match demo(url, secret) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn demo(url: String, secret: String) -> Result<(), MessageError> {
    let client = MessageClient::new(url, secret, None)?;
    let (admin, user, others) = ("admin", "user1", ["user2", "user3"].map(str::to_owned).to_vec());
    let (to_user, to_group) = (Conversation::single(user), Conversation::group("group1"));

    // To a user, a group and many users.
    let hello = SendRequest::new(admin, to_user.clone(), MessagePayload::text("Hello, user1."));
    let sent = client.send_message(hello)?;
    show("send_message", Ok(sent.clone()), told)?;
    let news = SendRequest::new(admin, to_group.clone(), MessagePayload::text("Hello, group1."));
    show("send_message", client.send_message(news), told)?;
    let again = |time| {
        let text = MessagePayload::text(format!("Hello for the {time}. time."));
        SendRequest::new(admin, to_user.clone(), text)
    };
    let many: Vec<SendRequest> = (2..5).map(again).collect();
    show("send_messages", client.send_messages(many.clone(), None, |_| {}), |outcomes| counted(outcomes))?;
    let mut outcomes = Vec::new();
    let each = client.send_each(many, None, |_| {}, |outcome| outcomes.push(outcome));
    show("send_each", each.map(|()| outcomes), |outcomes| counted(outcomes))?;
    let many = MulticastRequest {
        sender: admin.into(),
        targets: others.clone(),
        line: 0,
        payload: MessagePayload::text("Hello, both of you."),
    };
    let multicast = show("multicast_message", client.multicast_message(many), told)?;

    // Back again, gone, and looked up.
    let uid = sent.message_uid;
    show("get_message", client.get_message(uid), |message| {
        format!("\"{}\" from {}", message.payload.searchable_content, message.sender)
    })?;
    let recall = RecallRequest { operator: admin.into(), message_uid: uid };
    show("recall_message", client.recall_message(recall), |recalled| match recalled {
        Some(recalled) => format!("took back \"{}\"", recalled.searchable_content),
        None => "done".into(),
    })?;
    show("find_message", client.find_message(uid), |found| match found {
        Some(message) => {
            format!("content type {}, a recall by {}", message.payload.content_type, message.payload.content)
        }
        None => "nothing".into(),
    })?;

    // An error: its text names the endpoint and what the server said.
    show("get_message", client.get_message(1), |_| "a message nobody sent".into())?;

    // Every other method.
    let update = UpdateRequest {
        message_uid: uid,
        payload: MessagePayload::text("Hello again."),
        distribute: true,
        operator: Some(admin.into()),
    };
    show("update_message", client.update_message(update), done)?;
    let to_all = BroadcastRequest { sender: admin.into(), line: 0, payload: MessagePayload::text("Hello, everybody.") };
    let broadcast = show("broadcast_message", client.broadcast_message(to_all), |broadcast| {
        format!("uid {} to {} users", broadcast.message_uid, broadcast.count)
    })?;
    let uid_of_broadcast = broadcast.map_or(uid, |broadcast| broadcast.message_uid);
    let request = RecallBroadcastRequest { operator: admin.into(), message_uid: uid_of_broadcast };
    show("recall_broadcast_message", client.recall_broadcast_message(request), done)?;
    let request = DeleteBroadcastRequest { operator: admin.into(), message_uid: uid_of_broadcast };
    show("delete_broadcast_message", client.delete_broadcast_message(request), done)?;
    let uid_of_multicast = multicast.map_or(uid, |multicast| multicast.message_uid);
    let request = RecallMulticastRequest {
        operator: admin.into(),
        message_uid: uid_of_multicast,
        receivers: others[..1].to_vec(),
    };
    show("recall_multicast_message", client.recall_multicast_message(request), done)?;
    let request = DeleteMulticastRequest {
        operator: admin.into(),
        message_uid: uid_of_multicast,
        receivers: others[1..].to_vec(),
    };
    show("delete_multicast_message", client.delete_multicast_message(request), done)?;
    let request = ConversationReadRequest { user_id: user.into(), conversation: to_group.clone() };
    let read = client.get_conversation_read_timestamp(request);
    show("get_conversation_read_timestamp", read, |time| at(*time))?;
    show("get_delivery_timestamp", client.get_delivery_timestamp(user.into()), |time| at(*time))?;
    let old = ImportedMessage {
        sender: user.into(),
        conversation: to_group.clone(),
        payload: MessagePayload::text("From the old system."),
        receivers: Vec::new(),
        timestamp: 1_700_000_000_000,
    };
    show("import_messages", client.import_messages(vec![old]), done)?;
    let answer = ["The capital ", "of France ", "is Paris."];
    let stream = client.stream_text(StreamTextRequest::new(admin, to_user.clone()))?;
    show("stream_text", stream.finish_with(answer), told)?;
    let file = UploadRequest::bytes("hello.txt", "Hello.", MediaType::File as i32);
    show("upload", client.upload(file, |_| ()), |_| "done".into())?;
    let file = SendFileRequest::bytes(user, to_group.clone(), "hello.txt", "Hello.");
    show("send_file", client.send_file(file, |_| ()), told)?;
    show("delete_message", client.delete_message(uid), done)?;
    let request = ClearUserMessagesRequest {
        user_id: user.into(),
        conversation: to_group,
        start_time: Some(sent.timestamp),
        end_time: None,
    };
    show("clear_user_messages", client.clear_user_messages(request), done)?;
    let request = ClearConversationRequest { user_id: user.into(), conversation: to_user };
    show("clear_conversation", client.clear_conversation(request), done)?;
    Ok(())
}

/// Prints a method and what came of it. What the server refuses or lacks is part of the show; that it cannot
/// be reached, or does not take the secret, ends it.
fn show<T>(
    method: &str,
    outcome: Result<T, MessageError>,
    words: impl FnOnce(&T) -> String,
) -> Result<Option<T>, MessageError> {
    let (line, value) = match outcome {
        Ok(value) => (words(&value), Some(value)),
        Err(MessageError::NotSupported { .. }) => ("skipped: this edition does not have it".to_owned(), None),
        Err(error @ MessageError::Rejected { .. }) => (format!("error: {error}"), None),
        Err(error) => return Err(error),
    };
    println!("{method:<32}→ {line}");
    Ok(value)
}

fn told(sent: &SentMessage) -> String {
    format!("uid {} at {}", sent.message_uid, at(sent.timestamp))
}

fn counted(outcomes: &[SendOutcome]) -> String {
    format!("{} of {} sent", outcomes.iter().filter(|outcome| outcome.is_ok()).count(), outcomes.len())
}

fn done((): &()) -> String {
    "done".to_owned()
}

/// A time of the server as people read it: `2026-03-01 08:15:00 UTC`.
fn at(milliseconds: i64) -> String {
    let seconds = milliseconds.div_euclid(1000);
    let (hour, minute, second) =
        (seconds.div_euclid(3600).rem_euclid(24), seconds.div_euclid(60).rem_euclid(60), seconds.rem_euclid(60));
    // Days since 0000-03-01: a year that ends with February has its leap day last.
    let days = seconds.div_euclid(86_400) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, year) =
        if month < 10 { (month + 3, 400 * era + year_of_era) } else { (month - 9, 400 * era + year_of_era + 1) };
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}
