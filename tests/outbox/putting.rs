//! What is put, by the library and by SQL, and what is asked of it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use wildfirechat_message::{
    BroadcastRequest, Conversation, MessagePayload, MulticastRequest, Outbox, OutboxError, OutboxPolicy, OutboxRequest,
    OutboxState, PutCounts, PutOptions, Resolution, SendRequest,
};

use crate::stores::{Store, client, entry, fill, message, run, sandbox, state};

#[test]
fn a_message_is_put_sent_and_found_by_its_key() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    let id = outbox.put(message(1, 0), PutOptions::key("order-7")).unwrap();
    let queued = entry(&outbox, "order-7");
    assert_eq!((queued.id, queued.state, queued.message_uid), (id, OutboxState::Queued, None));
    assert_eq!(queued.request, Some(OutboxRequest::Send { value: message(1, 0) }));
    assert!(queued.created_at > 1_700_000_000_000 && queued.finished_at.is_none());
    let progress = run(&outbox);
    assert_eq!((progress.sent, progress.failed, progress.unknown, progress.left), (1, 0, 0, 0));
    let sent = entry(&outbox, "order-7");
    assert_eq!((sent.state, sent.attempts, sent.error), (OutboxState::Sent, 1, None));
    let uid = sandbox.messages_with_text("message 0".into()).unwrap();
    assert_eq!(uid, [sent.message_uid.unwrap()]);
    assert!(sent.timestamp.unwrap() > 0 && sent.finished_at.unwrap() >= sent.created_at);
}

#[test]
fn the_same_key_is_one_message() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    let first = outbox.put(message(1, 0), PutOptions::key("k")).unwrap();
    assert_eq!(outbox.put(message(1, 1), PutOptions::key("k")), Ok(first));
    // Letter by letter.
    for other in ["K", "k ", "ќ"] {
        assert_ne!(outbox.put(message(1, 2), PutOptions::key(other)), Ok(first), "{other:?}");
    }
    let again = (0..10).map(|number| (message(1, number), PutOptions::key(format!("{}", number / 2))));
    assert_eq!(outbox.put_many(again), Ok(PutCounts { put: 5, known: 5 }));
    run(&outbox);
    assert_eq!(outbox.put(message(1, 0), PutOptions::key("k")), Ok(first));
    assert_eq!(sandbox.messages_with_text("message 1".into()).unwrap().len(), 0);
    // Without a key each is one.
    let ids: Vec<i64> = (0..2).map(|_| outbox.put(message(1, 9), PutOptions::default()).unwrap()).collect();
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn every_kind_of_sending_goes_through_it() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    let payload = || MessagePayload::text("hello");
    let targets = vec!["u1".to_owned(), "u2".to_owned()];
    let multicast = MulticastRequest { sender: "admin".into(), targets, line: 0, payload: payload() };
    let broadcast = BroadcastRequest { sender: "admin".into(), line: 0, payload: payload() };
    outbox.put(multicast, PutOptions::key("multicast")).unwrap();
    outbox.put(broadcast, PutOptions::key("broadcast")).unwrap();
    outbox.put(SendRequest::new("admin", Conversation::group("g"), payload()), PutOptions::key("send")).unwrap();
    assert_eq!(run(&outbox).sent, 3);
    for key in ["multicast", "broadcast", "send"] {
        let entry = entry(&outbox, key);
        assert_eq!(entry.state, OutboxState::Sent);
        assert_eq!(sandbox.executions(entry.message_uid.unwrap()).unwrap(), 1, "{key}");
    }
}

#[test]
fn one_message_to_many_is_split_into_multicasts() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    let targets: Vec<String> = (0..2_500).map(|number| format!("u{number}")).collect();
    let request =
        MulticastRequest { sender: "admin".into(), targets, line: 0, payload: MessagePayload::text("to all of you") };
    let ids = outbox.multicast_each(request.clone(), 1_000, PutOptions::key("notice")).unwrap();
    assert_eq!(outbox.multicast_each(request.clone(), 1_000, PutOptions::key("notice")).unwrap(), ids);
    assert_eq!((ids.len(), run(&outbox).sent), (3, 3));
    for user in ["u0", "u999", "u1000", "u2499"] {
        assert_eq!(sandbox.messages_of_user(user.into()).unwrap().len(), 1, "{user}");
    }
    assert_eq!(entry(&outbox, "notice#2").id, ids[2]);
    let nobody = MulticastRequest { targets: Vec::new(), ..request.clone() };
    assert!(matches!(
        outbox.multicast_each(nobody, 10, PutOptions::default()),
        Err(OutboxError::InvalidArgument { .. })
    ));
    assert!(matches!(
        outbox.multicast_each(request, 0, PutOptions::default()),
        Err(OutboxError::InvalidArgument { .. })
    ));
}

