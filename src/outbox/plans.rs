//! A test of how SQLite goes about the statements. SQLite does not know how many entries have which state; where a statement
//! leaves it the choice, it may go through all entries of a state, and there may be millions of them.

use std::{env, fs, path::Path, process, time::Duration};

use super::{
    OutboxRequest, OutboxState, PutOptions, Resolution,
    claim::{Wish, claim},
    database::{Connection, Store},
    journal::{self, Fate, Found, Landed, LookedUp, Page},
    queries::{self, Cursor, Prepared},
    schema,
    state::{CLAIMED, SENDING},
};
use crate::{Conversation, MessagePayload, SendRequest, endpoints::Rules};

const ME: i64 = 7;
/// So many that SQLite would rather go through all entries of a state than look for each of them.
const CLAIMED_AT_ONCE: usize = 900;

#[test]
fn no_statement_goes_through_all_entries_of_a_state() {
    let folder = env::temp_dir().join(format!("wildfirechat-plans-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let plans = runtime.block_on(plans_of_everything(&folder.join("outbox.db")));
    fs::remove_dir_all(&folder).unwrap();
    assert!(plans.len() > 40, "few statements were explained: {plans:#?}");
    let wrong: Vec<_> = plans.iter().filter(|(sql, plan)| !is_allowed(sql, plan)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether a step of a plan takes as long with millions of entries as with few, or cannot do otherwise.
fn is_allowed(sql: &str, plan: &str) -> bool {
    if plan.starts_with("SCAN wildfirechat_outbox ") || plan == "SCAN wildfirechat_outbox" {
        // Somebody asks for the number of entries in each state.
        return sql.starts_with("SELECT state, COUNT(*)");
    }
    // No more entries are held, or under way, than workers want.
    let (_, only) = sql.split_once(" WHERE ").unwrap_or_default();
    let few = [format!("state = {CLAIMED}"), format!("state = {SENDING}"), format!("state IN ({CLAIMED}, {SENDING})")];
    let are_few = few.iter().any(|few| only.contains(few));
    // One after the other in the order of the index, and not many of them.
    let is_page = sql.contains("ORDER BY robot, priority DESC, id LIMIT");
    !plan.contains("wildfirechat_outbox_queue (state=?)") || are_few || is_page
}

/// Does everything that a worker and others do with a database, and gives the plan of each statement.
async fn plans_of_everything(file: &Path) -> Vec<(String, String)> {
    let store = Store::parse(&format!("sqlite:{}", file.display())).unwrap();
    let mut connection = store.connect().await.unwrap();
    schema::prepare(&mut connection, false).await.unwrap();
    connection.plans = Some(Vec::new());
    put(&mut connection).await;
    work(&mut connection).await;
    ask(&mut connection).await;
    connection.plans.take().unwrap()
}

async fn put(connection: &mut Connection) {
    let messages = (0..1_000).map(|number| {
        let to = Conversation::single(format!("u{number}"));
        let request = OutboxRequest::Send { value: SendRequest::new("admin", to, MessagePayload::text("Hello")) };
        let options =
            PutOptions { expires_at: (number % 2 == 0).then_some(i64::MAX), ..PutOptions::key(number.to_string()) };
        Prepared::new(&request, options, "").unwrap()
    });
    queries::put_all(connection, messages.collect()).await.unwrap();
    // As people put them in, good and bad ones.
    for request in ["{}", r#"{"sender":"a","conv":{"type":0,"target":"u"},"payload":{"type":1}}"#] {
        connection.run(format!("INSERT INTO wildfirechat_outbox (request) VALUES ('{request}')")).await.unwrap();
    }
    // Those whose time has come, and those whose time is over.
    let past = "state = 1, not_before = 1, wake_at = 1";
    connection.run(format!("UPDATE wildfirechat_outbox SET {past} WHERE id = 999")).await.unwrap();
    connection.run(format!("UPDATE wildfirechat_outbox SET {past}, expires_at = 1 WHERE id = 1000")).await.unwrap();
}

async fn work(connection: &mut Connection) {
    let wish = Wish {
        entries: CLAIMED_AT_ONCE,
        look_ups: 4,
        in_order: true,
        is_first: true,
        rules: Rules::default(),
        robot: "".into(),
    };
    journal::join(connection, ME, 60_000).await.unwrap();
    let claims = claim(connection, ME, &wish).await.unwrap();
    let begins: Vec<i64> = claims.entries.iter().map(|entry| entry.id).collect();
    assert_eq!(begins.len(), CLAIMED_AT_ONCE);
    let page = Page { begins: begins.clone(), lease: Some(60_000), ..Page::default() };
    assert_eq!(journal::write(connection, ME, &page).await.unwrap().begun.len(), begins.len());
    let landed = begins.iter().map(|id| Landed { id: *id, fate: fate(*id) }).collect();
    journal::write(connection, ME, &Page { landed, confirm_all: true, ..Page::default() }).await.unwrap();
    journal::note_away(connection).await.unwrap();
    journal::note_back(connection, Some(1_000)).await.unwrap();
    connection.run("UPDATE wildfirechat_outbox SET wake_at = 1 WHERE wake_at IS NOT NULL").await.unwrap();
    let again = claim(connection, ME, &Wish { is_first: false, ..wish }).await.unwrap();
    assert!(!again.look_ups.is_empty());
    let found = [Found::There, Found::Gone { resend: false }, Found::Gone { resend: true }, Found::Later, Found::Never];
    let looked_up = again.look_ups.iter().zip(found).map(|(looked_up, found)| LookedUp { id: looked_up.id, found });
    journal::write(connection, ME, &Page { looked_up: looked_up.collect(), ..Page::default() }).await.unwrap();
    journal::leave(connection, ME).await.unwrap();
}

fn fate(id: i64) -> Fate {
    let error = || "why".to_owned();
    match id % 5 {
        0 => Fate::Back,
        1 => Fate::Failed { error: error(), code: Some(9) },
        2 => Fate::Unknown { error: error(), code: None, resend: id % 2 == 0 },
        _ => Fate::Sent { message_uid: id, timestamp: 1 },
    }
}

async fn ask(connection: &mut Connection) {
    queries::count_due(connection, "").await.unwrap();
    queries::status(connection).await.unwrap();
    for mut cursor in OutboxState::ALL.into_iter().flat_map(Cursor::all) {
        for entry in queries::entries(connection, cursor.clone()).await.unwrap() {
            cursor.moves_behind(&entry);
        }
        queries::entries(connection, cursor).await.unwrap();
    }
    queries::entry_of_key(connection, "1".into()).await.unwrap();
    queries::entry_of_id(connection, 1).await.unwrap();
    let cursor = Cursor::all(OutboxState::Failed).remove(0).unwrap();
    let failed = queries::entries(connection, cursor).await.unwrap()[0].id;
    queries::resolve(connection, failed, Resolution::Resend).await.unwrap();
    queries::cancel(connection, failed).await.unwrap();
    queries::purge(connection, Duration::ZERO, true).await.unwrap();
}
