//! The command line. What stands here is the help, the man page and the completions too.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::lines::Lines;
use wildfirechat_message::{Conversation, ConversationType};

const AFTER: &str = "\
Exit codes:
  0   done
  1   certainly not executed
  2   something in the command line, the environment, the profile or an input file is wrong; nothing was sent
  3   nobody knows whether it was executed: repeat only what does no harm twice
  4   the server does not accept the signature: the secret, or a clock
  5   some of many messages were not sent
  75  the server accepts no more calls for now: later

Environment: WILDFIRECHAT_URL, WILDFIRECHAT_SENDER, WILDFIRECHAT_SECRET, WILDFIRECHAT_PROFILE, WILDFIRECHAT_CONFIG, NO_COLOR.
Flags win over the environment, and the environment over a profile.";

/// Sends, recalls, looks up and deletes messages of a WildfireChat server.
#[derive(Parser)]
#[command(name = "wildfirechat-message", version, after_help = AFTER, arg_required_else_help = true, args_override_self = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What holds for every command.
#[derive(Args)]
#[command(next_help_heading = "Server and output")]
pub(super) struct Common {
    /// URL of the server's message API, such as http://localhost:18080 [env: WILDFIRECHAT_URL]
    #[arg(long, global = true)]
    pub(super) url: Option<String>,
    /// Id of the user whom messages come from, and who recalls and changes them [env: WILDFIRECHAT_SENDER]
    #[arg(long, global = true, value_name = "ID")]
    pub(super) sender: Option<String>,
    /// A file with nothing but the secret; else WILDFIRECHAT_SECRET, the profile, or a question on the terminal
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) secret_file: Option<PathBuf>,
    /// Hidden: it is there to be refused in plain words.
    #[arg(long, global = true, hide = true, num_args = 0..=1, default_missing_value = "")]
    pub(super) secret: Option<String>,
    /// The profile to use [env: WILDFIRECHAT_PROFILE] [default: the file's own choice]
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// The file with the profiles [env: WILDFIRECHAT_CONFIG] [default: ~/.config/wildfirechat-message/config.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Tells outcomes as JSON, one object a line; ids are texts there
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Checks everything and shows what would be posted; sends nothing
    #[arg(long, short = 'n', global = true)]
    pub(super) dry_run: bool,
    /// How long a call may take in all, in seconds [default: 30]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(super) timeout: Option<Duration>,
    /// How long making a connection may take [default: 5]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(super) connect_timeout: Option<Duration>,
    /// How long no byte may move [default: 15]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(super) read_timeout: Option<Duration>,
    /// How often a call is tried where that is safe [default: 3]
    #[arg(long, global = true, value_name = "N")]
    pub(super) attempts: Option<i32>,
    /// A proxy: http, https, socks5 or socks5h. The environment's proxy settings are not used
    #[arg(long, global = true, value_name = "URL")]
    pub(super) proxy: Option<String>,
    /// A file of PEM certificates that are trusted besides the system's own
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
    /// Lets content types pass that are the clients' own affair
    #[arg(long, global = true)]
    pub(super) allow_unsendable_types: bool,
    /// Says on the standard error what the client does: attempts, pauses, notices
    #[arg(long, short, global = true)]
    pub(super) verbose: bool,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Sends a message to a user, group, chatroom or channel
    Send {
        #[command(flatten)]
        to: Target,
        /// Only these users of the conversation get it, besides the sender
        #[arg(long, value_name = "ID", value_delimiter = ',')]
        only_to: Vec<String>,
        /// Sends with the sender's own rights, which the server checks since 1.3.8
        #[arg(long)]
        user_message: bool,
        #[command(flatten)]
        content: ContentArguments,
    },
    /// Sends one message to many users, each in a conversation of their own
    Multicast {
        /// Ids of the users, with commas
        #[arg(long, value_name = "ID", value_delimiter = ',', required_unless_present = "users_file")]
        users: Vec<String>,
        /// A file with an id a line
        #[arg(long, value_name = "FILE")]
        users_file: Option<PathBuf>,
        /// The line of the conversations
        #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
        line: i32,
        #[command(flatten)]
        content: ContentArguments,
    },
    /// Sends a message to every user; asks first
    Broadcast {
        /// Does not ask
        #[arg(long, short)]
        yes: bool,
        /// The line of the conversations
        #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
        line: i32,
        #[command(flatten)]
        content: ContentArguments,
    },
    /// Recalls a message; by whom, --sender says
    Recall {
        /// The message's id
        #[arg(value_name = "UID", allow_negative_numbers = true)]
        message_uid: i64,
        /// It is a broadcast
        #[arg(long, conflicts_with = "from")]
        broadcast: bool,
        /// It is a multicast: ids of the users from whom it is taken back
        #[arg(long, value_name = "ID", value_delimiter = ',')]
        from: Vec<String>,
    },
    /// Looks a message up
    Get {
        /// The message's id
        #[arg(value_name = "UID", allow_negative_numbers = true)]
        message_uid: i64,
    },
    /// Gives a message a new content (professional servers); by whom, --sender says
    Update {
        /// The message's id
        #[arg(value_name = "UID", allow_negative_numbers = true)]
        message_uid: i64,
        /// Does not send it again to devices that have it
        #[arg(long)]
        quietly: bool,
        #[command(flatten)]
        content: ContentArguments,
    },
    /// Deletes a message (professional servers)
    Delete {
        /// The message's id
        #[arg(value_name = "UID", allow_negative_numbers = true)]
        message_uid: i64,
        /// It is a broadcast; by whom it is deleted, --sender says
        #[arg(long, conflicts_with = "from")]
        broadcast: bool,
        /// It is a multicast: ids of the users from whom it is deleted; by whom, --sender says
        #[arg(long, value_name = "ID", value_delimiter = ',')]
        from: Vec<String>,
    },
    /// Shows the time up to which a user has read a conversation (professional servers)
    ReadTime {
        /// Id of the user who reads
        #[arg(value_name = "USER")]
        user_id: String,
        #[command(flatten)]
        to: Target,
    },
    /// Shows the time up to which messages have been delivered to a user (professional servers)
    Delivery {
        /// Id of the user
        #[arg(value_name = "USER")]
        user_id: String,
    },
    /// Sends the messages of a file, and tells what became of each
    Bulk {
        #[command(flatten)]
        file: FileArguments,
        /// How many messages are under way at once
        #[arg(long, default_value_t = 32, value_name = "N")]
        concurrency: i32,
        /// Messages a second at the most; 0 for any
        #[arg(long, default_value_t = 0, value_name = "N")]
        rate: i32,
        /// Ends at the first message that failed, or at the first of which nobody knows whether it was sent
        #[arg(long, value_name = "WHAT")]
        stop_on: Option<StopOn>,
        /// Sends messages of one conversation side by side too
        #[arg(long)]
        any_order: bool,
        /// How long a server is waited for that takes nothing [default: 300]
        #[arg(long, value_name = "SECONDS", value_parser = seconds_or_none)]
        patience: Option<Duration>,
    },
    /// A list of messages that survives everything: put, sent by any number of workers, and what became of them
    #[cfg(feature = "outbox")]
    Outbox(OutboxArguments),
    /// Imports the messages of a file, with their times (professional servers, before they go live)
    Import {
        #[command(flatten)]
        file: FileArguments,
        /// How many messages go in one request, all of them or none
        #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
        batch: u16,
    },
    /// Uploads a file and tells its URL (professional servers)
    Upload {
        /// The file
        file: PathBuf,
        /// What the server is told that it is called [default: the name of the file]
        #[arg(long)]
        name: Option<String>,
        /// What it is
        #[arg(long, default_value = "file", value_name = "KIND")]
        media_type: Media,
        /// Its content type [default: guessed by the ending of its name]
        #[arg(long, value_name = "TYPE")]
        content_type: Option<String>,
    },
    /// Finds out what keeps calls from working, step by step; sends and changes nothing
    Doctor,
    /// Runs a stand-in for a server; its secret is that of --secret-file, of the environment, or 123456
    Sandbox(SandboxArguments),
    /// Sends what Alertmanager, Grafana and others post to it
    Webhook(WebhookArguments),
    /// Prints completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Prints the man page
    Man {
        /// Writes a page for each command into this folder instead
        #[arg(long, value_name = "FOLDER")]
        directory: Option<PathBuf>,
    },
}

