//! Rust's types and default values, in Python's words (3.9 and later).

use anyhow::{Result, bail};
use uniffi_bindgen::interface::{DefaultValue, Literal, Type};

/// The annotation for a type.
pub(super) fn annotation(ty: &Type) -> String {
    match ty {
        Type::UInt8 | Type::Int8 | Type::UInt16 | Type::Int16 => "int".into(),
        Type::UInt32 | Type::Int32 | Type::UInt64 | Type::Int64 => "int".into(),
        Type::Float32 | Type::Float64 => "float".into(),
        Type::Boolean => "bool".into(),
        Type::String => "str".into(),
        Type::Bytes => "bytes".into(),
        Type::Timestamp => "datetime.datetime".into(),
        Type::Duration => "datetime.timedelta".into(),
        Type::Object { name, .. }
        | Type::Record { name, .. }
        | Type::Enum { name, .. }
        | Type::CallbackInterface { name, .. } => name.clone(),
        Type::Box { inner_type } => annotation(inner_type),
        Type::Optional { inner_type } => format!("Optional[{}]", annotation(inner_type)),
        Type::Sequence { inner_type } => format!("list[{}]", annotation(inner_type)),
        Type::Set { inner_type } => format!("set[{}]", annotation(inner_type)),
        Type::Map { key_type, value_type } => format!("dict[{}, {}]", annotation(key_type), annotation(value_type)),
        Type::Custom { builtin, .. } => annotation(builtin),
    }
}

/// A default value, told apart by whether two records may share it.
pub(super) enum Default {
    /// The expression for a value that cannot be changed.
    Shared(String),
    /// The expression that makes a new value for each record.
    Made(String),
}

/// The default of a field or argument of a type.
pub(super) fn default(default: &DefaultValue, ty: &Type) -> Result<Default> {
    match default {
        DefaultValue::Default => type_default(ty),
        DefaultValue::Literal(literal) => literal_default(literal, ty),
    }
}

fn type_default(ty: &Type) -> Result<Default> {
    Ok(match ty {
        Type::UInt8 | Type::Int8 | Type::UInt16 | Type::Int16 => shared("0"),
        Type::UInt32 | Type::Int32 | Type::UInt64 | Type::Int64 => shared("0"),
        Type::Float32 | Type::Float64 => shared("0.0"),
        Type::Boolean => shared("False"),
        Type::String => shared("\"\""),
        Type::Bytes => shared("b\"\""),
        Type::Duration => shared("datetime.timedelta(0)"),
        Type::Optional { .. } => shared("None"),
        Type::Sequence { .. } => made("list"),
        Type::Set { .. } => made("set"),
        Type::Map { .. } => made("dict"),
        // The class may be defined further down: it is looked up only when it is needed.
        Type::Record { name, .. } => made(&format!("lambda: {name}()")),
        Type::Box { inner_type } => type_default(inner_type)?,
        Type::Custom { builtin, .. } => type_default(builtin)?,
        other => bail!("{other:?} has no default in Python"),
    })
}

fn literal_default(literal: &Literal, ty: &Type) -> Result<Default> {
    Ok(match literal {
        Literal::Boolean(true) => shared("True"),
        Literal::Boolean(false) => shared("False"),
        Literal::String(text) => shared(&format!("{text:?}")),
        Literal::UInt(value, ..) => shared(&value.to_string()),
        Literal::Int(value, ..) => shared(&value.to_string()),
        Literal::Float(text, ..) => shared(text),
        Literal::None => shared("None"),
        Literal::EmptySequence => made("list"),
        Literal::EmptySet => made("set"),
        Literal::EmptyMap => made("dict"),
        Literal::Some { inner } => match ty {
            Type::Optional { inner_type } => default(inner, inner_type)?,
            other => bail!("Some(…) is the default of {other:?}, which is not optional"),
        },
        Literal::Enum(..) => bail!("an enum's value cannot be a default: uniffi's macros do not offer it"),
    })
}

fn shared(expression: &str) -> Default {
    Default::Shared(expression.into())
}

fn made(maker: &str) -> Default {
    Default::Made(maker.into())
}
