//! Files of messages: JSON lines or CSV, read one message after the other.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    path::PathBuf,
};

use serde_json::{Map, Value};

use super::{
    arguments::{FileArguments, Format, conversation},
    console::Console,
    exit::Failure,
    lines::Lines,
    payload::{self, Object},
};
use wildfirechat_message::{
    ContentExtras, Conversation, FileContent, ImageContent, ImportedMessage, LinkContent, MessageContent,
    MessagePayload, SendRequest, TextContent,
};

/// The length of the longest line that is read.
const LONGEST: usize = 1024 * 1024;

/// A message of a file with the number of the line on which it begins, or what is wrong with it.
pub(super) struct Record<T> {
    pub(super) line: u64,
    pub(super) message: Result<T, String>,
}

/// The kind of message that is made from a line.
pub(super) trait Message: Sized {
    /// The fields that only this kind has.
    const OWN: &'static [&'static str];

    /// Makes one from the fields that all kinds have, and from its own fields.
    fn read(common: Common, own: &mut Object) -> Result<Self, String>;
}

/// The fields that all kinds of messages have.
pub(super) struct Common {
    sender: String,
    conversation: Conversation,
    payload: MessagePayload,
}

const COMMON: [&str; 19] = [
    "to",
    "line",
    "conversation",
    "sender",
    "text",
    "image",
    "file",
    "name",
    "link",
    "title",
    "digest",
    "picture",
    "payload",
    "mention",
    "mention_all",
    "extra",
    "push",
    "push_data",
    "expire",
];
/// The fields that are lists; in CSV their entries are separated by semicolons or blanks.
const LISTS: [&str; 3] = ["mention", "only_to", "receivers"];

impl Message for SendRequest {
    const OWN: &'static [&'static str] = &["only_to", "user_message"];

    fn read(Common { sender, conversation, payload }: Common, own: &mut Object) -> Result<Self, String> {
        let (to_users, is_user_message) = (own.texts("only_to")?, own.flag("user_message")?);
        Ok(Self { sender, conversation, payload, to_users, is_user_message })
    }
}

/// A message for the outbox, with its settings.
#[cfg(feature = "outbox")]
#[derive(Clone)]
pub(super) struct Outgoing {
    pub(super) request: SendRequest,
    pub(super) options: wildfirechat_message::PutOptions,
}

#[cfg(feature = "outbox")]
impl Message for Outgoing {
    const OWN: &'static [&'static str] =
        &["only_to", "user_message", "key", "priority", "not_before", "expires_at", "on_unknown", "on_lost"];

    fn read(common: Common, own: &mut Object) -> Result<Self, String> {
        let mut policy = |name| match own.text(name)?.as_deref() {
            None | Some("leave") => Ok(wildfirechat_message::OutboxPolicy::Leave),
            Some("resend") => Ok(wildfirechat_message::OutboxPolicy::Resend),
            Some(_) => Err(format!("{name}: it is neither leave nor resend")),
        };
        let (on_unknown, on_lost) = (policy("on_unknown")?, policy("on_lost")?);
        let options = wildfirechat_message::PutOptions {
            key: own.text("key")?,
            priority: own.number("priority")?.unwrap_or(0),
            not_before: own.long("not_before")?,
            expires_at: own.long("expires_at")?,
            on_unknown,
            on_lost,
        };
        Ok(Self { request: SendRequest::read(common, own)?, options })
    }
}

impl Message for ImportedMessage {
    const OWN: &'static [&'static str] = &["timestamp", "receivers"];

    fn read(Common { sender, conversation, payload }: Common, own: &mut Object) -> Result<Self, String> {
        let timestamp = own.long("timestamp")?.ok_or("timestamp: it is missing, in milliseconds since 1970")?;
        Ok(Self { sender, conversation, payload, timestamp, receivers: own.texts("receivers")? })
    }
}

fn known<T: Message>() -> Vec<&'static str> {
    COMMON.iter().chain(T::OWN).copied().collect()
}

/// Makes a message from the fields of a line.
fn message_of<T: Message>(mut object: Object, sender: Option<&str>) -> Result<T, String> {
    object.nothing_but(&known::<T>())?;
    let sender = match object.text("sender")? {
        Some(sender) => sender,
        None => sender.map(str::to_owned).ok_or("sender: it is missing, and there is no --sender")?,
    };
    let conversation = conversation_of(&mut object)?;
    let payload = payload_of(&mut object)?;
    T::read(Common { sender, conversation, payload }, &mut object)
}

