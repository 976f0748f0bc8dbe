//! Every shape of answer that the server gives, and the codes in them.

use serde_json::{Value, json};

use super::http::{After, Response};

pub(super) const NOT_SIGNED: i32 = 239;
pub(super) const SIGN_EXPIRED: i32 = 243;
pub(super) const AUTH_FAILURE: i32 = 244;
pub(super) const TIMEOUT: i32 = 249;
pub(super) const OVER_FREQUENCY: i32 = 250;
pub(super) const INVALID_PARAMETER: i32 = 251;
pub(super) const NOT_EXIST: i32 = 253;

/// Code 0, with the endpoint's result or with nothing to say.
pub(super) fn success(result: Option<Value>) -> Response {
    let mut envelope = json!({"code": 0, "msg": "success"});
    if let Some(result) = result {
        envelope["result"] = result;
    }
    json_answer(&envelope)
}

/// An endpoint's own error: there is no `result`.
pub(super) fn business_error(code: i32) -> Response {
    json_answer(&error(code))
}

/// A refusal before the endpoint: `result` is a copy of the error.
pub(super) fn refusal(code: i32) -> Response {
    let mut envelope = error(code);
    envelope["result"] = error(code);
    json_answer(&envelope)
}

/// What an unknown path, a wrong method and an endpoint of another edition get. The connection stays open.
pub(super) fn no_such_endpoint() -> Response {
    with_header(500, MARK.0, MARK.1)
}

/// What a body that cannot be read gets: plain text under a JSON type, and a connection that says it stays open
/// and closes half a millisecond later.
pub(super) fn unreadable(reason: &str) -> Response {
    Response {
        status: 500,
        headers: json_headers(),
        body: format!("Could not read the request: {reason}").into_bytes(),
        after: After::CloseUnannounced,
    }
}

/// What a body over the limit gets.
pub(super) fn too_large() -> Response {
    with_header(413, MARK.0, MARK.1)
}

/// A status and nothing else.
pub(super) fn empty(status: u16) -> Response {
    Response { status, ..Response::default() }
}

/// A status and one header.
pub(super) fn with_header(status: u16, name: &str, value: &str) -> Response {
    Response { headers: vec![(name.to_owned(), value.to_owned())], ..empty(status) }
}

/// What something that is not HTTP/1.1 gets.
pub(super) fn not_http() -> Response {
    Response { status: 400, after: After::Close, ..Response::default() }
}

/// What a proxy in front of a dead server says.
pub(super) fn bad_gateway() -> Response {
    Response {
        status: 502,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
            <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
            .to_vec(),
        after: After::Stay,
    }
}

/// What gateways, proxies and firewalls say in a server's place: by turns a status, a type and a text of their own.
pub(super) fn gateways_own(turn: usize) -> Response {
    const ANSWERS: [(u16, &str, &str); 14] = [
        (
            500,
            "application/json",
            r#"{"timestamp":"2026-11-25T06:00:00Z","status":500,"error":"Internal Server Error"}"#,
        ),
        (500, "text/plain", "upstream request timeout"),
        (500, "text/html", "<html><body><h1>500 Internal Server Error</h1></body></html>"),
        (500, "", ""),
        (500, "application/json", r#"{"code":500,"msg":"Internal Server Error"}"#),
        (502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>"),
        (502, "application/json", r#"{"message":"An invalid response was received from the upstream server"}"#),
        (504, "", ""),
        (200, "text/html", "<html><body>The service is being maintained.</body></html>"),
        (200, "application/json", r#"{"success":false,"message":"timeout"}"#),
        (200, "application/json", r#"{"code":50000,"msg":"system busy"}"#),
        (200, "", ""),
        (403, "text/html", "<html><body>Blocked by the firewall</body></html>"),
        (404, "text/plain", "default backend - 404"),
    ];
    let (status, kind, body) = ANSWERS[turn % ANSWERS.len()];
    let headers = if kind.is_empty() { Vec::new() } else { vec![("content-type".to_owned(), kind.to_owned())] };
    Response { status, headers, body: body.into(), after: After::Stay }
}

fn json_answer(envelope: &Value) -> Response {
    Response { status: 200, headers: json_headers(), body: envelope.to_string().into_bytes(), after: After::Stay }
}

/// `utf-8` is no content coding; the server says it all the same, and with everything: by that its own words are known.
const MARK: (&str, &str) = ("content-encoding", "utf-8");

fn json_headers() -> Vec<(String, String)> {
    vec![("content-type".to_owned(), "application/json".to_owned()), (MARK.0.to_owned(), MARK.1.to_owned())]
}

fn error(code: i32) -> Value {
    json!({"code": code, "msg": words(code)})
}

/// A server's own words for a code.
fn words(code: i32) -> &'static str {
    match code {
        1 => "secret key mismatch",
        2 => "invalid data",
        3 => "node not exist",
        5 => "not modified",
        6 => "token error",
        8 => "user forbidden",
        9 => "not in group",
        10 => "invalid message",
        20 => "not in chatroom",
        21 => "not in channel",
        22 => "not licensed",
        24 => "recall time expired",
        27 => "robot no token",
        35 => "message too large",
        220 => "function disabled",
        221 => "server busy",
        222 => "partly success",
        236 => "channel not exist",
        237 => "channel no secret",
        NOT_SIGNED => "api not signed",
        241 => "group muted",
        242 => "sensitive word matched",
        SIGN_EXPIRED => "sign expired",
        AUTH_FAILURE => "auth failure",
        245 => "user blocked",
        246 => "in black list",
        247 => "sending forbidden",
        248 => "no right",
        TIMEOUT => "timeout",
        OVER_FREQUENCY => "over frequency",
        INVALID_PARAMETER => "invalid parameter",
        252 => "async handling",
        NOT_EXIST => "not exist",
        254 => "not implemented",
        _ => "server error",
    }
}
