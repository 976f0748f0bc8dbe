//! How the records meet JSON. Strictly what decides, ids and times; leniently all the rest: a detail of another type than
//! today is as good as none, and never costs the message.

use std::cell::Cell;

use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error};
use serde_json::value::RawValue;

thread_local! {
    /// This thread reads something by `strictly`.
    static STRICT: Cell<bool> = const { Cell::new(false) };
}

/// Reads what is written as nearly all is: each detail of its own type. Then a text is walked through once; leniently it is
/// once more for each record around it, as nobody knows before whether that can be read.
pub(crate) fn strictly<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    struct Leniently;
    impl Drop for Leniently {
        fn drop(&mut self) {
            STRICT.set(false);
        }
    }
    STRICT.set(true);
    let _afterwards = Leniently;
    serde_json::from_slice(json).ok()
}

/// Reads a detail. Absent, null, and of a type that cannot be understood: all are the type's default.
pub(crate) fn detail<'de, D: Deserializer<'de>, T: Detail>(deserializer: D) -> Result<T, D::Error> {
    if STRICT.get() {
        return T::deserialize(deserializer);
    }
    let json = <&RawValue>::deserialize(deserializer)?;
    Ok(T::of(json.get()).unwrap_or_default())
}

/// Reads a record that may as well be absent.
pub(crate) fn record<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    if STRICT.get() {
        return Option::deserialize(deserializer);
    }
    let json = <&RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str::<Option<T>>(json.get()).ok().flatten())
}

/// Reads the id of a message: a whole number above 0, also as a text of digits. Never one with a point or an exponent:
/// a program that writes it so has had it in a floating-point number, which rounded it.
pub(crate) fn uid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let json = <&RawValue>::deserialize(deserializer)?.get();
    let digits = if json.starts_with('"') { String::of(json) } else { Some(json.to_owned()) };
    match digits.and_then(|digits| digits.parse().ok()) {
        Some(uid) if uid > 0 => Ok(uid),
        Some(_) => Err(D::Error::custom("a message id that is not above 0")),
        None => Err(D::Error::custom("a message id that is not a whole number of 64 bits")),
    }
}

/// Reads a time in milliseconds since the epoch; None where there is none.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let json = <&RawValue>::deserialize(deserializer)?.get();
    match i64::of(json) {
        _ if json == "null" => Ok(None),
        Some(time) => Ok(Some(time)),
        None => Err(D::Error::custom("a time that is not a whole number")),
    }
}

/// Reads a time, 0 where there is none.
pub(crate) fn time_or_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    time(deserializer).map(Option::unwrap_or_default)
}

/// What a detail can be read as, from its JSON.
pub(crate) trait Detail: Default + DeserializeOwned {
    fn of(json: &str) -> Option<Self>;
}

/// Also with a fraction of zero, and as a text of digits.
impl Detail for i64 {
    fn of(json: &str) -> Option<Self> {
        /// Up to here a double holds each whole number.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let text = if json.starts_with('"') { String::of(json)? } else { json.to_owned() };
        if let Ok(whole) = text.parse() {
            return Some(whole);
        }
        let number: f64 = serde_json::from_str(&text).ok()?;
        #[expect(clippy::cast_possible_truncation, reason = "a whole number that a double holds exactly")]
        (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as Self)
    }
}

impl Detail for i32 {
    fn of(json: &str) -> Option<Self> {
        i64::of(json)?.try_into().ok()
    }
}

/// Also as a number, 0 for no.
impl Detail for bool {
    fn of(json: &str) -> Option<Self> {
        let json = json.trim_matches('"');
        json.parse().ok().or_else(|| i64::of(json).map(|number| number != 0))
    }
}

/// Also a number, as it is written.
impl Detail for String {
    fn of(json: &str) -> Option<Self> {
        match json.as_bytes().first()? {
            b'"' => serde_json::from_str(json).ok(),
            b'-' | b'0'..=b'9' => Some(json.to_owned()),
            _ => None,
        }
    }
}

