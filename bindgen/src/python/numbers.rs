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
    let meanings = list.numbers.iter().map(|number| (member_name(number), number.docs.clone()));
    let docs = docstring(&format!("{}{}", list.docs, section("Members", meanings)), "    ");
    let members: String = list
        .numbers
        .iter()
        .map(|number| format!("\n    {} = {}\n{}", member_name(number), number.value, docstring(&number.docs, "    ")))
        .collect();
    format!("\n\nclass {}(enum.IntEnum):\n{docs}{members}", list.name)
}

fn member_name(number: &Number) -> String {
    number.name.to_shouty_snake_case()
}
