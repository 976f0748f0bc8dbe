//! What others say, as far as an error may repeat it: one short line, with nothing of the secret and of the request in it.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::{Credentials, MessageError};

/// This many letters in a row count as a piece of the secret or of the request. It is two less than is promised,
/// because the letters before and after the piece in an error may continue it by chance.
const PIECE: usize = 10;
/// This many letters of the request's body count as a piece of it: the names of its fields, which a server may mention,
/// are shorter.
const PIECE_OF_BODY: usize = 30;
/// What stands in the place of others' words that repeat what is private.
const SECRET_LEFT_OUT: &str = "(left out: it contains the secret)";
const REQUEST_LEFT_OUT: &str = "(left out: it repeats the request)";
/// Readable words have at most this many layers of escapes: a text within JSON within JSON has two.
const MOST_LAYERS: usize = 2;
/// What stands in the place of words under more layers than that: nobody can read them, or say what is in them.
const TANGLED_LEFT_OUT: &str = "(left out: it is escaped too many times)";

/// What must not show up in an error, even when somebody sends it back.
pub(super) struct Private<'a> {
    pub(super) secret: &'a SecretString,
    /// What else the way to the server needs that nobody may read.
    pub(super) credentials: Option<&'a Credentials>,
    pub(super) request: &'a [u8],
}

impl Private<'_> {
    /// Others' words for an error: their first letters on one line, or a remark that they are left out.
    ///
    /// They are compared as a reader would read them: escapes are undone, however often they were laid over each other,
    /// and blanks do not count. Where they have a piece in common with what is private they are left out whole: there is
    /// no telling what else is in them.
    pub(super) fn words(&self, others: &str, most: usize) -> String {
        self.shown(others, most, Whole::Too)
    }

    /// The same of words that are ours for the most part: a short text of the request may be one of them.
    pub(super) fn mixed(&self, words: &str, most: usize) -> String {
        self.shown(words, most, Whole::Not)
    }

    fn shown(&self, others: &str, most: usize, whole: Whole) -> String {
        let shown = one_line(others, most);
        if shown.is_empty() {
            return shown;
        }
        let layers = |order| Escaped::of(&shown).undone(order, true).1;
        if Order::ALL.into_iter().map(layers).max() > Some(MOST_LAYERS) {
            return TANGLED_LEFT_OUT.into();
        }
        let shown_as = Readings::of(&shown);
        if self.secrets().any(|secret| shown_as.share_with(secret, Whole::Too) || is_tiny_and_in(secret, &shown)) {
            return SECRET_LEFT_OUT.into();
        }
        let body = String::from_utf8_lossy(self.request);
        let request: Value = serde_json::from_str(&body).unwrap_or_default();
        match shown_as.share_with(&body, Whole::OfBody) || repeats(&shown_as, &request, Whole::Not, whole) {
            true => REQUEST_LEFT_OUT.into(),
            false => shown,
        }
    }

    fn secrets(&self) -> impl Iterator<Item = &str> {
        let headers = self.credentials.into_iter().flat_map(|credentials| &credentials.headers);
        let logins = self.credentials.and_then(|credentials| credentials.proxy.as_ref());
        let given = headers.filter_map(|(_, value)| value.to_str().ok());
        let given = given.chain(logins.map(|login| login.password.expose_secret()));
        std::iter::once(self.secret.expose_secret()).chain(given.filter(|text| !text.is_empty()))
    }
}

/// A secret too short to be compared as read.
fn is_tiny_and_in(secret: &str, shown: &str) -> bool {
    Letters::forms(secret).iter().all(|form| form.only(Kind::Seen).letters.len() < SEED) && shown.contains(secret)
}

