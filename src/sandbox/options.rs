//! What a sandbox can be told at its start: [`SandboxOptions`].

use std::time::Duration;

use super::{SandboxError, rights::Version};

/// The edition of the server that a sandbox imitates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum Edition {
    /// Has send, recall, multicast, broadcast, get_one and recall_multicast; the other endpoints are answered with HTTP
    /// 500 and an empty body.
    Community,
    /// Has every endpoint.
    Professional,
}

/// How the file store of a sandbox accepts files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum StoreKind {
    /// By a PUT of the bytes.
    Put,
    /// By a form with token, key and file, like Qiniu's.
    Form,
}

/// Where a `Sandbox` listens, and which server it imitates.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SandboxOptions {
    /// The edition; professional when left out.
    #[uniffi(default)]
    pub edition: Option<Edition>,
    /// The host name or address to listen on; `127.0.0.1` when left out, so that only this machine reaches it.
    #[uniffi(default)]
    pub host: Option<String>,
    /// The port to listen on; 0 takes a free port.
    #[uniffi(default = 0)]
    pub port: i32,
    /// How many requests in 10 s the sandbox accepts before it answers with code 250, refilled continuously; 0 for no
    /// limit.
    #[uniffi(default = 10000)]
    pub rate_limit: i32,
    /// How long a connection may be idle before it is closed, as proxies do; without a limit when left out, as on the
    /// server.
    #[uniffi(default)]
    pub idle_timeout: Option<Duration>,
    /// The version of the server, such as `1.2.4`; the newest when left out. Since 1.3.2 a message to a chatroom goes
    /// only to `to_users`; since 1.3.8 a payload of more than 65,536 is refused with code 35, and with
    /// `is_user_message` the sender's rights are checked.
    #[uniffi(default)]
    pub server_version: Option<String>,
    /// How its file store accepts files; by PUT when left out.
    #[uniffi(default)]
    pub store: Option<StoreKind>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            edition: None,
            host: None,
            port: 0,
            rate_limit: 10_000,
            idle_timeout: None,
            server_version: None,
            store: None,
        }
    }
}

/// The options with every default filled in and every number checked.
pub(super) struct SandboxSettings {
    pub(super) edition: Edition,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) rate_limit: u32,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) version: Version,
    pub(super) store: StoreKind,
}

impl TryFrom<SandboxOptions> for SandboxSettings {
    type Error = SandboxError;

    fn try_from(options: SandboxOptions) -> Result<Self, SandboxError> {
        Ok(Self {
            edition: options.edition.unwrap_or(Edition::Professional),
            host: options.host.unwrap_or_else(|| "127.0.0.1".to_owned()),
            port: u16::try_from(options.port).map_err(|_| {
                SandboxError::new(format!("port {} is out of range: it must be from 0 to 65535", options.port))
            })?,
            rate_limit: u32::try_from(options.rate_limit)
                .map_err(|_| SandboxError::new(format!("rate_limit {} is below 0", options.rate_limit)))?,
            idle_timeout: options.idle_timeout,
            version: options.server_version.as_deref().map_or(Ok(Version::NEWEST), Version::of)?,
            store: options.store.unwrap_or(StoreKind::Put),
        })
    }
}
