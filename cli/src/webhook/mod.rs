//! `webhook`: receives the posts of Alertmanager, Grafana and others, and sends them as messages.

mod desk;
mod ledger;
mod notice;
mod server;

use std::sync::{Arc, mpsc};

use serde_json::json;

use crate::{
    arguments::{Common, WebhookArguments, named},
    console::Console,
    exit::Failure,
    session::{CHECK_EVERY, Session},
    settings,
    stop::Stop,
};
use desk::{Desk, Report};

/// Listens and sends what is posted, until a signal ends it. Messages that are being sent then are finished.
pub(super) fn serve(arguments: &WebhookArguments, common: &Common, console: &mut Console) -> Result<(), Failure> {
    if common.dry_run {
        let reason =
            "webhook sends what is posted to it, and has nothing to show before that: start it without this flag";
        return Err(Failure::usage("--dry-run", reason));
    }
    let token = settings::token_of_a_webhook(arguments.token_file.as_deref())?;
    if token.is_none() && !arguments.listen.ip().is_loopback() {
        let reason = "other machines can reach this address, so a token is needed: give it by --token-file or \
                      WILDFIRECHAT_WEBHOOK_TOKEN, or listen on 127.0.0.1";
        return Err(Failure::usage("--listen", reason));
    }
    let mut session = Session::new(common, console)?;
    let sender = session.sender()?;
    let (reports, heard) = mpsc::channel();
    let desk = Desk::new(session.client, sender, arguments.to.clone(), reports);
    let stop = Stop::watch();
    let unusable = |error: std::io::Error| Failure::usage("--listen", format!("{}: {error}", arguments.listen));
    let server = server::Server::start(arguments.listen, token, Arc::new(desk)).map_err(unusable)?;
    let url = format!("http://{}", server.address());
    session.console.tell(&format!("listens on {url}"), &json!({"url": url}));
    while !stop.is_asked() {
        if let Ok(report) = heard.recv_timeout(CHECK_EVERY) {
            tell(report, session.console);
        }
    }
    server.end();
    heard.iter().for_each(|report| tell(report, session.console));
    Ok(())
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
