//! Holds docs/contents.md and docs/layouts.md to the library: every content, each of its fields, and where they go.

use wildfirechat_message::{
    Article, CollectionEntry, ContentExtras, Conversation, MessageClient, MessageContent, MessagePayload, MixFile,
    MixMultiMediaItem, NotificationItem, PollOptionResult, Quote, SendRequest, TextContent, decode_content,
    sandbox::Sandbox,
};

use super::{LANGUAGES, blocks, body_of};

#[path = "../../docs/examples/contents.rs"]
mod examples;

const SOURCE: &str = include_str!("../../docs/examples/contents.rs");
const CONTENTS: &str = include_str!("../../docs/contents.md");
const LAYOUTS: &str = include_str!("../../docs/layouts.md");

/// A content as the page shows it.
struct Shown {
    variant: String,
    record: String,
    fields: Vec<String>,
    payload: MessagePayload,
}

/// Every content of the examples, and what is left of a recalled message.
fn shown() -> Vec<Shown> {
    let written = examples::every_content().into_iter().map(|content| {
        let payload = content.to_payload(None).unwrap();
        assert_eq!(decode_content(payload.clone()), Ok(content.clone()), "what the page shows comes back");
        (content, payload)
    });
    let payload = examples::recalled_payload();
    let recalled = (decode_content(payload.clone()).unwrap(), payload);
    written.chain([recalled]).map(|(content, payload)| Shown::of(&content, payload)).collect()
}

impl Shown {
    /// `Text { value: TextContent { text: …, … } }`, a line each.
    fn of(content: &MessageContent, payload: MessagePayload) -> Self {
        let text = format!("{content:#?}");
        let mut lines = text.lines();
        let variant = lines.next().and_then(|line| line.strip_suffix(" {")).expect("a variant");
        let record = lines.next().and_then(|line| line.strip_prefix("    value: ")).expect("its value");
        let record = record.strip_suffix(" {").expect("a record").to_owned();
        Self { variant: variant.to_owned(), record, fields: fields(&text, 8), payload }
    }

    /// What the page says below the content's name.
    fn section(&self) -> &'static str {
        section(CONTENTS, &self.record)
    }
}

#[test]
fn every_content_has_a_section_and_its_row() {
    let shown = shown();
    let mut variants: Vec<&str> = shown.iter().map(|content| content.variant.as_str()).collect();
    variants.push("Custom");
    assert_eq!(variants, variants_of("MessageContent", include_str!("../../src/content/any.rs")), "docs/examples");
    for Shown { record, payload, .. } in &shown {
        let number_and_flag = format!("| {} | {} |", payload.content_type, payload.persist_flag);
        let row = format!("| [`{record}`](#{}) {number_and_flag}", record.to_lowercase());
        assert!(CONTENTS.contains(&row), "docs/contents.md: no row begins with {row}");
    }
}

#[test]
fn every_field_is_told() {
    for content in shown() {
        tells_fields(&content.record, content.section(), &content.fields);
    }
    let parts = [
        ("Quote", fields(&format!("{:#?}", Quote::default()), 4)),
        ("Article", fields(&format!("{:#?}", Article::default()), 4)),
        ("CollectionEntry", fields(&format!("{:#?}", CollectionEntry::default()), 4)),
        ("PollOptionResult", fields(&format!("{:#?}", PollOptionResult::default()), 4)),
        ("MixMultiMediaItem", fields(&format!("{:#?}", MixMultiMediaItem::default()), 4)),
        ("MixFile", fields(&format!("{:#?}", MixFile::default()), 4)),
        ("NotificationItem", fields(&format!("{:#?}", NotificationItem::default()), 4)),
        ("ContentExtras", fields(&format!("{:#?}", ContentExtras::default()), 4)),
    ];
    for (record, fields) in parts {
        tells_fields(record, section(CONTENTS, record), &fields);
    }
}

fn tells_fields(record: &str, section: &str, fields: &[String]) {
    assert!(!fields.is_empty());
    for field in fields {
        assert!(section.contains(&format!("\n| `{field}` | ")), "{record}: no row for {field}");
    }
}

#[test]
fn every_picture_shows_the_payload_that_is_made() {
    for content in shown() {
        let (left, right) = picture(&content.record, content.section());
        assert!(
            content.fields.iter().all(|field| left.contains(field)),
            "{}: not all of it in {left:?}",
            content.record
        );
        assert_eq!(right, in_a_picture(&content.payload), "{}", content.record);
    }
}

#[test]
fn the_picture_of_the_extras_shows_what_they_put_on() {
    let extras = examples::extras();
    let (left, right) = picture("ContentExtras", section(CONTENTS, "ContentExtras"));
    assert!(fields(&format!("{extras:#?}"), 4).iter().all(|field| left.contains(field)), "not all of them in {left:?}");
    let payload = TextContent::new("@Ann").to_payload(Some(extras)).unwrap();
    assert_eq!(right, in_a_picture(&payload));
}

