//! `doctor`: checks step by step what a call needs to get an answer of the server, and says what to do about a failure.
//!
//! It makes connections and two calls that only read: it looks message 1 up, which no server has (to find out the server's clock
//! also with signatures for other times), and asks up to when messages were delivered to a user. It sends and changes nothing.

use std::{
    io,
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use anstyle::AnsiColor;
use serde_json::json;
use url::Url;

use super::{
    arguments::Common,
    clock,
    console::Console,
    exit::{self, Failure},
    settings::Settings,
};
use wildfirechat_message::{
    ErrorCode, MessageClient, MessageError,
    endpoints::{DeliveryTime, GetMessage},
};

/// The usual port of the message API.
const USUAL_PORT: u16 = 18080;

/// The steps, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Settings,
    Name,
    Port,
    Tls,
    Answer,
    // In the order in which the server checks a request.
    Limit,
    Clock,
    Secret,
    Edition,
}

impl Step {
    const ALL: [Self; 9] = [
        Self::Settings,
        Self::Name,
        Self::Port,
        Self::Tls,
        Self::Answer,
        Self::Limit,
        Self::Clock,
        Self::Secret,
        Self::Edition,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Name => "name",
            Self::Port => "port",
            Self::Tls => "TLS",
            Self::Answer => "answer",
            Self::Clock => "clock",
            Self::Secret => "secret",
            Self::Limit => "limit",
            Self::Edition => "edition",
        }
    }

    /// The exit code if this step fails.
    fn code(self) -> i32 {
        match self {
            Self::Clock | Self::Secret => exit::NOT_AUTHORIZED,
            Self::Limit => exit::LATER,
            _ => exit::NOT_EXECUTED,
        }
    }
}

/// A step that failed: the cause, and what to do.
struct Ailment {
    step: Step,
    says: String,
    to_do: String,
}

impl Ailment {
    fn new(step: Step, says: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self { step, says: says.into(), to_do: to_do.into() }
    }
}

pub(super) fn examine(common: &Common, console: &mut Console) -> Result<(), Failure> {
    let settings = Settings::find(common)?;
    let (url, whose_secret) = (settings.url.clone(), settings.whose_secret());
    let timeout = settings.options.connect_timeout.unwrap_or(Duration::from_secs(5));
    let mut doctor = Doctor { timeout, way: Way::of(&settings), console, done: Vec::new(), whose_secret };
    let client = settings.client(doctor.console)?;
    doctor.well(Step::Settings, &format!("{url}, with {whose_secret}{}", doctor.way.shown_proxy()));
    let outcome = doctor.go_through(&client);
    let code = match outcome {
        Ok(()) => return Ok(()),
        Err(ailment) => doctor.tell_ailment(&ailment),
    };
    doctor.tell_rest();
    Err(Failure::Told(code))
}

/// Where connections are made to: the server, or a proxy in front of it.
struct Way {
    host: String,
    port: u16,
    is_proxy: bool,
    /// Whether the server's URL says https.
    is_tls: bool,
}

impl Way {
    /// None for a URL that cannot be parsed; the client has refused it before.
    fn of(settings: &Settings) -> Self {
        let server = settings.url.parse::<Url>().ok();
        let is_tls = server.as_ref().is_some_and(|url| url.scheme() == "https");
        let proxy = settings.options.proxy.as_ref().and_then(|proxy| proxy.parse::<Url>().ok());
        let is_proxy = proxy.is_some();
        let first = proxy.or(server);
        let host = first.as_ref().and_then(Url::host_str).unwrap_or_default();
        let host = host.trim_matches(['[', ']']).to_owned();
        let usual = if first.as_ref().is_some_and(|url| url.scheme().starts_with("socks5")) { 1080 } else { 80 };
        let port = first.as_ref().and_then(Url::port_or_known_default).unwrap_or(usual);
        Self { host, port, is_proxy, is_tls }
    }

    fn shown_proxy(&self) -> String {
        if self.is_proxy { format!(", by the proxy {}:{}", self.host, self.port) } else { String::new() }
    }

    fn whose(&self) -> &'static str {
        if self.is_proxy { "the proxy's" } else { "the server's" }
    }
}

struct Doctor<'a> {
    console: &'a mut Console,
    way: Way,
    timeout: Duration,
    done: Vec<Step>,
    whose_secret: &'static str,
}