fn conversation_of(object: &mut Object) -> Result<Conversation, String> {
    if let Some(mut whole) = object.object("conversation")? {
        whole.nothing_but(&["type", "target", "line"])?;
        let kind = whole.number("type")?.ok_or("conversation.type: it is missing")?;
        let target = whole.text("target")?.ok_or("conversation.target: it is missing")?;
        let line = whole.number("line")?.unwrap_or(0);
        return Ok(Conversation { kind, target, line });
    }
    let to = object.text("to")?.ok_or("to: it is missing, such as user:u1 or group:g1")?;
    let conversation = conversation(&to).map_err(|reason| format!("to: {reason}"))?;
    Ok(Conversation { line: object.number("line")?.unwrap_or(0), ..conversation })
}

fn payload_of(object: &mut Object) -> Result<MessagePayload, String> {
    const CONTENTS: [&str; 5] = ["text", "image", "file", "link", "payload"];
    match CONTENTS.iter().filter(|name| object.has(name)).collect::<Vec<_>>()[..] {
        [_] => {}
        [] => return Err(format!("it has no content: give one of {}", CONTENTS.join(", "))),
        [one, other, ..] => return Err(format!("it has {one} and {other}: one message can have only one of them")),
    }
    let mut text = |name| object.text(name).map(Option::unwrap_or_default);
    let (says, image, file, link) = (text("text")?, text("image")?, text("file")?, text("link")?);
    let (name, title, digest) = (text("name")?, text("title")?, text("digest")?);
    let (extra, push_content, push_data) = (text("extra")?, text("push")?, text("push_data")?);
    let (picture, mentioned) = (object.text("picture")?, object.texts("mention")?);
    let extras = ContentExtras { extra, push_content, push_data, ..ContentExtras::default() };
    let extras = ContentExtras { expire_duration: object.number("expire")?.unwrap_or(0), ..extras };
    let extras = match (object.flag("mention_all")?, mentioned.is_empty()) {
        (false, true) => extras,
        (true, true) => with_mention(extras, ContentExtras::mention_everyone()),
        (false, false) => with_mention(extras, ContentExtras::mention(mentioned)),
        (true, false) => return Err("it has mention and mention_all: give one of them".into()),
    };
    let content: MessageContent = match object.object("payload")? {
        Some(payload) => {
            let payload = payload::payload(payload)?;
            MessageContent::Custom { payload }
        }
        None if !image.is_empty() => {
            ImageContent { remote_media_url: url("image", image)?, ..ImageContent::default() }.into()
        }
        None if !file.is_empty() => FileContent { name, size: 0, remote_media_url: url("file", file)? }.into(),
        None if !link.is_empty() => LinkContent { title, url: link, digest, thumbnail_url: picture }.into(),
        None => TextContent::new(says).into(),
    };
    content.to_payload(Some(extras)).map_err(|error| error.to_string())
}

fn with_mention(extras: ContentExtras, mention: ContentExtras) -> ContentExtras {
    let ContentExtras { mentioned_type, mentioned_targets, .. } = mention;
    ContentExtras { mentioned_type, mentioned_targets, ..extras }
}

/// Refuses a file that is not at a URL: uploading has a command of its own.
fn url(name: &str, given: String) -> Result<String, String> {
    match given.starts_with("http://") || given.starts_with("https://") {
        true => Ok(given),
        false => Err(format!(
            "{name}: it is not an http or https URL; the command `upload` uploads a file and prints its URL"
        )),
    }
}

/// Where the messages come from; a file can be read more than once, a stream only once.
pub(super) struct Source {
    from: From,
    format: Format,
    pub(super) lines: Lines,
    sender: Option<String>,
    /// Its name in errors.
    pub(super) name: String,
}

enum From {
    File(PathBuf),
    /// A stream.
    Stream(Option<Box<dyn Read + Send>>),
    Memory(Vec<u8>),
}

impl Source {
    pub(super) fn of(file: FileArguments, sender: Option<String>, console: &mut Console) -> Result<Self, Failure> {
        let FileArguments { file, format, lines } = file;
        let is_csv = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        let format = format.unwrap_or(if is_csv { Format::Csv } else { Format::Jsonl });
        let (name, from) = match file.as_os_str() == "-" {
            true => ("standard input".to_owned(), From::Stream(Some(console.input()?))),
            false => (file.display().to_string(), Self::named(file)?),
        };
        Ok(Self { from, format, lines: lines.unwrap_or_else(Lines::all), sender, name })
    }

