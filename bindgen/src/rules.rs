//! The house rules: what each part of the library becomes in every language. They are the same for all languages.

use anyhow::{Result, bail};
use uniffi_bindgen::{
    ComponentInterface,
    interface::{AsType, DefaultValue, Literal, Method, Object, Radix, Type},
};

use crate::api::{ANSWER, Argument, ERROR, ErrorKind, OUTBOX, SANDBOX};

/// A call to the server is a method whose documentation names its endpoint and that returns a value. A method that returns an
/// object starts something that is more than one call.
pub fn is_call(method: &Method) -> bool {
    let gives_object = matches!(method.return_type(), Some(Type::Object { .. }));
    !gives_object && method.docstring().and_then(endpoint).is_some()
}

/// A method that begins the sending of a message with a file: as what users call it.
pub fn sends_file(method: &Method) -> Option<&str> {
    method.name().strip_prefix("begin_").filter(|name| name.starts_with("send_"))
}

/// What comes of it.
pub const SENT: &str = "SentMessage";

/// The two arguments of which one gives a file: its bytes, or its path. Each language has one argument for them, in as many
/// forms as it has of its own.
pub const DATA: &str = "data";
pub const PATH: &str = "path";

/// A type that the model does not know, by its name in the language.
pub fn named(name: &str) -> Type {
    Type::Record { module_path: String::new(), name: name.into() }
}

/// The same where None is a value, too, and the default.
pub fn optional(name: &str) -> Type {
    Type::Optional { inner_type: Box::new(named(name)) }
}

/// The arguments of a method that takes a file in one of the forms that a language has for it: the form's name, type and
/// text in place of bytes and path; and at the end, by its type and text, what is called with the progress.
pub fn with_file(arguments: &[Argument], file: [&str; 3], (progress, told): (&str, String)) -> Vec<Argument> {
    let [name, ty, docs] = file;
    let file = Argument { name: name.into(), docs: docs.into(), ty: named(ty), default: None };
    let none = Some(DefaultValue::Literal(Literal::None));
    let progress = Argument { name: "progress".into(), docs: told, ty: optional(progress), default: none };
    let shown = arguments.iter().filter(|argument| argument.name != PATH);
    shown.map(|shown| if shown.name == DATA { &file } else { shown }).chain([&progress]).cloned().collect()
}

/// The name of every client's constructor, and its first optional argument.
pub const MADE_BY: &str = "in_slices_with";
pub const FIRST_OPTION: &str = "options";

/// A client is an object that has this constructor, and whose method `access` returns the object that waits for its calls.
pub fn is_client(object: &Object) -> bool {
    let is_made_so = object.constructors().iter().any(|each| each.name() == MADE_BY);
    is_made_so && object.methods().iter().any(|method| method.name() == "access")
}

/// The parts of a client's documentation that every language shows: the first sentence, and the paragraphs from the third one on,
/// which are about this client only. The second paragraph is about all clients, and each facade has its own words for that; the
/// examples are for Rust only.
pub fn of_client(docs: &str) -> (String, Vec<String>) {
    let intro = sentences(docs).next().unwrap_or_default().replace('\n', " ");
    let own = docs.split("\n\n").skip(2).take_while(|paragraph| !paragraph.starts_with("```"));
    (intro, own.map(|paragraph| paragraph.replace('\n', " ")).collect())
}

/// The endpoint that a documentation names, and the servers that have it: `message/send; both editions.`
pub fn asked(docs: &str) -> Option<(String, String)> {
    let endpoint = endpoint(docs)?;
    let (_, servers) = docs.split_once(endpoint)?;
    let servers = servers.trim_start_matches([';', '.', ',']).split('.').next().unwrap_or_default();
    Some((endpoint.to_owned(), servers.split_whitespace().collect::<Vec<_>>().join(" ")))
}

/// The endpoint that a method's documentation names: a word such as `message/clear_by_user;`, perhaps with a full stop.
pub fn endpoint(docs: &str) -> Option<&str> {
    docs.split_whitespace().find_map(|word| {
        let path = word.trim_end_matches([';', '.', ',']);
        let is_path = path.contains('/') && path.split('/').all(is_part_of_path);
        (path.len() < word.len() && is_path).then_some(path)
    })
}

fn is_part_of_path(part: &str) -> bool {
    !part.is_empty() && part.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')
}

/// Methods of the sandbox and the outbox that each facade writes by hand. Of the sandbox: values that are known from its start
/// are properties; an answer is made from texts of each language; and a method about a conversation takes the facade's record,
/// which the sandbox does not know. Of the outbox: methods that iterate over entries or wait.
pub fn is_of_each_facade(object: &str, name: &str) -> bool {
    match object {
        SANDBOX => ["answer_next", "base_url", "port", "set_read_timestamp"].contains(&name),
        OUTBOX => ["begin_run", "entries", "put_all", "wait"].contains(&name),
        _ => false,
    }
}

