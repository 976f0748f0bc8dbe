//! What the way to a server needs besides its address, and nobody may read: [`Credentials`].

use std::{collections::HashMap, fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use hyper::header::{self, HeaderName, HeaderValue};
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{MessageError, ring::ring};

/// What is needed to reach a server besides its address: a proxy's user and password, a client certificate for mutual TLS,
/// headers that a gateway requires. All of it is secret: no description, error or log shows it.
///
/// ```
/// use wildfirechat_message::{Credentials, MessageClient};
///
/// # fn main() -> Result<(), wildfirechat_message::MessageError> {
/// let credentials = Credentials::new().header("x-api-key", "key-of-the-gateway")?;
/// let client =
///     MessageClient::with_credentials("https://im.example.com".into(), "123456".into(), None, credentials)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Credentials {
    pub(crate) proxy: Option<Login>,
    pub(crate) client: Option<Arc<CertifiedKey>>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// A user and a password.
#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) user: SecretString,
    pub(crate) password: SecretString,
}

impl Login {
    /// As HTTP's basic authentication has it.
    pub(crate) fn basic(&self) -> HeaderValue {
        let both = format!("{}:{}", self.user.expose_secret(), self.password.expose_secret());
        let value = format!("Basic {}", STANDARD.encode(both));
        let mut value = HeaderValue::try_from(value).expect("base64 is a header's value");
        value.set_sensitive(true);
        value
    }
}

/// What the library says itself, and what belongs to a connection.
const OURS: [HeaderName; 12] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::EXPECT,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::ACCEPT_ENCODING,
    header::PROXY_AUTHORIZATION,
];
const SIGNED: [&str; 5] = ["nonce", "timestamp", "sign", "rid", "cid"];

impl Credentials {
    /// None at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// The user and password that the proxy of the options wants: by HTTP's basic authentication, or as SOCKS5 has it.
    pub fn proxy_login(mut self, user: &str, password: &str) -> Result<Self, MessageError> {
        const LONGEST: usize = 255;
        for (argument, text) in [("proxy_login.user", user), ("proxy_login.password", password)] {
            if text.len() > LONGEST {
                return Err(MessageError::invalid(argument, format!("it is longer than {LONGEST} bytes")));
            }
        }
        if user.is_empty() {
            return Err(MessageError::invalid("proxy_login.user", "it is empty"));
        }
        if user.contains(':') {
            return Err(MessageError::invalid(
                "proxy_login.user",
                "it contains a colon, at which the password would begin",
            ));
        }
        self.proxy = Some(Login { user: user.into(), password: password.into() });
        Ok(self)
    }

    /// The certificate and the private key, as PEM text, that show a server with mutual TLS who is calling. Certificates of
    /// the authorities in between may follow the client's own.
    pub fn client_certificate(mut self, certificates: &str, key: &str) -> Result<Self, MessageError> {
        let invalid =
            |argument: &str, reason: String| MessageError::invalid(format!("client_certificate.{argument}"), reason);
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(certificates.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|_| invalid("certificates", "it is not in PEM format".into()))?;
        if chain.is_empty() {
            return Err(invalid("certificates", "it contains no PEM certificate".into()));
        }
        // What is wrong with a key is not told in the words of a parser, which might show a part of it.
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| {
            invalid("key", "it contains no private key in PEM format; decrypt a key that has a passphrase first".into())
        })?;
        let both = CertifiedKey::from_der(chain, key, &ring()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => invalid("key", "it is not the key of the first certificate".into()),
            rustls::Error::InvalidCertificate(_) => {
                invalid("certificates", "the first certificate cannot be read".into())
            }
            _ => invalid("key", "its kind cannot be used for TLS here: it must be RSA, ECDSA or Ed25519".into()),
        })?;
        self.client = Some(Arc::new(both));
        Ok(self)
    }

    /// A header that a gateway wants to see on each request, such as an API key. The headers that the library says itself
    /// cannot be given, and the same name only once.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, MessageError> {
        let invalid = |reason: &str| MessageError::invalid(format!("headers.{}", shown(name)), reason);
        let known = HeaderName::try_from(name).map_err(|_| invalid("it is not the name of an HTTP header"))?;
        if OURS.contains(&known) || SIGNED.contains(&known.as_str()) {
            return Err(invalid("the library sets this header itself"));
        }
        if self.headers.iter().any(|(given, _)| *given == known) {
            return Err(invalid("it is given twice"));
        }
        let mut value = HeaderValue::try_from(value)
            .map_err(|_| invalid("its value contains a character that an HTTP header cannot contain"))?;
        value.set_sensitive(true);
        self.headers.push((known, value));
        Ok(self)
    }

    /// As the other languages give them.
    pub(crate) fn of(
        proxy_login: Option<Vec<String>>,
        client_certificate: Option<Vec<String>>,
        headers: HashMap<String, String>,
    ) -> Result<Self, MessageError> {
        let mut credentials = Self::new();
        if let Some([user, password]) = pair("proxy_login", &proxy_login)? {
            credentials = credentials.proxy_login(user, password)?;
        }
        if let Some([certificates, key]) = pair("client_certificate", &client_certificate)? {
            credentials = credentials.client_certificate(certificates, key)?;
        }
        let mut headers: Vec<(String, String)> = headers.into_iter().collect();
        headers.sort();
        headers.iter().try_fold(credentials, |credentials, (name, value)| credentials.header(name, value))
    }
}