/// A conversation.
#[derive(Args)]
pub(super) struct Target {
    /// The conversation: user:ID, group:ID, chatroom:ID or channel:ID
    #[arg(long, value_name = "KIND:ID", value_parser = conversation)]
    to: Conversation,
    /// Its line
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    line: i32,
}

impl Target {
    pub(super) fn conversation(self) -> Conversation {
        Conversation { line: self.line, ..self.to }
    }
}

/// What a message says.
#[derive(Args)]
#[command(next_help_heading = "Content")]
pub(super) struct ContentArguments {
    /// The text; from the standard input where it is left out or is -
    #[arg(conflicts_with_all = ["image", "file", "link", "payload"])]
    pub(super) text: Option<String>,
    /// An image: a file, which is uploaded (professional servers), or the URL of one that is there already
    #[arg(long, value_name = "FILE|URL", conflicts_with_all = ["file", "link", "payload"])]
    pub(super) image: Option<String>,
    /// An image file that --image's small picture is made of [default: the image, where it is a file]
    #[arg(long, value_name = "FILE", requires = "image")]
    pub(super) thumbnail: Option<PathBuf>,
    /// A file: one that is uploaded (professional servers), or the URL of one that is there already
    #[arg(long, value_name = "FILE|URL", conflicts_with_all = ["link", "payload"])]
    pub(super) file: Option<String>,
    /// The name under which --file is shown [default: its own]
    #[arg(long, requires = "file")]
    pub(super) name: Option<String>,
    /// A link to a page
    #[arg(long, value_name = "URL", requires = "title", conflicts_with = "payload")]
    pub(super) link: Option<String>,
    /// The title of --link
    #[arg(long, requires = "link", value_name = "TEXT")]
    pub(super) title: Option<String>,
    /// What --link is about
    #[arg(long, requires = "link", value_name = "TEXT")]
    pub(super) digest: Option<String>,
    /// URL of a small picture for --link
    #[arg(long, requires = "link", value_name = "URL")]
    pub(super) picture: Option<String>,
    /// A payload as it goes over the wire: JSON, @FILE or @- for the standard input
    #[arg(long, value_name = "JSON")]
    pub(super) payload: Option<String>,
    /// Ids of the users who are mentioned, with commas
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(super) mention: Vec<String>,
    /// Mentions everyone in the conversation
    #[arg(long, conflicts_with = "mention")]
    pub(super) mention_all: bool,
    /// Text of your own that travels with the message
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(super) extra: String,
    /// The text of the push notification
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(super) push: String,
    /// Data that goes with the push notification
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(super) push_data: String,
    /// Seconds after reading at which the message disappears
    #[arg(long, value_name = "SECONDS", default_value_t = 0, hide_default_value = true)]
    pub(super) expire: i32,
}

