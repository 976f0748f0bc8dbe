//! Lists that people join: type 17.

use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MessageError, MessagePayload, check};

/// A list that the members of a group join one after the other, such as who comes to lunch. The service for such lists
/// creates its id and keeps its entries; the message shows them. Type 17.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct CollectionContent {
    /// What the list is about.
    pub title: String,
    /// The id of the list, as the service for such lists created it; not empty.
    #[uniffi(default)]
    pub collection_id: String,
    /// Id of the group that the list is for.
    #[uniffi(default)]
    pub group_id: String,
    /// Id of the user who started the list.
    #[uniffi(default)]
    pub creator_id: String,
    /// A longer description of the list.
    #[uniffi(default)]
    pub desc: String,
    /// The text with which each new entry begins, for the users to complete.
    #[uniffi(default)]
    pub template: String,
    /// Whether the list ends by itself, as a number of the service for such lists; 0 for never.
    #[uniffi(default)]
    pub expire_type: i32,
    /// When the list ends, in milliseconds since the epoch; 0 for never.
    #[uniffi(default)]
    pub expire_at: i64,
    /// How many users may join; 0 for any number.
    #[uniffi(default)]
    pub max_participants: i32,
    /// Whether the list is still open, as a number of the service for such lists; 0 while it is open.
    #[uniffi(default)]
    pub status: i32,
    /// When the list was started, in milliseconds since the epoch.
    #[uniffi(default)]
    pub created_at: i64,
    /// When the list was last changed, in milliseconds since the epoch.
    #[uniffi(default)]
    pub updated_at: i64,
    /// The entries of the users who have joined, in the order in which they joined.
    #[uniffi(default)]
    pub entries: Vec<CollectionEntry>,
}

/// The entry of a user who joined a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct CollectionEntry {
    /// Id of the user who joined.
    pub user_id: String,
    /// What this user wrote.
    #[uniffi(default)]
    pub content: String,
    /// When this user joined, in milliseconds since the epoch.
    #[uniffi(default)]
    pub created_at: i64,
}

#[uniffi::export]
impl CollectionContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no collection id, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        check::not_empty("collection_id", &self.collection_id)?;
        let payload = MessagePayload {
            searchable_content: self.title.clone(),
            data: json::bytes(&Data::of(self)),
            ..layout::blank(ContentType::Collection)
        };
        layout::finish(payload, extras)
    }
}

impl CollectionContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let mut data = Fields::read(&payload.data);
        Self {
            title: layout::title(payload.searchable_content, &mut data),
            collection_id: data.text("collectionId"),
            group_id: data.text("groupId"),
            creator_id: data.text("creatorId"),
            desc: data.text("desc"),
            template: data.text("template"),
            expire_type: data.int("expireType").unwrap_or_default(),
            expire_at: data.long("expireAt"),
            max_participants: data.int("maxParticipants").unwrap_or_default(),
            status: data.int("status").unwrap_or_default(),
            created_at: data.long("createdAt"),
            updated_at: data.long("updatedAt"),
            entries: data.objects("entries").unwrap_or_default().into_iter().map(CollectionEntry::read).collect(),
        }
    }
}

impl CollectionEntry {
    fn read(mut entry: Fields) -> Self {
        Self { user_id: entry.text("userId"), content: entry.text("content"), created_at: entry.long("createdAt") }
    }
}

/// A list as it stands in the JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    collection_id: &'a str,
    group_id: &'a str,
    creator_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    desc: &'a str,
    template: &'a str,
    expire_type: i32,
    expire_at: i64,
    max_participants: i32,
    status: i32,
    created_at: i64,
    updated_at: i64,
    entries: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    user_id: &'a str,
    content: &'a str,
    created_at: i64,
}

impl<'a> Data<'a> {
    fn of(collection: &'a CollectionContent) -> Self {
        Self {
            collection_id: &collection.collection_id,
            group_id: &collection.group_id,
            creator_id: &collection.creator_id,
            title: &collection.title,
            desc: &collection.desc,
            template: &collection.template,
            expire_type: collection.expire_type,
            expire_at: collection.expire_at,
            max_participants: collection.max_participants,
            status: collection.status,
            created_at: collection.created_at,
            updated_at: collection.updated_at,
            entries: collection.entries.iter().map(Entry::of).collect(),
        }
    }
}

impl<'a> Entry<'a> {
    fn of(CollectionEntry { user_id, content, created_at }: &'a CollectionEntry) -> Self {
        Self { user_id, content, created_at: *created_at }
    }
}
