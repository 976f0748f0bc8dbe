//! What a worker takes to itself: entries that may be sent, in their order, and those that others held and left.
//!
//! Only one worker does this at a time. That keeps the order: who sees the first of a conversation with somebody else leaves
//! the rest of it alone.

use std::{collections::HashSet, sync::Arc};

use super::{
    OutboxError, OutboxRequest,
    database::{Connection, Kind, Record, Value},
    journal::{list, update_from},
    state::{CLAIMED, EXPIRED, FAILED, NEW, READY, SCHEDULED, SENDING, SENT, UNKNOWN},
};
use crate::endpoints::Rules;

/// An entry that this worker holds.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) id: i64,
    pub(super) endpoint: String,
    pub(super) request: String,
    pub(super) resend_unknown: bool,
}

/// A message that is to be looked up.
#[derive(Debug)]
pub(super) struct ToLookUp {
    pub(super) id: i64,
    pub(super) message_uid: i64,
    pub(super) resend_lost: bool,
}

/// How much is wanted.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) entries: usize,
    pub(super) look_ups: usize,
    /// Whether those of one conversation go one after the other, over all workers.
    pub(super) in_order: bool,
    /// Whether a worker may have left something behind that nobody has looked for yet.
    pub(super) is_first: bool,
    pub(super) rules: Rules,
    /// The robot whose entries are wanted; empty for those of users.
    pub(super) robot: Arc<str>,
}

impl Wish {
    /// The value for `robot = ?`.
    fn robot(&self) -> Vec<Value> {
        vec![self.robot.to_string().into()]
    }
}

/// What there was.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pub(super) entries: Vec<Claimed>,
    pub(super) look_ups: Vec<ToLookUp>,
    /// Whether anything is due that has no outcome, with whomever it is.
    pub(super) is_open: bool,
}

/// So many rows that people put in are looked at in one go, and so many whose time has come.
const AT_ONCE: usize = 500;
/// So far it is looked for entries behind those of conversations that others hold.
const WINDOW: usize = 4_096;
/// Retries and look-ups that are due within this time are waited for.
const SOON_MS: i64 = 61_000;
/// Who looks a message up has so long for it, before somebody else does.
const LOOKING_UP_MS: i64 = 60_000;

/// Takes what is wanted, as far as there is any.
pub(super) async fn claim(connection: &mut Connection, me: i64, wish: &Wish) -> Result<Claims, OutboxError> {
    connection.begin().await?;
    let outcome = claim_all(connection, me, wish).await;
    connection.end(outcome).await
}

async fn claim_all(connection: &mut Connection, me: i64, wish: &Wish) -> Result<Claims, OutboxError> {
    if connection.kind != Kind::Sqlite {
        // One after the other.
        connection.rows("SELECT value FROM wildfirechat_outbox_info WHERE name = 'claims' FOR UPDATE").await?;
    }
    take_over(connection, wish.is_first).await?;
    wake(connection).await?;
    let is_all = admit(connection, wish).await?;
    let ids = choose(connection, me, wish, is_all).await?;
    let entries = take(connection, me, &ids).await?;
    let look_ups = look_ups(connection, wish.look_ups).await?;
    let is_open = !entries.is_empty() || !look_ups.is_empty() || is_open(connection, wish).await?;
    Ok(Claims { entries, look_ups, is_open })
}

/// What workers held whose lease has run out: what they had begun is unknown, the rest is queued.
async fn take_over(connection: &mut Connection, is_first: bool) -> Result<(), OutboxError> {
    let now = connection.kind.now();
    let gone = connection.run(format!("DELETE FROM wildfirechat_outbox_workers WHERE lease_until <= {now}")).await?;
    if gone == 0 && !is_first {
        return Ok(());
    }
    const LEFT: &str = "the worker that sent the message ended, or lost its lease, before it wrote the outcome; the \
                        server may have executed the request";
    let nobodys = "worker NOT IN (SELECT id FROM wildfirechat_outbox_workers)";
    for (from, set, only) in [
        (CLAIMED, format!("state = {READY}, worker = 0"), ""),
        (
            SENDING,
            format!("state = {UNKNOWN}, finished_at = {now}, wake_at = NULL, error = '{LEFT}', error_code = NULL"),
            " AND on_unknown = 0",
        ),
        // The worker's number stays: should it live, its outcome is still welcome.
        (SENDING, format!("state = {SCHEDULED}, wake_at = {now}, error = '{LEFT}'"), " AND on_unknown <> 0"),
    ] {
        let update = format!("UPDATE wildfirechat_outbox SET {set} WHERE state = {from} AND {nobodys}{only}");
        connection.run(update).await?;
    }
    Ok(())
}

