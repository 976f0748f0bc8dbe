//! Mentions: the name in front of a text, and the id beside it, together.

use super::{ContentExtras, TextContent};
use crate::{MentionedType, MessageError, MessagePayload, check};

/// Somebody whom a text mentions: a user, or everyone in the conversation.
///
/// What counts is the id: it decides who is notified, whatever the name is by now. The name is only what the text shows, as it was
/// when the text was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct Mention {
    /// Id of the user who is mentioned; empty where everyone is.
    #[uniffi(default)]
    pub user_id: String,
    /// What the text shows behind the `@`. Without a name nothing is put into the text.
    #[uniffi(default)]
    pub name: String,
    /// Whether everyone in the conversation is mentioned.
    #[uniffi(default)]
    pub is_everyone: bool,
}

impl Mention {
    /// Mentions a user, whom the text shows by this name.
    pub fn user(user_id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { user_id: user_id.into(), name: name.into(), is_everyone: false }
    }

    /// Mentions everyone, which the text shows by this name.
    pub fn everyone(name: impl Into<String>) -> Self {
        Self { user_id: String::new(), name: name.into(), is_everyone: true }
    }
}

impl TextContent {
    /// A text that mentions users: the payload to send. It is [`with_mentions`](Self::with_mentions) of a text that quotes
    /// nothing.
    ///
    /// ```
    /// use wildfirechat_message::{Mention, TextContent};
    ///
    /// # fn main() -> Result<(), wildfirechat_message::MessageError> {
    /// let payload = TextContent::mentioning(vec![Mention::user("ann", "Ann")], "the build is green")?;
    /// assert_eq!(payload.searchable_content, "@Ann the build is green");
    /// assert_eq!(payload.mentioned_targets, ["ann"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn mentioning(users: Vec<Mention>, text: impl Into<String>) -> Result<MessagePayload, MessageError> {
        Self::new(text).with_mentions(users, None)
    }
}

#[uniffi::export]
impl TextContent {
    /// The payload of this text with mentions: it notifies who is mentioned, and shows the names in front of the text,
    /// `@Ann @Bob the build is green`. A name that the text has already behind an `@` is not put in front again.
    ///
    /// With everyone among them, everyone is notified. Fails with `InvalidArgument` when there is no text, somebody has no
    /// id, or the payload passes 50 KB.
    #[uniffi::method(name = "native_with_mentions", default(extras))]
    pub fn with_mentions(
        &self,
        users: Vec<Mention>,
        extras: Option<ContentExtras>,
    ) -> Result<MessagePayload, MessageError> {
        if self.text.is_empty() {
            return self.to_payload(extras);
        }
        check_each("users", &users)?;
        let text = named(&users, &self.text);
        let extras = mentioned(&users, extras.unwrap_or_default());
        Self { text, quote: self.quote.clone() }.to_payload(Some(extras))
    }
}

/// Each mentions one user, or everyone.
pub(crate) fn check_each(argument: &str, users: &[Mention]) -> Result<(), MessageError> {
    for (at, mention) in users.iter().enumerate() {
        let place = format!("{argument}[{at}]");
        match (mention.is_everyone, mention.user_id.is_empty()) {
            (true, false) => return Err(MessageError::invalid(place, "it mentions a user, and everyone")),
            (false, _) => check::not_empty(&format!("{place}.user_id"), &mention.user_id)?,
            (true, true) => {}
        }
    }
    Ok(())
}

/// The text with the names in front that it lacks, one for each who is mentioned.
fn named(users: &[Mention], text: &str) -> String {
    let lacks = |at: usize, mention: &Mention| {
        let is_again =
            users[..at].iter().any(|each| (&each.user_id, each.is_everyone) == (&mention.user_id, mention.is_everyone));
        !mention.name.is_empty() && !is_again && !shows(text, &mention.name)
    };
    let lacking = users.iter().enumerate().filter(|(at, mention)| lacks(*at, mention));
    lacking.map(|(_, mention)| format!("@{} ", mention.name)).collect::<String>() + text
}

