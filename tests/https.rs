//! https: certificate and host name are always checked, against the system's roots and the caller's.

mod support;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};
use support::{SECRET, sent};
use wildfirechat_message::{
    ClientOptions, Conversation, MessageClient, MessageError, MessagePayload, SendRequest, SentMessage,
};

/// A certificate authority of the test's own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// Starts a server whose certificate is for `name` and which answers every request.
    fn server_for(&self, name: &str) -> SocketAddr {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream.unwrap());
                let mut request = [0; 4096];
                while matches!(tls.read(&mut request), Ok(read) if read > 0) {
                    if tls.write_all(sent().as_bytes()).is_err() {
                        break;
                    }
                }
            }
        });
        address
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
    let server = authority.server_for("localhost");
    let sent = send_to(format!("https://localhost:{}", server.port()), Some(authority.pem()));
    assert_eq!(sent.unwrap().message_uid, 588582842607370241);
}

#[test]
fn a_server_nobody_vouches_for_is_not_sent_to() {
    let server = Authority::new().server_for("localhost");
    let url = format!("https://localhost:{}", server.port());
    assert!(reason_of(send_to(url.clone(), None)).contains("certificate"));
    assert!(reason_of(send_to(url, Some(Authority::new().pem()))).contains("certificate"));
}

#[test]
fn a_server_with_another_hosts_certificate_is_not_sent_to() {
    let authority = Authority::new();
    let server = authority.server_for("elsewhere.example");
    let reason = reason_of(send_to(format!("https://localhost:{}", server.port()), Some(authority.pem())));
    assert!(reason.contains("certificate"), "{reason}");
}