/// Entries whose time has come, or is over.
///
/// With the sign in front of `state`, here and below, SQLite does not take the index that begins with the state: it does not
/// know that millions of entries may have the same one, and would go through all of them.
async fn wake(connection: &mut Connection) -> Result<(), OutboxError> {
    let now = connection.kind.now();
    let due = connection
        .rows(format!(
            "SELECT id FROM wildfirechat_outbox WHERE wake_at <= {now} AND +state IN ({SCHEDULED}, {READY}) \
             ORDER BY wake_at LIMIT {AT_ONCE}"
        ))
        .await?;
    if due.is_empty() {
        return Ok(());
    }
    let due = list(&numbers(&due)?);
    for (set, only) in [
        (
            format!("state = {EXPIRED}, finished_at = {now}, wake_at = NULL, worker = 0"),
            format!("+state IN ({SCHEDULED}, {READY}) AND expires_at <= {now}"),
        ),
        (format!("state = {READY}, wake_at = expires_at"), format!("+state = {SCHEDULED}")),
    ] {
        connection.run(format!("UPDATE wildfirechat_outbox SET {set} WHERE id IN ({due}) AND {only}")).await?;
    }
    Ok(())
}

/// Looks at what people put in: which conversation it belongs to, when it is due, whether it can be sent at all. Tells
/// whether that was all there is.
async fn admit(connection: &mut Connection, wish: &Wish) -> Result<bool, OutboxError> {
    let (kind, now) = (connection.kind, connection.kind.now());
    let select = format!(
        "SELECT id, endpoint, request, not_before, expires_at, {now} FROM wildfirechat_outbox WHERE state = {NEW} \
         AND robot = ? ORDER BY priority DESC, id LIMIT {AT_ONCE}{}",
        kind.skip_locked()
    );
    let rows = connection.rows_with(&select, wish.robot()).await?;
    let mut good = Vec::new();
    for row in &rows {
        let id = row.number(0)?;
        let (endpoint, request) = (row.text(1)?.unwrap_or_default(), row.text(2)?.unwrap_or_default());
        let (not_before, expires_at, now) = (row.maybe_number(3)?, row.maybe_number(4)?, row.number(5)?);
        let read = OutboxRequest::read(&endpoint, &request);
        match read.and_then(|request| request.checked(&wish.robot, &wish.rules)) {
            Ok(request) => {
                let (state, wake_at) = first_state(not_before, expires_at, now);
                let can_be_looked_up = request.is_kept() && wish.robot.is_empty();
                good.push(vec![id, request.lane(), i64::from(can_be_looked_up), state, wake_at.unwrap_or(0)]);
            }
            Err(error) => {
                let sql = format!(
                    "UPDATE wildfirechat_outbox SET state = {FAILED}, finished_at = {}, error = ? WHERE id = {id}",
                    kind.now()
                );
                connection.run_with(&sql, vec![error.to_string().into()]).await?;
            }
        }
    }
    if !good.is_empty() {
        let set = "lane = v.column2, kept = v.column3, state = v.column4, wake_at = NULLIF(v.column5, 0)";
        connection.run(update_from(kind, set, &good, &format!("state = {NEW}"))).await?;
    }
    Ok(rows.len() < AT_ONCE)
}

/// Whether an entry may be sent now, and when somebody has to look at it again.
pub(super) fn first_state(not_before: Option<i64>, expires_at: Option<i64>, now: i64) -> (i64, Option<i64>) {
    match not_before {
        Some(time) if time > now => (SCHEDULED, Some(time)),
        _ => (READY, expires_at),
    }
}

