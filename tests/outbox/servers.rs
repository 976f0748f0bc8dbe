//! The same on database servers: PostgreSQL and MariaDB, started for the tests from what the system has.

use std::{
    env, fs, io,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use wildfirechat_message::{Outbox, OutboxError, PutCounts, PutOptions, RunOptions, RunWaitsFor};

use crate::{
    figures, killed, order, putting, senders,
    stores::{Store, client, entry, executions, fill, message, run, sandbox},
    trouble,
};

#[derive(Clone, Copy, PartialEq)]
enum Make {
    Postgres,
    MariaDb,
}

/// A database server of a test's own.
struct Server {
    make: Make,
    folder: PathBuf,
    port: u16,
    process: Option<Child>,
}

/// Database servers refuse to run as root.
const NOBODY: u32 = 65_534;
/// What its folder is called, up to the number of its process.
const FOLDER: &str = "wildfirechat-database-";

impl Server {
    fn start(make: Make) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        remove_what_was_left_behind();
        let folder = env::temp_dir().join(format!("{FOLDER}{}-{number}", process::id()));
        fs::create_dir(&folder).unwrap();
        std::os::unix::fs::chown(&folder, own(NOBODY), own(NOBODY)).unwrap();
        let port = free_port(number);
        let mut server = Self { make, folder, port, process: None };
        server.install();
        server.up();
        server
    }

    fn install(&self) {
        let data = self.folder.join("data");
        let made = match self.make {
            Make::Postgres => {
                self.command("initdb").args(["--auth=trust", "--username=outbox", "-D"]).arg(data).output()
            }
            Make::MariaDb => self
                .command("mariadb-install-db")
                .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
                .arg(format!("--datadir={}", data.display()))
                .output(),
        };
        let made = made.unwrap_or_else(|error| self.is_missing(&error));
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    fn is_missing(&self, error: &io::Error) -> ! {
        let package = if self.make == Make::Postgres { "postgresql" } else { "mariadb-server" };
        panic!("{package} is missing ({error}): on Debian, apt-get install {package}")
    }

    fn command(&self, program: &str) -> Command {
        let beside = ["/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/15/bin", "/usr/sbin"];
        let path = format!("{}:{}", env::var("PATH").unwrap_or_default(), beside.join(":"));
        // It ends with the thread that began it, also where a test is killed.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).current_dir(&self.folder).stdin(Stdio::null());
        if let Some(user) = own(NOBODY) {
            command.args([format!("--reuid={user}"), format!("--regid={user}"), "--clear-groups".into()]);
        }
        command.args(["env", &format!("PATH={path}"), program]);
        command
    }

    /// Starts it, and waits until it takes connections and has a database.
    fn up(&mut self) {
        let begun = Instant::now();
        let admin = self.url(if self.make == Make::Postgres { "postgres" } else { "mysql" });
        let admin = Store { url: admin, folder: None };
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() || admin.try_sql("SELECT 1").is_err() {
            assert!(begun.elapsed() < Duration::from_secs(120), "the database server does not come up");
            // One that was killed has left processes behind, which have to end first.
            if self.process.as_mut().is_none_or(|process| process.try_wait().unwrap().is_some()) {
                self.process = Some(self.program().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
            }
            thread::sleep(Duration::from_millis(50));
        }
        // There already, after a restart.
        let _ = admin.try_sql("CREATE DATABASE outbox");
    }

    fn program(&self) -> Command {
        let data = self.folder.join("data");
        let port = self.port.to_string();
        match self.make {
            Make::Postgres => {
                let mut command = self.command("postgres");
                command.arg("-D").arg(data).args(["-h", "127.0.0.1", "-p", &port, "-k"]).arg(&self.folder);
                command
            }
            Make::MariaDb => {
                let mut command = self.command("mariadbd");
                command.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
                command.arg(format!("--port={port}")).arg("--bind-address=127.0.0.1");
                command.arg(format!("--socket={}", self.folder.join("socket").display()));
                command
            }
        }
    }

    fn url(&self, database: &str) -> String {
        match self.make {
            Make::Postgres => format!("postgres://outbox@127.0.0.1:{}/{database}", self.port),
            Make::MariaDb => format!("mysql://root@127.0.0.1:{}/{database}", self.port),
        }
    }

    fn store(&self) -> Store {
        Store { url: self.url("outbox"), folder: None }
    }

    /// As a power cut ends it.
    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        remove(&self.folder);
    }
}

fn remove(folder: &Path) {
    // Children of a server that was killed write for a moment longer.
    for _ in 0..50 {
        if fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// A port that nobody has, below those that the system gives to connections: so it is free again after a restart too.
fn free_port(number: u32) -> u16 {
    let mut ports = (0..10_000).map(|at| 20_000 + (process::id() * 16 + number * 8 + at) % 10_000);
    let is_free = |port: &u32| TcpListener::bind(("127.0.0.1", u16::try_from(*port).unwrap())).is_ok();
    u16::try_from(ports.find(is_free).unwrap()).unwrap()
}

/// Folders of tests that were killed.
fn remove_what_was_left_behind() {
    for entry in fs::read_dir(env::temp_dir()).unwrap().flatten() {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(FOLDER)?.split('-').next());
        if number.is_some_and(|number| !Path::new("/proc").join(number).exists()) {
            remove(&entry.path());
        }
    }
}

/// Another user, for whoever is root.
fn own(user: u32) -> Option<u32> {
    fs::metadata("/proc/self").is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0).then_some(user)
}

/// What holds for a file holds for a server.
fn all_that_a_file_does(store: &Store) {
    let sandbox = sandbox();
    let outbox = store.outbox(&client(&sandbox));
    let first = outbox.put(message(1, 0), PutOptions::key("k")).unwrap();
    assert_eq!(outbox.put(message(1, 1), PutOptions::key("k")), Ok(first));
    assert_ne!(outbox.put(message(1, 2), PutOptions::key("K")), Ok(first));
    assert_ne!(outbox.put(message(1, 3), PutOptions::default()).unwrap(), first);
    let now = outbox.get(first).unwrap().unwrap().created_at;
    let options = PutOptions { expires_at: Some(now - 1), ..PutOptions::key("over") };
    outbox.put(message(1, 4), options).unwrap();
    let options = PutOptions { not_before: Some(now + 3_600_000), ..PutOptions::key("later") };
    outbox.put(message(1, 5), options).unwrap();
    let letters = "好😀\u{7f}'\"\\%_";
    let mut request = message(1, 6);
    request.payload.searchable_content = letters.into();
    outbox.put(request.clone(), PutOptions { priority: 3, ..PutOptions::key(letters.replace('\u{7f}', "")) }).unwrap();
    store.sql(
        "INSERT INTO wildfirechat_outbox (message_key, request) VALUES ('by sql', \
         '{\"sender\":\"admin\",\"conv\":{\"type\":1,\"target\":\"g\"},\"payload\":{\"type\":1,\"searchableContent\":\"by sql\"}}')",
    );
    store.sql("INSERT INTO wildfirechat_outbox (message_key, request) VALUES ('bad', '[]')");
    let progress = outbox.run(RunOptions { confirm_all: true, ..RunOptions::default() }, |_| {}).unwrap();
    assert_eq!((progress.sent, progress.confirmed), (5, 5));
    let status = outbox.status().unwrap();
    let counts = [status.queued, status.confirmed, status.expired, status.failed, status.unknown];
    assert_eq!((counts, status.sending), ([1, 5, 1, 1, 0], 0));
    assert_eq!(sandbox.messages_with_text(letters.into()).unwrap().len(), 1);
    assert_eq!(sandbox.messages_with_text("by sql".into()).unwrap().len(), 1);
    let bad = entry(&outbox, "bad");
    assert!(bad.error.unwrap().contains("request"));
    outbox.cancel(entry(&outbox, "later").id).unwrap();
    assert_eq!(
        outbox.put_many((0..250).map(|number| (message(9, number), PutOptions::key(format!("{}", number / 2))))),
        { Ok(PutCounts { put: 125, known: 125 }) }
    );
    run(&outbox);
    assert_eq!(outbox.purge(Duration::ZERO, true), Ok(133));
    let again = Outbox::open(&store.url, &client(&sandbox)).unwrap();
    assert_eq!(again.status().unwrap().confirmed, 0);
}

/// Three workers, and the database is killed and comes back.
fn a_database_that_is_killed(server: &mut Server) {
    let sandbox = sandbox();
    let store = server.store();
    let outbox = store.outbox(&client(&sandbox));
    fill(&outbox, 40, 1_500);
    let options = RunOptions { rate_limit: 250, ..RunOptions::default() };
    let outboxes: Vec<Outbox> = (0..3).map(|_| store.outbox(&client(&sandbox))).collect();
    let runs: Vec<_> = outboxes.iter().map(|outbox| outbox.begin_run(options.clone()).unwrap()).collect();
    while sandbox.message_uids().unwrap().len() < 300 {
        thread::sleep(Duration::from_millis(5));
    }
    server.kill();
    let begun = Instant::now();
    while runs[0].wait(Duration::from_secs(1)).is_none_or(|told| told.waiting_for != Some(RunWaitsFor::Database)) {
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
    assert!(outbox.status().unwrap_err().is_temporary());
    server.up();
    let sent: i64 = runs.into_iter().map(|run| run.finish().unwrap().sent).sum();
    let status = outbox.status().unwrap();
    assert_eq!((status.sent, status.unknown, status.queued, sent), (1_500, 0, 0, 1_500), "{status:?}");
    for number in 0..1_500 {
        assert_eq!(executions(&sandbox, number), 1, "{number}");
    }
    assert_eq!(order::out_of_order(&outbox), 0);
}

fn all_of(make: Make, name: &str) {
    let mut server = Server::start(make);
    trouble::several_make_the_tables(&server.store());
    server.store().sql("DELETE FROM wildfirechat_outbox");
    all_that_a_file_does(&server.store());
    senders::everybody_sends_their_own(&server.store());
    senders::older_tables_are_brought_up_to_date(&server.store());
    let constraint = "ALTER TABLE wildfirechat_outbox";
    putting::parts_are_put_together_or_not_at_all(
        &server.store(),
        [
            &format!("{constraint} ADD CONSTRAINT no_room CHECK (message_key <> 'notice#7')"),
            &format!("{constraint} DROP CONSTRAINT no_room"),
        ],
    );
    order::several(&server.store(), &sandbox(), 1_500);
    server.store().sql("DELETE FROM wildfirechat_outbox");
    a_database_that_is_killed(&mut server);
    server.store().sql("DELETE FROM wildfirechat_outbox");
    killed::holds(name, &server.store(), 3);
    server.store().sql("UPDATE wildfirechat_outbox_info SET value = 9 WHERE name = 'version'");
    let error = Outbox::open(&server.store().url, &client(&sandbox())).unwrap_err();
    assert!(matches!(error, OutboxError::StoreUnusable { .. }), "{error}");
}

#[test]
fn everything_holds_on_postgresql() {
    all_of(Make::Postgres, "postgresql");
}

#[test]
fn everything_holds_on_mariadb() {
    all_of(Make::MariaDb, "mariadb");
}

fn figures_of(make: Make, name: &str) {
    let server = Server::start(make);
    figures::throughput(name, &server.store());
    figures::flat_cost(name, &server.store());
}

#[test]
fn figures_on_postgresql() {
    figures_of(Make::Postgres, "postgresql");
}

#[test]
fn figures_on_mariadb() {
    figures_of(Make::MariaDb, "mariadb");
}
