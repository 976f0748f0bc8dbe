//! What a worker writes: that it begins, before a request leaves; what became of it, after; and that it lives.
//!
//! Many of each go in one transaction. Every change names the worker that holds the entry: who has lost it to others changes
//! nothing.

use super::{
    OutboxError,
    database::{Connection, Kind},
    state::{CANCELLED, CLAIMED, CONFIRMED, EXPIRED, FAILED, LOST, READY, SCHEDULED, SENDING, SENT, UNKNOWN},
};

/// What became of an entry that was sent, or was to be.
#[derive(Debug)]
pub(super) struct Landed {
    pub(super) id: i64,
    pub(super) fate: Fate,
}

#[derive(Debug)]
pub(super) enum Fate {
    Sent {
        message_uid: i64,
        timestamp: i64,
    },
    Failed {
        error: String,
        code: Option<i32>,
    },
    Unknown {
        error: String,
        code: Option<i32>,
        resend: bool,
    },
    /// Certainly not executed, and to be sent later.
    Back,
}

/// What the server says of a message that it accepted.
#[derive(Debug)]
pub(super) struct LookedUp {
    pub(super) id: i64,
    pub(super) found: Found,
}

#[derive(Debug)]
pub(super) enum Found {
    There,
    Gone {
        resend: bool,
    },
    /// It gave no answer: it is asked again.
    Later,
    /// It cannot be asked.
    Never,
}

