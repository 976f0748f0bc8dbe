//! The tables of the calls of robots and channels: from the clients' methods, and whether a call is tried again from
//! `docs/tables/senders.json`, which a test holds to the library.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use camino::Utf8Path;

use super::{first_sentence, markdown, read};
use crate::{
    api::{Api, Asked, Client},
    rules,
};

/// The table of the client whose messages this sender sends, such as `robot`.
pub(super) fn methods(api: &Api, root: &Utf8Path, sender: &str) -> Result<String> {
    let again: BTreeMap<String, String> = serde_json::from_str(&read(root, "docs/tables/senders.json")?)?;
    let client = api.clients.iter().find(|client| client.sender() == Some(sender));
    table(client.with_context(|| format!("no client is a {sender}'s"))?, &again)
}

fn table(client: &Client, again: &BTreeMap<String, String>) -> Result<String> {
    let calls = client.calls.iter().map(|call| {
        let (endpoint, servers) =
            rules::asked(&call.docs).with_context(|| format!("{} names no endpoint", call.name))?;
        Ok::<_, anyhow::Error>((call.name.as_str(), endpoint, servers, first_sentence(&call.docs)))
    });
    let upload = client.upload.iter().map(|Asked { endpoint, servers }| {
        Ok(("upload", endpoint.clone(), servers.clone(), "Uploads a file and returns its URL".to_owned()))
    });
    let rows = calls.chain(upload).map(|row| {
        let (method, endpoint, servers, what) = row?;
        let again = again.get(&endpoint);
        let again = again.with_context(|| format!("docs/tables/senders.json says nothing of {endpoint}"))?.clone();
        Ok([format!("`{method}`"), endpoint, what, servers, again])
    });
    let head =
        ["Method", "Endpoint", "What it does", "Servers", "Tried again if it is unknown whether it was executed"];
    Ok(markdown(head, rows.collect::<Result<Vec<_>>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::sample;

    #[test]
    fn a_call_is_told_by_its_first_sentence_and_one_that_nothing_is_known_of_is_an_error() {
        let docs = "Pins a\nnote. It stays. note/pin; both editions, newer servers.\n\nMore.";
        let api = sample::api(vec![sample::pin_note(docs, None, Vec::new(), None)], Vec::new());
        let again = BTreeMap::from([("note/pin".to_owned(), "yes".to_owned())]);
        let row = "| `pin_note` | note/pin | Pins a note | both editions, newer servers | yes |\n";
        assert!(table(&api.clients[0], &again).unwrap().ends_with(row));
        let missing = table(&api.clients[0], &BTreeMap::new()).unwrap_err().to_string();
        assert_eq!(missing, "docs/tables/senders.json says nothing of note/pin");
    }
}
