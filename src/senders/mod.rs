//! Clients of those who send with a secret of their own: robots and channels.
//!
//! They have all that [`MessageClient`](crate::MessageClient) has round its calls. A method is an endpoint, one line each.

mod channel;
mod robot;

use std::{fmt, sync::Arc};

pub use channel::ChannelClient;
pub use robot::RobotClient;

use crate::{
    ClientOptions, Credentials, MessageError,
    call::{Caller, Identity, Settings},
    endpoints::Endpoint,
    notice,
    upload::Stores,
};

/// What such a client calls with.
struct Line {
    caller: Arc<Caller>,
    stores: Arc<Stores>,
}

impl Line {
    fn new(
        base_url: &str,
        identity: Identity,
        secret: String,
        options: Option<ClientOptions>,
        credentials: Credentials,
    ) -> Result<Self, MessageError> {
        let settings = Settings::try_from(options.unwrap_or_default())?;
        let stores = Arc::new(Stores::new(&settings, &credentials)?);
        let caller = Arc::new(Caller::new(base_url, identity, secret, settings, credentials)?);
        for notice in caller.bases().filter_map(notice::of) {
            log::warn!("{notice}");
        }
        Ok(Self { caller, stores })
    }

    fn call<E: Endpoint + 'static>(&self, endpoint: E) -> Result<E::Answer, MessageError> {
        let mut call = self.caller.begin(self.caller.check(endpoint)?, |outcome| outcome)?;
        loop {
            match self.caller.wait(call, None) {
                Ok(outcome) => return outcome,
                Err(waiting) => call = waiting,
            }
        }
    }

    /// Says which server a client is for and whose it is, and never the secret.
    fn describe(&self, kind: &str, id: (&str, &str), f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, id) = id;
        f.debug_struct(kind).field("base", &self.caller.bases().next()).field(name, &id).finish_non_exhaustive()
    }
}
