//! `webhook`: what is posted is sent, once, and whoever posts learns what became of it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use wildfirechat_message::sandbox::{Fault, FaultRule, Sandbox, ScriptedAnswer};

use crate::tool::{SECRET, bare, program, sandbox};

/// The program while it listens; it is ended with the test.
struct Webhook {
    program: Child,
    address: String,
}

impl Webhook {
    fn start(server: &Sandbox, more: &[&str]) -> Self {
        let arguments = ["webhook", "--json", "--listen", "127.0.0.1:0", "--timeout", "5", "--attempts", "1"];
        let mut program = program(server).args(arguments).args(more).0.spawn().unwrap();
        let mut first = String::new();
        let mut output = BufReader::new(program.stdout.take().unwrap());
        output.read_line(&mut first).unwrap();
        let told: Value = serde_json::from_str(&first).unwrap_or_else(|_| panic!("it said {first:?}"));
        let address = told["url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        Self { program, address }
    }

    fn post(&self, body: &Value) -> (u16, String) {
        self.ask("POST", &body.to_string(), "")
    }

    /// Status and text of the answer.
    fn ask(&self, method: &str, body: &str, head: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}content-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, text) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), text.to_owned())
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn fails(server: &Sandbox, fault: Fault) {
    let delay = Some(Duration::from_millis(1500));
    server.fail(FaultRule { fault, times: 1, endpoint: None, delay }).unwrap();
}

/// How often each of the texts was executed.
fn executed(server: &Sandbox, text: &str) -> usize {
    server.messages_with_text(text.to_owned()).unwrap().len()
}

#[test]
fn what_is_posted_is_sent_to_each_conversation() {
    let server = sandbox();
    let webhook = Webhook::start(&server, &["--to", "group:ops,user:ann"]);
    let alert = json!({"status": "firing", "groupLabels": {"alertname": "DiskFull"},
        "alerts": [{"status": "firing", "labels": {}, "annotations": {"summary": "97 %"}}]});
    assert_eq!(webhook.post(&alert), (200, "sent\n".into()));
    assert_eq!(executed(&server, "[FIRING:1] DiskFull\n- 97 %"), 2);
    assert_eq!(webhook.post(&alert).0, 200);
    assert_eq!(executed(&server, "[FIRING:1] DiskFull\n- 97 %"), 4, "whoever got an answer means it when asking again");
}

/// Grafana's formats by its versions, as data: it is in no registry that the tests use.
#[test]
fn every_form_of_grafanas_webhook_is_sent() {
    let server = sandbox();
    let webhook = Webhook::start(&server, &["--to", "group:ops"]);
    let samples: Vec<Value> = serde_json::from_str(include_str!("grafana.json")).unwrap();
    assert!(samples.len() > 3);
    for sample in &samples {
        assert_eq!(webhook.post(&sample["body"]), (200, "sent\n".into()), "{}", sample["name"]);
        assert_eq!(executed(&server, sample["said"].as_str().unwrap()), 1, "{}", sample["name"]);
    }
}

#[test]
fn the_status_says_whether_to_ask_again_and_asking_again_sends_to_nobody_twice() {
    for (fault, status, then) in [
        (Fault::OverFrequency, 503, 200),
        (Fault::ResetAfterExecuting, 409, 409),
        (Fault::ResetBeforeReading, 409, 409),
        (Fault::AuthFailure, 503, 200),
    ] {
        let server = sandbox();
        let webhook = Webhook::start(&server, &["--to", "group:a,group:b"]);
        let body = json!({"text": "build 7 failed"});
        fails(&server, fault);
        let (told, why) = webhook.post(&body);
        assert_eq!(told, status, "{fault:?}: {why}");
        let before = executed(&server, "build 7 failed");
        assert_eq!(webhook.post(&body).0, then, "{fault:?}");
        let expected = if status == 503 { 2 } else { before };
        assert_eq!(executed(&server, "build 7 failed"), expected, "{fault:?}");
    }
}

#[test]
fn a_message_that_can_never_be_sent_is_not_asked_for_again() {
    let server = sandbox();
    let body = r#"{"code": 253, "msg": "not exist"}"#.into();
    server.answer_next(ScriptedAnswer { body, ..ScriptedAnswer::default() }).unwrap();
    let webhook = Webhook::start(&server, &["--to", "group:ops"]);
    let (status, why) = webhook.post(&json!({"text": "anything"}));
    assert_eq!(status, 422, "{why}");
    assert!(why.contains("253"), "{why}");
}

