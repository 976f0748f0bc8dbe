//! The server, the sender and the secret: a flag takes precedence over the environment, and the environment over the profile.

use std::{
    fs,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};

use super::{
    arguments::Common,
    console::Console,
    environment::Variable,
    exit::Failure,
    profile::{self, Profile},
};
use wildfirechat_message::{ClientOptions, Credentials, MessageClient};

/// The settings for one server.
pub(super) struct Settings {
    pub(super) url: String,
    pub(super) sender: Option<String>,
    pub(super) options: ClientOptions,
    credentials: Credentials,
    secret: Secret,
}

/// Where the secret comes from.
enum Secret {
    Flag(PathBuf),
    Variable(SecretString),
    Profile(SecretString),
    ProfileFile(PathBuf),
    Nowhere,
}

impl Settings {
    pub(super) fn find(common: &Common) -> Result<Self, Failure> {
        refuse_secret_on_the_command_line(common)?;
        let (file, is_named) = profile::file(common.config.as_deref());
        let name = match &common.profile {
            Some(name) => Some(name.clone()),
            None => Variable::Profile.text()?,
        };
        let profile = profile::read(file.as_deref(), is_named, name.as_deref())?;
        let secret = Secret::find(common, &profile)?;
        let url = match (&common.url, Variable::Url.text()?, &profile.url) {
            (Some(url), _, _) => url.clone(),
            (None, Some(url), _) => url,
            (None, None, Some(url)) => url.clone(),
            (None, None, None) => {
                let reason = "it is missing: give this flag, the variable WILDFIRECHAT_URL, or a profile with a URL";
                return Err(Failure::usage("--url", reason));
            }
        };
        let sender = match &common.sender {
            Some(sender) => Some(sender.clone()),
            None => Variable::Sender.text()?.or_else(|| profile.sender.clone()),
        };
        let options = options(common, &profile)?;
        Ok(Self { url, sender, options, credentials: credentials(profile)?, secret })
    }

    /// The id of the user who sends, recalls or changes.
    pub(super) fn sender(&self) -> Result<String, Failure> {
        let reason = "it is missing: give this flag, the variable WILDFIRECHAT_SENDER, or a profile with a sender";
        self.sender.clone().ok_or_else(|| Failure::usage("--sender", reason))
    }

    /// Where the secret comes from, in words for people.
    pub(super) fn whose_secret(&self) -> &'static str {
        match self.secret {
            Secret::Flag(_) => "the secret of --secret-file",
            Secret::Variable(_) => "the secret of WILDFIRECHAT_SECRET",
            Secret::Profile(_) => "the profile's secret",
            Secret::ProfileFile(_) => "the secret of the profile's secret_file",
            Secret::Nowhere => "the secret that you give now",
        }
    }

    /// A client of the server; asks for the secret on the terminal if it was found nowhere.
    pub(super) fn client(self, console: &Console) -> Result<MessageClient, Failure> {
        let secret = self.secret.open(console)?;
        client(self.url, &secret, self.options, self.credentials)
    }

    /// A client that sends nothing.
    pub(super) fn client_without_a_secret(self) -> Result<MessageClient, Failure> {
        client(self.url, &SecretString::from("none"), self.options, self.credentials)
    }
}

fn client(
    url: String,
    secret: &SecretString,
    options: ClientOptions,
    credentials: Credentials,
) -> Result<MessageClient, Failure> {
    Ok(MessageClient::with_credentials(url, secret.expose_secret().to_owned(), Some(options), credentials)?)
}

/// The secret for a sandbox, if one was given.
pub(super) fn secret_of_a_sandbox(common: &Common, console: &Console) -> Result<Option<String>, Failure> {
    refuse_secret_on_the_command_line(common)?;
    match Secret::find(common, &Profile::default())? {
        Secret::Nowhere => Ok(None),
        secret => Ok(Some(secret.open(console)?.expose_secret().to_owned())),
    }
}