/// What is written at once.
#[derive(Default)]
pub(super) struct Page {
    pub(super) landed: Vec<Landed>,
    pub(super) looked_up: Vec<LookedUp>,
    /// Those that are to be sent next.
    pub(super) begins: Vec<i64>,
    /// The worker lives for so many milliseconds more.
    pub(super) lease: Option<i64>,
    /// Those that were sent are looked up.
    pub(super) confirm_all: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Noted {
    /// Those that this worker may send now.
    pub(super) begun: Vec<i64>,
    /// Whether its lease had run out: others have what it held.
    pub(super) is_late: bool,
}

/// So long after it was accepted a message is looked up at the earliest: a server writes to its database a moment later.
const SETTLED_MS: i64 = 2_000;
/// So long until the server is asked once more that gave no answer.
const AGAIN_MS: i64 = 5_000;
/// A message that is sent again although its fate is unknown waits so long, twice as long each time …
const PAUSE_MS: i64 = 1_000;
/// … up to this.
const LONGEST_PAUSE_MS: i64 = 60_000;
/// A worker may write what became of an entry that it had begun even when others have given it up meanwhile, as long as
/// nobody has begun it anew.
const BEGUN: [i64; 4] = [SENDING, UNKNOWN, SCHEDULED, READY];

/// Writes a page, all of it or nothing.
pub(super) async fn write(connection: &mut Connection, me: i64, page: &Page) -> Result<Noted, OutboxError> {
    connection.begin().await?;
    let outcome = write_all(connection, me, page).await;
    connection.end(outcome).await
}

async fn write_all(connection: &mut Connection, me: i64, page: &Page) -> Result<Noted, OutboxError> {
    let now = connection.kind.now();
    let mut noted = Noted::default();
    if let Some(lease) = page.lease {
        let renew = format!("UPDATE wildfirechat_outbox_workers SET lease_until = {now} + {lease} WHERE id = {me}");
        noted.is_late = connection.run(renew).await? == 0;
    }
    write_outcomes(connection, me, page).await?;
    write_looked_up(connection, &page.looked_up).await?;
    if !noted.is_late {
        noted.begun = begin(connection, me, &page.begins).await?;
    }
    Ok(noted)
}

async fn write_outcomes(connection: &mut Connection, me: i64, page: &Page) -> Result<(), OutboxError> {
    let kind = connection.kind;
    let now = kind.now();
    let held = format!("worker = {me} AND state IN ({})", list(&BEGUN));
    let (mut sent, mut back) = (Vec::new(), Vec::new());
    for Landed { id, fate } in &page.landed {
        match fate {
            Fate::Sent { message_uid, timestamp } => sent.push(vec![*id, *message_uid, *timestamp]),
            Fate::Back => back.push(*id),
            Fate::Failed { error, code } => {
                let set = format!("state = {FAILED}, finished_at = {now}, wake_at = NULL, worker = 0");
                write_error(connection, &set, *id, &held, error, *code).await?;
            }
            Fate::Unknown { error, code, resend: false } => {
                let set = format!("state = {UNKNOWN}, finished_at = {now}, wake_at = NULL");
                write_error(connection, &set, *id, &held, error, *code).await?;
            }
            Fate::Unknown { error, code, resend: true } => {
                let set = format!("state = {SCHEDULED}, wake_at = {now} + {}, worker = 0", pause());
                write_error(connection, &set, *id, &held, error, *code).await?;
            }
        }
    }
    if !sent.is_empty() {
        let wake =
            if page.confirm_all { format!("CASE WHEN kept = 1 THEN {now} + {SETTLED_MS} END") } else { "NULL".into() };
        let set = format!(
            "state = {SENT}, finished_at = {now}, wake_at = {wake}, message_uid = v.column2, \
             sent_at = NULLIF(v.column3, 0), error = NULL, error_code = NULL"
        );
        connection.run(update_from(kind, &set, &sent, &held)).await?;
    }
    if !back.is_empty() {
        connection
            .run(format!(
                "UPDATE wildfirechat_outbox SET state = {READY}, worker = 0, finished_at = NULL, wake_at = expires_at \
                 WHERE id IN ({}) AND worker = {me} AND +state IN ({}, {CLAIMED})",
                list(&back),
                list(&BEGUN),
            ))
            .await?;
    }
    Ok(())
}

/// In milliseconds, longer each time.
fn pause() -> String {
    let growing = (0..6).map(|times| format!("WHEN attempts <= {} THEN {}", times + 1, PAUSE_MS << times));
    format!("CASE {} ELSE {LONGEST_PAUSE_MS} END", growing.collect::<Vec<_>>().join(" "))
}

async fn write_error(
    connection: &mut Connection,
    set: &str,
    id: i64,
    held: &str,
    error: &str,
    code: Option<i32>,
) -> Result<(), OutboxError> {
    let code = code.map_or("NULL".to_owned(), |code| code.to_string());
    let sql =
        format!("UPDATE wildfirechat_outbox SET {set}, error = ?, error_code = {code} WHERE id = {id} AND {held}");
    connection.run_with(&sql, vec![error.to_owned().into()]).await.map(drop)
}

async fn write_looked_up(connection: &mut Connection, looked_up: &[LookedUp]) -> Result<(), OutboxError> {
    let now = connection.kind.now();
    let ids = |which: fn(&Found) -> bool| -> Vec<i64> {
        looked_up.iter().filter(|each| which(&each.found)).map(|each| each.id).collect()
    };
    const GONE: &str = "the server accepted the message but does not have it any more; receivers who were online may \
                        have seen it";
    for (ids, set) in [
        (
            ids(|found| matches!(found, Found::There)),
            format!("state = {CONFIRMED}, finished_at = {now}, wake_at = NULL"),
        ),
        (
            ids(|found| matches!(found, Found::Gone { resend: false })),
            format!("state = {LOST}, finished_at = {now}, wake_at = NULL, error = '{GONE}'"),
        ),
        (
            ids(|found| matches!(found, Found::Gone { resend: true })),
            format!("state = {SCHEDULED}, wake_at = {now}, worker = 0, finished_at = NULL, error = '{GONE}'"),
        ),
        (ids(|found| matches!(found, Found::Later)), format!("wake_at = {now} + {AGAIN_MS}")),
        (ids(|found| matches!(found, Found::Never)), "wake_at = NULL".to_owned()),
    ] {
        if !ids.is_empty() {
            let ids = list(&ids);
            let update = format!("UPDATE wildfirechat_outbox SET {set} WHERE id IN ({ids}) AND +state = {SENT}");
            connection.run(update).await?;
        }
    }
    Ok(())
}

/// Says of entries that they are sent, and gives those of which that is true.
async fn begin(connection: &mut Connection, me: i64, ids: &[i64]) -> Result<Vec<i64>, OutboxError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (now, all) = (connection.kind.now(), list(ids));
    // Also those that are said to be sent already: then the answer to the first time was lost.
    let begun = connection
        .run(format!(
            "UPDATE wildfirechat_outbox SET state = {SENDING}, attempts = attempts + 1 WHERE id IN ({all}) \
             AND worker = {me} AND +state IN ({CLAIMED}, {SENDING}) AND (expires_at IS NULL OR expires_at > {now})"
        ))
        .await?;
    if begun == ids.len() as u64 {
        return Ok(ids.to_vec());
    }
    connection
        .run(format!(
            "UPDATE wildfirechat_outbox SET state = {EXPIRED}, finished_at = {now}, wake_at = NULL, worker = 0 \
             WHERE id IN ({all}) AND worker = {me} AND +state IN ({CLAIMED}, {SENDING}) AND expires_at <= {now}"
        ))
        .await?;
    let rows = connection
        .rows(format!(
            "SELECT id FROM wildfirechat_outbox WHERE id IN ({all}) AND worker = {me} AND +state = {SENDING}"
        ))
        .await?;
    rows.iter().map(|row| row.number(0)).collect()
}

