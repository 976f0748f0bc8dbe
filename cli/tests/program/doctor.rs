//! `doctor`: for each of the causes one plain sentence, and what to do.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, SystemTime},
};

use serde_json::Value;
use wildfirechat_message::sandbox::{Fault, SandboxOptions};

use crate::{
    support,
    tls::Authority,
    tool::{Outcome, Program, SECRET, bare, community, fail, program, sandbox, with_options},
};

/// The doctor before a sandbox whose requests all meet this fault.
fn before(fault: Fault) -> impl Fn() -> Program {
    let server = sandbox();
    fail(&server, fault, 999);
    move || program(&server).args(["doctor"])
}

const STEPS: [&str; 9] = ["settings", "name", "port", "TLS", "answer", "limit", "clock", "secret", "edition"];

fn at(url: impl AsRef<str>) -> Program {
    bare().env("WILDFIRECHAT_SECRET", SECRET).args(["doctor", "--url", url.as_ref(), "--connect-timeout", "2"])
}

/// Runs it twice, for eyes and for programs: it fails at this step, with these words and this exit code.
fn is_ill(program: impl Fn() -> Program, step: &str, cause: &str, to_do: &str, code: i32) {
    let outcome = program().args(["--json"]).run();
    assert_eq!((outcome.code, outcome.err.as_str()), (code, ""), "{outcome:?}");
    let told = outcome.json();
    assert_eq!(told.iter().map(|object| object["step"].as_str().unwrap()).collect::<Vec<_>>(), STEPS);
    let place = STEPS.iter().position(|known| *known == step).unwrap();
    for (index, object) in told.iter().enumerate() {
        let expected = match index {
            _ if index < place => "ok",
            _ if index == place => "failed",
            _ => "not looked at",
        };
        assert_eq!(object["status"], expected, "{told:?}");
    }
    let words = |name: &str| told[place][name].as_str().unwrap().to_owned();
    assert!(words("says").contains(cause), "{outcome:?}");
    assert!(words("to_do").contains(to_do), "{outcome:?}");
    let outcome = program().run();
    assert_eq!(outcome.code, code);
    assert_eq!(outcome.out.lines().filter(|line| line.starts_with("failed")).count(), 1, "{outcome:?}");
    assert!(outcome.out.contains(&format!("failed  {step:<8} {}\n", words("says"))), "{outcome:?}");
    assert!(outcome.out.contains(&format!("what to do: {}\n", words("to_do"))), "{outcome:?}");
}

fn is_well(outcome: &Outcome) -> Vec<Value> {
    assert_eq!((outcome.code, outcome.err.as_str()), (0, ""), "{outcome:?}");
    let told = outcome.json();
    assert!(told.iter().all(|object| object["status"] == "ok"), "{outcome:?}");
    assert_eq!(told.len(), STEPS.len());
    told
}

#[test]
fn a_server_that_is_well_and_nothing_is_sent_or_changed() {
    let server = sandbox();
    let told = is_well(&program(&server).args(["doctor", "--json"]).run());
    assert!(told[0]["says"].as_str().unwrap().ends_with("with the secret of WILDFIRECHAT_SECRET"));
    assert!(told[8]["says"].as_str().unwrap().starts_with("professional"));
    let mut paths: Vec<String> = server.requests().unwrap().into_iter().map(|request| request.path).collect();
    paths.sort();
    paths.dedup();
    assert_eq!(paths, ["/admin/message/delivery", "/admin/message/get_one"]);
    assert!(server.message_uids().unwrap().is_empty());
}

#[test]
fn a_community_server() {
    let told = is_well(&program(&community()).args(["doctor", "--json"]).run());
    assert!(told[8]["says"].as_str().unwrap().starts_with("community: the server has send, recall"));
}

#[test]
fn a_name_that_does_not_resolve() {
    let program = || at("http://no-such-host.invalid:18080");
    is_ill(program, "name", "there is no address for the name no-such-host.invalid", "check the spelling", 1);
}

