//! How the records meet JSON: absent and null alike, bytes as base64 text, empty fields left out.

use serde::{Deserialize, Deserializer};

/// Reads a value of which null means the same as absence: the type's default.
pub(crate) fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// For `skip_serializing_if`: the server takes an absent number for 0.
pub(crate) fn is_zero(number: &i32) -> bool {
    *number == 0
}

/// Bytes as the standard, padded base64 text of the wire. Reading also takes text without padding.
pub(crate) mod base64_bytes {
    use base64::{
        Engine,
        alphabet::STANDARD,
        engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    };
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error, ser::Error as _};
    use serde_json::value::RawValue;

    const CODEC: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );

    /// Written as it is: looking in each letter for something to escape would take longer than the encoding.
    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4 + 2);
        text.push('"');
        CODEC.encode_string(bytes, &mut text);
        text.push('"');
        RawValue::from_string(text).map_err(S::Error::custom)?.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text: Option<std::borrow::Cow<'de, str>> = Option::deserialize(deserializer)?;
        match text {
            Some(text) => CODEC
                .decode(text.as_bytes())
                .map(Bytes::from)
                .map_err(|_| D::Error::custom("bytes that are not base64")),
            None => Ok(Bytes::new()),
        }
    }
}