/// Refuses a secret that no server can have: it reads its own from a line of a file.
pub(super) fn check_secret(secret: &str) -> Result<(), MessageError> {
    let refuse = |reason: &str| Err(MessageError::invalid("secret", reason));
    let unseen =
        |letter: &char| letter.is_control() || matches!(letter, '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
    match secret.chars().find(unseen) {
        _ if secret.is_empty() => refuse("it is empty"),
        Some('\n' | '\r') => refuse("it contains a line break, perhaps from the end of a file: remove it"),
        Some('\u{feff}') => refuse("it contains a byte order mark, perhaps from the beginning of a file: remove it"),
        Some(_) => refuse("it contains an invisible character, such as a tab: remove it"),
        None => Ok(()),
    }
}

/// Whether a text shorter than a piece counts when it is there as a whole.
#[derive(Clone, Copy)]
enum Whole {
    Too,
    Not,
    /// It is a whole body, of which only longer pieces count.
    OfBody,
}

impl Whole {
    fn piece(self) -> usize {
        match self {
            Self::Too | Self::Not => PIECE,
            Self::OfBody => PIECE_OF_BODY,
        }
    }
}

/// Whether the words repeat a text of the request. The shorter ones count where they are what a message says, not where
/// they are the names of users and groups: what a server says of those is of use.
fn repeats(words: &Readings, request: &Value, whole: Whole, whole_of_payload: Whole) -> bool {
    let within = |value, whole| repeats(words, value, whole, whole_of_payload);
    match request {
        Value::String(text) => words.share_with(text, whole),
        Value::Array(values) => values.iter().any(|value| within(value, whole)),
        Value::Object(fields) => fields.iter().any(|(name, value)| match (name.as_str(), value) {
            ("payload", _) => within(value, whole_of_payload),
            ("base64edData", Value::String(text)) => {
                let data = STANDARD_NO_PAD.decode(text.trim_end_matches('=')).unwrap_or_default();
                words.share_with(text, whole) || words.share_with(&String::from_utf8_lossy(&data), Whole::Not)
            }
            _ => within(value, whole),
        }),
        _ => false,
    }
}

/// Others' words on one line: what is not seen is taken out, and they are cut.
pub(super) fn one_line(others: &str, most: usize) -> String {
    let (mut line, mut letters, mut blank) = (String::new(), 0, false);
    for letter in others.chars() {
        if letter.is_whitespace() || letter.is_control() {
            blank = !line.is_empty();
            continue;
        }
        if is_unseen(letter) {
            continue;
        }
        if letters + usize::from(blank) >= most {
            line.push('…');
            break;
        }
        if std::mem::take(&mut blank) {
            line.push(' ');
            letters += 1;
        }
        line.push(letter);
        letters += 1;
    }
    line
}

/// Takes no room of its own, or turns the direction of what follows.
fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The ways in which words are read, to be compared.
struct Readings {
    all: Vec<Reading>,
    /// The seeds of them all.
    seeds: Seeds,
}

impl Readings {
    fn of(words: &str) -> Self {
        let packed = packed_texts(words);
        let texts = std::iter::once(words).chain(packed.iter().map(String::as_str));
        let forms = texts.flat_map(Letters::forms);
        let all: Vec<_> = forms.flat_map(|form| Kind::BOTH.map(|kind| Reading::of(&form, kind))).collect();
        let mut seeds = Seeds::default();
        all.iter().flat_map(|reading| reading.places.keys()).for_each(|seed| seeds.add(*seed));
        Self { all, seeds }
    }

    /// Whether they have a piece in common with a private text. Of a long one a part is looked at at a time, with the end of
    /// the one before: a piece is in one of them as a whole.
    fn share_with(&self, private: &str, whole: Whole) -> bool {
        const PART: usize = 8 * 1024;
        const OVERLAP: usize = 1024;
        let mut rest = private;
        while rest.len() > PART {
            if self.share_with_part(&rest[..rest.floor_char_boundary(PART)], whole) {
                return true;
            }
            rest = &rest[rest.floor_char_boundary(PART - OVERLAP)..];
        }
        self.share_with_part(rest, whole)
    }

    fn share_with_part(&self, private: &str, whole: Whole) -> bool {
        // Most have nothing in common with them.
        if !has_escapes(private) && !self.seeds.are_in(private) {
            return false;
        }
        Letters::forms(private).iter().any(|form| {
            Kind::BOTH.into_iter().any(|kind| {
                let private = form.only(kind);
                self.all.iter().filter(|reading| reading.kind == kind).any(|reading| reading.shares(&private, whole))
            })
        })
    }
}

fn has_escapes(text: &str) -> bool {
    text.contains(['\\', '%', '&'])
}

/// Seeds, for looking quickly whether a text has one of them.
struct Seeds {
    all: HashSet<[char; SEED]>,
    /// A bit for each that is in ASCII, at a place that is found without much thought.
    bits: Vec<u64>,
}

impl Default for Seeds {
    fn default() -> Self {
        Self { all: HashSet::new(), bits: vec![0; 1024] }
    }
}

impl Seeds {
    fn add(&mut self, seed: [char; SEED]) {
        if seed.iter().all(char::is_ascii) {
            let packed = seed.iter().fold(0, |packed, letter| packed << 8 | u32::from(*letter));
            let (word, bit) = Self::place(packed);
            self.bits[word] |= bit;
        }
        self.all.insert(seed);
    }

    fn place(packed: u32) -> (usize, u64) {
        let place = packed.wrapping_mul(0x9e37_79b1) >> 16;
        ((place >> 6) as usize, 1 << (place & 63))
    }

    fn are_in(&self, text: &str) -> bool {
        match text.is_ascii() {
            true => Kind::BOTH.into_iter().any(|kind| self.are_in_ascii(text.as_bytes(), kind)),
            false => Kind::BOTH.into_iter().any(|kind| self.are_in_letters(text, kind)),
        }
    }

    fn are_in_ascii(&self, text: &[u8], kind: Kind) -> bool {
        let mut counts = [false; 128];
        (0..128).for_each(|byte: u8| counts[usize::from(byte)] = kind.counts(char::from(byte)));
        let mut last: u32 = 0;
        for byte in text {
            if !counts[usize::from(*byte)] {
                continue;
            }
            let next = last << 8 | u32::from(byte.to_ascii_lowercase());
            // The same four letters again were looked up before.
            if next != last {
                let (word, bit) = Self::place(next);
                if self.bits[word] & bit != 0 && self.all.contains(&next.to_be_bytes().map(char::from)) {
                    return true;
                }
            }
            last = next;
        }
        false
    }

    fn are_in_letters(&self, text: &str, kind: Kind) -> bool {
        let mut last = ['\0'; SEED];
        text.chars().map(lower).filter(|letter| kind.counts(*letter)).any(|letter| {
            last = [last[1], last[2], last[3], letter];
            self.all.contains(&last)
        })
    }
}

fn lower(letter: char) -> char {
    match letter.is_ascii() {
        true => letter.to_ascii_lowercase(),
        false => letter.to_lowercase().next().unwrap_or(letter),
    }
}

/// Which letters count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// All that are seen.
    Seen,
    /// Letters and digits alone: quotes, commas and tags may have been put in or taken out.
    Spoken,
}

