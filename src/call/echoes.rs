//! Answers that repeat the secret and the request in every way, by chance: no piece of either comes out of an error.
//!
//! `WILDFIRECHAT_ECHOES` says how many answers (2,000), `WILDFIRECHAT_ECHOES_SEED` which ones.

use bytes::Bytes;
use secrecy::SecretString;

use super::{
    envelope::{self, Asking, Way},
    private::Private,
    reply::Reply,
};
use crate::{Conversation, MessageError, MessagePayload, SendRequest};

/// What may not come out, in letters.
const PIECE: usize = 12;

#[test]
fn nothing_private_comes_out_of_an_error_in_any_form() {
    let number = |name: &str, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (answers, seed): (u64, u64) = (number("WILDFIRECHAT_ECHOES", 2_000), number("WILDFIRECHAT_ECHOES_SEED", 1));
    let (mut shown, mut left_out, mut read) = (0_u64, 0_u64, 0_u64);
    for turn in 0..answers {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(turn));
        let case = Case::of(&mut chance);
        let Some(error) = case.error() else {
            read += 1;
            continue;
        };
        let told = format!("{error} {error:?}");
        assert!(error.to_string().chars().count() < 1000, "{error}");
        assert!(!error.to_string().contains(|letter: char| letter.is_control()), "{error:?}");
        if told.contains("(left out: ") {
            left_out += 1
        } else {
            shown += 1
        }
        for private in case.private() {
            // Of a field as it is read; of the whole as it is: our own words may go on as a private text does.
            let read = words_of(&error).iter().find_map(|words| spoken_piece(words, private));
            if let Some(piece) = read.or_else(|| raw_piece(&told, private, PIECE)) {
                let reply = &case.reply;
                panic!("turn {turn}, seed {seed}: {piece:?} of {private:?} comes out of {told}\nanswer: {reply:?}");
            }
        }
    }
    use std::io::Write;
    // Past the test harness, which swallows what a passing test prints.
    let _ = writeln!(std::io::stdout(), "echoes: {answers} answers, {shown} shown, {left_out} left out, {read} read");
    assert!(shown > answers / 50 && left_out > answers / 10, "{shown} shown and {left_out} left out of {answers}");
}

/// A call with its secret, and an answer to it.
struct Case {
    secret: String,
    request: SendRequest,
    body: Vec<u8>,
    reply: Reply,
}

impl Case {
    fn of(chance: &mut Chance) -> Self {
        let secret = chance.text(12, 60);
        let mut payload = MessagePayload::text(chance.text(14, 80));
        for text in [&mut payload.extra, &mut payload.content, &mut payload.push_content] {
            if chance.is(0.5) {
                *text = chance.text(0, 60);
            }
        }
        payload.data = Bytes::from(chance.text(0, 60));
        let request = SendRequest::new(chance.text(14, 30), Conversation::single(chance.text(14, 30)), payload);
        let body = serde_json::to_vec(&request).unwrap();
        let mut case = Self { secret, request, body, reply: Reply::default() };
        case.reply = case.answer(chance);
        case
    }

    /// All that may not come out.
    fn private(&self) -> Vec<&str> {
        let payload = &self.request.payload;
        let data = std::str::from_utf8(&payload.data).unwrap();
        let texts = [&payload.searchable_content, &payload.content, &payload.extra, &payload.push_content];
        let ids = [&self.secret, &self.request.sender, &self.request.conversation.target];
        texts.into_iter().chain(ids).map(String::as_str).chain([data]).collect()
    }

    fn error(&self) -> Option<MessageError> {
        let secret = SecretString::from(self.secret.as_str());
        let private = Private { secret: &secret, credentials: None, request: &self.body };
        let way = Way { private, base: "http://im:18080/admin/", proxy: &|| None, limit: 1 << 20 };
        envelope::open(&mut Asking::of(&self.request), &self.reply, &way).err().map(|failed| *failed.error)
    }

    /// An answer of any status with words of its own and, between them, something private in some form.
    fn answer(&self, chance: &mut Chance) -> Reply {
        const STATUSES: [u16; 14] = [200, 200, 200, 200, 301, 302, 400, 401, 403, 404, 413, 500, 500, 502];
        let mut text = String::new();
        for _ in 0..=chance.below(3) {
            text.push_str(chance.one_of(&[
                "",
                "cannot read: ",
                "<pre>",
                "Error at line 3 col 7 `",
                "{\"trace\":\"",
                " => ",
            ]));
            text.push_str(&self.woven(chance));
            text.push_str(chance.one_of(&["", " !", "</pre>", "`.", "\"}", "\r\n\tat java.lang.Thread\u{1b}[31m"]));
        }
        let status = *chance.pick(&STATUSES);
        let body = match chance.below(4) {
            0 => serde_json::json!({"code": *chance.pick(&[1, 4, 242, 250, 251, 244, 9999]), "msg": text}).to_string(),
            1 => serde_json::json!({"code": 0, "msg": "success", "result": {"messageUid": text}}).to_string(),
            2 => format!("{{\"code\":{}}}", serde_json::Value::from(text.as_str())),
            _ => text.clone(),
        };
        let location = format!("https://elsewhere.example.com/{}/admin/message/send", text.replace(['?', '#'], ""));
        let (marked, location) = (chance.is(0.5), chance.is(0.5).then_some(location));
        Reply { status, marked, location, body: body.into(), ..Reply::default() }
    }

