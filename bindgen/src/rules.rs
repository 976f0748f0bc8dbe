//! The house rules: what of the library becomes what in every language. No language has a rule of its own here.

use anyhow::{Result, bail};
use uniffi_bindgen::{
    ComponentInterface,
    interface::{AsType, DefaultValue, Literal, Method, Object, Radix, Type},
};

use crate::api::{ANSWER, Argument, ErrorKind, OUTBOX, SANDBOX};

/// A call to the server is a method whose documentation names its endpoint, and that gives a value: what gives an object
/// begins something that is more than one call.
pub fn is_call(method: &Method) -> bool {
    let gives_object = matches!(method.return_type(), Some(Type::Object { .. }));
    !gives_object && method.docstring().and_then(endpoint).is_some()
}

/// What the names of objects begin with that the facades wrap.
pub const NATIVE: &str = "Native";

/// The constructor of every client, and its first argument that may be left out.
pub const MADE_BY: &str = "in_slices_with";
pub const FIRST_OPTION: &str = "options";

/// A client is an object that is made by that constructor, and gives what its calls are waited with.
pub fn is_client(object: &Object) -> bool {
    let is_made_so = object.constructors().iter().any(|each| each.name() == MADE_BY);
    is_made_so && object.methods().iter().any(|method| method.name() == "access")
}

/// What a client's documentation says: the sentence that says what it is, and, from the third paragraph on, what holds for this
/// client alone. What holds for all of them each facade says in its own way; examples are Rust's.
pub fn of_client(docs: &str) -> (String, Vec<String>) {
    let intro = sentences(docs).next().unwrap_or_default().replace('\n', " ");
    let own = docs.split("\n\n").skip(2).take_while(|paragraph| !paragraph.starts_with("```"));
    (intro, own.map(|paragraph| paragraph.replace('\n', " ")).collect())
}

/// The endpoint that a documentation names, and on which servers that is: `message/send; both editions.`
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

/// What each facade has of the sandbox in a form of its own: what is known from its start is a property, an answer is made of
/// each language's own texts, and of conversations, which the facades know, the sandbox knows nothing. And what each has of
/// the outbox in a form of its own: what is gone through, and what is waited for.
pub fn is_of_each_facade(object: &str, name: &str) -> bool {
    match object {
        SANDBOX => ["answer_next", "base_url", "port", "set_read_timestamp"].contains(&name),
        OUTBOX => ["begin_run", "entries", "put_all", "wait"].contains(&name),
        _ => false,
    }
}

/// A record that is the only argument is spread: its fields are the arguments. What the argument is called, and the record.
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

/// An argument that is no field has its documentation in the method's: the sentence that begins with its name in backticks.
pub fn documented(mut arguments: Vec<Argument>, docs: &str) -> Vec<Argument> {
    for argument in arguments.iter_mut().filter(|argument| argument.docs.is_empty()) {
        let sentence = sentences(docs).find_map(|sentence| what_is_said_of(argument, sentence).map(capitalised));
        argument.docs = sentence.unwrap_or_default();
    }
    arguments
}

/// A method's documentation less the sentences that are its arguments', paragraph by paragraph.
pub fn without_arguments(docs: &str, arguments: &[Argument]) -> String {
    let is_argument = |sentence: &&str| arguments.iter().any(|argument| what_is_said_of(argument, sentence).is_some());
    let paragraph = |text: &str| sentences(text).filter(|each| !is_argument(each)).collect::<Vec<_>>().join(" ");
    docs.split("\n\n").map(paragraph).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// What stands behind "`argument` is", be it on the next line.
fn what_is_said_of<'a>(argument: &Argument, sentence: &'a str) -> Option<&'a str> {
    let said = sentence.strip_prefix(&format!("`{}` is", argument.name))?;
    said.starts_with([' ', '\n']).then_some(said.trim_start())
}

/// Each with its full stop.
fn sentences(docs: &str) -> impl Iterator<Item = &str> {
    docs.split_inclusive(". ").flat_map(|part| part.split_inclusive(".\n")).map(str::trim)
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + letters.as_str()
}

/// What a call returns is in the variant of `Answer` whose value has the method's return type.
pub fn answer(interface: &ComponentInterface, returns: Option<&Type>) -> Option<String> {
    let answers = interface.get_enum_definition(ANSWER)?;
    let variant = answers.variants().iter().find(|variant| match (variant.fields(), returns) {
        ([], None) => true,
        ([value], Some(returns)) => value.as_type() == *returns,
        _ => false,
    })?;
    Some(variant.name().to_owned())
}

/// `Pending` is no outcome: the facade waits such a call out, and its users never meet it.
pub fn is_outcome(error: &ErrorKind) -> bool {
    error.name != "Pending"
}

/// What is known of a call that was given up is more than its fields, and each language has it in its own way: the class of
/// this one error is written by hand.
pub fn is_interrupt(error: &ErrorKind) -> bool {
    error.name == "Interrupted"
}

/// An error's fields at the end have defaults where there is an obvious one, for whoever makes an error: one attempt,
/// nothing told.
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

/// How a language writes what has a word of its own in each.
pub struct Spelling {
    pub language: &'static str,
    pub none: &'static str,
    pub empty_list: &'static str,
}

impl Spelling {
    /// A default, as it stands behind its parameter.
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

/// A method that only asks for something begins with `get_` or `find_`.
pub fn only_reads(name: &str) -> bool {
    name.starts_with("get_") || name.starts_with("find_")
}

/// Java, which knows no names of arguments, has a builder for each record in which many fields may be left out.
pub fn has_builder(fields: &[Argument]) -> bool {
    fields.iter().filter(|field| field.default.is_some()).count() >= 4
}

/// A duration that callers give: of the records that they only get, no field has a default.
pub fn is_given_duration(default: Option<&DefaultValue>, ty: &Type) -> bool {
    default.is_some() && ty.iter_types().any(|each| matches!(each, Type::Duration))
}

/// The argument that may be given as a content, too.
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