impl Kind {
    const BOTH: [Self; 2] = [Self::Seen, Self::Spoken];

    fn counts(self, letter: char) -> bool {
        match self {
            // In forms a plus is a blank; a backslash that escapes nothing is one that was lost on its way.
            Self::Seen if letter.is_ascii() => letter.is_ascii_graphic() && !matches!(letter, '+' | '\\'),
            Self::Seen => is_seen(letter),
            Self::Spoken if letter.is_ascii() => letter.is_ascii_alphanumeric(),
            Self::Spoken => letter.is_alphanumeric(),
        }
    }

    /// This many of them are needed for a piece: fewer may be chance.
    fn least(self) -> usize {
        match self {
            Self::Seen => 5,
            Self::Spoken => 8,
        }
    }
}

fn is_seen(letter: char) -> bool {
    !letter.is_whitespace() && !letter.is_control() && !is_unseen(letter)
}

/// This many letters are searched for at once.
const SEED: usize = 4;

/// Words with an index to look pieces up by.
struct Reading {
    kind: Kind,
    letters: Letters,
    places: HashMap<[char; SEED], Vec<usize>>,
}

impl Reading {
    fn of(words: &Letters, kind: Kind) -> Self {
        let letters = words.only(kind);
        let mut places: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, seed) in letters.seeds() {
            places.entry(seed).or_default().push(place);
        }
        Self { kind, letters, places }
    }

    fn shares(&self, private: &Letters, whole: Whole) -> bool {
        let (mine, theirs) = (&self.letters.letters, &private.letters);
        private.seeds().any(|(begin, seed)| {
            self.places.get(&seed).into_iter().flatten().any(|place| {
                // It was looked at from its beginning.
                if begin > 0 && *place > 0 && theirs[begin - 1].0 == mine[place - 1].0 {
                    return false;
                }
                let pairs = theirs[begin..].iter().zip(&mine[*place..]);
                let length = pairs.take_while(|(one, other)| one.0 == other.0).count();
                let end = begin + length;
                let all = begin == 0 && end == theirs.len() && matches!(whole, Whole::Too);
                // With the blanks before and behind it, which may stand there too.
                let from = begin.checked_sub(1).map_or(0, |before| theirs[before].1 + 1);
                let to = theirs.get(end).map_or(private.length, |behind| behind.1);
                all || (length >= self.kind.least() && to - from >= whole.piece())
            })
        })
    }
}

