//! https: certificate and host name are always checked, against the system's roots and the caller's.

mod support;

#[path = "support/tls.rs"]
mod tls;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    thread,
};

use support::{SECRET, answer, sent};
use tls::{Authority, Tls};
use wildfirechat_message::{
    ClientOptions, Conversation, MessageClient, MessageError, MessagePayload, SendRequest, SentMessage, UploadRequest,
};

/// Starts a server whose certificate is for `name` and which answers every request.
fn server_for(authority: &Authority, name: &str) -> SocketAddr {
    authority.server(name, answering)
}

fn answering(mut tls: Tls) {
    let mut request = [0; 4096];
    while matches!(tls.read(&mut request), Ok(read) if read > 0) {
        if tls.write_all(sent().as_bytes()).is_err() {
            break;
        }
    }
}

fn send_to(url: String, root_certificates: Option<String>) -> Result<SentMessage, MessageError> {
    let options = ClientOptions { root_certificates, ..ClientOptions::default() };
    let client = MessageClient::new(url, SECRET.into(), Some(options)).unwrap();
    client.send_message(SendRequest::new("admin", Conversation::single("u1"), MessagePayload::text("hello")))
}

fn reason_of(outcome: Result<SentMessage, MessageError>) -> String {
    let Err(MessageError::Unreachable { reason, .. }) = outcome else { panic!("{outcome:?}") };
    reason
}

#[test]
fn a_server_whose_authority_the_caller_names_is_trusted() {
    let authority = Authority::new();
    let server = server_for(&authority, "localhost");
    let sent = send_to(format!("https://localhost:{}", server.port()), Some(authority.pem()));
    assert_eq!(sent.unwrap().message_uid, 588582842607370241);
}

/// The usual `openssl req -x509`: it may sign others, and stands for itself.
#[test]
fn a_self_signed_certificate_that_the_caller_names_is_trusted_for_its_own_name() {
    let authority = Authority::for_itself("localhost");
    let server = authority.server_of_its_own(answering);
    let url = format!("https://localhost:{}", server.port());
    assert_eq!(send_to(url.clone(), Some(authority.pem())).unwrap().message_uid, 588582842607370241);
    let by_number = reason_of(send_to(format!("https://127.0.0.1:{}", server.port()), Some(authority.pem())));
    assert!(by_number.contains("for another host name"), "{by_number}");
    let unknown = reason_of(send_to(url, None));
    assert!(unknown.contains("give exactly this certificate as root_certificates"), "{unknown}");
}

#[test]
fn a_port_of_the_other_kind_is_told_so() {
    // What is no request is refused by servers at once; one that waits for its end is a port that says nothing.
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = plain.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in plain.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
        }
    });
    let reason = reason_of(send_to(format!("https://localhost:{port}"), None));
    assert!(reason.contains("use http:// in the base URL"), "{reason}");
    let tls = server_for(&Authority::new(), "localhost");
    let error = send_to(format!("http://localhost:{}", tls.port()), None).unwrap_err();
    assert!(error.to_string().contains("use https:// in the base URL"), "{error}");
    assert!(error.may_have_executed(), "whoever says so is not known");
}

#[test]
fn what_is_no_certificate_is_refused_when_the_client_is_made() {
    let armour = "-----BEGIN CERTIFICATE-----\ndGhpcyBpcyBubyBjZXJ0aWZpY2F0ZQ==\n-----END CERTIFICATE-----\n";
    for (pem, reason) in [
        (armour.to_owned(), "number 1 in it is not a certificate"),
        (Authority::new().pem() + armour, "number 2 in it is not a certificate"),
        ("no PEM".to_owned(), "it contains no PEM certificate"),
    ] {
        let options = ClientOptions { root_certificates: Some(pem), ..ClientOptions::default() };
        let refused = MessageClient::new("https://localhost".into(), SECRET.into(), Some(options)).unwrap_err();
        assert!(
            matches!(&refused, MessageError::InvalidArgument { argument, .. } if argument == "options.root_certificates")
        );
        assert!(refused.to_string().contains(reason), "{refused}");
    }
}

#[test]
fn a_server_nobody_vouches_for_is_not_sent_to() {
    let server = server_for(&Authority::new(), "localhost");
    let url = format!("https://localhost:{}", server.port());
    assert!(reason_of(send_to(url.clone(), None)).contains("certificate"));
    assert!(reason_of(send_to(url, Some(Authority::new().pem()))).contains("certificate"));
}

#[test]
fn a_server_with_another_hosts_certificate_is_not_sent_to() {
    let authority = Authority::new();
    let server = server_for(&authority, "elsewhere.example");
    let reason = reason_of(send_to(format!("https://localhost:{}", server.port()), Some(authority.pem())));
    assert!(reason.contains("certificate"), "{reason}");
}

/// The store is another server, and is trusted by the same rules.
#[test]
fn a_file_goes_to_a_store_whose_authority_the_caller_names_and_to_no_other() {
    let store = |mut tls: tls::Tls| {
        let mut request = [0; 4096];
        while let Ok(read @ 1..) = tls.read(&mut request) {
            let is_file = request[..read].starts_with(b"PUT /k?t=1 ");
            let answer = if is_file { answer("201 Created", "") } else { String::new() };
            if tls.write_all(answer.as_bytes()).is_err() {
                break;
            }
        }
    };
    let authority = Authority::new();
    for (stores, trusted) in [(&authority, true), (&Authority::new(), false)] {
        let address = stores.server("localhost", store);
        let told = format!(
            r#"{{"code":0,"msg":"","result":{{"uploadUrl":"https://localhost:{}/k?t=1","downloadUrl":"d"}}}}"#,
            address.port()
        );
        let server = support::Server::always(answer("200 OK", &told));
        let options =
            ClientOptions { root_certificates: Some(authority.pem()), max_attempts: 1, ..ClientOptions::default() };
        let outcome = server.client_with(options).upload(UploadRequest::bytes("a", "x", 0), |_| ());
        match outcome {
            Ok(url) => assert!(trusted && url == "d"),
            Err(error) => assert!(!trusted && error.to_string().contains("certificate"), "{error}"),
        }
    }
}
