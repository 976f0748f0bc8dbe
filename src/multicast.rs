//! One message to many users, in as many multicasts as it takes: [`MessageClient::multicast_each`].

use std::sync::Arc;

use futures_util::stream::{self, StreamExt};

use crate::{
    BulkOptions, MessageClient, MessageError, MulticastRequest, SendOutcome,
    bulk::PATIENCE,
    call::{Checked, Crowd, Pace, Progress, no_runtime},
    endpoints::Endpoint,
};

/// What became of a part of the receivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MulticastPart {
    /// Ids of the users in this part.
    pub receivers: Vec<String>,
    /// What became of their multicast.
    pub outcome: SendOutcome,
}

impl MulticastRequest {
    /// The same message in parts of so many receivers.
    pub(crate) fn parts(&self, size: usize) -> impl Iterator<Item = Self> + '_ {
        self.targets.chunks(size).map(|targets| Self { targets: targets.to_vec(), ..self.without_targets() })
    }

    fn without_targets(&self) -> Self {
        let Self { sender, line, payload, .. } = self;
        Self { sender: sender.clone(), targets: Vec::new(), line: *line, payload: payload.clone() }
    }
}

impl MessageClient {
    /// Sends one message to many users, in multicasts of `size` receivers each, and gives the outcome of each part, in order.
    /// message/multicast; both editions.
    ///
    /// That is the vendor's own advice for one text to many: with a size of 1,000 a thousandth of the requests. Each part is
    /// tried again where that is safe, and never sent twice. Concurrency, rate and patience are those of `send_messages`;
    /// nothing else of the options matters here.
    pub fn multicast_each(
        &self,
        request: MulticastRequest,
        size: usize,
        options: Option<BulkOptions>,
    ) -> Result<Vec<MulticastPart>, MessageError> {
        if size == 0 {
            return Err(MessageError::invalid("size", "it is 0, but a part must have at least one receiver"));
        }
        let options = options.unwrap_or_default();
        let (concurrency, pace) = options.checked()?;
        let caller = self.caller();
        // Arguments that can never work are refused before anything is sent.
        request.check(caller.rules())?;
        let parts: Vec<(Vec<String>, Checked<MulticastRequest>)> = request
            .parts(size)
            .map(|part| Ok((part.targets.clone(), caller.check(part)?)))
            .collect::<Result<_, MessageError>>()?;
        let crowd = Crowd::new(caller, options.patience.unwrap_or(PATIENCE), pace.map(Pace::new));
        let broken = |error| no_runtime(MulticastRequest::NAME, &Progress::default(), &error);
        let station = caller.station().map_err(broken)?;
        let (lanes, crowd) = (&station.lanes, &crowd);
        let sending = stream::iter(parts).map(|(receivers, call)| async move {
            let outcome = caller.run_of_many(&call, &Arc::default(), lanes, crowd).await;
            MulticastPart { receivers, outcome }
        });
        let told = station.engine.drive(sending.buffered(concurrency).collect::<Vec<_>>()).map_err(broken)?;
        caller.keep(station);
        Ok(told)
    }
}
