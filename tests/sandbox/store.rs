//! The store for files: who may bring what, and who finds it again.

use serde_json::{Value, json};
use wildfirechat_message::sandbox::{Sandbox, SandboxOptions, StoreFault, StoreKind};

use crate::raw::{Answer, Connection, End, code_of, community, post, result_of, sandbox, signature};

const CONTENT: &str = "content-type: text/plain\r\n";

fn form_store() -> Sandbox {
    Sandbox::new(None, Some(SandboxOptions { store: Some(StoreKind::Form), ..SandboxOptions::default() })).unwrap()
}

fn address(sandbox: &Sandbox) -> Value {
    let question = json!({"fileName": "a b.TXT", "mediaType": 4, "contentType": "text/plain"});
    result_of(sandbox, "oss/get_upload_url", &question)
}

fn text_of(address: &Value, name: &str) -> String {
    address[name].as_str().unwrap().to_owned()
}

/// The path and query of a URL of the sandbox's.
fn target(url: &str) -> String {
    let rest = url.strip_prefix("http://sandbox").unwrap();
    if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") }
}

fn send(sandbox: &Sandbox, request: &str) -> Answer {
    let mut connection = Connection::open(sandbox);
    connection.send(request.as_bytes());
    connection.answer()
}

fn put(sandbox: &Sandbox, target: &str, headers: &str, body: &str) -> Answer {
    let length = body.len();
    send(sandbox, &format!("PUT {target} HTTP/1.1\r\nhost: sandbox\r\n{headers}content-length: {length}\r\n\r\n{body}"))
}

fn get(sandbox: &Sandbox, target: &str) -> Answer {
    send(sandbox, &format!("GET {target} HTTP/1.1\r\nhost: sandbox\r\n\r\n"))
}

