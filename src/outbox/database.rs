//! The database of an outbox: which one, the way to it, and what its errors mean.

use std::{
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
    str::FromStr,
    time::{Duration, Instant},
};

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    AnyConnection, AssertSqlSafe, ConnectOptions, Connection as _, Executor, Row,
    any::{AnyConnectOptions, AnyRow},
};

use super::{OutboxError, forks::Permit};

/// Which database it is; they differ in a few words of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sqlite,
    MySql,
    Postgres,
}

/// Where the messages lie.
pub(super) struct Store {
    pub(super) kind: Kind,
    /// With a password in it, perhaps.
    url: SecretString,
    /// The file, where it is one.
    file: Option<PathBuf>,
    is_read_only: bool,
}

/// A connection takes no longer than this to make.
const CONNECTING: Duration = Duration::from_secs(10);

impl Store {
    /// Reads `sqlite:FILE` or a `mysql://`, `mariadb://` or `postgres://` URL. Errors do not show it: it may have a password.
    pub(super) fn parse(store: &str) -> Result<Self, OutboxError> {
        let wrong = |reason: &str| OutboxError::invalid("store", reason);
        if let Some(path) = store.strip_prefix("sqlite:") {
            return Self::file(path.strip_prefix("//").unwrap_or(path));
        }
        let kind = match store.split_once("://").map(|(scheme, _)| scheme) {
            Some("mysql" | "mariadb") => Kind::MySql,
            Some("postgres" | "postgresql") => Kind::Postgres,
            _ => return Err(wrong("it is neither sqlite:FILE nor a mysql:// or postgres:// URL")),
        };
        if cfg!(not(feature = "outbox-servers")) {
            return Err(wrong("this build of the library supports only SQLite: sqlite:FILE"));
        }
        let url = Url::parse(store).map_err(|error| wrong(&format!("its URL cannot be read: {error}")))?;
        if url.path().trim_matches('/').is_empty() {
            return Err(wrong("its URL names no database: give one such as mysql://user:password@host/database"));
        }
        Ok(Self { kind, url: SecretString::from(store), file: None, is_read_only: false })
    }

    fn file(path: &str) -> Result<Self, OutboxError> {
        let (path, parameters) = path.split_once('?').map_or((path, None), |(path, rest)| (path, Some(rest)));
        let is_read_only = match parameters {
            None => false,
            Some("mode=ro") => true,
            Some(_) => return Err(OutboxError::invalid("store", "only ?mode=ro may follow the file name")),
        };
        if path.is_empty() || path == ":memory:" {
            return Err(OutboxError::invalid("store", "it names no file: give one such as sqlite:outbox.db"));
        }
        let escaped: String = path.bytes().map(escaped).collect();
        let mode = if is_read_only { "ro" } else { "rw" };
        let url = SecretString::from(format!("sqlite:{escaped}?mode={mode}"));
        Ok(Self { kind: Kind::Sqlite, url, file: Some(path.into()), is_read_only })
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.is_read_only
    }

    pub(super) async fn connect(&self) -> Result<Connection, OutboxError> {
        if let Some(file) = self.file.as_deref().filter(|_| !self.is_read_only) {
            create(file).map_err(|error| {
                let reason = format!("the file {}: {error}", file.display());
                match error.kind() {
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                        OutboxError::StoreUnavailable { reason }
                    }
                    _ => OutboxError::StoreUnusable { reason },
                }
            })?;
        }
        let permit = if self.kind == Kind::Sqlite { Some(Permit::get().await?) } else { None };
        // Somebody else in this process may have done it.
        let _ = sqlx::any::install_drivers(&[
            sqlx::sqlite::any::DRIVER,
            #[cfg(feature = "outbox-servers")]
            sqlx::mysql::any::DRIVER,
            #[cfg(feature = "outbox-servers")]
            sqlx::postgres::any::DRIVER,
        ]);
        let options = AnyConnectOptions::from_str(self.url.expose_secret())
            .map_err(|_| OutboxError::invalid("store", "its URL cannot be read"))?
            .disable_statement_logging();
        let connecting = tokio::time::timeout(CONNECTING, options.connect()).await;
        let inner = connecting.map_err(|_| timed_out(CONNECTING))?.map_err(|error| self.read(&error))?;
        let mut connection = Connection {
            inner,
            _permit: permit,
            kind: self.kind,
            #[cfg(test)]
            plans: None,
        };
        let is_writer_of_file = self.kind == Kind::Sqlite && !self.is_read_only;
        if is_writer_of_file && connection.number("SELECT COUNT(*) FROM sqlite_master").await? == Some(0) {
            // Pages that are free can be given back. Only a new file takes it, and whoever says it waits for those who write.
            connection.run("PRAGMA auto_vacuum = INCREMENTAL").await?;
        }
        for statement in self.greetings() {
            connection.greet(statement).await?;
        }
        Ok(connection)
    }

    /// What a new connection is told first.
    fn greetings(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Sqlite if self.is_read_only => &[],
            // What is removed is overwritten, and a commit is on the disk.
            Kind::Sqlite => &[
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                "PRAGMA secure_delete = ON",
                "PRAGMA cache_size = -16000",
            ],
            Kind::MySql => &["SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"],
            Kind::Postgres => &["SET client_min_messages = warning"],
        }
    }

    fn read(&self, error: &sqlx::Error) -> OutboxError {
        read(self.kind, error)
    }
}

