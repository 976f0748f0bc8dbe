//! The content of a message from the command line: a text, an image, a file, a link, or a payload.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use bytes::Bytes;

use super::{
    arguments::ContentArguments,
    console::Console,
    exit::Failure,
    payload::{self, Object},
};
use wildfirechat_message::{
    ContentExtras, FileContent, ImageContent, LinkContent, MAX_PAYLOAD_BYTES, MediaType, MessageContent, MessageError,
    MessagePayload, TextContent, UploadRequest, make_thumbnail,
};

/// The content of a message, read and checked. A file on this machine has not been uploaded yet.
pub(super) struct Content {
    says: ContentSource,
    extras: ContentExtras,
}

enum ContentSource {
    Whole(MessageContent),
    Image { at: Place, thumbnail: Option<Bytes> },
    File { at: Place, name: String },
}

/// Where a file is: on this machine, or at a URL.
enum Place {
    Url(String),
    Here { path: PathBuf, name: String, size: i64 },
}

/// The size of the largest image that is read to make its thumbnail.
const LARGEST_IMAGE: u64 = 64 * 1024 * 1024;

impl Content {
    pub(super) fn read(arguments: ContentArguments, console: &mut Console) -> Result<Self, Failure> {
        let extras = ContentExtras {
            extra: arguments.extra,
            push_content: arguments.push,
            push_data: arguments.push_data,
            expire_duration: arguments.expire,
            ..match (arguments.mention_all, arguments.mention.is_empty()) {
                (true, _) => ContentExtras::mention_everyone(),
                (false, true) => ContentExtras::default(),
                (false, false) => ContentExtras::mention(arguments.mention),
            }
        };
        let says = match (arguments.image, arguments.file, arguments.link, arguments.payload) {
            (Some(image), _, _, _) => image_of(&image, arguments.thumbnail.as_deref())?,
            (_, Some(file), _, _) => {
                let at = Place::of("--file", &file)?;
                let name = arguments.name.unwrap_or_else(|| at.name().to_owned());
                ContentSource::File { at, name }
            }
            (_, _, Some(url), _) => {
                let (title, digest) = (arguments.title.unwrap_or_default(), arguments.digest.unwrap_or_default());
                ContentSource::Whole(LinkContent { title, url, digest, thumbnail_url: arguments.picture }.into())
            }
            (_, _, _, Some(json)) => {
                ContentSource::Whole(MessageContent::Custom { payload: payload_of(&json, console)? })
            }
            (None, None, None, None) => {
                ContentSource::Whole(TextContent::new(text_of(arguments.text.as_deref(), console)?).into())
            }
        };
        Ok(Self { says, extras })
    }

    /// The file that must be uploaded first.
    pub(super) fn upload(&self) -> Option<UploadRequest> {
        let (at, media_type) = match &self.says {
            ContentSource::Whole(_) => return None,
            ContentSource::Image { at, .. } => (at, MediaType::Image),
            ContentSource::File { at, .. } => (at, MediaType::File),
        };
        match at {
            Place::Url(_) => None,
            Place::Here { path, name, .. } => Some(UploadRequest::file(name, path, media_type as i32)),
        }
    }

    /// The payload as it is before the upload, to be checked.
    pub(super) fn draft(&self) -> Result<MessagePayload, MessageError> {
        self.payload("https://file.invalid/the-url-that-the-upload-gives")
    }

    /// The beginning of its text, for a question to the user.
    pub(super) fn in_short(&self) -> Result<String, MessageError> {
        const LONGEST: usize = 60;
        let text = self.draft()?.searchable_content;
        let begin: String = text.chars().take(LONGEST).collect();
        Ok(if begin.len() < text.len() { begin + "…" } else { begin })
    }

    /// The payload; `uploaded` is the URL of the file, if one was uploaded.
    pub(super) fn payload(&self, uploaded: &str) -> Result<MessagePayload, MessageError> {
        let content: MessageContent = match &self.says {
            ContentSource::Whole(content) => content.clone(),
            ContentSource::Image { at, thumbnail } => {
                let remote_media_url = at.url(uploaded).to_owned();
                let thumbnail = thumbnail.clone();
                ImageContent { remote_media_url, thumbnail, ..ImageContent::default() }.into()
            }
            ContentSource::File { at, name } => {
                let size = if let Place::Here { size, .. } = at { *size } else { 0 };
                FileContent { name: name.clone(), size, remote_media_url: at.url(uploaded).to_owned() }.into()
            }
        };
        content.to_payload(Some(self.extras.clone()))
    }
}