/// A form with these fields and a file.
fn form(sandbox: &Sandbox, path: &str, token: &str, key: &str, file: &str) -> Answer {
    let field = |name: &str, value: &str| {
        format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = format!(
        "{}{}--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b.TXT\"\r\n\
         Content-Type: text/plain\r\n\r\n{file}\r\n--xyz--\r\n",
        field("token", token),
        field("key", key)
    );
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: sandbox\r\ncontent-type: multipart/form-data; boundary=xyz\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    send(sandbox, &(head + &body))
}

#[test]
fn a_file_is_put_where_the_address_says_and_found_by_its_url() {
    let sandbox = sandbox();
    let address = address(&sandbox);
    assert_eq!(address["type"], 0);
    for name in ["uploadUrl", "backupUploadUrl"] {
        let answer = put(&sandbox, &target(&text_of(&address, name)), CONTENT, name);
        assert_eq!((answer.status, answer.text()), (200, ""));
        let found = get(&sandbox, &target(&text_of(&address, "downloadUrl")));
        assert_eq!((found.status, found.text(), found.header("content-type")), (200, name, Some("text/plain")));
    }
    let [file] = &sandbox.files().unwrap()[..] else { panic!("the same place is the same file") };
    assert_eq!((&*file.file_name, file.media_type, file.size), ("a b.TXT", 4, 15));
    assert_eq!(file.sha1, crate::raw::sha1("backupUploadUrl"));
    assert_eq!(sandbox.store_requests().unwrap().len(), 2);
    assert_eq!(sandbox.requests().unwrap().len(), 1, "the question");
}

#[test]
fn a_form_has_token_and_key_of_the_address() {
    let sandbox = form_store();
    let address = address(&sandbox);
    assert_eq!(address["type"], 1);
    for name in ["uploadUrl", "backupUploadUrl"] {
        let url = text_of(&address, name);
        let [place, token, key] = url.splitn(3, '?').collect::<Vec<_>>()[..] else { panic!("{url}") };
        assert_eq!(form(&sandbox, &target(place), token, key, name).status, 200);
        assert_eq!(get(&sandbox, &target(&text_of(&address, "downloadUrl"))).text(), name);
        assert_eq!(form(&sandbox, &target(place), "another", key, "x").status, 401);
        assert_eq!(form(&sandbox, &target(place), token, "another", "x").status, 401);
    }
    assert_eq!(sandbox.files().unwrap().len(), 1);
}

#[test]
fn a_file_without_the_right_headers_or_the_right_token_is_refused() {
    let sandbox = sandbox();
    let url = target(&text_of(&address(&sandbox), "uploadUrl"));
    assert_eq!(put(&sandbox, &url, "content-type: text/html\r\n", "x").status, 403);
    assert_eq!(put(&sandbox, &url, "", "x").status, 403);
    assert_eq!(put(&sandbox, &format!("{url}0"), CONTENT, "x").status, 401);
    assert_eq!(put(&sandbox, "/store/other?token=0", CONTENT, "x").status, 401);
    let chunked = format!("PUT {url} HTTP/1.1\r\nhost: s\r\n{CONTENT}transfer-encoding: chunked\r\n\r\n0\r\n\r\n");
    assert_eq!(send(&sandbox, &chunked).status, 411);
    assert_eq!(get(&sandbox, "/files/nothing").status, 404);
    assert_eq!(sandbox.files().unwrap(), []);
}

#[test]
fn a_place_for_anybody_takes_what_answers_made_to_order_name() {
    let sandbox = sandbox();
    assert_eq!(put(&sandbox, "/store/open/a?sign=1", CONTENT, "words").status, 200);
    assert_eq!(form(&sandbox, "/", "any", "open/b", "others").status, 200);
    let keys: Vec<String> = sandbox.files().unwrap().into_iter().map(|file| file.key).collect();
    assert_eq!(keys, ["open/a", "open/b"]);
}

#[test]
fn an_address_needs_a_name_and_a_signature() {
    let sandbox = sandbox();
    assert_eq!(code_of(&sandbox, "oss/get_upload_url", &json!({"mediaType": 1})), 251);
    let unsigned = crate::raw::request("oss/get_upload_url", &signature("n", "wrong", crate::raw::now()), "{}");
    assert_eq!(send(&sandbox, std::str::from_utf8(&unsigned).unwrap()).code(), 244);
}

#[test]
fn a_community_server_has_neither_address_nor_store() {
    let sandbox = community();
    assert_eq!(post(&sandbox, "oss/get_upload_url", "{}").status, 500);
    for answer in [put(&sandbox, "/store/open/a", CONTENT, "x"), form(&sandbox, "/", "t", "open/a", "x")] {
        assert_eq!((answer.status, answer.text()), (500, ""));
    }
}

#[test]
fn each_fault_of_the_store_strikes_once_and_the_server_is_not_touched() {
    let sandbox = sandbox();
    let delay = Some(std::time::Duration::from_millis(1));
    for &fault in StoreFault::ALL {
        sandbox.fail_store(fault, 1, delay).unwrap();
        assert_eq!(address(&sandbox)["type"], 0, "{fault:?}");
        let mut connection = Connection::open(&sandbox);
        connection.send(b"PUT /store/open/a HTTP/1.1\r\nhost: s\r\nconnection: close\r\ncontent-length: 4\r\n\r\nword");
        let expected = match fault {
            StoreFault::StallInBody | StoreFault::SlowReading => "200",
            StoreFault::Forbidden => "403",
            StoreFault::TooManyRequests => "429",
            StoreFault::InternalError => "500",
            StoreFault::HtmlAnswer => "502",
            StoreFault::Redirect => "307",
            StoreFault::NeverAnswer => {
                assert!(connection.stays_silent(std::time::Duration::from_millis(50)));
                continue;
            }
            _ => "",
        };
        let (answer, end) = connection.rest();
        let resets = matches!(fault, StoreFault::Refuse | StoreFault::CutInBody);
        assert_eq!(end, if resets { End::Reset } else { End::Closed }, "{fault:?}");
        let status = String::from_utf8(answer).unwrap().split(' ').nth(1).unwrap_or_default().to_owned();
        assert_eq!(status, expected, "{fault:?}");
        while Connection::try_open(&sandbox).is_none() {}
    }
    assert_eq!(sandbox.files().unwrap().len(), 1);
}