impl Doctor<'_> {
    fn go_through(&mut self, client: &MessageClient) -> Result<(), Ailment> {
        let addresses = self.look_up()?;
        self.connect(&addresses)?;
        self.shake_hands(client)?;
        self.ask(client)?;
        self.ask_for_the_edition(client)
    }

    /// Checks that the host name has addresses.
    fn look_up(&mut self) -> Result<Vec<SocketAddr>, Ailment> {
        let (host, port) = (self.way.host.clone(), self.way.port);
        let (give, take) = mpsc::channel();
        // The look-up of the system has no time-out.
        thread::spawn(move || give.send((host.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>)));
        let host = &self.way.host;
        let to_do = format!("check the spelling of {} host in the URL, and this machine's DNS", self.way.whose());
        match take.recv_timeout(self.timeout) {
            Ok(Ok(addresses)) if !addresses.is_empty() => {
                let mut shown: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
                shown.dedup();
                let is_address = shown.first().is_some_and(|first| first == host);
                let says = if is_address {
                    format!("{host} is an address")
                } else {
                    format!("{host} is {}", shown.join(", "))
                };
                self.well(Step::Name, &says);
                Ok(addresses)
            }
            Ok(Ok(_)) => Err(Ailment::new(Step::Name, format!("there is no address for the name {host}"), to_do)),
            Ok(Err(error)) => {
                let says = format!("there is no address for the name {host} ({error})");
                Err(Ailment::new(Step::Name, says, to_do))
            }
            Err(_) => {
                let says = format!("the DNS did not tell the address of {host} within {:?}", self.timeout);
                Err(Ailment::new(Step::Name, says, "check this machine's DNS: can it reach its name server?"))
            }
        }
    }

    /// Checks that a program listens on the port.
    fn connect(&mut self, addresses: &[SocketAddr]) -> Result<(), Ailment> {
        let port = self.way.port;
        let begun = Instant::now();
        let mut refused = None;
        for address in addresses {
            let left = self.timeout.saturating_sub(begun.elapsed());
            if left.is_zero() {
                break;
            }
            match TcpStream::connect_timeout(address, left) {
                Ok(_) => {
                    self.well(Step::Port, &format!("{address} accepts connections"));
                    return Ok(());
                }
                Err(error) => refused = Some((address, error)),
            }
        }
        let host = &self.way.host;
        Err(match refused {
            Some((address, error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                let says = format!("nothing listens on port {port} of {host} ({address}: connection refused)");
                Ailment::new(Step::Port, says, self.what_to_do_where_nothing_listens(addresses))
            }
            Some((address, error)) if error.kind() != io::ErrorKind::TimedOut => Ailment::new(
                Step::Port,
                format!("there is no way to {address} ({error})"),
                "check this machine's network: is there a route to that address?",
            ),
            _ => Ailment::new(
                Step::Port,
                format!("port {port} of {host} does not answer within {:?}", self.timeout),
                "the machine is not running, or a firewall drops what is sent to that port: check the address, \
                 whether the machine is running, and the rules of the firewall",
            ),
        })
    }

    /// What to do if nothing listens: if the usual port of the same machine is open, the port in the URL is probably wrong.
    fn what_to_do_where_nothing_listens(&self, addresses: &[SocketAddr]) -> String {
        let usual = addresses.iter().map(|address| SocketAddr::new(address.ip(), USUAL_PORT));
        let is_open = |address: SocketAddr| TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok();
        if self.way.is_proxy {
            "start the proxy, or correct its port".into()
        } else if self.way.port != USUAL_PORT && usual.into_iter().any(is_open) {
            format!(
                "correct the port in the URL: port {USUAL_PORT}, the usual port of the message API, is open on that \
                 machine"
            )
        } else {
            format!(
                "start the server, or correct the port in the URL: the port of the message API is {USUAL_PORT}, \
                 unless the server is configured otherwise"
            )
        }
    }

    /// Checks TLS, and a proxy on the way to the server.
    fn shake_hands(&mut self, client: &MessageClient) -> Result<(), Ailment> {
        match client.try_connection() {
            Ok(()) if self.way.is_tls => {
                self.well(Step::Tls, "the handshake succeeds; the certificate is trusted and issued for this name");
                Ok(())
            }
            Ok(()) => {
                let notice = client.access().and_then(|access| access.notice()).ok().flatten();
                self.well(Step::Tls, &notice.unwrap_or_else(|| "not used, because the URL begins with http://".into()));
                Ok(())
            }
            Err(MessageError::Unreachable { reason, .. }) => {
                let to_do = what_to_do_about_tls(&reason);
                Err(Ailment::new(Step::Tls, reason, to_do))
            }
            Err(error) => Err(Ailment::new(Step::Tls, error.to_string(), "try again")),
        }
    }

    /// Looks up a message that no server has: the answer shows whether it comes from the server, and proves secret, clock and
    /// limit.
    fn ask(&mut self, client: &MessageClient) -> Result<(), Ailment> {
        const NOBODYS: i64 = 1;
        let answer = client.call_unless(GetMessage { message_uid: NOBODYS }, || false);
        let error = match answer {
            Ok(_) => None,
            Err(MessageError::Rejected { code, .. }) if code == ErrorCode::NotExist as i32 => None,
            Err(error) => Some(error),
        };
        let offset = clock_is_known(error.as_ref()).then(|| clock::offset(client)).flatten();
        let clock = offset.map_or_else(|| ACCEPTED_TIME.to_owned(), clock::told);
        let ailment = match (&error, offset) {
            // Some servers accept a clock that is ahead.
            (None, Some(offset)) if offset.abs() > clock::OLDEST => {
                Some(Ailment::new(Step::Clock, &clock, SET_THE_CLOCK))
            }
            (Some(error), _) => diagnose(error, offset, self.whose_secret),
            (None, _) => None,
        };
        let looked_at = [
            (Step::Answer, "the server itself answers"),
            (Step::Limit, "the server accepts calls"),
            (Step::Clock, &clock),
            (Step::Secret, "the server accepts the signature"),
        ];
        // If the server refuses one of these, it has passed those before.
        for (step, says) in looked_at {
            if ailment.as_ref().is_none_or(|ailment| step < ailment.step) {
                self.well(step, says);
            }
        }
        ailment.map_or(Ok(()), Err)
    }

    /// Makes a call that only professional servers answer.
    fn ask_for_the_edition(&mut self, client: &MessageClient) -> Result<(), Ailment> {
        match client.call_unless(DeliveryTime { user_id: "admin".into() }, || false) {
            Ok(_) | Err(MessageError::Rejected { .. }) => {
                self.well(Step::Edition, "professional: the server has every endpoint of the message API");
                Ok(())
            }
            Err(MessageError::NotSupported { .. }) => {
                self.well(
                    Step::Edition,
                    "community: the server has send, recall, get, multicast and broadcast, but not update, delete, \
                     read-time, delivery, import and upload",
                );
                Ok(())
            }
            Err(error) => Err(Ailment::new(
                Step::Edition,
                error.to_string(),
                "the request that finds out the edition was answered differently from the one before it: run this \
                 command again, and check what stands in front of the server",
            )),
        }
    }

    fn well(&mut self, step: Step, says: &str) {
        self.done.push(step);
        let mark = self.console.coloured(AnsiColor::Green, "ok    ");
        let json = json!({"step": step.name(), "status": "ok", "says": says});
        self.console.tell(&format!("{mark}  {:<8} {says}", step.name()), &json);
    }

    fn tell_ailment(&mut self, ailment: &Ailment) -> i32 {
        let Ailment { step, says, to_do } = ailment;
        self.done.push(*step);
        let mark = self.console.coloured(AnsiColor::Red, "failed");
        let json = json!({"step": step.name(), "status": "failed", "says": says, "to_do": to_do});
        self.console.tell(&format!("{mark}  {:<8} {says}\n        {:<8} what to do: {to_do}", step.name(), ""), &json);
        step.code()
    }

    fn tell_rest(&mut self) {
        for step in Step::ALL.into_iter().filter(|step| !self.done.contains(step)).collect::<Vec<_>>() {
            let mark = self.console.coloured(AnsiColor::BrightBlack, "-     ");
            let json = json!({"step": step.name(), "status": "not looked at"});
            self.console.tell(&format!("{mark}  {:<8} not looked at", step.name()), &json);
        }
    }
}

