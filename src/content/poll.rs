//! Polls and their results: types 18 and 19.

use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MessageError, MessagePayload, check};

/// What the searchable text of a result begins with.
const RESULT: &str = "投票结果: ";

/// A poll in which users vote. The service for polls creates its id, keeps its options and counts the votes; the
/// message shows them. Type 18.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
pub struct PollContent {
    /// The question.
    pub title: String,
    /// The id of the poll, as the service for polls created it; not empty.
    #[uniffi(default)]
    pub poll_id: String,
    /// Id of the group that the poll is for.
    #[uniffi(default)]
    pub group_id: String,
    /// Id of the user who began it.
    #[uniffi(default)]
    pub creator_id: String,
    /// The question in more words.
    #[uniffi(default)]
    pub desc: String,
    /// Who may see the poll: 1 the group, 2 everyone.
    #[uniffi(default = 1)]
    pub visibility: i32,
    /// How many options a user may choose: 1 only one, 2 several.
    #[uniffi(default = 1)]
    pub kind: i32,
    /// Whether the votes are anonymous.
    #[uniffi(default)]
    pub anonymous: bool,
    /// Whether users may still vote: 0 the poll is open, 1 it is closed.
    #[uniffi(default)]
    pub status: i32,
    /// When the poll ends, in milliseconds since the epoch; 0 for never.
    #[uniffi(default)]
    pub end_time: i64,
    /// The number of votes up to now.
    #[uniffi(default)]
    pub total_votes: i32,
}

/// The result of a poll. Type 19.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct PollResultContent {
    /// The question.
    pub title: String,
    /// The id of the poll, as the service for polls created it; not empty.
    #[uniffi(default)]
    pub poll_id: String,
    /// Id of the group that the poll was for.
    #[uniffi(default)]
    pub group_id: String,
    /// Id of the user who began it.
    #[uniffi(default)]
    pub creator_id: String,
    /// The number of votes.
    #[uniffi(default)]
    pub total_votes: i32,
    /// The number of users who voted.
    #[uniffi(default)]
    pub voter_count: i32,
    /// Ids of the options with the most votes; more than one if they have the same number of votes.
    #[uniffi(default)]
    pub winning_option_ids: Vec<String>,
    /// The texts of these options, in the same order.
    #[uniffi(default)]
    pub winning_option_texts: Vec<String>,
    /// When the poll ended, in milliseconds since the epoch.
    #[uniffi(default)]
    pub ended_at: i64,
    /// The status of the poll, as a number of the service for polls; none if it is not given.
    #[uniffi(default)]
    pub status: Option<i32>,
    /// The votes for each option; empty if they are not given.
    #[uniffi(default)]
    pub results: Vec<PollOptionResult>,
}

/// The votes for an option of a poll.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct PollOptionResult {
    /// The option's id.
    pub option_id: String,
    /// The text of the option.
    #[uniffi(default)]
    pub option_text: String,
    /// The number of votes for the option.
    #[uniffi(default)]
    pub vote_count: i32,
}

impl Default for PollContent {
    fn default() -> Self {
        Self {
            title: String::new(),
            poll_id: String::new(),
            group_id: String::new(),
            creator_id: String::new(),
            desc: String::new(),
            visibility: 1,
            kind: 1,
            anonymous: false,
            status: 0,
            end_time: 0,
            total_votes: 0,
        }
    }
}

#[uniffi::export]
impl PollContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no poll id, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Data<'a> {
            poll_id: &'a str,
            group_id: &'a str,
            creator_id: &'a str,
            title: &'a str,
            desc: &'a str,
            visibility: i32,
            r#type: i32,
            anonymous: i32,
            status: i32,
            end_time: i64,
            total_votes: i32,
        }
        check::not_empty("poll_id", &self.poll_id)?;
        let data = Data {
            poll_id: &self.poll_id,
            group_id: &self.group_id,
            creator_id: &self.creator_id,
            title: &self.title,
            desc: &self.desc,
            visibility: self.visibility,
            r#type: self.kind,
            anonymous: self.anonymous.into(),
            status: self.status,
            end_time: self.end_time,
            total_votes: self.total_votes,
        };
        let payload = MessagePayload {
            searchable_content: self.title.clone(),
            data: json::bytes(&data),
            ..layout::blank(ContentType::Poll)
        };
        layout::finish(payload, extras)
    }
}

impl PollContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let mut data = Fields::read(&payload.data);
        Self {
            title: layout::title(payload.searchable_content, &mut data),
            poll_id: data.text("pollId"),
            group_id: data.text("groupId"),
            creator_id: data.text("creatorId"),
            desc: data.text("desc"),
            visibility: data.int("visibility").unwrap_or_default(),
            kind: data.int("type").unwrap_or_default(),
            anonymous: data.int("anonymous").unwrap_or_default() != 0,
            status: data.int("status").unwrap_or_default(),
            end_time: data.long("endTime"),
            total_votes: data.int("totalVotes").unwrap_or_default(),
        }
    }
}

#[uniffi::export]
impl PollResultContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no poll id, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Data<'a> {
            poll_id: &'a str,
            group_id: &'a str,
            creator_id: &'a str,
            title: &'a str,
            total_votes: i32,
            voter_count: i32,
            winning_option_ids: &'a [String],
            winning_option_texts: &'a [String],
            ended_at: i64,
            #[serde(skip_serializing_if = "Option::is_none")]
            status: Option<i32>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            results: Vec<Row<'a>>,
        }
        check::not_empty("poll_id", &self.poll_id)?;
        let data = Data {
            poll_id: &self.poll_id,
            group_id: &self.group_id,
            creator_id: &self.creator_id,
            title: &self.title,
            total_votes: self.total_votes,
            voter_count: self.voter_count,
            winning_option_ids: &self.winning_option_ids,
            winning_option_texts: &self.winning_option_texts,
            ended_at: self.ended_at,
            status: self.status,
            results: self.results.iter().map(Row::of).collect(),
        };
        let payload = MessagePayload {
            searchable_content: format!("{RESULT}{}", self.title),
            data: json::bytes(&data),
            ..layout::blank(ContentType::PollResult)
        };
        layout::finish(payload, extras)
    }
}

impl PollResultContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let mut data = Fields::read(&payload.data);
        let shown = payload.searchable_content;
        let title = shown.strip_prefix(RESULT).map(str::to_owned).unwrap_or(shown);
        Self {
            title: layout::title(title, &mut data),
            poll_id: data.text("pollId"),
            group_id: data.text("groupId"),
            creator_id: data.text("creatorId"),
            total_votes: data.int("totalVotes").unwrap_or_default(),
            voter_count: data.int("voterCount").unwrap_or_default(),
            winning_option_ids: data.texts("winningOptionIds"),
            winning_option_texts: data.texts("winningOptionTexts"),
            ended_at: data.long("endedAt"),
            status: data.int("status"),
            results: data.objects("results").unwrap_or_default().into_iter().map(PollOptionResult::read).collect(),
        }
    }
}

/// An option as it stands in the JSON of a result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    option_id: &'a str,
    option_text: &'a str,
    vote_count: i32,
}

impl<'a> Row<'a> {
    fn of(PollOptionResult { option_id, option_text, vote_count }: &'a PollOptionResult) -> Self {
        Self { option_id, option_text, vote_count: *vote_count }
    }
}

impl PollOptionResult {
    fn read(mut row: Fields) -> Self {
        Self {
            option_id: row.text("optionId"),
            option_text: row.text("optionText"),
            vote_count: row.int("voteCount").unwrap_or_default(),
        }
    }
}
