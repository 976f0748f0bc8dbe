//! The program `wildfirechat-message`: the message API for the shell.

use wildfirechat_message_cli::{Streams, run};

fn main() {
    std::process::exit(run(std::env::args_os(), Streams::of_this_process()));
}