/// What to do, found by the words that the library has for the failure.
fn what_to_do_about_tls(reason: &str) -> &'static str {
    let table = [
        ("root_certificates", "give that certificate with --ca-file, or as ca_file in the profile"),
        ("does not speak TLS", "write http:// instead of https:// in the URL, or correct its port"),
        ("clock is wrong", "renew the server's certificate, or set this machine's clock"),
        (
            "another host name",
            "use the host name of the certificate in the URL, or get a certificate for this host name",
        ),
        ("of this client", "give a certificate of this client as client_certificate and client_key in the profile"),
        (
            "proxy",
            "correct the proxy's URL, and give the user name and the password that it requires as proxy_user and \
             proxy_password in the profile",
        ),
    ];
    let known = table.into_iter().find(|(words, _)| reason.contains(words));
    known.map_or("check the TLS settings of the server, or of what stands in front of it", |(_, to_do)| to_do)
}

const ACCEPTED_TIME: &str = "the server accepts this machine's time, which is not more than 2 hours behind its own";
const SET_THE_CLOCK: &str = "correct the clock that is wrong, preferably by NTP: compare both with the true time \
                             (`date -u`)";

/// Whether the answer allows finding out the server's clock: the server knows the secret, or checks the time before it.
fn clock_is_known(error: Option<&MessageError>) -> bool {
    match error {
        None => true,
        Some(MessageError::Unauthorized { code, .. }) => *code == ErrorCode::SignExpired as i32,
        Some(_) => false,
    }
}

