//! Files: an address is asked of the server, and the bytes are brought to the store that it names: [`Upload`]. Where they
//! are for a message, it is sent then.
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

#[cfg(feature = "files")]
use crate::call::Carried;
use crate::{
    MessageError, SentMessage,
    call::{Caller, Checked, Joined, Parked},
    endpoints::{Endpoint, GetUploadUrl, UploadAddress},
    per_process::PerProcess,
    runtime::Engine,
    steps::STORE,
};
use meter::Meter;
pub use records::{UploadNews, UploadProgress, UploadRequest, UploadSource};
pub(crate) use source::Source;
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
    /// What comes after the upload, until it has begun.
    follow_up: Mutex<Option<FollowUp>>,
    /// What its calls wrote down about themselves, until it is over.
    records: Mutex<Joined>,
}

enum Stage {
    /// The server is asked where to bring it.
    Asking(Parked<UploadAddress>, UploadJob),
    /// It is brought there.
    Sending(Sending),
    /// The message that carries it is sent; the file lies at this URL.
    Posting(Parked<SentMessage>, String),
    Over,
}

/// What begins the call that sends the message which carries a file, once the file's URL is known.
pub(crate) type FollowUp = Box<dyn FnOnce(&Arc<Caller>, &str) -> Result<Parked<SentMessage>, MessageError> + Send>;

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
        let news = sigpipe::without(|| self.wait_for_news(patience));
        let is_over = news.as_ref().map_or(true, |news| news.url.is_some() || news.sent.is_some());
        self.notes(is_over, news.as_ref().err());
        news
    }

    /// Ends it: nothing goes out afterwards. Fails with `Interrupted`, which tells in which step it was; does nothing where
    /// it is over.
    pub fn cancel(&self) -> Result<(), MessageError> {
        let mut stage = self.stage()?.lock().unwrap_or_else(PoisonError::into_inner);
        let error = match mem::replace(&mut *stage, Stage::Over) {
            Stage::Asking(call, _) => call.interrupt(),
            Stage::Posting(call, _) => call.interrupt(),
            Stage::Sending(Sending { work, engine, meter }) => {
                drop(work);
                drop(engine);
                let (step, sent, attempts) = meter.given_up();
                MessageError::Interrupted { endpoint: step.to_owned(), sent, attempts }
            }
            Stage::Over => return Ok(()),
        };
        self.notes(true, Some(&error));
        Err(error)
    }
}

impl Upload {
    /// Puts together what the calls wrote down, whose ends different threads may have seen.
    fn notes(&self, is_over: bool, error: Option<&MessageError>) {
        // A forked child has no part in it, and its parent's locks may be held.
        if self.process != process::id() {
            return;
        }
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.adds_last();
        if is_over {
            records.closes(error);
        }
    }