/// A file of messages.
#[derive(Args)]
pub(super) struct FileArguments {
    /// The file; - for the standard input, which is read as it comes
    pub(super) file: PathBuf,
    /// A JSON object a line, or CSV under a line of names [default: by the ending of the file, else jsonl]
    #[arg(long)]
    pub(super) format: Option<Format>,
    /// Only these lines of the file, such as 7,12-40,100-
    #[arg(long, value_name = "LIST", value_parser = Lines::parse)]
    pub(super) lines: Option<Lines>,
}

/// A list of messages in a database.
#[cfg(feature = "outbox")]
#[derive(Args)]
pub(super) struct OutboxArguments {
    /// Where it lies: sqlite:FILE, or the URL of a database; one with a password only by the variable [env: WILDFIRECHAT_OUTBOX]
    #[arg(long, global = true)]
    pub(super) store: Option<String>,
    #[command(subcommand)]
    pub(super) command: OutboxCommand,
}

#[cfg(feature = "outbox")]
#[derive(Subcommand)]
pub(super) enum OutboxCommand {
    /// Puts the messages of a file; sends nothing
    Put {
        #[command(flatten)]
        file: FileArguments,
        /// Gives each message without a key of its own this one, with the number of its line behind it
        #[arg(long, value_name = "TEXT")]
        key_prefix: Option<String>,
    },
    /// Sends what is due, until there is no more
    Run {
        /// Waits for more instead of ending
        #[arg(long)]
        for_ever: bool,
        /// How many messages are under way at once
        #[arg(long, default_value_t = 64, value_name = "N")]
        concurrency: i32,
        /// Messages a second at the most; 0 for any
        #[arg(long, default_value_t = 0, value_name = "N")]
        rate: i32,
        /// How long a server or a database is waited for that is away [default: 300]
        #[arg(long, value_name = "SECONDS", value_parser = seconds_or_none)]
        patience: Option<Duration>,
        /// How long after a worker's last sign of life others take over what it held [default: 30]
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        lease: Option<Duration>,
        /// Looks each message up that the server accepted
        #[arg(long)]
        confirm_all: bool,
        /// Sends messages of one conversation side by side too
        #[arg(long)]
        any_order: bool,
    },
    /// Tells how many messages are in which state
    Status,
    /// Lists the messages of which nobody knows whether they were executed
    Unknown,
    /// Lists the messages that the server accepted and does not have
    Lost,
    /// Lists the messages that the server refused for good, or that can never be sent
    Failed,
    /// Decides of messages that failed, are lost or unknown
    Resolve {
        /// Their numbers in the outbox
        #[arg(value_name = "ID", required = true)]
        ids: Vec<i64>,
        /// They are sent again, even where that may be a second time
        #[arg(long, conflicts_with = "drop", required_unless_present = "drop")]
        resend: bool,
        /// They are not sent again
        #[arg(long)]
        drop: bool,
    },
    /// Removes messages that have had their outcome for some time: sent, confirmed, expired and cancelled ones
    Purge {
        /// For how long
        #[arg(long, value_name = "SECONDS", value_parser = seconds_or_none)]
        older_than: Duration,
        /// Also those that failed, are lost or unknown
        #[arg(long)]
        undecided: bool,
    },
    /// Lists all messages with what became of them
    Export {
        /// Only those in this state
        #[arg(long)]
        state: Option<String>,
    },
}

