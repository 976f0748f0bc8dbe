//! `sandbox`: runs a stand-in for a server until a signal ends it.

use std::time::Duration;

use serde_json::json;

use super::{
    arguments::{Common, PlayedEdition, SandboxArguments},
    console::Console,
    exit::{self, Failure},
    settings,
    stop::Stop,
};
use wildfirechat_message::sandbox::{Edition, Fault, RandomFaults, Sandbox, SandboxError, SandboxOptions};

pub(super) fn serve(arguments: SandboxArguments, common: &Common, console: &mut Console) -> Result<(), Failure> {
    if arguments.list_faults {
        let names: String = Fault::ALL.iter().map(|fault| fault.name() + "\n").collect();
        return console.print(names.as_bytes());
    }
    let faults: Vec<Fault> = arguments.faults.iter().map(|name| named(name)).collect::<Result<_, _>>()?;
    let secret = settings::secret_of_a_sandbox(common, console)?;
    // Before the URL is printed: a program that reads it may send a signal at once.
    let stop = Stop::watch();
    let sandbox = start(secret, &arguments, faults).map_err(|error| {
        console.remark(&error.to_string());
        Failure::Told(exit::NOT_EXECUTED)
    })?;
    let url = sandbox.base_url().map_err(|error| Failure::usage("sandbox", error.to_string()))?;
    console.tell(&format!("listens on {url}"), &json!({"url": url}));
    while !stop.is_asked() {
        std::thread::sleep(Duration::from_millis(50));
    }
    sandbox.stop().map_err(|error| Failure::usage("sandbox", error.to_string()))
}

fn start(secret: Option<String>, arguments: &SandboxArguments, faults: Vec<Fault>) -> Result<Sandbox, SandboxError> {
    let edition = match arguments.edition {
        PlayedEdition::Community => Edition::Community,
        PlayedEdition::Professional => Edition::Professional,
    };
    let options = SandboxOptions {
        edition: Some(edition),
        host: Some(arguments.host.clone()),
        port: arguments.port.into(),
        rate_limit: arguments.rate_limit,
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::new(secret, Some(options))?;
    if !faults.is_empty() {
        let SandboxArguments { probability, seed, .. } = *arguments;
        sandbox.fail_randomly(RandomFaults { faults, probability, seed, endpoint: None, delay: None })?;
    }
    Ok(sandbox)
}

fn named(name: &str) -> Result<Fault, Failure> {
    let reason = || format!("there is no fault {name}; --list-faults prints their names");
    Fault::named(name).ok_or_else(|| Failure::usage("--faults", reason()))
}
