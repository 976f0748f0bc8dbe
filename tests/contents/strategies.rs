//! Contents and payloads as they come to nobody's mind.

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value};
use wildfirechat_message::*;

/// Every type the library knows, those around them, and any other.
fn content_type() -> impl Strategy<Value = i32> {
    prop_oneof![4 => 1..=27, 1 => select(&[80, 81, 90, 91, 92, 509, 510, 511, 512, 1000]), 1 => any::<i32>()]
}

/// Every key that stands in a layout, and some that do not.
const KEYS: &str = "quote u i n d duration w h lat long x y t p f ms uid type target line from tos direction status \
    serverTime le ctype csc cpc cpd cc cbc cmt cmts ce mt mru remark exName exPortrait exUrl appId datas key value color \
    top subArticles id cover title digest url rr s ts sc c e b mu collectionId groupId creatorId desc template \
    expireType expireAt maxParticipants createdAt updatedAt entries userId content pollId visibility anonymous endTime \
    totalVotes voterCount winningOptionIds winningOptionTexts endedAt results optionId optionText voteCount meetingId \
    timestamp thumbnail localPath name size iv unknown";

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1000..1000_i32).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        "[A-Za-z0-9+/]{4}".prop_map(Value::from),
    ];
    let keys: Vec<&str> = KEYS.split_whitespace().collect();
    leaf.prop_recursive(4, 48, 12, move |inner| {
        let fields = vec((select(keys.clone()), inner.clone()), 0..12).prop_map(|fields| {
            let fields: Map<String, Value> = fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            Value::Object(fields)
        });
        prop_oneof![3 => fields, 1 => vec(inner, 0..6).prop_map(Value::Array)]
    })
}

/// JSON, also cut short, or anything.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => json().prop_map(|json| json.to_string()),
        1 => (json(), 0..40_usize).prop_map(|(json, length)| json.to_string().chars().take(length).collect()),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<String>(),
        1 => Just(String::new()),
    ]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![5 => text().prop_map(String::into_bytes), 1 => vec(any::<u8>(), 0..40)]
}

pub(crate) fn payload() -> impl Strategy<Value = MessagePayload> {
    let texts = (".{0,12}", ".{0,12}", ".{0,12}", text(), ".{0,12}", text());
    let numbers = (content_type(), any::<i32>(), any::<i32>(), any::<i32>(), any::<i32>());
    (texts, numbers, bytes(), vec(".{0,4}", 0..3)).prop_map(|(texts, numbers, data, mentioned_targets)| {
        let (searchable_content, push_content, push_data, content, remote_media_url, extra) = texts;
        let (content_type, media_type, persist_flag, expire_duration, mentioned_type) = numbers;
        MessagePayload {
            content_type,
            searchable_content,
            push_content,
            push_data,
            content,
            data: data.into(),
            media_type,
            remote_media_url,
            persist_flag,
            expire_duration,
            mentioned_type,
            mentioned_targets,
            extra,
        }
    })
}

pub(crate) fn extras() -> impl Strategy<Value = ContentExtras> {
    (any::<i32>(), vec(".{0,4}", 0..3), ".{0,8}", ".{0,8}", ".{0,8}", any::<i32>()).prop_map(
        |(mentioned_type, mentioned_targets, extra, push_content, push_data, expire_duration)| ContentExtras {
            mentioned_type,
            mentioned_targets,
            extra,
            push_content,
            push_data,
            expire_duration,
        },
    )
}

fn quote() -> impl Strategy<Value = Quote> {
    (any::<i64>(), any::<String>(), ".*", ".*").prop_map(|(message_uid, user_id, display_name, digest)| Quote {
        message_uid,
        user_id,
        display_name,
        digest,
    })
}

fn thumbnail() -> impl Strategy<Value = Option<Bytes>> {
    option::of(vec(any::<u8>(), 1..40).prop_map(Bytes::from))
}

fn article() -> impl Strategy<Value = Article> {
    (".*", ".*", ".*", ".*", ".*", any::<bool>()).prop_map(|(title, id, cover, digest, url, read_report)| Article {
        title,
        id,
        cover,
        digest,
        url,
        read_report,
    })
}