/// A worker begins: it lives for so many milliseconds.
pub(super) async fn join(connection: &mut Connection, me: i64, lease: i64) -> Result<(), OutboxError> {
    let now = connection.kind.now();
    let row = format!("({me}, {now} + {lease})");
    // It may have joined already, when the answer to the first time was lost.
    connection.run(format!("DELETE FROM wildfirechat_outbox_workers WHERE id = {me}")).await?;
    connection.run(format!("INSERT INTO wildfirechat_outbox_workers (id, lease_until) VALUES {row}")).await.map(drop)
}

/// A worker ends: what it has not begun goes back.
pub(super) async fn leave(connection: &mut Connection, me: i64) -> Result<(), OutboxError> {
    connection.begin().await?;
    let outcome = async {
        let back = format!(
            "UPDATE wildfirechat_outbox SET state = {READY}, worker = 0 WHERE state = {CLAIMED} AND worker = {me}"
        );
        connection.run(back).await?;
        connection.run(format!("DELETE FROM wildfirechat_outbox_workers WHERE id = {me}")).await
    }
    .await;
    connection.end(outcome.map(drop)).await
}

/// Notes that the server is away, for whoever is there when it comes back.
pub(super) async fn note_away(connection: &mut Connection) -> Result<(), OutboxError> {
    let now = connection.kind.now();
    let note = format!("UPDATE wildfirechat_outbox_info SET value = {now} WHERE name = 'away_since' AND value = 0");
    connection.run(note).await.map(drop)
}

/// The server is back that was away for so many milliseconds, or since somebody noted it: what it accepted just before is
/// to be looked up.
pub(super) async fn note_back(connection: &mut Connection, away: Option<i64>) -> Result<(), OutboxError> {
    /// So long before it was found to be away it may have died with what it had accepted.
    const BEFORE_MS: i64 = 10_000;
    let now = connection.kind.now();
    connection.begin().await?;
    let outcome = async {
        let noted = connection.number("SELECT value FROM wildfirechat_outbox_info WHERE name = 'away_since'").await?;
        let noted = noted.filter(|since| *since > 0).map(|since| since.to_string());
        let mine = away.map(|away| format!("{now} - {away}"));
        for since in noted.iter().chain(&mine) {
            let mark = format!(
                "UPDATE wildfirechat_outbox SET wake_at = {now} + {PAUSE_MS} WHERE finished_at >= {since} - {BEFORE_MS} \
                 AND +state = {SENT} AND kept = 1 AND wake_at IS NULL"
            );
            connection.run(mark).await?;
        }
        connection.run("UPDATE wildfirechat_outbox_info SET value = 0 WHERE name = 'away_since'").await
    }
    .await;
    connection.end(outcome.map(drop)).await
}

/// What a person decides: the numbers of the states in which that can be done, and what then is set.
pub(super) fn resent(now: &str) -> ([i64; 3], String) {
    let set = format!(
        "state = {SCHEDULED}, wake_at = {now}, worker = 0, finished_at = NULL, message_uid = NULL, sent_at = NULL"
    );
    ([FAILED, UNKNOWN, LOST], set)
}

pub(super) fn dropped(now: &str) -> ([i64; 3], String) {
    ([FAILED, UNKNOWN, LOST], format!("state = {CANCELLED}, finished_at = {now}, wake_at = NULL, worker = 0"))
}

/// Changes many rows, each to its own values: `v.column1` is the id, and all are numbers.
pub(super) fn update_from(kind: Kind, set: &str, rows: &[Vec<i64>], only: &str) -> String {
    match kind {
        Kind::MySql => {
            let rows = rows.iter().map(|row| {
                let columns = row.iter().zip(1..).map(|(value, at)| format!("{value} AS column{at}"));
                format!("SELECT {}", columns.collect::<Vec<_>>().join(", "))
            });
            let rows = rows.collect::<Vec<_>>().join(" UNION ALL ");
            format!("UPDATE wildfirechat_outbox JOIN ({rows}) v ON id = v.column1 SET {set} WHERE {only}")
        }
        Kind::Sqlite | Kind::Postgres => {
            let rows = rows.iter().map(|row| format!("({})", list(row))).collect::<Vec<_>>().join(", ");
            format!("UPDATE wildfirechat_outbox SET {set} FROM (VALUES {rows}) AS v WHERE id = v.column1 AND {only}")
        }
    }
}

/// Numbers with commas between them.
pub(super) fn list(numbers: &[i64]) -> String {
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