impl Place {
    fn of(flag: &str, given: &str) -> Result<Self, Failure> {
        if given.starts_with("http://") || given.starts_with("https://") {
            return Ok(Self::Url(given.to_owned()));
        }
        let path = PathBuf::from(given);
        let wrong = |reason: String| Failure::usage(flag, format!("{given}: {reason}"));
        let about = path.metadata().map_err(|error| wrong(error.to_string()))?;
        if !about.is_file() {
            return Err(wrong("it is not a file".into()));
        }
        let name =
            path.file_name().and_then(|name| name.to_str()).ok_or_else(|| wrong("its name is not text".into()))?;
        let (name, size) = (name.to_owned(), i64::try_from(about.len()).unwrap_or(i64::MAX));
        Ok(Self::Here { path, name, size })
    }

    /// The name of a file on this machine, or the last part of a URL's path.
    fn name(&self) -> &str {
        match self {
            Self::Here { name, .. } => name,
            Self::Url(url) => {
                let path = url.split(['?', '#']).next().unwrap_or_default();
                path.rsplit('/').next().unwrap_or_default()
            }
        }
    }

    fn url<'a>(&'a self, uploaded: &'a str) -> &'a str {
        if let Self::Url(url) = self { url } else { uploaded }
    }
}

fn image_of(image: &str, thumbnail: Option<&Path>) -> Result<ContentSource, Failure> {
    let at = Place::of("--image", image)?;
    let (flag, shown) = match (&at, thumbnail) {
        (_, Some(file)) => ("--thumbnail", Some(file)),
        (Place::Here { path, .. }, None) => ("--image", Some(path.as_path())),
        (Place::Url(_), None) => ("", None),
    };
    let small = |file: &Path| {
        let wrong = |reason: String| Failure::usage(flag, format!("{}: {reason}", file.display()));
        let bytes = read_file(file).map_err(wrong)?;
        make_thumbnail(bytes).map_err(|error| match error {
            MessageError::InvalidArgument { reason, .. } => {
                wrong(format!("no thumbnail can be made from it: {reason}"))
            }
            other => Failure::Call(other),
        })
    };
    let thumbnail = shown.map(small).transpose()?;
    Ok(ContentSource::Image { at, thumbnail })
}

fn read_file(file: &Path) -> Result<Bytes, String> {
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(|error| error.to_string())?;
    opened.take(LARGEST_IMAGE + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    match bytes.len() as u64 > LARGEST_IMAGE {
        true => Err(format!("it has more than {} MiB", LARGEST_IMAGE >> 20)),
        false => Ok(bytes.into()),
    }
}

/// The text of the command line, or that of the standard input without the line break at its end.
fn text_of(given: Option<&str>, console: &mut Console) -> Result<String, Failure> {
    let text = match given {
        Some(text) if text != "-" => text.to_owned(),
        None if console.input_is_terminal => {
            return Err(Failure::usage("TEXT", "it is missing: give it as an argument or on the standard input"));
        }
        _ => {
            let mut text = input_of("TEXT", console)?;
            if text.ends_with('\n') {
                text.pop();
                if text.ends_with('\r') {
                    text.pop();
                }
            }
            text
        }
    };
    if text.is_empty() {
        return Err(Failure::usage("TEXT", "it is empty"));
    }
    Ok(text)
}

fn payload_of(given: &str, console: &mut Console) -> Result<MessagePayload, Failure> {
    let wrong = |reason: String| Failure::usage("--payload", reason);
    let text = match given.strip_prefix('@') {
        None => given.to_owned(),
        Some("-") => input_of("--payload", console)?,
        Some(file) => {
            let bytes = read_file(Path::new(file)).map_err(|reason| wrong(format!("{file}: {reason}")))?;
            String::from_utf8(bytes.into()).map_err(|_| wrong(format!("{file}: it is not UTF-8 text")))?
        }
    };
    Object::parse(&text).and_then(payload::payload).map_err(wrong)
}

/// Reads the standard input to its end, up to what a message can hold.
fn input_of(argument: &str, console: &mut Console) -> Result<String, Failure> {
    // JSON may need six bytes for one letter.
    const LONGEST: usize = 6 * MAX_PAYLOAD_BYTES;
    let wrong = |reason: String| Failure::usage(argument, reason);
    let mut bytes = Vec::new();
    let input = console.input()?;
    input.take(LONGEST as u64 + 1).read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
    if bytes.len() > LONGEST {
        return Err(wrong(format!(
            "the standard input has more than {LONGEST} bytes, but a message may have at most {MAX_PAYLOAD_BYTES}"
        )));
    }
    String::from_utf8(bytes).map_err(|_| wrong("the standard input is not UTF-8 text".into()))
}
