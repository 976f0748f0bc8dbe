//! Neither the secret nor a message's text nor what opens a store is in a log, at any level, in a panic's words or in a `Debug` text.

#![cfg(feature = "sandbox")]

use std::{
    panic,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use wildfirechat_message::{
    ClientOptions, Conversation, MessageClient, MessagePayload, SendRequest, UploadRequest,
    sandbox::{Fault, FaultRule, Sandbox, StoreFault},
};

const SECRET: &str = "canary-of-the-secret";
const BODY: &str = "canary-of-the-body";

static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Listener;

impl log::Log for Listener {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        say(format!("{} {} {}", record.level(), record.target(), record.args()));
    }

    fn flush(&self) {}
}

fn say(words: String) {
    SAID.lock().unwrap_or_else(PoisonError::into_inner).push(words);
}

#[test]
fn logs_at_every_level_panics_and_debug_texts_show_neither_secret_nor_body() {
    log::set_logger(&Listener).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    panic::set_hook(Box::new(|panic| say(format!("PANIC {panic}"))));

    let sandbox = Sandbox::new(Some(SECRET.into()), None).unwrap();
    let options = ClientOptions {
        read_timeout: Some(Duration::from_millis(100)),
        total_timeout: Some(Duration::from_millis(300)),
        retry_pause: Some(Duration::from_millis(1)),
        max_response_bytes: 4096,
        ..ClientOptions::default()
    };
    let client = MessageClient::new(sandbox.base_url().unwrap(), SECRET.into(), Some(options.clone())).unwrap();
    let request = SendRequest::new("admin", Conversation::single("u1"), MessagePayload::text(BODY));
    let uid = client.send_message(request.clone()).unwrap().message_uid;
    for &fault in Fault::ALL {
        sandbox.fail(FaultRule { times: 3, delay: Some(Duration::from_millis(20)), ..fault.into() }).unwrap();
        for error in [client.send_message(request.clone()).err(), client.delete_message(1).err()] {
            say(format!("{error:?} {}", error.as_ref().map(ToString::to_string).unwrap_or_default()));
        }
        sandbox.stop_failing().unwrap();
    }
    for &fault in StoreFault::ALL {
        sandbox.fail_store(fault, 3, Some(Duration::from_millis(20))).unwrap();
        let file = UploadRequest::bytes("a.txt", BODY, 4);
        say(format!("{:?}", client.upload(file, |_| ()).map_err(|error| format!("{error:?} {error}"))));
        sandbox.stop_failing().unwrap();
    }
    // Whoever has the token may bring a file.
    let paths = sandbox.store_requests().unwrap().into_iter().map(|request| request.path);
    let tokens: Vec<String> = paths.map(|path| path.rsplit_once("token=").unwrap().1.to_owned()).collect();
    assert!(tokens.len() > StoreFault::ALL.len(), "{tokens:?}");
    let slice = Duration::from_millis(1);
    let sliced = MessageClient::in_slices(sandbox.base_url().unwrap(), SECRET.into(), None, slice).unwrap();
    sandbox.fail_next(Fault::NeverAnswer).unwrap();
    say(format!("{:?}", sliced.send_message(request.clone())));
    panic_in_a_call(&client, uid);
    // Plain http to another machine: nobody answers there, and that is not what it is about.
    let far = MessageClient::new("http://im.example.invalid".into(), SECRET.into(), Some(options.clone())).unwrap();
    let far_error = far.send_message(request).unwrap_err();
    say(format!(
        "{client:?} {sliced:?} {far:?} {options:?} {far_error:?} {:?} {sandbox:?}",
        far.access().unwrap().notice()
    ));

    let _ = panic::take_hook();
    let said = SAID.lock().unwrap_or_else(PoisonError::into_inner).join("\n");
    for canary in [SECRET, BODY].into_iter().chain(tokens.iter().map(String::as_str)) {
        assert!(!said.contains(canary), "{}", said.lines().find(|line| line.contains(canary)).unwrap_or_default());
    }
    // It did listen: a retry, the notice, the panic. The libraries below say nothing to a log.
    for words in [
        "DEBUG wildfirechat_message ",
        "INFO wildfirechat_message ",
        "tried again after",
        "; it took",
        "without TLS",
        "PANIC",
    ] {
        assert!(said.contains(words), "nothing said {words}");
    }
    assert_eq!(
        said.lines().filter(|line| line.starts_with("WARN ") && line.contains("without TLS")).count(),
        1,
        "the notice comes once"
    );
}

#[cfg(debug_assertions)]
fn panic_in_a_call(client: &MessageClient, uid: i64) {
    let panicked = panic::catch_unwind(panic::AssertUnwindSafe(|| client.panic_in_a_call(uid)));
    assert!(panicked.is_err());
}

/// Then at least the hook is seen to listen.
#[cfg(not(debug_assertions))]
fn panic_in_a_call(_: &MessageClient, _: i64) {
    assert!(panic::catch_unwind(|| panic!("as it was asked to")).is_err());
}
