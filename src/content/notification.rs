//! Rich notifications: type 12.

use bytes::Bytes;
use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MessageError, MessagePayload};

/// A notification with a title, a description and rows of keys and values. Type 12.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct RichNotificationContent {
    /// The title; the payload keeps it as the text of the push notification.
    pub title: String,
    /// What the notification is about.
    #[uniffi(default)]
    pub description: String,
    /// A remark below the rows.
    #[uniffi(default)]
    pub remark: String,
    /// The name at the bottom, such as that of the service from which the notification comes.
    #[uniffi(default)]
    pub ex_name: String,
    /// URL of the picture at the bottom.
    #[uniffi(default)]
    pub ex_portrait: String,
    /// URL of the page that the notification opens.
    #[uniffi(default)]
    pub ex_url: String,
    /// Id of the application from which the notification comes.
    #[uniffi(default)]
    pub app_id: String,
    /// The rows.
    #[uniffi(default)]
    pub items: Vec<NotificationItem>,
}

/// A row of a rich notification.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct NotificationItem {
    /// What the row is about.
    pub key: String,
    /// The value of the row.
    #[uniffi(default)]
    pub value: String,
    /// The colour of the value, such as `#FF0000`; none for the receiver's default colour.
    #[uniffi(default)]
    pub color: Option<String>,
}

#[uniffi::export]
impl RichNotificationContent {
    /// The payload to send. The payload keeps the title as its push text. Fails with `InvalidArgument` if the extras
    /// have another `push_content`, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        if extras.as_ref().is_some_and(|extras| !["", &self.title].contains(&extras.push_content.as_str())) {
            return Err(MessageError::invalid(
                "extras.push_content",
                "a rich notification keeps its title in this field: leave it empty",
            ));
        }
        let payload = MessagePayload {
            push_content: self.title.clone(),
            content: self.description.clone(),
            data: self.to_data(),
            ..layout::blank(ContentType::RichNotification)
        };
        layout::finish(payload, extras)
    }
}

impl RichNotificationContent {
    fn to_data(&self) -> Bytes {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Data<'a> {
            remark: &'a str,
            ex_name: &'a str,
            ex_portrait: &'a str,
            ex_url: &'a str,
            app_id: &'a str,
            datas: Vec<Row<'a>>,
        }
        #[derive(Serialize)]
        struct Row<'a> {
            key: &'a str,
            value: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            color: Option<&'a str>,
        }
        let Self { remark, ex_name, ex_portrait, ex_url, app_id, items, .. } = self;
        let rows =
            items.iter().map(|NotificationItem { key, value, color }| Row { key, value, color: color.as_deref() });
        json::bytes(&Data { remark, ex_name, ex_portrait, ex_url, app_id, datas: rows.collect() })
    }

    pub(super) fn read(payload: MessagePayload) -> Self {
        let mut data = Fields::read(&payload.data);
        Self {
            title: payload.push_content,
            description: payload.content,
            remark: data.text("remark"),
            ex_name: data.text("exName"),
            ex_portrait: data.text("exPortrait"),
            ex_url: data.text("exUrl"),
            app_id: data.text("appId"),
            items: data.objects("datas").unwrap_or_default().into_iter().map(NotificationItem::read).collect(),
        }
    }
}

impl NotificationItem {
    fn read(mut row: Fields) -> Self {
        Self { key: row.text("key"), value: row.text("value"), color: row.optional_text("color") }
    }
}
