//! Checks that endpoints and contents make on their arguments before anything is sent.

use crate::MessageError;

pub(crate) fn not_empty(argument: &str, text: &str) -> Result<(), MessageError> {
    if text.is_empty() { Err(MessageError::invalid(argument, "it is empty")) } else { Ok(()) }
}

/// A list of user ids that must contain at least one.
pub(crate) fn users(argument: &str, users: &[String]) -> Result<(), MessageError> {
    if users.is_empty() {
        return Err(MessageError::invalid(argument, "it names no user"));
    }
    no_empty_entry(argument, users)
}

/// A list of user ids that may be empty, but not hold an empty one.
pub(crate) fn no_empty_entry(argument: &str, users: &[String]) -> Result<(), MessageError> {
    match users.iter().position(String::is_empty) {
        Some(index) => Err(MessageError::invalid(format!("{argument}[{index}]"), "it is empty")),
        None => Ok(()),
    }
}

/// The operator and the message of an operation.
pub(crate) fn operation(operator: &str, uid: i64) -> Result<(), MessageError> {
    not_empty("operator", operator)?;
    message_uid(uid)
}

pub(crate) fn message_uid(message_uid: i64) -> Result<(), MessageError> {
    if message_uid > 0 {
        return Ok(());
    }
    Err(MessageError::invalid("message_uid", format!("{message_uid} is not a message id: it must be above 0")))
}

pub(crate) fn time(argument: &str, milliseconds: i64) -> Result<(), MessageError> {
    if milliseconds >= 0 {
        return Ok(());
    }
    Err(MessageError::invalid(
        argument,
        format!("{milliseconds} is before the epoch: it must be 0 or more milliseconds"),
    ))
}
