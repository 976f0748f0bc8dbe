//! Databases that do not do: clear errors, and nothing lost.

use std::{
    fs,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use wildfirechat_message::{Outbox, OutboxError, PutOptions, RunOptions};

use crate::stores::{Store, client, fill, message, sandbox};

#[test]
fn a_store_that_cannot_be_named_is_refused_without_showing_it() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    for store in [
        "",
        "outbox.db",
        "sqlite:",
        "sqlite::memory:",
        "sqlite:a?mode=memory",
        "redis://canary:canary@host/db",
        "postgres://canary:canary@",
        "mysql://canary:canary@host",
        "mysql://canary:canary@host:canary/db",
    ] {
        let error = Outbox::open(store, &client).unwrap_err();
        assert!(matches!(error, OutboxError::InvalidArgument { .. }), "{store}: {error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    // The way to a database that is not there.
    let error = Outbox::open("postgres://canary:canary-word@127.0.0.1:1/db", &client).unwrap_err();
    assert!(error.is_temporary() && !error.to_string().contains("canary"), "{error}");
}

#[test]
fn tables_of_a_newer_version_are_left_alone() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let client = client(&sandbox);
    drop(store.outbox(&client));
    store.sql("UPDATE wildfirechat_outbox_info SET value = 3 WHERE name = 'version'");
    let error = Outbox::open(&store.url, &client).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the database of the outbox cannot be used: its tables have version 3, but this library supports only version 2: update the library"
    );
}

#[test]
fn what_is_no_database_or_cannot_be_made_is_told() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let client = client(&sandbox);
    fs::write(store.file(), "this is a text, and a long one too: no database begins like that. ".repeat(100)).unwrap();
    let error = Outbox::open(&store.url, &client).unwrap_err();
    assert!(matches!(&error, OutboxError::StoreUnusable { .. }), "{error}");
    let error = Outbox::open("sqlite:/nowhere/at/all/outbox.db", &client).unwrap_err();
    assert!(error.to_string().contains("/nowhere/at/all/outbox.db"), "{error}");
}

#[test]
fn a_copy_can_be_read_and_not_written() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let client = client(&sandbox);
    fill(&store.outbox(&client), 1, 10);
    let copy = Outbox::open(&format!("{}?mode=ro", store.url), &client).unwrap();
    assert_eq!(copy.status().unwrap().queued, 10);
    for error in [
        copy.put(message(1, 0), PutOptions::default()).unwrap_err(),
        copy.run(RunOptions::default(), |_| {}).unwrap_err(),
    ] {
        assert!(matches!(&error, OutboxError::StoreUnusable { reason } if reason.contains("readonly")), "{error}");
    }
    assert!(sandbox.message_uids().unwrap().is_empty());
}

#[test]
fn a_file_can_be_opened_and_asked_while_somebody_writes_to_it() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let client = client(&sandbox);
    fill(&store.outbox(&client), 1, 10);
    store.while_written_to(|| {
        let begun = Instant::now();
        assert_eq!(store.outbox(&client).status().unwrap().queued, 10);
        // As long as anybody waits for a lock.
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    });
}

#[test]
fn many_may_make_the_tables_at_the_same_time() {
    several_make_the_tables(&Store::sqlite());
}

pub fn several_make_the_tables(store: &Store) {
    const COUNT: usize = 8;
    let sandbox = sandbox();
    let client = client(&sandbox);
    let start = Barrier::new(COUNT);
    let put = &|number: usize| {
        start.wait();
        store.outbox(&client).put(message(1, number), PutOptions::default()).unwrap();
    };
    thread::scope(|scope| {
        for number in 0..COUNT {
            scope.spawn(move || put(number));
        }
    });
    assert_eq!(store.outbox(&client).status().unwrap().queued, i64::try_from(COUNT).unwrap());
}

#[test]
fn options_that_can_never_work_are_refused() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    for (options, argument) in [
        (RunOptions { concurrency: 0, ..RunOptions::default() }, "options.concurrency"),
        (RunOptions { concurrency: 1_025, ..RunOptions::default() }, "options.concurrency"),
        (RunOptions { rate_limit: -1, ..RunOptions::default() }, "options.rate_limit"),
        (RunOptions { lease: Some(Duration::from_millis(999)), ..RunOptions::default() }, "options.lease"),
    ] {
        let error = outbox.run(options, |_| {}).unwrap_err();
        assert!(error.to_string().starts_with(&format!("invalid argument {argument}: ")), "{error}");
    }
}