/// A record that is the only argument is spread: its fields become the arguments. Returns the name of the argument, and the
/// record.
pub fn spread(arguments: &[Argument]) -> Option<(&str, &str)> {
    match arguments {
        [Argument { name: argument, ty: Type::Record { name, .. }, .. }] => Some((argument, name)),
        _ => None,
    }
}

/// Arguments without a default come first, each kind in its own order.
pub fn in_order(mut arguments: Vec<Argument>) -> Vec<Argument> {
    arguments.sort_by_key(|argument| argument.default.is_some());
    arguments
}

/// The documentation of an argument that is not a field is in the method's: the sentence that begins with its name in backticks.
pub fn documented(mut arguments: Vec<Argument>, docs: &str) -> Vec<Argument> {
    for argument in arguments.iter_mut().filter(|argument| argument.docs.is_empty()) {
        let sentence = sentences(docs).find_map(|sentence| what_is_said_of(argument, sentence).map(capitalised));
        argument.docs = sentence.unwrap_or_default();
    }
    arguments
}

/// A method's documentation without the sentences about its arguments.
pub fn without_arguments(docs: &str, arguments: &[Argument]) -> String {
    let is_argument = |sentence: &&str| arguments.iter().any(|argument| what_is_said_of(argument, sentence).is_some());
    let paragraph = |text: &str| sentences(text).filter(|each| !is_argument(each)).collect::<Vec<_>>().join(" ");
    docs.split("\n\n").map(paragraph).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// The text after "`argument` is", which may begin on the next line.
fn what_is_said_of<'a>(argument: &Argument, sentence: &'a str) -> Option<&'a str> {
    let said = sentence.strip_prefix(&format!("`{}` is", argument.name))?;
    said.starts_with([' ', '\n']).then_some(said.trim_start())
}

/// The sentences of a text, each with its full stop.
fn sentences(docs: &str) -> impl Iterator<Item = &str> {
    docs.split_inclusive(". ").flat_map(|part| part.split_inclusive(".\n")).map(str::trim)
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + letters.as_str()
}

/// The variant of `Answer` for a call: the one whose value has the method's return type.
pub fn answer(interface: &ComponentInterface, returns: Option<&Type>) -> Option<String> {
    let answers = interface.get_enum_definition(ANSWER)?;
    let variant = answers.variants().iter().find(|variant| match (variant.fields(), returns) {
        ([], None) => true,
        ([value], Some(returns)) => value.as_type() == *returns,
        _ => false,
    })?;
    Some(variant.name().to_owned())
}

/// Whether an error can be an outcome: `Pending` cannot, because the facade continues to wait and users never see it.
pub fn is_outcome(error: &ErrorKind) -> bool {
    error.name != "Pending"
}

/// The error whose class is written by hand: a call that was given up has more than its fields, in another way in each
/// language.
pub fn is_interrupt(error: &ErrorKind) -> bool {
    error.name == "Interrupted"
}

/// The errors of the outbox that are the client's errors of the same names, which have no class of their own in Python and Kotlin;
/// and the outbox's own.
pub fn of_the_client<'a>(
    errors: &'a [ErrorKind],
    of_the_client: &[ErrorKind],
) -> (Vec<&'a ErrorKind>, Vec<&'a ErrorKind>) {
    errors.iter().partition(|error| of_the_client.iter().any(|other| other.name == error.name))
}

/// Whether a field of an error is the client's error, which each facade replaces by its own.
pub fn is_clients_error(field: &Argument) -> bool {
    matches!(&field.ty, Type::Enum { name, .. } if name == ERROR)
}

/// A field of an error with the facade's own error, `own`, in place of the client's.
pub fn with_error_of_the_facade(field: &Argument, own: &str) -> Argument {
    let ty = if is_clients_error(field) { named(own) } else { field.ty.clone() };
    Argument { ty, ..field.clone() }
}

/// The last fields of an error have defaults if there is an obvious one (one attempt, an empty text), for tests that make an
/// error.
pub fn with_obvious_defaults(mut fields: Vec<Argument>) -> Vec<Argument> {
    for field in fields.iter_mut().rev() {
        field.default = match field.ty {
            Type::Optional { .. } => Some(DefaultValue::Literal(Literal::None)),
            Type::Int32 if field.name == "attempts" => {
                Some(DefaultValue::Literal(Literal::Int(1, Radix::Decimal, Type::Int32)))
            }
            _ => break,
        };
    }
    fields
}

/// The words of a language for values that every language spells in its own way.
pub struct Spelling {
    pub language: &'static str,
    pub none: &'static str,
    pub empty_list: &'static str,
}