/// How messages lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Jsonl,
    Csv,
}

/// What ends a bulk.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum StopOn {
    Unknown,
    Failure,
}

/// What a file is.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Media {
    General,
    Image,
    Voice,
    Video,
    File,
    Portrait,
    Favourite,
    Sticker,
    Moments,
}

/// The server that the sandbox plays.
#[derive(Args)]
#[command(next_help_heading = "Sandbox")]
pub(super) struct SandboxArguments {
    /// The port to listen on, 0 for a free one
    #[arg(long, default_value_t = 18080)]
    pub(super) port: u16,
    /// The address to listen on; 127.0.0.1 is reached by nobody else
    #[arg(long, default_value = "127.0.0.1")]
    pub(super) host: String,
    /// The edition
    #[arg(long, default_value = "professional")]
    pub(super) edition: PlayedEdition,
    /// Requests in 10 s before code 250, 0 for no limit
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    pub(super) rate_limit: i32,
    /// Faults that requests meet by chance, with commas, such as close_after_executing,over_frequency
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) faults: Vec<String>,
    /// The probability, from 0 to 1, that a request meets one of them
    #[arg(long, default_value_t = 0.1, value_name = "P")]
    pub(super) probability: f64,
    /// The same seed draws the same faults in the same order
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(super) seed: i64,
    /// Prints every fault's name
    #[arg(long, action = ArgAction::SetTrue)]
    pub(super) list_faults: bool,
}

