//! The commands, one per endpoint: from the command line to a request, and from the answer to what is printed.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{
    arguments::{Command, ContentArguments, Media, Target},
    bulk,
    contents::Content,
    exit::Failure,
    import,
    session::Session,
    told,
};
use wildfirechat_message::{
    BroadcastRequest, ConversationReadRequest, DeleteBroadcastRequest, DeleteMulticastRequest, MediaType,
    MulticastRequest, RecallBroadcastRequest, RecallMulticastRequest, RecallRequest, SendRequest, UpdateRequest,
    UploadRequest,
    endpoints::{DeleteMessage, DeliveryTime, GetMessage},
};

pub(super) fn perform(command: Command, mut session: Session<'_>) -> Result<(), Failure> {
    match command {
        Command::Send { to, only_to, user_message, content } => session.send_one(to, &only_to, user_message, content),
        Command::Multicast { users, users_file, line, content } => session.multicast(users, users_file, line, content),
        Command::Broadcast { yes, line, content } => session.broadcast(yes, line, content),
        Command::Recall { message_uid, broadcast, from } => session.recall(message_uid, broadcast, from),
        Command::Get { message_uid } => session.get(message_uid),
        Command::Update { message_uid, quietly, content } => session.update(message_uid, !quietly, content),
        Command::Delete { message_uid, broadcast, from } => session.delete(message_uid, broadcast, from),
        Command::ReadTime { user_id, to } => session.read_time(user_id, to),
        Command::Delivery { user_id } => session.delivery(user_id),
        Command::Upload { file, name, media_type, content_type } => {
            session.upload_file(&file, name, media_type, content_type)
        }
        Command::Bulk { file, concurrency, rate, stop_on, any_order, patience } => {
            let options = bulk::options(concurrency, rate, stop_on, any_order, patience);
            bulk::send(session, file, options)
        }
        Command::Import { file, batch } => import::import(session, file, batch.into()),
        #[cfg(feature = "outbox")]
        Command::Outbox(_) => unreachable!("it has been performed"),
        Command::Doctor
        | Command::Sandbox(_)
        | Command::Webhook(_)
        | Command::Completions { .. }
        | Command::Man { .. } => {
            unreachable!("they need no client, and have been performed")
        }
    }
}

