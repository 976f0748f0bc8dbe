//! Arguments and values: writes the JSON values of the examples in each language, by the types of the model.

use anyhow::{Context, Result, bail, ensure};
use heck::ToUpperCamelCase;
use serde_json::{Map, Value};
use uniffi_bindgen::{ComponentInterface, interface::Type};

use super::{Language, layout::Node};
use crate::api::{self, Argument, Call};

/// Stands in the examples for the id that a sending call has returned.
const MESSAGE_UID: &str = "$message_uid";

/// Records that Rust makes with a function, from the fields that they need.
const HAVE_NEW: [&str; 2] = ["RobotSendRequest", "SendRequest"];

/// The call of a client's method with the given arguments; all others have their defaults.
pub(super) fn call(
    interface: &ComponentInterface,
    receiver: &str,
    call: &Call,
    given: &Map<String, Value>,
    language: Language,
) -> Result<Node> {
    for name in given.keys() {
        ensure!(call.arguments.iter().any(|argument| argument.name == *name), "{} takes no {name}", call.name);
    }
    let writer = Writer { interface, language };
    let open = format!("{receiver}.{}(", language.identifier(&call.name));
    let items = match (&call.request, language) {
        (Some(request), Language::Rust) if HAVE_NEW.contains(&request.name.as_str()) => {
            let items = given_of(&call.arguments, given).map(|(argument, value)| match value {
                Value::String(text) => Ok(Node::Word(format!("{text:?}"))),
                other => writer.value(&argument.ty, other),
            });
            vec![Node::group(format!("{}::new(", request.name), items.collect::<Result<_>>()?, ")")]
        }
        (Some(request), Language::Rust) => vec![writer.record(&request.name, given)?],
        (_, Language::Java) => writer.all_up_to_the_last(&call.arguments, given)?,
        _ => writer.named(&call.arguments, given, language == Language::Swift)?,
    };
    Ok(Node::group(open, items, ")"))
}

fn given_of<'a>(
    arguments: &'a [Argument],
    given: &'a Map<String, Value>,
) -> impl Iterator<Item = (&'a Argument, &'a Value)> {
    arguments.iter().filter_map(|argument| Some((argument, given.get(&argument.name)?)))
}

struct Writer<'a> {
    interface: &'a ComponentInterface,
    language: Language,
}