fn pair<'a>(argument: &str, given: &'a Option<Vec<String>>) -> Result<Option<&'a [String; 2]>, MessageError> {
    let both = |given: &'a Vec<String>| {
        given.as_slice().try_into().map_err(|_| MessageError::invalid(argument, "it must have exactly two parts"))
    };
    given.as_ref().map(both).transpose()
}

/// A header's name as far as it is one: a value that stands in its place is not to be shown.
fn shown(name: &str) -> &str {
    const LONGEST: usize = 40;
    let is_name = name.len() <= LONGEST && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_name { name } else { "?" }
}

/// What there is, and nothing of it.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Credentials")
            .field("proxy_login", &self.proxy.is_some())
            .field("client_certificate", &self.client.is_some())
            .field("headers", &names)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn refused(outcome: Result<Credentials, MessageError>) -> (String, String) {
        match outcome {
            Err(MessageError::InvalidArgument { argument, reason }) => (argument, reason),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_cannot_be_a_header_is_refused_and_its_value_not_shown() {
        let none = Credentials::new;
        for (name, value, reason) in [
            ("", "v", "it is not the name of an HTTP header"),
            ("x key", "v", "it is not the name of an HTTP header"),
            ("Nonce", "v", "the library sets this header itself"),
            ("sign", "v", "the library sets this header itself"),
            ("Content-Length", "v", "the library sets this header itself"),
            ("host", "v", "the library sets this header itself"),
            ("x-key", "canary\r\nx: 1", "its value contains a character that an HTTP header cannot contain"),
        ] {
            let (argument, told) = refused(none().header(name, value));
            assert!(argument.starts_with("headers."), "{argument}");
            assert_eq!(told, reason, "{name}");
        }
        assert_eq!(refused(none().header("canary value", "v")).0, "headers.?");
        let twice = none().header("x-key", "a").unwrap().header("X-Key", "b");
        assert_eq!(refused(twice).1, "it is given twice");
        assert!(none().header("Authorization", "Bearer x").is_ok());
    }

    #[test]
    fn a_login_is_one_that_a_proxy_can_read() {
        let login = |user: &str, password: &str| Credentials::new().proxy_login(user, password);
        assert_eq!(refused(login("", "p")).0, "proxy_login.user");
        assert_eq!(refused(login("a:b", "p")).0, "proxy_login.user");
        assert_eq!(refused(login("u", &"p".repeat(256))).0, "proxy_login.password");
        let login = login("Aladdin", "open sesame").unwrap().proxy.unwrap();
        assert_eq!(login.basic(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }

    #[test]
    fn a_certificate_has_its_key() {
        let make = || {
            let key = KeyPair::generate().unwrap();
            let certificate = CertificateParams::new(["app".to_owned()]).unwrap().self_signed(&key).unwrap();
            (certificate.pem(), key.serialize_pem())
        };
        let ((certificate, key), (_, other)) = (make(), make());
        let with = |certificate: &str, key: &str| Credentials::new().client_certificate(certificate, key);
        assert!(with(&certificate, &key).unwrap().client.is_some());
        let garbage = "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n";
        for (certificate, key, argument) in [
            (certificate.as_str(), other.as_str(), "client_certificate.key"),
            (&certificate, "", "client_certificate.key"),
            (&certificate, &certificate, "client_certificate.key"),
            ("", &key, "client_certificate.certificates"),
            (&key, &key, "client_certificate.certificates"),
            (garbage, &key, "client_certificate.certificates"),
        ] {
            let (named, reason) = refused(with(certificate, key));
            assert_eq!(named, argument, "{reason}");
        }
    }

    #[test]
    fn nothing_of_it_is_shown() {
        let credentials = Credentials::new().proxy_login("canary-u", "canary-p").unwrap();
        let credentials = credentials.header("x-api-key", "canary-v").unwrap();
        let shown = format!("{credentials:?} {:?}", credentials.headers);
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains("x-api-key"));
    }
}
