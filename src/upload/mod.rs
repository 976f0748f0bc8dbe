//! Files: an address is asked of the server, and the bytes are brought to the store that it names: [`Upload`].
//!
//! Asking for the address is a call like every other one. The store is a different server, to which reqwest sends:
//! streamed from a file or from memory, on a runtime of the upload's own that the waiting thread drives
//! (docs/adr/0015).

mod body;
mod delivery;
mod meter;
mod records;
mod sigpipe;
mod source;
mod store;
mod words;

use std::{
    mem,
    pin::Pin,
    process,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::header::HeaderValue;

use crate::{
    MessageError,
    call::{Caller, Checked, Parked},
    endpoints::{Endpoint, GetUploadUrl, UploadAddress},
    per_process::PerProcess,
    runtime::Engine,
    steps::STORE,
};
use meter::Meter;
pub use records::{UploadNews, UploadProgress, UploadRequest, UploadSource};
use source::Source;
pub(crate) use store::Stores;
use store::UploadJob;

/// A file on its way.
#[derive(uniffi::Object)]
#[uniffi(name = "NativeUpload")]
pub struct Upload {
    caller: Arc<Caller>,
    stores: Arc<Stores>,
    /// The process that began it. A forked child has none of it: its sockets are the parent's.
    process: u32,
    stage: PerProcess<Mutex<Stage>>,
}

enum Stage {
    /// The server is asked where to bring it.
    Asking(Parked<UploadAddress>, UploadJob),
    /// It is brought there.
    Sending(Sending),
    Over,
}

/// What brings a file to its store, on an engine of its own: connections to stores live no longer than their upload.
struct Sending {
    // In this order they end.
    work: Pin<Box<dyn Future<Output = Result<String, MessageError>> + Send>>,
    engine: Engine,
    meter: Arc<Meter>,
}

#[uniffi::export(name = "NativeUpload")]
impl Upload {
    /// Waits for news, at most for so long. Nothing moves but while somebody waits. Fails with what the upload fails with.
    pub fn wait(&self, patience: Duration) -> Result<UploadNews, MessageError> {
        sigpipe::without(|| self.wait_for_news(patience))
    }

    /// Ends it: nothing goes out afterwards. Fails with `Interrupted`, which tells in which step it was; does nothing where
    /// it is over.
    pub fn cancel(&self) -> Result<(), MessageError> {
        let mut stage = self.stage()?.lock().unwrap_or_else(PoisonError::into_inner);
        match mem::replace(&mut *stage, Stage::Over) {
            Stage::Asking(call, _) => Err(call.interrupt()),
            Stage::Sending(Sending { work, engine, meter }) => {
                drop(work);
                drop(engine);
                let (step, sent, attempts) = meter.given_up();
                Err(MessageError::Interrupted { endpoint: step.to_owned(), sent, attempts })
            }
            Stage::Over => Ok(()),
        }
    }
}

impl Upload {
    fn wait_for_news(&self, patience: Duration) -> Result<UploadNews, MessageError> {
        let mut stage = self.stage()?.lock().unwrap_or_else(PoisonError::into_inner);
        let nothing = UploadNews { progress: None, url: None };
        match mem::replace(&mut *stage, Stage::Over) {
            Stage::Asking(call, job) => match self.caller.wait(call, Some(patience)) {
                Err(call) => *stage = Stage::Asking(call, job),
                Ok(address) => *stage = self.send(address?, job)?,
            },
            Stage::Sending(mut sending) => match sending.engine.wait(&mut sending.work, Some(patience)) {
                Ok(None) => {
                    let progress = sending.meter.news(false);
                    *stage = Stage::Sending(sending);
                    return Ok(UploadNews { progress, ..nothing });
                }
                Ok(Some(outcome)) => {
                    return Ok(UploadNews { url: Some(outcome?), progress: sending.meter.news(true) });
                }
                Err(error) => return Err(no_runtime(&error)),
            },
            Stage::Over => return Err(MessageError::invalid("upload", "it has ended")),
        }
        Ok(nothing)
    }

    /// Begins one, whose arguments can work; `ask` makes the caller's own question of that for an address.
    pub(crate) fn begin<E: Endpoint<Answer = UploadAddress> + 'static>(
        caller: &Arc<Caller>,
        stores: &Arc<Stores>,
        request: UploadRequest,
        ask: impl FnOnce(GetUploadUrl) -> E,
    ) -> Result<Self, MessageError> {
        let UploadRequest { file_name, source, media_type, content_type } = request;
        let content_type = content_type.unwrap_or_else(|| guessed(&file_name).to_owned());
        let header = HeaderValue::from_str(&content_type);
        let question: Checked<E> =
            caller.check(ask(GetUploadUrl { file_name: file_name.clone(), media_type, content_type }))?;
        let content_type = header.map_err(|error| MessageError::invalid("content_type", error.to_string()))?;
        let source = Source::open(source)?;
        let meter = Arc::new(Meter::new(source.size(), STORE));
        let call = caller.begin(question, |address| address)?;
        let job = UploadJob { source, file_name, content_type, meter };
        let stage = PerProcess::new();
        stage.get_or_init(|| Mutex::new(Stage::Asking(call.parked(), job)));
        Ok(Self { caller: Arc::clone(caller), stores: Arc::clone(stores), process: process::id(), stage })
    }

    /// Waits to the end, and tells how it goes.
    pub(crate) fn finish(&self, mut progress: impl FnMut(&UploadProgress)) -> Result<String, MessageError> {
        /// How long to wait for news at a time.
        const PATIENCE: Duration = Duration::from_millis(100);
        loop {
            let news = self.wait(PATIENCE)?;
            if let Some(news) = &news.progress {
                progress(news);
            }
            if let Some(url) = news.url {
                return Ok(url);
            }
        }
    }

    fn send(&self, address: UploadAddress, job: UploadJob) -> Result<Stage, MessageError> {
        let (stores, meter) = (Arc::clone(&self.stores), Arc::clone(&job.meter));
        let engine = Engine::new().map_err(|error| no_runtime(&error))?;
        let work = Box::pin(async move { delivery::deliver(job, &stores, address).await });
        Ok(Stage::Sending(Sending { work, engine, meter }))
    }

    fn stage(&self) -> Result<&Mutex<Stage>, MessageError> {
        if self.process == process::id() {
            return Ok(self.stage.get_or_init(|| Mutex::new(Stage::Over)));
        }
        Err(MessageError::invalid("upload", "it was started before a fork, in the parent process"))
    }
}