#[test]
fn the_parts_of_a_message_to_many_are_put_together_or_not_at_all() {
    let store = Store::sqlite();
    parts_are_put_together_or_not_at_all(
        &store,
        [
            "CREATE TRIGGER no_room BEFORE INSERT ON wildfirechat_outbox WHEN NEW.message_key = 'notice#7' \
             BEGIN SELECT RAISE(ABORT, 'no room for it'); END",
            "DROP TRIGGER no_room",
        ],
    );
}

/// What the database is told so that it does not take the eighth part, and so that it takes it again.
pub fn parts_are_put_together_or_not_at_all(store: &Store, [refuse, take]: [&str; 2]) {
    let sandbox = sandbox();
    let outbox = store.outbox(&client(&sandbox));
    let request = MulticastRequest {
        sender: "admin".into(),
        targets: (0..90).map(|number| format!("u{number}")).collect(),
        line: 0,
        payload: MessagePayload::text("to all of you"),
    };
    store.sql(refuse);
    assert!(outbox.multicast_each(request.clone(), 10, PutOptions::key("notice")).is_err());
    assert_eq!((outbox.status().unwrap().queued, outbox.find("notice#0")), (0, Ok(None)));
    store.sql(take);
    // Whoever looks meanwhile sees none of them, or all.
    let is_put = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_put.load(Ordering::SeqCst) {
                let queued = outbox.status().unwrap().queued;
                assert!([0, 90].contains(&queued), "{queued}");
            }
        });
        let ids = outbox.multicast_each(request, 1, PutOptions::key("notice")).unwrap();
        is_put.store(true, Ordering::SeqCst);
        assert_eq!(ids.len(), 90);
    });
    assert_eq!(run(&outbox).sent, 90);
    store.sql("DELETE FROM wildfirechat_outbox");
}

#[test]
fn what_can_never_be_sent_is_refused_before_it_is_written() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    let nobody = SendRequest::new("", Conversation::single("u"), MessagePayload::text("x"));
    let refused = |put: Result<i64, OutboxError>| put.unwrap_err().to_string();
    assert_eq!(refused(outbox.put(nobody.clone(), PutOptions::default())), "invalid argument sender: it is empty");
    for (options, text) in [
        (PutOptions::key(""), "invalid argument key: it is empty"),
        (PutOptions::key("a\nb"), "invalid argument key: it contains a control character"),
        (PutOptions::key("好".repeat(256)), "invalid argument key: it has 256 characters, but at most 255 are allowed"),
        (
            PutOptions { not_before: Some(5), expires_at: Some(5), ..PutOptions::default() },
            "invalid argument expires_at: it is not after not_before",
        ),
    ] {
        assert_eq!(refused(outbox.put(message(1, 0), options)), text);
    }
    outbox.put(message(1, 0), PutOptions::key("好".repeat(255))).unwrap();
    let many = [message(1, 1), nobody].map(|request| (request, PutOptions::default()));
    let error = outbox.put_many(many).unwrap_err();
    assert_eq!(error.to_string(), "invalid argument messages[1].sender: it is empty");
    assert_eq!(outbox.status().unwrap().queued, 1);
}

