//! Starting, stopping, and living side by side.

use std::{
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use serde_json::json;
use wildfirechat_message::{
    endpoints::ENDPOINTS,
    sandbox::{Edition, Fault, Sandbox, SandboxError, SandboxOptions},
};

use crate::raw::{Connection, End, code_of, sandbox, send_text, signed};

fn on_port(port: i32) -> SandboxOptions {
    SandboxOptions { port, ..SandboxOptions::default() }
}

fn reason(started: Result<Sandbox, SandboxError>) -> String {
    started.unwrap_err().to_string()
}

#[test]
fn it_listens_on_a_free_loopback_port() {
    let sandbox = sandbox();
    let port = sandbox.port().unwrap();
    assert_eq!(sandbox.base_url().unwrap(), format!("http://127.0.0.1:{port}"));
    assert!(TcpStream::connect(("127.0.0.1", u16::try_from(port).unwrap())).is_ok());
}

#[test]
fn a_taken_port_is_a_clear_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    assert_eq!(
        reason(Sandbox::new(None, Some(on_port(port.into())))),
        format!("cannot listen on 127.0.0.1:{port}: the port is taken")
    );
}

#[test]
fn options_that_can_never_work_are_refused() {
    assert_eq!(
        reason(Sandbox::new(None, Some(on_port(65_536)))),
        "port 65536 is out of range: it must be from 0 to 65535"
    );
    assert_eq!(reason(Sandbox::new(None, Some(on_port(-1)))), "port -1 is out of range: it must be from 0 to 65535");
    let options = SandboxOptions { rate_limit: -1, ..SandboxOptions::default() };
    assert_eq!(reason(Sandbox::new(None, Some(options))), "rate_limit -1 is below 0");
    assert_eq!(reason(Sandbox::new(Some(String::new()), None)), "the secret is empty");
    let options = SandboxOptions { host: Some("no such host".into()), ..SandboxOptions::default() };
    assert!(reason(Sandbox::new(None, Some(options))).starts_with("cannot listen on no such host:0: "));
}

#[test]
fn an_unspecified_host_is_reached_over_loopback() {
    let options = SandboxOptions { host: Some("0.0.0.0".into()), ..SandboxOptions::default() };
    let sandbox = Sandbox::new(None, Some(options)).unwrap();
    assert!(sandbox.base_url().unwrap().starts_with("http://127.0.0.1:"));
    send_text(&sandbox, "a", "b", "hi");
}

#[test]
fn stopping_closes_the_port_and_every_connection_at_once() {
    let sandbox = sandbox();
    let port = sandbox.port().unwrap();
    let mut idle = Connection::open(&sandbox);
    idle.post("message/delivery", r#"{"userId":"u1"}"#);
    let mut waiting = Connection::open(&sandbox);
    sandbox.fail_next(Fault::NeverAnswer).unwrap();
    waiting.send(&signed("message/delivery", "{}"));
    assert!(waiting.stays_silent(Duration::from_millis(50)));
    let start = Instant::now();
    sandbox.stop().unwrap();
    sandbox.stop().unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(idle.rest(), (Vec::new(), End::Closed));
    assert_eq!(waiting.rest(), (Vec::new(), End::Closed));
    assert!(TcpStream::connect(("127.0.0.1", u16::try_from(port).unwrap())).is_err());
    assert_eq!(sandbox.requests().unwrap().len(), 2);
}

#[test]
fn dropping_stops_and_the_port_is_free_again() {
    let first = sandbox();
    let port = first.port().unwrap();
    let mut idle = Connection::open(&first);
    idle.post("message/delivery", r#"{"userId":"u1"}"#);
    drop(first);
    assert_eq!(idle.rest(), (Vec::new(), End::Closed));
    assert_eq!(Sandbox::new(None, Some(on_port(port))).unwrap().port(), Ok(port));
}

#[test]
fn it_starts_and_stops_within_a_runtime_of_somebody_else() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let sandbox = sandbox();
        send_text(&sandbox, "a", "b", "hi");
        assert!(reason(Sandbox::new(None, Some(on_port(sandbox.port().unwrap())))).ends_with("the port is taken"));
        sandbox.stop().unwrap();
    });
}

#[test]
fn sandboxes_live_side_by_side_and_know_nothing_of_each_other() {
    let sandboxes: Vec<Sandbox> = (0..5).map(|_| sandbox()).collect();
    let uid = send_text(&sandboxes[0], "a", "b", "hi");
    assert_eq!(code_of(&sandboxes[0], "message/get_one", &json!({"messageUid": uid})), 0);
    assert_eq!(code_of(&sandboxes[1], "message/get_one", &json!({"messageUid": uid})), 253);
}

#[test]
fn starting_and_stopping_many_leaves_nothing_behind() {
    for _ in 0..200 {
        let sandbox = sandbox();
        let _open = Connection::open(&sandbox);
    }
    #[cfg(target_os = "linux")]
    {
        let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
        assert!(threads < 150, "{threads} threads");
        let files = std::fs::read_dir("/proc/self/fd").unwrap().count();
        assert!(files < 1500, "{files} files");
    }
}

#[test]
fn debug_never_shows_the_secret() {
    let sandbox = Sandbox::new(Some("canary-secret".into()), None).unwrap();
    let debug = format!("{sandbox:?}");
    assert!(debug.contains("127.0.0.1") && !debug.contains("canary"), "{debug}");
}

#[test]
fn the_professional_edition_has_every_endpoint_of_the_client_and_the_community_one_six() {
    assert_eq!(Sandbox::paths(Edition::Community).count(), 6);
    let mut of_the_sandbox: Vec<String> = Sandbox::paths(Edition::Professional).map(str::to_owned).collect();
    let mut of_the_client: Vec<String> = ENDPOINTS.iter().map(|endpoint| format!("/admin/{}", endpoint.name)).collect();
    of_the_sandbox.sort();
    of_the_client.sort();
    assert_eq!(of_the_sandbox, of_the_client);
}
