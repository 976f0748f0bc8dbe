//! The trouble that a sandbox makes on demand.

use std::{io, time::Duration};

use serde_json::json;

use super::{
    answers,
    http::{After, Response, Wire, write_head},
};

/// How long a fault that takes time takes, where nothing else is said.
const DELAY: Duration = Duration::from_secs(1);
const HUGE_BODY: usize = 1024 * 1024 * 1024;

/// A code that is in no list.
const UNHEARD_OF: i32 = 9999;

macro_rules! faults {
    ($(#[$about:meta])* $name:ident { $($(#[$meaning:meta])* $fault:ident,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
        #[non_exhaustive]
        pub enum $name { $($(#[$meaning])* $fault,)* }

        impl $name {
            /// Every fault, in the order of the moments at which they strike.
            pub const ALL: &[Self] = &[$(Self::$fault,)*];
        }
    };
}

faults! {
    /// What happens to a request instead of a normal answer.
    ///
    /// "Executing" means everything that the request would do without the fault: a request that the server would refuse
    /// is refused, and any other request has its effect, which `executions` of the sandbox counts. Faults that take
    /// time use the given delay, or 1 second without one.
    Fault {
        /// Resets the connection when the head has arrived, before the body is read, and refuses every new connection for the
        /// delay. Nothing is executed.
        Refuse,
        /// Closes the connection when the head has arrived, before the body is read. If a part of the body was already
        /// on its way, the system turns this into a reset. Nothing is executed.
        CloseBeforeReading,
        /// Resets the connection when the head has arrived, before the body is read. Nothing is executed.
        ResetBeforeReading,
        /// Waits for the delay before it reads the body; then the request is executed and answered normally.
        DelayBeforeReading,
        /// Reads the whole request and closes the connection. Nothing is executed.
        CloseAfterReading,
        /// Reads the whole request and resets the connection. Nothing is executed.
        ResetAfterReading,
        /// Reads the whole request and waits for the delay before it executes it; then it answers normally.
        DelayAfterReading,
        /// Reads the whole request and never answers; the connection stays open. Nothing is executed.
        NeverAnswer,
        /// Executes the request and closes the connection without an answer.
        CloseAfterExecuting,
        /// Executes the request and resets the connection without an answer.
        ResetAfterExecuting,
        /// Executes the request and waits for the delay before it answers.
        DelayAfterExecuting,
        /// Executes the request and never answers; the connection stays open.
        NeverAnswerAfterExecuting,
        /// Executes the request and closes the connection in the middle of the answer's head.
        CloseInAnswer,
        /// Executes the request and closes the connection in the middle of the answer's body.
        TruncatedBody,
        /// Executes the request and resets the connection in the middle of the answer's body.
        ResetInAnswer,
        /// Executes the request and waits for the delay in the middle of the answer's body.
        DelayInAnswer,
        /// Executes the request and sends the answer byte by byte, with the delay between the bytes.
        SlowDrip,
        /// Executes the request and announces half the length of the answer's body; the rest of the body follows on the
        /// connection, which stays open.
        WrongLength,
        /// Executes the request and sends the answer in chunks, as a proxy may do: this answer is correct.
        ChunkedAnswer,
        /// Executes the request and answers with another message, as if that message had been looked up.
        ForeignAnswer,
        /// Answers HTTP 200 and streams 1 GiB of a body without a length, then closes. Nothing is executed.
        HugeBody,
        /// Answers HTTP 307 with another address. Nothing is executed.
        Redirect,
        /// Answers HTTP 401 without a code, as the vendor's page describes. Nothing is executed.
        HttpUnauthorized,
        /// Answers HTTP 429 with the delay, in whole seconds, as `Retry-After`. Nothing is executed.
        TooManyRequests,
        /// Answers HTTP 500 with a text, says that the connection stays open, and closes it half a millisecond later,
        /// as for a body that cannot be read. Nothing is executed.
        UnreadableRequest,
        /// Answers HTTP 502 with an HTML page, like a proxy in front of a server that does not run. Nothing is
        /// executed.
        HtmlAnswer,
        /// Executes the request and answers HTTP 502 with an HTML page, like a proxy in front of a server that stopped
        /// immediately afterwards.
        HtmlAnswerAfterExecuting,
        /// Answers like a gateway in front of the server that does not pass the request on: in turn with HTTP 500, 502,
        /// 504, 200, 403 or 404, and with JSON, text, HTML or an empty body of its own. Nothing is executed.
        GatewayAnswer,
        /// Answers like `GatewayAnswer`, as a gateway that has stopped waiting, and executes the request after that.
        GatewayAnswerBeforeExecuting,
        /// Executes the request and answers like `GatewayAnswer` in place of the server.
        GatewayAnswerAfterExecuting,
        /// Answers HTTP 503 without a body. Nothing is executed.
        ServiceUnavailable,
        /// Executes the request and answers HTTP 504 without a body, like a proxy that has stopped waiting.
        GatewayTimeout,
        /// Answers code 243: the signature is too old. Nothing is executed.
        SignExpired,
        /// Answers code 244: the signature is wrong. Nothing is executed.
        AuthFailure,
        /// Answers code 249: the server's own time-out. Nothing is executed.
        ServerTimeout,
        /// Executes the request and nevertheless answers code 249.
        ServerTimeoutAfterExecuting,
        /// Answers code 250: too many requests. Nothing is executed.
        OverFrequency,
        /// Answers a code that is not in the vendor's list. Nothing is executed.
        UnknownCode,
    }
}

faults! {
    /// What happens to a file on its way to the file store of the sandbox instead of a normal answer.
    ///
    /// Faults that take time use the given delay, or 1 second without one.
    StoreFault {
        /// Resets the connection when the head has arrived, and refuses every new connection for the delay.
        Refuse,
        /// Resets the connection when half of the file has arrived.
        CutInBody,
        /// Reads nothing for the delay when half of the file has arrived; then it stores the file and answers normally.
        StallInBody,
        /// Waits for the delay after each piece that arrives; then it stores the file and answers normally.
        SlowReading,
        /// Reads the whole file and closes the connection. Nothing is stored.
        CloseBeforeStoring,
        /// Stores the file and closes the connection without an answer.
        CloseAfterStoring,
        /// Reads the whole file and never answers; the connection stays open. Nothing is stored.
        NeverAnswer,
        /// Reads the whole file and answers HTTP 403. Nothing is stored.
        Forbidden,
        /// Reads the whole file and answers HTTP 429 with the delay, in whole seconds, as `Retry-After`. Nothing is stored.
        TooManyRequests,
        /// Reads the whole file and answers HTTP 500 with a text. Nothing is stored.
        InternalError,
        /// Reads the whole file and answers HTTP 502 with an HTML page. Nothing is stored.
        HtmlAnswer,
        /// Reads the whole file and answers HTTP 307 with another address. Nothing is stored.
        Redirect,
    }
}

impl Fault {
    /// Its name in snake case, as the conformance cases and the sandbox's program have it.
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    /// The fault with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }

    /// Whether the request is executed although this happens to it; it may still be refused.
    pub fn executes(self) -> bool {
        !matches!(
            self,
            Self::Refuse
                | Self::CloseBeforeReading
                | Self::ResetBeforeReading
                | Self::CloseAfterReading
                | Self::ResetAfterReading
                | Self::NeverAnswer
                | Self::HugeBody
                | Self::Redirect
                | Self::HttpUnauthorized
                | Self::TooManyRequests
                | Self::UnreadableRequest
                | Self::HtmlAnswer
                | Self::GatewayAnswer
                | Self::ServiceUnavailable
                | Self::SignExpired
                | Self::AuthFailure
                | Self::ServerTimeout
                | Self::OverFrequency
                | Self::UnknownCode
        )
    }
}

/// What a fault has done before the body of its request is read.
pub(super) enum BeforeReading {
    /// Nothing: the body is read.
    Go,
    /// Waits first.
    Wait(Duration),
    /// Ends the connection.
    End(After),
    /// Closes the port for so long, then resets the connection.
    Refuse(Duration),
}

/// A fault on its way to a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trouble {
    pub(super) fault: Fault,
    pub(super) delay: Option<Duration>,
    /// How many gateways answered before it.
    pub(super) turn: usize,
}

impl Trouble {
    fn delay(self) -> Duration {
        self.delay.unwrap_or(DELAY)
    }

    /// The trouble that comes before the body is read.
    pub(super) fn before_reading(self) -> BeforeReading {
        match self.fault {
            Fault::Refuse => BeforeReading::Refuse(self.delay()),
            Fault::CloseBeforeReading => BeforeReading::End(After::Close),
            Fault::ResetBeforeReading => BeforeReading::End(After::Reset),
            Fault::DelayBeforeReading => BeforeReading::Wait(self.delay()),
            _ => BeforeReading::Go,
        }
    }

    /// Makes the trouble. `execute` does what the request asks for and gives the answer that it would get.
    pub(super) async fn play(self, wire: &mut Wire, execute: impl Future<Output = Response>) -> io::Result<After> {
        if !self.fault.executes() {
            return self.play_unexecuted(wire).await;
        }
        if self.fault == Fault::GatewayAnswerBeforeExecuting {
            let after = wire.answer(&answers::gateways_own(self.turn)).await;
            execute.await;
            return after;
        }
        if self.fault == Fault::DelayAfterReading {
            tokio::time::sleep(self.delay()).await;
        }
        let response = execute.await;
        match self.fault {
            Fault::CloseAfterExecuting => Ok(After::Close),
            Fault::ResetAfterExecuting => Ok(After::Reset),
            Fault::NeverAnswerAfterExecuting => Ok(After::Hold),
            Fault::DelayAfterExecuting => {
                tokio::time::sleep(self.delay()).await;
                wire.answer(&response).await
            }
            Fault::CloseInAnswer => {
                let head = response.head();
                wire.write(&head[..head.len() / 2]).await?;
                Ok(After::Close)
            }
            Fault::TruncatedBody => half(wire, &response).await.map(|_| After::Close),
            Fault::ResetInAnswer => half(wire, &response).await.map(|_| After::Reset),
            Fault::DelayInAnswer => {
                let rest = half(wire, &response).await?;
                tokio::time::sleep(self.delay()).await;
                wire.write(rest).await?;
                Ok(response.after)
            }
            Fault::SlowDrip => {
                for byte in response.bytes() {
                    wire.write(&[byte]).await?;
                    tokio::time::sleep(self.delay()).await;
                }
                Ok(response.after)
            }
            Fault::WrongLength => {
                let half = (response.body.len() / 2).to_string();
                wire.write(&response.head_with(("content-length", &half))).await?;
                wire.write(&response.body).await?;
                Ok(response.after)
            }
            Fault::ChunkedAnswer => chunked(wire, &response).await,
            Fault::ForeignAnswer => wire.answer(&answers::success(Some(somebody_elses()))).await,
            Fault::HtmlAnswerAfterExecuting => wire.answer(&answers::bad_gateway()).await,
            Fault::GatewayAnswerAfterExecuting => wire.answer(&answers::gateways_own(self.turn)).await,
            Fault::GatewayTimeout => wire.answer(&answers::empty(504)).await,
            Fault::ServerTimeoutAfterExecuting => wire.answer(&answers::business_error(answers::TIMEOUT)).await,
            _ => wire.answer(&response).await,
        }
    }

    async fn play_unexecuted(self, wire: &mut Wire) -> io::Result<After> {
        let response = match self.fault {
            Fault::CloseAfterReading => return Ok(After::Close),
            Fault::ResetAfterReading => return Ok(After::Reset),
            Fault::NeverAnswer => return Ok(After::Hold),
            Fault::HugeBody => return huge_body(wire).await,
            Fault::Redirect => answers::with_header(307, "location", "http://127.0.0.1:1/elsewhere"),
            Fault::HttpUnauthorized => answers::empty(401),
            Fault::TooManyRequests => answers::with_header(429, "retry-after", &self.delay().as_secs().to_string()),
            Fault::UnreadableRequest => answers::unreadable("as it was asked to"),
            Fault::GatewayAnswer => answers::gateways_own(self.turn),
            Fault::ServiceUnavailable => answers::empty(503),
            Fault::SignExpired => answers::refusal(answers::SIGN_EXPIRED),
            Fault::AuthFailure => answers::refusal(answers::AUTH_FAILURE),
            Fault::ServerTimeout => answers::business_error(answers::TIMEOUT),
            Fault::OverFrequency => answers::refusal(answers::OVER_FREQUENCY),
            Fault::UnknownCode => answers::business_error(UNHEARD_OF),
            _ => answers::bad_gateway(),
        };
        wire.answer(&response).await
    }
}

/// Writes the head and half of the body, and gives the other half.
async fn half<'a>(wire: &mut Wire, response: &'a Response) -> io::Result<&'a [u8]> {
    wire.write(&response.head()).await?;
    let (first, rest) = response.body.split_at(response.body.len() / 2);
    wire.write(first).await?;
    Ok(rest)
}

async fn chunked(wire: &mut Wire, response: &Response) -> io::Result<After> {
    wire.write(&response.head_with(("transfer-encoding", "chunked"))).await?;
    let (first, rest) = response.body.split_at(response.body.len() / 2);
    for chunk in [first, rest].into_iter().filter(|chunk| !chunk.is_empty()) {
        wire.write(format!("{:x}\r\n", chunk.len()).as_bytes()).await?;
        wire.write(chunk).await?;
        wire.write(b"\r\n").await?;
    }
    wire.write(b"0\r\n\r\n").await?;
    Ok(response.after)
}

/// The answer to the look-up of a message that nobody here sent.
fn somebody_elses() -> serde_json::Value {
    json!({
        "messageId": 588_582_842_607_370_241_i64,
        "sender": "somebody",
        "conv": {"type": 0, "target": "somebody-else", "line": 0},
        "payload": {"type": 1, "searchableContent": "an answer to another request", "persistFlag": 3},
        "timestamp": 1_795_394_170_036_i64,
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_by_its_name() {
        for &fault in Fault::ALL {
            assert_eq!(Fault::named(&fault.name()), Some(fault));
        }
        assert_eq!(Fault::CloseBeforeReading.name(), "close_before_reading");
        assert_eq!(Fault::named("nothing"), None);
    }
}