/// A message with all that travels in a list, whose payload is stored and counted.
fn message() -> impl Strategy<Value = Message> {
    let conversation = (any::<i32>(), ".*", any::<i32>());
    let payload = (payload(), select(&[1, 3, 8, 1000]));
    (any::<i64>(), ".*", conversation, payload, vec(".*", 0..3), any::<i64>()).prop_map(
        |(message_uid, sender, (kind, target, line), (payload, content_type), to_users, timestamp)| Message {
            message_uid,
            sender,
            conversation: Conversation { kind, target, line },
            payload: MessagePayload { content_type, persist_flag: 3, expire_duration: 0, ..payload },
            to_users,
            timestamp,
            ..Message::default()
        },
    )
}

/// A content that can be sent.
pub(crate) fn content() -> impl Strategy<Value = MessageContent> {
    prop_oneof![
        (".+", option::of(quote())).prop_map(|(text, quote)| TextContent { text, quote }.into()),
        (".+", option::of(quote())).prop_map(|(text, quote)| PlainTextContent { text, quote }.into()),
        (".+", any::<i32>())
            .prop_map(|(remote_media_url, duration)| VoiceContent { remote_media_url, duration }.into()),
        (".+", thumbnail(), any::<Option<i32>>(), any::<Option<i32>>()).prop_map(
            |(remote_media_url, thumbnail, width, height)| {
                ImageContent { remote_media_url, thumbnail, width, height }.into()
            }
        ),
        (".*", -90.0..=90.0, -180.0..=180.0, thumbnail()).prop_map(|(title, latitude, longitude, thumbnail)| {
            LocationContent { title, latitude, longitude, thumbnail }.into()
        }),
        (".*", any::<i64>(), ".+").prop_map(|(name, size, remote_media_url)| FileContent {
            name,
            size,
            remote_media_url
        }
        .into()),
        (".+", any::<i32>(), thumbnail()).prop_map(|(remote_media_url, duration, thumbnail)| {
            VideoContent { remote_media_url, duration, thumbnail }.into()
        }),
        (".+", any::<i32>(), any::<i32>()).prop_map(|(remote_media_url, width, height)| StickerContent {
            remote_media_url,
            width,
            height
        }
        .into()),
        (".*", ".*", ".*", option::of(".*")).prop_map(|(title, url, digest, thumbnail_url)| {
            LinkContent { title, url, digest, thumbnail_url }.into()
        }),
        (".+", any::<i32>(), ".*", ".*", ".*", ".*").prop_map(
            |(target, kind, name, display_name, portrait, from_user)| {
                CardContent { target, kind, name, display_name, portrait, from_user }.into()
            }
        ),
        (".*", vec(message(), 0..4), option::of(".+")).prop_map(|(title, messages, url)| {
            CompositeContent { title, messages, remote_media_url: url.unwrap_or_default() }.into()
        }),
        notification().prop_map(MessageContent::from),
        (article(), vec(article(), 0..3)).prop_map(|(top, sub_articles)| ArticlesContent { top, sub_articles }.into()),
        (".+", ".*").prop_map(|(stream_id, text)| StreamingTextGeneratingContent { stream_id, text }.into()),
        (".+", ".*").prop_map(|(stream_id, text)| StreamingTextGeneratedContent { stream_id, text }.into()),
        (".+", ".*").prop_map(|(stream_id, text)| StreamingTextCancelledContent { stream_id, text }.into()),
        ".+".prop_map(|tip| TipContent { tip }.into()),
        any::<i32>().prop_map(|kind| TypingContent { kind }.into()),
        collection().prop_map(MessageContent::from),
        poll().prop_map(MessageContent::from),
        poll_result().prop_map(MessageContent::from),
        (".+", ".*", ".*")
            .prop_map(|(text, title, meeting_id)| MeetingMinutesContent { text, title, meeting_id }.into()),
        (".*", ".*", ".*", any::<i64>(), any::<i64>(), any::<i64>()).prop_map(
            |(content, meeting_id, user_id, timestamp, duration, id)| {
                TranscriptionContent { content, meeting_id, user_id, timestamp, duration, id }.into()
            }
        ),
        (".*", vec(media(), 0..=10)).prop_map(|(text, items)| MixMultiMediaTextContent { text, items }.into()),
        (".*", vec(file(), 0..=10)).prop_map(|(text, files)| MixFileTextContent { text, files }.into()),
    ]
}

