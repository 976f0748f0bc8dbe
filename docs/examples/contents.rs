//! The Rust examples of docs/contents.md, in the page's order, and one content of each kind for its pictures.
//!
//! `tests/docs.rs` compiles and plays each, and holds the page to this text.

use wildfirechat_message::{
    Article, ArticlesContent, Bytes, CardContent, CollectionContent, CollectionEntry, CompositeContent, ContentExtras,
    Conversation, FileContent, ImageContent, LinkContent, LocationContent, MeetingMinutesContent, Message,
    MessageClient, MessageContent, MessageError, MessagePayload, MixFile, MixFileTextContent, MixMultiMediaItem,
    MixMultiMediaTextContent, NotificationItem, PlainTextContent, PollContent, PollOptionResult, PollResultContent,
    Quote, RichNotificationContent, SendRequest, StickerContent, StreamingTextCancelledContent,
    StreamingTextGeneratedContent, StreamingTextGeneratingContent, TextContent, TipContent, TranscriptionContent,
    TypingContent, UpdateRequest, VideoContent, VoiceContent, make_thumbnail,
};

type Outcome = Result<(), MessageError>;

/// Is given a client and the id of a message.
type Example = fn(&MessageClient, i64) -> Outcome;

/// The name of each example's function, in the order of the page.
pub const EXAMPLES: &[(&str, Example)] = &[
    ("send", send),
    ("read", read),
    ("answer", answer),
    ("forward", forward),
    ("read_a_long_history", read_a_long_history),
    ("thumbnail", thumbnail),
    ("ones_own", ones_own),
    ("agent_card", agent_card),
];

fn send(client: &MessageClient, _: i64) -> Outcome {
    let content = TextContent::new("@Ann, the build is green.");
    let payload = content.to_payload(Some(ContentExtras::mention(["ann"])))?;
    let sent = client.send_message(SendRequest::new("admin", Conversation::group("g1"), payload))?;
    println!("{}", sent.message_uid);
    Ok(())
}

fn read(client: &MessageClient, message_uid: i64) -> Outcome {
    let message = client.get_message(message_uid)?;
    match message.decode_content()? {
        MessageContent::Text { value } => println!("{}", value.text),
        MessageContent::Image { value } => println!("{}", value.remote_media_url),
        MessageContent::Recalled { value } => println!("recalled by {}", value.operator),
        MessageContent::Custom { payload } => println!("a content of type {}", payload.content_type),
        other => println!("{other:?}"),
    }
    Ok(())
}

fn answer(client: &MessageClient, message_uid: i64) -> Outcome {
    let question = client.get_message(message_uid)?;
    let answer = TextContent { text: "Yes.".into(), quote: Some(question.quote()?) };
    let payload = answer.to_payload(None)?;
    client.send_message(SendRequest::new("bob", question.conversation, payload))?;
    Ok(())
}

fn forward(client: &MessageClient, message_uid: i64) -> Outcome {
    let mut history = CompositeContent {
        title: "Ann and Bob".into(),
        messages: vec![client.get_message(message_uid)?],
        ..CompositeContent::default()
    };
    if let Some(file) = history.to_upload()? {
        history.remote_media_url = upload(file);
    }
    let payload = history.to_payload(None)?;
    client.send_message(SendRequest::new("ann", Conversation::single("eve"), payload))?;
    Ok(())
}

fn read_a_long_history(client: &MessageClient, message_uid: i64) -> Outcome {
    if let MessageContent::Composite { value: mut history } = client.get_message(message_uid)?.decode_content()? {
        if !history.remote_media_url.is_empty() {
            history = history.with_upload(download(&history.remote_media_url))?;
        }
        println!("{} messages", history.messages.len());
    }
    Ok(())
}

fn thumbnail(client: &MessageClient, _: i64) -> Outcome {
    let photo = read_file("cat.jpg");
    let content = ImageContent {
        remote_media_url: "https://files.example.com/cat.jpg".into(),
        thumbnail: Some(make_thumbnail(photo.into())?),
        ..ImageContent::default()
    };
    let payload = content.to_payload(None)?;
    client.send_message(SendRequest::new("ann", Conversation::single("bob"), payload))?;
    Ok(())
}