/// The entries that are sent next, in their order.
async fn choose(connection: &mut Connection, me: i64, wish: &Wish, is_all: bool) -> Result<Vec<i64>, OutboxError> {
    if wish.entries == 0 {
        return Ok(Vec::new());
    }
    let mut others = HashSet::new();
    if wish.in_order {
        let held = format!(
            "SELECT DISTINCT lane FROM wildfirechat_outbox WHERE state IN ({CLAIMED}, {SENDING}) AND worker <> {me} \
             AND lane <> 0"
        );
        others.extend(numbers(&connection.rows(held).await?)?);
    }
    // Not past those that nobody has looked at yet.
    let before = match is_all {
        true => None,
        false => {
            let first = format!(
                "SELECT priority, id FROM wildfirechat_outbox WHERE state = {NEW} AND robot = ? \
                 ORDER BY priority DESC, id LIMIT 1"
            );
            let rows = connection.rows_with(&first, wish.robot()).await?;
            let place = |row: &Record| -> Result<_, OutboxError> { Ok((row.number(0)?, row.number(1)?)) };
            rows.first().map(place).transpose()?
        }
    };
    let before = before.map_or(String::new(), |(priority, id)| {
        format!(" AND (priority > {priority} OR (priority = {priority} AND id < {id}))")
    });
    let window = if others.is_empty() { wish.entries } else { wish.entries.max(WINDOW) };
    let select = format!(
        "SELECT id, lane FROM wildfirechat_outbox WHERE state = {READY} AND robot = ?{before} \
         ORDER BY priority DESC, id LIMIT {window}{}",
        connection.kind.skip_locked()
    );
    let rows = connection.rows_with(&select, wish.robot()).await?;
    let mut chosen = Vec::new();
    for row in &rows {
        if chosen.len() < wish.entries && !others.contains(&row.number(1)?) {
            chosen.push(row.number(0)?);
        }
    }
    Ok(chosen)
}

async fn take(connection: &mut Connection, me: i64, ids: &[i64]) -> Result<Vec<Claimed>, OutboxError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = list(ids);
    connection
        .run(format!(
            "UPDATE wildfirechat_outbox SET state = {CLAIMED}, worker = {me} WHERE id IN ({ids}) AND +state = {READY}"
        ))
        .await?;
    let rows = connection
        .rows(format!(
            "SELECT id, endpoint, request, on_unknown FROM wildfirechat_outbox WHERE id IN ({ids}) \
             AND +state = {CLAIMED} AND worker = {me} ORDER BY priority DESC, id"
        ))
        .await?;
    let claimed = |row: &Record| -> Result<Claimed, OutboxError> {
        let (endpoint, request) = (row.text(1)?.unwrap_or_default(), row.text(2)?.unwrap_or_default());
        Ok(Claimed { id: row.number(0)?, endpoint, request, resend_unknown: row.number(3)? != 0 })
    };
    rows.iter().map(claimed).collect()
}

async fn look_ups(connection: &mut Connection, most: usize) -> Result<Vec<ToLookUp>, OutboxError> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let now = connection.kind.now();
    let rows = connection
        .rows(format!(
            "SELECT id, message_uid, on_lost FROM wildfirechat_outbox WHERE wake_at <= {now} AND +state = {SENT} \
             ORDER BY wake_at LIMIT {most}"
        ))
        .await?;
    if !rows.is_empty() {
        let ids = list(&numbers(&rows)?);
        let later = format!("UPDATE wildfirechat_outbox SET wake_at = {now} + {LOOKING_UP_MS} WHERE id IN ({ids})");
        connection.run(later).await?;
    }
    let to_look_up = |row: &Record| -> Result<ToLookUp, OutboxError> {
        Ok(ToLookUp { id: row.number(0)?, message_uid: row.number(1)?, resend_lost: row.number(2)? != 0 })
    };
    rows.iter().map(to_look_up).collect()
}

async fn is_open(connection: &mut Connection, wish: &Wish) -> Result<bool, OutboxError> {
    let now = connection.kind.now();
    for only in [
        format!("state IN ({NEW}, {READY}, {CLAIMED}, {SENDING})"),
        format!("wake_at <= {now} + {SOON_MS} AND (+state = {SENT} OR (+state = {SCHEDULED} AND attempts > 0))"),
    ] {
        let open = format!("SELECT id FROM wildfirechat_outbox WHERE {only} AND robot = ? LIMIT 1");
        if !connection.rows_with(&open, wish.robot()).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn numbers(rows: &[Record]) -> Result<Vec<i64>, OutboxError> {
    rows.iter().map(|row| row.number(0)).collect()
}
