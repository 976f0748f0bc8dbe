//! Compares docs/ and README.md with the library: every endpoint has a page, and the requests on a page are the real ones.

use std::{
    fs,
    path::{Path, PathBuf},
};

use wildfirechat_message::{
    MessageError,
    endpoints::{CHANNEL_ENDPOINTS, ENDPOINTS, Effect, EndpointInfo, ROBOT_ENDPOINTS},
};

#[cfg(feature = "sandbox")]
#[path = "../docs/examples/endpoints.rs"]
mod examples;

#[cfg(feature = "bindings")]
#[path = "docs/contents.rs"]
mod contents;

/// How a language writes a method's name.
type Naming = fn(&str) -> String;

/// The languages by the fence of their examples.
const LANGUAGES: [(&str, Naming); 5] = [
    ("rust", str::to_owned),
    ("python", str::to_owned),
    ("kotlin", camel_case),
    ("java", camel_case),
    ("swift", camel_case),
];

#[test]
fn every_endpoint_has_a_page_and_every_page_an_endpoint() {
    let mut pages: Vec<String> = fs::read_dir(root().join("docs/endpoints"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    let mut expected: Vec<String> = ENDPOINTS.iter().map(|endpoint| page_name(endpoint) + ".md").collect();
    pages.sort();
    expected.sort();
    assert_eq!(pages, expected);
}

#[test]
fn every_page_calls_its_method_in_every_language() {
    ENDPOINTS.iter().for_each(page_calls_its_method);
}

fn page_calls_its_method(endpoint: &EndpointInfo) {
    let page = page(endpoint);
    for (language, name_in) in LANGUAGES {
        let methods = methods_of(endpoint).map(name_in);
        let [example] = &blocks(&page, language)[..] else {
            panic!("{}: not one example in {language}", endpoint.name)
        };
        let calls = |method: &String| example.contains(&format!("client.{method}("));
        assert!(methods.iter().any(calls), "{}: {language} calls none of {methods:?}", endpoint.name);
    }
}

#[test]
fn every_page_says_whether_the_endpoint_is_safe_to_repeat() {
    ENDPOINTS.iter().for_each(page_says_whether_it_is_safe_to_repeat);
}

fn page_says_whether_it_is_safe_to_repeat(endpoint: &EndpointInfo) {
    let page = page(endpoint);
    let row = page.lines().find(|line| line.starts_with("| Safe to repeat | "));
    let said = row.and_then(|row| row.split(['|', ':', ';', ',']).nth(2)).map(str::trim);
    let expected = if endpoint.effect == Effect::EachTime { "no" } else { "yes" };
    assert_eq!(said, Some(expected), "{}", endpoint.name);
}

#[test]
fn the_page_of_deliveries_says_of_every_endpoint_whether_it_is_tried_again() {
    ENDPOINTS.iter().for_each(page_of_deliveries_names_it);
}

fn page_of_deliveries_names_it(endpoint: &EndpointInfo) {
    let text = read("docs/delivery.md");
    let section = text.split("### Why these").nth(1).and_then(|rest| rest.split("\n### ").next()).unwrap();
    let named = |cell: &str| cell.split(", ").any(|name| name.trim() == endpoint.name);
    let row = section.lines().find(|line| line.split('|').nth(1).is_some_and(named));
    let row = row.unwrap_or_else(|| panic!("no row names {}", endpoint.name));
    let said = row.split('|').nth(2).unwrap().trim();
    assert_eq!(said == "yes", endpoint.effect != Effect::EachTime, "{}: {said}", endpoint.name);
}

/// CONTRIBUTING's list of what an endpoint needs relies on it.
#[test]
fn an_endpoint_that_no_page_knows_is_missed() {
    let made_up = EndpointInfo { method: "pin_note", name: "note/pin", effect: Effect::EachTime };
    let checks = [page_calls_its_method, page_says_whether_it_is_safe_to_repeat, page_of_deliveries_names_it];
    for check in checks {
        assert!(std::panic::catch_unwind(|| check(&made_up)).is_err(), "a check does not miss {}", made_up.name);
    }
}

#[test]
fn the_page_of_robots_and_channels_says_of_every_endpoint_whether_it_is_tried_again() {
    let text = read("docs/robots.md");
    for endpoint in ROBOT_ENDPOINTS.iter().chain(CHANNEL_ENDPOINTS) {
        let begin = format!("| `{}` | {} |", endpoint.method, endpoint.name);
        let row = text.lines().find(|line| line.starts_with(&begin));
        let row = row.unwrap_or_else(|| panic!("no row begins with {begin}"));
        let said = row.split('|').nth(5).unwrap().trim();
        assert_eq!(said == "yes", endpoint.effect != Effect::EachTime, "{}: {said}", endpoint.name);
    }
}

/// From a Rust method to the line in each language: what is shown of Rust and of the templates stands there.
#[test]
fn the_walk_through_the_generator_shows_what_is_in_the_tree() {
    let text = read("CONTRIBUTING.md");
    let walk = text.split("### From a Rust method to the line in each language").nth(1).unwrap();
    let block =
        |form: &str| walk.split(&format!("```{form}\n")).nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let client = read("src/client.rs");
    assert!(block("rust").lines().all(|line| client.contains(line)), "src/client.rs has another recall_message");
    let mut template = String::new();
    for line in block("text").lines() {
        let left = line.get(..52).unwrap_or(line).trim();
        match left.split_once(", ") {
            Some((language, file)) if language.chars().all(char::is_uppercase) => {
                template = read(&format!("bindgen/templates/{}/{file}", language.to_lowercase()));
            }
            _ => assert!(template.contains(left), "no template has: {left}"),
        }
    }
    assert!(template.contains("{{ call.define }}"), "Kotlin's is the last one");
}

#[test]
fn the_page_of_deliveries_says_what_to_do_after_every_error() {
    let text = read("docs/delivery.md");
    let section = text.split("## After each error").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    // The first column of the errors' own table names them all.
    let errors = read("docs/errors.md");
    let variants = errors.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let variants: Vec<&str> = variants.filter(|name| name.starts_with(char::is_uppercase)).collect();
    assert_eq!(variants.len(), 13, "{variants:?}");
    for variant in variants {
        assert!(section.contains(&format!("`{variant}`")), "{variant}");
    }
}

/// The words of the tables about errors are data; what they say of the server is the library's.
#[test]
fn the_tables_say_of_every_error_whether_the_server_may_have_executed_the_request() {
    let words: Vec<serde_json::Value> = serde_json::from_str(&read("docs/tables/errors.json")).unwrap();
    let said = |error: &MessageError| {
        let name = format!("{error:?}");
        let name = name.split(' ').next().unwrap();
        let words = words.iter().find(|words| words["error"] == name).unwrap_or_else(|| panic!("nothing of {name}"));
        words["executed"].as_str().unwrap().to_owned()
    };
    let (endpoint, attempts, text) = ("message/send".to_owned(), 1, String::new);
    let interrupted = |sent| MessageError::Interrupted { endpoint: endpoint.clone(), sent, attempts };
    for error in [
        MessageError::InvalidArgument { argument: text(), reason: text() },
        MessageError::Unreachable { endpoint: endpoint.clone(), attempts, reason: text() },
        MessageError::RateLimited { endpoint: endpoint.clone(), attempts, msg: text() },
        MessageError::Unauthorized { endpoint: endpoint.clone(), code: 244, msg: text(), attempts, clock_offset: None },
        MessageError::NotSupported { endpoint: endpoint.clone(), attempts },
        MessageError::BadRequest { endpoint: endpoint.clone(), status: 500, body: text(), attempts },
        MessageError::TimedOut { endpoint: endpoint.clone(), attempts, elapsed: std::time::Duration::ZERO },
        MessageError::ConnectionLost { endpoint: endpoint.clone(), attempts, reason: text() },
        MessageError::InvalidResponse {
            endpoint: endpoint.clone(),
            status: 200,
            reason: text(),
            body: text(),
            attempts,
        },
    ] {
        assert_eq!(said(&error), if error.may_have_executed() { "unknown" } else { "no" }, "{error:?}");
    }
    let failed = |sent| MessageError::FailedAfterUpload {
        endpoint: endpoint.clone(),
        remote_media_url: text(),
        kind: text(),
        reason: text(),
        sent,
        attempts,
        code: None,
    };
    assert_eq!(said(&failed(true)), said(&interrupted(true)));
    assert!(failed(true).may_have_executed() && !failed(false).may_have_executed());
    assert_eq!(said(&interrupted(true)), "unknown if `sent` is true, otherwise no");
    assert!(interrupted(true).may_have_executed() && !interrupted(false).may_have_executed());
    let failed = |may_be_finished| MessageError::StreamFailed {
        endpoint: endpoint.clone(),
        reason: text(),
        code: 0,
        characters: 1,
        shown: 1,
        is_marked: false,
        may_be_finished,
    };
    assert_eq!(said(&failed(true)), "unknown if `may_be_finished` is true, otherwise no");
    assert!(failed(true).may_have_executed() && !failed(false).may_have_executed());
    // Every code up to the largest known one, and one beyond.
    let rejected = |code| MessageError::Rejected { endpoint: endpoint.clone(), code, msg: text(), attempts };
    let known: Vec<i32> = read("docs/errors.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next()?.parse().ok())
        .filter(|code| (1..400).contains(code) && *code != 200)
        .collect();
    assert!(known.len() > 50, "{known:?}");
    let unknown: Vec<String> =
        known.iter().filter(|code| rejected(**code).may_have_executed()).map(i32::to_string).collect();
    let (last, others) = unknown.split_last().unwrap();
    let expected = format!("no; unknown for codes {}, {last} and all codes", others.join(", "));
    assert!(said(&rejected(1)).starts_with(&expected), "{} {expected}", said(&rejected(1)));
    assert!(rejected(9999).may_have_executed());
}

#[cfg(feature = "sandbox")]
#[test]
fn the_kinds_of_trouble_are_counted_right() {
    let count = format!("{} kinds of", wildfirechat_message::sandbox::Fault::ALL.len());
    for file in ["README.md", "CHANGELOG.md"] {
        assert!(read(file).contains(&count), "{file}");
    }
}

#[test]
fn the_tables_of_methods_name_every_endpoint() {
    for file in ["README.md", "docs/zh.md", "docs/endpoints/README.md"] {
        let text = read(file);
        for endpoint in ENDPOINTS {
            let row = text
                .lines()
                .find(|line| line.starts_with('|') && line.contains(&format!("{}.md", page_name(endpoint))));
            let row = row.unwrap_or_else(|| panic!("{file}: no row links {}", endpoint.name));
            assert!(row.contains(&format!("`{}", endpoint.method)), "{file}: {row} does not name {}", endpoint.method);
        }
    }
}

#[test]
fn the_page_of_troubles_names_tests_that_there_are() {
    let folders = ["src", "tests", "bindings/python/tests", "bindings/kotlin/src/test", "bindings/swift/Tests"];
    let sources: String = folders.iter().map(|folder| texts_below(&root().join(folder))).collect();
    let page = read("docs/troubles.md");
    let is_row = |line: &&str| line.starts_with("| ") && !line.ends_with("| Held by |") && !line.starts_with("| ---");
    for row in page.lines().filter(is_row) {
        let held_by = row.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default();
        let names: Vec<&str> = held_by.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "nothing holds {row}");
        for name in names {
            let written = [
                format!("fn {name}("),
                format!("def {name}("),
                format!("fun `{name}`"),
                format!("func {name}("),
                format!("\"name\": \"{name}\""),
            ];
            assert!(written.iter().any(|test| sources.contains(test)), "no test is called {name}");
        }
    }
}

#[test]
fn a_file_that_a_page_shows_is_shown_as_it_is() {
    let mut shown = 0;
    for page in markdown_files() {
        let text = fs::read_to_string(&page).unwrap();
        for rest in text.split("<!-- The file ").skip(1) {
            let (file, rest) = rest.split_once(": -->").unwrap();
            let block = rest.split("```").nth(1).and_then(|block| block.split_once('\n')).unwrap().1;
            assert_eq!(block, read(file), "{}: {file}", page.display());
            shown += 1;
        }
    }
    assert!(shown > 0);
}

#[test]
fn links_between_the_pages_lead_somewhere() {
    for file in markdown_files() {
        let text = fs::read_to_string(&file).unwrap();
        let folder = file.parent().unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let elsewhere = link.is_empty() || link.contains("://");
            assert!(elsewhere || folder.join(link).exists(), "{} links to {link}", file.display());
        }
    }
}

/// What pages show, played: the Rust example sends the request the page shows, and takes the answer it shows.
#[cfg(feature = "sandbox")]
mod played {
    use serde_json::Value;
    use wildfirechat_message::{
        MessageClient,
        endpoints::ENDPOINTS,
        sandbox::{Sandbox, ScriptedAnswer},
    };

    use super::*;

    const SOURCE: &str = include_str!("../docs/examples/endpoints.rs");
    const MESSAGE_UID: i64 = 588582842607370241;

    #[test]
    fn every_page_shows_the_rust_that_is_compiled() {
        for endpoint in ENDPOINTS {
            let function = page_name(endpoint).replace('-', "_");
            assert_eq!(blocks(&page(endpoint), "rust"), [body_of(SOURCE, &function)], "{}", endpoint.name);
        }
    }

    #[test]
    fn every_page_shows_the_request_that_is_sent_and_an_answer_that_is_understood() {
        let sandbox = Sandbox::start().unwrap();
        for endpoint in ENDPOINTS {
            let page = page(endpoint);
            let [request, answer] = &blocks(&page, "json")[..] else {
                panic!("{}: not one request and one answer", endpoint.name)
            };
            sandbox.clear_requests().unwrap();
            // The store that an answer names is the sandbox's.
            let answer = answer.replace("https://store.example.com", &sandbox.base_url().unwrap());
            sandbox.answer_next(ScriptedAnswer { body: answer.into(), ..ScriptedAnswer::default() }).unwrap();

            let client = MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), None).unwrap();
            let (_, example) = examples::EXAMPLES.iter().find(|(name, _)| *name == page_name(endpoint)).unwrap();
            example(&client, MESSAGE_UID).unwrap_or_else(|error| panic!("{}: {error}", endpoint.name));

            let [sent] = &sandbox.requests().unwrap()[..] else { panic!("{}: not one request", endpoint.name) };
            assert_eq!(sent.path, format!("/admin/{}", endpoint.name));
            assert!(page.contains(&format!("`POST {{base}}{}`", sent.path)), "{}: no path", endpoint.name);
            let json = |text: &[u8]| serde_json::from_slice::<Value>(text).unwrap();
            assert_eq!(json(request.as_bytes()), json(&sent.body), "{}", endpoint.name);
        }
    }
}

