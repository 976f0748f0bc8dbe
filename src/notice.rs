//! What an application's log should say of a client: that its server is called without TLS.

use std::{
    collections::HashSet,
    net::{Ipv4Addr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use reqwest::Url;

use crate::per_process::PerProcess;

/// The notice for a client of this base URL, the first time that a process asks for it.
pub(crate) fn of(base: &str) -> Option<String> {
    static SAID: PerProcess<Mutex<HashSet<String>>> = PerProcess::new();
    let url: Url = base.parse().ok()?;
    if url.scheme() != "http" || is_this_machine(url.host_str()?) {
        return None;
    }
    let origin = url.origin().ascii_serialization();
    let said = SAID.get_or_init(Mutex::default);
    let first = said.lock().unwrap_or_else(PoisonError::into_inner).insert(origin.clone());
    first.then(|| {
        format!(
            "{origin} is called without TLS: anybody on the way to the server can read the messages and repeat the \
             requests; the secret itself is not sent"
        )
    })
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']);
    address.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || address.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback())
        || host == "localhost"
        || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_to_another_machine_is_named_once() {
        let notice = of("http://im.example.com:18080/admin/").unwrap();
        assert!(notice.starts_with("http://im.example.com:18080 is called without TLS"), "{notice}");
        assert_eq!(of("http://im.example.com:18080/prefix/admin/"), None);
        assert!(of("http://im2.example.com/admin/").is_some());
    }

    #[test]
    fn tls_and_this_machine_are_not_worth_a_word() {
        for base in [
            "https://im.example.com/admin/",
            "http://localhost:18080/admin/",
            "http://im.localhost/admin/",
            "http://127.0.0.1/admin/",
            "http://127.8.8.8/admin/",
            "http://[::1]:18080/admin/",
        ] {
            assert_eq!(of(base), None, "{base}");
        }
    }
}