#[test]
fn a_server_that_is_away() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let program = || at(format!("http://127.0.0.1:{port}"));
    let cause = format!("nothing listens on port {port} of 127.0.0.1");
    // Unless somebody runs a server here just now.
    let usual_is_open = TcpStream::connect("127.0.0.1:18080").is_ok();
    let to_do = if usual_is_open { "correct the port" } else { "start the server, or correct the port" };
    is_ill(program, "port", &cause, to_do, 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_wrong_port_beside_the_usual_one() {
    // Only Linux has all these addresses. The process's number keeps others' tests away.
    let id = std::process::id();
    let host = format!("127.77.{}.{}", id / 250 % 250 + 1, id % 250 + 1);
    let options = SandboxOptions { host: Some(host.clone()), port: 18080, ..SandboxOptions::default() };
    let _server = with_options(options);
    let program = || at(format!("http://{host}:18081"));
    is_ill(
        program,
        "port",
        "nothing listens on port 18081",
        "correct the port in the URL: port 18080, the usual port",
        1,
    );
}

#[test]
fn a_wrong_port_where_something_else_listens() {
    let talker = speaking(b"SSH-2.0-something\r\n".to_vec());
    // Its words come before the request leaves, or behind that.
    for _ in 0..5 {
        let outcome = at(format!("http://127.0.0.1:{talker}")).args(["--json"]).run();
        let told = outcome.json();
        let failed = told.iter().find(|object| object["status"] == "failed").unwrap();
        assert_eq!((outcome.code, &failed["step"]), (1, &Value::from("answer")), "{outcome:?}");
        let says = failed["says"].as_str().unwrap();
        assert!(says.contains("it does not speak HTTP") || says.contains("it is not HTTP"), "{failed}");
        assert!(failed["to_do"].as_str().unwrap().contains("correct the URL"), "{failed}");
    }
}

#[test]
fn a_path_that_is_no_ones() {
    let server = sandbox();
    let program = || at(format!("{}/im", server.base_url().unwrap()));
    is_ill(program, "answer", "a server answers, but it does not know the message API", "its path may be wrong", 1);
}

#[test]
fn a_server_that_takes_connections_and_never_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let program = || at(format!("http://127.0.0.1:{port}")).args(["--timeout", "1"]);
    is_ill(program, "answer", "the port accepts connections, but nobody answers", "check whether the server hangs", 1);
}

#[test]
fn a_wrong_secret() {
    let server = sandbox();
    let wrong = || program(&server).env("WILDFIRECHAT_SECRET", "wrong").args(["doctor"]);
    let cause = "the server does not accept the secret of WILDFIRECHAT_SECRET (code 244)";
    is_ill(wrong, "secret", cause, "exactly as it stands in the server's settings", 4);
}