impl Spelling {
    /// A default value, as it stands after its parameter.
    pub fn literal(&self, default: &DefaultValue, ty: &Type) -> Result<String> {
        Ok(match (default, ty) {
            (DefaultValue::Literal(Literal::Boolean(value)), _) => value.to_string(),
            (DefaultValue::Literal(Literal::Int(value, ..)), _) => value.to_string(),
            (DefaultValue::Literal(Literal::UInt(value, ..)), _) => value.to_string(),
            (_, Type::Optional { .. }) => self.none.into(),
            (_, Type::Sequence { .. }) => self.empty_list.into(),
            (DefaultValue::Default, Type::Boolean) => "false".into(),
            (DefaultValue::Default, Type::Int32 | Type::Int64) => "0".into(),
            (other, ty) => bail!("{other:?} is a default of {ty:?} that {}'s calls do not know", self.language),
        })
    }
}

/// Whether a method only reads: its name begins with `get_` or `find_`.
pub fn only_reads(name: &str) -> bool {
    name.starts_with("get_") || name.starts_with("find_")
}

/// Whether a record has a builder for Java, which has no named arguments: if many of its fields have a default.
pub fn has_builder(fields: &[Argument]) -> bool {
    fields.iter().filter(|field| field.default.is_some()).count() >= 4
}

/// Whether a field is a duration that callers give: in records that they only receive, no field has a default.
pub fn is_given_duration(default: Option<&DefaultValue>, ty: &Type) -> bool {
    default.is_some() && ty.iter_types().any(|each| matches!(each, Type::Duration))
}

/// The position of the argument that may also be given as a content.
pub fn payload(arguments: &[Argument]) -> Option<usize> {
    let is_payload =
        |argument: &Argument| matches!(&argument.ty, Type::Record { name, .. } if name == "MessagePayload");
    arguments.iter().position(is_payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argument(name: &str, default: bool) -> Argument {
        let default = default.then_some(uniffi_bindgen::interface::DefaultValue::Default);
        Argument { name: name.into(), docs: String::new(), ty: Type::Int32, default }
    }

    #[test]
    fn arguments_without_a_default_come_first() {
        let arguments = [("a", true), ("b", false), ("c", true), ("d", false)];
        let arguments = in_order(arguments.map(|(name, default)| argument(name, default)).to_vec());
        assert_eq!(arguments.iter().map(|each| each.name.as_str()).collect::<String>(), "bdac");
    }

    #[test]
    fn the_sentence_of_an_argument_is_its_own() {
        let docs = "Looks a message up. `uid` is\nthe\nmessage's id. message/get_one; both editions.";
        let arguments = documented(vec![argument("uid", false)], docs);
        assert_eq!(arguments[0].docs, "The\nmessage's id.");
        assert_eq!(without_arguments(docs, &arguments), "Looks a message up. message/get_one; both editions.");
    }

    #[test]
    fn paragraphs_stay() {
        let docs = "Sends. `uid` is an id.\n\nAccepted, not\nstored.";
        assert_eq!(without_arguments(docs, &[argument("uid", false)]), "Sends.\n\nAccepted, not\nstored.");
    }

    #[test]
    fn an_endpoint_is_known_by_its_path() {
        for (docs, named) in [
            ("Sends. message/send; both editions.", Some("message/send")),
            ("Sends. robot/message/send; both editions.", Some("robot/message/send")),
            ("Looks it up. message/get_one.", Some("message/get_one")),
            ("message/send", None),
            ("and/or", None),
            ("http://x; a/B;", None),
        ] {
            assert_eq!(endpoint(docs), named, "{docs}");
        }
    }

    #[test]
    fn a_clients_documentation_is_taken_apart() {
        let docs = "A client of\none. It blocks.\n\nThreads.\n\nIts\nown.\n\n```\nexample\n\nx\n```";
        assert_eq!(of_client(docs), ("A client of one.".into(), vec!["Its own.".to_owned()]));
        let asked = asked("Begins; one. robot/send; both\neditions. More.");
        assert_eq!(asked, Some(("robot/send".into(), "both editions".into())));
    }

    #[test]
    fn only_a_record_with_many_defaults_has_a_builder() {
        for (defaults, has_one) in [(3, false), (4, true)] {
            let fields: Vec<Argument> = (0..6).map(|at| argument("a", at < defaults)).collect();
            assert_eq!(has_builder(&fields), has_one);
        }
    }

    #[test]
    fn only_the_last_fields_of_an_error_have_defaults() {
        let fields = [("attempts", Type::Int32), ("reason", Type::String), ("attempts", Type::Int32)];
        let fields = fields.map(|(name, ty)| Argument { ty, ..argument(name, false) });
        let defaults = with_obvious_defaults(fields.to_vec()).into_iter().map(|field| field.default.is_some());
        assert_eq!(defaults.collect::<Vec<_>>(), [false, false, true]);
    }
}
