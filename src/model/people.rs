//! Whom a message came from and went to: [`UserInfo`], [`GroupInfo`] and [`ChannelInfo`].
//!
//! The vendor's page lists these only as objects. The fields below are named; whatever else comes stays
//! readable as JSON text in `other_fields`, less anything called a password or a secret.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::wire::{Detail, detail};

/// A user as the server knows them.
// Source: wire.md §3, UserInfo.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct UserInfo {
    /// The user's id.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub user_id: String,
    /// The name the user logs in with.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub name: String,
    /// The name that is shown.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub display_name: String,
    /// URL of the user's picture.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub portrait: String,
    /// Telephone number.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub mobile: String,
    /// E-mail address.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub email: String,
    /// Postal address.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub address: String,
    /// Company.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub company: String,
    /// Social account.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub social: String,
    /// The application's own text about the user.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub extra: String,
    /// Gender, as the application numbers it.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub gender: i32,
    /// The user's type, as the server numbers it.
    #[serde(rename = "type", default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub kind: i32,
    /// When the user was last changed, in milliseconds since the epoch.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub update_dt: i64,
    /// Everything else the server told, as the text of a JSON object; empty when there is nothing else.
    #[serde(flatten, deserialize_with = "other_fields")]
    #[uniffi(default)]
    pub other_fields: String,
}

/// A group as the server knows it.
// Source: wire.md §3, GroupInfo.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize, uniffi::Record)]
pub struct GroupInfo {
    /// The group's id.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub target_id: String,
    /// The group's name.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub name: String,
    /// URL of the group's picture.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub portrait: String,
    /// Id of the user who owns it.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub owner: String,
    /// The application's own text about the group.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub extra: String,
    /// The group's type, as the server numbers it.
    #[serde(rename = "type", default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub kind: i32,
    /// Whether members may speak, as the server numbers it.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub mute: i32,
    /// How one joins, as the server numbers it.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub join_type: i32,
    /// Whether members may talk in private, as the server numbers it.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub private_chat: i32,
    /// Whether searching finds it, as the server numbers it.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub searchable: i32,
    /// The most members it may have.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub max_member_count: i32,
    /// Whether new members see older messages, as the server numbers it.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub history_message: i32,
    /// Whether it is a super group.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub super_group: bool,
    /// Everything else the server told, as the text of a JSON object; empty when there is nothing else.
    #[serde(flatten, deserialize_with = "other_fields")]
    #[uniffi(default)]
    pub other_fields: String,
}

/// A channel as the server knows it.
// Source: wire.md §3, ChannelInfo.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct ChannelInfo {
    /// The channel's id.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub channel_id: String,
    /// The channel's name.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub name: String,
    /// What the channel says of itself.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub desc: String,
    /// URL of the channel's picture.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub portrait: String,
    /// The application's own text about the channel.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub extra: String,
    /// Id of the user who owns it.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub owner: String,
    /// Where the server reports the channel's events.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub callback: String,
    /// State, as the server numbers it.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub state: i32,
    /// Status, as the server numbers it.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub status: i32,
    /// Whether it answers by itself, as the server numbers it.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub automatic: i32,
    /// When the channel was last changed, in milliseconds since the epoch.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub update_dt: i64,
    /// The channel's menus, each as JSON text.
    #[serde(default, deserialize_with = "json_texts")]
    #[uniffi(default)]
    pub menus: Vec<String>,
    /// Everything else the server told, as the text of a JSON object; empty when there is nothing else.
    #[serde(flatten, deserialize_with = "other_fields")]
    #[uniffi(default)]
    pub other_fields: String,
}

/// The fields no record names, as one JSON text, less the passwords and secrets among them.
fn other_fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let mut fields = Map::<String, Value>::deserialize(deserializer)?;
    drop_credentials(&mut fields);
    Ok(if fields.is_empty() { String::new() } else { Value::Object(fields).to_string() })
}

fn json_texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let JsonValues(values) = detail(deserializer)?;
    let text_of = |mut value: Value| {
        drop_credentials_in(&mut value);
        value.to_string()
    };
    Ok(values.into_iter().map(text_of).collect())
}

/// Values of any type.
#[derive(Default, Deserialize)]
struct JsonValues(Vec<Value>);

impl Detail for JsonValues {
    fn of(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok().map(Self)
    }
}

fn drop_credentials(fields: &mut Map<String, Value>) {
    fields.retain(|name, _| !matches!(name.to_ascii_lowercase().as_str(), "password" | "secret"));
    fields.values_mut().for_each(drop_credentials_in);
}

fn drop_credentials_in(value: &mut Value) {
    match value {
        Value::Object(fields) => drop_credentials(fields),
        Value::Array(values) => values.iter_mut().for_each(drop_credentials_in),
        _ => {}
    }
}
