//! The command line. The help, the man page and the completions are made from the same definitions.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::{environment, exit, lines::Lines};
use wildfirechat_message::{Conversation, ConversationType};

/// What stands below the flags in the help of the whole program.
fn after() -> String {
    let rule = "A flag takes precedence over the environment, and the environment over a profile.";
    format!("{}\n\n{}\n\n{rule}", exit::help(), environment::help())
}

/// Sends, recalls, looks up and deletes messages of a WildfireChat server.
#[derive(Parser)]
#[command(name = "wildfirechat-message", version, after_help = after(), arg_required_else_help = true, args_override_self = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The flags of every command.
#[derive(Args)]
#[command(next_help_heading = "Server and output")]
pub(super) struct Common {
    /// URL of the server's message API, such as http://localhost:18080 [env: WILDFIRECHAT_URL]
    #[arg(long, global = true)]
    pub(super) url: Option<String>,
    /// Id of the user who sends, recalls, changes and deletes messages [env: WILDFIRECHAT_SENDER]
    #[arg(long, global = true, value_name = "ID")]
    pub(super) sender: Option<String>,
    /// A file that contains only the secret; without it the secret comes from WILDFIRECHAT_SECRET, the profile or the terminal
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) secret_file: Option<PathBuf>,
    /// Hidden: this flag exists only so that it can be refused with a reason.
    #[arg(long, global = true, hide = true, num_args = 0..=1, default_missing_value = "")]
    pub(super) secret: Option<String>,
    /// The profile to use [env: WILDFIRECHAT_PROFILE] [default: the one that the file of profiles names]
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// The file with the profiles [env: WILDFIRECHAT_CONFIG] [default: ~/.config/wildfirechat-message/config.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Prints outcomes as JSON, one object per line, with ids as strings
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Checks everything and prints the request that would be posted; sends nothing
    #[arg(long, short = 'n', global = true)]
    pub(super) dry_run: bool,
    /// How many seconds a call may take in total [default: 30]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(super) timeout: Option<Duration>,
    /// How many seconds it may take to make a connection [default: 5]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(super) connect_timeout: Option<Duration>,
    /// For how many seconds no byte may arrive or leave [default: 15]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(super) read_timeout: Option<Duration>,
    /// How often a call is tried if that is safe [default: 3]
    #[arg(long, global = true, value_name = "N")]
    pub(super) attempts: Option<i32>,
    /// URL of a proxy: http, https, socks5 or socks5h. The proxy settings of the environment are not used
    #[arg(long, global = true, value_name = "URL")]
    pub(super) proxy: Option<String>,
    /// A file of PEM certificates that are trusted in addition to those of the system
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
    /// Allows content types that only client apps may send
    #[arg(long, global = true)]
    pub(super) allow_unsendable_types: bool,
    /// Reports on the standard error what the client does: attempts, pauses, notices
    #[arg(long, short, global = true)]
    pub(super) verbose: bool,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Sends a message to a user, group, chatroom or channel
    Send {
        #[command(flatten)]
        to: Target,
        /// Ids of users: only these users of the conversation receive it, and the sender
        #[arg(long, value_name = "ID", value_delimiter = ',')]
        only_to: Vec<String>,
        /// Sends with the rights of the sender, which servers check since 1.3.8
        #[arg(long)]
        user_message: bool,
        #[command(flatten)]
        content: ContentArguments,
    },
    /// Sends one message to many users, to each in a separate conversation
    Multicast {
        /// Ids of the users, separated by commas
        #[arg(long, value_name = "ID", value_delimiter = ',', required_unless_present = "users_file")]
        users: Vec<String>,
        /// A file with one id per line
        #[arg(long, value_name = "FILE")]
        users_file: Option<PathBuf>,
        /// The line of the conversations
        #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
        line: i32,
        #[command(flatten)]
        content: ContentArguments,
    },
    /// Sends a message to every user; asks for a confirmation first
    Broadcast {
        /// Does not ask for the confirmation
        #[arg(long, short)]
        yes: bool,
        /// The line of the conversations
        #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
        line: i32,
        #[command(flatten)]
        content: ContentArguments,
    },
    /// Recalls a message; --sender names the user who recalls it
    Recall {
        /// The message's id
        #[arg(value_name = "UID", allow_negative_numbers = true)]
        message_uid: i64,
        /// The message is a broadcast
        #[arg(long, conflicts_with = "from")]
        broadcast: bool,
        /// The message is a multicast: ids of the users for whom it is recalled
        #[arg(long, value_name = "ID", value_delimiter = ',')]
        from: Vec<String>,
    },
    /// Looks a message up
    Get {
        /// The message's id
        #[arg(value_name = "UID", allow_negative_numbers = true)]
        message_uid: i64,
    },
    /// Replaces the content of a message (professional servers); --sender names the user who does it
    Update {
        /// The message's id
        #[arg(value_name = "UID", allow_negative_numbers = true)]
        message_uid: i64,
        /// Does not send it again to devices that have it already
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
        /// The message is a broadcast; --sender names the user who deletes it
        #[arg(long, conflicts_with = "from")]
        broadcast: bool,
        /// The message is a multicast: ids of the users for whom it is deleted; --sender names the user who deletes it
        #[arg(long, value_name = "ID", value_delimiter = ',')]
        from: Vec<String>,
    },
    /// Shows the time up to which a user has read a conversation (professional servers)
    ReadTime {
        /// Id of the user who has read
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
    /// Sends the messages of a file, and prints the outcome of each
    Bulk {
        #[command(flatten)]
        file: FileArguments,
        /// How many messages are sent at the same time
        #[arg(long, default_value_t = 32, value_name = "N")]
        concurrency: i32,
        /// How many messages are sent per second at most; 0 for no limit
        #[arg(long, default_value_t = 0, value_name = "N")]
        rate: i32,
        /// Stops at the first message that failed, or at the first for which it is unknown whether it was sent
        #[arg(long, value_name = "WHAT")]
        stop_on: Option<StopOn>,
        /// Sends the messages of one conversation in any order, at the same time
        #[arg(long)]
        any_order: bool,
        /// For how many seconds to wait for a server that accepts nothing [default: 300]
        #[arg(long, value_name = "SECONDS", value_parser = seconds_or_none)]
        patience: Option<Duration>,
    },
    /// A list of messages in a database, which survives crashes and has any number of workers
    #[cfg(feature = "outbox")]
    Outbox(OutboxArguments),
    /// Imports the messages of a file, with their times (professional servers, before they are in use)
    Import {
        #[command(flatten)]
        file: FileArguments,
        /// How many messages one request imports; it imports all of them or none
        #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
        batch: u16,
    },
    /// Uploads a file and prints its URL (professional servers)
    Upload {
        /// The file
        file: PathBuf,
        /// The name of the file for the server [default: the name of the file]
        #[arg(long)]
        name: Option<String>,
        /// The kind of the file
        #[arg(long, default_value = "file", value_name = "KIND")]
        media_type: Media,
        /// Its content type, such as image/jpeg [default: guessed from the ending of its name]
        #[arg(long, value_name = "TYPE")]
        content_type: Option<String>,
    },
    /// Finds out step by step why calls fail; sends and changes nothing
    Doctor,
    /// Runs a stand-in for a server; its secret comes from --secret-file or the environment, or is 123456
    Sandbox(SandboxArguments),
    /// Receives posts of Alertmanager, Grafana and others, and sends them as messages
    Webhook(WebhookArguments),
    /// Prints completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Prints the man page
    Man {
        /// Writes one page per command into this folder instead
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
    /// The line of the conversation
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    line: i32,
}

impl Target {
    pub(super) fn conversation(self) -> Conversation {
        Conversation { line: self.line, ..self.to }
    }
}

/// The content of a message.
#[derive(Args)]
#[command(next_help_heading = "Content")]
pub(super) struct ContentArguments {
    /// The text; if it is left out or -, it is read from the standard input
    #[arg(conflicts_with_all = ["image", "file", "link", "payload"])]
    pub(super) text: Option<String>,
    /// An image: a file, which is uploaded (professional servers), or the URL of an uploaded one
    #[arg(long, value_name = "FILE|URL", conflicts_with_all = ["file", "link", "payload"])]
    pub(super) image: Option<String>,
    /// The image file of which the thumbnail for --image is made [default: the image, if it is a file]
    #[arg(long, value_name = "FILE", requires = "image")]
    pub(super) thumbnail: Option<PathBuf>,
    /// A file, which is uploaded (professional servers), or the URL of an uploaded one
    #[arg(long, value_name = "FILE|URL", conflicts_with_all = ["link", "payload"])]
    pub(super) file: Option<String>,
    /// The name that apps show for --file [default: the name of the file]
    #[arg(long, requires = "file")]
    pub(super) name: Option<String>,
    /// A link to a page
    #[arg(long, value_name = "URL", requires = "title", conflicts_with = "payload")]
    pub(super) link: Option<String>,
    /// The title of --link
    #[arg(long, requires = "link", value_name = "TEXT")]
    pub(super) title: Option<String>,
    /// A summary of the page of --link
    #[arg(long, requires = "link", value_name = "TEXT")]
    pub(super) digest: Option<String>,
    /// URL of a small picture for --link
    #[arg(long, requires = "link", value_name = "URL")]
    pub(super) picture: Option<String>,
    /// A payload in the form of the message API: JSON, or @FILE, or @- for the standard input
    #[arg(long, value_name = "JSON")]
    pub(super) payload: Option<String>,
    /// Ids of the users who are mentioned, separated by commas
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(super) mention: Vec<String>,
    /// Mentions everyone in the conversation
    #[arg(long, conflicts_with = "mention")]
    pub(super) mention_all: bool,
    /// A text of your own that is sent with the message and that apps do not show
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(super) extra: String,
    /// The text of the push notification
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(super) push: String,
    /// Data for the push notification
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(super) push_data: String,
    /// How many seconds after it was read the message disappears
    #[arg(long, value_name = "SECONDS", default_value_t = 0, hide_default_value = true)]
    pub(super) expire: i32,
}

/// A file of messages.
#[derive(Args)]
pub(super) struct FileArguments {
    /// The file; - for the standard input, whose messages are sent while it is read
    pub(super) file: PathBuf,
    /// One JSON object per line, or CSV below a line of names [default: from the ending of the file, otherwise jsonl]
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
    /// The database: sqlite:FILE, or a URL; a URL with a password only in the variable [env: WILDFIRECHAT_OUTBOX]
    #[arg(long, global = true)]
    pub(super) store: Option<String>,
    #[command(subcommand)]
    pub(super) command: OutboxCommand,
}

#[cfg(feature = "outbox")]
#[derive(Subcommand)]
pub(super) enum OutboxCommand {
    /// Puts the messages of a file into the outbox; sends nothing
    Put {
        #[command(flatten)]
        file: FileArguments,
        /// Gives each message without a key this text and the number of its line as its key
        #[arg(long, value_name = "TEXT")]
        key_prefix: Option<String>,
    },
    /// Sends the messages that are due, and ends when there are no more
    Run {
        /// Waits for more messages instead of ending
        #[arg(long)]
        for_ever: bool,
        /// How many messages are sent at the same time
        #[arg(long, default_value_t = 64, value_name = "N")]
        concurrency: i32,
        /// How many messages are sent per second at most; 0 for no limit
        #[arg(long, default_value_t = 0, value_name = "N")]
        rate: i32,
        /// For how many seconds to wait for a server or a database that cannot be reached [default: 300]
        #[arg(long, value_name = "SECONDS", value_parser = seconds_or_none)]
        patience: Option<Duration>,
        /// After how many seconds without a sign of life other workers take over a worker's messages [default: 30]
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        lease: Option<Duration>,
        /// Looks up each message that the server has accepted
        #[arg(long)]
        confirm_all: bool,
        /// Sends the messages of one conversation in any order, at the same time
        #[arg(long)]
        any_order: bool,
    },
    /// Prints how many messages are in which state
    Status,
    /// Lists the messages for which it is unknown whether they were executed
    Unknown,
    /// Lists the messages that the server has accepted but does not have
    Lost,
    /// Lists the messages that the server refused for good, or that can never be sent
    Failed,
    /// Decides about messages that failed, are lost or unknown
    Resolve {
        /// The ids of the entries in the outbox
        #[arg(value_name = "ID", required = true)]
        ids: Vec<i64>,
        /// Sends them again, although users may then receive them twice
        #[arg(long, conflicts_with = "drop", required_unless_present = "drop")]
        resend: bool,
        /// Does not send them again
        #[arg(long)]
        drop: bool,
    },
    /// Removes messages whose outcome has been known for some time: sent, confirmed, expired and cancelled ones
    Purge {
        /// For how many seconds the outcome has been known
        #[arg(long, value_name = "SECONDS", value_parser = seconds_or_none)]
        older_than: Duration,
        /// Also those that failed, are lost or unknown
        #[arg(long)]
        undecided: bool,
    },
    /// Lists all messages with their states
    Export {
        /// Only the messages in this state
        #[arg(long)]
        state: Option<String>,
    },
}

/// The form of a file of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Jsonl,
    Csv,
}

