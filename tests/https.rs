//! https: certificate and host name are always checked, against the system's roots and the caller's.

mod support;

#[path = "support/tls.rs"]
mod tls;

use std::{
    io::{Read, Write},
    net::SocketAddr,
};

use support::{SECRET, sent};
use tls::Authority;
use wildfirechat_message::{
    ClientOptions, Conversation, MessageClient, MessageError, MessagePayload, SendRequest, SentMessage,
};

/// Starts a server whose certificate is for `name` and which answers every request.
fn server_for(authority: &Authority, name: &str) -> SocketAddr {
    authority.server(name, |mut tls| {
        let mut request = [0; 4096];
        while matches!(tls.read(&mut request), Ok(read) if read > 0) {
            if tls.write_all(sent().as_bytes()).is_err() {
                break;
            }
        }
    })
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