#[test]
fn people_put_by_sql_with_nothing_but_the_request() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    let request = |text: &str| {
        format!(
            r#"{{"sender":"admin","conv":{{"type":1,"target":"g"}},"payload":{{"type":1,"searchableContent":"{text}"}}}}"#
        )
    };
    store.sql(&format!(
        "BEGIN; INSERT INTO wildfirechat_outbox (request) VALUES ('{}'); \
         INSERT INTO wildfirechat_outbox (message_key, request, priority) VALUES ('sooner', '{}', 5); COMMIT",
        request("by sql"),
        request("first"),
    ));
    store.sql(&format!(
        "BEGIN; INSERT INTO wildfirechat_outbox (request) VALUES ('{}'); ROLLBACK",
        request("taken back")
    ));
    for (key, endpoint, bad) in [
        ("no-json", "message/send", "{".to_owned()),
        ("no-sender", "message/send", request("x").replace("admin", "")),
        ("typo", "message/send", request("x").replace("searchableContent", "searchablecontent")),
        ("endpoint", "message/recall", request("x")),
    ] {
        store.sql(&format!(
            "INSERT INTO wildfirechat_outbox (message_key, endpoint, request) VALUES ('{key}', '{endpoint}', '{bad}')"
        ));
    }
    let progress = run(&outbox);
    assert_eq!((progress.sent, outbox.status().unwrap().failed), (2, 4));
    let texts = ["first", "by sql"].map(|text| sandbox.messages_with_text(text.into()).unwrap()[0]);
    assert!(texts[0] < texts[1]);
    // Stored, as the library's own messages are.
    assert_eq!(client(&sandbox).get_message(texts[1]).unwrap().payload.persist_flag, 3);
    assert!(sandbox.messages_with_text("taken back".into()).unwrap().is_empty());
    for (key, told) in [
        ("no-json", "request: it is not JSON"),
        ("no-sender", "sender: it is empty"),
        ("typo", "request.payload.searchablecontent: there is no such field"),
        ("endpoint", "endpoint: it is not one of"),
    ] {
        let entry = entry(&outbox, key);
        assert_eq!(entry.state, OutboxState::Failed);
        assert!(entry.error.as_ref().unwrap().contains(told), "{entry:?}");
    }
}

#[test]
fn times_priorities_and_ends_are_kept() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    let now = entry_time(&outbox);
    let put = |key: &str, options: PutOptions| {
        let request = SendRequest::new("admin", Conversation::group("g"), MessagePayload::text(key));
        outbox.put(request, PutOptions { key: Some(key.into()), ..options }).unwrap();
    };
    put("later", PutOptions { not_before: Some(now + 3_600_000), ..PutOptions::default() });
    put("soon", PutOptions { not_before: Some(now + 1), ..PutOptions::default() });
    put("over", PutOptions { expires_at: Some(now - 1), ..PutOptions::default() });
    put("in time", PutOptions { expires_at: Some(now + 3_600_000), ..PutOptions::default() });
    put("last", PutOptions { priority: -1, ..PutOptions::default() });
    put("first", PutOptions { priority: 1, ..PutOptions::default() });
    run(&outbox);
    let sent: Vec<OutboxState> = ["later", "over", "in time", "last", "first"].map(|key| state(&outbox, key)).into();
    assert_eq!(
        sent,
        [OutboxState::Queued, OutboxState::Expired, OutboxState::Sent, OutboxState::Sent, OutboxState::Sent]
    );
    let uid = |key: &str| entry(&outbox, key).message_uid.unwrap();
    assert!(uid("first") < uid("in time") && uid("in time") < uid("last"));
    outbox.wait("soon", Duration::from_secs(1)).unwrap();
    run(&outbox);
    assert_eq!(state(&outbox, "soon"), OutboxState::Sent);
}

/// What time it is for the database.
fn entry_time(outbox: &Outbox) -> i64 {
    let id = outbox.put(message(1, 0), PutOptions::default()).unwrap();
    outbox.get(id).unwrap().unwrap().created_at
}

