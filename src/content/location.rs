//! Places: type 4.

use std::hash::{Hash, Hasher};

use bytes::Bytes;
use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MessageError, MessagePayload};

/// A place on the map. Type 4.
#[derive(Debug, Clone, PartialEq, Default, uniffi::Record)]
#[uniffi::export(Eq, Hash)]
pub struct LocationContent {
    /// The place's name or address.
    pub title: String,
    /// Degrees north of the equator, from -90 to 90.
    #[uniffi(default)]
    pub latitude: f64,
    /// Degrees east of Greenwich, from -180 to 180.
    #[uniffi(default)]
    pub longitude: f64,
    /// The bytes of a small JPEG of the map, at most 120 by 120 pixels; `make_thumbnail` makes one.
    #[uniffi(default)]
    pub thumbnail: Option<Bytes>,
}

#[uniffi::export]
impl LocationContent {
    /// The payload to send. Fails with `InvalidArgument` if the latitude or longitude is out of range (perhaps because
    /// they were mixed up), or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        #[derive(Serialize)]
        struct Content {
            lat: f64,
            long: f64,
        }
        check_degrees("latitude", self.latitude, 90.0)?;
        check_degrees("longitude", self.longitude, 180.0)?;
        let payload = MessagePayload {
            searchable_content: self.title.clone(),
            content: json::text(&Content { lat: self.latitude, long: self.longitude }),
            data: self.thumbnail.clone().unwrap_or_default(),
            ..layout::blank(ContentType::Location)
        };
        layout::finish(payload, extras)
    }
}

impl LocationContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let mut content = Fields::read(&payload.content);
        Self {
            title: payload.searchable_content,
            latitude: content.number("lat"),
            longitude: content.number("long"),
            thumbnail: layout::thumbnail_of(payload.data),
        }
    }
}

impl Hash for LocationContent {
    /// Adding 0 makes one of the two zeros, which are equal.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { title, latitude, longitude, thumbnail } = self;
        (title, (latitude + 0.0).to_bits(), (longitude + 0.0).to_bits(), thumbnail).hash(state);
    }
}

/// Also refuses what is no number, for which JSON has no text.
fn check_degrees(argument: &str, degrees: f64, most: f64) -> Result<(), MessageError> {
    if degrees.abs() <= most {
        return Ok(());
    }
    Err(MessageError::invalid(
        argument,
        format!("{degrees} is out of range: it must be from -{most} to {most} degrees"),
    ))
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use super::*;

    fn place(latitude: f64) -> LocationContent {
        LocationContent { latitude, ..LocationContent::default() }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for (latitude, text) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf")] {
            let refused =
                MessageError::invalid("latitude", format!("{text} is out of range: it must be from -90 to 90 degrees"));
            assert_eq!(place(latitude).to_payload(None), Err(refused));
        }
    }

    #[test]
    fn equal_places_have_equal_hashes() {
        let hasher = RandomState::new();
        assert_eq!(place(0.0), place(-0.0));
        assert_eq!(hasher.hash_one(place(0.0)), hasher.hash_one(place(-0.0)));
    }
}
