//! Kotlin: the number lists as constants, which Java sees as `static final int`, and the wrappers as extensions,
//! which Java sees as static methods of `Contents`.

use anyhow::{Result, bail};
use heck::{ToLowerCamelCase, ToShoutySnakeCase};
use uniffi_bindgen::interface::{Argument, Type};

use crate::{
    docs,
    metadata::NumberList,
    wrappers::{Wrapper, contents},
};

/// `Numbers.kt`.
pub fn numbers(lists: &[NumberList], package: &str) -> String {
    let objects: String = lists.iter().map(object).collect();
    format!("// Generated from the Rust enums of the same names. Do not edit.\n\npackage {package}\n{objects}")
}

fn object(list: &NumberList) -> String {
    let constants: Vec<String> = list
        .numbers
        .iter()
        .map(|number| {
            let name = number.name.to_shouty_snake_case();
            format!("{}    const val {name}: Int = {}\n", comment(&number.docs, "    "), number.value)
        })
        .collect();
    format!("\n{}object {} {{\n{}}}\n", comment(&list.docs, ""), list.name, constants.join("\n"))
}

/// `Contents.kt`: the wrappers, and the sending methods for each content.
pub fn wrappers(wrappers: &[Wrapper], package: &str) -> Result<String> {
    let functions: String = wrappers.iter().map(wrapper).collect::<Result<_>>()?;
    let sending: String = contents(wrappers).into_iter().map(sending).collect();
    Ok(format!(
        "// Generated from the Rust functions and methods of the same names. Do not edit.\n\n\
         @file:JvmName(\"Contents\")\n\npackage {package}\n{functions}{sending}"
    ))
}

fn wrapper(wrapper: &Wrapper) -> Result<String> {
    let (name, native) = (wrapper.name.to_lower_camel_case(), wrapper.native_name().to_lower_camel_case());
    let parameters: Vec<String> = wrapper.arguments.iter().map(parameter).collect::<Result<_>>()?;
    let names: Vec<String> = wrapper.arguments.iter().map(|argument| argument.name().to_lower_camel_case()).collect();
    let (parameters, passed) = (parameters.join(", "), names.join(", "));
    let returns = wrapper.returns.as_ref().map_or(Ok("Unit".into()), type_name)?;
    let overloads =
        if wrapper.arguments.iter().any(|each| each.default_value().is_some()) { "@JvmOverloads\n" } else { "" };
    let (receiver, looked_at) = match &wrapper.owner {
        Some(owner) => (format!("{owner}."), "this".to_owned()),
        None => {
            let pairs: Vec<String> = names.iter().map(|name| format!("\"{name}\" to {name}")).collect();
            (String::new(), format!("mapOf({})", pairs.join(", ")))
        }
    };
    let docs = comment(&wrapper.docs, "");
    Ok(format!(
        "\n{docs}{overloads}fun {receiver}{name}({parameters}): {returns} =\n    crossing({looked_at}) {{ {native}({passed}) }}\n"
    ))
}

/// The methods of `MessageClient` that take a payload, taking a content.
fn sending(content: &str) -> String {
    const METHODS: [(&str, &str, &str, &str); 4] = [
        (
            "sendMessage",
            "sender: String, conversation: Conversation, content: {}, toUsers: List<String> = emptyList(), isUserMessage: Boolean = false",
            "SentMessage",
            "sender, conversation, content.toPayload(extras), toUsers, isUserMessage",
        ),
        (
            "updateMessage",
            "messageUid: Long, content: {}, distribute: Boolean = true, operator: String? = null",
            "Unit",
            "messageUid, content.toPayload(extras), distribute, operator",
        ),
        (
            "multicastMessage",
            "sender: String, targets: List<String>, content: {}, line: Int = 0",
            "SentMessage",
            "sender, targets, content.toPayload(extras), line",
        ),
        (
            "broadcastMessage",
            "sender: String, content: {}, line: Int = 0",
            "BroadcastMessage",
            "sender, content.toPayload(extras), line",
        ),
    ];
    let method = |(name, parameters, returns, passed): (&str, &str, &str, &str)| {
        let parameters = parameters.replace("{}", content);
        format!(
            "\n/** [MessageClient.{name}] with a [{content}]; [extras] is what any content may carry besides. */\n\
             @JvmOverloads\nfun MessageClient.{name}({parameters}, extras: ContentExtras? = null): {returns} =\n    {name}({passed})\n"
        )
    };
    METHODS.into_iter().map(method).collect()
}

fn parameter(argument: &Argument) -> Result<String> {
    use uniffi_bindgen::interface::AsType;

    let ty = argument.as_type();
    let default = match (&ty, argument.default_value()) {
        (_, None) => "",
        (Type::Optional { .. }, Some(_)) => " = null",
        (other, Some(default)) => bail!("{default:?} is a default of {other:?} that Kotlin's wrappers do not know"),
    };
    Ok(format!("{}: {}{default}", argument.name().to_lower_camel_case(), type_name(&ty)?))
}

fn type_name(ty: &Type) -> Result<String> {
    Ok(match ty {
        Type::Int32 => "Int".into(),
        Type::Int64 => "Long".into(),
        Type::Boolean => "Boolean".into(),
        Type::String => "String".into(),
        Type::Bytes => "ByteArray".into(),
        Type::Record { name, .. } | Type::Enum { name, .. } => name.clone(),
        Type::Optional { inner_type } => format!("{}?", type_name(inner_type)?),
        Type::Sequence { inner_type } => format!("List<{}>", type_name(inner_type)?),
        other => bail!("{other:?} is a type that Kotlin's wrappers do not know"),
    })
}

fn comment(text: &str, indent: &str) -> String {
    // Kotlin's comments nest, so that both ends of one would break it.
    let text = docs::without_links(text).replace("*/", "* /").replace("/*", "/ *");
    match text.lines().count() {
        0 => String::new(),
        1 => format!("{indent}/** {text} */\n"),
        _ => {
            let lines: String =
                text.lines().map(|line| format!("{indent} * {line}").trim_end().to_owned() + "\n").collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}
