//! What a file is looked at for before its message is sent: [`Look`].

use bytes::Bytes;

use super::{
    duration,
    kind::{Kind, ending},
    requests::FileMessage,
};
use crate::{
    FileContent, ImageContent, MessageError, MessagePayload, UploadSource, VideoContent, VoiceContent,
    content::Picture, endpoints::GetUploadUrl, upload::Source,
};

/// The first bytes of a file tell what it is.
const HEAD: usize = 4096;

/// A file that can be sent: where its bytes come from, the question where to bring them, and the message.
pub(super) struct Look {
    pub(super) source: Source,
    pub(super) question: GetUploadUrl,
    pub(super) content: Content,
}

/// The content of its message, which lacks nothing but the URL.
pub(super) enum Content {
    Image(ImageContent),
    File(FileContent),
    Video(VideoContent),
    Voice(VoiceContent),
}

impl Content {
    pub(super) fn payload(&self, url: &str) -> Result<MessagePayload, MessageError> {
        let remote_media_url = url.to_owned();
        match self {
            Self::Image(content) => ImageContent { remote_media_url, ..content.clone() }.to_payload(None),
            // Nothing else of it may be long.
            Self::File(content) => FileContent { remote_media_url, ..content.clone() }
                .to_payload(None)
                .map_err(|error| in_the_name_of(error, "payload", "file_name")),
            Self::Video(content) => VideoContent { remote_media_url, ..content.clone() }.to_payload(None),
            Self::Voice(content) => VoiceContent { remote_media_url, ..content.clone() }.to_payload(None),
        }
    }
}

impl Look {
    /// Refuses what cannot be sent, in the name of the argument that is wrong.
    pub(super) fn at(message: FileMessage) -> Result<Self, MessageError> {
        let FileMessage { kind, data, path, file_name, remote_media_url, duration, thumbnail } = message;
        if remote_media_url.is_some_and(|url| url.is_empty()) {
            return Err(MessageError::invalid("remote_media_url", "it is empty"));
        }
        let (argument, name, source) = given(data, path)?;
        let source = Source::open(source)?;
        let file = Opened { kind, argument, source };
        file.check_size()?;
        let head = file.read(HEAD)?;
        let name = match file_name.or(name) {
            Some(name) => name,
            None if kind == Kind::File => {
                let reason = "it is missing: bytes in memory have no name, and receivers see the name of a file";
                return Err(MessageError::invalid("file_name", reason));
            }
            None => format!("{}.{}", kind.word(), ending(&head)),
        };
        let mut content_type = kind.content_type(&head, &name, argument)?;
        let seconds = || match duration {
            Some(seconds) if seconds < 0 => Err(MessageError::invalid("duration", format!("{seconds} is below 0"))),
            Some(seconds) => Ok(seconds),
            None => Ok(duration::seconds(&file.source)),
        };
        let content = match kind {
            Kind::Image => {
                let picture = file.picture()?;
                content_type = picture.content_type.to_owned();
                Content::Image(image(picture))
            }
            Kind::File => {
                let size = i64::try_from(file.source.size()).unwrap_or(i64::MAX);
                Content::File(FileContent { name: name.clone(), size, ..FileContent::default() })
            }
            Kind::Video => {
                let thumbnail = thumbnail.map(|image| Picture::of(&image, "thumbnail")).transpose()?;
                let thumbnail = thumbnail.map(|picture| picture.thumbnail);
                Content::Video(VideoContent { duration: seconds()?, thumbnail, ..VideoContent::default() })
            }
            Kind::Voice => Content::Voice(VoiceContent { duration: seconds()?, ..VoiceContent::default() }),
        };
        let question = GetUploadUrl { file_name: name, media_type: kind.media_type(), content_type };
        Ok(Self { source: file.source, question, content })
    }
}

fn image(picture: Picture) -> ImageContent {
    let Picture { thumbnail, width, height, .. } = picture;
    ImageContent {
        thumbnail: Some(thumbnail),
        width: i32::try_from(width).ok(),
        height: i32::try_from(height).ok(),
        ..ImageContent::default()
    }
}

/// What is wrong with a file is said of the argument that gave it.
fn given(
    data: Option<Bytes>,
    path: Option<String>,
) -> Result<(&'static str, Option<String>, UploadSource), MessageError> {
    match (data, path) {
        (Some(data), None) => Ok(("data", None, UploadSource::Bytes(data))),
        (None, Some(path)) => {
            let path = std::path::PathBuf::from(path);
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            Ok(("path", name, UploadSource::File(path)))
        }
        (None, None) => Err(MessageError::invalid("data", "a file is missing: give its bytes or its path")),
        (Some(_), Some(_)) => Err(MessageError::invalid("path", "give either the bytes of a file or its path")),
    }
}

/// A file that is open.
struct Opened {
    kind: Kind,
    argument: &'static str,
    source: Source,
}

impl Opened {
    fn check_size(&self) -> Result<(), MessageError> {
        let (size, most) = (self.source.size(), self.kind.most_bytes());
        if size == 0 {
            return Err(self.refuse("it has no bytes".into()));
        }
        if size > most {
            let words = self.kind.words();
            return Err(self.refuse(format!("it has {size} bytes: a message with {words} takes at most {most}")));
        }
        Ok(())
    }

    /// Its first bytes, at most so many.
    fn read(&self, most: usize) -> Result<Vec<u8>, MessageError> {
        let length = usize::try_from(self.source.size()).unwrap_or(most).min(most);
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self.source.read_at(filled as u64, &mut bytes[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.refuse(format!("it cannot be read: {error}"))),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    fn picture(&self) -> Result<Picture, MessageError> {
        match &self.source {
            Source::Memory(bytes) => Picture::of(bytes, self.argument),
            Source::File { size, .. } => Picture::of(&self.read(usize::try_from(*size).unwrap_or(0))?, self.argument),
        }
    }

    fn refuse(&self, reason: String) -> MessageError {
        MessageError::invalid(self.argument, reason)
    }
}

/// The same refusal, in the name of the argument that its caller knows.
fn in_the_name_of(error: MessageError, part: &str, known: &str) -> MessageError {
    match error {
        MessageError::InvalidArgument { argument, reason } if argument.starts_with(part) => {
            MessageError::invalid(known, reason)
        }
        other => other,
    }
}