/// The cause that an error of the look-up proves; None if it proves that everything works.
fn diagnose(error: &MessageError, offset: Option<i64>, whose_secret: &str) -> Option<Ailment> {
    let cause = |step, says: String, to_do: &str| Some(Ailment::new(step, says, to_do));
    match error {
        MessageError::Unauthorized { code, clock_offset, .. } if *code == ErrorCode::SignExpired as i32 => {
            let says = match (offset, clock_offset) {
                (Some(offset), _) => clock::told(offset),
                (None, Some(_)) => after_semicolon(error),
                (None, None) => "this machine's clock and the server's are more than 2 hours apart".into(),
            };
            cause(Step::Clock, says, SET_THE_CLOCK)
        }
        MessageError::Unauthorized { code, .. } if *code == ErrorCode::ApiNotSigned as i32 => cause(
            Step::Answer,
            "the request reached the server without its signature (code 239)".into(),
            "configure the gateway or proxy in front of the server so that it passes the headers nonce, timestamp and \
             sign on",
        ),
        MessageError::Unauthorized { code, .. } if *code == ErrorCode::AuthFailure as i32 => cause(
            Step::Secret,
            format!("the server does not accept {whose_secret} (code 244)"),
            "give the server's admin secret exactly as it stands in the server's settings: without spaces, a line \
             break or quotes around it",
        ),
        MessageError::Unauthorized { .. } => cause(
            Step::Answer,
            format!("a gateway in front of the server requires a login, or the server refuses the signature ({error})"),
            "give the headers that the gateway requires as headers in the profile, or use an address that does not go \
             through it",
        ),
        MessageError::RateLimited { .. } => cause(
            Step::Limit,
            format!("the server accepts no more calls for now ({error})"),
            "wait some seconds, find out which other programs call this server so often, or raise its limit (10,000 \
             calls in 10 s by default)",
        ),
        MessageError::NotSupported { .. } => cause(
            Step::Answer,
            "a server answers, but it does not know the message API".into(),
            "correct the URL: its path may be wrong, or its port may be the one for users instead of the one of the \
             admin API (18080)",
        ),
        MessageError::InvalidResponse { reason, status, body, .. } => cause(
            Step::Answer,
            format!("the answer does not come from the server: {reason} (HTTP {status}{})", excerpt(body)),
            "another program listens at this address or stands in front of the server (a proxy, a gateway, a login \
             page): correct the URL, or use an address that does not go through it",
        ),
        MessageError::TimedOut { .. } => cause(
            Step::Answer,
            "the port accepts connections, but nobody answers".into(),
            "check whether the server hangs (its log, its load), and whether a gateway in front of the server can \
             reach it",
        ),
        MessageError::ConnectionLost { reason, .. } => cause(
            Step::Answer,
            format!("the connection ends without an answer: {reason}"),
            "another program may listen at this address: correct the port and the scheme (http or https) of the URL",
        ),
        // It sent data before the request was sent.
        MessageError::Unreachable { reason, .. } if reason.contains("unexpected message") => cause(
            Step::Answer,
            "the program that listens at this address sends data before it is asked: it does not speak HTTP".into(),
            "another program listens at this address: correct the URL, above all its port",
        ),
        MessageError::Unreachable { reason, .. } => {
            cause(Step::Answer, reason.clone(), "change the URL, or the proxy and its login, as this error says")
        }
        MessageError::Rejected { .. } | MessageError::BadRequest { .. } => cause(
            Step::Answer,
            format!("the server answers, but not as expected: {error}"),
            "read the server's own log",
        ),
        MessageError::InvalidArgument { .. }
        | MessageError::Interrupted { .. }
        | MessageError::StreamFailed { .. }
        | MessageError::FailedAfterUpload { .. }
        | MessageError::Pending { .. } => cause(Step::Answer, error.to_string(), "run it again"),
    }
}

/// What the library's sentence says about the clocks.
fn after_semicolon(error: &MessageError) -> String {
    let sentence = error.to_string();
    sentence.rsplit_once("); ").map_or(sentence.clone(), |(_, advice)| advice.to_owned())
}

fn excerpt(body: &str) -> String {
    const LONGEST: usize = 80;
    let begin: String = body.chars().take(LONGEST).collect();
    if begin.is_empty() { String::new() } else { format!(": {begin}") }
}
