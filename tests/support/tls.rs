//! A certificate authority of the tests' own, and servers that speak TLS by raw hand.

#![allow(dead_code, reason = "each test file uses its part")]

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer},
};

/// The server's end of a connection.
pub type Tls = StreamOwned<ServerConnection, TcpStream>;

/// A certificate authority of the test's own.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// One whose certificate is also for this name.
    pub fn for_itself(name: &str) -> Self {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate of this authority for somebody's key, as PEM text.
    pub fn sign(&self, params: CertificateParams, key: &KeyPair) -> String {
        params.signed_by(key, &self.0).unwrap().pem()
    }

    /// What a server with a certificate for `name` speaks TLS with.
    pub fn config(&self, name: &str) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        config_of(certificate.der().clone(), &key)
    }

    /// Starts a server that shows the authority's own certificate.
    pub fn server_of_its_own(&self, serve: impl Fn(Tls) + Send + Sync + 'static) -> SocketAddr {
        listen(config_of(self.0.der().clone(), self.0.key()), serve)
    }

    /// Starts a server whose certificate is for `name`, and which does this with each connection.
    pub fn server(&self, name: &str, serve: impl Fn(Tls) + Send + Sync + 'static) -> SocketAddr {
        listen(self.config(name), serve)
    }
}

fn config_of(certificate: CertificateDer<'static>, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    Arc::new(config)
}

fn listen(config: Arc<ServerConfig>, serve: impl Fn(Tls) + Send + Sync + 'static) -> SocketAddr {
    let serve = Arc::new(serve);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream.unwrap());
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(tls));
        }
    });
    address
}
