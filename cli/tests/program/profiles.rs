//! Profiles: found where the system keeps such files, and less than the environment, which is less than flags.

use std::fs;

use crate::tool::{Folder, Outcome, Program, SECRET, bare, sandbox};

fn config(url: &str) -> String {
    format!(
        r#"profile = "here"

[profiles.here]
url = "{url}"
sender = "profile"
secret = "{SECRET}"
timeout = 7
headers = {{ "x-api-key" = "canary-key" }}

[profiles.there]
url = "http://127.0.0.1:1"
sender = "there"
secret_file = "there.secret"
"#
    )
}

#[cfg(unix)]
fn set_mode(file: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

fn send(program: Program, more: &[&str]) -> Outcome {
    program.args(["send", "--to", "user:u1", "hello"]).args(more).run()
}

#[cfg(unix)]
#[test]
fn flags_win_over_the_environment_and_that_over_the_profile() {
    let server = sandbox();
    let folder = Folder::new();
    let file = folder.file(".config/wildfirechat-message/config.toml", config(&server.base_url().unwrap()));
    set_mode(&file, 0o600);
    let home = || bare().env("HOME", folder.path());
    let xdg = || bare().env("XDG_CONFIG_HOME", folder.path().join(".config"));
    let sender = || {
        let body = server.requests().unwrap().pop().unwrap().body;
        serde_json::from_slice::<serde_json::Value>(&body).unwrap()["sender"].as_str().unwrap().to_owned()
    };
    for (program, more, expected) in [
        (home(), &[][..], "profile"),
        (xdg(), &[], "profile"),
        (home().env("XDG_CONFIG_HOME", "relative"), &[], "profile"),
        (bare().env("WILDFIRECHAT_CONFIG", &file), &[], "profile"),
        (bare(), &["--config", file.to_str().unwrap()], "profile"),
        (home().env("WILDFIRECHAT_SENDER", "environment"), &[], "environment"),
        (home().env("WILDFIRECHAT_SENDER", "environment"), &["--sender", "flag"], "flag"),
    ] {
        let outcome = send(program, more);
        assert_eq!(outcome.code, 0, "{outcome:?}");
        assert_eq!(sender(), expected);
    }
    let headers = server.requests().unwrap().pop().unwrap().headers;
    assert!(headers.iter().any(|header| header.name.eq_ignore_ascii_case("x-api-key") && header.value == "canary-key"));
    // Another profile, whose server is not there.
    folder.file(".config/wildfirechat-message/there.secret", SECRET);
    assert_eq!(send(home().env("WILDFIRECHAT_PROFILE", "there"), &[]).code, 1);
    assert_eq!(send(home(), &["--profile", "there"]).code, 1);
    assert_eq!(send(home().env("WILDFIRECHAT_PROFILE", "there"), &["--profile", "here"]).code, 0);
    let url = server.base_url().unwrap();
    assert_eq!(send(home().env("WILDFIRECHAT_URL", url), &["--profile", "there"]).code, 0);
}

#[cfg(unix)]
#[test]
fn a_file_with_a_secret_in_it_has_to_be_ones_own() {
    let server = sandbox();
    let folder = Folder::new();
    let url = server.base_url().unwrap();
    for (content, mode, code) in [
        (config(&url), 0o600, 0),
        (config(&url), 0o400, 0),
        (config(&url), 0o640, 2),
        (config(&url), 0o604, 2),
        (config(&url), 0o620, 2),
        // Nothing that is secret.
        (format!("profile = \"p\"\n[profiles.p]\nurl = \"{url}\"\nsender = \"admin\"\n"), 0o644, 0),
        (format!("profile = \"p\"\n[profiles.p]\nurl = \"{url}\"\n[profiles.q]\nsecret = \"x\"\n"), 0o644, 2),
        (format!("profile = \"p\"\n[profiles.p]\nurl = \"{url}\"\nheaders = {{ a = \"b\" }}\n"), 0o644, 2),
    ] {
        let file = folder.file("config.toml", &content);
        set_mode(&file, mode);
        let program = bare().env("WILDFIRECHAT_SECRET", SECRET).env("WILDFIRECHAT_SENDER", "admin");
        let outcome = send(program.env("WILDFIRECHAT_CONFIG", &file), &[]);
        assert_eq!(outcome.code, code, "{content} {mode:o} {outcome:?}");
        if code == 2 {
            let told = format!("other users can read it (mode {mode:03o}): chmod 600 {}", file.display());
            assert!(outcome.err.contains(&told), "{outcome:?}");
        }
        fs::remove_file(file).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn what_is_wrong_with_a_profile_is_named_and_no_value_is_shown() {
    let folder = Folder::new();
    let p = |text: &str| format!("profile = \"p\"\n[profiles.p]\n{text}\n");
    for (content, sentence) in [
        (p("secret = canary-5ecre7"), "line 3 is not TOML"),
        (p("secret = \"canary-5ecre7"), "line 3 is not TOML"),
        (p("secret = 4711"), "profiles.p.secret: it is not text: put it in double quotes"),
        (
            p("secrets = \"canary-5ecre7\""),
            "profiles.p.secrets: there is no such setting; the known settings are: url,",
        ),
        (p("secret = \"canary-5ecre7\"\nsecret_file = \"x\""), "profiles.p.secret: secret_file is given, too"),
        (p("timeout = \"canary-5ecre7\""), "profiles.p.timeout: it is not a number of seconds"),
        (p("timeout = -1"), "profiles.p.timeout: it is not a number of seconds"),
        (p("attempts = 99999999999"), "profiles.p.attempts: it is not a number"),
        (p("headers = \"canary-5ecre7\""), "profiles.p.headers: it is not a table"),
        (p("headers = { a = 4711 }"), "profiles.p.headers.a: it is not text"),
        (
            p("proxy_user = \"x\""),
            "profiles.p.proxy_password: it is missing, and must be given together with proxy_user",
        ),
        (p("more_urls = [4711]"), "profiles.p.more_urls: it is not a list of texts"),
        (p("secret_file = \"nothing\""), "the profile's secret_file: No such file"),
        ("profile = \"q\"\n[profiles.p]\n".into(), "there is no profile q in it; the profiles in it are: p"),
        ("url = \"http://x\"\n".into(), "url: there is no such setting; the known settings are: profile, profiles"),
        ("profiles = 4711\n".into(), "profiles: it is not a table"),
    ] {
        let file = folder.file("config.toml", &content);
        set_mode(&file, 0o600);
        let program = bare().env("WILDFIRECHAT_CONFIG", &file).env("WILDFIRECHAT_URL", "http://127.0.0.1:1");
        let outcome = program.args(["get", "7"]).run();
        assert_eq!(outcome.code, 2, "{content} {outcome:?}");
        assert!(outcome.err.contains(sentence), "{content} {outcome:?}");
        assert!(!outcome.err.contains("canary") && !outcome.err.contains("4711"), "{outcome:?}");
    }
    for (arguments, sentence) in
        [(&["--config", "/nothing"][..], "/nothing: No such file"), (&["--profile", "p"], "profile p: there is no")]
    {
        let outcome = bare().env("HOME", folder.path()).args(arguments).args(["get", "7"]).run();
        assert_eq!(outcome.code, 2);
        assert!(outcome.err.contains(sentence), "{outcome:?}");
    }
}
