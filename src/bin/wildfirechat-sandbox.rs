//! The sandbox as a program, for callers in any language and for trying things by hand.

use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
    str::FromStr,
    time::Duration,
};

use wildfirechat_message::sandbox::{Edition, Fault, RandomFaults, Sandbox, SandboxOptions, StoreKind};

const HELP: &str = "\
A stand-in for a WildfireChat server: it speaks the message API, keeps messages in memory and forgets them at the end.

Usage: wildfirechat-sandbox [OPTIONS]

Options:
  --port PORT        the port to listen on; 0 takes a free port (18080)
  --host HOST        the address to listen on (127.0.0.1: only this machine reaches it)
  --secret SECRET    the secret that requests are signed with (123456)
  --edition EDITION  community or professional (professional)
  --rate-limit N     requests in 10 s before it answers code 250; 0 sets no limit (10000)
  --idle-timeout MS  how long a connection may be idle before it is closed, as proxies do (never)
  --store KIND       how its file store accepts files: put or form (put)
  --faults LIST      faults that requests meet by chance, separated by commas: close_after_executing,over_frequency
  --probability P    the probability, from 0 to 1, that a request meets one of them (0.1)
  --seed N           the same seed draws the same faults in the same order (0)
  --delay MS         how long the slow faults take (1000)
  --list-faults      print the name of every fault
  --help             print this text
  --version          print the version

When it is ready it prints one line with its URL. It stops on Ctrl-C or SIGTERM.
";

/// What the command line asks for.
enum Command {
    Help,
    Version,
    ListFaults,
    Serve { secret: Option<String>, options: SandboxOptions, faults: RandomFaults },
}

fn main() -> ExitCode {
    match read(std::env::args_os().skip(1)) {
        Ok(Command::Help) => print(HELP),
        Ok(Command::Version) => print(concat!("wildfirechat-sandbox ", env!("CARGO_PKG_VERSION"), "\n")),
        Ok(Command::ListFaults) => print(&Fault::ALL.iter().map(|fault| fault.name() + "\n").collect::<String>()),
        Ok(Command::Serve { secret, options, faults }) => match serve(secret, options, faults) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => fail(1, &reason),
        },
        Err(reason) => fail(2, &format!("{reason}; see --help")),
    }
}

/// Serves until it is told to stop.
fn serve(secret: Option<String>, options: SandboxOptions, faults: RandomFaults) -> Result<(), String> {
    let edition = match options.edition {
        Some(Edition::Community) => "community",
        Some(Edition::Professional) | None => "professional",
    };
    // Before the URL is printed, because a program that reads it may send a signal immediately.
    let mut stop = StopSignals::new().map_err(|error| format!("cannot wait for signals: {error}"))?;
    let sandbox = Sandbox::new(secret, Some(options)).map_err(|error| error.to_string())?;
    if !faults.faults.is_empty() {
        sandbox.fail_randomly(faults).map_err(|error| error.to_string())?;
    }
    let url = sandbox.base_url().map_err(|error| error.to_string())?;
    print(&format!("wildfirechat-sandbox ({edition}) listens on {url}\n"));
    stop.wait();
    sandbox.stop().map_err(|error| error.to_string())
}

/// Ctrl-C, and SIGTERM.
#[cfg(unix)]
struct StopSignals(signal_hook::iterator::Signals);

#[cfg(unix)]
impl StopSignals {
    fn new() -> io::Result<Self> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        signal_hook::iterator::Signals::new([SIGINT, SIGTERM]).map(Self)
    }

    fn wait(&mut self) {
        self.0.forever().next();
    }
}

/// Where there are none, the system ends the program.
#[cfg(not(unix))]
struct StopSignals;

#[cfg(not(unix))]
impl StopSignals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    fn wait(&mut self) {
        loop {
            std::thread::park();
        }
    }
}

fn read(arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut secret = None;
    let mut options = SandboxOptions { port: 18080, ..SandboxOptions::default() };
    let mut faults = RandomFaults { faults: Vec::new(), probability: 0.1, seed: 0, endpoint: None, delay: None };
    let mut arguments = arguments.map(|argument| {
        argument.into_string().map_err(|argument| format!("{} is not text", argument.to_string_lossy()))
    });
    while let Some(argument) = arguments.next() {
        let argument = argument?;
        // Both `--port 18080` and `--port=18080`.
        let (name, attached) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let mut value = || match attached.clone() {
            Some(value) => Ok(value),
            None => arguments.next().unwrap_or_else(|| Err(format!("{name} needs a value"))),
        };
        match name {
            "--help" | "-h" => return Ok(Command::Help),
            "--version" | "-V" => return Ok(Command::Version),
            "--port" => options.port = number(name, &value()?)?,
            "--host" => options.host = Some(value()?),
            "--secret" => secret = Some(value()?),
            "--edition" => options.edition = Some(edition(&value()?)?),
            "--rate-limit" => options.rate_limit = number(name, &value()?)?,
            "--idle-timeout" => options.idle_timeout = Some(Duration::from_millis(number(name, &value()?)?)),
            "--store" => options.store = Some(store(&value()?)?),
            "--faults" => faults.faults = value()?.split(',').map(fault).collect::<Result<_, _>>()?,
            "--probability" => faults.probability = number(name, &value()?)?,
            "--seed" => faults.seed = number(name, &value()?)?,
            "--delay" => faults.delay = Some(Duration::from_millis(number(name, &value()?)?)),
            "--list-faults" => return Ok(Command::ListFaults),
            _ => return Err(format!("unknown argument {name}")),
        }
    }
    Ok(Command::Serve { secret, options, faults })
}

fn fault(name: &str) -> Result<Fault, String> {
    Fault::named(name).ok_or_else(|| format!("there is no fault {name}; --list-faults prints their names"))
}

fn number<T: FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} must be a number, not {value}"))
}

fn edition(value: &str) -> Result<Edition, String> {
    match value {
        "community" => Ok(Edition::Community),
        "professional" => Ok(Edition::Professional),
        _ => Err(format!("--edition must be community or professional, not {value}")),
    }
}

fn store(value: &str) -> Result<StoreKind, String> {
    match value {
        "put" => Ok(StoreKind::Put),
        "form" => Ok(StoreKind::Form),
        _ => Err(format!("--store must be put or form, not {value}")),
    }
}

/// Prints at once. Nobody listening any more is no reason to stop.
fn print(text: &str) -> ExitCode {
    let mut output = io::stdout().lock();
    let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    ExitCode::SUCCESS
}

fn fail(code: u8, reason: &str) -> ExitCode {
    // A closed stderr leaves the exit code to tell.
    let _ = writeln!(io::stderr(), "wildfirechat-sandbox: {reason}");
    ExitCode::from(code)
}
