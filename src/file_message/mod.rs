//! Messages that carry a file, in one call: the file is looked at, uploaded and sent (feature `files`).
//!
//! All that can be refused is refused before anything is sent: a file that is missing, empty, too large or of another
//! kind, and a message that the server would never take.

mod duration;
mod kind;
mod look;
mod requests;

use crate::{
    MessageError, MessagePayload, SentMessage, Upload,
    access::Access,
    endpoints::{Endpoint, GetUploadUrl, UploadAddress},
    upload::FollowUp,
};
use look::Look;
pub(crate) use requests::FileMessage;
pub use requests::{
    RobotSendFileRequest, RobotSendImageRequest, RobotSendVideoRequest, RobotSendVoiceRequest, SendFileRequest,
    SendImageRequest, SendVideoRequest, SendVoiceRequest,
};

/// Stands for the URL that the server will name, where the message is checked before it is known.
const SOME_URL: &str = "https://files.example.com/0123456789abcdef0123456789abcdef/0123456789abcdef0123456789abcdef";

/// Begins the upload of a file and the sending of its message; `message` puts a payload into the client's own request, and
/// `ask` makes its own question for an address.
pub(crate) fn begin<M, A>(
    access: &Access,
    file: FileMessage,
    message: impl Fn(MessagePayload) -> M + Send + 'static,
    ask: impl FnOnce(GetUploadUrl) -> A,
) -> Result<Upload, MessageError>
where
    M: Endpoint<Answer = SentMessage> + 'static,
    A: Endpoint<Answer = UploadAddress> + 'static,
{
    let Access { caller, stores, .. } = access;
    let url = file.remote_media_url.clone();
    let Look { source, question, content } = Look::at(file)?;
    let checked = caller.check(message(content.payload(url.as_deref().unwrap_or(SOME_URL))?))?;
    let carried = checked.carried();
    let headers = carried.clone();
    let follow_up: FollowUp = Box::new(move |caller, url| {
        let call = caller.check(message(content.payload(url)?))?.carrying(&headers);
        Ok(caller.begin(call, |sent| sent)?.parked())
    });
    match url {
        Some(url) => Upload::only_message(caller, stores, url, follow_up),
        None => Upload::begin_before(caller, stores, (source, question), ask, &carried, follow_up),
    }
}
