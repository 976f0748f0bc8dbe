//! Uploads to both kinds of file store: a file arrives whole or not at all, whatever happens on the way.

#![cfg(feature = "sandbox")]

#[path = "support/limit.rs"]
mod limit;
mod support;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use sha1::{Digest, Sha1};
use support::Server;
use wildfirechat_message::{
    ClientOptions, Credentials, MediaType, MessageClient, MessageError, UploadProgress, UploadRequest,
    sandbox::{Edition, Fault, Sandbox, SandboxOptions, ScriptedAnswer, StoreFault, StoreKind},
};

const KINDS: [StoreKind; 2] = [StoreKind::Put, StoreKind::Form];
const IMAGE: i32 = MediaType::Image as i32;
const ADDRESS: &str = "oss/get_upload_url";
const STORE: &str = "file store";
const BACKUP: &str = "backup file store";

fn sandbox(kind: StoreKind) -> Sandbox {
    limit::this_program_to(Duration::from_secs(240));
    Sandbox::new(None, Some(SandboxOptions { store: Some(kind), ..SandboxOptions::default() })).unwrap()
}

fn options() -> ClientOptions {
    ClientOptions { retry_pause: Some(Duration::from_millis(1)), ..ClientOptions::default() }
}

fn client(sandbox: &Sandbox, options: ClientOptions) -> MessageClient {
    MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), Some(options)).unwrap()
}

