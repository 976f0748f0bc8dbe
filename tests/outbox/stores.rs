//! The stores that the tests run on, and what they have in common.

use std::{
    env, fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use wildfirechat_message::{
    ClientOptions, Conversation, MessageClient, MessagePayload, Outbox, OutboxEntry, OutboxState, PutOptions,
    RunOptions, RunProgress, SendRequest,
    sandbox::{Sandbox, SandboxOptions},
};

/// A store of a test's own, which goes with it.
pub struct Store {
    pub url: String,
    /// The folder of its file.
    pub folder: Option<PathBuf>,
}

impl Store {
    pub fn sqlite() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("wildfirechat-outbox-{}-{number}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        Self { url: format!("sqlite:{}", folder.join("outbox.db").display()), folder: Some(folder) }
    }

    pub fn file(&self) -> PathBuf {
        self.folder.as_ref().unwrap().join("outbox.db")
    }

    pub fn outbox(&self, client: &MessageClient) -> Outbox {
        Outbox::open(&self.url, client).unwrap()
    }

    /// Whether nobody holds the lock of a file.
    pub fn takes_writes(&self) -> bool {
        self.try_sql("PRAGMA busy_timeout = 100; BEGIN IMMEDIATE; ROLLBACK").is_ok()
    }

    /// Does something while somebody else writes to a file.
    pub fn while_written_to(&self, work: impl FnOnce()) {
        use sqlx::Connection;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut writer = runtime.block_on(async {
            let mut writer = sqlx::SqliteConnection::connect(&format!("{}?mode=rw", self.url)).await.unwrap();
            sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut writer).await.unwrap();
            writer
        });
        work();
        runtime.block_on(async {
            sqlx::raw_sql("ROLLBACK").execute(&mut writer).await.unwrap();
            writer.close().await.unwrap();
        });
    }

    /// Runs SQL of one's own, as people do.
    pub fn sql(&self, sql: &str) -> Vec<Vec<String>> {
        self.try_sql(sql).unwrap()
    }

    pub fn try_sql(&self, sql: &str) -> Result<Vec<Vec<String>>, sqlx::Error> {
        use sqlx::{Column, Connection, Row, TypeInfo};
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let _ = sqlx::any::install_drivers(&[
                sqlx::sqlite::any::DRIVER,
                sqlx::mysql::any::DRIVER,
                sqlx::postgres::any::DRIVER,
            ]);
            let url = if self.url.starts_with("sqlite:") { format!("{}?mode=rw", self.url) } else { self.url.clone() };
            let mut connection = sqlx::AnyConnection::connect(&url).await?;
            let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await?;
            let rows = rows.iter().map(|row| {
                let column = |at: usize| match row.column(at).type_info().name() {
                    "TEXT" => row.try_get::<String, _>(at).unwrap_or_default(),
                    _ => row.try_get::<i64, _>(at).map(|number| number.to_string()).unwrap_or_default(),
                };
                (0..row.len()).map(column).collect()
            });
            let rows = rows.collect();
            connection.close().await?;
            Ok(rows)
        })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

pub fn sandbox() -> Sandbox {
    Sandbox::new(None, Some(SandboxOptions { rate_limit: 0, ..SandboxOptions::default() })).unwrap()
}

pub fn client_of(url: String) -> MessageClient {
    MessageClient::new(url, "123456".into(), Some(ClientOptions::default())).unwrap()
}

pub fn client(sandbox: &Sandbox) -> MessageClient {
    client_of(sandbox.base_url().unwrap())
}

/// The message of a number, to one of so many users in turn.
pub fn message(users: usize, number: usize) -> SendRequest {
    SendRequest::new("admin", Conversation::single(format!("u{}", number % users)), MessagePayload::text(text(number)))
}

pub fn text(number: usize) -> String {
    format!("message {number}")
}

/// Puts so many, each with its number as key.
pub fn fill(outbox: &Outbox, users: usize, count: usize) {
    let counts = outbox
        .put_many((0..count).map(|number| (message(users, number), PutOptions::key(number.to_string()))))
        .unwrap();
    assert_eq!(counts.put, i64::try_from(count).unwrap());
}

/// Sends until there is no more.
pub fn run(outbox: &Outbox) -> RunProgress {
    outbox.run(RunOptions::default(), |_| {}).unwrap()
}

pub fn entry(outbox: &Outbox, key: &str) -> OutboxEntry {
    outbox.find(key).unwrap().unwrap_or_else(|| panic!("no entry {key}"))
}

pub fn state(outbox: &Outbox, key: &str) -> OutboxState {
    entry(outbox, key).state
}

/// How often a message was executed.
pub fn executions(sandbox: &Sandbox, number: usize) -> usize {
    sandbox.messages_with_text(text(number)).unwrap().len()
}