/// A server whose clock is so many hours ahead of this machine's; some refuse what is ahead of them too.
fn with_a_clock(hours: i64, is_two_sided: bool) -> support::Server {
    support::Server::start(move |request, stream| {
        const HOUR: i64 = 3_600_000;
        let signed: i64 = request.header("timestamp").parse().unwrap();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
        let age = i64::try_from(now).unwrap() + hours * HOUR - signed;
        let is_accepted = age <= 2 * HOUR && (!is_two_sided || age >= -2 * HOUR);
        let body =
            if is_accepted { r#"{"code":253,"msg":"not exist"}"# } else { r#"{"code":243,"msg":"sign expired"}"# };
        stream.write_all(support::answer("200 OK", body).as_bytes()).is_ok()
    })
}

#[test]
fn a_clock_that_is_hours_off() {
    for (hours, is_two_sided, cause) in [
        (3, false, "this machine's clock is 3 h 0 min behind the server's"),
        (3, true, "this machine's clock is 3 h 0 min behind the server's"),
        (-3, true, "this machine's clock is 3 h 0 min ahead of the server's"),
        // This server lets it pass, and the vendor's page says that others do not.
        (-3, false, "this machine's clock is 3 h 0 min ahead of the server's"),
        (-30, false, "this machine's clock is 1 d 6 h ahead of the server's"),
    ] {
        let server = with_a_clock(hours, is_two_sided);
        is_ill(|| at(server.url()), "clock", cause, "correct the clock that is wrong", 4);
    }
    // What is less is told, and does no harm.
    let told = is_well(&at(with_a_clock(-1, true).url()).args(["--json"]).run());
    assert_eq!(told[6]["says"], "this machine's clock is 1 h 0 min ahead of the server's");
    let told = is_well(&at(with_a_clock(0, false).url()).args(["--json"]).run());
    assert_eq!(told[6]["says"], "this machine's clock and the server's agree, to within 10 min");
}

#[test]
fn a_clock_of_which_no_time_is_accepted() {
    // By a server that says what time it is …
    let date = httpdate_of(SystemTime::now() + Duration::from_secs(3 * 3600 + 60));
    let body = r#"{"code":243,"msg":"sign expired"}"#;
    let answer = support::answer("200 OK", body).replacen("\r\n", &format!("\r\ndate: {date}\r\n"), 1);
    let server = support::Server::always(answer);
    is_ill(|| at(server.url()), "clock", "this machine's clock is 3 h ", "correct the clock that is wrong", 4);
    // … and by one that does not, as those of the vendor.
    let cause = "this machine's clock and the server's are more than 2 hours apart";
    is_ill(before(Fault::SignExpired), "clock", cause, "`date -u`", 4);
}

/// `Wed, 25 Nov 2026 19:00:00 GMT`, of the system's own making.
fn httpdate_of(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let mut command = std::process::Command::new("date");
    command.env("LC_ALL", "C").args(["-u", "-d", &format!("@{seconds}"), "+%a, %d %b %Y %H:%M:%S GMT"]);
    String::from_utf8(command.output().unwrap().stdout).unwrap().trim().to_owned()
}

#[test]
fn https_on_a_plain_port() {
    let server = sandbox();
    let url = server.base_url().unwrap().replace("http:", "https:");
    is_ill(|| at(&url), "TLS", "the port does not speak TLS", "write http:// instead of https://", 1);
}

#[test]
fn http_on_a_port_of_tls() {
    let address = Authority::new().server("127.0.0.1", |mut tls| {
        let _ = tls.read(&mut [0; 1024]);
    });
    let outcome = at(format!("http://{address}")).run();
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(outcome.out.contains("https"), "{outcome:?}");
}

#[test]
fn a_certificate_that_is_self_signed_or_for_another_name() {
    let own = Authority::for_itself("localhost");
    let address = own.server_of_its_own(answering);
    let url = format!("https://localhost:{}", address.port());
    is_ill(|| at(&url), "TLS", "the server's certificate is self-signed", "give that certificate with --ca-file", 1);
    let unknown = Authority::new();
    let address = unknown.server("localhost", answering);
    let url = format!("https://localhost:{}", address.port());
    is_ill(
        || at(&url),
        "TLS",
        "the server's certificate is not signed by an authority",
        "give that certificate with --ca-file",
        1,
    );
    // With it all is well, but for another name.
    let folder = crate::tool::Folder::new();
    let file = folder.file("ca.pem", unknown.pem());
    let trusting = |url: &str| at(url).args(["--ca-file", file.to_str().unwrap()]);
    is_well(&trusting(&url).args(["--json"]).run());
    let url = format!("https://127.0.0.1:{}", address.port());
    is_ill(|| trusting(&url), "TLS", "for another host name", "use the host name of the certificate in the URL", 1);
}

/// A server behind TLS for which each message and each user is unknown.
fn answering(mut tls: crate::tls::Tls) {
    while support::read_request(&mut tls, 0).is_some() {
        let answer = support::answer("200 OK", r#"{"code":253,"msg":"not exist"}"#);
        if tls.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

#[test]
fn a_proxys_page() {
    is_ill(
        before(Fault::HtmlAnswer),
        "answer",
        "the answer does not come from the server: a proxy got no answer",
        "stands in front of the server",
        1,
    );
    let page = "<html><body>Please log in</body></html>";
    let page = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{page}", page.len());
    let server = support::Server::always(page);
    is_ill(|| at(server.url()), "answer", "the answer does not come from the server: it is HTML", "a login page", 1);
}

#[test]
fn what_stands_before_a_server_is_told_by_what_it_says() {
    for (answer, step, cause, code) in [
        (
            "HTTP/1.1 301 Moved\r\nlocation: https://im.example.com/admin/message/get_one\r\ncontent-length: 0\r\n\r\n",
            "answer",
            "use https://im.example.com as the base URL",
            1,
        ),
        (
            "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n",
            "answer",
            "a gateway in front of the server requires a login",
            1,
        ),
        (
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
            "answer",
            "the answer does not come from the server",
            1,
        ),
        ("HTTP/1.1 429 Too Many\r\ncontent-length: 0\r\n\r\n", "limit", "the server accepts no more calls for now", 75),
    ] {
        let server = support::Server::always(answer);
        is_ill(|| at(server.url()), step, cause, "", code);
    }
    let server = support::Server::always(support::answer("200 OK", r#"{"code":239,"msg":"api not signed"}"#));
    is_ill(|| at(server.url()), "answer", "without its signature", "passes the headers nonce, timestamp and sign", 1);
}

#[test]
fn a_limit_that_is_used_up() {
    is_ill(before(Fault::OverFrequency), "limit", "the server accepts no more calls for now", "wait some seconds", 75);
}

#[test]
fn a_proxy_that_is_away() {
    let server = sandbox();
    let program = || at(server.base_url().unwrap()).args(["--proxy", "http://127.0.0.1:1"]);
    is_ill(program, "port", "nothing listens on port 1 of 127.0.0.1", "start the proxy", 1);
}

#[test]
fn what_can_never_work_is_found_before_anything_is_looked_at() {
    for url in ["127.0.0.1:18080", "ftp://host", "http://", "http://user:pass@host"] {
        let outcome = at(url).run();
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""), "{outcome:?}");
        assert!(!outcome.err.contains("pass@"), "{outcome:?}");
    }
}

/// Says this to everybody who comes.
fn speaking(words: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let words = words.clone();
            thread::spawn(move || {
                let mut stream = stream.unwrap();
                let _ = stream.write_all(&words);
                let _ = stream.read_to_end(&mut Vec::new());
            });
        }
    });
    port
}
