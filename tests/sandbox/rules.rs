//! Whom the trouble strikes: the next ones, those of one endpoint, or whom chance picks; and closed doors.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use wildfirechat_message::sandbox::{Fault, FaultRule, RandomFaults, Sandbox, SandboxOptions, ScriptedAnswer};

use crate::raw::{Connection, End, sandbox};

const DELIVERY: (&str, &str) = ("message/delivery", r#"{"userId":"u1"}"#);
const GET_ONE: (&str, &str) = ("message/get_one", r#"{"messageUid":1}"#);

fn status(sandbox: &Sandbox, (endpoint, body): (&str, &str)) -> u16 {
    Connection::open(sandbox).post(endpoint, body).status
}

fn statuses<const N: usize>(sandbox: &Sandbox) -> [u16; N] {
    [(); N].map(|()| status(sandbox, DELIVERY))
}

fn by_chance(faults: &[Fault], probability: f64, seed: i64) -> RandomFaults {
    RandomFaults { faults: faults.to_vec(), probability, seed, endpoint: None, delay: None }
}

#[test]
fn a_fault_strikes_as_often_as_it_is_told() {
    let sandbox = sandbox();
    sandbox.fail(FaultRule { times: 3, ..Fault::ServiceUnavailable.into() }).unwrap();
    sandbox.answer_next(ScriptedAnswer { status: 404, ..ScriptedAnswer::default() }).unwrap();
    assert_eq!(statuses(&sandbox), [503, 503, 503, 404, 200]);
}

#[test]
fn a_fault_of_one_endpoint_lets_the_others_pass() {
    let sandbox = sandbox();
    let endpoint = Some(GET_ONE.0.to_owned());
    sandbox.fail(FaultRule { endpoint, times: 2, ..Fault::ServiceUnavailable.into() }).unwrap();
    sandbox.fail_next(Fault::GatewayTimeout).unwrap();
    let order = [DELIVERY, DELIVERY, GET_ONE, DELIVERY, GET_ONE, GET_ONE];
    assert_eq!(order.map(|call| status(&sandbox, call)), [504, 200, 503, 200, 503, 200]);
}

#[test]
fn the_same_seed_draws_the_same_faults_in_the_same_order() {
    let faults = [Fault::ServiceUnavailable, Fault::GatewayTimeout, Fault::HtmlAnswer];
    let drawn = |seed| {
        let sandbox = sandbox();
        sandbox.fail_randomly(by_chance(&faults, 0.5, seed)).unwrap();
        statuses::<40>(&sandbox)
    };
    assert_eq!(drawn(7), drawn(7));
    assert_ne!(drawn(7), drawn(8));
    let seen = drawn(7);
    assert!([200, 502, 503, 504].iter().all(|status| seen.contains(status)), "{seen:?}");
}

#[test]
fn chance_keeps_to_its_probability_and_its_endpoint() {
    let sandbox = sandbox();
    sandbox.fail_randomly(by_chance(&[Fault::ServiceUnavailable], 0.0, 1)).unwrap();
    assert_eq!(statuses(&sandbox), [200; 20]);
    sandbox.fail_randomly(by_chance(&[Fault::ServiceUnavailable], 1.0, 1)).unwrap();
    assert_eq!(statuses(&sandbox), [503; 20]);
    let only = RandomFaults { endpoint: Some(GET_ONE.0.to_owned()), ..by_chance(&[Fault::ServiceUnavailable], 1.0, 1) };
    sandbox.fail_randomly(only).unwrap();
    assert_eq!((status(&sandbox, DELIVERY), status(&sandbox, GET_ONE)), (200, 503));
}

#[test]
fn queued_faults_come_before_random_ones() {
    let sandbox = sandbox();
    sandbox.fail_randomly(by_chance(&[Fault::ServiceUnavailable], 1.0, 1)).unwrap();
    sandbox.fail_next(Fault::GatewayTimeout).unwrap();
    assert_eq!(statuses(&sandbox), [504, 503]);
}

#[test]
fn stop_failing_ends_all_faults() {
    let sandbox = sandbox();
    sandbox.fail_randomly(by_chance(&[Fault::ServiceUnavailable], 1.0, 1)).unwrap();
    sandbox.fail(FaultRule { times: 9, ..Fault::GatewayTimeout.into() }).unwrap();
    sandbox.stop_failing().unwrap();
    assert_eq!(statuses(&sandbox), [200; 5]);
}

#[test]
fn trouble_that_can_never_be_made_is_refused() {
    let sandbox = sandbox();
    let nowhere = Some("message/nothing".to_owned());
    let reason = |outcome: Result<(), wildfirechat_message::sandbox::SandboxError>| outcome.unwrap_err().to_string();
    assert_eq!(reason(sandbox.fail(FaultRule { times: 0, ..Fault::Refuse.into() })), "times 0 is below 1");
    assert_eq!(
        reason(sandbox.fail(FaultRule { endpoint: nowhere, ..Fault::Refuse.into() })),
        "message/nothing is not an endpoint such as message/send"
    );
    assert_eq!(reason(sandbox.fail_randomly(by_chance(&[], 0.5, 1))), "faults is empty");
    let impossible = by_chance(&[Fault::Refuse], 1.5, 1);
    assert_eq!(reason(sandbox.fail_randomly(impossible)), "probability 1.5 is out of range: it must be from 0 to 1");
}

fn connects(sandbox: &Sandbox) -> bool {
    TcpStream::connect(sandbox.base_url().unwrap().strip_prefix("http://").unwrap()).is_ok()
}

fn opens_again(sandbox: &Sandbox) -> bool {
    let deadline = Instant::now() + Duration::from_secs(5);
    std::iter::repeat_with(|| connects(sandbox))
        .inspect(|_| std::thread::sleep(Duration::from_millis(5)))
        .find(|open| *open || Instant::now() > deadline)
        == Some(true)
}

#[test]
fn new_connections_are_refused_for_a_while_and_idle_ones_are_closed() {
    let sandbox = sandbox();
    let mut idle = Connection::open(&sandbox);
    assert_eq!(idle.post(DELIVERY.0, DELIVERY.1).status, 200);
    let begun = Instant::now();
    sandbox.refuse_connections(Duration::from_millis(200)).unwrap();
    assert!(!connects(&sandbox));
    assert_eq!(idle.rest(), (Vec::new(), End::Closed));
    assert!(opens_again(&sandbox));
    assert!(begun.elapsed() >= Duration::from_millis(200));
    assert_eq!(status(&sandbox, DELIVERY), 200);
    // Whoever finds it closed finds no idle connection open either.
    for _ in 0..100 {
        assert!(opens_again(&sandbox));
        let mut idle = Connection::open(&sandbox);
        assert_eq!(idle.post(DELIVERY.0, DELIVERY.1).status, 200);
        sandbox.refuse_connections(Duration::from_millis(1)).unwrap();
        idle.stream.set_nonblocking(true).unwrap();
        assert!(matches!(idle.stream.read(&mut [0]), Ok(0)), "an idle connection outlived the port");
    }
    // For no time at all it is closed as well, if nobody is quick enough to see it.
    (0..200).for_each(|_| sandbox.refuse_connections(Duration::ZERO).unwrap());
    assert!(opens_again(&sandbox));
    // Once more, and a stopped one is not waited for.
    sandbox.refuse_connections(Duration::from_millis(20)).unwrap();
    assert!(opens_again(&sandbox));
    sandbox.stop().unwrap();
    sandbox.refuse_connections(Duration::from_secs(60)).unwrap();
}

#[test]
fn a_connection_that_opens_while_the_port_closes_is_closed_with_the_others() {
    let request = crate::raw::signed(DELIVERY.0, DELIVERY.1);
    for _ in 0..6 {
        let sandbox = sandbox();
        let opening = std::sync::Barrier::new(5);
        let port = u16::try_from(sandbox.port().unwrap()).unwrap();
        let open = || {
            opening.wait();
            std::iter::from_fn(|| TcpStream::connect(("127.0.0.1", port)).ok()).take(100).collect::<Vec<_>>()
        };
        let opened: Vec<TcpStream> = std::thread::scope(|scope| {
            let callers = [(); 4].map(|()| scope.spawn(open));
            opening.wait();
            sandbox.refuse_connections(Duration::from_secs(60)).unwrap();
            callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
        });
        for mut connection in opened {
            // One that was never accepted is told so when it is used.
            let answered = connection.write_all(request.as_ref()).and_then(|()| connection.read(&mut [0]));
            assert!(matches!(&answered, Ok(0) | Err(_)), "{answered:?}");
        }
    }
}

#[test]
fn a_request_may_close_the_port_for_all() {
    let sandbox = sandbox();
    sandbox.fail(FaultRule { delay: Some(Duration::from_millis(100)), ..Fault::Refuse.into() }).unwrap();
    let mut connection = Connection::open(&sandbox);
    connection.send(&crate::raw::signed(DELIVERY.0, DELIVERY.1));
    assert_eq!(connection.rest(), (Vec::new(), End::Reset));
    assert!(opens_again(&sandbox));
    assert_eq!(status(&sandbox, DELIVERY), 200);
}

#[test]
fn idle_connections_are_closed_after_the_time_that_is_given() {
    let idle_timeout = Some(Duration::from_millis(100));
    let sandbox = Sandbox::new(None, Some(SandboxOptions { idle_timeout, ..SandboxOptions::default() })).unwrap();
    let begun = Instant::now();
    assert_eq!(Connection::open(&sandbox).rest(), (Vec::new(), End::Closed));
    let mut connection = Connection::open(&sandbox);
    assert_eq!(connection.post(DELIVERY.0, DELIVERY.1).status, 200);
    assert_eq!(connection.rest(), (Vec::new(), End::Closed));
    assert!(begun.elapsed() >= Duration::from_millis(200));
}