/// Letters in lower case, each with its place in the text that it is of.
struct Letters {
    letters: Vec<(char, usize)>,
    /// Of the text.
    length: usize,
}

impl Letters {
    /// Those of a text as it is; and, where it has escapes, those with the escapes undone, in all the ways that they may
    /// be meant: before and after the blanks are taken out of it, which may have been put between the letters of an escape;
    /// in either order; and with a letter that was itself an escape as the end of another one, or not.
    fn forms(text: &str) -> Vec<Self> {
        let all = Escaped::of(text);
        let length = all.letters.len();
        let of =
            |text: Escaped| Self { letters: text.letters.into_iter().map(lower).zip(text.places).collect(), length };
        if !has_escapes(text) {
            return vec![of(all)];
        }
        let dense = all.dense();
        let ways = [(&all, true), (&all, false), (&dense, true), (&dense, false)];
        let undone: Vec<Escaped> = Order::ALL
            .into_iter()
            .flat_map(|order| ways.map(|(text, made_too)| text.clone().undone(order, made_too).0))
            .collect();
        std::iter::once(all).chain(undone).map(of).collect()
    }

    fn only(&self, kind: Kind) -> Self {
        let letters = self.letters.iter().copied().filter(|(letter, _)| kind.counts(*letter)).collect();
        Self { letters, length: self.length }
    }

    fn seeds(&self) -> impl Iterator<Item = (usize, [char; SEED])> {
        self.letters
            .windows(SEED)
            .enumerate()
            .map(|(place, seed)| (place, [seed[0].0, seed[1].0, seed[2].0, seed[3].0]))
    }
}

/// A text that may have escapes, letter by letter.
#[derive(Clone, Default)]
struct Escaped {
    letters: Vec<char>,
    /// Where each was at first.
    places: Vec<usize>,
    /// Whether it was an escape.
    made: Vec<bool>,
}

impl Escaped {
    fn of(text: &str) -> Self {
        let letters: Vec<char> = text.chars().collect();
        Self { places: (0..letters.len()).collect(), made: vec![false; letters.len()], letters }
    }

    fn push(&mut self, letter: char, place: usize, made: bool) {
        self.letters.push(letter);
        self.places.push(place);
        self.made.push(made);
    }