    fn named(path: PathBuf) -> Result<From, Failure> {
        let wrong = |error: io::Error| Failure::usage(path.display().to_string(), error.to_string());
        let file = File::open(&path).map_err(wrong)?;
        let about = file.metadata().map_err(wrong)?;
        if about.is_dir() {
            return Err(wrong(io::ErrorKind::IsADirectory.into()));
        }
        // A named pipe can be read only once.
        match about.is_file() {
            true => Ok(From::File(path)),
            false => Ok(From::Stream(Some(Box::new(file)))),
        }
    }

    /// Whether it can be checked before anything is sent.
    pub(super) fn is_stream(&self) -> bool {
        matches!(self.from, From::Stream(_))
    }

    /// Reads a stream into memory, to check it.
    pub(super) fn keep(&mut self) -> Result<(), Failure> {
        if let From::Stream(stream) = &mut self.from {
            let mut bytes = Vec::new();
            let read = stream.take().map_or(Ok(0), |mut stream| stream.read_to_end(&mut bytes));
            read.map_err(|error| Failure::usage(&self.name, error.to_string()))?;
            self.from = From::Memory(bytes);
        }
        Ok(())
    }

    /// Its messages from the first one on; those of a stream only once.
    pub(super) fn read<T: Message>(&mut self) -> Result<Records<T>, Failure> {
        let input: Box<dyn Read + Send> = match &mut self.from {
            From::File(path) => {
                Box::new(File::open(path).map_err(|error| Failure::usage(&self.name, error.to_string()))?)
            }
            From::Stream(stream) => stream.take().unwrap_or_else(|| Box::new(io::empty())),
            From::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
        };
        let (lines, sender) = (self.lines.clone(), self.sender.clone());
        let rows = match self.format {
            Format::Jsonl => Rows::Json { input: BufReader::new(input), line: 0 },
            Format::Csv => Rows::of_csv::<T>(input).map_err(|reason| Failure::usage(&self.name, reason))?,
        };
        Ok(Records { rows, lines, sender, is_over: false, kind: std::marker::PhantomData })
    }
}

/// The messages of the selected lines of a file; an error of reading ends them.
pub(super) struct Records<T> {
    rows: Rows,
    lines: Lines,
    sender: Option<String>,
    is_over: bool,
    kind: std::marker::PhantomData<fn() -> T>,
}

enum Rows {
    Json { input: BufReader<Box<dyn Read + Send>>, line: u64 },
    Csv { input: csv::Reader<Box<dyn Read + Send>>, names: Vec<String> },
}

impl<T: Message> Iterator for Records<T> {
    type Item = io::Result<Record<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            let (line, object) = match self.rows.next().transpose() {
                Ok(row) => row?,
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
            };
            self.is_over = self.lines.end_before(line + 1);
            if self.lines.contain(line) {
                let message = object.and_then(|object| message_of(object, self.sender.as_deref()));
                return Some(Ok(Record { line, message }));
            }
        }
        None
    }
}

/// The number of a line, and its text.
type Row = (u64, Result<Object, String>);

impl Rows {
    fn of_csv<T: Message>(input: Box<dyn Read + Send>) -> Result<Self, String> {
        let mut input = csv::ReaderBuilder::new().from_reader(input);
        let names: Vec<String> = input.headers().map_err(|error| words_of(&error))?.iter().map(str::to_owned).collect();
        let known = known::<T>();
        match names.iter().find(|name| !known.contains(&name.as_str())) {
            Some(name) => {
                let known = known.join(", ");
                Err(format!(
                    "its first line must name the columns, and there is no column {name:?}; the known columns are: \
                     {known}"
                ))
            }
            None => Ok(Self::Csv { input, names }),
        }
    }

    fn next(&mut self) -> Option<io::Result<Row>> {
        match self {
            Self::Json { input, line } => next_line(input, line).transpose(),
            Self::Csv { input, names } => next_record(input, names),
        }
    }
}

/// The next line that is not empty.
fn next_line(input: &mut BufReader<Box<dyn Read + Send>>, number: &mut u64) -> io::Result<Option<Row>> {
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        *number += 1;
        if line.len() > LONGEST && line.last() != Some(&b'\n') {
            input.skip_until(b'\n')?;
            return Ok(Some((*number, Err(format!("it has more than {LONGEST} bytes")))));
        }
        let marked = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| *number == 1);
        let text = marked.unwrap_or(&line).trim_ascii();
        if !text.is_empty() {
            let object = str::from_utf8(text).map_err(|_| "it is not UTF-8 text".to_owned()).and_then(Object::parse);
            return Ok(Some((*number, object)));
        }
    }
}