/// Letters that mean something in a URL are written by their numbers.
fn escaped(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

/// Makes the file, where there is none, for its owner alone: messages lie in it. SQLite's own files beside it become like it.
fn create(file: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.write(true).create_new(true).open(file) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

pub(super) fn timed_out(after: Duration) -> OutboxError {
    OutboxError::StoreUnavailable { reason: format!("it did not answer within {after:.0?}") }
}

/// A connection to the database.
pub(super) struct Connection {
    // In this order they end.
    inner: AnyConnection,
    _permit: Option<Permit>,
    pub(super) kind: Kind,
    /// Each statement, and how SQLite goes about it, as long as a test wants to know.
    #[cfg(test)]
    pub(super) plans: Option<Vec<(String, String)>>,
}

/// What stands for a `?` of a statement.
pub(super) enum Value {
    Number(Option<i64>),
    Text(Option<String>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl Connection {
    /// Runs a statement in which nothing stands that came from outside but numbers; tells how many rows it changed.
    pub(super) async fn run(&mut self, sql: impl Into<String>) -> Result<u64, OutboxError> {
        let (kind, sql) = (self.kind, sql.into());
        #[cfg(test)]
        self.explain(&sql).await;
        let outcome = (&mut self.inner).execute(sqlx::raw_sql(AssertSqlSafe(sql))).await;
        outcome.map(|outcome| outcome.rows_affected()).map_err(|error| read(kind, &error))
    }

    /// The same, for one that gives rows.
    pub(super) async fn rows(&mut self, sql: impl Into<String>) -> Result<Vec<Record>, OutboxError> {
        let (kind, sql) = (self.kind, sql.into());
        #[cfg(test)]
        self.explain(&sql).await;
        let rows = (&mut self.inner).fetch_all(sqlx::raw_sql(AssertSqlSafe(sql))).await;
        rows.map(|rows| rows.into_iter().map(Record).collect()).map_err(|error| read(kind, &error))
    }

    /// The first number that a statement gives.
    pub(super) async fn number(&mut self, sql: impl Into<String>) -> Result<Option<i64>, OutboxError> {
        self.rows(sql).await?.first().map_or(Ok(None), |row| row.maybe_number(0))
    }

    /// Runs a statement with values for its `?`.
    pub(super) async fn run_with(&mut self, sql: &str, values: Vec<Value>) -> Result<u64, OutboxError> {
        let kind = self.kind;
        #[cfg(test)]
        self.explain(sql).await;
        let query = bound(self.placed(sql), values);
        let outcome = query.execute(&mut self.inner).await;
        outcome.map(|outcome| outcome.rows_affected()).map_err(|error| read(kind, &error))
    }

    pub(super) async fn rows_with(&mut self, sql: &str, values: Vec<Value>) -> Result<Vec<Record>, OutboxError> {
        let kind = self.kind;
        #[cfg(test)]
        self.explain(sql).await;
        let query = bound(self.placed(sql), values);
        let rows = query.fetch_all(&mut self.inner).await;
        rows.map(|rows| rows.into_iter().map(Record).collect()).map_err(|error| read(kind, &error))
    }

    /// Runs one of the first statements. SQLite does not wait by itself for others who are making the same file.
    async fn greet(&mut self, statement: &str) -> Result<(), OutboxError> {
        /// As long as SQLite waits for other locks.
        const PATIENCE: Duration = Duration::from_secs(5);
        const PAUSE: Duration = Duration::from_millis(20);
        let begun = Instant::now();
        loop {
            match self.run(statement).await {
                Err(OutboxError::StoreUnavailable { .. })
                    if self.kind == Kind::Sqlite && begun.elapsed() < PATIENCE =>
                {
                    tokio::time::sleep(PAUSE).await;
                }
                outcome => return outcome.map(drop),
            }
        }
    }

    /// Begins a transaction that writes.
    pub(super) async fn begin(&mut self) -> Result<(), OutboxError> {
        let begin = if self.kind == Kind::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
        self.run(begin).await.map(drop)
    }

    /// Ends it: as if nothing had been done, where something failed.
    pub(super) async fn end<T>(&mut self, outcome: Result<T, OutboxError>) -> Result<T, OutboxError> {
        match outcome {
            Ok(value) => self.run("COMMIT").await.map(|_| value),
            Err(error) => {
                let _ = self.run("ROLLBACK").await;
                Err(error)
            }
        }
    }

    pub(super) async fn close(self) {
        let _ = self.inner.close().await;
    }

    /// Asks how SQLite goes about a statement, and remembers it.
    #[cfg(test)]
    async fn explain(&mut self, sql: &str) {
        let Some(mut plans) = self.plans.take() else { return };
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        for row in sqlx::raw_sql(explain).fetch_all(&mut self.inner).await.unwrap_or_default() {
            plans.push((sql.to_owned(), row.get(3)));
        }
        self.plans = Some(plans);
    }

    /// PostgreSQL counts its places for values.
    fn placed(&self, sql: &str) -> String {
        if self.kind != Kind::Postgres {
            return sql.to_owned();
        }
        let mut count = 0;
        sql.split_inclusive('?')
            .map(|part| match part.strip_suffix('?') {
                Some(before) => {
                    count += 1;
                    format!("{before}${count}")
                }
                None => part.to_owned(),
            })
            .collect()
    }
}

type Query = sqlx::query::Query<'static, sqlx::Any, sqlx::any::AnyArguments>;

fn bound(sql: String, values: Vec<Value>) -> Query {
    values.into_iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, value| match value {
        Value::Number(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
    })
}

/// A row.
pub(super) struct Record(AnyRow);

impl Record {
    pub(super) fn number(&self, at: usize) -> Result<i64, OutboxError> {
        Ok(self.maybe_number(at)?.unwrap_or_default())
    }

    pub(super) fn maybe_number(&self, at: usize) -> Result<Option<i64>, OutboxError> {
        self.0.try_get(at).map_err(|error| unreadable(&error))
    }

    pub(super) fn text(&self, at: usize) -> Result<Option<String>, OutboxError> {
        self.0.try_get(at).map_err(|error| unreadable(&error))
    }
}

fn unreadable(error: &sqlx::Error) -> OutboxError {
    OutboxError::StoreUnusable { reason: format!("one of its rows cannot be read: {}", one_line(&error.to_string())) }
}

/// What an error of the database means: whether waiting helps.
fn read(kind: Kind, error: &sqlx::Error) -> OutboxError {
    let (is_temporary, reason) = match error {
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            let is_temporary = match kind {
                // Busy, locked, an error of the disk, full, cannot be opened: the last byte of the code says so.
                Kind::Sqlite => matches!(code.parse::<u32>().map(|code| code & 0xff), Ok(5 | 6 | 10 | 13 | 14)),
                // Connections, rolled back for others, resources (a full disk too), a restart.
                Kind::Postgres => ["08", "40", "53", "57", "58"].iter().any(|class| code.starts_with(class)),
                Kind::MySql => {
                    let number = mysql_number(&**error);
                    // Too many connections, a disk or table that is full, waiting for a lock, a deadlock, a restart.
                    matches!(number, 1021 | 1040 | 1053 | 1077..=1079 | 1114 | 1158..=1161 | 1203 | 1205 | 1213 | 1226 | 1927)
                        || code.starts_with("08")
                }
            };
            (is_temporary, error.message().to_owned())
        }
        sqlx::Error::Io(error) => (true, error.to_string()),
        sqlx::Error::Tls(error) => (false, error.to_string()),
        sqlx::Error::Configuration(_) => (false, "its URL cannot be read".to_owned()),
        sqlx::Error::Protocol(error) => (true, error.clone()),
        sqlx::Error::WorkerCrashed | sqlx::Error::PoolClosed | sqlx::Error::PoolTimedOut => (true, error.to_string()),
        other => (false, other.to_string()),
    };
    let reason = one_line(&reason);
    if is_temporary { OutboxError::StoreUnavailable { reason } } else { OutboxError::StoreUnusable { reason } }
}

#[cfg(feature = "outbox-servers")]
fn mysql_number(error: &dyn sqlx::error::DatabaseError) -> u16 {
    error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>().map_or(0, |error| error.number())
}

#[cfg(not(feature = "outbox-servers"))]
fn mysql_number(_: &dyn sqlx::error::DatabaseError) -> u16 {
    0
}

/// Somebody's words, bounded, on one line.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 200;
    let words: Vec<&str> = text.split(|letter: char| letter.is_whitespace() || letter.is_control()).collect();
    words.join(" ").chars().take(LONGEST).collect()
}
