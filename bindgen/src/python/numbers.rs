//! `_numbers.py`: the number lists as `enum.IntEnum`, whose members are the integers that records carry.

use heck::ToShoutySnakeCase;

use super::{docstring, section};
use crate::metadata::{Number, NumberList};

/// `_numbers.py`.
pub fn numbers(lists: &[NumberList]) -> String {
    let names: String = lists.iter().map(|list| format!("    \"{}\",\n", list.name)).collect();
    let classes: String = lists.iter().map(class).collect();
    format!(
        r#""""Names for the known numbers of the open lists. Generated from the Rust enums of the same names."""

from __future__ import annotations

import enum

__all__ = [
{names}]
{classes}"#
    )
}

fn class(list: &NumberList) -> String {
    format!("\n\nclass {}(enum.IntEnum):\n{}", list.name, enum_body(&list.docs, &list.numbers))
}

/// The docstring and the members of an enum.
pub(super) fn enum_body(docs: &str, numbers: &[Number]) -> String {
    let member = |number: &Number| {
        format!("\n    {} = {}\n{}", member_name(number), number.value, docstring(&number.docs, "    "))
    };
    let members: String = numbers.iter().map(member).collect();
    docstring(&enum_docs(docs, numbers), "    ") + &members
}

/// An enum's docs with those of its members: `help()` shows no others.
pub(super) fn enum_docs(docs: &str, numbers: &[Number]) -> String {
    let meanings = numbers.iter().map(|number| (member_name(number), number.docs.clone()));
    format!("{docs}{}", section("Members", meanings))
}

fn member_name(number: &Number) -> String {
    number.name.to_shouty_snake_case()
}