/// Bytes that are not all alike.
fn some_bytes(length: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn sha1(bytes: &[u8]) -> String {
    Sha1::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file that is deleted with it.
struct TempFile(PathBuf);

impl TempFile {
    fn with(bytes: &[u8]) -> Self {
        let name = format!("wildfirechat-{}-{:?}.bin", std::process::id(), thread::current().id());
        let path = std::env::temp_dir().join(name.replace(['(', ')'], ""));
        fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// What a GET of a URL gives: status line and body.
fn get(url: &str) -> (String, Vec<u8>) {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    (String::from_utf8_lossy(&answer[..end]).lines().next().unwrap().to_owned(), answer[end..].to_vec())
}

fn nobody(_: &UploadProgress) {}

/// The error's step, its variant and how often it was tried.
fn step_of(error: &MessageError) -> (&str, &'static str, i32) {
    use MessageError::*;
    match error {
        Unreachable { endpoint, attempts, .. } => (endpoint, "Unreachable", *attempts),
        RateLimited { endpoint, attempts, .. } => (endpoint, "RateLimited", *attempts),
        Rejected { endpoint, attempts, .. } => (endpoint, "Rejected", *attempts),
        TimedOut { endpoint, attempts, .. } => (endpoint, "TimedOut", *attempts),
        ConnectionLost { endpoint, attempts, .. } => (endpoint, "ConnectionLost", *attempts),
        InvalidResponse { endpoint, attempts, .. } => (endpoint, "InvalidResponse", *attempts),
        Interrupted { endpoint, attempts, .. } => (endpoint, "Interrupted", *attempts),
        NotSupported { endpoint, attempts, .. } => (endpoint, "NotSupported", *attempts),
        other => panic!("{other:?}"),
    }
}

#[test]
fn bytes_and_files_come_whole_to_both_kinds_of_store_and_can_be_fetched() {
    for kind in KINDS {
        let sandbox = sandbox(kind);
        let client = client(&sandbox, options());
        for length in [0, 1, 17, 256 * 1024, 256 * 1024 + 1, 3_000_000] {
            let bytes = some_bytes(length);
            let file = TempFile::with(&bytes);
            for request in [
                UploadRequest::bytes("照片 \"1\".jpg", bytes.clone(), IMAGE),
                UploadRequest::file("照片 \"1\".jpg", &file.0, IMAGE),
            ] {
                let url = client.upload(request, nobody).unwrap();
                let stored = sandbox.files().unwrap().pop().unwrap();
                assert_eq!((&stored.url, &*stored.file_name, stored.media_type), (&url, "照片 \"1\".jpg", IMAGE));
                assert_eq!(
                    (&*stored.content_type, stored.size, stored.sha1),
                    ("image/jpeg", length as i64, sha1(&bytes))
                );
                assert_eq!(get(&url), ("HTTP/1.1 200 OK".into(), bytes.clone()), "{kind:?} {length}");
                let request = sandbox.store_requests().unwrap().pop().unwrap();
                let header = |name: &str| request.headers.iter().find(|h| h.name == name).map(|h| h.value.clone());
                let told: usize = header("content-length").expect("a length").parse().unwrap();
                assert!(told >= length && header("transfer-encoding").is_none() && header("cookie").is_none());
                assert!(header("sign").is_none() && header("nonce").is_none(), "the store is not the server");
                assert!(header("user-agent").unwrap().starts_with("wildfirechat-message/"));
            }
        }
    }
}

#[test]
fn a_content_type_of_ones_own_goes_to_the_server_and_the_store_as_it_is() {
    for kind in KINDS {
        let sandbox = sandbox(kind);
        let content_type = Some("text/plain; charset=GBK".to_owned());
        let request = UploadRequest { content_type, ..UploadRequest::bytes("notes.md", "words", 4) };
        client(&sandbox, options()).upload(request, nobody).unwrap();
        let asked = sandbox.requests().unwrap().pop().unwrap();
        let expected = r#"{"fileName":"notes.md","mediaType":4,"contentType":"text/plain; charset=GBK"}"#;
        assert_eq!((asked.path.as_str(), &asked.body[..]), ("/admin/oss/get_upload_url", expected.as_bytes()));
        assert!(asked.signature_valid);
        assert_eq!(sandbox.files().unwrap()[0].content_type, "text/plain; charset=GBK");
    }
}

#[test]
fn what_can_never_work_is_refused_by_its_name_before_anything_is_sent() {
    let sandbox = sandbox(StoreKind::Put);
    let client = client(&sandbox, options());
    let good = || UploadRequest::bytes("a.jpg", "x", IMAGE);
    let file = |path: &str| UploadRequest::file("a.jpg", path, IMAGE);
    let with_type = |text: &str| UploadRequest { content_type: Some(text.into()), ..good() };
    for (request, argument, reason) in [
        (UploadRequest { file_name: String::new(), ..good() }, "file_name", "it is empty"),
        (UploadRequest { file_name: "a\r\nb".into(), ..good() }, "file_name", "it contains a control character"),
        (UploadRequest { media_type: -1, ..good() }, "media_type", "-1 is not a media type"),
        (with_type(""), "content_type", "it is not a content type"),
        (with_type("jpeg"), "content_type", "it is not a content type"),
        (with_type("image/jpeg\r\nx: y"), "content_type", "it is not a content type"),
        (with_type("图/像"), "content_type", "it is not a content type"),
        (file(""), "path", "it is empty"),
        (file("/nowhere/at all.jpg"), "path", "it cannot be read: No such file"),
        (file("/tmp"), "path", "it is a directory"),
        (file("/dev/zero"), "path", "it is not a file with a size"),
        (file("a\0b"), "path", "it cannot be read: "),
    ] {
        let error = client.upload(request, nobody).unwrap_err();
        let MessageError::InvalidArgument { argument: named, reason: told } = &error else { panic!("{error:?}") };
        assert!(named == argument && told.starts_with(reason), "{error}");
    }
    assert_eq!(sandbox.requests().unwrap(), []);
    // The list of media types is open.
    client.upload(UploadRequest { media_type: 4711, ..good() }, nobody).unwrap();
}

#[test]
fn a_community_server_has_no_files() {
    let options_of_it = SandboxOptions { edition: Some(Edition::Community), ..SandboxOptions::default() };
    let sandbox = Sandbox::new(None, Some(options_of_it)).unwrap();
    let error = client(&sandbox, options()).upload(UploadRequest::bytes("a", "x", 0), nobody).unwrap_err();
    assert_eq!(step_of(&error), (ADDRESS, "NotSupported", 1));
    assert_eq!(sandbox.store_requests().unwrap(), []);
}

/// One fault, and the next attempt brings it: to the back-up store, where there is one.
#[test]
fn a_file_that_did_not_arrive_is_brought_to_the_back_up_store() {
    for kind in KINDS {
        for &fault in StoreFault::ALL {
            let sandbox = sandbox(kind);
            // The port is closed for a moment after a refusal: for as many attempts as there are in that time.
            let max_attempts = if fault == StoreFault::Refuse { 1000 } else { 3 };
            let read_timeout = Some(Duration::from_millis(700));
            let client = client(&sandbox, ClientOptions { read_timeout, max_attempts, ..options() });
            let bytes = some_bytes(30_000);
            let delay = match fault {
                StoreFault::StallInBody => Duration::from_secs(60),
                StoreFault::SlowReading => Duration::from_millis(1),
                _ => Duration::from_millis(20),
            };
            sandbox.fail_store(fault, 1, Some(delay)).unwrap();
            let mut attempts = Vec::new();
            let outcome = client.upload(UploadRequest::bytes("a.bin", bytes.clone(), 0), |now| {
                attempts.push(now.attempt);
                assert_eq!(now.total, 30_000);
            });
            let paths: Vec<String> =
                sandbox.store_requests().unwrap().into_iter().map(|request| request.path).collect();
            let files = sandbox.files().unwrap();
            outcome.unwrap_or_else(|error| panic!("{kind:?} {fault:?}: {error}"));
            assert_eq!((files.len(), &files[0].sha1), (1, &sha1(&bytes)), "{kind:?} {fault:?}");
            let expected = if fault == StoreFault::SlowReading { 1 } else { 2 };
            assert_eq!(paths.len(), expected, "{fault:?} {paths:?}");
            assert!(!paths[0].starts_with("/backup-store"), "{paths:?}");
            if fault == StoreFault::Refuse {
                continue;
            }
            assert_eq!(attempts.last(), Some(&(expected as i32)), "{fault:?}");
            assert!(paths[1..].iter().all(|path| path.starts_with("/backup-store")), "{paths:?}");
            assert_eq!(sandbox.requests().unwrap().len(), 1, "the address is asked for once");
        }
    }
}

#[test]
fn a_file_that_never_arrives_is_an_error_of_the_step_that_says_what_happened() {
    use StoreFault::*;
    for kind in KINDS {
        for &fault in StoreFault::ALL {
            let sandbox = sandbox(kind);
            let client =
                client(&sandbox, ClientOptions { read_timeout: Some(Duration::from_millis(100)), ..options() });
            let delay = if fault == TooManyRequests { Duration::ZERO } else { Duration::from_secs(60) };
            sandbox.fail_store(fault, 9, Some(delay)).unwrap();
            let outcome = client.upload(UploadRequest::bytes("a.bin", some_bytes(6_000), 0), nobody);
            let Err(error) = outcome else { panic!("{kind:?} {fault:?}: it is there") };
            // Refused for good at either place: once each. Otherwise three attempts: the store, the other, the store.
            let (expected, stored) = match fault {
                Refuse => ((STORE, "Unreachable", 3), 0),
                CutInBody | CloseBeforeStoring => ((STORE, "ConnectionLost", 3), 0),
                CloseAfterStoring => ((STORE, "ConnectionLost", 3), 1),
                StallInBody | SlowReading | NeverAnswer => ((STORE, "TimedOut", 3), 0),
                Forbidden => ((BACKUP, "Rejected", 2), 0),
                Redirect => ((BACKUP, "InvalidResponse", 2), 0),
                TooManyRequests => ((STORE, "RateLimited", 3), 0),
                InternalError | HtmlAnswer => ((STORE, "InvalidResponse", 3), 0),
                other => panic!("{other:?} is not held here"),
            };
            assert_eq!(step_of(&error), expected, "{kind:?} {fault:?}: {error}");
            assert!(!error.may_have_executed(), "{fault:?}: no message was sent: {error}");
            assert_eq!(sandbox.files().unwrap().len(), stored, "{kind:?} {fault:?}");
            let tokens = sandbox.store_requests().unwrap();
            let query = tokens.iter().filter_map(|request| request.path.split(['?', '=']).nth(2));
            query.for_each(|token| assert!(!error.to_string().contains(token), "{error}"));
        }
    }
}

#[test]
fn with_one_attempt_there_is_no_other_store() {
    let sandbox = sandbox(StoreKind::Put);
    sandbox.fail_store(StoreFault::InternalError, 1, None).unwrap();
    let once = client(&sandbox, ClientOptions { max_attempts: 1, ..options() });
    let error = once.upload(UploadRequest::bytes("a", "x", 0), nobody).unwrap_err();
    assert_eq!(step_of(&error), (STORE, "InvalidResponse", 1));
    assert_eq!(
        error.to_string(),
        "file store: the answer is not one that a file store gives: its status is neither 200 nor 201 (HTTP 500: \
         <Error><Code>InternalError</Code></Error>); no message was sent"
    );
    assert_eq!(sandbox.store_requests().unwrap().len(), 1);
}

#[test]
fn a_store_without_a_back_up_is_tried_again() {
    let sandbox = sandbox(StoreKind::Put);
    let base = sandbox.base_url().unwrap();
    let answer = format!(
        r#"{{"code":0,"msg":"success","result":{{"uploadUrl":"{base}/store/open/k","downloadUrl":"http://cdn/k","type":9}}}}"#
    );
    for (fault, attempts) in [(StoreFault::CutInBody, 3), (StoreFault::Forbidden, 1)] {
        sandbox.answer_next(ScriptedAnswer { body: answer.clone().into(), ..ScriptedAnswer::default() }).unwrap();
        sandbox.fail_store(fault, 9, None).unwrap();
        let error = client(&sandbox, options()).upload(UploadRequest::bytes("a", "x", 0), nobody).unwrap_err();
        assert_eq!((step_of(&error).0, step_of(&error).2), (STORE, attempts));
        sandbox.stop_failing().unwrap();
    }
    sandbox.answer_next(ScriptedAnswer { body: answer.into(), ..ScriptedAnswer::default() }).unwrap();
    sandbox.fail_store(StoreFault::CutInBody, 2, None).unwrap();
    let url = client(&sandbox, options()).upload(UploadRequest::bytes("a", "x", 0), nobody).unwrap();
    assert_eq!((url.as_str(), sandbox.files().unwrap().len()), ("http://cdn/k", 1));
}

/// A back-up store that cannot be reached says less than the store that said why not.
#[test]
fn a_store_that_said_why_is_heard() {
    let sandbox = sandbox(StoreKind::Put);
    let body = format!(
        r#"{{"code":0,"msg":"success","result":{{"uploadUrl":"{}/store/nothing?token=canary-of-the-token",
            "backupUploadUrl":"http://127.0.0.1:1/b","downloadUrl":"http://cdn/k"}}}}"#,
        sandbox.base_url().unwrap()
    );
    sandbox.answer_next(ScriptedAnswer { body: body.into(), ..ScriptedAnswer::default() }).unwrap();
    let error = client(&sandbox, options()).upload(UploadRequest::bytes("a", "x", 0), nobody).unwrap_err();
    assert_eq!(
        error.to_string(),
        "file store: the server answered with HTTP 401: <Error><Code>InvalidToken</Code></Error> (3 attempts); no \
         message was sent"
    );
}