#[derive(Args)]
pub(super) struct WebhookArguments {
    /// The conversations that get the messages, with commas: user:ID, group:ID, chatroom:ID or channel:ID
    #[arg(long, value_name = "KIND:ID", value_parser = conversation, value_delimiter = ',', required = true)]
    pub(super) to: Vec<Conversation>,
    /// The address to listen on; 127.0.0.1 can be reached only from this machine
    #[arg(long, default_value = "127.0.0.1:9095", value_name = "ADDRESS:PORT")]
    pub(super) listen: SocketAddr,
    /// A file with nothing but the token that posts have to bring; or WILDFIRECHAT_WEBHOOK_TOKEN
    #[arg(long, value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum PlayedEdition {
    Community,
    Professional,
}

/// `group:g1` and the like; a number of a conversation type stands for itself.
pub(super) fn conversation(text: &str) -> Result<Conversation, String> {
    let (kind, target) =
        text.split_once(':').ok_or("it does not have the form KIND:ID, such as user:u1 or group:g1")?;
    let kind = match KINDS.iter().find(|(name, _)| *name == kind) {
        Some((_, kind)) => *kind as i32,
        None if kind == "single" => ConversationType::Single as i32,
        None => kind.parse().ok().filter(|number| (0..=6).contains(number)).ok_or_else(|| {
            format!("{kind} is not a kind of conversation: it must be user, group, chatroom or channel")
        })?,
    };
    if target.is_empty() {
        return Err("the id after the colon is empty".into());
    }
    Ok(Conversation { kind, target: target.to_owned(), line: 0 })
}

/// The other way round: `user:u1`.
pub(super) fn named(conversation: &Conversation) -> String {
    let name = KINDS.iter().find(|(_, kind)| *kind as i32 == conversation.kind).map(|(name, _)| (*name).to_owned());
    format!("{}:{}", name.unwrap_or_else(|| conversation.kind.to_string()), conversation.target)
}

const KINDS: [(&str, ConversationType); 4] = [
    ("user", ConversationType::Single),
    ("group", ConversationType::Group),
    ("chatroom", ConversationType::Chatroom),
    ("channel", ConversationType::Channel),
];

fn seconds(text: &str) -> Result<Duration, String> {
    match seconds_or_none(text)? {
        Duration::ZERO => Err("it is 0".into()),
        duration => Ok(duration),
    }
}

fn seconds_or_none(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "it is not a number of seconds")?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "it is not a number of seconds".into())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_in_itself_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_and_option_has_its_help() {
        let mut command = Arguments::command();
        command.build();
        for each in command.get_subcommands().filter(|each| each.get_name() != "help") {
            assert!(each.get_about().is_some(), "{}", each.get_name());
            for argument in each.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", each.get_name(), argument.get_id());
            }
        }
    }

    #[test]
    fn a_conversation_is_a_kind_and_an_id() {
        for (text, kind, target) in [
            ("user:u1", 0, "u1"),
            ("single:u1", 0, "u1"),
            ("group:g1", 1, "g1"),
            ("chatroom:r:1", 2, "r:1"),
            ("channel:c1", 3, "c1"),
            ("5:s1", 5, "s1"),
        ] {
            let conversation = conversation(text).unwrap();
            assert_eq!((conversation.kind, conversation.target.as_str()), (kind, target));
        }
        for text in ["", "u1", "user:", ":u1", "7:x", "-1:x", "users:u1"] {
            assert!(conversation(text).is_err(), "{text}");
        }
    }
}
