//! The checks in front of every endpoint, and their order.

use std::time::{Duration, Instant};

use wildfirechat_message::sandbox::{Sandbox, SandboxOptions};

use crate::raw::{Answer, Connection, now, request, sandbox, sign, signature, signed};

const HOUR: i64 = 60 * 60 * 1000;

fn answer_to(sandbox: &Sandbox, headers: &str) -> Answer {
    let mut connection = Connection::open(sandbox);
    connection.send(&request("message/delivery", headers, r#"{"userId":"u1"}"#));
    connection.answer()
}

#[test]
fn a_missing_header_is_239_and_the_result_copies_the_error() {
    let sandbox = sandbox();
    let whole = signature("n", "123456", now());
    for missing in 0..3 {
        let headers: String =
            whole.split_inclusive('\n').enumerate().filter(|(i, _)| *i != missing).map(|(_, l)| l).collect();
        assert_eq!(
            answer_to(&sandbox, &headers).text(),
            r#"{"code":239,"msg":"api not signed","result":{"code":239,"msg":"api not signed"}}"#
        );
    }
}

#[test]
fn other_spellings_of_a_header_are_not_found() {
    let sandbox = sandbox();
    let whole = signature("n", "123456", now());
    for (name, spelling) in [("nonce", "NONCE"), ("timestamp", "TimeStamp"), ("sign", "SIGN")] {
        assert_eq!(answer_to(&sandbox, &whole.replace(name, spelling)).code(), 239, "{spelling}");
    }
}

#[test]
fn a_timestamp_over_two_hours_old_is_243_and_a_future_one_is_fine() {
    let sandbox = sandbox();
    for (offset, code) in [(-2 * HOUR - 1, 243), (-2 * HOUR + 60_000, 0), (24 * HOUR, 0)] {
        assert_eq!(answer_to(&sandbox, &signature("n", "123456", now() + offset)).code(), code, "{offset}");
    }
    assert_eq!(
        answer_to(&sandbox, &signature("n", "123456", 0)).text(),
        r#"{"code":243,"msg":"sign expired","result":{"code":243,"msg":"sign expired"}}"#
    );
}

#[test]
fn a_wrong_secret_is_244_and_the_result_copies_the_error() {
    let sandbox = sandbox();
    assert_eq!(
        answer_to(&sandbox, &signature("n", "wrong", now())).text(),
        r#"{"code":244,"msg":"auth failure","result":{"code":244,"msg":"auth failure"}}"#
    );
}

#[test]
fn upper_case_hex_is_244() {
    let sandbox = sandbox();
    let now = now();
    // Some nonce has a letter in its hex; this one is tried until it does.
    let nonce = (0..).map(|n| format!("n{n}")).find(|n| sign(n, "123456", now).contains(char::is_alphabetic)).unwrap();
    let sign = sign(&nonce, "123456", now);
    let headers = format!("nonce: {nonce}\r\ntimestamp: {now}\r\nsign: {}\r\n", sign.to_uppercase());
    assert_eq!(answer_to(&sandbox, &headers).code(), 244);
}

#[test]
fn a_signature_may_be_used_again() {
    let sandbox = sandbox();
    let headers = signature("n", "123456", now());
    assert_eq!(answer_to(&sandbox, &headers).code(), 0);
    assert_eq!(answer_to(&sandbox, &headers).code(), 0);
}

#[test]
fn every_sandbox_has_its_own_secret() {
    let sandbox = Sandbox::new(Some("other".into()), None).unwrap();
    assert_eq!(answer_to(&sandbox, &signature("n", "123456", now())).code(), 244);
    assert_eq!(answer_to(&sandbox, &signature("n", "other", now())).code(), 0);
}

#[test]
fn the_signature_comes_before_the_body() {
    let sandbox = sandbox();
    let mut connection = Connection::open(&sandbox);
    connection.send(&request("message/delivery", &signature("n", "wrong", now()), "no JSON"));
    assert_eq!(connection.answer().code(), 244);
}

#[test]
fn an_empty_bucket_is_250_even_without_a_signature_and_nothing_is_executed() {
    let sandbox = Sandbox::new(None, Some(SandboxOptions { rate_limit: 5, ..SandboxOptions::default() })).unwrap();
    let body = r#"{"sender":"a","conv":{"target":"b"},"payload":{"type":1,"searchableContent":"t"}}"#;
    let mut connection = Connection::open(&sandbox);
    for _ in 0..5 {
        connection.send(&request("message/send", "", body));
        assert_eq!(connection.answer().code(), 239);
    }
    connection.send(&signed("message/send", body));
    assert_eq!(
        connection.answer().text(),
        r#"{"code":250,"msg":"over frequency","result":{"code":250,"msg":"over frequency"}}"#
    );
    assert!(sandbox.message_uids().unwrap().is_empty());
    // An unknown path is told before the bucket is asked.
    connection.send(&signed("message/no_such", body));
    assert_eq!(connection.answer().status, 500);
    // 5 in 10 s is one each 2 s.
    let start = Instant::now();
    while connection.post("message/send", body).code() == 250 {
        assert!(start.elapsed() < Duration::from_secs(4));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(sandbox.message_uids().unwrap().len(), 1);
}

#[test]
fn the_bucket_holds_ten_thousand_unless_told_otherwise() {
    assert_eq!(SandboxOptions::default().rate_limit, 10_000);
    let sandbox = Sandbox::new(None, Some(SandboxOptions { rate_limit: 0, ..SandboxOptions::default() })).unwrap();
    let mut connection = Connection::open(&sandbox);
    for _ in 0..100 {
        assert_eq!(connection.post("message/delivery", r#"{"userId":"u1"}"#).code(), 0);
    }
}
