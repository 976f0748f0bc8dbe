//! What a client can be told: [`ClientOptions`].

use std::time::Duration;

/// Settings of a client. A setting that is left out has the value that is named here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
pub struct ClientOptions {
    /// How long opening a connection may take, with name look-up, TCP, a proxy's answer and TLS; 5 seconds when left out.
    #[uniffi(default)]
    pub connect_timeout: Option<Duration>,
    /// How long an open connection may be silent in both directions; 15 seconds when left out. A large request that leaves
    /// slowly and an answer that arrives slowly do not count as silence.
    #[uniffi(default)]
    pub read_timeout: Option<Duration>,
    /// How long a call may take in total, including every attempt and pause; 30 seconds when left out.
    #[uniffi(default)]
    pub total_timeout: Option<Duration>,
    /// How often a call is tried if another attempt is safe; 1 for a single attempt.
    #[uniffi(default = 3)]
    pub max_attempts: i32,
    /// The longest pause before the second attempt, twice as long before each further one; 200 milliseconds when left out.
    /// The actual pause is a random part of it. A pause that the server asks for (`Retry-After`) is added.
    #[uniffi(default)]
    pub retry_pause: Option<Duration>,
    /// The limit up to which the pause doubles; 5 seconds when left out.
    #[uniffi(default)]
    pub retry_pause_max: Option<Duration>,
    /// How many requests per second may leave the client at most, all threads together; 0 for any number. A call waits for
    /// its turn within its total time-out; one of many messages waits for its turn without a limit.
    #[uniffi(default = 0)]
    pub rate_limit: i32,
    /// How many idle connections are kept for later calls.
    #[uniffi(default = 32)]
    pub pool_max_idle: i32,
    /// How long an idle connection is kept for another call; 15 seconds when left out. It should be shorter than what a proxy in
    /// front of the server allows. If a server announces a shorter time (`Keep-Alive: timeout=5`), that time is used.
    #[uniffi(default)]
    pub pool_idle_timeout: Option<Duration>,
    /// The maximum age of a connection; 5 minutes when left out. After it, a new connection is opened, and the server's name
    /// is looked up again.
    #[uniffi(default)]
    pub pool_max_age: Option<Duration>,
    /// The longest answer that is read, in bytes; 16 MiB. A longer answer is an error.
    #[uniffi(default = 16777216)]
    pub max_response_bytes: i64,
    /// URL of a proxy: `http`, `https`, `socks5`, or `socks5h` for a proxy that looks up names itself. It contains no user
    /// or password, because options may be printed: these belong to the client's credentials. The proxy settings of the
    /// environment are not used.
    #[uniffi(default)]
    pub proxy: Option<String>,
    /// URLs of further servers of the same cluster. If one server cannot be reached, the next request goes to the next server.
    /// A call is tried again only if that is safe.
    #[uniffi(default)]
    pub more_base_urls: Vec<String>,
    /// Certificates, as PEM text, that are trusted in addition to those of the system.
    #[uniffi(default)]
    pub root_certificates: Option<String>,
    /// Text that is added to the user agent `wildfirechat-message/<version>`.
    #[uniffi(default)]
    pub user_agent: Option<String>,
    /// Allows payloads whose content type only client apps may send.
    #[uniffi(default)]
    pub allow_unsendable_types: bool,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            connect_timeout: None,
            read_timeout: None,
            total_timeout: None,
            max_attempts: 3,
            retry_pause: None,
            retry_pause_max: None,
            rate_limit: 0,
            pool_max_idle: 32,
            pool_idle_timeout: None,
            pool_max_age: None,
            max_response_bytes: 16 * 1024 * 1024,
            proxy: None,
            more_base_urls: Vec::new(),
            root_certificates: None,
            user_agent: None,
            allow_unsendable_types: false,
        }
    }
}
