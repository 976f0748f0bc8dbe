//! The ways to a server that users have: proxies of every kind, SOCKS5, mutual TLS, headers for a gateway, several
//! servers of one cluster.
//!
//! Two are walked through real programs, which must be installed: nginx and microsocks.

#![cfg(feature = "sandbox")]

mod support;
#[path = "support/tls.rs"]
mod tls;

use std::{
    fs,
    io::Write,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};
use support::{SECRET, Server, answer, sent};
use tls::Authority;
use wildfirechat_message::{
    ClientOptions, Conversation, Credentials, MessageClient, MessageError, MessagePayload, SendRequest, UploadRequest,
    sandbox::{Fault, Sandbox, SandboxOptions},
};

fn hello() -> SendRequest {
    SendRequest::new("admin", Conversation::group("g1"), MessagePayload::text("hello"))
}

fn client(url: &str, options: ClientOptions, credentials: Credentials) -> MessageClient {
    MessageClient::with_credentials(url.to_owned(), SECRET.into(), Some(options), credentials).unwrap()
}

fn through(proxy: &str) -> ClientOptions {
    ClientOptions { proxy: Some(proxy.to_owned()), max_attempts: 1, ..ClientOptions::default() }
}

fn sandbox() -> Sandbox {
    Sandbox::new(Some(SECRET.into()), Some(SandboxOptions::default())).unwrap()
}

/// A program that ends with the test.
struct Program(Child);

