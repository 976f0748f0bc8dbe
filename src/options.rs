//! What a client can be told: [`ClientOptions`].

use std::time::Duration;

/// Settings of a client. What is left out has the value named here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
pub struct ClientOptions {
    /// How long making a connection may take: name look-up, TCP, a proxy's answer and TLS together; 5 seconds when left out.
    #[uniffi(default)]
    pub connect_timeout: Option<Duration>,
    /// How long no byte may move in either direction once the connection stands; 15 seconds when left out. A large request
    /// that leaves slowly and an answer that trickles in are no silence.
    #[uniffi(default)]
    pub read_timeout: Option<Duration>,
    /// How long a call may take in all, every attempt and pause included; 30 seconds when left out.
    #[uniffi(default)]
    pub total_timeout: Option<Duration>,
    /// How often a call is tried where another attempt is safe; 1 for never again.
    #[uniffi(default = 3)]
    pub max_attempts: i32,
    /// The longest pause before the second attempt, twice as long before each further one; 200 milliseconds when left out.
    /// A random part of it is taken. A longer one that the server asks for (`Retry-After`) comes on top.
    #[uniffi(default)]
    pub retry_pause: Option<Duration>,
    /// What the doubled pause grows to at the most; 5 seconds when left out.
    #[uniffi(default)]
    pub retry_pause_max: Option<Duration>,
    /// How many requests a second leave the client at the most, all threads together; 0 for any number. A call waits for
    /// its turn within its total time-out, one of many in a bulk as long as it takes.
    #[uniffi(default = 0)]
    pub rate_limit: i32,
    /// How many idle connections are kept for later calls.
    #[uniffi(default = 32)]
    pub pool_max_idle: i32,
    /// How long an idle connection is kept for another call; 15 seconds when left out. Stay below what a proxy in front of the
    /// server allows. Where a server announces less (`Keep-Alive: timeout=5`), that holds.
    #[uniffi(default)]
    pub pool_idle_timeout: Option<Duration>,
    /// How old a connection may grow; 5 minutes when left out. Then a new one is made, and the server's name is looked up
    /// again.
    #[uniffi(default)]
    pub pool_max_age: Option<Duration>,
    /// The longest answer that is read, in bytes; 16 MiB. A longer one is an error.
    #[uniffi(default = 16777216)]
    pub max_response_bytes: i64,
    /// URL of a proxy: `http`, `https`, `socks5`, or `socks5h` for one that looks names up itself. Without user or password,
    /// which are given with the client's credentials: options may be printed. The environment's proxy settings are not used.
    #[uniffi(default)]
    pub proxy: Option<String>,
    /// URLs of further servers of the same cluster. Where one does not come through, the next request goes to the next; a
    /// call that is tried again is one that may be.
    #[uniffi(default)]
    pub more_base_urls: Vec<String>,
    /// Certificates, as PEM text, that are trusted besides the system's own.
    #[uniffi(default)]
    pub root_certificates: Option<String>,
    /// What is added to the user agent `wildfirechat-message/<version>`.
    #[uniffi(default)]
    pub user_agent: Option<String>,
    /// Lets payloads pass whose content type is not meant to be sent through the server API.
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
