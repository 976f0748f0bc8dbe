//! The HTTP side: who may post, how much, and the answers.

use std::{
    convert::Infallible,
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Method, Request, Response, StatusCode, body::Incoming, header, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Semaphore, oneshot, watch};

use super::desk::{Answer, Desk};

/// The size of the largest post that is accepted.
const LARGEST: usize = 1024 * 1024;
/// How many posts are handled at the same time; the others are told to try again.
const AT_ONCE: usize = 16;
/// How long a connection may take to send its request.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Server {
    address: SocketAddr,
    ending: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl Server {
    pub(super) fn start(address: SocketAddr, token: Option<SecretString>, desk: Arc<Desk>) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let (ending, is_ending) = watch::channel(false);
        let door = Arc::new(Door { token, desk, free: Semaphore::new(AT_ONCE) });
        let thread = thread::Builder::new().name("webhook".to_owned()).spawn(move || {
            // A listener that tokio cannot take would have failed above.
            let _ = runtime.block_on(listen(listener, door, is_ending));
        })?;
        Ok(Self { address, ending, thread })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts no further connection, and waits for the posts that are under way.
    pub(super) fn end(self) {
        let _ = self.ending.send(true);
        let _ = self.thread.join();
    }
}

async fn listen(listener: TcpListener, door: Arc<Door>, mut is_ending: watch::Receiver<bool>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let graceful = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Too many open files, for example: that passes.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            _ = is_ending.changed() => break,
        };
        let door = Arc::clone(&door);
        let service = service_fn(move |request| {
            let door = Arc::clone(&door);
            async move { Ok::<_, Infallible>(door.answer(request).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(graceful.watch(connection));
    }
    graceful.shutdown().await;
    Ok(())
}

/// Checks the token of a post, and answers it.
struct Door {
    token: Option<SecretString>,
    desk: Arc<Desk>,
    free: Semaphore,
}

impl Door {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Full<Bytes>> {
        response(self.post(request).await)
    }

    async fn post(self: Arc<Self>, request: Request<Incoming>) -> Answer {
        if request.method() == Method::GET {
            return Answer::new(200, "send alerts to this address by POST");
        }
        if request.method() != Method::POST {
            return Answer::new(405, "only POST is accepted");
        }
        if !self.lets_in(&request) {
            return Answer::new(401, "the header Authorization must be: Bearer, a blank, and the token");
        }
        let body = Limited::new(request.into_body(), LARGEST).collect();
        let body = match tokio::time::timeout(PATIENCE, body).await {
            Ok(Ok(body)) => body.to_bytes().to_vec(),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
                return Answer::new(413, "a post may have at most 1 MiB");
            }
            Ok(Err(_)) | Err(_) => return Answer::new(400, "the connection ended before the whole body had arrived"),
        };
        let Ok(_place) = self.free.try_acquire() else {
            return Answer::new(503, "too many posts at the same time; try again later");
        };
        let (told, outcome) = oneshot::channel();
        let desk = Arc::clone(&self.desk);
        // On a thread of its own: the call blocks, and continues even if the sender of the post does not wait any longer.
        let spawned = thread::Builder::new().name("webhook-post".to_owned()).spawn(move || {
            let answer = desk.post(body);
            // Before the answer is sent: a sender that has received it and posts the same again means a new message.
            if let Some(post) = &answer.sent {
                desk.was_told(post);
            }
            // The sender of the post did not wait any longer: the ledger keeps that the message was sent.
            if let Err(Answer { sent: Some(post), .. }) = told.send(answer) {
                desk.was_not_told(post);
            }
        });
        match spawned {
            Ok(_) => outcome.await.unwrap_or_else(|_| Answer::new(500, "it is unknown whether the message was sent")),
            Err(_) => Answer::new(503, "the program could not start a thread; try again later"),
        }
    }

    fn lets_in(&self, request: &Request<Incoming>) -> bool {
        let Some(token) = &self.token else { return true };
        let given =
            request.headers().get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        given.is_some_and(|given| same(given, token.expose_secret().as_bytes()))
    }
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(answer.sentence + "\n"));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// Compares two tokens in a time that does not depend on how much of the token is right.
fn same(given: &[u8], token: &[u8]) -> bool {
    given.len() == token.len() && given.iter().zip(token).fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
}
