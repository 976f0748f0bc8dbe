//! Plays the cases in `tests/conformance`, and checks that they cover the whole library.

#![cfg(feature = "sandbox")]

mod player;

use std::{
    collections::{BTreeSet, HashSet},
    io::Write,
};

use player::{
    Player,
    case::{self, Case},
};
use wildfirechat_message::endpoints::{CHANNEL_ENDPOINTS, ENDPOINTS, Effect, EndpointInfo, ROBOT_ENDPOINTS};

#[test]
fn every_case_holds() {
    play(&case::all(), "cases");
}

#[test]
fn every_case_of_robots_and_channels_holds() {
    play(&case::of_senders(), "cases of robots and channels");
}

fn play(cases: &[Case], what: &str) {
    let mut player = Player::new();
    let failures: Vec<String> = cases.iter().filter_map(|case| player.play(case).err()).collect();
    // Past the test harness, which swallows what a passing test prints.
    let _ = writeln!(std::io::stdout(), "conformance: {} {what} played", cases.len());
    assert!(failures.is_empty(), "{} of {} cases fail:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn every_endpoint_of_robots_and_channels_has_a_case_that_succeeds_and_one_that_fails() {
    let cases = case::of_senders();
    for endpoint in ROBOT_ENDPOINTS.iter().chain(CHANNEL_ENDPOINTS) {
        check_outcomes(&cases, endpoint, &format!("/{}", endpoint.name));
    }
    let refused = methods_that_refuse(&cases);
    let without_arguments = ["get_callback", "delete_callback", "get_profile"];
    for endpoint in ROBOT_ENDPOINTS.iter().chain(CHANNEL_ENDPOINTS) {
        let takes_none = without_arguments.contains(&endpoint.method);
        assert!(takes_none || refused.contains(endpoint.method), "no case shows what {} refuses", endpoint.name);
    }
}

/// An endpoint has a case that succeeds, and one that fails at the server.
fn check_outcomes(cases: &[Case], endpoint: &EndpointInfo, path: &str) {
    let reached = |case: &&Case| {
        case.method == endpoint.method && case.request.as_ref().is_some_and(|request| request.path == path)
    };
    let (succeeding, failing): (Vec<_>, Vec<_>) = cases.iter().filter(reached).partition(|case| case.result.is_some());
    assert!(!succeeding.is_empty(), "no case of {} succeeds", endpoint.name);
    assert!(!failing.is_empty(), "no case of {} fails at the server", endpoint.name);
}

fn methods_that_refuse(cases: &[Case]) -> HashSet<&str> {
    let refuses = |case: &&Case| case.error.as_ref().is_some_and(|error| error.variant == "InvalidArgument");
    cases.iter().filter(refuses).map(|case| case.method.as_str()).collect()
}

#[test]
fn no_two_cases_share_a_name() {
    let cases: Vec<Case> = case::all().into_iter().chain(case::of_senders()).collect();
    let mut names = HashSet::new();
    let twice: Vec<&str> = cases.iter().map(|case| case.name.as_str()).filter(|name| !names.insert(*name)).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn names_are_lower_case_words() {
    for case in case::all().into_iter().chain(case::of_senders()) {
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        assert!(case.name.contains('_') && case.name.chars().all(plain), "{}", case.name);
    }
}

#[test]
fn every_endpoint_has_a_case_that_succeeds_and_one_that_fails_at_the_server() {
    let cases = case::all();
    for endpoint in ENDPOINTS {
        check_outcomes(&cases, endpoint, &format!("/admin/{}", endpoint.name));
    }
}

/// CONTRIBUTING's list of what an endpoint needs relies on it.
#[test]
fn an_endpoint_without_its_cases_is_missed() {
    let made_up = EndpointInfo { method: "pin_note", name: "note/pin", effect: Effect::EachTime };
    let known = ENDPOINTS[0];
    let (path, wanted) = ("/admin/note/pin", format!("/admin/{}", known.name));
    let missed = |cases: &[Case]| {
        let missed = std::panic::catch_unwind(|| check_outcomes(cases, &made_up, path)).err()?;
        missed.downcast::<String>().ok().map(|words| *words)
    };
    let mut cases = case::all();
    assert_eq!(missed(&cases).as_deref(), Some("no case of note/pin succeeds"));
    // Its cases are those of another endpoint, one after the other.
    cases.retain(|case| {
        case.method == known.method && case.request.as_ref().is_some_and(|request| request.path == wanted)
    });
    for case in &mut cases {
        made_up.method.clone_into(&mut case.method);
        path.clone_into(&mut case.request.as_mut().unwrap().path);
    }
    let (succeeding, failing): (Vec<_>, Vec<_>) = cases.into_iter().partition(|case| case.result.is_some());
    assert_eq!(missed(&succeeding).as_deref(), Some("no case of note/pin fails at the server"));
    assert_eq!(missed(&failing).as_deref(), Some("no case of note/pin succeeds"));
    assert_eq!(missed(&[succeeding, failing].into_iter().flatten().collect::<Vec<_>>()), None);
}

#[test]
fn every_method_refuses_arguments_in_a_case() {
    let cases = case::all();
    let refused = methods_that_refuse(&cases);
    for method in ENDPOINTS.iter().map(|endpoint| endpoint.method).chain(["find_message", "new"]) {
        assert!(refused.contains(method), "no case shows what {method} refuses");
    }
}

#[test]
fn every_error_that_a_case_can_meet_is_met() {
    // Interrupted and Pending need somebody who interrupts a call, and StreamFailed a text that grows: they have tests of
    // their own.
    let reachable = [
        "BadRequest",
        "ConnectionLost",
        "FailedAfterUpload",
        "InvalidArgument",
        "InvalidResponse",
        "NotSupported",
        "RateLimited",
        "Rejected",
        "TimedOut",
        "Unauthorized",
        "Unreachable",
    ];
    let met: BTreeSet<String> =
        case::all().into_iter().filter_map(|case| case.error).map(|error| error.variant).collect();
    assert!(met.iter().eq(reachable.iter()), "{met:?}");
}

#[test]
fn a_case_that_reaches_the_server_says_what_the_server_does() {
    for case in case::all().into_iter().chain(case::of_senders()) {
        assert_eq!(case.answer.is_some() || case.fault.is_some(), case.request.is_some(), "{}", case.name);
    }
}