/// The token that posts to the webhook must bring, if there is one.
pub(super) fn token_of_a_webhook(file: Option<&Path>) -> Result<Option<SecretString>, Failure> {
    match file {
        Some(file) => of_file("--token-file", file).map(Some),
        None => Ok(Variable::WebhookToken.text()?.map(SecretString::from)),
    }
}

/// Other users could read it there, and the shell keeps it in its history; so it is refused.
fn refuse_secret_on_the_command_line(common: &Common) -> Result<(), Failure> {
    if common.secret.is_none() {
        return Ok(());
    }
    let reason = "every user who lists processes can see a secret on the command line, and the shell keeps it in its \
                  history: give it by WILDFIRECHAT_SECRET, by --secret-file, or in a profile";
    Err(Failure::usage("--secret", reason))
}

impl Secret {
    fn find(common: &Common, profile: &Profile) -> Result<Self, Failure> {
        if let Some(file) = &common.secret_file {
            return Ok(Self::Flag(file.clone()));
        }
        if let Some(secret) = Variable::Secret.text()? {
            return Ok(Self::Variable(secret.into()));
        }
        Ok(match (&profile.secret, &profile.secret_file) {
            (Some(secret), _) => Self::Profile(secret.clone()),
            (None, Some(file)) => Self::ProfileFile(file.clone()),
            (None, None) => Self::Nowhere,
        })
    }

    fn open(self, console: &Console) -> Result<SecretString, Failure> {
        match self {
            Self::Variable(secret) | Self::Profile(secret) => Ok(secret),
            Self::Flag(file) => of_file("--secret-file", &file),
            Self::ProfileFile(file) => of_file("the profile's secret_file", &file),
            Self::Nowhere if console.errors_is_terminal => {
                let asked = rpassword::prompt_password("Secret of the server: ");
                asked.map(SecretString::from).map_err(|error| Failure::usage("secret", error.to_string()))
            }
            Self::Nowhere => {
                let reason = "it is missing: give it by WILDFIRECHAT_SECRET, by --secret-file, or in a profile";
                Err(Failure::usage("secret", reason))
            }
        }
    }
}

/// Reads a file that contains only the secret, perhaps with a line break at its end. Errors do not show the name of the file: a
/// user who takes the flag for one of the secret itself has written the secret there.
fn of_file(argument: &str, file: &Path) -> Result<SecretString, Failure> {
    let wrong = |reason: &str| Failure::usage(argument, reason);
    let text = fs::read_to_string(file).map_err(|error| wrong(&error.to_string()))?;
    let text = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    match text.is_empty() {
        true => Err(wrong("it contains no secret")),
        false => Ok(text.into()),
    }
}

fn text_of(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| Failure::usage(file.display().to_string(), error.to_string()))
}

fn options(common: &Common, profile: &Profile) -> Result<ClientOptions, Failure> {
    let ca_file = common.ca_file.as_ref().or(profile.ca_file.as_ref());
    let defaults = ClientOptions::default();
    Ok(ClientOptions {
        total_timeout: common.timeout.or(profile.timeout),
        connect_timeout: common.connect_timeout.or(profile.connect_timeout),
        read_timeout: common.read_timeout.or(profile.read_timeout),
        max_attempts: common.attempts.or(profile.attempts).unwrap_or(defaults.max_attempts),
        rate_limit: profile.rate_limit.unwrap_or(defaults.rate_limit),
        proxy: common.proxy.clone().or_else(|| profile.proxy.clone()),
        more_base_urls: profile.more_urls.clone(),
        allow_unsendable_types: common.allow_unsendable_types,
        root_certificates: ca_file.map(|file| text_of(file)).transpose()?,
        ..defaults
    })
}

fn credentials(profile: Profile) -> Result<Credentials, Failure> {
    let mut credentials = Credentials::new();
    if let Some((user, password)) = &profile.proxy_login {
        credentials = credentials.proxy_login(user, password.expose_secret())?;
    }
    if let Some((certificates, key)) = &profile.client_certificate {
        credentials = credentials.client_certificate(&text_of(certificates)?, &text_of(key)?)?;
    }
    for (name, value) in &profile.headers {
        credentials = credentials.header(name, value.expose_secret())?;
    }
    Ok(credentials)
}