    /// A text of the call, cut, and in a form that a machine on the way may give it.
    fn woven(&self, chance: &mut Chance) -> String {
        let whole = String::from_utf8_lossy(&self.body).into_owned();
        let mut text = match chance.below(4) {
            0 => whole,
            _ => (*chance.pick(&self.private())).to_owned(),
        };
        if chance.is(0.5) {
            text = chance.cut(&text);
        }
        for _ in 0..chance.below(4) {
            text = chance.form(&text);
        }
        if chance.is(0.3) { chance.cut(&text) } else { text }
    }
}

/// The fields that may hold others' words.
fn words_of(error: &MessageError) -> Vec<&str> {
    match error {
        MessageError::Unreachable { reason, .. } => vec![reason],
        MessageError::RateLimited { msg, .. }
        | MessageError::Unauthorized { msg, .. }
        | MessageError::Rejected { msg, .. } => vec![msg],
        MessageError::BadRequest { body, .. } => vec![body],
        MessageError::InvalidResponse { reason, body, .. } => vec![reason, body],
        _ => Vec::new(),
    }
}

/// A piece of a private text, of so many letters, that stands in what is told.
fn raw_piece(told: &str, private: &str, length: usize) -> Option<String> {
    let letters: Vec<char> = private.chars().collect();
    letters.windows(length).map(String::from_iter).find(|piece| told.contains(piece.as_str()))
}

/// A piece of a private text's letters and digits that can be read in words, after escapes were undone. One letter more:
/// that of the words beside it may go on as the private text does, by chance.
fn spoken_piece(words: &str, private: &str) -> Option<String> {
    let spoken = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
    raw_piece(&spoken(&plain(words)), &spoken(&plain(private)), PIECE + 1)
}

/// Undoes escapes in the plainest way: each that is found is replaced, until none is.
fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..8 {
        let before = text.clone();
        for (mark, digits, end) in [("\\u", 4, ""), ("%", 2, ""), ("&#x", 0, ";"), ("\\u{", 0, "}"), ("\\x", 2, "")] {
            text = undo(&text, mark, digits, end);
        }
        for (escape, letter) in [
            ("&quot;", "\""),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&amp;", "&"),
            ("\\n", " "),
            ("\\r", " "),
            ("\\t", " "),
            ("\\\"", "\""),
        ] {
            text = text.replace(escape, letter);
        }
        text = text.replace("\\\\", "\\").replace("\\/", "/");
        if text == before {
            break;
        }
    }
    text
}

fn undo(text: &str, mark: &str, digits: usize, end: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(mark) {
        plain.push_str(&rest[..at]);
        let behind = &rest[at + mark.len()..];
        let length = if digits > 0 { Some(digits) } else { behind.find(end) };
        let number =
            length.and_then(|length| behind.get(..length)).and_then(|number| u32::from_str_radix(number, 16).ok());
        match number.and_then(char::from_u32).filter(|letter| mark != "%" || letter.is_ascii()) {
            Some(letter) => {
                plain.push(letter);
                rest = &behind[length.unwrap_or_default() + end.len()..];
            }
            None => {
                plain.push_str(mark);
                rest = behind;
            }
        }
    }
    plain + rest
}

/// Chance that is the same each time: SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        self.next() as usize % most
    }

    fn is(&mut self, probability: f64) -> bool {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64 <= probability
    }

    fn pick<'a, T>(&mut self, these: &'a [T]) -> &'a T {
        &these[self.below(these.len())]
    }

    fn one_of<'a>(&mut self, these: &[&'a str]) -> &'a str {
        let one: &&str = self.pick(these);
        one
    }

    /// A text of an alphabet of its own: letters and digits, words, passwords, Chinese, or all that JSON escapes.
    fn text(&mut self, least: usize, most: usize) -> String {
        const ALPHABETS: [&str; 5] = [
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            "etaoin shrdlu,. ETAOIN",
            "abcdefXYZ0123456789!\"#$&'()*+,-./:;<=>?@[\\]^_{|}~%",
            "野火的人们都说你好世界今天天气很好吗我们去吃饭吧x1 ，。",
            "a\"b\\c/d\ne\tf<g>h&i'j%k+l",
        ];
        let alphabet: Vec<char> = self.pick(&ALPHABETS).chars().collect();
        let length = least + self.below(most - least + 1);
        (0..length).map(|_| *self.pick(&alphabet)).collect()
    }

    fn cut(&mut self, text: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let begin = self.below(letters.len() + 1);
        let end = begin + self.below(letters.len() - begin + 1);
        letters[begin..end].iter().collect()
    }

    fn form(&mut self, text: &str) -> String {
        let some = |chance: &mut Self, escape: &dyn Fn(char) -> String| -> String {
            let share = if chance.is(0.5) { 1.0 } else { 0.3 };
            text.chars().map(|letter| if chance.is(share) { escape(letter) } else { letter.to_string() }).collect()
        };
        match self.below(9) {
            0 => serde_json::to_string(text).unwrap(),
            1 => serde_json::to_string(text).unwrap().trim_matches('"').to_owned(),
            2 => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
            3 => some(self, &|letter| letter.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()),
            4 => some(self, &|letter| {
                letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
            }),
            5 => some(self, &|letter| format!("&#x{:x};", u32::from(letter))),
            6 => some(self, &|letter| format!("{letter} ")),
            7 => some(self, &|letter| format!("{letter}\r\n")),
            _ => text.replace(' ', "\u{200b} "),
        }
    }
}