fn next_record(input: &mut csv::Reader<Box<dyn Read + Send>>, names: &[String]) -> Option<io::Result<Row>> {
    let mut record = csv::StringRecord::new();
    let before = input.position().line();
    match input.read_record(&mut record) {
        Ok(false) => None,
        Ok(true) => {
            let line = record.position().map_or(before, csv::Position::line);
            Some(Ok((line, of_cells(names, &record))))
        }
        Err(error) => {
            let line = error.position().map_or(before, csv::Position::line);
            match error.is_io_error() {
                true => Some(Err(error.into())),
                false => Some(Ok((line, Err(words_of(&error))))),
            }
        }
    }
}

/// What is wrong with a file, without quoting it.
fn words_of(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} values, and the first line names {expected_len} columns")
        }
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8 text".into(),
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => "it is not CSV".into(),
    }
}

fn of_cells(names: &[String], record: &csv::StringRecord) -> Result<Object, String> {
    let mut values = Map::new();
    for (name, cell) in names.iter().zip(record).filter(|(_, cell)| !cell.is_empty()) {
        let value = if LISTS.contains(&name.as_str()) {
            cell.split([';', ' ']).filter(|entry| !entry.is_empty()).collect()
        } else if matches!(name.as_str(), "payload" | "conversation") {
            serde_json::from_str(cell).map_err(|_| format!("{name}: it is not JSON"))?
        } else {
            Value::from(cell)
        };
        values.insert(name.clone(), value);
    }
    Ok(Object::new(values))
}

