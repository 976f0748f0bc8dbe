//! One call or upload of a command: only shown (`--dry-run`), or made, or ended by Ctrl-C.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{json, value::RawValue};

use super::{
    arguments::Common,
    console::{Console, write_or_let_be},
    contents::Content,
    exit::Failure,
    settings::Settings,
    stop::Stop,
};
use wildfirechat_message::{MessageClient, MessageError, MessagePayload, UploadRequest, endpoints::Endpoint};

/// What every command needs: client, console, settings.
pub(super) struct Session<'a> {
    pub(super) console: &'a mut Console,
    pub(super) client: MessageClient,
    pub(super) url: String,
    sender: Result<String, Failure>,
    is_dry: bool,
}

/// How long to wait at a time; in between it checks for signals.
pub(super) const CHECK_EVERY: Duration = Duration::from_millis(100);

impl<'a> Session<'a> {
    pub(super) fn new(common: &Common, console: &'a mut Console) -> Result<Self, Failure> {
        if common.verbose {
            speak_up();
        }
        let settings = Settings::find(common)?;
        let (url, sender) = (settings.url.clone(), settings.sender());
        let client = match common.dry_run {
            true => settings.client_without_a_secret()?,
            false => settings.client(console)?,
        };
        Ok(Self { console, client, url, sender, is_dry: common.dry_run })
    }

    /// A session that sends nothing.
    #[cfg(feature = "outbox")]
    pub(super) fn without_a_secret(common: &Common, console: &'a mut Console) -> Result<Self, Failure> {
        let settings = Settings::find(common)?;
        let (url, sender) = (settings.url.clone(), settings.sender());
        Ok(Self { console, client: settings.client_without_a_secret()?, url, sender, is_dry: common.dry_run })
    }

    /// The id of the user who sends, recalls or changes.
    pub(super) fn sender(&mut self) -> Result<String, Failure> {
        match &self.sender {
            Ok(sender) => Ok(sender.clone()),
            Err(_) => std::mem::replace(&mut self.sender, Ok(String::new())),
        }
    }

    pub(super) fn is_dry(&self) -> bool {
        self.is_dry
    }

    /// Makes a call; with `--dry-run` prints what would be posted instead, and returns None.
    pub(super) fn call<E: Endpoint + 'static>(&mut self, endpoint: E) -> Result<Option<E::Answer>, Failure> {
        if self.is_dry {
            self.show(&endpoint)?;
            return Ok(None);
        }
        let stop = Stop::watch();
        Ok(Some(self.client.call_unless(endpoint, || stop.is_asked())?))
    }

    /// Makes a call with a content, whose file is uploaded first. A content that could never be sent is refused before that.
    pub(super) fn send<E: Endpoint + 'static>(
        &mut self,
        content: &Content,
        request: impl Fn(MessagePayload) -> E,
    ) -> Result<Option<E::Answer>, Failure> {
        let Some(file) = content.upload() else { return self.call(request(content.draft()?)) };
        let draft = request(content.draft()?);
        self.client.request_of(&draft)?;
        if self.is_dry {
            let json = json!({"dry_run": true, "upload": file.file_name, "media_type": file.media_type});
            self.console.tell(&format!("would upload {}", file.file_name), &json);
            self.show(&draft)?;
            return Ok(None);
        }
        let url = self.upload(file)?;
        let sent = self.call(request(content.payload(&url)?));
        if sent.is_err() {
            self.console.remark(&format!("the file itself is uploaded; its URL is {url}"));
        }
        sent
    }

    /// Uploads a file and returns its URL.
    pub(super) fn upload(&mut self, file: UploadRequest) -> Result<String, Failure> {
        let stop = Stop::watch();
        let bar = self.bar(None, "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}");
        let upload = self.client.begin_upload_of(file)?;
        let outcome = loop {
            if stop.is_asked()
                && let Err(interrupted) = upload.cancel()
            {
                break Err(interrupted);
            }
            match upload.wait(CHECK_EVERY) {
                Ok(news) => {
                    if let Some(progress) = &news.progress {
                        bar.set_length(progress.total.try_into().unwrap_or(0));
                        bar.set_position(progress.sent.try_into().unwrap_or(0));
                    }
                    if let Some(url) = news.url {
                        break Ok(url);
                    }
                }
                Err(error) => break Err(error),
            }
        };
        bar.finish_and_clear();
        Ok(outcome?)
    }

    /// Prints what would be posted.
    fn show<E: Endpoint>(&mut self, endpoint: &E) -> Result<(), MessageError> {
        let (url, body) = self.client.request_of(endpoint)?;
        let text = format!("would post to {url}\n{body}");
        let body = RawValue::from_string(body).ok();
        #[derive(serde::Serialize)]
        struct Request {
            dry_run: bool,
            url: String,
            body: Option<Box<RawValue>>,
        }
        self.console.tell(&text, &Request { dry_run: true, url, body });
        Ok(())
    }

    /// A progress bar, if the standard error is a terminal.
    pub(super) fn bar(&self, length: Option<u64>, template: &str) -> ProgressBar {
        if !self.console.errors_is_terminal || self.console.is_json() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(template).expect("the templates are the program's own");
        bar.with_style(style)
    }
}

/// Has the log of the client written to the standard error.
fn speak_up() {
    struct Log;
    impl log::Log for Log {
        fn enabled(&self, about: &log::Metadata<'_>) -> bool {
            about.target().starts_with("wildfirechat_message")
        }
        fn log(&self, record: &log::Record<'_>) {
            if self.enabled(record.metadata()) {
                write_or_let_be(&mut std::io::stderr(), &format!("{}: {}\n", record.level(), record.args()));
            }
        }
        fn flush(&self) {}
    }
    // If another subscriber is set already, the log goes there.
    if log::set_logger(&Log).is_ok() {
        log::set_max_level(log::LevelFilter::Debug);
    }
}
