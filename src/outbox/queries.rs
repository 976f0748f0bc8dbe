//! What is asked of the table, and put into it, by whoever is no worker.

use std::{collections::VecDeque, time::Duration};

use super::{
    OutboxEntry, OutboxError, OutboxPolicy, OutboxRequest, OutboxState, OutboxStatus, PutOptions, Resolution,
    claim::first_state,
    database::{Connection, Kind, Record, Value},
    journal::{dropped, list, resent},
    request::Written,
    state::{CANCELLED, CLAIMED, CONFIRMED, EXPIRED, FAILED, LOST, NEW, READY, SCHEDULED, SENT, UNKNOWN},
};

/// A message with what is said of it, ready to be put.
pub(super) struct Prepared {
    written: Written,
    options: PutOptions,
    /// The robot that sends it; empty for users.
    robot: String,
}

impl Prepared {
    pub(super) fn new(request: &OutboxRequest, options: PutOptions, robot: &str) -> Result<Self, OutboxError> {
        options.check()?;
        Ok(Self { written: request.written()?, options, robot: robot.to_owned() })
    }

    fn values(self) -> [Value; COLUMNS.len()] {
        let Written { endpoint, request, lane, is_kept } = self.written;
        let can_be_looked_up = is_kept && self.robot.is_empty();
        let PutOptions { key, priority, not_before, expires_at, on_unknown, on_lost } = self.options;
        // A time that is over wakes it at once, by the database's clock.
        let (state, wake_at) = first_state(not_before, expires_at, i64::MIN);
        let resend = |policy| i64::from(policy == OutboxPolicy::Resend).into();
        [
            Value::Text(key),
            self.robot.into(),
            endpoint.to_owned().into(),
            request.into(),
            i64::from(priority).into(),
            Value::Number(not_before),
            Value::Number(expires_at),
            resend(on_unknown),
            resend(on_lost),
            state.into(),
            lane.into(),
            i64::from(can_be_looked_up).into(),
            Value::Number(wake_at),
        ]
    }
}

const COLUMNS: [&str; 13] = [
    "message_key",
    "robot",
    "endpoint",
    "request",
    "priority",
    "not_before",
    "expires_at",
    "on_unknown",
    "on_lost",
    "state",
    "lane",
    "kept",
    "wake_at",
];

/// So many rows go in one statement.
const ROWS: usize = 100;

/// Puts messages in one transaction, all of them or none; tells how many are new.
pub(super) async fn put_all(connection: &mut Connection, messages: Vec<Prepared>) -> Result<u64, OutboxError> {
    connection.begin().await?;
    let outcome = async {
        let (mut new, mut messages) = (0, messages.into_iter());
        loop {
            let some: Vec<Prepared> = messages.by_ref().take(ROWS).collect();
            if some.is_empty() {
                return Ok(new);
            }
            let sql = insert(connection.kind, some.len());
            let values = some.into_iter().flat_map(Prepared::values).collect();
            new += connection.run_with(&sql, values).await?;
        }
    }
    .await;
    connection.end(outcome).await
}

/// Puts messages in one transaction, all of them or none, and gives their ids; of one whose key is there already, that one's.
pub(super) async fn put_each(connection: &mut Connection, messages: Vec<Prepared>) -> Result<Vec<i64>, OutboxError> {
    connection.begin().await?;
    let outcome = async {
        let mut ids = Vec::with_capacity(messages.len());
        for message in messages {
            ids.push(put_one(connection, message).await?);
        }
        Ok(ids)
    }
    .await;
    connection.end(outcome).await
}

async fn put_one(connection: &mut Connection, message: Prepared) -> Result<i64, OutboxError> {
    let key = message.options.key.clone();
    let new = connection.run_with(&insert(connection.kind, 1), message.values().into()).await?;
    let id = match (key, connection.kind) {
        (Some(key), _) => {
            let by_key = "SELECT id FROM wildfirechat_outbox WHERE message_key = ?";
            let rows = connection.rows_with(by_key, vec![key.into()]).await?;
            rows.first().map(|row| row.number(0)).transpose()?
        }
        (None, _) if new == 0 => None,
        (None, Kind::Sqlite) => connection.number("SELECT last_insert_rowid()").await?,
        (None, Kind::MySql) => connection.number("SELECT CAST(LAST_INSERT_ID() AS SIGNED)").await?,
        (None, Kind::Postgres) => {
            connection.number("SELECT currval(pg_get_serial_sequence('wildfirechat_outbox', 'id'))").await?
        }
    };
    id.ok_or_else(|| OutboxError::StoreUnavailable {
        reason: "the message was removed immediately after it was put".into(),
    })
}