impl Program {
    /// Starts it, and waits until something listens there.
    fn start(command: &mut Command, port: u16) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let program = Self(child.unwrap_or_else(|error| panic!("{name} has to be installed for this test: {error}")));
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(10), "{name} does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        program
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that nobody has just now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A folder of the test's own.
fn folder() -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("ways-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

// Logins.

#[test]
fn a_proxy_that_passes_requests_on_is_shown_the_login() {
    let server = Server::start(|request, stream| {
        let right = request.head.contains("\r\nproxy-authorization: Basic dTpwIHc=\r\n");
        let answer = if right { sent() } else { answer("407 Proxy Authentication Required", "") };
        stream.write_all(answer.as_bytes()).is_ok()
    });
    let login = Credentials::new().proxy_login("u", "p w").unwrap();
    client("http://im.invalid:18080", through(&server.url()), login).send_message(hello()).unwrap();
    assert!(server.requests()[0].head.starts_with("POST http://im.invalid:18080/admin/message/send HTTP/1.1\r\n"));
    let error = client("http://im.invalid:18080", through(&server.url()), Credentials::new()).send_message(hello());
    assert!(error.unwrap_err().to_string().contains("407"));
}

#[test]
fn a_login_without_a_proxy_is_refused() {
    let login = Credentials::new().proxy_login("u", "p").unwrap();
    let made = MessageClient::with_credentials("http://im".into(), SECRET.into(), None, login);
    assert_eq!(
        made.unwrap_err(),
        MessageError::InvalidArgument { argument: "proxy_login".into(), reason: "the options name no proxy".into() }
    );
}

#[test]
fn a_socks_proxy_passes_on_with_and_without_a_login() {
    let sandbox = sandbox();
    let url = sandbox.base_url().unwrap();
    let (open, closed) = (free_port(), free_port());
    let start = |port: u16| {
        let mut command = Command::new("microsocks");
        command.args(["-i", "127.0.0.1", "-p", &port.to_string()]);
        command
    };
    let _open = Program::start(&mut start(open), open);
    let _closed = Program::start(start(closed).args(["-u", "user", "-P", "canary-password"]), closed);
    let login = |password: &str| Credentials::new().proxy_login("user", password).unwrap();
    let named = url.replace("127.0.0.1", "localhost");
    for (scheme, url) in [("socks5", &url), ("socks5h", &url), ("socks5", &named), ("socks5h", &named)] {
        client(url, through(&format!("{scheme}://127.0.0.1:{open}")), Credentials::new())
            .send_message(hello())
            .unwrap();
        let proxy = format!("{scheme}://127.0.0.1:{closed}");
        client(url, through(&proxy), login("canary-password")).send_message(hello()).unwrap();
        // And a file, on its way to the server and to the store.
        let file = UploadRequest::bytes("hello.txt", "hello", 4);
        client(url, through(&proxy), login("canary-password")).upload(file, |_| ()).unwrap();
        for credentials in [Credentials::new(), login("canary-wrong")] {
            let error = client(url, through(&proxy), credentials).send_message(hello()).unwrap_err();
            let MessageError::Unreachable { reason, .. } = &error else { panic!("{error:?}") };
            assert!(
                reason.contains(&format!("the proxy 127.0.0.1:{closed} requires a user name and a password")),
                "{reason}"
            );
            assert!(!reason.contains("canary"), "{reason}");
        }
    }
    assert_eq!((sandbox.message_uids().unwrap().len(), sandbox.files().unwrap().len()), (8, 4));
    // Nobody listens behind it.
    let error = client(
        &format!("http://127.0.0.1:{}", free_port()),
        through(&format!("socks5://127.0.0.1:{open}")),
        Credentials::new(),
    );
    let error = error.send_message(hello()).unwrap_err();
    let MessageError::Unreachable { reason, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains("made no connection"), "{reason}");
}

#[test]
fn something_else_in_a_proxys_place_is_named() {
    let other = Server::always("HTTP/1.1 400 Bad Request\r\n\r\n");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap();
    for proxy in
        [format!("socks5://{}", other.address), format!("http://{}", free_port_address()), format!("socks5://{silent}")]
    {
        let options = ClientOptions { connect_timeout: Some(Duration::from_millis(300)), ..through(&proxy) };
        let error = client("http://im.invalid", options, Credentials::new()).send_message(hello()).unwrap_err();
        assert!(matches!(error, MessageError::Unreachable { .. }), "{proxy}: {error:?}");
        assert!(error.to_string().len() < 300, "{error}");
    }
}

fn free_port_address() -> String {
    format!("127.0.0.1:{}", free_port())
}

// A gateway.

/// nginx in front of a sandbox: TLS with a client's certificate, and a key in a header.
fn gateway(authority: &Authority, upstream: &str) -> (Program, u16) {
    let (folder, port) = (folder(), free_port());
    let key = KeyPair::generate().unwrap();
    let certificate = authority.sign(CertificateParams::new(["localhost".to_owned()]).unwrap(), &key);
    fs::write(folder.join("server.pem"), certificate).unwrap();
    fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
    fs::write(folder.join("clients.pem"), authority.pem()).unwrap();
    let at = folder.display();
    let configuration = format!(
        "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;\n\
         events {{}}\n\
         http {{\n\
           access_log off; client_body_temp_path {at}/body; proxy_temp_path {at}/proxy; fastcgi_temp_path {at}/f;\n\
           uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;\n\
           server {{\n\
             listen 127.0.0.1:{port} ssl; ssl_certificate {at}/server.pem; ssl_certificate_key {at}/server.key;\n\
             ssl_client_certificate {at}/clients.pem; ssl_verify_client on;\n\
             location / {{ if ($http_x_api_key != \"canary-key\") {{ return 403; }} proxy_pass {upstream}; }}\n\
           }}\n\
         }}\n"
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, configuration).unwrap();
    // Where Debian has it, which is not on everybody's path.
    let mut nginx = Command::new(if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" });
    (Program::start(nginx.arg("-c").arg(&file).arg("-p").arg(&folder), port), port)
}

#[test]
fn a_gateway_wants_a_certificate_and_a_key() {
    let sandbox = sandbox();
    let authority = Authority::new();
    let (_nginx, port) = gateway(&authority, &sandbox.base_url().unwrap());
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["app".to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    // Without a name of its own it would look as if it had signed itself.
    params.distinguished_name.push(DnType::CommonName, "app");
    let certificate = authority.sign(params, &key);
    let shown = || Credentials::new().client_certificate(&certificate, &key.serialize_pem()).unwrap();
    let send = |credentials: Credentials| {
        let options =
            ClientOptions { root_certificates: Some(authority.pem()), max_attempts: 1, ..ClientOptions::default() };
        client(&format!("https://localhost:{port}"), options, credentials).send_message(hello())
    };
    send(shown().header("X-Api-Key", "canary-key").unwrap()).unwrap();
    assert_eq!(sandbox.message_uids().unwrap().len(), 1);
    for (credentials, words) in [
        (shown(), "403"),
        (shown().header("X-Api-Key", "canary-wrong").unwrap(), "403"),
        (Credentials::new().header("X-Api-Key", "canary-key").unwrap(), "400"),
    ] {
        let error = send(credentials).unwrap_err().to_string();
        assert!(error.contains(words) && !error.contains("canary"), "{error}");
    }
    assert_eq!(sandbox.message_uids().unwrap().len(), 1);
}

// Several servers.

fn cluster(more: &[String]) -> ClientOptions {
    ClientOptions {
        more_base_urls: more.to_vec(),
        retry_pause: Some(Duration::from_millis(1)),
        ..ClientOptions::default()
    }
}

#[test]
fn a_server_that_is_away_is_followed_by_the_next_which_is_kept() {
    let (one, other) = (sandbox(), sandbox());
    let gone = format!("http://127.0.0.1:{}", free_port());
    let client = client(&gone, cluster(&[one.base_url().unwrap(), other.base_url().unwrap()]), Credentials::new());
    for _ in 0..5 {
        client.send_message(hello()).unwrap();
    }
    assert_eq!((one.message_uids().unwrap().len(), other.message_uids().unwrap().len()), (5, 0));
    one.stop().unwrap();
    for _ in 0..5 {
        client.send_message(hello()).unwrap();
    }
    assert_eq!(other.message_uids().unwrap().len(), 5);
}

#[test]
fn a_message_of_unknown_fate_goes_to_no_other_server() {
    let (one, other) = (sandbox(), sandbox());
    one.fail_next(Fault::ResetAfterExecuting).unwrap();
    let client = client(&one.base_url().unwrap(), cluster(&[other.base_url().unwrap()]), Credentials::new());
    let error = client.send_message(hello()).unwrap_err();
    assert!(error.may_have_executed(), "{error:?}");
    assert_eq!((one.message_uids().unwrap().len(), other.message_uids().unwrap().len()), (1, 0));
    // The next one goes where there was no trouble.
    client.send_message(hello()).unwrap();
    assert_eq!(other.message_uids().unwrap().len(), 1);
}

#[test]
fn each_url_is_checked_and_named() {
    let made =
        MessageClient::new("http://im".into(), SECRET.into(), Some(cluster(&["http://a".into(), "ftp://b".into()])));
    assert_eq!(
        made.unwrap_err(),
        MessageError::InvalidArgument {
            argument: "options.more_base_urls[1]".into(),
            reason: "its scheme is ftp: it must be http or https".into()
        }
    );
}