/// What stops a bulk early.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum StopOn {
    Unknown,
    Failure,
}

/// The kind of a file.
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

/// The flags of the sandbox.
#[derive(Args)]
#[command(next_help_heading = "Sandbox")]
pub(super) struct SandboxArguments {
    /// The port to listen on, 0 for a free one
    #[arg(long, default_value_t = 18080)]
    pub(super) port: u16,
    /// The address to listen on; 127.0.0.1 can be reached only from this machine
    #[arg(long, default_value = "127.0.0.1")]
    pub(super) host: String,
    /// The edition of the server that it imitates
    #[arg(long, default_value = "professional")]
    pub(super) edition: PlayedEdition,
    /// How many requests in 10 s it accepts before it answers with code 250; 0 for no limit
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    pub(super) rate_limit: i32,
    /// Faults that happen to requests at random, separated by commas, such as close_after_executing,over_frequency
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) faults: Vec<String>,
    /// The probability, from 0 to 1, that one of them happens to a request
    #[arg(long, default_value_t = 0.1, value_name = "P")]
    pub(super) probability: f64,
    /// The start of the random numbers: the same seed gives the same faults in the same order
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(super) seed: i64,
    /// Prints the names of all faults
    #[arg(long, action = ArgAction::SetTrue)]
    pub(super) list_faults: bool,
}

#[derive(Args)]
pub(super) struct WebhookArguments {
    /// The conversations that receive the messages, separated by commas: user:ID, group:ID, chatroom:ID or channel:ID
    #[arg(long, value_name = "KIND:ID", value_parser = conversation, value_delimiter = ',', required = true)]
    pub(super) to: Vec<Conversation>,
    /// The address to listen on; 127.0.0.1 can be reached only from this machine
    #[arg(long, default_value = "127.0.0.1:9095", value_name = "ADDRESS:PORT")]
    pub(super) listen: SocketAddr,
    /// A file that contains only the token that a post must bring; without it the token comes from WILDFIRECHAT_WEBHOOK_TOKEN
    #[arg(long, value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum PlayedEdition {
    Community,
    Professional,
}

/// Reads a conversation such as `group:g1`; the kind may also be the number of a conversation type.
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

/// Writes a conversation in the form that `conversation` reads: `user:u1`.
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
