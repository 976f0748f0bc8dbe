//! Messages sent elsewhere and long ago, taken in with their own times.

use super::{INVALID, Outcome, Refusal, existing, given, some_payload, valid};
use crate::sandbox::{
    fields::{Fields, Unreadable},
    message::{Audience, Conversation, Draft, Payload, SINGLE},
    state::State,
};

/// All or none: one message that does not do refuses the rest.
pub(super) fn import(state: &mut State, fields: &Fields<'_>) -> Outcome {
    let messages = fields.objects("messages")?.unwrap_or_default();
    if messages.is_empty() {
        return Err(INVALID);
    }
    let read = messages.iter().map(Imported::read).collect::<Result<Vec<_>, Unreadable>>()?;
    let checked = read.into_iter().map(Imported::check).collect::<Result<Vec<_>, Refusal>>()?;
    for (timestamp, draft) in checked {
        state.meet([&draft.sender]);
        if draft.conversation.kind == SINGLE {
            state.meet([&draft.conversation.target]);
        }
        if let Audience::Conversation(receivers) = &draft.audience {
            state.meet(receivers);
        }
        state.import(timestamp, draft);
    }
    Ok(None)
}

struct Imported {
    sender: String,
    conversation: Option<Conversation>,
    payload: Option<Payload>,
    receivers: Vec<String>,
    timestamp: i64,
}

impl Imported {
    fn read(fields: &Fields<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            sender: fields.text("sender")?,
            conversation: fields.conversation("conversation")?,
            payload: fields.payload()?,
            receivers: fields.texts("receivers")?.unwrap_or_default(),
            timestamp: fields.long("timestamp")?,
        })
    }

    fn check(self) -> Result<(i64, Draft), Refusal> {
        if self.timestamp <= 0 {
            return Err(INVALID);
        }
        let draft = Draft {
            sender: given(self.sender)?,
            conversation: existing(valid(self.conversation)?)?,
            payload: some_payload(self.payload)?,
            audience: Audience::Conversation(self.receivers),
        };
        Ok((self.timestamp, draft))
    }
}
