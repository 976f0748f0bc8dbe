//! The trouble that a sandbox makes on demand.

use std::{io, time::Duration};

use super::{
    answers,
    http::{After, Response, Wire, write_head},
};

const DRIP: Duration = Duration::from_secs(1);
const HUGE_BODY: usize = 1024 * 1024 * 1024;

/// What happens to a request instead of a proper answer.
///
/// "Executing" is all that the request would do without the fault: a request that is refused is refused, and one
/// that is not leaves its mark, which the sandbox's `executions` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
#[non_exhaustive]
pub enum Fault {
    /// Closes the connection when the head has arrived, the body unread. Where some of the body was already under
    /// way, the system makes this a reset. Nothing is executed.
    CloseBeforeReading,
    /// Resets the connection when the head has arrived, the body unread. Nothing is executed.
    ResetBeforeReading,
    /// Reads the whole request and closes the connection. Nothing is executed.
    CloseAfterReading,
    /// Reads the whole request and resets the connection. Nothing is executed.
    ResetAfterReading,
    /// Executes the request and closes the connection without an answer.
    CloseAfterExecuting,
    /// Executes the request and resets the connection without an answer.
    ResetAfterExecuting,
    /// Executes the request and closes the connection in the middle of the answer's head.
    CloseInAnswer,
    /// Executes the request and closes the connection in the middle of the answer's body.
    TruncatedBody,
    /// Reads the whole request and never answers; the connection stays open. Nothing is executed.
    NeverAnswer,
    /// Executes the request and never answers; the connection stays open.
    NeverAnswerAfterExecuting,
    /// Answers HTTP 502 with a page of HTML, like a proxy before a dead server. Nothing is executed.
    HtmlAnswer,
    /// Answers HTTP 500 with a text, says that the connection stays open, and closes it half a millisecond later,
    /// as for a body that cannot be read. Nothing is executed.
    UnreadableRequest,
    /// Answers HTTP 200 and streams 1 GiB of a body without a length, then closes. Nothing is executed.
    HugeBody,
    /// Executes the request and sends the answer at one byte a second.
    SlowDrip,
}

impl Fault {
    /// How the connection ends before the body is read, for the faults that come so early.
    pub(super) fn before_reading(self) -> Option<After> {
        match self {
            Self::CloseBeforeReading => Some(After::Close),
            Self::ResetBeforeReading => Some(After::Reset),
            _ => None,
        }
    }

    /// Makes the trouble. `execute` does what the request asks for and gives the answer that it would get.
    pub(super) async fn play(self, wire: &mut Wire, execute: impl FnOnce() -> Response) -> io::Result<After> {
        match self {
            Self::CloseBeforeReading | Self::CloseAfterReading => return Ok(After::Close),
            Self::ResetBeforeReading | Self::ResetAfterReading => return Ok(After::Reset),
            Self::NeverAnswer => return Ok(After::Hold),
            Self::HtmlAnswer => return wire.answer(&answers::bad_gateway()).await,
            Self::UnreadableRequest => {
                return wire.answer(&answers::unreadable("as it was asked to")).await;
            }
            Self::HugeBody => return huge_body(wire).await,
            _ => {}
        }
        let response = execute();
        match self {
            Self::ResetAfterExecuting => Ok(After::Reset),
            Self::NeverAnswerAfterExecuting => Ok(After::Hold),
            Self::CloseInAnswer => {
                let head = response.head();
                wire.write(&head[..head.len() / 2]).await?;
                Ok(After::Close)
            }
            Self::TruncatedBody => {
                wire.write(&response.head()).await?;
                wire.write(&response.body[..response.body.len() / 2]).await?;
                Ok(After::Close)
            }
            Self::SlowDrip => slow_drip(wire, &response).await,
            _ => Ok(After::Close),
        }
    }
}

async fn huge_body(wire: &mut Wire) -> io::Result<After> {
    let headers = [("content-type", "application/json"), ("connection", "close")];
    wire.write(&write_head(200, headers.into_iter())).await?;
    wire.write(br#"{"code":0,"msg":"success","result":""#).await?;
    let piece = [b'a'; 64 * 1024];
    for _ in 0..HUGE_BODY / piece.len() {
        wire.write(&piece).await?;
    }
    Ok(After::Close)
}

async fn slow_drip(wire: &mut Wire, response: &Response) -> io::Result<After> {
    for byte in response.bytes() {
        wire.write(&[byte]).await?;
        tokio::time::sleep(DRIP).await;
    }
    Ok(response.after)
}