#[test]
fn people_cancel_and_decide() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    fill(&outbox, 1, 3);
    let id = |key: &str| entry(&outbox, key).id;
    outbox.cancel(id("1")).unwrap();
    let unknown_group = SendRequest::new("admin", Conversation::group("unknown-1"), MessagePayload::text("x"));
    outbox.put(unknown_group, PutOptions::key("refused")).unwrap();
    run(&outbox);
    assert_eq!(
        ["0", "1", "2"].map(|key| state(&outbox, key)),
        [OutboxState::Sent, OutboxState::Cancelled, OutboxState::Sent]
    );
    let failed: Vec<_> = outbox.failed().map(Result::unwrap).collect();
    assert_eq!((failed.len(), failed[0].key.as_deref(), failed[0].code), (1, Some("refused"), Some(253)));
    assert_eq!(failed[0].error.as_deref(), Some("message/send: the server answered with code 253: not exist"));
    // What has been decided by the server cannot be decided by a person.
    let error = outbox.cancel(id("0")).unwrap_err();
    assert_eq!(error, OutboxError::WrongState { id: id("0"), state: Some(OutboxState::Sent) });
    assert!(outbox.resolve(id("0"), Resolution::Resend).is_err());
    assert_eq!(outbox.cancel(9_999), Err(OutboxError::WrongState { id: 9_999, state: None }));
    outbox.resolve(id("refused"), Resolution::Resend).unwrap();
    assert_eq!(state(&outbox, "refused"), OutboxState::Queued);
    run(&outbox);
    assert_eq!((state(&outbox, "refused"), entry(&outbox, "refused").attempts), (OutboxState::Failed, 2));
    outbox.resolve(id("refused"), Resolution::Drop).unwrap();
    assert_eq!(state(&outbox, "refused"), OutboxState::Cancelled);
}

#[test]
fn the_status_counts_and_entries_come_in_their_order() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    assert_eq!(outbox.status().unwrap().oldest_queued, None);
    fill(&outbox, 7, 1_000);
    let status = outbox.status().unwrap();
    assert_eq!((status.queued, status.sent), (1_000, 0));
    assert!(status.oldest_queued.unwrap() > 0);
    let keys: Vec<String> = outbox.entries(OutboxState::Queued).map(|entry| entry.unwrap().key.unwrap()).collect();
    assert_eq!(keys, (0..1_000).map(|number| number.to_string()).collect::<Vec<_>>());
    run(&outbox);
    let status = outbox.status().unwrap();
    assert_eq!((status.queued, status.count(OutboxState::Sent), status.oldest_queued), (0, 1_000, None));
    assert!(status.rate >= 100.0 && outbox.unknown().next().is_none() && outbox.lost().next().is_none());
}

#[test]
fn what_is_purged_is_gone_from_the_file() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    let canary = "canary-in-the-file-".repeat(40);
    for number in 0..500 {
        let request = SendRequest::new("admin", Conversation::single("u"), MessagePayload::text(canary.clone()));
        outbox.put(request, PutOptions { key: Some(format!("{number}")), ..PutOptions::default() }).unwrap();
    }
    let resend = PutOptions { on_unknown: OutboxPolicy::Resend, ..PutOptions::key("refused") };
    outbox.put(SendRequest::new("admin", Conversation::group("unknown-1"), MessagePayload::text("x")), resend).unwrap();
    run(&outbox);
    let size = || fs::metadata(store.file()).unwrap().len();
    let holds = |word: &str| {
        let files = fs::read_dir(store.folder.as_ref().unwrap()).unwrap();
        files
            .map(|file| fs::read(file.unwrap().path()).unwrap())
            .any(|bytes| bytes.windows(word.len()).any(|window| window == word.as_bytes()))
    };
    assert!(holds("canary-in-the-file"));
    assert_eq!(outbox.purge(Duration::from_secs(60), true), Ok(0));
    let before = size();
    assert_eq!(outbox.purge(Duration::ZERO, false), Ok(500));
    assert!(!holds("canary-in-the-file") && size() < before / 4, "{before} {}", size());
    assert_eq!(state(&outbox, "refused"), OutboxState::Failed);
    assert_eq!(outbox.purge(Duration::ZERO, true), Ok(1));
    // Forgotten: it is a new message.
    outbox.put(message(1, 0), PutOptions::key("0")).unwrap();
    assert_eq!(run(&outbox).sent, 1);
}

#[test]
fn the_file_is_its_owners_alone() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    fill(&outbox, 1, 10);
    for file in fs::read_dir(store.folder.as_ref().unwrap()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}

#[test]
fn a_name_of_a_file_may_have_anything_in_it() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let client = client(&sandbox);
    for name in ["a b", "好", "a#b", "100%25", "a&b=c"] {
        let file = store.folder.as_ref().unwrap().join(name);
        let outbox = Outbox::open(&format!("sqlite://{}", file.display()), &client).unwrap();
        outbox.put(message(1, 0), PutOptions::default()).unwrap();
        assert!(file.exists(), "{name}");
    }
}