impl Writer<'_> {
    /// The given arguments: either all with their names, or only those that have a default.
    fn named(&self, arguments: &[Argument], given: &Map<String, Value>, all: bool) -> Result<Vec<Node>> {
        let items = given_of(arguments, given).map(|(argument, value)| {
            let node = self.value(&argument.ty, value)?;
            let name = self.language.identifier(&argument.name);
            Ok(match self.language {
                _ if !all && argument.default.is_none() => node,
                Language::Python => node.behind(&format!("{name}=")),
                Language::Swift => node.behind(&format!("{name}: ")),
                _ => node.behind(&format!("{name} = ")),
            })
        });
        items.collect()
    }

    /// The arguments by position: all arguments in front of a given one must be written too.
    fn all_up_to_the_last(&self, arguments: &[Argument], given: &Map<String, Value>) -> Result<Vec<Node>> {
        let last = arguments.iter().rposition(|argument| given.contains_key(&argument.name)).map_or(0, |at| at + 1);
        arguments[..last].iter().map(|argument| self.given_or_default(argument, given)).collect()
    }

    fn given_or_default(&self, argument: &Argument, given: &Map<String, Value>) -> Result<Node> {
        let Some(value) = given.get(&argument.name) else {
            ensure!(argument.default.is_some(), "{} is wanting", argument.name);
            return self.default(argument);
        };
        self.value(&argument.ty, value)
    }

    fn default(&self, argument: &Argument) -> Result<Node> {
        let default = argument.default.as_ref().context("it has none")?;
        let truth = format!("{default:?}").contains("Boolean(true)");
        Ok(Node::Word(match (&argument.ty, self.language) {
            (Type::Optional { .. }, Language::Rust) => "None".into(),
            (Type::Optional { .. }, _) => "null".into(),
            (Type::Sequence { .. }, Language::Rust) => "vec![]".into(),
            (Type::Sequence { .. }, _) => "List.of()".into(),
            (Type::Boolean, _) => truth.to_string(),
            (Type::Int32 | Type::Int64, _) => "0".into(),
            (other, _) => bail!("the default of {other:?} is not known here"),
        }))
    }

    fn value(&self, ty: &Type, value: &Value) -> Result<Node> {
        use Language::{Java, Kotlin, Python, Rust, Swift};
        let language = self.language;
        if value == MESSAGE_UID {
            return Ok(Node::Word(language.identifier("message_uid")));
        }
        Ok(match (ty, value) {
            (Type::Optional { inner_type }, value) => match (self.value(inner_type, value)?, language) {
                (node, Rust) => Node::group("Some(", vec![node], ")"),
                (node, _) => node,
            },
            (Type::String, Value::String(text)) if language == Rust => Node::Word(format!("{text:?}.into()")),
            (Type::String, Value::String(text)) => Node::Word(format!("{text:?}")),
            (Type::Int64, Value::Number(number)) if language == Java => Node::Word(grouped(&number.to_string()) + "L"),
            (Type::Int32 | Type::Int64, Value::Number(number)) => Node::Word(grouped(&number.to_string())),
            (Type::Boolean, Value::Bool(true)) if language == Python => Node::Word("True".into()),
            (Type::Boolean, Value::Bool(false)) if language == Python => Node::Word("False".into()),
            (Type::Boolean, Value::Bool(truth)) => Node::Word(truth.to_string()),
            (Type::Sequence { inner_type }, Value::Array(items)) => {
                let items = items.iter().map(|item| self.value(inner_type, item)).collect::<Result<_>>()?;
                let (open, close) = match language {
                    Rust => ("vec![", "]"),
                    Python | Swift => ("[", "]"),
                    Kotlin => ("listOf(", ")"),
                    Java => ("List.of(", ")"),
                };
                Node::group(open, items, close)
            }
            (Type::Record { name, .. }, Value::Object(fields)) => match short_hand(name, fields) {
                Some((function, text)) => {
                    let open = match language {
                        Rust => format!("{name}::{function}("),
                        Python | Kotlin => format!("{name}.{function}("),
                        Java => format!("{}.{function}(", short_hands_of(name)),
                        Swift => format!(".{function}("),
                    };
                    Node::Word(format!("{open}{text:?})"))
                }
                None => self.record(name, fields)?,
            },
            (ty, value) => bail!("{value} is no {ty:?} that is known here"),
        })
    }

    /// A record with its fields.
    fn record(&self, name: &str, given: &Map<String, Value>) -> Result<Node> {
        let record =
            self.interface.get_record_definition(name).with_context(|| format!("there is no record {name}"))?;
        let fields = api::fields(record.fields());
        for key in given.keys() {
            ensure!(fields.iter().any(|field| field.name == *key), "{name} has no {key}");
        }
        let open = format!("{}(", name.to_upper_camel_case());
        Ok(match self.language {
            Language::Rust => {
                let items = fields.iter().map(|field| {
                    let node = self.given_or_default(field, given)?;
                    Ok(match node {
                        Node::Word(word) if word == field.name => Node::Word(word),
                        node => node.behind(&format!("{}: ", field.name)),
                    })
                });
                let items = items.collect::<Result<_>>()?;
                Node::Group { open: format!("{name} {{"), items, close: "}", is_padded: true }
            }
            Language::Java => {
                let items = fields.iter().map(|field| self.given_or_default(field, given)).collect::<Result<_>>()?;
                Node::group(format!("new {open}"), items, ")")
            }
            _ => Node::group(open, self.named(&fields, given, true)?, ")"),
        })
    }
}

/// `{"group": "g1"}` calls the function `group` instead of naming the fields of the record.
fn short_hand<'a>(record: &str, fields: &'a Map<String, Value>) -> Option<(&'a str, &'a str)> {
    let mut fields_left = fields.iter();
    let (function, value) = fields_left.next()?;
    let is_known = match record {
        "Conversation" => ["single", "group", "chatroom", "channel"].contains(&function.as_str()),
        "MessagePayload" => function == "text",
        _ => false,
    };
    (is_known && fields_left.next().is_none()).then_some((function.as_str(), value.as_str()?))
}

/// The class in which Java finds these functions as static methods.
fn short_hands_of(record: &str) -> &'static str {
    if record == "Conversation" { "Conversations" } else { "Payloads" }
}

/// A number with its digits in groups of three.
fn grouped(digits: &str) -> String {
    let first = digits.len() % 3;
    let (head, tail) = digits.split_at(if first == 0 { digits.len().min(3) } else { first });
    let mut text = head.to_owned();
    for (at, digit) in tail.chars().enumerate() {
        if at % 3 == 0 {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_threes() {
        assert_eq!(["7", "123", "1795300000000", "100000"].map(grouped), ["7", "123", "1_795_300_000_000", "100_000"]);
    }
}
