//! Articles of a channel: type 13.

use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MessageError, MessagePayload};

/// Articles of a channel: one at the top, and others below it. Type 13.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct ArticlesContent {
    /// The article at the top, shown large.
    pub top: Article,
    /// The articles below it.
    #[uniffi(default)]
    pub sub_articles: Vec<Article>,
}

/// An article of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct Article {
    /// The title of the article.
    pub title: String,
    /// The id of the article, as its publisher numbers it.
    #[uniffi(default)]
    pub id: String,
    /// URL of the picture of the article.
    #[uniffi(default)]
    pub cover: String,
    /// What the article is about, in a few words.
    #[uniffi(default)]
    pub digest: String,
    /// URL of the page with the article.
    #[uniffi(default)]
    pub url: String,
    /// Whether receivers report that they have read it.
    #[uniffi(default)]
    pub read_report: bool,
}

#[uniffi::export]
impl ArticlesContent {
    /// The payload to send. Fails with `InvalidArgument` if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Data<'a> {
            top: Entry<'a>,
            sub_articles: Vec<Entry<'a>>,
        }
        let data = Data { top: Entry::of(&self.top), sub_articles: self.sub_articles.iter().map(Entry::of).collect() };
        let payload = MessagePayload {
            searchable_content: self.top.title.clone(),
            data: json::bytes(&data),
            ..layout::blank(ContentType::Articles)
        };
        layout::finish(payload, extras)
    }
}

impl ArticlesContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let mut data = Fields::read(&payload.data);
        let mut top = Article::read(data.object("top").unwrap_or_default());
        if top.title.is_empty() {
            top.title = payload.searchable_content;
        }
        let below = data.objects("subArticles").unwrap_or_default();
        Self { top, sub_articles: below.into_iter().map(Article::read).collect() }
    }
}

/// An article as it stands in the JSON.
#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    cover: &'a str,
    title: &'a str,
    digest: &'a str,
    url: &'a str,
    rr: bool,
}

impl<'a> Entry<'a> {
    fn of(article: &'a Article) -> Self {
        let Article { title, id, cover, digest, url, read_report } = article;
        Self { id, cover, title, digest, url, rr: *read_report }
    }
}

impl Article {
    fn read(mut entry: Fields) -> Self {
        Self {
            title: entry.text("title"),
            id: entry.text("id"),
            cover: entry.text("cover"),
            digest: entry.text("digest"),
            url: entry.text("url"),
            read_report: entry.flag("rr"),
        }
    }
}
