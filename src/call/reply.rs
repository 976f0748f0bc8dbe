//! An answer as it came over HTTP: the status, what of its head the library looks at, and the body. Plain data: what it
//! means is decided in `verdict.rs` and `envelope.rs`.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use hyper::header::{self, HeaderMap, HeaderName};

/// What the server, or somebody in its place, sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Its head has the mark that the server puts on all it says itself, `content-encoding: utf-8` (wire.md §2).
    pub(crate) marked: bool,
    /// The codings of the body, in lower case and in the order in which they were laid over it, less the server's mark.
    pub(crate) codings: Vec<String>,
    /// The content type says that it is HTML.
    pub(crate) html: bool,
    /// Where a redirect leads to, as it was written.
    pub(crate) location: Option<String>,
    /// The pause that the server asks for.
    pub(crate) retry_after: Option<Duration>,
    /// By how many milliseconds this machine's clock is ahead of the answer's date.
    pub(crate) clock_offset: Option<i64>,
    pub(crate) body: Bytes,
}

impl Reply {
    /// An answer of which the head has come; the body is still to be put in.
    pub(crate) fn head(status: u16, headers: &HeaderMap) -> Self {
        let now = SystemTime::now();
        let (marked, codings) = codings(headers);
        Self {
            status,
            marked,
            codings,
            html: text(headers, header::CONTENT_TYPE).is_some_and(|value| has_prefix(value, "text/html")),
            location: headers.get(header::LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            retry_after: text(headers, header::RETRY_AFTER).and_then(|value| pause(value, now)),
            clock_offset: text(headers, header::DATE).and_then(|value| milliseconds_after(value, now)),
            body: Bytes::new(),
        }
    }
}

/// Every `content-encoding` line, each of which may name several: whether the server's mark is among them, and the others.
fn codings(headers: &HeaderMap) -> (bool, Vec<String>) {
    let (mut marked, mut codings) = (false, Vec::new());
    for line in headers.get_all(header::CONTENT_ENCODING) {
        for name in line.to_str().unwrap_or_default().split(',').map(str::trim) {
            match name {
                "" => {}
                // The server names the character set where the coding belongs.
                _ if name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8") => marked = true,
                _ => codings.push(name.to_ascii_lowercase()),
            }
        }
    }
    (marked, codings)
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    text.trim_start().get(..prefix.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(prefix))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// `Retry-After`: seconds, or the date until which to wait.
fn pause(value: &str, now: SystemTime) -> Option<Duration> {
    match value.trim().parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => Some(httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default()),
    }
}

/// How long after a date it is now.
fn milliseconds_after(date: &str, now: SystemTime) -> Option<i64> {
    let date = httpdate::parse_http_date(date).ok()?;
    let (sign, offset) = match now.duration_since(date) {
        Ok(offset) => (1, offset),
        Err(error) => (-1, error.duration()),
    };
    i64::try_from(offset.as_millis()).ok().map(|offset| sign * offset)
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> Reply {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Reply::head(200, &map)
    }

    #[test]
    fn the_servers_mark_is_told_from_codings() {
        #[rustfmt::skip]
        let table: [(&[&'static str], bool, &[&str]); 8] = [
            (&[],                    false, &[]),
            (&["utf-8"],             true,  &[]),
            (&["UTF-8"],             true,  &[]),
            (&["gzip"],              false, &["gzip"]),
            (&["utf-8", "GZIP"],     true,  &["gzip"]),
            (&["utf-8, deflate,br"], true,  &["deflate", "br"]),
            (&["identity"],          false, &["identity"]),
            (&[" , "],               false, &[]),
        ];
        for (lines, marked, codings) in table {
            let lines: Vec<_> = lines.iter().map(|line| ("content-encoding", *line)).collect();
            let reply = of(&lines);
            assert_eq!(
                (reply.marked, reply.codings.iter().map(String::as_str).collect()),
                (marked, codings.to_vec()),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn html_is_known_by_its_header() {
        for (content_type, html) in
            [("text/html", true), ("Text/HTML; charset=gbk", true), ("application/json", false), ("text/plain", false)]
        {
            assert_eq!(of(&[("content-type", content_type)]).html, html, "{content_type}");
        }
    }

    #[test]
    fn the_server_names_a_pause_in_seconds_or_by_a_date() {
        let now = httpdate::parse_http_date("Tue, 24 Nov 2026 12:00:00 GMT").unwrap();
        for (value, expected) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("Tue, 24 Nov 2026 12:01:30 GMT", Some(90)),
            ("Tue, 24 Nov 2026 11:00:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(pause(value, now), expected.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn an_answers_date_tells_how_far_the_clocks_are_apart() {
        let now = httpdate::parse_http_date("Tue, 24 Nov 2026 12:00:00 GMT").unwrap() + Duration::from_millis(5);
        for (date, expected) in [
            ("Tue, 24 Nov 2026 12:00:00 GMT", Some(5)),
            ("Tue, 24 Nov 2026 09:00:00 GMT", Some(10_800_005)),
            ("Tue, 24 Nov 2026 15:00:00 GMT", Some(-10_799_995)),
            ("yesterday", None),
        ] {
            assert_eq!(milliseconds_after(date, now), expected, "{date}");
        }
    }
}