fn insert(kind: Kind, rows: usize) -> String {
    let row = format!("({})", ["?"; COLUMNS.len()].join(", "));
    let (verb, conflict) = match kind {
        Kind::MySql => ("INSERT IGNORE", ""),
        Kind::Sqlite | Kind::Postgres => ("INSERT", " ON CONFLICT (message_key) DO NOTHING"),
    };
    let rows = vec![row; rows].join(", ");
    format!("{verb} INTO wildfirechat_outbox ({}) VALUES {rows}{conflict}", COLUMNS.join(", "))
}

/// How many of a sender's wait and are due.
pub(super) async fn count_due(connection: &mut Connection, robot: &str) -> Result<i64, OutboxError> {
    let count =
        format!("SELECT COUNT(*) FROM wildfirechat_outbox WHERE state IN ({NEW}, {READY}, {CLAIMED}) AND robot = ?");
    let rows = connection.rows_with(&count, vec![robot.to_owned().into()]).await?;
    rows.first().map_or(Ok(0), |row| row.number(0))
}

pub(super) async fn status(connection: &mut Connection) -> Result<OutboxStatus, OutboxError> {
    const LATELY_SECONDS: i32 = 10;
    let now = connection.kind.now();
    let mut status = OutboxStatus::default();
    let mut oldest = None;
    for row in connection.rows("SELECT state, COUNT(*), MIN(id) FROM wildfirechat_outbox GROUP BY state").await? {
        let (state, count, first) = (row.number(0)?, row.number(1)?, row.number(2)?);
        *status.place(OutboxState::of(state)?) += count;
        if [NEW, READY].contains(&state) {
            // Ids grow with time.
            oldest = oldest.into_iter().chain([first]).min();
        }
    }
    if let Some(id) = oldest {
        let created = format!("SELECT created_at FROM wildfirechat_outbox WHERE id = {id}");
        status.oldest_queued = connection.number(created).await?;
    }
    let lately =
        format!("SELECT COUNT(*) FROM wildfirechat_outbox WHERE finished_at > {now} - {LATELY_SECONDS} * 1000");
    let lately = connection.number(lately).await?.unwrap_or_default();
    status.rate = lately as f64 / f64::from(LATELY_SECONDS);
    Ok(status)
}

const ENTRY: &str = "id, message_key, endpoint, request, state, priority, error, error_code, message_uid, sent_at, \
                     created_at, finished_at, attempts, robot";

/// Where to go on in a list of entries.
#[derive(Debug, Clone)]
pub(super) struct Cursor {
    state: i64,
    /// The last one that was read: its robot, priority and id.
    after: Option<(String, i64, i64)>,
}

impl Cursor {
    /// Where to begin, for each number of a state.
    pub(super) fn all(state: OutboxState) -> VecDeque<Self> {
        state.numbers().iter().map(|state| Self { state: *state, after: None }).collect()
    }

    /// Behind the last one of a page.
    pub(super) fn moves_behind(&mut self, entry: &OutboxEntry) {
        self.after = Some((entry.robot.clone().unwrap_or_default(), entry.priority.into(), entry.id));
    }
}

/// The next entries that have a state, sender by sender; none at the end. Each of the ways to go on is one through an index.
pub(super) async fn entries(connection: &mut Connection, from: Cursor) -> Result<Vec<OutboxEntry>, OutboxError> {
    const AT_ONCE: usize = 200;
    let Cursor { state, after } = from;
    let ways = match after {
        None => vec![(String::new(), Vec::new())],
        Some((robot, priority, id)) => vec![
            (format!(" AND robot = ? AND priority = {priority} AND id > {id}"), vec![robot.clone().into()]),
            (format!(" AND robot = ? AND priority < {priority}"), vec![robot.clone().into()]),
            (" AND robot > ?".to_owned(), vec![robot.into()]),
        ],
    };
    for (only, values) in ways {
        let select = format!(
            "SELECT {ENTRY} FROM wildfirechat_outbox WHERE state = {state}{only} ORDER BY robot, priority DESC, id \
             LIMIT {AT_ONCE}"
        );
        let rows = connection.rows_with(&select, values).await?;
        if !rows.is_empty() {
            return rows.iter().map(entry).collect();
        }
    }
    Ok(Vec::new())
}

pub(super) async fn entry_of_key(connection: &mut Connection, key: String) -> Result<Option<OutboxEntry>, OutboxError> {
    let select = format!("SELECT {ENTRY} FROM wildfirechat_outbox WHERE message_key = ?");
    let rows = connection.rows_with(&select, vec![key.into()]).await?;
    rows.first().map(entry).transpose()
}

