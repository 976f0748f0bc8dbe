//! One connection, from its first request to its end.

use std::{io, sync::Arc, time::Instant};

use tokio::{net::TcpStream, sync::watch};

use super::{
    answers,
    faults::BeforeReading,
    http::{After, Body, Incoming, Wire},
    responder::Responder,
    script::Script,
    store,
};

/// Serves a connection until one side ends it, or it is idle when `closing` changes. A broken socket ends this connection
/// and nothing else.
pub(super) async fn serve(
    stream: TcpStream,
    number: i64,
    responder: Arc<Responder>,
    mut closing: watch::Receiver<Option<Instant>>,
) {
    let mut wire = Wire::new(stream);
    let end = loop {
        let idle = async {
            match responder.idle_timeout() {
                Some(longest) => tokio::time::sleep(longest).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // What has arrived comes first.
            biased;
            () = wire.awaits_request() => {}
            _ = closing.changed() => break After::Close,
            () = idle => break After::Close,
        }
        match serve_one(&mut wire, number, &responder).await {
            Ok(After::Stay) => {}
            Ok(end) => break end,
            Err(_) => break After::Close,
        }
    };
    wire.end(end).await;
}

/// Reads one request, writes it down, and answers it, or does what the script says.
async fn serve_one(wire: &mut Wire, number: i64, responder: &Responder) -> io::Result<After> {
    let head = match wire.read_head().await? {
        Incoming::Head(head) => head,
        Incoming::NotHttp => return wire.answer(&answers::not_http()).await,
        Incoming::Closed => return Ok(After::Close),
    };
    if let Some(door) = responder.store_door(&head) {
        let after = store::serve(wire, &head, door, number, responder).await?;
        return Ok(if after == After::Stay && head.wants_close() { After::Close } else { after });
    }
    let script = responder.memory().scripts.next(head.path());
    let fault = script.as_ref().and_then(Script::fault);
    if let Some(Script::Trouble(trouble)) = &script
        && let Some(end) = carry_out(trouble.before_reading(), responder).await
    {
        responder.record(&head, &[], number, fault);
        return Ok(end);
    }
    let body = match wire.read_body(&head).await? {
        Body::Whole(body) => body,
        Body::NotHttp => return wire.answer(&answers::not_http()).await,
        Body::TooLarge(rest) => {
            responder.record(&head, &[], number, fault);
            wire.answer(&answers::too_large()).await?;
            if head.wants_close() || head.wants_continue() {
                return Ok(After::Close);
            }
            wire.skip(rest).await?;
            return Ok(After::Stay);
        }
    };
    responder.record(&head, &body, number, fault);
    let (bytes, after) = match script {
        Some(Script::Trouble(trouble)) => return trouble.play(wire, responder.answer(&head, &body)).await,
        Some(Script::Answer(answer)) if head.wants_close() => (answer.bytes(), After::Close),
        Some(Script::Answer(answer)) => (answer.bytes(), answer.after()),
        None => {
            let response = responder.answer(&head, &body).await;
            (response.bytes(), response.after)
        }
    };
    if wire.is_half_closed().await {
        return Ok(After::Close);
    }
    wire.write(&bytes).await?;
    Ok(after)
}

/// Does what a fault wants before the body is read: how the connection ends there, or None to go on.
async fn carry_out(trouble: BeforeReading, responder: &Responder) -> Option<After> {
    match trouble {
        BeforeReading::Go => None,
        BeforeReading::Wait(delay) => {
            tokio::time::sleep(delay).await;
            None
        }
        BeforeReading::End(end) => Some(end),
        BeforeReading::Refuse(delay) => {
            responder.refuse_now(delay).await;
            Some(After::Reset)
        }
    }
}