    /// Without what is not seen.
    fn dense(&self) -> Self {
        let mut dense = Self::default();
        for (letter, place) in self.letters.iter().zip(&self.places).filter(|(letter, _)| is_seen(**letter)) {
            dense.push(*letter, *place, false);
        }
        dense
    }

    /// Without escapes, however many lay over each other, and how many layers there were.
    fn undone(mut self, order: Order, made_too: bool) -> (Self, usize) {
        /// Nobody wraps a text more often.
        const ROUNDS: usize = 16;
        for round in 0..ROUNDS {
            let plainer = self.without(web, true).or_else(|| match order {
                Order::CodedFirst => self.without(coded, true).or_else(|| self.without(named, made_too)),
                Order::FromTheLeft => self.without(coded_or_named, made_too),
            });
            match plainer {
                Some(plainer) => self = plainer,
                None => return (self, round),
            }
        }
        (self, ROUNDS)
    }

    /// Without one layer of escapes of a kind, `made_too` those whose second letter was one. None where there are none.
    fn without(&self, read: fn(&[char]) -> Escape, made_too: bool) -> Option<Self> {
        let mut plain = Self::default();
        let mut at = 0;
        let mut changed = false;
        while let Some(letter) = self.letters.get(at).copied() {
            let may = made_too || self.made.get(at + 1) == Some(&false);
            match read(&self.letters[at..]).filter(|_| may) {
                Some((text, length)) => {
                    text.chars().for_each(|letter| plain.push(letter, self.places[at], true));
                    at += length;
                    changed = true;
                }
                None => {
                    plain.push(letter, self.places[at], self.made[at]);
                    at += 1;
                }
            }
        }
        changed.then_some(plain)
    }
}

/// In which order the escapes of backslashes are undone.
#[derive(Clone, Copy)]
enum Order {
    /// Each time those go first that stand for any letter, for they may hide one of another escape.
    CodedFirst,
    /// As a parser does: of `\\u0066` the first two are one backslash.
    FromTheLeft,
}

impl Order {
    const ALL: [Self; 2] = [Self::CodedFirst, Self::FromTheLeft];
}

/// What an escape stands for, and how many letters it takes.
type Escape = Option<(String, usize)>;

/// An escape of URLs or of HTML.
fn web(letters: &[char]) -> Escape {
    match *letters.first()? {
        '%' => percent(letters),
        '&' => entity(letters),
        _ => None,
    }
}

/// `\u0041`, `\u{41}`, `\U00000041`, `\x41`.
fn coded(letters: &[char]) -> Escape {
    let letter = |place: usize| letters.get(place).copied();
    match (letter(0)?, letter(1)?) {
        ('\\', 'u') if letter(2) == Some('{') => {
            let digits = letters[3..].iter().take_while(|letter| letter.is_ascii_hexdigit()).count();
            let text = scalar(hex(&letters[3..3 + digits]))?;
            Some((text, 3 + digits + usize::from(letter(3 + digits) == Some('}'))))
        }
        ('\\', 'u') => units(letters, "\\u", 4),
        ('\\', 'U') => Some((scalar(hex(letters.get(2..10)?))?, 10)),
        ('\\', 'x') => bytes(letters, "\\x"),
        _ => None,
    }
}

/// `\n`, `\"`, `\\`.
fn named(letters: &[char]) -> Escape {
    match (*letters.first()?, *letters.get(1)?) {
        ('\\', 'n' | 'r' | 't' | 'f' | 'v') => Some((" ".into(), 2)),
        ('\\', same @ ('\\' | '"' | '\'' | '/')) => Some((same.into(), 2)),
        _ => None,
    }
}

fn coded_or_named(letters: &[char]) -> Escape {
    coded(letters).or_else(|| named(letters))
}

/// `%41`, and `%u0041` of old.
fn percent(letters: &[char]) -> Escape {
    bytes(letters, "%").or_else(|| units(letters, "%u", 4))
}

