//! A client's base URL, and where a redirect leads from it.

use reqwest::Url;

use super::verdict::Redirect;

/// The longest address that an error repeats.
const LONGEST: usize = 200;

/// The base URL as every endpoint's name is appended to it, with `root` between the two, or what is wrong with it. The
/// reasons do not repeat it: it may hold a password.
pub(super) fn base_of(base_url: &str, root: &str) -> Result<Url, String> {
    let no_url = |error| format!("it is not a URL: {error}");
    let url: Url = match base_url.parse() {
        Ok(url) => url,
        Err(_) if lacks_scheme(base_url) => return Err(NO_SCHEME.into()),
        Err(error) => return Err(no_url(error)),
    };
    if !matches!(url.scheme(), "http" | "https") {
        // `localhost:18080` reads as a scheme with a path behind it.
        return match lacks_scheme(base_url) {
            true => Err(NO_SCHEME.into()),
            false => Err(format!("its scheme is {}: it must be http or https", url.scheme())),
        };
    }
    let banned = [
        ("a user name or a password", !url.username().is_empty() || url.password().is_some()),
        ("a query", url.query().is_some()),
        ("a fragment", url.fragment().is_some()),
    ];
    match banned.into_iter().find(|(_, present)| *present) {
        Some((what, _)) => Err(format!("it contains {what}: give only the server's address")),
        None => format!("{}/{root}", url.as_str().trim_end_matches('/')).parse().map_err(no_url),
    }
}

/// Where the path of an endpoint begins, behind a gateway's prefix.
const ROOTS: [&str; 3] = ["/admin/", "/robot/", "/channel/"];

const NO_SCHEME: &str = "it must begin with http:// or https://";

fn lacks_scheme(base_url: &str) -> bool {
    !base_url.contains("://")
}

/// What a redirect from a request to `from` means, and where it leads.
pub(super) fn redirect(from: &str, location: Option<&str>) -> (Redirect, Option<Target>) {
    let target = Url::parse(from).ok().and_then(|from| Some((from.join(location?).ok()?, from)));
    let Some((mut target, from)) = target.filter(|(target, _)| target.has_host()) else {
        return (Redirect::Nowhere, None);
    };
    // What may be secret in it.
    let _ = target.set_username("");
    let _ = target.set_password(None);
    target.set_query(None);
    target.set_fragment(None);
    let begin = ROOTS.iter().filter_map(|root| from.path().rfind(root)).max();
    let endpoint = begin.map_or(from.path(), |begin| &from.path()[begin..]);
    let same = target.path().trim_end_matches('/').strip_suffix(endpoint).map(str::to_owned);
    let moved = target != from;
    let base = same.as_ref().filter(|_| moved).map(|prefix| {
        let mut base = target.clone();
        base.set_path(prefix);
        presentable(&base).trim_end_matches('/').to_owned()
    });
    let to = if base.is_some() { Redirect::SameEndpoint } else { Redirect::Elsewhere };
    (to, Some(Target { address: presentable(&target), base }))
}

/// An address with its path where that is as plain as those of people's servers. What is encoded in one may be anything,
/// and is read by nobody.
fn presentable(url: &Url) -> String {
    let path = url.path();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    match path.bytes().all(plain) && !path.contains("//") {
        true => url.to_string(),
        false => format!("{}/…", url.origin().ascii_serialization()),
    }
}

/// Where a redirect leads to: scheme, host and path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    address: String,
    /// The base URL at which the same endpoint lies there.
    base: Option<String>,
}

impl Target {
    /// What it means for the caller.
    ///
    /// `shown` is what of an address may be shown.
    pub(super) fn advice(&self, shown: impl Fn(&str, usize) -> String) -> String {
        let cut = |text: &str| shown(text, LONGEST);
        match &self.base {
            Some(base) => format!(
                "a gateway in front of the server redirects to {}: use {} as the base URL",
                cut(&self.address),
                cut(base)
            ),
            None => format!(
                "a gateway in front of the server redirects to {}: use the message API's own address as the base URL",
                cut(&self.address)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_without_a_scheme_is_told_so() {
        for base in
            ["127.0.0.1:18080", "localhost:18080", "im.example.com", "im.example.com/prefix", "", "//host", "[::1]:80"]
        {
            let refused = base_of(base, "admin/").expect_err(base);
            assert!(refused.contains("it must begin with http://"), "{base}: {refused}");
        }
        for (base, reason) in [
            ("ftp://host", "its scheme is ftp: it must be http or https"),
            ("http://", "it is not a URL"),
            ("http://user:hidden@host", "it contains a user name or a password"),
            ("http://host?query", "it contains a query"),
        ] {
            let refused = base_of(base, "").expect_err(base);
            assert!(refused.contains(reason) && !refused.contains("hidden"), "{base}: {refused}");
        }
    }

    #[test]
    fn a_redirects_target_is_told_without_what_may_be_secret() {
        let from = "http://10.0.0.1:18080/im/admin/message/send";
        #[rustfmt::skip]
        let table = [
            (Some("https://im.example.com/admin/message/send"), Redirect::SameEndpoint,
             "a gateway in front of the server redirects to https://im.example.com/admin/message/send: use \
              https://im.example.com as the base URL"),
            (Some("https://im.example.com/im/admin/message/send/"), Redirect::SameEndpoint,
             "a gateway in front of the server redirects to https://im.example.com/im/admin/message/send/: use \
              https://im.example.com/im as the base URL"),
            (Some("https://user:hidden@im.example.com:8443/admin/message/send?token=hidden#hidden"), Redirect::SameEndpoint,
             "a gateway in front of the server redirects to https://im.example.com:8443/admin/message/send: use \
              https://im.example.com:8443 as the base URL"),
            (Some("/v2/admin/message/send"), Redirect::SameEndpoint,
             "a gateway in front of the server redirects to http://10.0.0.1:18080/v2/admin/message/send: use \
              http://10.0.0.1:18080/v2 as the base URL"),
            (Some("//other/admin/message/send"), Redirect::SameEndpoint,
             "a gateway in front of the server redirects to http://other/admin/message/send: use http://other as the \
              base URL"),
            (Some("https://sso.example.com/login?next=hidden"), Redirect::Elsewhere,
             "a gateway in front of the server redirects to https://sso.example.com/login: use the message API's own \
              address as the base URL"),
            // In a circle.
            (Some(from), Redirect::Elsewhere,
             "a gateway in front of the server redirects to http://10.0.0.1:18080/im/admin/message/send: use the \
              message API's own address as the base URL"),
        ];
        for (location, expected, advice) in table {
            let (to, target) = redirect(from, location);
            assert_eq!((to, target.unwrap().advice(|address, _| address.to_owned()).as_str()), (expected, advice));
        }
        for nowhere in [None, Some("http://"), Some("mailto:admin@example.com"), Some("https://[")] {
            assert_eq!(redirect(from, nowhere), (Redirect::Nowhere, None), "{nowhere:?}");
        }
    }
}
