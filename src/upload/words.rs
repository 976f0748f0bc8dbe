//! A store's own words, as an error may repeat them.

use crate::endpoints::Place;

const LONGEST: usize = 512;
/// Shorter values of an address open nothing, and are part of ordinary words.
const SHORTEST_SECRET: usize = 6;

/// The beginning of an answer, without what opens the store: some repeat it.
pub(super) fn excerpt(answer: &[u8], place: &Place) -> String {
    let mut text = String::from_utf8_lossy(answer).into_owned();
    for secret in secrets(place) {
        text = text.replace(&secret, "***");
    }
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}

/// All that opens a place, as it stands in the address and as it is meant; the longest first.
fn secrets(place: &Place) -> Vec<String> {
    let mut secrets: Vec<String> = match place {
        Place::Form { token, .. } => token.split(':').chain([token.as_str()]).map(str::to_owned).collect(),
        Place::Plain { url } => {
            let query = url.query().unwrap_or_default();
            let raw = query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
            let meant = url.query_pairs().map(|(_, value)| value.into_owned());
            raw.map(str::to_owned).chain(meant).collect()
        }
    };
    secrets.retain(|secret| secret.len() >= SHORTEST_SECRET);
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_the_store_is_not_repeated() {
        let plain =
            Place::Plain { url: "http://s/k?Expires=9&AccessKeyId=AKID123&Signature=a%2Fb%2Bcdef".parse().unwrap() };
        for told in ["<P>AKID123</P><S>a/b+cdef</S>", "a%2Fb%2Bcdef"] {
            let words = excerpt(told.as_bytes(), &plain);
            assert!(words.contains("***") && !words.contains("AKID") && !words.contains("cdef"), "{words}");
        }
        let form =
            Place::Form { url: "http://s".parse().unwrap(), token: "access:signature:policy=".into(), key: "k".into() };
        assert_eq!(excerpt(b"bad token: access:signature:policy= (signature)", &form), "bad token: *** (***)");
    }

    #[test]
    fn a_long_answer_is_cut_at_a_whole_character() {
        let place = Place::Plain { url: "http://s/k".parse().unwrap() };
        assert_eq!(excerpt("é".repeat(600).as_bytes(), &place), "é".repeat(256));
    }
}
