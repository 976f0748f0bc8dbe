//! Whom a client trusts over TLS: those that the system trusts, and the certificates that it was given.

use std::sync::Arc;

use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};
use rustls_platform_verifier::Verifier;

/// Checks servers: certificate, dates and host name, always.
pub(super) fn verifier(
    given: &[CertificateDer<'static>],
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let system = Verifier::new_with_extra_roots(given.iter().cloned(), Arc::clone(&provider))?;
    if given.is_empty() {
        return Ok(Arc::new(system));
    }
    let mut roots = RootCertStore::empty();
    given.iter().try_for_each(|certificate| roots.add(certificate.clone()))?;
    let alone = WebPkiServerVerifier::builder_with_provider(roots.into(), provider)
        .build()
        .map_err(|error| Error::General(error.to_string()))?;
    Ok(Arc::new(Trust { given: given.to_vec(), alone, system }))
}

/// Why a certificate can be trusted by nobody; none where it can.
pub(super) fn unusable(certificate: &CertificateDer<'static>) -> Option<Error> {
    RootCertStore::empty().add(certificate.clone()).err()
}

/// Trusts, besides what the system does, a server that shows exactly one of the given certificates.
///
/// The usual self-signed certificate says of itself that it may sign others, and those who check by the book do not take
/// such a one from a server. Whoever gave us this very certificate has said whom to trust: curl, Go and Java do so too.
#[derive(Debug)]
struct Trust {
    given: Vec<CertificateDer<'static>>,
    /// Knows only these.
    alone: Arc<WebPkiServerVerifier>,
    system: Verifier,
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if !self.given.contains(end_entity) {
            return self.system.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        }
        match self.alone.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // It is looked at after the dates and before the name.
            Err(error) if is_about_signing_others(&error) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.alone.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.alone.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.alone.supported_verify_schemes()
    }
}

fn is_about_signing_others(error: &Error) -> bool {
    match error {
        Error::InvalidCertificate(CertificateError::Other(other)) => other.to_string().contains("CaUsedAsEndEntity"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};

    use super::*;

    fn self_signed(is_ca: IsCa, until: i32) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(["im.example.com".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        params.is_ca = is_ca;
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    fn checked(given: &[&CertificateDer<'static>], shown: &CertificateDer<'_>, name: &str) -> Result<(), String> {
        let given: Vec<_> = given.iter().map(|certificate| (*certificate).clone()).collect();
        let verifier = verifier(&given, Arc::new(rustls::crypto::ring::default_provider())).unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let checked = verifier.verify_server_cert(shown, &[], &name, &[], UnixTime::now());
        checked.map(|_| ()).map_err(|error| error.to_string())
    }

    #[test]
    fn exactly_the_certificate_that_was_given_is_trusted_with_its_names_and_dates() {
        let ca = || IsCa::Ca(BasicConstraints::Unconstrained);
        for is_ca in [ca(), IsCa::NoCa, IsCa::ExplicitNoCa] {
            let (mine, other) = (self_signed(is_ca, 2120), self_signed(is_ca, 2120));
            let expired = self_signed(is_ca, 2021);
            assert_eq!(checked(&[&mine], &mine, "im.example.com"), Ok(()));
            assert_eq!(checked(&[&other, &mine], &mine, "127.0.0.1"), Ok(()));
            for (given, shown, name, reason) in [
                (&mine, &mine, "elsewhere.example.com", "not valid for name"),
                (&mine, &mine, "127.0.0.2", "not valid for name"),
                (&mine, &other, "im.example.com", ""),
                (&expired, &expired, "im.example.com", "expired"),
            ] {
                let refused = checked(&[given], shown, name).expect_err(reason);
                assert!(refused.contains(reason), "{refused}");
            }
        }
    }

    #[test]
    fn what_is_no_certificate_can_be_trusted_by_nobody() {
        assert!(unusable(&self_signed(IsCa::NoCa, 2120)).is_none());
        assert!(unusable(&CertificateDer::from(b"this is no certificate".to_vec())).is_some());
    }
}
