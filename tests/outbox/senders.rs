//! Who sends: users or a robot, and nobody another one's messages; and tables that know of no robots yet.

use std::time::Duration;

use wildfirechat_message::{
    BroadcastRequest, Conversation, MessagePayload, MulticastRequest, Outbox, OutboxError, OutboxState, PutOptions,
    RobotClient, RunOptions, SendRequest, sandbox::Sandbox,
};

use crate::stores::{Store, client, entry, fill, message, run, sandbox, state};

const ROBOT: &str = "FireRobot";

fn robot(sandbox: &Sandbox, id: &str) -> RobotClient {
    sandbox.set_robot(id.into(), Some(format!("secret of {id}"))).unwrap();
    RobotClient::new(sandbox.base_url().unwrap(), id.into(), format!("secret of {id}"), None).unwrap()
}

fn notice(sender: &str, text: &str) -> SendRequest {
    SendRequest::new(sender, Conversation::single("u1"), MessagePayload::text(text))
}

/// Who sent the message with a text, by the server's word.
fn senders(sandbox: &Sandbox, text: &str) -> Vec<String> {
    let uids = sandbox.messages_with_text(text.into()).unwrap();
    uids.iter().map(|uid| client(sandbox).get_message(*uid).unwrap().sender).collect()
}

#[test]
fn each_sends_its_own_messages_and_leaves_the_others_alone() {
    everybody_sends_their_own(&Store::sqlite());
}

pub fn everybody_sends_their_own(store: &Store) {
    let sandbox = sandbox();
    let users = store.outbox(&client(&sandbox));
    let robots = Outbox::open(&store.url, &robot(&sandbox, ROBOT)).unwrap();
    let others = Outbox::open(&store.url, &robot(&sandbox, "Other's Robot")).unwrap();
    users.put(notice("admin", "of a user"), PutOptions::key("user")).unwrap();
    robots.put(notice(ROBOT, "of the robot"), PutOptions::key("robot")).unwrap();
    robots.put(notice("", "of nobody"), PutOptions::key("nobody")).unwrap();
    others.put(notice("", "of the other"), PutOptions { priority: 9, ..PutOptions::key("other") }).unwrap();
    let by_sql = |key: &str, robot: &str, sender: &str| {
        store.sql(&format!(
            "INSERT INTO wildfirechat_outbox (message_key, robot, request) VALUES ('{key}', '{robot}', \
             '{{{sender}\"conv\":{{\"type\":0,\"target\":\"u1\"}},\"payload\":{{\"type\":1,\"searchableContent\":\"{key}\"}}}}')"
        ));
    };
    by_sql("by sql", ROBOT, "");
    by_sql("by sql for users", "", "\"sender\":\"admin\",");
    by_sql("in another name", ROBOT, "\"sender\":\"admin\",");
    by_sql("in no name", "", "");
    by_sql("of a robot that nobody runs", "Nobody''s", "");
    let keys = |state| -> Vec<String> {
        let mut keys: Vec<String> = users.entries(state).map(|entry| entry.unwrap().key.unwrap()).collect();
        keys.sort();
        keys
    };

    let told = robots.run(RunOptions { confirm_all: true, ..RunOptions::default() }, |_| {}).unwrap();
    assert_eq!((told.sent, told.unknown, told.confirmed, told.lost), (3, 0, 0, 0));
    assert_eq!(keys(OutboxState::Sent), ["by sql", "nobody", "robot"]);
    assert_eq!(keys(OutboxState::Failed), ["in another name"]);
    assert_eq!(run(&users).sent, 2);
    assert_eq!(run(&others).sent, 1);
    for (key, text, sender) in [
        ("user", "of a user", "admin"),
        ("robot", "of the robot", ROBOT),
        ("nobody", "of nobody", ROBOT),
        ("other", "of the other", "Other's Robot"),
        ("by sql", "by sql", ROBOT),
        ("by sql for users", "by sql for users", "admin"),
    ] {
        assert_eq!(
            (state(&users, key), senders(&sandbox, text)),
            (OutboxState::Sent, vec![sender.to_owned()]),
            "{key}"
        );
        assert_eq!(entry(&users, key).robot, Some(sender.to_owned()).filter(|sender| sender != "admin"));
    }
    assert_eq!(keys(OutboxState::Failed), ["in another name", "in no name"]);
    assert!(entry(&users, "in another name").error.unwrap().contains("the sender must be that robot or empty"));
    assert!(entry(&users, "in no name").error.unwrap().contains("sender: it is empty"));
    assert_eq!(keys(OutboxState::Queued), ["of a robot that nobody runs"]);
    assert_eq!(users.purge(Duration::ZERO, true), Ok(8));
    users.cancel(entry(&users, "of a robot that nobody runs").id).unwrap();
    assert_eq!(robots.purge(Duration::ZERO, false), Ok(1));
}