#[test]
fn every_content_type_has_its_layout() {
    let shown = shown();
    for variant in variants_of("ContentType", include_str!("../../src/numbers.rs")) {
        let content = shown.iter().find(|content| content.variant == variant).expect("a content for each type");
        let MessagePayload { content_type, persist_flag, media_type, .. } = content.payload;
        let row = LAYOUTS.lines().find(|line| line.starts_with(&format!("| {variant} | ")));
        let row = row.unwrap_or_else(|| panic!("docs/layouts.md: no row for {variant}"));
        let numbers: Vec<&str> = row.split('|').skip(2).take(3).map(str::trim).collect();
        assert_eq!(numbers[..2], [content_type.to_string(), persist_flag.to_string()], "{row}");
        assert!(numbers[2].split(' ').any(|number| number == media_type.to_string()), "{row}");
    }
}

#[test]
fn the_page_shows_the_rust_that_is_compiled() {
    let bodies: Vec<String> = examples::EXAMPLES.iter().map(|(name, _)| body_of(SOURCE, name)).collect();
    assert_eq!(blocks(CONTENTS, "rust"), bodies);
}

#[test]
fn the_page_shows_the_same_examples_in_every_language() {
    for (language, _) in LANGUAGES {
        assert_eq!(blocks(CONTENTS, language).len(), examples::EXAMPLES.len(), "{language}");
    }
    assert_eq!(blocks(CONTENTS, "java").len(), examples::EXAMPLES.len());
}

#[test]
fn what_the_page_shows_works() {
    let sandbox = Sandbox::start().unwrap();
    let client = MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), None).unwrap();
    for content in examples::every_content() {
        let payload = content.to_payload(None).unwrap();
        let sent = client.send_message(SendRequest::new("bob", Conversation::single("ann"), payload)).unwrap();
        for (name, example) in examples::EXAMPLES {
            example(&client, sent.message_uid).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

/// The text below a heading, up to the next one.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let begin = [format!("\n### {heading}\n"), format!("\n## {heading}\n")];
    let found = begin.iter().find_map(|begin| page.split_once(begin.as_str()));
    let (_, below) = found.unwrap_or_else(|| panic!("no section {heading}"));
    below.split("\n#").next().unwrap()
}

/// The two columns of the picture in a section: the words on the left, which name the record's fields, and the
/// payload's fields with their values, without blanks.
fn picture(record: &str, section: &str) -> (Vec<String>, String) {
    let pictures = blocks(section, "text");
    let [picture] = &pictures[..] else { panic!("{record}: not one picture") };
    let (head, rows) = picture.split_once('\n').unwrap();
    assert!(head.starts_with(record), "{record}: the picture is one of {head}");
    let middle = head.find("MessagePayload").unwrap_or_else(|| panic!("{record}: no payload in the picture"));
    let left = rows.lines().map(|row| row.chars().take(middle).collect::<String>()).collect::<Vec<_>>().join(" ");
    let right: String = rows.lines().flat_map(|row| row.chars().skip(middle)).collect();
    let words = left.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    (words.map(str::to_owned).collect(), without_blanks(&right))
}

/// The fields that are not empty and their values, as a picture's right column, without blanks.
fn in_a_picture(payload: &MessagePayload) -> String {
    let data = match str::from_utf8(&payload.data) {
        Ok(text) => text.to_owned(),
        Err(_) => "the JPEG's bytes".to_owned(),
    };
    let number = |number: i32| if number == 0 { String::new() } else { number.to_string() };
    let rows = [
        ("content_type", number(payload.content_type)),
        ("searchable_content", payload.searchable_content.clone()),
        ("push_content", payload.push_content.clone()),
        ("push_data", payload.push_data.clone()),
        ("content", payload.content.clone()),
        ("data", data),
        ("media_type", number(payload.media_type)),
        ("remote_media_url", payload.remote_media_url.clone()),
        ("persist_flag", number(payload.persist_flag)),
        ("expire_duration", number(payload.expire_duration)),
        ("mentioned_type", number(payload.mentioned_type)),
        ("mentioned_targets", payload.mentioned_targets.join(",")),
        ("extra", payload.extra.clone()),
    ];
    let shown = rows.into_iter().filter(|(_, value)| !value.is_empty());
    without_blanks(&shown.map(|(field, value)| format!("{field}{value}")).collect::<String>())
}

fn without_blanks(text: &str) -> String {
    text.replace(char::is_whitespace, "")
}

/// The names of a record's fields in its indented debug text.
fn fields(record: &str, indent: usize) -> Vec<String> {
    let indent = " ".repeat(indent);
    let names = record.lines().filter_map(|line| line.strip_prefix(&indent)?.split_once(": "));
    names.map(|(name, _)| name.to_owned()).filter(|name| !name.starts_with(' ')).collect()
}

/// The variants of an enum, as its source names them.
fn variants_of<'a>(name: &str, source: &'a str) -> Vec<&'a str> {
    let (_, body) = source.split_once(&format!("pub enum {name} {{\n")).expect("the enum");
    let (body, _) = body.split_once("\n}").unwrap();
    let names = body.lines().filter_map(|line| line.strip_prefix("    "));
    names.filter(|line| line.starts_with(char::is_uppercase)).filter_map(|line| line.split(' ').next()).collect()
}
