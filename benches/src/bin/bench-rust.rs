//! The measurements in Rust: ours, the floor of a bare socket, and the HTTP clients that one would take otherwise.
//!
//! Everybody does the same work: a body from typed values, a signature of its own, one POST, the answer read, the code
//! checked, typed values out.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha1::{Digest, Sha1};
use wildfirechat_bench::{Plan, Round, Startup, cpu_time, figure, on_threads, sequentially, untimed_on_threads};
use wildfirechat_message::{Conversation, MessageClient, MessagePayload, SendRequest};

const SECRET: &str = "123456";
const UID: i64 = 588582842607370241;
const BULK: usize = 100_000;
const OURS: &str = env!("CARGO_PKG_VERSION");
const REQWEST: &str = "0.13";
const UREQ: &str = "3";

/// A workload's call, as typed values.
#[derive(Clone, Copy, PartialEq)]
enum Work {
    Send,
    SendWithData,
    Get,
}

impl Work {
    fn path(self) -> &'static str {
        match self {
            Self::Send | Self::SendWithData => "/admin/message/send",
            Self::Get => "/admin/message/get_one",
        }
    }

    /// The body as a careful user of an HTTP client writes it: from typed values, each time.
    fn body(self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Conv {
            r#type: i32,
            target: &'static str,
            line: i32,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Payload {
            r#type: i32,
            searchable_content: &'static str,
            #[serde(skip_serializing_if = "String::is_empty")]
            base64ed_data: String,
            persist_flag: i32,
        }
        #[derive(Serialize)]
        struct Send {
            sender: &'static str,
            conv: Conv,
            payload: Payload,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Get {
            message_uid: i64,
        }
        let body = match self {
            Self::Get => serde_json::to_vec(&Get { message_uid: UID }),
            Self::Send | Self::SendWithData => serde_json::to_vec(&Send {
                sender: "admin",
                conv: Conv { r#type: 0, target: "u1", line: 0 },
                payload: Payload {
                    r#type: 1,
                    searchable_content: "hello",
                    base64ed_data: if self == Self::Send { String::new() } else { base64(&[7; 30_000]) },
                    persist_flag: 3,
                },
            }),
        };
        body.expect("it can be written")
    }

    /// Reads an answer as typed values, and checks its code.
    fn check(self, body: &[u8]) {
        match self {
            Self::Send | Self::SendWithData => assert_eq!(read::<Sent>(body).message_uid, UID),
            Self::Get => assert_eq!(read::<Found>(body).payload.searchable_content.len(), 40_000),
        }
    }
}

#[derive(Deserialize)]
struct Envelope<T> {
    code: i32,
    result: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    message_uid: i64,
}

#[derive(Deserialize)]
struct Found {
    payload: FoundPayload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoundPayload {
    searchable_content: String,
}

fn read<T: DeserializeOwned>(body: &[u8]) -> T {
    let envelope: Envelope<T> = serde_json::from_slice(body).expect("the answer is JSON");
    assert_eq!(envelope.code, 0);
    envelope.result
}

fn base64(bytes: &[u8]) -> String {
    use std::fmt::Write;
    // What it costs is a copy's worth; the peers are given it for as much.
    let mut text = String::with_capacity(bytes.len() * 4 / 3);
    bytes.chunks(3).for_each(|_| write!(text, "BwcH").expect("a String takes all"));
    text
}

fn signature() -> [String; 3] {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let nonce = format!("{:032x}", NUMBER.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis().to_string();
    let digest = Sha1::digest(format!("{nonce}|{SECRET}|{timestamp}"));
    let sign = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    [nonce, timestamp, sign]
}

/// The bare socket: the least that the work can cost.
fn floor(url: &str, work: Work) -> impl FnMut() + use<> {
    let host = url.strip_prefix("http://").expect("http").to_owned();
    let mut stream = TcpStream::connect(&host).expect("the server is there");
    stream.set_nodelay(true).expect("a socket");
    let mut buffer = vec![0; 128 * 1024];
    move || {
        let (body, [nonce, timestamp, sign]) = (work.body(), signature());
        let mut request = format!(
            "POST {} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json; charset=utf-8\r\nnonce: {nonce}\r\n\
             timestamp: {timestamp}\r\nsign: {sign}\r\ncontent-length: {}\r\n\r\n",
            work.path(),
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(&body);
        stream.write_all(&request).expect("the server reads");
        let mut filled = 0;
        let (begin, end) = loop {
            let read = stream.read(&mut buffer[filled..]).expect("the server answers");
            assert!(read > 0, "the server has closed");
            filled += read;
            if let Some(head) = buffer[..filled].windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let text = std::str::from_utf8(&buffer[..head]).expect("a head is text");
                let length = text.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
                let end = head + 4 + length.and_then(|length| length.parse::<usize>().ok()).expect("a length");
                while filled < end {
                    filled += stream.read(&mut buffer[filled..]).expect("the server answers");
                }
                break (head + 4, end);
            }
        };
        work.check(&buffer[begin..end]);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// hyper's client connection on a runtime of this thread.
fn hyper(url: &str, work: Work) -> impl FnMut() + use<> {
    let host = url.strip_prefix("http://").expect("http").to_owned();
    let runtime = runtime();
    let mut sender = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(&host).await.expect("the server is there");
        stream.set_nodelay(true).expect("a socket");
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("a connection");
        tokio::spawn(connection);
        sender
    });
    move || {
        let [nonce, timestamp, sign] = signature();
        let request = Request::post(work.path())
            .header("host", &host)
            .header("content-type", "application/json; charset=utf-8")
            .header("nonce", nonce)
            .header("timestamp", timestamp)
            .header("sign", sign)
            .body(Full::new(Bytes::from(work.body())))
            .expect("a request");
        let body = runtime.block_on(async {
            let answer = sender.send_request(request).await.expect("an answer");
            answer.into_body().collect().await.expect("a body").to_bytes()
        });
        work.check(&body);
    }
}

/// reqwest's async client on a runtime of this thread.
fn reqwest(url: &str, work: Work) -> impl FnMut() + use<> {
    let url = format!("{url}{}", work.path());
    let runtime = runtime();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    move || {
        let [nonce, timestamp, sign] = signature();
        let request = client
            .post(&url)
            .header("content-type", "application/json; charset=utf-8")
            .header("nonce", nonce)
            .header("timestamp", timestamp)
            .header("sign", sign)
            .body(work.body());
        let body = runtime.block_on(async { request.send().await.expect("an answer").bytes().await.expect("a body") });
        work.check(&body);
    }
}

fn agent(idle: usize) -> ureq::Agent {
    ureq::Agent::config_builder().proxy(None).max_idle_connections_per_host(idle).build().into()
}

fn ureq(agent: &ureq::Agent, url: &str, work: Work) -> impl FnMut() + use<> {
    let (agent, url) = (agent.clone(), format!("{url}{}", work.path()));
    move || {
        let [nonce, timestamp, sign] = signature();
        let mut answer = agent
            .post(&url)
            .header("content-type", "application/json; charset=utf-8")
            .header("nonce", nonce)
            .header("timestamp", timestamp)
            .header("sign", sign)
            .send(work.body())
            .expect("an answer");
        work.check(&answer.body_mut().read_to_vec().expect("a body"));
    }
}

fn request(work: Work) -> SendRequest {
    let data = if work == Work::SendWithData { vec![7; 30_000] } else { Vec::new() };
    let payload = MessagePayload { data: data.into(), ..MessagePayload::text("hello") };
    SendRequest::new("admin", Conversation::single("u1"), payload)
}

fn ours(client: &Arc<MessageClient>, work: Work) -> impl FnMut() + use<> {
    let client = Arc::clone(client);
    move || match work {
        Work::Send | Work::SendWithData => {
            assert_eq!(client.send_message(request(work)).expect("it is sent").message_uid, UID);
        }
        Work::Get => {
            let found = client.get_message(UID).expect("it is found");
            assert_eq!(found.payload.searchable_content.len(), 40_000);
        }
    }
}

/// A name, a version, and a round.
type Contestant<'a> = (&'static str, &'static str, Box<dyn Fn() -> Round + 'a>);

fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("nobody else names one");
    let plan = Plan::from_command_line();
    if let Some(contestant) = &plan.startup {
        return startup(&plan.url, contestant);
    }
    let client = Arc::new(MessageClient::new(plan.url.clone(), SECRET.to_owned(), None).expect("a client"));
    // As it comes, and with a connection kept for each thread.
    let (agent, roomy) = (agent(ureq::config::Config::default().max_idle_connections_per_host()), agent(256));
    for workload in &plan.workloads {
        let (work, threads) = match workload.as_str() {
            "sequential" => (Work::Send, 1),
            "get_40k" => (Work::Get, 1),
            "send_40k" => (Work::SendWithData, 1),
            "threads_16" => (Work::Send, 16),
            "threads_64" => (Work::Send, 64),
            "threads_256" => (Work::Send, 256),
            "bulk" => {
                bulk(&plan, &client);
                continue;
            }
            "crossing" => {
                refused(&plan, &client);
                continue;
            }
            "soak" => {
                let round = untimed_on_threads(16, plan.time, || ours(&client, Work::Send));
                print(&figure("soak", "ours", OURS, &[round]));
                continue;
            }
            unknown => panic!("there is no workload {unknown}"),
        };
        let (url, time) = (plan.url.as_str(), plan.time);
        let contestants: [Contestant<'_>; 6] = [
            ("ours", OURS, Box::new(|| on(threads, time, || ours(&client, work)))),
            ("tcp_stream", "std", Box::new(|| on(threads, time, || floor(url, work)))),
            ("hyper", "1", Box::new(|| on(threads, time, || hyper(url, work)))),
            ("reqwest", REQWEST, Box::new(|| on(threads, time, || reqwest(url, work)))),
            ("ureq", UREQ, Box::new(|| on(threads, time, || ureq(&agent, url, work)))),
            ("ureq, 256 idle", UREQ, Box::new(|| on(threads, time, || ureq(&roomy, url, work)))),
        ];
        let mut rounds: Vec<Vec<Round>> = contestants.iter().map(|_| Vec::new()).collect();
        for _ in 0..plan.rounds {
            for ((name, _, contestant), rounds) in contestants.iter().zip(&mut rounds) {
                if plan.lets(name) {
                    rounds.push(contestant());
                }
            }
        }
        for ((name, version, _), rounds) in contestants.iter().zip(&rounds).filter(|(_, rounds)| !rounds.is_empty()) {
            print(&figure(workload, name, version, rounds));
        }
    }
}

fn on<C: FnMut()>(threads: usize, time: std::time::Duration, caller: impl Fn() -> C + Sync) -> Round {
    if threads == 1 { sequentially(time, caller()) } else { on_threads(threads, time, caller) }
}

fn bulk(plan: &Plan, client: &MessageClient) {
    let rounds: Vec<Round> = (0..plan.rounds)
        .map(|_| {
            // A notice to many: messages to one conversation would go one after the other.
            let to = |number: usize| Conversation::single(format!("u{}", number % 1_000));
            let requests =
                (0..BULK).map(|number| SendRequest { conversation: to(number), ..request(Work::Send) }).collect();
            let (begun, cpu) = (Instant::now(), cpu_time());
            let outcomes = client.send_messages(requests, None, |_| {}).expect("it goes");
            let (elapsed, cpu) = (begun.elapsed(), cpu_time() - cpu);
            assert!(outcomes.iter().all(Result::is_ok));
            Round { calls: BULK, elapsed, cpu, times: Vec::new() }
        })
        .collect();
    print(&figure("bulk", "ours", OURS, &rounds));
}

/// A call that is refused before anything is sent.
fn refused(plan: &Plan, client: &MessageClient) {
    let call = || {
        let mut request = request(Work::Send);
        request.sender.clear();
        assert!(client.send_message(request).is_err());
    };
    let rounds: Vec<Round> = (0..plan.rounds).map(|_| sequentially(plan.time, call)).collect();
    print(&figure("crossing", "ours", OURS, &rounds));
}

/// Makes a client and one call.
fn startup(url: &str, contestant: &str) {
    let begun = Instant::now();
    let (version, mut call): (_, Box<dyn FnMut()>) = match contestant {
        "ours" => {
            let client = MessageClient::new(url.to_owned(), SECRET.to_owned(), None).expect("a client");
            (OURS, Box::new(ours(&Arc::new(client), Work::Send)))
        }
        "reqwest" => (REQWEST, Box::new(reqwest(url, Work::Send))),
        "ureq" => (UREQ, Box::new(ureq(&agent(1), url, Work::Send))),
        unknown => panic!("there is no contestant {unknown}"),
    };
    let made = Instant::now();
    call();
    let answered = Instant::now();
    println!("answered");
    print(&Startup {
        language: "rust".to_owned(),
        contestant: contestant.to_owned(),
        version: version.to_owned(),
        import_us: 0.0,
        client_us: (made - begun).as_secs_f64() * 1e6,
        call_us: (answered - made).as_secs_f64() * 1e6,
        process_us: 0.0,
    });
}

fn print(figure: &impl Serialize) {
    println!("{}", serde_json::to_string(figure).expect("a figure is JSON"));
}
