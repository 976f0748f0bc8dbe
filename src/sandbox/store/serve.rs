//! One request to the store: a file that is brought as plain bytes or in a form, or one that is fetched.

use std::{io, time::Duration};

use super::{Intake, form::Form};
use crate::sandbox::{
    StoreFault, answers,
    http::{After, Head, Response, Rest, Wire},
    responder::Responder,
};

/// How long a fault that takes time takes, where nothing else is said.
const DELAY: Duration = Duration::from_secs(1);

/// Where a request comes in.
pub(in crate::sandbox) enum Door {
    /// Plain bytes, with the key and the token of the address.
    Plain { key: String, token: String },
    /// A form.
    Form,
    /// A file that somebody wants.
    Fetch { key: String },
}

impl Door {
    /// The door of a request to the store; None for a request to the server.
    pub(in crate::sandbox) fn of(head: &Head) -> Option<Self> {
        let (path, query) = head.target.split_once('?').unwrap_or((&head.target, ""));
        let key = |prefix: &str| path.strip_prefix(prefix).filter(|key| !key.is_empty()).map(str::to_owned);
        match head.method.as_str() {
            "GET" => Some(Self::Fetch { key: key("/files/")? }),
            "PUT" => {
                let key = key("/store/").or_else(|| key("/backup-store/"))?;
                Some(Self::Plain { key, token: query.strip_prefix("token=").unwrap_or_default().to_owned() })
            }
            "POST" if matches!(path, "/" | "/store" | "/backup-store") => {
                let is_form = head.value("content-type").is_some_and(|value| value.starts_with("multipart/form-data"));
                is_form.then_some(Self::Form)
            }
            _ => None,
        }
    }
}

/// What is done with the bytes of a request as they come.
enum Taking {
    Plain(Intake),
    Form(Box<Form>),
}

/// Takes a file in, or gives one out.
pub(in crate::sandbox) async fn serve(
    wire: &mut Wire,
    head: &Head,
    door: Door,
    number: i64,
    responder: &Responder,
) -> io::Result<After> {
    if let Door::Fetch { key } = door {
        let response = fetched(responder, &key);
        return wire.answer(&response).await;
    }
    let (fault, delay) = responder.record_for_store(head, number);
    let delay = delay.unwrap_or(DELAY);
    if fault == Some(StoreFault::Refuse) {
        responder.refuse_now(delay).await;
        return Ok(After::Reset);
    }
    let Some(mut rest) = head.framing() else {
        return wire.answer(&answers::not_http()).await;
    };
    // Stores want to know beforehand how long a file is.
    let Rest::Counted(length) = rest else {
        return wire.answer(&closing(text(411, "MissingContentLength"))).await;
    };
    let mut taking = match &door {
        Door::Form => match head.value("content-type").and_then(|value| Form::new(value, length)) {
            Some(form) => Taking::Form(Box::new(form)),
            None => return wire.answer(&closing(text(400, "no form"))).await,
        },
        _ => Taking::Plain(Intake::of(length)),
    };
    if head.wants_continue() {
        wire.write(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let mut come = 0;
    while let Some(piece) = wire.piece(&mut rest).await? {
        let was_before = come < length.div_ceil(2);
        come += piece.len() as u64;
        let is_half = was_before && come >= length.div_ceil(2);
        match fault {
            Some(StoreFault::CutInBody) if is_half => return Ok(After::Reset),
            Some(StoreFault::StallInBody) if is_half => tokio::time::sleep(delay).await,
            Some(StoreFault::SlowReading) => tokio::time::sleep(delay).await,
            _ => {}
        }
        let taken = match &mut taking {
            Taking::Plain(intake) => {
                intake.take(&piece);
                Ok(())
            }
            Taking::Form(form) => form.take(&piece),
        };
        if taken.is_err() {
            return wire.answer(&closing(text(400, "the form is broken"))).await;
        }
    }
    let response = match fault {
        Some(StoreFault::CloseBeforeStoring) => return Ok(After::Close),
        Some(StoreFault::NeverAnswer) => return Ok(After::Hold),
        Some(StoreFault::Forbidden) => text(403, "<Error><Code>AccessDenied</Code></Error>"),
        Some(StoreFault::TooManyRequests) => answers::with_header(429, "retry-after", &delay.as_secs().to_string()),
        Some(StoreFault::InternalError) => text(500, "<Error><Code>InternalError</Code></Error>"),
        Some(StoreFault::HtmlAnswer) => answers::bad_gateway(),
        Some(StoreFault::Redirect) => answers::with_header(307, "location", "http://127.0.0.1:1/elsewhere"),
        _ => stored(responder, head, door, taking),
    };
    if fault == Some(StoreFault::CloseAfterStoring) {
        return Ok(After::Close);
    }
    wire.answer(&response).await
}

/// Keeps a file whose sender has a right to it.
fn stored(responder: &Responder, head: &Head, door: Door, taking: Taking) -> Response {
    let mut memory = responder.memory();
    let store = &mut memory.state.store;
    let (key, token, content_type, intake, is_plain) = match (door, taking) {
        (Door::Plain { key, token }, Taking::Plain(intake)) => {
            (key, token, head.value("content-type").unwrap_or_default().to_owned(), intake, true)
        }
        (_, Taking::Form(form)) => {
            let field = |name: &str| form.text(name).unwrap_or_default().to_owned();
            let (key, token) = (field("key"), field("token"));
            let Some(file) = form.into_file() else {
                return text(400, "the form has no file, or its end is missing");
            };
            if store.ticket(&token).is_some_and(|ticket| ticket.file_name != file.name) {
                return text(400, "the file has another name");
            }
            (key, token, file.content_type, file.intake, false)
        }
        _ => return text(400, "the request contains no file"),
    };
    let his_own = || store.ticket(&token).filter(|ticket| ticket.key == key).cloned();
    let Some(ticket) = store.anybodys(&key, &content_type).or_else(his_own) else {
        return text(401, "<Error><Code>InvalidToken</Code></Error>");
    };
    if ticket.content_type != content_type {
        return text(403, "<Error><Code>SignatureDoesNotMatch</Code></Error>");
    }
    store.keep(ticket, content_type, intake);
    if is_plain { answers::empty(200) } else { text(200, "{}") }
}

fn fetched(responder: &Responder, key: &str) -> Response {
    match responder.memory().state.store.find(key) {
        None => text(404, "there is no such file"),
        Some(file) => match &file.data {
            None => text(410, "the file was too large to be kept"),
            Some(data) => Response {
                status: 200,
                headers: vec![("content-type".to_owned(), file.content_type.clone())],
                body: data.to_vec(),
                after: After::Stay,
            },
        },
    }
}

fn text(status: u16, words: &str) -> Response {
    let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
    Response { status, headers, body: words.as_bytes().to_vec(), after: After::Stay }
}

/// An answer to a request whose rest nobody reads.
fn closing(response: Response) -> Response {
    Response { after: After::Close, ..response }
}