#[test]
fn whoever_gave_up_waiting_and_asks_again_does_not_have_it_sent_twice() {
    let server = sandbox();
    fails(&server, Fault::DelayAfterExecuting);
    let webhook = Webhook::start(&server, &["--to", "group:ops"]);
    let body = json!({"text": "slow"}).to_string();
    let mut impatient = TcpStream::connect(&webhook.address).unwrap();
    write!(impatient, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while server.requests().unwrap().is_empty() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(webhook.ask("POST", &body, "").0, 503, "it is being sent");
    drop(impatient);
    while webhook.ask("POST", &body, "").0 == 503 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(executed(&server, "slow"), 1);
}

#[test]
fn only_who_has_the_token_may_post() {
    let server = sandbox();
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("webhook-token");
    fs::write(&file, "tok-en\n").unwrap();
    let webhook = Webhook::start(&server, &["--to", "group:ops", "--token-file", file.to_str().unwrap()]);
    let body = json!({"text": "x"}).to_string();
    for head in
        ["", "authorization: Bearer tok-eN\r\n", "authorization: Bearer tok-en2\r\n", "authorization: Basic tok-en\r\n"]
    {
        assert_eq!(webhook.ask("POST", &body, head).0, 401, "{head}");
    }
    assert_eq!(server.requests().unwrap().len(), 0);
    assert_eq!(webhook.ask("POST", &body, "authorization: Bearer tok-en\r\n").0, 200);
}

#[test]
fn an_address_that_others_reach_wants_a_token() {
    let server = sandbox();
    let refused = program(&server).args(["webhook", "--to", "user:a", "--listen", "0.0.0.0:0"]).run();
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("a token is needed"), "{}", refused.err);
}

#[test]
fn it_does_not_listen_where_nothing_is_to_be_sent() {
    let server = sandbox();
    let refused = program(&server).args(["webhook", "--to", "user:a", "--listen", "127.0.0.1:0", "--dry-run"]).run();
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("--dry-run"), "{}", refused.err);
}

#[test]
fn what_is_no_alert_is_refused_with_the_reason() {
    let server = sandbox();
    let webhook = Webhook::start(&server, &["--to", "group:ops"]);
    assert_eq!(webhook.ask("GET", "", "").0, 200);
    assert_eq!(webhook.ask("PUT", "{}", "").0, 405);
    assert_eq!(webhook.ask("POST", "no json", "").0, 400);
    assert_eq!(webhook.ask("POST", "{}", "").0, 400);
    assert_eq!(webhook.ask("POST", &format!("{{\"text\": \"{}\"}}", "x".repeat(1024 * 1024)), "").0, 413);
    assert_eq!(server.requests().unwrap().len(), 0);
}

#[test]
#[cfg(unix)]
fn a_signal_ends_it_after_what_is_under_way() {
    let server = sandbox();
    fails(&server, Fault::DelayAfterExecuting);
    let mut webhook = Webhook::start(&server, &["--to", "group:ops"]);
    let body = json!({"text": "the last one"}).to_string();
    let mut waiting = TcpStream::connect(&webhook.address).unwrap();
    write!(waiting, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while server.requests().unwrap().is_empty() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    Command::new("kill").arg(webhook.program.id().to_string()).status().unwrap();
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(webhook.program.wait().unwrap().code(), Some(0));
}

/// By the real tool: it asks again after a refusal, and not after an unknown fate.
#[test]
#[cfg(target_os = "linux")]
fn alertmanager_itself_has_each_alert_sent_once() {
    let server = sandbox();
    let webhook = Webhook::start(&server, &["--to", "group:ops"]);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("alertmanager");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let configuration = json!({
        "route": {"receiver": "chat", "group_by": ["alertname"], "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h"},
        "receivers": [{"name": "chat", "webhook_configs": [{"url": format!("http://{}/", webhook.address), "send_resolved": true}]}],
    });
    fs::write(folder.join("alertmanager.yml"), configuration.to_string()).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut tool = Command::new("prometheus-alertmanager");
    tool.arg(format!("--config.file={}", folder.join("alertmanager.yml").display()));
    tool.arg(format!("--storage.path={}", folder.join("data").display()));
    tool.args([&format!("--web.listen-address={free}"), "--cluster.listen-address="]).stderr(Stdio::null());
    let mut tool = tool.spawn().expect("Alertmanager: `apt-get install prometheus-alertmanager`");
    // The first attempt is refused, and the answer to the second is lost on the way.
    fails(&server, Fault::OverFrequency);
    let alert = json!([{"labels": {"alertname": "DiskFull"}, "annotations": {"summary": "97 %"}}]).to_string();
    let until = Instant::now() + Duration::from_secs(60);
    let accepted = || {
        let Ok(mut stream) = TcpStream::connect(free) else { return false };
        let head = format!("content-type: application/json\r\ncontent-length: {}", alert.len());
        let _ = write!(stream, "POST /api/v2/alerts HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n\r\n{alert}");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 200")
    };
    while !accepted() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(100));
    }
    let text = format!("[FIRING:1] DiskFull\n- 97 %\nhttp://{}:{}", hostname(), free.port());
    while executed(&server, &text) == 0 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = tool.kill();
    let _ = tool.wait();
    assert_eq!(executed(&server, &text), 1, "{text:?}");
    assert!(server.requests().unwrap().len() >= 2, "it asked again");
}

#[cfg(target_os = "linux")]
fn hostname() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim().to_owned()
}

#[test]
fn a_missing_conversation_is_told_by_its_flag() {
    let refused = bare().env("WILDFIRECHAT_SECRET", SECRET).args(["webhook"]).run();
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("--to"), "{}", refused.err);
}