    fn wait_for_news(&self, patience: Duration) -> Result<UploadNews, MessageError> {
        let mut stage = self.stage()?.lock().unwrap_or_else(PoisonError::into_inner);
        let nothing = UploadNews { progress: None, url: None, sent: None };
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
                    let (url, progress) = (outcome?, sending.meter.news(true));
                    return match self.follow(&url)? {
                        Some(posting) => {
                            *stage = posting;
                            Ok(UploadNews { progress, ..nothing })
                        }
                        None => Ok(UploadNews { progress, url: Some(url), ..nothing }),
                    };
                }
                Err(error) => return Err(no_runtime(&error)),
            },
            Stage::Posting(call, url) => match self.caller.wait(call, Some(patience)) {
                Err(call) => *stage = Stage::Posting(call, url),
                Ok(sent) => {
                    let sent = sent.map_err(|error| error.after_upload(url))?;
                    return Ok(UploadNews { sent: Some(sent), ..nothing });
                }
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
        let question = GetUploadUrl { file_name, media_type, content_type };
        let question = Asked::check(caller, question, ask)?;
        let stage = question.begin(caller, Source::open(source)?)?;
        Ok(Self::at(stage, caller, stores, None))
    }

    /// Begins one of a file that is open, after which a message is sent.
    #[cfg(feature = "files")]
    pub(crate) fn begin_before<E: Endpoint<Answer = UploadAddress> + 'static>(
        caller: &Arc<Caller>,
        stores: &Arc<Stores>,
        (source, question): (Source, GetUploadUrl),
        ask: impl FnOnce(GetUploadUrl) -> E,
        carried: &Carried,
        follow_up: FollowUp,
    ) -> Result<Self, MessageError> {
        let mut question = Asked::check(caller, question, ask)?;
        question.question = question.question.carrying(carried);
        let stage = question.begin(caller, source)?;
        Ok(Self::at(stage, caller, stores, Some(follow_up)))
    }

    /// Sends the message of a file that is there already.
    #[cfg(feature = "files")]
    pub(crate) fn only_message(
        caller: &Arc<Caller>,
        stores: &Arc<Stores>,
        url: String,
        follow_up: FollowUp,
    ) -> Result<Self, MessageError> {
        let call = follow_up(caller, &url).map_err(|error| error.after_upload(url.clone()))?;
        Ok(Self::at(Stage::Posting(call, url), caller, stores, None))
    }

    fn at(stage: Stage, caller: &Arc<Caller>, stores: &Arc<Stores>, follow_up: Option<FollowUp>) -> Self {
        let first = PerProcess::new();
        first.get_or_init(|| Mutex::new(stage));
        let (caller, stores, follow_up) = (Arc::clone(caller), Arc::clone(stores), Mutex::new(follow_up));
        Self { caller, stores, process: process::id(), stage: first, follow_up, records: Mutex::default() }
    }

    /// Begins what comes after the upload, if anything does.
    fn follow(&self, url: &str) -> Result<Option<Stage>, MessageError> {
        let follow_up = self.follow_up.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(follow_up) = follow_up else { return Ok(None) };
        let call = follow_up(&self.caller, url).map_err(|error| error.after_upload(url.to_owned()))?;
        Ok(Some(Stage::Posting(call, url.to_owned())))
    }

    /// Waits to the end, and tells how it goes.
    pub(crate) fn finish(&self, progress: impl FnMut(&UploadProgress)) -> Result<String, MessageError> {
        self.wait_for(progress, |news| news.url)
    }

    /// Waits until the message is sent that carries the file, and tells how the upload goes.
    #[cfg(feature = "files")]
    pub(crate) fn finish_message(&self, progress: impl FnMut(&UploadProgress)) -> Result<SentMessage, MessageError> {
        self.wait_for(progress, |news| news.sent)
    }

    fn wait_for<T>(
        &self,
        mut progress: impl FnMut(&UploadProgress),
        end: impl Fn(UploadNews) -> Option<T>,
    ) -> Result<T, MessageError> {
        /// How long to wait for news at a time.
        const PATIENCE: Duration = Duration::from_millis(100);
        loop {
            let news = self.wait(PATIENCE)?;
            if let Some(news) = &news.progress {
                progress(news);
            }
            if let Some(end) = end(news) {
                return Ok(end);
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

/// The question for an address, checked, and what is known of the file by then.
struct Asked<E> {
    question: Checked<E>,
    file_name: String,
    content_type: HeaderValue,
}

impl<E: Endpoint<Answer = UploadAddress> + 'static> Asked<E> {
    fn check(
        caller: &Arc<Caller>,
        question: GetUploadUrl,
        ask: impl FnOnce(GetUploadUrl) -> E,
    ) -> Result<Self, MessageError> {
        let (file_name, header) = (question.file_name.clone(), HeaderValue::from_str(&question.content_type));
        let question = caller.check(ask(question))?;
        let content_type = header.map_err(|error| MessageError::invalid("content_type", error.to_string()))?;
        Ok(Self { question, file_name, content_type })
    }

    fn begin(self, caller: &Arc<Caller>, source: Source) -> Result<Stage, MessageError> {
        let Self { question, file_name, content_type } = self;
        let meter = Arc::new(Meter::new(source.size(), STORE));
        let call = caller.begin(question, |address| address)?;
        Ok(Stage::Asking(call.parked(), UploadJob { source, file_name, content_type, meter }))
    }
}

/// The content type that the ending of a name stands for.
pub(crate) fn guessed(file_name: &str) -> &'static str {
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