fn ones_own(client: &MessageClient, _: i64) -> Outcome {
    struct OrderContent {
        number: String,
    }

    impl OrderContent {
        const CONTENT_TYPE: i32 = 1001;

        fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
            let payload = MessagePayload {
                content_type: Self::CONTENT_TYPE,
                searchable_content: format!("Order {}", self.number),
                content: self.number.clone(),
                ..MessagePayload::default()
            };
            MessageContent::Custom { payload }.to_payload(extras)
        }

        fn of(content: MessageContent) -> Option<Self> {
            match content {
                MessageContent::Custom { payload } if payload.content_type == Self::CONTENT_TYPE => {
                    Some(Self { number: payload.content })
                }
                _ => None,
            }
        }
    }

    let order = OrderContent { number: "A-17".into() };
    let request = SendRequest::new("shop", Conversation::single("ann"), order.to_payload(None)?);
    let message = client.get_message(client.send_message(request)?.message_uid)?;
    if let Some(order) = OrderContent::of(message.decode_content()?) {
        println!("order {}", order.number);
    }
    Ok(())
}

fn agent_card(client: &MessageClient, _: i64) -> Outcome {
    let card = |state: &str| MessagePayload {
        content_type: 200,
        content: format!(r#"{{"title":"Build 4711","state":"{state}"}}"#),
        persist_flag: 1,
        ..MessagePayload::default()
    };
    let sent = client.send_message(SendRequest::new("agent", Conversation::single("ann"), card("running")))?;
    client.update_message(UpdateRequest {
        message_uid: sent.message_uid,
        payload: card("done"),
        distribute: true,
        operator: Some("agent".into()),
    })?;
    if let MessageContent::Custom { payload } = client.get_message(sent.message_uid)?.decode_content()? {
        println!("{}", payload.content);
    }
    Ok(())
}

/// Stands for what an application does: puts a file where receivers can fetch it, and tells the URL.
fn upload(_file: Bytes) -> String {
    "https://files.example.com/history".into()
}

/// Stands for what an application does: fetches a file.
fn download(_url: &str) -> Bytes {
    br#"{"ms":[]}"#[..].into()
}

/// Stands for `std::fs::read`: a picture of one pixel.
fn read_file(_path: &str) -> Vec<u8> {
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;".into()
}

const MESSAGE_UID: i64 = 588_582_842_607_370_241;
const JPEG: &[u8] = b"\xff\xd8\xff\xd9";

/// What the picture of `ContentExtras` shows: all of them, on a text.
pub fn extras() -> ContentExtras {
    ContentExtras {
        mentioned_type: 1,
        mentioned_targets: vec!["ann".into()],
        extra: "of my own".into(),
        push_content: "Bob mentioned you".into(),
        push_data: r#"{"badge":1}"#.into(),
        expire_duration: 60,
    }
}

/// What the pictures show: a content of each kind, all its fields set.
pub fn every_content() -> Vec<MessageContent> {
    vec![
        TextContent { text: "Yes.".into(), quote: Some(quote()) }.into(),
        VoiceContent { remote_media_url: "https://files.example.com/hello.amr".into(), duration: 7 }.into(),
        ImageContent {
            remote_media_url: "https://files.example.com/cat.jpg".into(),
            thumbnail: Some(JPEG.into()),
            width: Some(640),
            height: Some(480),
        }
        .into(),
        LocationContent {
            title: "Forbidden City".into(),
            latitude: 39.9163,
            longitude: 116.3972,
            thumbnail: Some(JPEG.into()),
        }
        .into(),
        FileContent {
            name: "plan.pdf".into(),
            size: 48_120,
            remote_media_url: "https://files.example.com/plan.pdf".into(),
        }
        .into(),
        VideoContent {
            remote_media_url: "https://files.example.com/cat.mp4".into(),
            duration: 12,
            thumbnail: Some(JPEG.into()),
        }
        .into(),
        StickerContent { remote_media_url: "https://files.example.com/wave.gif".into(), width: 240, height: 200 }
            .into(),
        LinkContent {
            title: "The plan".into(),
            url: "https://example.com/plan".into(),
            digest: "What we do next".into(),
            thumbnail_url: Some("https://example.com/plan.jpg".into()),
        }
        .into(),
        PlainTextContent { text: "Yes.".into(), quote: Some(quote()) }.into(),
        CardContent {
            target: "g1".into(),
            kind: 1,
            name: "builders".into(),
            display_name: "The builders".into(),
            portrait: "https://files.example.com/g1.jpg".into(),
            from_user: "ann".into(),
        }
        .into(),
        CompositeContent {
            title: "Ann and Bob".into(),
            messages: vec![forwarded()],
            remote_media_url: "https://files.example.com/history".into(),
        }
        .into(),
        RichNotificationContent {
            title: "Build 4711".into(),
            description: "It is green".into(),
            remark: "Took 3 minutes".into(),
            ex_name: "Builds".into(),
            ex_portrait: "https://ci.example.com/logo.png".into(),
            ex_url: "https://ci.example.com/4711".into(),
            app_id: "ci".into(),
            items: vec![NotificationItem { key: "Branch".into(), value: "main".into(), color: Some("#00AA00".into()) }],
        }
        .into(),
        ArticlesContent { top: article("a1", "Opening day"), sub_articles: vec![article("a2", "How to find us")] }
            .into(),
        StreamingTextGeneratingContent { stream_id: "s1".into(), text: "The capital of".into() }.into(),
        StreamingTextGeneratedContent { stream_id: "s1".into(), text: "The capital of France is Paris.".into() }.into(),
        CollectionContent {
            title: "Lunch on Friday".into(),
            collection_id: "c1".into(),
            group_id: "g1".into(),
            creator_id: "ann".into(),
            desc: "At 12:30".into(),
            template: "name, dish".into(),
            expire_type: 1,
            expire_at: 1_795_480_570_036,
            max_participants: 20,
            status: 0,
            created_at: 1_795_394_170_036,
            updated_at: 1_795_394_230_036,
            entries: vec![CollectionEntry {
                user_id: "bob".into(),
                content: "Bob, noodles".into(),
                created_at: 1_795_394_230_036,
            }],
        }
        .into(),
        PollContent {
            title: "Where to?".into(),
            poll_id: "p1".into(),
            group_id: "g1".into(),
            creator_id: "ann".into(),
            desc: "Our outing".into(),
            visibility: 1,
            kind: 2,
            anonymous: true,
            status: 0,
            end_time: 1_795_480_570_036,
            total_votes: 3,
        }
        .into(),
        PollResultContent {
            title: "Where to?".into(),
            poll_id: "p1".into(),
            group_id: "g1".into(),
            creator_id: "ann".into(),
            total_votes: 5,
            voter_count: 3,
            winning_option_ids: vec!["o1".into()],
            winning_option_texts: vec!["The lake".into()],
            ended_at: 1_795_480_570_036,
            status: Some(1),
            results: vec![PollOptionResult { option_id: "o1".into(), option_text: "The lake".into(), vote_count: 3 }],
        }
        .into(),
        StreamingTextCancelledContent { stream_id: "s1".into(), text: "The capital of".into() }.into(),
        MeetingMinutesContent {
            text: "The release waits a week".into(),
            title: "Monday round".into(),
            meeting_id: "m1".into(),
        }
        .into(),
        TranscriptionContent {
            content: "Let us wait".into(),
            meeting_id: "m1".into(),
            user_id: "bob".into(),
            timestamp: 1_795_394_170_036,
            duration: 1250,
            id: 7,
        }
        .into(),
        TipContent { tip: "Bob joined the group".into() }.into(),
        TypingContent { kind: 1 }.into(),
        MixMultiMediaTextContent {
            text: "The week-end".into(),
            items: vec![MixMultiMediaItem {
                url: "https://files.example.com/cat.mp4".into(),
                is_video: true,
                thumbnail: Some(JPEG.into()),
                width: 640,
                height: 480,
            }],
        }
        .into(),
        MixFileTextContent {
            text: "The plans".into(),
            files: vec![MixFile {
                url: "https://files.example.com/plan.pdf".into(),
                name: "plan.pdf".into(),
                size: 48_120,
                is_video: false,
            }],
        }
        .into(),
    ]
}

/// What a server leaves of a recalled message.
pub fn recalled_payload() -> MessagePayload {
    MessagePayload {
        content_type: 80,
        content: "ann".into(),
        data: MESSAGE_UID.to_string().into(),
        persist_flag: 1,
        extra: r#"{"s":"bob","ts":1795394170036,"t":1,"sc":"oops","c":"","e":""}"#.into(),
        ..MessagePayload::default()
    }
}

fn quote() -> Quote {
    Quote { message_uid: MESSAGE_UID, user_id: "bob".into(), display_name: "Bob".into(), digest: "Shall we?".into() }
}

fn forwarded() -> Message {
    Message {
        message_uid: MESSAGE_UID,
        sender: "bob".into(),
        conversation: Conversation::single("ann"),
        payload: MessagePayload::text("Shall we?"),
        timestamp: 1_795_394_170_036,
        ..Message::default()
    }
}

fn article(id: &str, title: &str) -> Article {
    Article {
        title: title.into(),
        id: id.into(),
        cover: format!("https://example.com/{id}.jpg"),
        digest: "In short".into(),
        url: format!("https://example.com/{id}"),
        read_report: id == "a1",
    }
}
