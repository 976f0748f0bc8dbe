//! Profiles: a file with the settings of servers, so that they need not be given with every command.
//!
//! Errors about the file contain only places and names, because a value may be a secret.

use std::{
    collections::BTreeMap,
    env,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use secrecy::SecretString;
use toml::{Table, Value};

use super::{environment::Variable, exit::Failure};

/// The settings of one server.
#[derive(Default)]
pub(super) struct Profile {
    pub(super) url: Option<String>,
    pub(super) more_urls: Vec<String>,
    pub(super) sender: Option<String>,
    pub(super) secret: Option<SecretString>,
    pub(super) secret_file: Option<PathBuf>,
    pub(super) proxy: Option<String>,
    pub(super) proxy_login: Option<(String, SecretString)>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) client_certificate: Option<(PathBuf, PathBuf)>,
    pub(super) headers: BTreeMap<String, SecretString>,
    pub(super) timeout: Option<Duration>,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) read_timeout: Option<Duration>,
    pub(super) attempts: Option<i32>,
    pub(super) rate_limit: Option<i32>,
}

/// The settings that no other user may be able to read.
const SECRET: [&str; 3] = ["secret", "proxy_password", "headers"];

/// Where the file is, and whether the user has named it.
pub(super) fn file(given: Option<&Path>) -> (Option<PathBuf>, bool) {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(named) = given.map(Path::to_owned).or_else(|| Variable::Config.path()) {
        return (Some(named), true);
    }
    let home = || variable("HOME").map(|home| home.join(".config"));
    let base = match cfg!(windows) {
        true => variable("APPDATA"),
        // By the specification a path that is not absolute is ignored.
        false => variable("XDG_CONFIG_HOME").filter(|path| path.is_absolute()).or_else(home),
    };
    (base.map(|base| base.join("wildfirechat-message").join("config.toml")), false)
}

/// The profile of this name, or the one that the file itself names; an empty one if none was asked for and there is
/// none.
pub(super) fn read(file: Option<&Path>, is_named: bool, name: Option<&str>) -> Result<Profile, Failure> {
    let Some(path) = file else { return none(name, "there is no home directory in which to look for profiles") };
    let shown = path.display().to_string();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_named => {
            return none(name, &format!("there is no file {shown} with profiles"));
        }
        Err(error) => return Err(Failure::usage(shown, error.to_string())),
    };
    let table = parsed(&shown, &file)?;
    if let Some(mode) = open_to_others(&file).filter(|_| holds_a_secret(&table)) {
        let reason = format!("it contains a secret, and other users can read it (mode {mode:03o}): chmod 600 {shown}");
        return Err(Failure::usage(shown, reason));
    }
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    choose(table, &Reader { file: &shown, at: String::new(), folder }, name)
}

fn none(name: Option<&str>, reason: &str) -> Result<Profile, Failure> {
    name.map_or_else(|| Ok(Profile::default()), |name| Err(Failure::usage(format!("profile {name}"), reason)))
}

fn parsed(shown: &str, mut file: &File) -> Result<Table, Failure> {
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| Failure::usage(shown, error.to_string()))?;
    text.parse().map_err(|error: toml::de::Error| {
        // The words of the parser quote the line, and so the secret.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Failure::usage(
            shown,
            format!("line {line} is not TOML: a setting is a name, = and, for texts, a value in double quotes"),
        )
    })
}

/// The mode of a file that other users can open; None if only its owner can.
#[cfg(unix)]
fn open_to_others(file: &File) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let mode = file.metadata().ok()?.mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// On other systems the rights of a file are not checked.
#[cfg(not(unix))]
fn open_to_others(_: &File) -> Option<u32> {
    None
}

/// In any of the profiles.
fn holds_a_secret(table: &Table) -> bool {
    let profiles = table.get("profiles").and_then(Value::as_table);
    let holds = |profile: &Value| SECRET.iter().any(|key| profile.get(key).is_some());
    profiles.is_some_and(|profiles| profiles.values().any(holds))
}

fn choose(mut table: Table, reader: &Reader<'_>, name: Option<&str>) -> Result<Profile, Failure> {
    let chosen = reader.text(&mut table, "profile")?;
    let mut profiles = reader.table(&mut table, "profiles")?.unwrap_or_default();
    reader.nothing_else(&table, &["profile", "profiles"])?;
    let Some(name) = name.map(str::to_owned).or(chosen) else {
        return Ok(Profile::default());
    };
    let known: Vec<&str> = profiles.keys().map(String::as_str).collect();
    let unknown = format!("there is no profile {name} in it; the profiles in it are: {}", known.join(", "));
    match profiles.remove(&name) {
        Some(Value::Table(profile)) => reader.inside("profiles").inside(&name).profile(profile),
        Some(_) => Err(reader.inside("profiles").wrong(&name, "it is not a table: begin it with [profiles.NAME]")),
        None => Err(Failure::usage(reader.file, unknown)),
    }
}

/// Takes values out of a table; its errors say what is wrong with a value without showing it.
struct Reader<'a> {
    file: &'a str,
    /// The name of the table followed by a full stop, for errors.
    at: String,
    /// The folder to which file names in it are relative.
    folder: &'a Path,
}