/// Checks a whole file before anything is sent: returns how many messages it has, or what is wrong with them.
pub(super) fn look_through<T: Message>(
    source: &mut Source,
    console: &mut Console,
    check: impl Fn(&T) -> Result<(), String>,
) -> Result<u64, Failure> {
    let (mut good, mut bad) = (0, 0_u64);
    for record in source.read::<T>()? {
        let record = record.map_err(|error| Failure::usage(&source.name, error.to_string()))?;
        match record.message.and_then(|message| check(&message)) {
            Ok(()) => good += 1,
            Err(reason) => {
                bad += 1;
                super::tally::tell_bad(console, record.line, &reason);
            }
        }
    }
    match (good, bad) {
        (0, 0) => Err(Failure::usage(&source.name, "there is no message in it")),
        (good, 0) => Ok(good),
        (good, bad) => {
            let reason = format!("{bad} of its {} messages cannot be sent; nothing was sent", good + bad);
            Err(Failure::usage(&source.name, reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wildfirechat_message::MentionedType;

    fn source_of(text: &str, format: Format) -> Source {
        let from = From::Memory(text.as_bytes().to_vec());
        Source { from, format, lines: Lines::all(), sender: Some("admin".into()), name: "test".into() }
    }

    fn requests(text: &str, format: Format) -> Vec<(u64, Result<SendRequest, String>)> {
        let records = source_of(text, format).read().unwrap();
        records.map(|record| record.map(|record| (record.line, record.message)).unwrap()).collect()
    }

    #[test]
    fn the_same_messages_are_read_of_both_forms() {
        let json = r#"{"to": "group:g1", "text": "hello, \"you\"\nthere", "mention": ["u1", "u2"], "line": 7, "expire": 9}

{"to": "user:u1", "payload": {"type": 1000, "content": "c"}, "sender": "bot", "only_to": ["u1"], "user_message": true}
"#;
        let csv = "to,text,mention,line,expire,payload,sender,only_to,user_message\n\
                   group:g1,\"hello, \"\"you\"\"\nthere\",u1;u2,7,9,,,,\n\
                   user:u1,,,,,\"{\"\"type\"\": 1000, \"\"content\"\": \"\"c\"\"}\",bot,u1,true\n";
        let (of_json, of_csv) = (requests(json, Format::Jsonl), requests(csv, Format::Csv));
        assert_eq!(of_json.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(of_csv.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4]);
        for (one, other) in of_json.into_iter().zip(of_csv) {
            assert_eq!(one.1.unwrap(), other.1.unwrap());
        }
        let first = requests(json, Format::Jsonl).remove(0).1.unwrap();
        assert_eq!((first.sender.as_str(), first.conversation.line), ("admin", 7));
        assert_eq!(first.payload.mentioned_type, MentionedType::Targets as i32);
        assert_eq!(first.payload.expire_duration, 9);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_named_and_the_others_are_read() {
        #[rustfmt::skip]
        let table = [
            (r#"{"to": "user:u1"}"#, "it has no content: give one of text, image, file, link, payload"),
            (r#"{"to": "user:u1", "text": "canary", "link": "http://x"}"#, "it has text and link: one message can \
                have only one of them"),
            (r#"{"text": "canary"}"#, "to: it is missing, such as user:u1 or group:g1"),
            (r#"{"to": "u1", "text": "canary"}"#, "to: it does not have the form KIND:ID, such as user:u1 or group:g1"),
            (r#"{"to": "user:u1", "text": 5}"#, "text: it is not text"),
            (r#"{"to": "user:u1", "text": ""}"#, "invalid argument text: a text message needs a text"),
            (r#"{"to": "user:u1", "image": "canary.jpg"}"#, "image: it is not an http or https URL; the command \
                `upload` uploads a file and prints its URL"),
            (r#"{"to": "user:u1", "text": "canary", "mention": "u1"}"#, "mention: it is not a list of texts"),
            (r#"{"to": "user:u1", "text": "canary""#, "it is not JSON: it ends too early"),
            (r#"{"to": "user:u1", "payload": {"type": 1, "texd": "canary"}}"#, "payload.texd: there is no such field"),
            (r#"{"to": "user:u1", "text": "canary", "tex": "canary"}"#, "tex: there is no such field; the known \
                fields are: to, line"),
            (r#"{"conversation": {"type": 1}, "text": "canary"}"#, "conversation.target: it is missing"),
        ];
        for (line, reason) in table {
            let text = format!("{line}\n{{\"to\": \"user:u1\", \"text\": \"good\"}}\n");
            let read = requests(&text, Format::Jsonl);
            assert_eq!(read.len(), 2, "{line}");
            let told = read[0].1.as_ref().unwrap_err();
            assert!(told.starts_with(reason) && !told.contains("canary"), "{told}");
            assert!(read[1].1.is_ok());
        }
    }

    #[test]
    fn a_line_that_is_too_long_or_no_text_is_one_bad_line() {
        let long = format!("{{\"text\": \"{}\"}}\n{{\"to\": \"user:u1\", \"text\": \"good\"}}", "x".repeat(LONGEST));
        let read = requests(&long, Format::Jsonl);
        assert_eq!(read[0], (1, Err("it has more than 1048576 bytes".into())));
        assert!(read[1].1.is_ok() && read.len() == 2);
        let mut source = source_of("", Format::Jsonl);
        source.from = From::Memory(b"\xef\xbb\xbf{\"to\":\"user:u1\",\"text\":\"good\"}\r\n\xff\xfe\n".to_vec());
        let read: Vec<Record<SendRequest>> = source.read().unwrap().map(Result::unwrap).collect();
        assert!(read[0].message.is_ok());
        assert_eq!(read[1].message, Err("it is not UTF-8 text".into()));
    }

    #[test]
    fn rows_that_do_not_fit_are_bad_and_columns_nobody_knows_are_refused() {
        let read = requests("to,text\nuser:u1,good\nuser:u1\nuser:u1,good\n", Format::Csv);
        assert_eq!(read[1], (3, Err("it has 1 values, and the first line names 2 columns".into())));
        assert!(read[0].1.is_ok() && read[2].1.is_ok());
        let refused = source_of("to,txt\nuser:u1,x\n", Format::Csv).read::<SendRequest>().err().unwrap();
        assert!(format!("{refused:?}").contains("there is no column"), "{refused:?}");
    }

    #[test]
    fn only_the_chosen_lines_of_a_file_are_read() {
        let text: String = (1..=9).map(|number| format!("{{\"to\":\"user:u1\",\"text\":\"{number}\"}}\n")).collect();
        let mut source = source_of(&text, Format::Jsonl);
        source.lines = Lines::parse("2,4-5,8").unwrap();
        let read: Vec<Record<SendRequest>> = source.read().unwrap().map(Result::unwrap).collect();
        assert_eq!(read.iter().map(|record| record.line).collect::<Vec<_>>(), [2, 4, 5, 8]);
    }

    #[test]
    fn an_imported_message_has_its_time() {
        let text = r#"{"to": "user:u1", "text": "old", "timestamp": 1500000000000, "receivers": ["u2"]}
{"to": "user:u1", "text": "old"}"#;
        let read: Vec<Record<ImportedMessage>> =
            source_of(text, Format::Jsonl).read().unwrap().map(Result::unwrap).collect();
        assert_eq!(read[0].message.as_ref().unwrap().timestamp, 1_500_000_000_000);
        assert_eq!(read[1].message.as_ref().unwrap_err(), "timestamp: it is missing, in milliseconds since 1970");
    }
}
