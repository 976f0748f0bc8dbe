//! The variables of the environment that the program reads. Help, man page and `docs/program.md` list them from here.

use std::{env, ffi::OsString, path::PathBuf};

use super::exit::Failure;

/// A variable of the environment that is the program's own. One that is empty counts as not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable {
    Url,
    Sender,
    Secret,
    Profile,
    Config,
    Outbox,
    WebhookToken,
}

impl Variable {
    const ALL: [Self; 7] =
        [Self::Url, Self::Sender, Self::Secret, Self::Profile, Self::Config, Self::Outbox, Self::WebhookToken];

    fn name(self) -> &'static str {
        match self {
            Self::Url => "WILDFIRECHAT_URL",
            Self::Sender => "WILDFIRECHAT_SENDER",
            Self::Secret => "WILDFIRECHAT_SECRET",
            Self::Profile => "WILDFIRECHAT_PROFILE",
            Self::Config => "WILDFIRECHAT_CONFIG",
            Self::Outbox => "WILDFIRECHAT_OUTBOX",
            Self::WebhookToken => "WILDFIRECHAT_WEBHOOK_TOKEN",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Url => "The URL of the server's message API, as --url gives it.",
            Self::Sender => "The id of the user whom messages come from, as --sender gives it.",
            Self::Secret => "The secret itself; --secret-file names a file that contains it.",
            Self::Profile => "The name of the profile to use, as --profile gives it.",
            Self::Config => "The file with the profiles, as --config gives it.",
            Self::Outbox => {
                "The database of the outbox, as --store gives it; only here may its URL contain a password."
            }
            Self::WebhookToken => {
                "The token that a post to the webhook must bring; --token-file names a file that contains it."
            }
        }
    }

    /// Its value as text.
    pub(super) fn text(self) -> Result<Option<String>, Failure> {
        let text =
            |value: OsString| value.into_string().map_err(|_| Failure::usage(self.name(), "it is not UTF-8 text"));
        self.value().map(text).transpose()
    }

    /// Its value as a path.
    pub(super) fn path(self) -> Option<PathBuf> {
        self.value().map(PathBuf::from)
    }

    fn value(self) -> Option<OsString> {
        env::var_os(self.name()).filter(|value| !value.is_empty())
    }
}

/// The section of the help about the environment: each variable in a line.
pub(super) fn help() -> String {
    let others = [("NO_COLOR", "If it is set, the output has no colours.")];
    let own = Variable::ALL.map(|variable| (variable.name(), variable.meaning()));
    let lines = own.into_iter().chain(others).map(|(name, meaning)| format!("\n  {name:<26}  {meaning}"));
    format!("Environment:{}", lines.collect::<String>())
}