impl<'a> Reader<'a> {
    fn inside(&self, name: &str) -> Self {
        Self { at: format!("{}{name}.", self.at), ..*self }
    }

    fn wrong(&self, key: &str, reason: &str) -> Failure {
        Failure::usage(self.file, format!("{}{key}: {reason}", self.at))
    }

    fn profile(&self, mut table: Table) -> Result<Profile, Failure> {
        const KEYS: [&str; 17] = [
            "url",
            "more_urls",
            "sender",
            "secret",
            "secret_file",
            "proxy",
            "proxy_user",
            "proxy_password",
            "ca_file",
            "client_certificate",
            "client_key",
            "headers",
            "timeout",
            "connect_timeout",
            "read_timeout",
            "attempts",
            "rate_limit",
        ];
        let table = &mut table;
        let proxy_login = self.both(table, "proxy_user", "proxy_password")?;
        let client = self.both(table, "client_certificate", "client_key")?;
        let profile = Profile {
            url: self.text(table, "url")?,
            more_urls: self.texts(table, "more_urls")?,
            sender: self.text(table, "sender")?,
            secret: self.text(table, "secret")?.map(SecretString::from),
            secret_file: self.path(table, "secret_file")?,
            proxy: self.text(table, "proxy")?,
            proxy_login: proxy_login.map(|(user, password)| (user, password.into())),
            ca_file: self.path(table, "ca_file")?,
            client_certificate: client.map(|(certificate, key)| (self.folder.join(certificate), self.folder.join(key))),
            headers: self.headers(table)?,
            timeout: self.seconds(table, "timeout")?,
            connect_timeout: self.seconds(table, "connect_timeout")?,
            read_timeout: self.seconds(table, "read_timeout")?,
            attempts: self.number(table, "attempts")?,
            rate_limit: self.number(table, "rate_limit")?,
        };
        self.nothing_else(table, &KEYS)?;
        if profile.secret.is_some() && profile.secret_file.is_some() {
            return Err(self.wrong("secret", "secret_file is given, too: give only one of the two"));
        }
        Ok(profile)
    }

    fn text(&self, table: &mut Table, key: &str) -> Result<Option<String>, Failure> {
        match table.remove(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(key, "it is not text: put it in double quotes")),
        }
    }

    fn both(&self, table: &mut Table, one: &str, other: &str) -> Result<Option<(String, String)>, Failure> {
        match (self.text(table, one)?, self.text(table, other)?) {
            (None, None) => Ok(None),
            (Some(first), Some(second)) => Ok(Some((first, second))),
            (Some(_), None) => Err(self.wrong(other, &format!("it is missing, and must be given together with {one}"))),
            (None, Some(_)) => Err(self.wrong(one, &format!("it is missing, and must be given together with {other}"))),
        }
    }

    fn path(&self, table: &mut Table, key: &str) -> Result<Option<PathBuf>, Failure> {
        Ok(self.text(table, key)?.map(|path| self.folder.join(path)))
    }

    fn texts(&self, table: &mut Table, key: &str) -> Result<Vec<String>, Failure> {
        let wrong = || self.wrong(key, "it is not a list of texts");
        match table.remove(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => {
                values.into_iter().map(|value| value.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
            }
            Some(_) => Err(wrong()),
        }
    }

    fn table(&self, table: &mut Table, key: &str) -> Result<Option<Table>, Failure> {
        match table.remove(key) {
            None => Ok(None),
            Some(Value::Table(table)) => Ok(Some(table)),
            Some(_) => Err(self.wrong(key, "it is not a table")),
        }
    }

    fn headers(&self, table: &mut Table) -> Result<BTreeMap<String, SecretString>, Failure> {
        let mut headers = self.table(table, "headers")?.unwrap_or_default();
        let (names, inside) = (headers.keys().cloned().collect::<Vec<_>>(), self.inside("headers"));
        let header = |name: String| {
            let value = inside.text(&mut headers, &name)?.unwrap_or_default();
            Ok((name, value.into()))
        };
        names.into_iter().map(header).collect()
    }

    fn seconds(&self, table: &mut Table, key: &str) -> Result<Option<Duration>, Failure> {
        let seconds = match table.remove(key) {
            None => return Ok(None),
            Some(Value::Integer(seconds)) => u64::try_from(seconds).ok().map(Duration::from_secs),
            Some(Value::Float(seconds)) => Duration::try_from_secs_f64(seconds).ok(),
            Some(_) => None,
        };
        seconds.map(Some).ok_or_else(|| self.wrong(key, "it is not a number of seconds"))
    }

    fn number(&self, table: &mut Table, key: &str) -> Result<Option<i32>, Failure> {
        let number = match table.remove(key) {
            None => return Ok(None),
            Some(Value::Integer(number)) => i32::try_from(number).ok(),
            Some(_) => None,
        };
        number.map(Some).ok_or_else(|| self.wrong(key, "it is not a number"))
    }

    /// Refuses unknown settings: a misspelt one would be ignored silently.
    fn nothing_else(&self, table: &Table, known: &[&str]) -> Result<(), Failure> {
        match table.keys().next() {
            None => Ok(()),
            Some(key) => {
                Err(self.wrong(key, &format!("there is no such setting; the known settings are: {}", known.join(", "))))
            }
        }
    }
}