/// `&quot;`, `&#34;`, `&#x22;`, with the semicolon or without.
fn entity(letters: &[char]) -> Escape {
    const NAMED: [(&str, &str); 8] = [
        ("amp", "&"),
        ("lt", "<"),
        ("gt", ">"),
        ("quot", "\""),
        ("apos", "'"),
        ("nbsp", " "),
        ("Tab", " "),
        ("NewLine", " "),
    ];
    let starts = |text: &str| begins(&letters[1..], text);
    // Without a semicolon it ends at whatever is none of it; but not where that may still become a part of it.
    let closed = |length: usize| match *letters.get(length)? {
        ';' => Some(length + 1),
        '&' | '%' | '\\' => None,
        _ => Some(length),
    };
    if starts("#x") || starts("#X") {
        let digits = letters[3..].iter().take_while(|letter| letter.is_ascii_hexdigit()).count();
        return Some((scalar(hex(&letters[3..3 + digits]))?, closed(3 + digits)?));
    }
    if starts("#") {
        let digits: String = letters[2..].iter().take_while(|letter| letter.is_ascii_digit()).collect();
        return Some((scalar(digits.parse().ok())?, closed(2 + digits.len())?));
    }
    let (name, text) = NAMED.into_iter().find(|(name, _)| starts(name))?;
    Some((text.into(), closed(1 + name.len())?))
}

fn begins(letters: &[char], text: &str) -> bool {
    let mut letters = letters.iter();
    text.chars().all(|wanted| letters.next() == Some(&wanted))
}

fn hex(digits: &[char]) -> Option<u32> {
    let digits: String = digits.iter().collect();
    if digits.starts_with('+') { None } else { u32::from_str_radix(&digits, 16).ok() }
}

fn scalar(number: Option<u32>) -> Option<String> {
    Some(char::from_u32(number?)?.to_string())
}

/// UTF-16 units in a row, each behind the same mark.
fn units(letters: &[char], mark: &str, digits: usize) -> Escape {
    let length = mark.len() + digits;
    let unit = |place: usize| {
        let letters = letters.get(place..place + length).filter(|letters| begins(letters, mark))?;
        u16::try_from(hex(&letters[mark.len()..])?).ok()
    };
    let first = unit(0)?;
    let pair = unit(length).filter(|_| (0xd800..0xdc00).contains(&first));
    let text = match pair {
        Some(second) => String::from_utf16_lossy(&[first, second]),
        None => String::from_utf16_lossy(&[first]),
    };
    Some((text, if pair.is_some() { 2 * length } else { length }))
}

/// Bytes in a row, each behind the same mark: text in UTF-8, or each a letter.
fn bytes(letters: &[char], mark: &str) -> Escape {
    let length = mark.len() + 2;
    let byte = |place: usize| {
        let letters = letters.get(place..place + length).filter(|letters| begins(letters, mark))?;
        u8::try_from(hex(&letters[mark.len()..])?).ok()
    };
    // A letter at a time, so that each keeps its place.
    let first = byte(0)?;
    let size = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let whole: Vec<u8> = (0..size).map_while(|index| byte(index * length)).collect();
    match std::str::from_utf8(&whole) {
        Ok(text) => Some((text.to_owned(), whole.len() * length)),
        Err(_) => Some((char::from(first).to_string(), length)),
    }
}