/// The content type that the ending of a name stands for.
fn guessed(file_name: &str) -> &'static str {
    mime_guess::from_path(file_name).first_raw().unwrap_or_else(|| {
        // Voices of this messenger, which mime_guess does not know.
        let is_voice = file_name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("amr"));
        if is_voice { "audio/amr" } else { "application/octet-stream" }
    })
}

/// The system gives no thread or no file to wait with.
fn no_runtime(error: &std::io::Error) -> MessageError {
    let reason = format!("the internal runtime does not work: {error}");
    MessageError::Unreachable { endpoint: STORE.to_owned(), attempts: 0, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_names_ending_tells_the_content_type() {
        for (name, expected) in [
            ("photo.jpg", "image/jpeg"),
            ("PHOTO.JPEG", "image/jpeg"),
            ("clip.mp4", "video/mp4"),
            ("voice.amr", "audio/amr"),
            ("voice.AMR", "audio/amr"),
            ("voice.m4a", "audio/m4a"),
            ("clip.mov", "video/quicktime"),
            ("photo.webp", "image/webp"),
            ("photo.heic", "image/heic"),
            ("app.apk", "application/vnd.android.package-archive"),
            ("report.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            ("照片.png", "image/png"),
            ("archive.tar.gz", "application/gzip"),
            ("notes", "application/octet-stream"),
            (".hidden", "application/octet-stream"),
            ("odd.qqq", "application/octet-stream"),
        ] {
            assert_eq!(guessed(name), expected, "{name}");
        }
    }
}