#[test]
fn an_address_that_is_none_fails_in_its_step_and_shows_nothing_of_it() {
    let sandbox = sandbox(StoreKind::Put);
    for (result, reason) in [
        (r#""result":{"uploadUrl":"https://s/k?sign=canary"}"#, "downloadUrl is missing"),
        (r#""result":{"uploadUrl":"gopher://canary","downloadUrl":"d"}"#, "uploadUrl cannot be used"),
        (r#""result":{"uploadUrl":"https://s?canary","downloadUrl":"d","type":1}"#, "uploadUrl cannot be used"),
        (r#""result":{"uploadUrl":["canary"]}"#, "the result does not have the expected form"),
        (r#""other":"canary""#, "the result is missing"),
        (r#""result":{"uploadUrl":"https://s/k?sign=canary""#, "it is not JSON as this API sends it"),
    ] {
        let body = format!(r#"{{"code":0,"msg":"success",{result}}}"#);
        sandbox.answer_next(ScriptedAnswer { body: body.into(), ..ScriptedAnswer::default() }).unwrap();
        let error = client(&sandbox, options()).upload(UploadRequest::bytes("a", "x", 0), nobody).unwrap_err();
        assert_eq!(step_of(&error), (ADDRESS, "InvalidResponse", 1), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        assert!(!error.may_have_executed());
    }
    sandbox.fail_next(Fault::ServiceUnavailable).unwrap();
    sandbox.fail_next(Fault::GatewayTimeout).unwrap();
    client(&sandbox, options()).upload(UploadRequest::bytes("a", "x", 0), nobody).unwrap();
    assert_eq!(sandbox.store_requests().unwrap().len(), 1);
}

#[test]
fn progress_grows_to_the_whole_and_comes_ten_times_a_second_at_the_most() {
    let sandbox = sandbox(StoreKind::Put);
    let client = client(&sandbox, ClientOptions { total_timeout: Some(Duration::from_millis(300)), ..options() });
    sandbox.fail_store(StoreFault::SlowReading, 1, Some(Duration::from_millis(2))).unwrap();
    let (begun, mut told) = (Instant::now(), Vec::new());
    let here = thread::current().id();
    client
        .upload(UploadRequest::bytes("a", some_bytes(12_000_000), 0), |now| {
            assert_eq!(thread::current().id(), here);
            told.push((begun.elapsed(), now.sent));
        })
        .unwrap();
    // The bytes take longer than a call may: only silence would end it.
    assert!(begun.elapsed() > Duration::from_millis(500), "{:?}", begun.elapsed());
    assert!(told.len() > 3, "{told:?}");
    assert!(told.windows(2).all(|pair| pair[0].1 < pair[1].1), "{told:?}");
    assert!(
        told[..told.len() - 1].windows(2).all(|pair| pair[1].0 - pair[0].0 > Duration::from_millis(90)),
        "{told:?}"
    );
    assert_eq!(told.last().unwrap().1, 12_000_000);
}

#[test]
fn a_store_that_falls_silent_is_given_up_after_the_read_timeout() {
    let sandbox = sandbox(StoreKind::Put);
    let quiet = Duration::from_millis(200);
    let client = client(&sandbox, ClientOptions { read_timeout: Some(quiet), max_attempts: 1, ..options() });
    sandbox.fail_store(StoreFault::NeverAnswer, 1, None).unwrap();
    let begun = Instant::now();
    let error = client.upload(UploadRequest::bytes("a", "few bytes", 0), nobody).unwrap_err();
    assert_eq!(step_of(&error), (STORE, "TimedOut", 1));
    assert!((quiet..20 * quiet).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}

#[test]
fn a_caller_who_gives_up_an_upload_is_free_at_once_and_nothing_goes_out_any_more() {
    for kind in KINDS {
        let sandbox = sandbox(kind);
        let client = client(&sandbox, options());
        sandbox.fail_store(StoreFault::SlowReading, 1, Some(Duration::from_millis(100))).unwrap();
        let upload = client.begin_upload_of(UploadRequest::bytes("a", some_bytes(30_000_000), 0)).unwrap();
        while sandbox.store_requests().unwrap().is_empty() {
            assert_eq!(upload.wait(Duration::from_millis(10)).unwrap().url, None);
        }
        let begun = Instant::now();
        let error = upload.cancel().unwrap_err();
        // All of it would take the store minutes.
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        assert_eq!(step_of(&error), (STORE, "Interrupted", 1));
        assert!(matches!(error, MessageError::Interrupted { sent: true, .. }) && !error.may_have_executed(), "{error}");
        upload.cancel().unwrap();
        let over = upload.wait(Duration::ZERO).unwrap_err();
        assert_eq!(over.to_string(), "invalid argument upload: it has ended");
        thread::sleep(Duration::from_millis(100));
        assert_eq!(sandbox.files().unwrap(), []);
    }
    let sandbox = sandbox(StoreKind::Put);
    sandbox.fail_next(Fault::NeverAnswer).unwrap();
    let client = client(&sandbox, options());
    let upload = client.begin_upload_of(UploadRequest::bytes("a", "x", 0)).unwrap();
    upload.wait(Duration::from_millis(100)).unwrap();
    assert_eq!(step_of(&upload.cancel().unwrap_err()), (ADDRESS, "Interrupted", 1));
    assert_eq!(sandbox.store_requests().unwrap(), []);
}

#[test]
fn a_file_that_changes_its_size_is_not_stored_and_one_that_vanishes_is() {
    for kind in KINDS {
        let sandbox = sandbox(kind);
        let client = client(&sandbox, options());
        type Change = fn(&PathBuf);
        let changes: [(Change, &str); 3] = [
            (
                |path| fs::File::options().write(true).open(path).unwrap().set_len(1_000_000).unwrap(),
                "from 9000000 to 1000000",
            ),
            (
                |path| fs::File::options().append(true).open(path).unwrap().write_all(b"more").unwrap(),
                "from 9000000 to 9000004",
            ),
            (|path| fs::remove_file(path).unwrap(), ""),
        ];
        for (change, words) in changes {
            let file = TempFile::with(&some_bytes(9_000_000));
            sandbox.fail_store(StoreFault::SlowReading, 1, Some(Duration::from_millis(1))).unwrap();
            let upload = client.begin_upload_of(UploadRequest::file("a", &file.0, 0)).unwrap();
            sandbox.clear_requests().unwrap();
            while sandbox.store_requests().unwrap().is_empty() {
                upload.wait(Duration::from_millis(1)).unwrap();
            }
            change(&file.0);
            let outcome = loop {
                match upload.wait(Duration::from_millis(100)) {
                    Ok(news) if news.url.is_none() => {}
                    outcome => break outcome,
                }
            };
            let files = sandbox.files().unwrap().len();
            match outcome {
                Ok(_) => assert_eq!((words, files), ("", 1)),
                Err(error) => {
                    let text = error.to_string();
                    let beginning = "invalid argument path: its size changed while it was read, ";
                    assert!(text.starts_with(beginning) && !words.is_empty() && text.contains(words), "{text}");
                    assert_eq!((files, error.may_have_executed()), (0, false));
                    assert_eq!(sandbox.store_requests().unwrap().len(), 1, "nothing is gained by another attempt");
                }
            }
        }
    }
}

#[test]
fn within_somebodys_runtime_it_works_as_well() {
    let sandbox = sandbox(StoreKind::Form);
    let client = client(&sandbox, options());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        client.upload(UploadRequest::bytes("a", some_bytes(700_000), 0), nobody).unwrap();
        let given_up = client.begin_upload_of(UploadRequest::bytes("a", "x", 0)).unwrap();
        given_up.wait(Duration::ZERO).unwrap();
    });
    assert_eq!(sandbox.files().unwrap().len(), 1);
}

#[test]
fn many_threads_upload_at_once() {
    let sandbox = sandbox(StoreKind::Put);
    let client = client(&sandbox, options());
    thread::scope(|scope| {
        for thread in 0..16 {
            let client = &client;
            scope.spawn(move || {
                for number in 0..5 {
                    let name = format!("{thread}-{number}.txt");
                    client.upload(UploadRequest::bytes(name.clone(), name, 0), nobody).unwrap();
                }
            });
        }
    });
    let files = sandbox.files().unwrap();
    assert_eq!(files.len(), 80);
    assert!(files.iter().all(|file| file.data.as_deref() == Some(file.file_name.as_bytes())));
}

/// What no good store does, from a server of raw sockets that the sandbox's server names.
#[test]
fn errors_of_a_strange_store_say_what_it_did_and_hide_the_signature() {
    let echo = |request: &support::Request, stream: &mut TcpStream| {
        let told = request.head.lines().next().unwrap().to_owned();
        let answer = format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\n\r\n{told}", told.len());
        stream.write_all(answer.as_bytes()).is_ok()
    };
    let always = |answer: &'static str| Server::always(answer);
    for (store, expected) in [
        (Server::start(echo), "file store: the server answered with HTTP 400: PUT /k?Signature=***"),
        (always("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"), ""),
        (
            always("HTTP/1.1 204 No Content\r\n\r\n"),
            "file store: the answer is not one that a file store gives: its status is neither 200 nor 201 (HTTP 204)",
        ),
        (
            always("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
            "file store: the answer is not one that a file store gives: it is not \
            HTTP: ",
        ),
        (always("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n"), ""),
        (always("HTTP/1.1 500 Oh\r\ncontent-length: 10\r\n\r\n"), "file store: no complete answer within "),
        (
            always(
                "HTTP/1.1 302 Found\r\nlocation: https://elsewhere/?Signature=canary-of-the-token\r\ncontent-length: \
                 0\r\n\r\n",
            ),
            "file store: the answer is not one that a file store gives: it is a redirect, which is not followed (HTTP \
             302)",
        ),
    ] {
        let sandbox = sandbox(StoreKind::Put);
        let url = format!("{}/k?Signature=canary-of-the-token", store.url());
        let body =
            format!(r#"{{"code":0,"msg":"success","result":{{"uploadUrl":"{url}","downloadUrl":"http://cdn/k"}}}}"#);
        sandbox.answer_next(ScriptedAnswer { body: body.into(), ..ScriptedAnswer::default() }).unwrap();
        let options = ClientOptions { max_attempts: 1, read_timeout: Some(Duration::from_millis(300)), ..options() };
        let outcome = client(&sandbox, options).upload(UploadRequest::bytes("a", "the bytes", 0), nobody);
        assert_eq!(store.requests().last().unwrap().body, b"the bytes");
        match outcome {
            Ok(url) => assert_eq!((url.as_str(), expected), ("http://cdn/k", "")),
            Err(error) => {
                assert!(!expected.is_empty() && error.to_string().starts_with(expected), "{error}");
                assert!(!format!("{error:?}").contains("canary"), "{error:?}");
            }
        }
    }
}

/// A store that refuses a file by its head answers at once: its answer is heard all the same. One that says so early that
/// it has the file is not believed.
#[test]
fn an_answer_before_the_file_is_read_is_heard() {
    for (answer, text) in [
        (
            "HTTP/1.1 413 Too Large\r\ncontent-length: 9\r\nconnection: close\r\n\r\ntoo large",
            "file store: the server answered with HTTP 413: too large; no message was sent",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "file store: the answer is not one that a file store gives: it arrived before the whole file had been sent (HTTP 200); \
             no message was sent",
        ),
    ] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
            thread::sleep(Duration::from_millis(300));
        });
        let sandbox = sandbox(StoreKind::Put);
        let body = format!(
            r#"{{"code":0,"msg":"","result":{{"uploadUrl":"http://{address}/k","downloadUrl":"http://cdn/k"}}}}"#
        );
        sandbox.answer_next(ScriptedAnswer { body: body.into(), ..ScriptedAnswer::default() }).unwrap();
        let request = UploadRequest::bytes("a", some_bytes(20_000_000), 0);
        let once = ClientOptions { max_attempts: 1, ..options() };
        let error = client(&sandbox, once).upload(request, nobody).unwrap_err();
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn a_store_that_asks_for_a_long_pause_is_not_waited_for() {
    let sandbox = sandbox(StoreKind::Put);
    sandbox.fail_store(StoreFault::TooManyRequests, 9, Some(Duration::from_secs(3600))).unwrap();
    let begun = Instant::now();
    let error = client(&sandbox, options()).upload(UploadRequest::bytes("a", "x", 0), nobody).unwrap_err();
    // The pause is one store's wish: the other one is asked at once.
    assert_eq!(step_of(&error), (BACKUP, "RateLimited", 2));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_request_shows_no_bytes() {
    let shown = format!("{:?}", UploadRequest::bytes("a", "canary", 0));
    assert!(shown.contains("6 bytes") && !shown.contains("canary"), "{shown}");
}

#[test]
fn the_proxy_of_the_options_is_the_way_to_the_store_too() {
    let proxy = Server::start(|request, stream| {
        let (status, body) = match request.head.starts_with("POST http://im.example/admin/oss/get_upload_url ") {
            true => (
                "200 OK",
                r#"{"code":0,"msg":"","result":{"uploadUrl":"http://store.example/k?t=1","downloadUrl":"http://cdn/k"}}"#,
            ),
            false => ("201 Created", ""),
        };
        stream.write_all(support::answer(status, body).as_bytes()).is_ok()
    });
    let options = ClientOptions { proxy: Some(proxy.url()), ..options() };
    let credentials = Credentials::new().proxy_login("me", "pass word").unwrap().header("x-gateway", "key").unwrap();
    let client = MessageClient::with_credentials("http://im.example".into(), "s".into(), Some(options), credentials);
    let client = client.unwrap();
    assert_eq!(client.upload(UploadRequest::bytes("a", "x", 0), nobody).unwrap(), "http://cdn/k");
    let requests = proxy.requests();
    assert!(requests.iter().all(|request| request.header("proxy-authorization") == "Basic bWU6cGFzcyB3b3Jk"));
    let heads: Vec<String> = requests.into_iter().map(|request| request.head).collect();
    assert!(heads[0].contains("x-gateway") && !heads[1].contains("x-gateway"), "the store is no part of the gateway");
    assert!(heads[1].starts_with("PUT http://store.example/k?t=1 "), "{heads:?}");
}
