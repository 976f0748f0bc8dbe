//! How far a message has come, as it stands in the table. Four of the numbers are `Queued` for everybody but the workers.

use super::{OutboxError, OutboxState};

/// Somebody put it in by SQL, and no worker has looked at it yet: the column's default.
pub(super) const NEW: i64 = 0;
/// It waits for its time.
pub(super) const SCHEDULED: i64 = 1;
/// It may be sent.
pub(super) const READY: i64 = 2;
/// A worker has taken it to itself, and has not begun to send it.
pub(super) const CLAIMED: i64 = 3;
pub(super) const SENDING: i64 = 4;
pub(super) const SENT: i64 = 5;
pub(super) const CONFIRMED: i64 = 6;
pub(super) const LOST: i64 = 7;
pub(super) const FAILED: i64 = 8;
pub(super) const UNKNOWN: i64 = 9;
pub(super) const EXPIRED: i64 = 10;
pub(super) const CANCELLED: i64 = 11;

impl OutboxState {
    /// The numbers that it has in the table.
    pub(super) fn numbers(self) -> &'static [i64] {
        match self {
            Self::Queued => &[READY, CLAIMED, NEW, SCHEDULED],
            Self::Sending => &[SENDING],
            Self::Sent => &[SENT],
            Self::Confirmed => &[CONFIRMED],
            Self::Lost => &[LOST],
            Self::Failed => &[FAILED],
            Self::Unknown => &[UNKNOWN],
            Self::Expired => &[EXPIRED],
            Self::Cancelled => &[CANCELLED],
        }
    }

    pub(super) fn of(number: i64) -> Result<Self, OutboxError> {
        let found = Self::ALL.into_iter().find(|state| state.numbers().contains(&number));
        found.ok_or_else(|| OutboxError::StoreUnusable { reason: format!("an entry has the unknown state {number}") })
    }
}
