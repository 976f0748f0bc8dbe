//! As whom a client speaks to the server: where its endpoints lie, and the header that names it beside the signature.
//! Source: wire.md §8.

use hyper::header::{HeaderName, HeaderValue};

use crate::{MessageError, check};

/// As whom a client speaks.
pub(crate) struct Identity {
    /// What stands between the base URL and the endpoints' names; with a `/` at its end where there is anything.
    pub(super) root: &'static str,
    /// What names the sender; the server's own administrator has no name.
    pub(super) header: Option<(HeaderName, HeaderValue)>,
}

impl Identity {
    /// A client with the server's own secret.
    pub(crate) const fn admin() -> Self {
        Self { root: "admin/", header: None }
    }

    /// A robot.
    pub(crate) fn robot(robot_id: &str) -> Result<Self, MessageError> {
        Self::named("robot_id", HeaderName::from_static("rid"), robot_id)
    }

    /// A channel.
    pub(crate) fn channel(channel_id: &str) -> Result<Self, MessageError> {
        Self::named("channel_id", HeaderName::from_static("cid"), channel_id)
    }

    /// One whose endpoints have their whole path for a name.
    fn named(argument: &str, header: HeaderName, id: &str) -> Result<Self, MessageError> {
        check::not_empty(argument, id)?;
        // Blanks at the ends get lost on the way, and servers read other letters each in their own way: then it is another id.
        let is_plain = id.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') && id.trim() == id;
        let value = HeaderValue::from_str(id).ok().filter(|_| is_plain);
        let value = value.ok_or_else(|| {
            MessageError::invalid(
                argument,
                "it contains a character that an HTTP header cannot contain, or begins or ends with a space",
            )
        })?;
        Ok(Self { root: "", header: Some((header, value)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_no_header_can_hold_is_refused() {
        for id in ["", " r1", "r1 ", "r\n1", "r\r1", "机器人", "r\0"] {
            let refused = [(Identity::robot(id), "robot_id"), (Identity::channel(id), "channel_id")];
            for (outcome, name) in refused {
                match outcome {
                    Err(MessageError::InvalidArgument { argument, .. }) => assert_eq!(argument, name, "{id:?}"),
                    _ => panic!("{id:?} passed"),
                }
            }
        }
        assert!(Identity::robot("FireRobot").is_ok() && Identity::channel("a b_c.1").is_ok());
    }
}