/// The text of every file in a folder and those in it, where it is one.
fn texts_below(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = entries.map(|path| match path.is_dir() {
        true => texts_below(&path),
        false => fs::read_to_string(path).unwrap_or_default(),
    });
    texts.collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn page_name(endpoint: &EndpointInfo) -> String {
    endpoint.name.replace('/', "-")
}

fn page(endpoint: &EndpointInfo) -> String {
    read(&format!("docs/endpoints/{}.md", page_name(endpoint)))
}

/// Looking a message up has two methods.
fn methods_of(endpoint: &EndpointInfo) -> [&'static str; 2] {
    match endpoint.method {
        "get_message" => ["get_message", "find_message"],
        method => [method, method],
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |camel, word| camel + &word[..1].to_uppercase() + &word[1..])
}

/// The fenced blocks of a language, in their order.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let begin = format!("```{language}\n");
    page.split(&begin).skip(1).filter_map(|rest| rest.split_once("```\n")).map(|(block, _)| block.to_owned()).collect()
}

/// What an example's function does, as a page shows it.
#[cfg(feature = "sandbox")]
fn body_of(source: &str, function: &str) -> String {
    let (_, rest) = source.split_once(&format!("\nfn {function}(")).expect("a function for each example");
    let (_, body) = rest.split_once("{\n").unwrap();
    let (body, _) = body.split_once("    Ok(())\n}\n").expect("a function that ends with Ok(())");
    body.lines().map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned() + "\n").collect()
}

fn markdown_files() -> Vec<PathBuf> {
    let mut files = vec![root().join("README.md"), root().join("CONTRIBUTING.md"), root().join("CHANGELOG.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                files.push(path);
            }
        }
    }
    files
}
