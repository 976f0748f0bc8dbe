//! What every client calls with, whoever it speaks for: [`Access`].

use std::{fmt, sync::Arc};

use crate::{
    ClientOptions, Credentials, MessageError,
    call::{Caller, Identity, Settings},
    endpoints::Endpoint,
    notice,
    upload::Stores,
};

/// The way to one server, as the administrator, a robot or a channel.
pub(crate) struct Access {
    pub(crate) caller: Arc<Caller>,
    pub(crate) stores: Arc<Stores>,
    /// What the application's log should say of it, once for a server in a process; Rust's log has it already.
    pub(crate) notice: Option<String>,
}

impl Access {
    pub(crate) fn new(
        base_url: &str,
        identity: Identity,
        secret: String,
        options: Option<ClientOptions>,
        credentials: Credentials,
    ) -> Result<Self, MessageError> {
        let settings = Settings::try_from(options.unwrap_or_default())?;
        let stores = Arc::new(Stores::new(&settings, &credentials)?);
        let caller = Arc::new(Caller::new(base_url, identity, secret, settings, credentials)?);
        let notices: Vec<String> = caller.bases().filter_map(notice::of).collect();
        let notice = (!notices.is_empty()).then(|| notices.join("; "));
        if let Some(notice) = &notice {
            log::warn!("{notice}");
        }
        Ok(Self { caller, stores, notice })
    }

    /// Makes a call, and waits for its end.
    pub(crate) fn call<E: Endpoint + 'static>(&self, endpoint: E) -> Result<E::Answer, MessageError> {
        let mut call = self.caller.begin(self.caller.check(endpoint)?, |outcome| outcome)?;
        loop {
            match self.caller.wait(call, None) {
                Ok(outcome) => return outcome,
                Err(waiting) => call = waiting,
            }
        }
    }

    /// Says which server a client is for and whose it is, and never the secret.
    pub(crate) fn describe(&self, kind: &str, id: (&str, &str), f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, id) = id;
        f.debug_struct(kind).field("base", &self.caller.bases().next()).field(name, &id).finish_non_exhaustive()
    }
}