pub(super) async fn entry_of_id(connection: &mut Connection, id: i64) -> Result<Option<OutboxEntry>, OutboxError> {
    let rows = connection.rows(format!("SELECT {ENTRY} FROM wildfirechat_outbox WHERE id = {id}")).await?;
    rows.first().map(entry).transpose()
}

fn entry(row: &Record) -> Result<OutboxEntry, OutboxError> {
    let (endpoint, request) = (row.text(2)?.unwrap_or_default(), row.text(3)?.unwrap_or_default());
    let robot = row.text(13)?.unwrap_or_default();
    Ok(OutboxEntry {
        id: row.number(0)?,
        key: row.text(1)?,
        request: OutboxRequest::read(&endpoint, &request).ok().map(|request| request.of_robot(&robot)),
        state: OutboxState::of(row.number(4)?)?,
        priority: i32::try_from(row.number(5)?).unwrap_or(if row.number(5)? < 0 { i32::MIN } else { i32::MAX }),
        error: row.text(6)?,
        code: row.maybe_number(7)?.and_then(|code| i32::try_from(code).ok()),
        message_uid: row.maybe_number(8)?,
        timestamp: row.maybe_number(9)?,
        created_at: row.number(10)?,
        finished_at: row.maybe_number(11)?,
        attempts: row.number(12)?,
        robot: Some(robot).filter(|robot| !robot.is_empty()),
    })
}

/// What a person decides of an entry.
pub(super) async fn resolve(connection: &mut Connection, id: i64, decision: Resolution) -> Result<(), OutboxError> {
    let now = connection.kind.now();
    let (from, set) = match decision {
        Resolution::Resend => resent(now),
        Resolution::Drop => dropped(now),
    };
    change(connection, id, &from, &set).await
}

/// Does not send an entry that has not been begun.
pub(super) async fn cancel(connection: &mut Connection, id: i64) -> Result<(), OutboxError> {
    let now = connection.kind.now();
    let set = format!("state = {CANCELLED}, finished_at = {now}, wake_at = NULL, worker = 0");
    change(connection, id, &[NEW, SCHEDULED, READY, CLAIMED], &set).await
}

async fn change(connection: &mut Connection, id: i64, from: &[i64], set: &str) -> Result<(), OutboxError> {
    let from = list(from);
    let update = format!("UPDATE wildfirechat_outbox SET {set} WHERE id = {id} AND state IN ({from})");
    if connection.run(update).await? > 0 {
        return Ok(());
    }
    let state = connection.number(format!("SELECT state FROM wildfirechat_outbox WHERE id = {id}")).await?;
    Err(OutboxError::WrongState { id, state: state.map(OutboxState::of).transpose()? })
}

/// Removes entries that have had their outcome for so long; tells how many.
pub(super) async fn purge(
    connection: &mut Connection,
    older_than: Duration,
    also_undecided: bool,
) -> Result<i64, OutboxError> {
    const AT_ONCE: usize = 1000;
    let now = connection.kind.now();
    let age = i64::try_from(older_than.as_millis()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    let mut states = vec![SENT, CONFIRMED, EXPIRED, CANCELLED];
    if also_undecided {
        states.extend([FAILED, UNKNOWN, LOST]);
    }
    let states = list(&states);
    let mut removed = 0;
    loop {
        let rows = connection
            .rows(format!(
                "SELECT id FROM wildfirechat_outbox WHERE finished_at <= {now} - {age} AND +state IN ({states}) \
                 AND wake_at IS NULL ORDER BY finished_at LIMIT {AT_ONCE}"
            ))
            .await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.number(0)).collect::<Result<_, _>>()?;
        if ids.is_empty() {
            break;
        }
        let delete = format!("DELETE FROM wildfirechat_outbox WHERE id IN ({}) AND +state IN ({states})", list(&ids));
        removed += i64::try_from(connection.run(delete).await?).unwrap_or_default();
    }
    // What was removed lies in no free page, no journal and no old version any more, as far as the database can do that.
    match connection.kind {
        Kind::Sqlite => {
            connection.rows("PRAGMA incremental_vacuum").await?;
            connection.rows("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        Kind::Postgres if removed > 0 => {
            // Only the table's owner may, and the server does it by itself in the end.
            let _ = connection.run("VACUUM wildfirechat_outbox").await;
        }
        Kind::Postgres | Kind::MySql => {}
    }
    Ok(removed)
}
