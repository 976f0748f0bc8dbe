//! Why a connection failed, in words that lead to the cause.

use std::{error::Error, io};

use rustls::{AlertDescription, CertificateError};

use super::private::one_line;

/// A reason contains at most this many letters of a text that came from outside.
const LONGEST: usize = 300;

/// The reason of a failure, in one line: what it means where that is known, else its innermost words.
pub(crate) fn reason(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    loop {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return one_line(&of_tls(tls), LONGEST);
        }
        // What a library puts into one of these is not its source.
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| cause.source()) {
            Some(source) => cause = source,
            None => return one_line(&cause.to_string(), LONGEST),
        }
    }
}

/// The reason of an answer that is no HTTP.
pub(super) fn not_http(error: &(dyn Error + 'static), over_tls: bool) -> String {
    let advice = match over_tls {
        true => "check the port of the base URL",
        false => "check the port of the base URL; if that port requires TLS, use https:// in the base URL",
    };
    format!("it is not HTTP ({}): {advice}", reason(error))
}

fn of_tls(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidMessage(_) => {
            "the port does not speak TLS: if it speaks plain HTTP, use http:// in the base URL".into()
        }
        rustls::Error::InvalidCertificate(certificate) => of_certificate(certificate, error),
        rustls::Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            format!("the server has no certificate for this host name ({error})")
        }
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::BadCertificate | AlertDescription::UnknownCA,
        ) => format!("the server requires a certificate of this client, or another one than it was given ({error})"),
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure) => {
            format!("the server supports neither TLS 1.2 nor TLS 1.3, the versions that are safe ({error})")
        }
        _ => error.to_string(),
    }
}

/// `error` holds `certificate`, and more words for it.
fn of_certificate(certificate: &CertificateError, error: &rustls::Error) -> String {
    let advice = match certificate {
        CertificateError::UnknownIssuer => {
            "the server's certificate is not signed by an authority that this machine trusts: give that certificate, \
             or its authority's, as root_certificates"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired, or this machine's clock is wrong"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet, or this machine's clock is wrong"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the server's certificate is for another host name than the one in the base URL"
        }
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "the server's certificate is self-signed: give exactly this certificate as root_certificates"
        }
        _ => return error.to_string(),
    };
    format!("{advice} ({error})")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::{InvalidMessage, OtherError};

    use super::*;

    #[test]
    fn known_causes_are_told_with_what_to_do() {
        let wrapped = |error: rustls::Error| io::Error::new(io::ErrorKind::InvalidData, error);
        let certificate = |error| wrapped(rustls::Error::InvalidCertificate(error));
        let other = OtherError(Arc::new(io::Error::other("CaUsedAsEndEntity")));
        for (error, beginning) in [
            (wrapped(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)), "the port does not speak TLS"),
            (certificate(CertificateError::UnknownIssuer), "the server's certificate is not signed by an authority"),
            (certificate(CertificateError::Expired), "the server's certificate has expired"),
            (certificate(CertificateError::NotValidYet), "the server's certificate is not valid yet"),
            (certificate(CertificateError::NotValidForName), "the server's certificate is for another host name"),
            (certificate(CertificateError::Other(other)), "the server's certificate is self-signed"),
            (
                wrapped(rustls::Error::AlertReceived(AlertDescription::UnrecognisedName)),
                "the server has no certificate for",
            ),
            (
                wrapped(rustls::Error::AlertReceived(AlertDescription::CertificateRequired)),
                "the server requires a certificate",
            ),
            (
                wrapped(rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)),
                "the server supports neither TLS 1.2",
            ),
            (io::Error::from_raw_os_error(111), "Connection refused"),
        ] {
            let told = reason(&error);
            assert!(told.starts_with(beginning), "{told}");
            // Also from deep within others'.
            assert_eq!(reason(&io::Error::other(io::Error::other(error))), told);
        }
    }

    #[test]
    fn a_reason_is_one_line_and_bounded() {
        let told = reason(&io::Error::other(format!("no\nERROR root logged in\x1b[31m{}", "x".repeat(10_000))));
        assert!(told.starts_with("no ERROR root") && !told.contains(['\n', '\u{1b}']));
        assert_eq!(told.chars().count(), LONGEST + 1, "with the mark of what is cut off");
    }
}