#[test]
fn what_a_robot_cannot_send_is_refused_before_it_is_written() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = Outbox::open(&store.url, &robot(&sandbox, ROBOT)).unwrap();
    let payload = || MessagePayload::text("x");
    let targets = vec!["u1".to_owned()];
    let multicast = MulticastRequest { sender: ROBOT.into(), targets, line: 0, payload: payload() };
    let broadcast = BroadcastRequest { sender: ROBOT.into(), line: 0, payload: payload() };
    let marked = SendRequest { is_user_message: true, ..notice(ROBOT, "x") };
    let none = PutOptions::default;
    for (refused, argument) in [
        (outbox.put(multicast.clone(), none()), "request"),
        (outbox.put(broadcast, none()), "request"),
        (outbox.put(notice("admin", "x"), none()), "sender"),
        (outbox.put(marked, none()), "is_user_message"),
        (outbox.put(SendRequest::new("", Conversation::single(""), payload()), none()), "conversation.target"),
        (outbox.multicast_each(multicast, 10, none()).map(|ids| ids[0]), "request"),
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(&error, OutboxError::InvalidArgument { argument: named, .. } if named == argument), "{error}");
    }
    assert_eq!(outbox.status().unwrap().queued, 0);
}

#[test]
fn tables_that_know_of_no_robots_learn_of_them() {
    older_tables_are_brought_up_to_date(&Store::sqlite());
}

/// Makes tables as the first version made them.
fn make_older(store: &Store) {
    let on = if store.url.starts_with("mysql") { " ON wildfirechat_outbox" } else { "" };
    store.sql(&format!("DROP INDEX wildfirechat_outbox_queue{on}"));
    store.sql("ALTER TABLE wildfirechat_outbox DROP COLUMN robot");
    store.sql("CREATE INDEX wildfirechat_outbox_queue ON wildfirechat_outbox (state, priority DESC, id)");
    store.sql("UPDATE wildfirechat_outbox_info SET value = 1 WHERE name = 'version'");
}

pub fn older_tables_are_brought_up_to_date(store: &Store) {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let outbox = store.outbox(&client);
    fill(&outbox, 3, 20);
    assert_eq!(run(&outbox).sent, 20);
    outbox.put(message(1, 20), PutOptions::key("20")).unwrap();
    drop(outbox);
    make_older(store);
    if store.folder.is_some() {
        let error = Outbox::open(&format!("{}?mode=ro", store.url), &client).unwrap_err();
        assert!(error.to_string().contains("open it once for writing"), "{error}");
    }
    // An older worker would send a robot's messages in the name of users.
    store.sql("INSERT INTO wildfirechat_outbox_workers (id, lease_until) VALUES (7, 9000000000000)");
    let error = Outbox::open(&store.url, &client).unwrap_err();
    assert!(error.is_temporary() && error.to_string().contains("stop that worker"), "{error}");
    store.sql("DELETE FROM wildfirechat_outbox_workers");
    // Several at once.
    let outboxes: Vec<Outbox> = std::thread::scope(|scope| {
        let opening: Vec<_> = (0..4).map(|_| scope.spawn(|| store.outbox(&client))).collect();
        opening.into_iter().map(|outbox| outbox.join().unwrap()).collect()
    });
    let robots = Outbox::open(&store.url, &robot(&sandbox, ROBOT)).unwrap();
    robots.put(notice("", "new"), PutOptions::key("new")).unwrap();
    assert_eq!((run(&outboxes[0]).sent, run(&robots).sent), (1, 1));
    assert_eq!((outboxes[3].status().unwrap().sent, senders(&sandbox, "new")), (22, vec![ROBOT.to_owned()]));
    store.sql("DELETE FROM wildfirechat_outbox");
}

#[test]
fn entries_of_several_senders_and_priorities_all_come_and_once() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let users = store.outbox(&client(&sandbox));
    let robots = Outbox::open(&store.url, &robot(&sandbox, ROBOT)).unwrap();
    for number in 0..900 {
        let (outbox, sender) = if number % 3 == 0 { (&users, "admin") } else { (&robots, ROBOT) };
        let options = PutOptions { priority: number % 7 - 3, ..PutOptions::key(number.to_string()) };
        outbox.put(notice(sender, "x"), options).unwrap();
    }
    let entries: Vec<_> = users.entries(OutboxState::Queued).map(Result::unwrap).collect();
    let place = |entry: &wildfirechat_message::OutboxEntry| (entry.robot.clone(), -entry.priority, entry.id);
    assert!(entries.is_sorted_by(|one, other| place(one) < place(other)));
    assert_eq!(entries.len(), 900);
}
