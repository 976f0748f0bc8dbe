//! The tables of the endpoints: from their pages, which say the edition and whether a call is safe to repeat.

use anyhow::{Context, Result};
use camino::Utf8Path;
use serde::Deserialize;

use super::{first_sentence, in_one_line, markdown, read};

/// The fields in the file of examples that are not about the example.
#[derive(Deserialize)]
struct Named {
    endpoint: String,
    zh: String,
}

/// The facts on the page of an endpoint.
pub(super) struct Endpoint {
    name: String,
    page: String,
    /// `get_message`, `find_message`.
    methods: String,
    what: String,
    what_in_chinese: String,
    edition: String,
    /// Yes or no, and the reason.
    safe_to_repeat: (String, String),
}

/// All endpoints, in the order of the file of examples.
pub(super) fn read_pages(root: &Utf8Path) -> Result<Vec<Endpoint>> {
    let named: Vec<Named> = serde_json::from_str(&read(root, "docs/examples/endpoints.json")?)?;
    named
        .into_iter()
        .map(|named| {
            let page = named.endpoint.replace('/', "-");
            let path = format!("docs/endpoints/{page}.md");
            Endpoint::of(named, page, &read(root, &path)?).with_context(|| path)
        })
        .collect()
}

impl Endpoint {
    fn of(named: Named, page: String, text: &str) -> Result<Self> {
        let row = |title: &str| {
            let begin = format!("| {title} | ");
            let row = text.lines().find_map(|line| line.strip_prefix(&begin)?.strip_suffix(" |"));
            row.map(str::to_owned).with_context(|| format!("no row {title}"))
        };
        let (_, introduction) = text.split_once("\n\n").context("nothing below the title")?;
        let methods = row("Method")?.split(';').next().unwrap_or_default().to_owned();
        let repeat = row("Safe to repeat")?;
        let (safe, why) = repeat.split_once(": ").context("Safe to repeat needs yes or no, a colon, and the reason")?;
        Ok(Self {
            name: named.endpoint,
            page,
            methods,
            what: without_links(&first_sentence(introduction)),
            what_in_chinese: named.zh,
            edition: row("Edition")?,
            safe_to_repeat: (safe.to_owned(), without_links(why)),
        })
    }

    fn link(&self) -> String {
        format!("[{}](docs/endpoints/{}.md)", self.name, self.page)
    }

    /// The edition in Chinese; ¹ is explained below the table.
    fn edition_in_chinese(&self) -> &'static str {
        match self.edition.as_str() {
            edition if edition.starts_with("community") => "社区版、专业版",
            edition if edition.contains("community") => "专业版 ¹",
            _ => "专业版",
        }
    }
}

/// For README.
pub(super) fn methods(endpoints: &[Endpoint]) -> String {
    let rows =
        endpoints.iter().map(|each| [each.methods.clone(), each.link(), each.what.clone(), each.edition.clone()]);
    markdown(["Method", "Endpoint", "What it does", "Edition of the server"], rows)
}

/// For the Chinese page.
pub(super) fn in_chinese(endpoints: &[Endpoint]) -> String {
    let rows = endpoints.iter().map(|each| {
        let edition = each.edition_in_chinese().to_owned();
        [each.methods.clone(), each.link(), each.what_in_chinese.clone(), edition]
    });
    markdown(["方法", "接口", "作用", "版本"], rows)
}

/// For the list of the endpoints' pages.
pub(super) fn endpoints(endpoints: &[Endpoint]) -> String {
    let rows = endpoints.iter().map(|each| {
        let safe = each.safe_to_repeat.0.clone();
        [each.methods.clone(), each.link(), each.what.clone(), each.edition.clone(), safe]
    });
    markdown(["Method", "Endpoint", "What it does", "Edition of the server", "Safe to repeat"], rows)
}

/// What a second execution does: for the page on deliveries.
pub(super) fn repetitions(endpoints: &[Endpoint]) -> String {
    let rows = endpoints.iter().map(|each| {
        let (safe, why) = each.safe_to_repeat.clone();
        [each.name.clone(), safe, why]
    });
    markdown(["Endpoint", "Tried again if it is unknown whether it was executed", "Why"], rows)
}

/// Markdown with the words of its links instead of the links.
fn without_links(text: &str) -> String {
    let mut words = String::new();
    let mut rest = text;
    while let Some((before, (link, after))) =
        rest.split_once('[').and_then(|(before, link)| Some((before, link.split_once("](")?)))
    {
        words += before;
        words += link;
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    in_one_line(&(words + rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_the_tables_need() {
        let page = "# note/pin\n\nPins a [note](note.md). More.\n\n| | |\n| --- | --- |\n\
                    | Method | `pin_note`; in Kotlin, Java and Swift `pinNote` |\n| Edition | community and professional |\n\
                    | Safe to repeat | yes: it is pinned [already](x.md) |\n";
        let named = Named { endpoint: "note/pin".into(), zh: "置顶".into() };
        let all = [Endpoint::of(named, "note-pin".into(), page).unwrap()];
        assert!(methods(&all).ends_with(
            "| `pin_note` | [note/pin](docs/endpoints/note-pin.md) | Pins a note | community and professional |\n"
        ));
        assert!(repetitions(&all).ends_with("| note/pin | yes | it is pinned already |\n"));
        assert!(in_chinese(&all).ends_with("| 置顶 | 社区版、专业版 |\n"));
    }
}