fn collection() -> impl Strategy<Value = CollectionContent> {
    let entry = (".*", ".*", any::<i64>());
    let entry = entry.prop_map(|(user_id, content, created_at)| CollectionEntry { user_id, content, created_at });
    let texts = (".*", ".+", ".*", ".*", ".*", ".*");
    let numbers = (any::<i32>(), any::<i64>(), any::<i32>(), any::<i32>(), any::<i64>(), any::<i64>());
    (texts, numbers, vec(entry, 0..4)).prop_map(|(texts, numbers, entries)| {
        let (title, collection_id, group_id, creator_id, desc, template) = texts;
        let (expire_type, expire_at, max_participants, status, created_at, updated_at) = numbers;
        CollectionContent {
            title,
            collection_id,
            group_id,
            creator_id,
            desc,
            template,
            expire_type,
            expire_at,
            max_participants,
            status,
            created_at,
            updated_at,
            entries,
        }
    })
}

fn poll() -> impl Strategy<Value = PollContent> {
    let texts = (".*", ".+", ".*", ".*", ".*");
    let numbers = (any::<i32>(), any::<i32>(), any::<bool>(), any::<i32>(), any::<i64>(), any::<i32>());
    (texts, numbers).prop_map(|(texts, numbers)| {
        let (title, poll_id, group_id, creator_id, desc) = texts;
        let (visibility, kind, anonymous, status, end_time, total_votes) = numbers;
        PollContent {
            title,
            poll_id,
            group_id,
            creator_id,
            desc,
            visibility,
            kind,
            anonymous,
            status,
            end_time,
            total_votes,
        }
    })
}

fn poll_result() -> impl Strategy<Value = PollResultContent> {
    let row = (".*", ".*", any::<i32>());
    let row =
        row.prop_map(|(option_id, option_text, vote_count)| PollOptionResult { option_id, option_text, vote_count });
    let texts = (prop_oneof![".*", "投票结果: .*"], ".+", ".*", ".*", vec(".*", 0..3), vec(".*", 0..3));
    let numbers = (any::<i32>(), any::<i32>(), any::<i64>(), any::<Option<i32>>());
    (texts, numbers, vec(row, 0..4)).prop_map(|(texts, numbers, results)| {
        let (title, poll_id, group_id, creator_id, winning_option_ids, winning_option_texts) = texts;
        let (total_votes, voter_count, ended_at, status) = numbers;
        PollResultContent {
            title,
            poll_id,
            group_id,
            creator_id,
            total_votes,
            voter_count,
            winning_option_ids,
            winning_option_texts,
            ended_at,
            status,
            results,
        }
    })
}

fn media() -> impl Strategy<Value = MixMultiMediaItem> {
    (".+", any::<bool>(), thumbnail(), any::<i32>(), any::<i32>()).prop_map(
        |(url, is_video, thumbnail, width, height)| MixMultiMediaItem { url, is_video, thumbnail, width, height },
    )
}

fn file() -> impl Strategy<Value = MixFile> {
    (".+", ".*", any::<i64>(), any::<bool>()).prop_map(|(url, name, size, is_video)| MixFile {
        url,
        name,
        size,
        is_video,
    })
}

fn notification() -> impl Strategy<Value = RichNotificationContent> {
    let item = (".*", ".*", option::of(".*")).prop_map(|(key, value, color)| NotificationItem { key, value, color });
    (".*", ".*", ".*", ".*", ".*", ".*", ".*", vec(item, 0..3)).prop_map(
        |(title, description, remark, ex_name, ex_portrait, ex_url, app_id, items)| RichNotificationContent {
            title,
            description,
            remark,
            ex_name,
            ex_portrait,
            ex_url,
            app_id,
            items,
        },
    )
}