/// Whether a text has a name behind an `@`, and not only the beginning of a longer word.
fn shows(text: &str, name: &str) -> bool {
    let marked = format!("@{name}");
    text.match_indices(&marked).any(|(at, _)| {
        let next = text[at + marked.len()..].chars().next();
        !next.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    })
}

/// What goes beside the text: who is notified, each once.
fn mentioned(users: &[Mention], mut extras: ContentExtras) -> ContentExtras {
    if users.iter().any(|mention| mention.is_everyone) {
        extras.mentioned_type = MentionedType::Everyone as i32;
        extras.mentioned_targets = Vec::new();
    } else if !users.is_empty() {
        extras.mentioned_type = MentionedType::Targets as i32;
        for mention in users {
            if !extras.mentioned_targets.contains(&mention.user_id) {
                extras.mentioned_targets.push(mention.user_id.clone());
            }
        }
    }
    extras
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> Mention {
        Mention::user("ann", "Ann")
    }

    #[test]
    fn names_of_mentioned_users_stand_before_the_text_and_their_ids_in_the_list() {
        let bob = Mention::user("bob", "Bob B.");
        for (users, text, shown, kind, ids) in [
            (vec![], "hi", "hi", 0, vec![]),
            (vec![ann()], "hi", "@Ann hi", 1, vec!["ann"]),
            (vec![ann(), bob.clone()], "hi", "@Ann @Bob B. hi", 1, vec!["ann", "bob"]),
            (vec![ann(), ann()], "hi", "@Ann hi", 1, vec!["ann"]),
            (vec![Mention::user("ann", "")], "hi", "hi", 1, vec!["ann"]),
            (vec![ann()], "hi @Ann!", "hi @Ann!", 1, vec!["ann"]),
            (vec![ann()], "hi @Anna", "@Ann hi @Anna", 1, vec!["ann"]),
            (vec![ann()], "hi @Ann_1 and @Ann", "hi @Ann_1 and @Ann", 1, vec!["ann"]),
            (vec![Mention::user("li", "李四")], "你好", "@李四 你好", 1, vec!["li"]),
            (vec![Mention::everyone("所有人")], "hi", "@所有人 hi", 2, vec![]),
            (vec![bob, Mention::everyone("")], "hi", "@Bob B. hi", 2, vec![]),
        ] {
            let payload = TextContent::mentioning(users, text).unwrap();
            assert_eq!(payload.searchable_content, shown);
            assert_eq!(payload.mentioned_type, kind, "{shown}");
            assert_eq!(payload.mentioned_targets, ids, "{shown}");
        }
    }

    #[test]
    fn two_users_of_one_name_are_both_shown() {
        let users = vec![ann(), Mention::user("ann2", "Ann")];
        let payload = TextContent::mentioning(users, "hi").unwrap();
        assert_eq!((payload.searchable_content.as_str(), payload.mentioned_targets.len()), ("@Ann @Ann hi", 2));
    }

    #[test]
    fn the_extras_and_the_quote_of_a_text_with_mentions_stay() {
        let extras = ContentExtras {
            push_content: "psst".into(),
            mentioned_targets: vec!["li".into()],
            ..ContentExtras::default()
        };
        let quote = crate::Quote { message_uid: 7, ..crate::Quote::default() };
        let text = TextContent { text: "hi".into(), quote: Some(quote) };
        let payload = text.with_mentions(vec![ann()], Some(extras)).unwrap();
        assert_eq!((payload.push_content.as_str(), payload.mentioned_targets.len()), ("psst", 2));
        assert!(!payload.data.is_empty(), "the quote is lost");
    }

    #[test]
    fn who_is_nobody_is_refused() {
        let both = Mention { is_everyone: true, ..ann() };
        for (mention, argument) in [(Mention::default(), "users[1].user_id"), (both, "users[1]")] {
            match TextContent::mentioning(vec![ann(), mention], "hi") {
                Err(MessageError::InvalidArgument { argument: named, .. }) => assert_eq!(named, argument),
                other => panic!("{other:?}"),
            }
        }
        assert!(TextContent::mentioning(vec![ann()], "").is_err());
    }
}
