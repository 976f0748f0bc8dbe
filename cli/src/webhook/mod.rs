//! `webhook`: what Alertmanager, Grafana and others post becomes a message.

mod ledger;
mod notice;
mod server;

use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    time::Instant,
};

use serde_json::json;
use wildfirechat_message::{Conversation, MessageClient, MessageError, MessagePayload, SendRequest};

use crate::{
    arguments::{Common, WebhookArguments, named},
    console::Console,
    exit::Failure,
    session::{GLANCE, Session},
    settings,
    stop::Stop,
};
use ledger::{Fate, Key, Ledger};
use server::Answer;

/// Listens, and sends what is posted, until somebody ends it. What is being sent then comes to its end.
pub(super) fn serve(arguments: &WebhookArguments, common: &Common, console: &mut Console) -> Result<(), Failure> {
    let token = settings::token_of_a_webhook(arguments.token_file.as_deref())?;
    if token.is_none() && !arguments.listen.ip().is_loopback() {
        let reason = "other machines can reach this address, so a token is needed: give it by --token-file or \
                      WILDFIRECHAT_WEBHOOK_TOKEN, or listen on 127.0.0.1";
        return Err(Failure::usage("--listen", reason));
    }
    let mut session = Session::new(common, console)?;
    let sender = session.sender()?;
    let (reports, heard) = mpsc::channel();
    let desk = Desk { client: session.client, sender, to: arguments.to.clone(), ledger: Mutex::default(), reports };
    let stop = Stop::watch();
    let unusable = |error: std::io::Error| Failure::usage("--listen", format!("{}: {error}", arguments.listen));
    let server = server::Server::start(arguments.listen, token, Arc::new(desk)).map_err(unusable)?;
    let url = format!("http://{}", server.address());
    session.console.tell(&format!("listens on {url}"), &json!({"url": url}));
    while !stop.is_asked() {
        if let Ok(report) = heard.recv_timeout(GLANCE) {
            tell(report, session.console);
        }
    }
    server.end();
    heard.iter().for_each(|report| tell(report, session.console));
    Ok(())
}

/// What became of a message to one conversation.
struct Report {
    to: Conversation,
    outcome: Result<i64, MessageError>,
}

fn tell(Report { to, outcome }: Report, console: &mut Console) {
    let to = named(&to);
    match outcome {
        Ok(uid) => {
            console.tell(&format!("{to}: sent as message {uid}"), &json!({"to": to, "message_uid": uid.to_string()}))
        }
        Err(error) => console.remark(&format!("{to}: {error}")),
    }
}

/// Sends what is posted.
struct Desk {
    client: MessageClient,
    sender: String,
    to: Vec<Conversation>,
    ledger: Mutex<Ledger>,
    reports: mpsc::Sender<Report>,
}

impl Desk {
    /// Sends a post to every conversation that has not got it. Blocks until all is known.
    fn post(&self, post: Key) -> Answer {
        let text = match notice::text_of(&post) {
            Ok(text) => text,
            Err(reason) => return Answer::new(400, reason),
        };
        let Some(mut fates) = self.ledger().begin(&post, self.to.len(), Instant::now()) else {
            return Answer::new(503, "the same post is being sent just now; ask again later");
        };
        let (mut reason, mut is_worth_asking_again) = (String::new(), true);
        for (to, fate) in self.to.iter().zip(&mut fates).filter(|(_, fate)| **fate == Fate::NotSent) {
            let sent =
                self.client.send_message(SendRequest::new(&self.sender, to.clone(), MessagePayload::text(&text)));
            *fate = match &sent {
                Ok(_) => Fate::Sent,
                Err(error) if error.may_have_executed() => Fate::Unknown,
                Err(error) => {
                    is_worth_asking_again &= is_passing(error);
                    Fate::NotSent
                }
            };
            if let Err(error) = &sent {
                reason = error.to_string();
            }
            // Nobody may be left who listens.
            let _ = self.reports.send(Report { to: to.clone(), outcome: sent.map(|sent| sent.message_uid) });
        }
        let answer = match (fates.contains(&Fate::NotSent), fates.contains(&Fate::Unknown)) {
            (true, _) if is_worth_asking_again => Answer::new(503, reason),
            (true, _) => Answer::new(422, reason),
            (false, true) => Answer::new(409, "it may have been sent, and is not sent again"),
            (false, false) => Answer::sent(post.clone()),
        };
        self.ledger().end(post, fates, Instant::now());
        answer
    }

    /// Whoever posted it was told that it was sent.
    fn was_told(&self, post: &Key) {
        self.ledger().forget(post);
    }

    fn ledger(&self) -> std::sync::MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the same may go well later, with nothing changed in what is posted.
fn is_passing(error: &MessageError) -> bool {
    matches!(
        error,
        MessageError::Unreachable { .. } | MessageError::RateLimited { .. } | MessageError::Unauthorized { .. }
    )
}
