//! The Rust examples of docs/endpoints, one function a page, as the pages show them.
//!
//! `tests/docs.rs` compiles and plays each, and holds the pages to this text.

#![allow(unused_variables, reason = "every example is given a message's id, and not every one needs it")]

use wildfirechat_message::{
    BroadcastRequest, ClearConversationRequest, ClearUserMessagesRequest, Conversation, ConversationReadRequest,
    DeleteBroadcastRequest, DeleteMulticastRequest, ImportedMessage, MediaType, MessageClient, MessageError,
    MessagePayload, MulticastRequest, RecallBroadcastRequest, RecallMulticastRequest, RecallRequest, SendRequest,
    UpdateRequest, UploadRequest,
};

type Outcome = Result<(), MessageError>;

/// Is given a client and the id of a message.
type Example = fn(&MessageClient, i64) -> Outcome;

/// Each page's name and its example.
pub const EXAMPLES: &[(&str, Example)] = &[
    ("message-send", message_send),
    ("message-update", message_update),
    ("message-recall", message_recall),
    ("message-multicast", message_multicast),
    ("message-broadcast", message_broadcast),
    ("message-delete", message_delete),
    ("message-clear_by_user", message_clear_by_user),
    ("conversation-delete", conversation_delete),
    ("message-get_one", message_get_one),
    ("message-recall_broadcast", message_recall_broadcast),
    ("message-recall_multicast", message_recall_multicast),
    ("message-delete_broadcast", message_delete_broadcast),
    ("message-delete_multicast", message_delete_multicast),
    ("message-conv_read", message_conv_read),
    ("message-delivery", message_delivery),
    ("message-import", message_import),
    ("oss-get_upload_url", oss_get_upload_url),
];

fn message_send(client: &MessageClient, message_uid: i64) -> Outcome {
    let payload = MessagePayload::text("The build is green.");
    let sent = client.send_message(SendRequest::new("admin", Conversation::group("g1"), payload))?;
    println!("{} at {}", sent.message_uid, sent.timestamp);
    Ok(())
}

fn message_update(client: &MessageClient, message_uid: i64) -> Outcome {
    client.update_message(UpdateRequest {
        message_uid,
        payload: MessagePayload::text("The build is red."),
        distribute: true,
        operator: Some("admin".into()),
    })?;
    Ok(())
}

fn message_recall(client: &MessageClient, message_uid: i64) -> Outcome {
    let recalled = client.recall_message(RecallRequest { operator: "admin".into(), message_uid })?;
    if let Some(recalled) = recalled {
        println!("{} had said: {}", recalled.sender, recalled.searchable_content);
    }
    Ok(())
}

fn message_multicast(client: &MessageClient, message_uid: i64) -> Outcome {
    let sent = client.multicast_message(MulticastRequest {
        sender: "admin".into(),
        targets: vec!["u1".into(), "u2".into()],
        line: 0,
        payload: MessagePayload::text("The shop opens at nine."),
    })?;
    println!("{}", sent.message_uid);
    Ok(())
}

fn message_broadcast(client: &MessageClient, message_uid: i64) -> Outcome {
    let broadcast = client.broadcast_message(BroadcastRequest {
        sender: "admin".into(),
        line: 0,
        payload: MessagePayload::text("We are back."),
    })?;
    println!("{} goes to {} users", broadcast.message_uid, broadcast.count);
    Ok(())
}

fn message_delete(client: &MessageClient, message_uid: i64) -> Outcome {
    client.delete_message(message_uid)?;
    Ok(())
}

fn message_clear_by_user(client: &MessageClient, message_uid: i64) -> Outcome {
    client.clear_user_messages(ClearUserMessagesRequest {
        user_id: "u1".into(),
        conversation: Conversation::group("g1"),
        start_time: Some(1_795_300_000_000),
        end_time: Some(1_795_400_000_000),
    })?;
    Ok(())
}

fn conversation_delete(client: &MessageClient, message_uid: i64) -> Outcome {
    let conversation = Conversation::single("u2");
    client.clear_conversation(ClearConversationRequest { user_id: "u1".into(), conversation })?;
    Ok(())
}

fn message_get_one(client: &MessageClient, message_uid: i64) -> Outcome {
    if let Some(message) = client.find_message(message_uid)? {
        println!("{}: {}", message.sender, message.payload.searchable_content);
    }
    Ok(())
}

fn message_recall_broadcast(client: &MessageClient, message_uid: i64) -> Outcome {
    client.recall_broadcast_message(RecallBroadcastRequest { operator: "admin".into(), message_uid })?;
    Ok(())
}

fn message_recall_multicast(client: &MessageClient, message_uid: i64) -> Outcome {
    client.recall_multicast_message(RecallMulticastRequest {
        operator: "admin".into(),
        message_uid,
        receivers: vec!["u2".into()],
    })?;
    Ok(())
}

fn message_delete_broadcast(client: &MessageClient, message_uid: i64) -> Outcome {
    client.delete_broadcast_message(DeleteBroadcastRequest { operator: "admin".into(), message_uid })?;
    Ok(())
}

fn message_delete_multicast(client: &MessageClient, message_uid: i64) -> Outcome {
    client.delete_multicast_message(DeleteMulticastRequest {
        operator: "admin".into(),
        message_uid,
        receivers: vec!["u2".into()],
    })?;
    Ok(())
}

fn message_conv_read(client: &MessageClient, message_uid: i64) -> Outcome {
    let conversation = Conversation::single("u2");
    let request = ConversationReadRequest { user_id: "u1".into(), conversation };
    let milliseconds = client.get_conversation_read_timestamp(request)?;
    println!("read up to {milliseconds}");
    Ok(())
}

fn message_delivery(client: &MessageClient, message_uid: i64) -> Outcome {
    let milliseconds = client.get_delivery_timestamp("u1".into())?;
    println!("delivered up to {milliseconds}");
    Ok(())
}

fn message_import(client: &MessageClient, message_uid: i64) -> Outcome {
    client.import_messages(vec![ImportedMessage {
        sender: "u1".into(),
        conversation: Conversation::single("u2"),
        payload: MessagePayload::text("Hello from the old system."),
        receivers: vec![],
        timestamp: 1_700_000_000_000,
    }])?;
    Ok(())
}

fn oss_get_upload_url(client: &MessageClient, message_uid: i64) -> Outcome {
    let notes = UploadRequest::bytes("notes.txt", "What was said.", MediaType::File as i32);
    let url = client.upload(notes, |progress| println!("{} of {} bytes", progress.sent, progress.total))?;
    println!("it is at {url}");
    Ok(())
}