/// The texts that lie in words as base64, read from each of the four places at which a group may begin.
fn packed_texts(words: &str) -> Vec<String> {
    /// Of 16 letters 12 bytes come.
    const SHORTEST: usize = 16;
    let is_packed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '-' | '_');
    let mut texts = Vec::new();
    for run in words.split(|letter| !is_packed(letter)).filter(|run| run.len() >= SHORTEST) {
        let standard = run.replace('-', "+").replace('_', "/");
        for begin in 0..4 {
            let whole = (standard.len() - begin) / 4 * 4;
            if let Ok(bytes) = STANDARD_NO_PAD.decode(&standard[begin..begin + whole]) {
                texts.push(match String::from_utf8_lossy(&bytes) {
                    Cow::Borrowed(text) => text.to_owned(),
                    Cow::Owned(text) => text,
                });
            }
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "pay day is on \"Friday\", 你好世界 & <all> of C:\\new\\table get 100% of it: a+b";

    /// Whether words are left out, of a request with this text.
    fn left_out(words: &str, text: &str) -> bool {
        let payload = serde_json::json!({"searchableContent": text});
        let request = serde_json::json!({"sender": "admin-of-all-users", "payload": payload}).to_string();
        let secret = SecretString::from("a secret of \"many\" letters/9876");
        let shown = Private { secret: &secret, credentials: None, request: request.as_bytes() }.words(words, 300);
        assert!(!shown.contains(['\n', '\r', '\u{1b}']), "{shown:?}");
        shown.starts_with("(left out: ")
    }

    #[test]
    fn escapes_are_read_from_the_left_too() {
        // Line breaks stand between some letters; then each letter is hidden, and all of it lies in JSON.
        let broken = r"r2\r\nXQ\r\n9\r\nQyZafX\r\nTzxz\r\neaYj";
        let hidden: String = broken.chars().map(|letter| format!(r"\\u{:04x}", u32::from(letter))).collect();
        for words in [hidden.clone(), format!("{{\"code\":\" => {hidden}")] {
            assert!(left_out(&words, "r2XQ9QyZafXTzxzeaYjDct4VYZIRJKHXByLs1PsMKzHvagjnHFtKeDVJ"), "{words}");
        }
    }

    fn escaped(text: &str, escape: fn(u16) -> String) -> String {
        text.encode_utf16().map(escape).collect()
    }

    #[test]
    fn a_text_is_found_in_every_form() {
        let json = serde_json::to_string(TEXT).unwrap();
        let twice = serde_json::to_string(&json).unwrap();
        let html = TEXT.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let forms = [
            TEXT.to_owned(),
            TEXT.to_uppercase(),
            json.clone(),
            twice.clone(),
            serde_json::to_string(&twice).unwrap(),
            html.replace('&', "&amp;"),
            html.clone(),
            html.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            TEXT.bytes().map(|byte| format!("\\x{byte:02x}")).collect(),
            TEXT.chars().map(|letter| format!("&#{};", u32::from(letter))).collect(),
            TEXT.chars().map(|letter| format!("&#x{:x};", u32::from(letter))).collect(),
            TEXT.chars().map(|letter| format!("\\u{{{:x}}}", u32::from(letter))).collect(),
            escaped(TEXT, |unit| format!("\\u{unit:04x}")),
            escaped(TEXT, |unit| format!("%u{unit:04X}")),
            TEXT.replace(' ', "+"),
            TEXT.chars().flat_map(|letter| [letter, ' ']).collect(),
            TEXT.chars().flat_map(|letter| [letter, '\n', '\u{200b}']).collect(),
            TEXT.replace(['"', ',', ' '], ""),
            base64::engine::general_purpose::STANDARD.encode(TEXT),
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("x{TEXT}")),
        ];
        for form in forms {
            assert!(left_out(&form, TEXT), "{form}");
            assert!(left_out(&format!("<p>cannot read: {form}</p>"), TEXT), "{form}");
        }
    }

    #[test]
    fn pieces_of_12_letters_are_found_and_shorter_ones_tell_nothing() {
        let letters: Vec<char> = TEXT.chars().collect();
        for piece in letters.windows(12) {
            let piece: String = piece.iter().collect();
            assert!(left_out(&format!("cannot read <{piece}>!"), TEXT), "{piece}");
        }
        for piece in letters.windows(6) {
            let piece: String = piece.iter().collect();
            assert!(!left_out(&format!("cannot read <{piece}>!"), TEXT), "{piece}");
        }
    }

    #[test]
    fn the_secret_is_found_too_and_short_texts_are_found_whole() {
        for words in [
            "a secret of \"many\" letters/9876",
            "x=a\\u0020secret\\u0020of%20&quot;many",
            "letters\\/9876 and",
            "YSBzZWNyZXQgb2YgIm1hbnkiIGxldHRlcnMvOTg3Ng",
        ] {
            assert!(left_out(words, "x"), "{words}");
        }
        assert!(left_out("sensitive word in <canary-b0dy>", "canary-b0dy"));
        assert!(left_out("sensitive word in <好好好好>", "好好好好"));
        assert!(!left_out("user admin does not exist", "canary-b0dy"), "a short id is of use to the reader");
        assert!(left_out("user admin-of-all-users does not exist", "x"));
        for secret in ["1", "12", "123", "1234", "#!&%", "a b", "\u{1f600}"] {
            let kept = SecretString::from(secret);
            let private = Private { secret: &kept, credentials: None, request: b"{}" };
            assert_eq!(private.words(&format!("it was <{secret}>"), 300), SECRET_LEFT_OUT, "{secret}");
            assert_eq!(private.words("not exist", 300), "not exist");
        }
    }

    #[test]
    fn other_credentials_are_found_as_the_secret_is() {
        let credentials = Credentials::new().header("x-api-key", "key-of-the-gateway").unwrap();
        let credentials = credentials.proxy_login("user", "open sesame").unwrap();
        let secret = SecretString::from("123456");
        let private = Private { secret: &secret, credentials: Some(&credentials), request: b"{}" };
        for words in ["x-api-key: key-of-the-gateway", "\"key-of-the-ga", "open%20sesame is wrong"] {
            assert_eq!(private.words(words, 300), SECRET_LEFT_OUT, "{words}");
        }
        assert_eq!(private.words("no such user", 300), "no such user");
    }

    #[test]
    fn a_long_request_is_looked_through_to_its_end() {
        let filler = "nothing of this is ever said by anybody, and it goes on and on. ".repeat(2_000);
        for (before, behind) in
            [("", filler.as_str()), (&filler, ""), (&filler, &filler), (&"好".repeat(50_000), &filler)]
        {
            let text = format!("{before}the canary of the coal mine{behind}");
            assert!(left_out("cannot read: canary of the coal", &text), "{} {}", before.len(), behind.len());
            assert!(!left_out("cannot read: a parrot in a cage", &text));
        }
        // At each place that a part may end at.
        for before in 0..9_000 {
            let text = format!("{}the canary of the coal mine{}", "-".repeat(before), "-".repeat(9_000 - before));
            if before % 7 == 0 || (7_000..8_400).contains(&before) {
                assert!(left_out("cannot read: canary of the coal", &text), "{before}");
            }
        }
    }

    #[test]
    fn words_are_one_line_and_bounded() {
        let secret = SecretString::from("123456");
        let private = Private { secret: &secret, credentials: None, request: b"{}" };
        for (words, expected) in [
            ("not exist", "not exist"),
            ("", ""),
            (" \r\n\tnot\n\n exist \u{7}\u{1b}[31m\u{202e}!", "not exist [31m!"),
            ("\u{feff}\u{200b}", ""),
        ] {
            assert_eq!(private.words(words, 300), expected, "{words:?}");
        }
        let long = private.words(&"好 ".repeat(100_000), 20);
        assert_eq!(long.chars().count(), 20, "{long}");
        assert!(long.ends_with('…'));
    }

    #[test]
    fn a_secret_that_no_server_can_have_is_refused() {
        for (secret, reason) in [
            ("", "empty"),
            ("123456\n", "line break"),
            ("123456\r\n", "line break"),
            ("\u{feff}123456", "byte order mark"),
            ("123\t456", "invisible"),
            ("123456\0", "invisible"),
            ("123\u{200b}456", "invisible"),
        ] {
            let refused = check_secret(secret).expect_err(reason).to_string();
            assert!(refused.contains(reason), "{refused}");
        }
        for secret in [" 123456 ", "\"123456\"", "密码", "a b", "\u{1f600}"] {
            check_secret(secret).expect(secret);
        }
    }
}