/// Those of a list that can be understood.
impl Detail for Vec<String> {
    fn of(json: &str) -> Option<Self> {
        let values: Vec<&RawValue> = serde_json::from_str(json).ok()?;
        Some(values.into_iter().filter_map(|value| String::of(value.get())).collect())
    }
}

/// For `skip_serializing_if`: the server takes an absent number for 0.
pub(crate) fn is_zero(number: &i32) -> bool {
    *number == 0
}

/// Bytes as the standard, padded base64 text of the wire. Reading also takes text without padding, of the url-safe
/// alphabet, and with line breaks; what is no base64 at all is no bytes.
pub(crate) mod base64_bytes {
    use base64::{
        Engine,
        engine::{DecodePaddingMode, GeneralPurposeConfig},
    };
    use bytes::Bytes;
    use once_cell::sync::Lazy;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error};
    use serde_json::value::RawValue;

    use super::{STRICT, detail};

    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);

    /// By the processor's widest instructions, where there are some for it.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    static CODEC: Lazy<base64::engine::Simd> = Lazy::new(|| base64::engine::Simd::standard(LENIENT));
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    static CODEC: Lazy<base64::engine::GeneralPurpose> =
        Lazy::new(|| base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT));

    /// Written as it is: looking in each letter for something to escape would take longer than the encoding.
    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4 + 2);
        text.push('"');
        CODEC.encode_string(bytes, &mut text);
        text.push('"');
        RawValue::from_string(text).map_err(S::Error::custom)?.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        if STRICT.get() {
            return <&str>::deserialize(deserializer).map(read);
        }
        detail::<_, String>(deserializer).map(|text| read(&text))
    }

    pub(crate) fn read(text: &str) -> Bytes {
        let bytes = CODEC.decode(text).or_else(|_| CODEC.decode(standard(text)));
        bytes.map(Bytes::from).unwrap_or_default()
    }

    /// The letters of the standard alphabet alone, nothing between or behind them.
    fn standard(text: &str) -> Vec<u8> {
        let letters = text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=');
        letters
            .map(|byte| match byte {
                b'-' => b'+',
                b'_' => b'/',
                byte => byte,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde::Serialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Uid(#[serde(deserialize_with = "uid")] i64);

    #[derive(Debug, Deserialize)]
    struct Time(#[serde(deserialize_with = "time")] Option<i64>);

    #[derive(Debug, Serialize, Deserialize)]
    struct Data(#[serde(with = "base64_bytes")] Bytes);

    const TYPES: [&str; 14] = [
        "null",
        "true",
        "false",
        "0",
        "1",
        "1.0",
        "-7",
        "1e999",
        "\"7\"",
        "\"word\"",
        "\"\\ud800\"",
        "[1,\"a\",null,{}]",
        "{\"a\":[]}",
        "9223372036854775808",
    ];

    #[test]
    fn a_field_of_another_type_is_converted_where_nothing_is_lost() {
        let read = |json| (i32::of(json), i64::of(json), bool::of(json), String::of(json), Vec::<String>::of(json));
        let text = |text: &str| Some(text.to_owned());
        #[rustfmt::skip]
        let expected = [
            (None, None, None, None, None),
            (None, None, Some(true), None, None),
            (None, None, Some(false), None, None),
            (Some(0), Some(0), Some(false), text("0"), None),
            (Some(1), Some(1), Some(true), text("1"), None),
            (Some(1), Some(1), Some(true), text("1.0"), None),
            (Some(-7), Some(-7), Some(true), text("-7"), None),
            (None, None, None, text("1e999"), None),
            (Some(7), Some(7), Some(true), text("7"), None),
            (None, None, None, text("word"), None),
            (None, None, None, None, None),
            (None, None, None, None, Some(vec!["1".to_owned(), "a".to_owned()])),
            (None, None, None, None, None),
            (None, None, None, text("9223372036854775808"), None),
        ];
        for (json, expected) in TYPES.into_iter().zip(expected) {
            assert_eq!(read(json), expected, "{json}");
        }
        for (json, number) in [("5000000000", 5_000_000_000), ("1.795391931E12", 1_795_391_931_000), ("1.5", 0)] {
            assert_eq!((i64::of(json).unwrap_or_default(), i32::of(json)), (number, None), "{json}");
        }
    }

    /// Whatever is read strictly is the same leniently, or there would be two truths.
    #[test]
    fn what_is_read_strictly_is_read_leniently_as_the_same() {
        #[derive(Debug, Default, PartialEq, Deserialize)]
        struct Details {
            #[serde(default, deserialize_with = "detail")]
            small: i32,
            #[serde(default, deserialize_with = "detail")]
            large: i64,
            #[serde(default, deserialize_with = "detail")]
            truth: bool,
            #[serde(default, deserialize_with = "detail")]
            text: String,
            #[serde(default, deserialize_with = "detail")]
            list: Vec<String>,
            #[serde(default, with = "base64_bytes")]
            data: Bytes,
            #[serde(default, deserialize_with = "record")]
            record: Option<Box<Details>>,
        }
        let fields = ["small", "large", "truth", "text", "list", "data", "record"];
        let more = [
            "\"a\\nb\\u4e2d\"",
            "\"YWJj\"",
            "\"YW\\nJj\"",
            "[]",
            "[\"a\",\"b\"]",
            "{}",
            "{\"text\":\"x\"}",
            "{\"text\":1}",
        ];
        let (mut strict, mut all) = (0, 0);
        for field in fields {
            for json in TYPES.into_iter().chain(more) {
                let json = format!("{{\"{field}\":{json},\"record\":{{\"text\":\"beside\"}}}}");
                let json =
                    if field == "record" { json.replacen(",\"record\":{\"text\":\"beside\"}", "", 1) } else { json };
                let leniently: Details = serde_json::from_str(&json).expect(&json);
                all += 1;
                if let Some(strictly) = strictly::<Details>(json.as_bytes()) {
                    assert_eq!(strictly, leniently, "{json}");
                    strict += 1;
                }
            }
        }
        assert!(strict > 20 && strict < all / 2, "{strict} of {all}");
    }

    #[test]
    fn an_id_is_never_rounded_and_always_above_0() {
        let read = |json: &str| serde_json::from_str::<Uid>(json).ok().map(|uid| uid.0);
        for (json, expected) in [
            ("588582842607370241", Some(588_582_842_607_370_241)),
            ("\"588582842607370241\"", Some(588_582_842_607_370_241)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("588582842607370240.0", None),
            ("5.8858284260737e+17", None),
            ("\"5.8858284260737e+17\"", None),
            ("0", None),
            ("-0", None),
            ("-1", None),
            ("null", None),
            ("true", None),
            ("\"\"", None),
            ("[]", None),
        ] {
            assert_eq!(read(json), expected, "{json}");
        }
    }

    #[test]
    fn a_time_is_a_whole_number_or_nothing() {
        let read = |json: &str| serde_json::from_str::<Time>(json).ok().map(|time| time.0);
        for (json, expected) in [
            ("1795391931000", Some(Some(1_795_391_931_000))),
            ("1795391931000.0", Some(Some(1_795_391_931_000))),
            ("\"1795391931000\"", Some(Some(1_795_391_931_000))),
            ("null", Some(None)),
            ("\"2026-11-25\"", None),
            ("1.5", None),
            ("{}", None),
        ] {
            assert_eq!(read(json), expected, "{json}");
        }
    }

    #[test]
    fn base64_is_read_as_people_write_it() {
        let bytes: Vec<u8> = (0..=255).collect();
        let standard = serde_json::to_string(&Data(bytes.clone().into())).unwrap();
        let broken: String =
            standard.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line) + "\\r\\n").collect();
        let broken = broken.trim_end_matches("\\r\\n").to_owned();
        let url_safe = standard.replace('+', "-").replace('/', "_");
        for json in [&standard, &standard.replace('=', ""), &broken, &url_safe, &url_safe.replace('=', "")] {
            assert_eq!(serde_json::from_str::<Data>(json).unwrap().0, bytes, "{json}");
        }
        for json in TYPES.into_iter().chain(["\"%%%\""]) {
            serde_json::from_str::<Data>(json).expect(json);
        }
    }
}