impl Session<'_> {
    fn send_one(
        &mut self,
        to: Target,
        only_to: &[String],
        is_user_message: bool,
        content: ContentArguments,
    ) -> Result<(), Failure> {
        let (sender, conversation) = (self.sender()?, to.conversation());
        let content = Content::read(content, self.console)?;
        let sent = self.send(&content, |payload| SendRequest {
            sender: sender.clone(),
            conversation: conversation.clone(),
            payload,
            to_users: only_to.to_vec(),
            is_user_message,
        })?;
        self.tell(sent.as_ref().map(told::sent));
        Ok(())
    }

    fn multicast(
        &mut self,
        mut targets: Vec<String>,
        file: Option<PathBuf>,
        line: i32,
        content: ContentArguments,
    ) -> Result<(), Failure> {
        let sender = self.sender()?;
        if let Some(file) = file {
            let input: Box<dyn Read> = match file.as_os_str() == "-" {
                true => self.console.input()?,
                false => Box::new(std::fs::File::open(&file).map_err(|error| in_file(&file, &error))?),
            };
            for line in BufReader::new(input).lines() {
                let line = line.map_err(|error| in_file(&file, &error))?;
                targets.extend(Some(line.trim().to_owned()).filter(|user| !user.is_empty()));
            }
        }
        let content = Content::read(content, self.console)?;
        let (sender, targets) = (&sender, &targets);
        let sent = self.send(&content, move |payload| MulticastRequest {
            sender: sender.clone(),
            targets: targets.clone(),
            line,
            payload,
        })?;
        self.tell(sent.as_ref().map(told::sent));
        Ok(())
    }

    fn broadcast(&mut self, yes: bool, line: i32, content: ContentArguments) -> Result<(), Failure> {
        let sender = self.sender()?;
        let content = Content::read(content, self.console)?;
        if !yes && !self.is_dry() {
            self.confirm(&content)?;
        }
        let sent = self.send(&content, |payload| BroadcastRequest { sender: sender.clone(), line, payload })?;
        self.tell(sent.as_ref().map(told::broadcast));
        Ok(())
    }

    fn confirm(&mut self, content: &Content) -> Result<(), Failure> {
        if !self.console.input_is_terminal {
            let reason = "every user would get this message, and nobody is there to confirm that: give this flag to \
                          confirm it";
            return Err(Failure::usage("--yes", reason));
        }
        let text = told::plain(&content.in_short()?);
        self.console.ask(&format!("every user of {} gets \"{text}\". Send it? [y/N]", self.url));
        let mut answer = String::new();
        let _ = BufReader::new(self.console.input()?.take(1024)).read_line(&mut answer);
        match answer.trim() {
            "y" | "Y" | "yes" | "Yes" => Ok(()),
            _ => Err(Failure::Declined),
        }
    }

    fn recall(&mut self, message_uid: i64, broadcast: bool, receivers: Vec<String>) -> Result<(), Failure> {
        let operator = self.sender()?;
        let done = match (broadcast, receivers.is_empty()) {
            (false, true) => {
                let recalled = self.call(RecallRequest { operator, message_uid })?;
                self.tell(recalled.map(|recalled| told::recalled(message_uid, recalled.as_ref())));
                return Ok(());
            }
            (true, _) => self.call(RecallBroadcastRequest { operator, message_uid })?,
            (false, false) => self.call(RecallMulticastRequest { operator, message_uid, receivers })?,
        };
        self.tell_done(done, message_uid, "is recalled", "recalled");
        Ok(())
    }

    fn get(&mut self, message_uid: i64) -> Result<(), Failure> {
        let message = self.call(GetMessage { message_uid })?;
        self.tell(message.as_ref().map(told::message));
        Ok(())
    }

    fn update(&mut self, message_uid: i64, distribute: bool, content: ContentArguments) -> Result<(), Failure> {
        // Older servers want none.
        let operator = self.sender().ok();
        let content = Content::read(content, self.console)?;
        let done = self.send(&content, |payload| UpdateRequest {
            message_uid,
            payload,
            distribute,
            operator: operator.clone(),
        })?;
        self.tell_done(done, message_uid, "is changed", "updated");
        Ok(())
    }

    fn delete(&mut self, message_uid: i64, broadcast: bool, receivers: Vec<String>) -> Result<(), Failure> {
        let done = match (broadcast, receivers.is_empty()) {
            (false, true) => self.call(DeleteMessage { message_uid })?,
            (true, _) => {
                let operator = self.sender()?;
                self.call(DeleteBroadcastRequest { operator, message_uid })?
            }
            (false, false) => {
                let operator = self.sender()?;
                self.call(DeleteMulticastRequest { operator, message_uid, receivers })?
            }
        };
        self.tell_done(done, message_uid, "is deleted", "deleted");
        Ok(())
    }

    fn read_time(&mut self, user_id: String, to: Target) -> Result<(), Failure> {
        let time = self.call(ConversationReadRequest { user_id, conversation: to.conversation() })?;
        self.tell(time.map(|time| (told::time(time.timestamp), json!({"timestamp": time.timestamp}))));
        Ok(())
    }

    fn delivery(&mut self, user_id: String) -> Result<(), Failure> {
        let time = self.call(DeliveryTime { user_id })?;
        self.tell(time.map(|time| (told::time(time.timestamp), json!({"timestamp": time.timestamp}))));
        Ok(())
    }

    fn upload_file(
        &mut self,
        file: &Path,
        name: Option<String>,
        media_type: Media,
        content_type: Option<String>,
    ) -> Result<(), Failure> {
        let own = || file.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let name = name
            .or_else(own)
            .ok_or_else(|| Failure::usage("--name", "the name of the file is not text: give a name"))?;
        let request = UploadRequest { content_type, ..UploadRequest::file(name, file, number_of(media_type)) };
        if self.is_dry() {
            file.metadata().map_err(|error| in_file(file, &error))?;
            let json = json!({"dry_run": true, "upload": request.file_name, "media_type": request.media_type});
            self.console.tell(&format!("would upload {}", request.file_name), &json);
            return Ok(());
        }
        let url = self.upload(request)?;
        self.console.tell(&url, &json!({"url": url}));
        Ok(())
    }

    fn tell(&mut self, outcome: Option<(String, serde_json::Value)>) {
        if let Some((text, json)) = outcome {
            self.console.tell(&text, &json);
        }
    }

    fn tell_done(&mut self, done: Option<()>, message_uid: i64, text: &str, what: &str) {
        let json = json!({"message_uid": message_uid.to_string(), "done": what});
        self.tell(done.map(|()| (format!("message {message_uid} {text}"), json)));
    }
}

fn number_of(media: Media) -> i32 {
    let media_type = match media {
        Media::General => MediaType::General,
        Media::Image => MediaType::Image,
        Media::Voice => MediaType::Voice,
        Media::Video => MediaType::Video,
        Media::File => MediaType::File,
        Media::Portrait => MediaType::Portrait,
        Media::Favourite => MediaType::Favourite,
        Media::Sticker => MediaType::Sticker,
        Media::Moments => MediaType::Moments,
    };
    media_type as i32
}

fn in_file(file: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(file.display().to_string(), error.to_string())
}
