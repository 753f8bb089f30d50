//! Addresses, and which redirects are followed.

use crate::Error;
use modelpin_schema::text::visible;
use modelpin_schema::{RepoKind, RepoPath, Source};
use std::fmt;
use std::str::FromStr;
use url::{Host, Origin, Url};

/// The address of the Hub where nobody names another.
pub const DEFAULT_ENDPOINT: &str = "https://huggingface.co";

/// How the Hub's tokens begin.
const TOKEN: &str = "hf_";

/// A Hub's address: scheme, host, port and perhaps a path before everything. There is no password in it, so it may be
/// shown.
#[derive(Debug, Clone)]
pub struct Endpoint {
    text: String,
    base: Url,
}

impl FromStr for Endpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = |why: &str| Error::BadEndpoint { endpoint: without_secrets(text), why: why.to_owned() };
        let text = text.trim().trim_end_matches('/');
        // Where a password has a `/` in it, what reads as the host is a part of it.
        if text.contains('@') {
            return Err(bad("it has a user or a password; give the token as `HF_TOKEN`"));
        }
        let base = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return Err(bad("expected `https://HOST`"));
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(bad("it has a query or a fragment; give the token as `HF_TOKEN`"));
        }
        if base.host_str().is_some_and(|host| host.starts_with(TOKEN)) {
            return Err(bad("it is a token, not a host; give it as `HF_TOKEN`"));
        }
        Ok(Self { text: text.to_owned(), base })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&self.text))
    }
}

/// An address that may hold a password, or may not be an address, in a form that may be shown.
fn without_secrets(text: &str) -> String {
    let (before, host) = text.rsplit_once('@').map_or((None, text), |(before, host)| (Some(before), host));
    let host = host.split(['?', '#']).next().unwrap_or_default();
    let scheme = before.and_then(|before| before.trim().split_once("://")).map(|(scheme, _)| scheme);
    let scheme = scheme.filter(|scheme| ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)));
    let shown = match (before, scheme) {
        (None, _) => host.to_owned(),
        (Some(_), None) => format!("…@{host}"),
        (Some(_), Some(scheme)) => format!("{scheme}://…@{host}"),
    };
    visible(&without_tokens(&shown))
}

/// `text` without the tokens in it, which somebody wrote into the wrong place.
fn without_tokens(text: &str) -> String {
    let (mut shown, mut rest) = (String::new(), text);
    while let Some((before, token)) = rest.to_ascii_lowercase().find(TOKEN).and_then(|at| rest.split_at_checked(at)) {
        shown.extend([before, TOKEN, "…"]);
        rest = token.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-._~+=".contains(c));
    }
    shown + rest
}

/// Whether `url` is on this machine, by its number.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    }
}

/// Whether nothing that is sent to `url` leaves this machine.
pub(crate) fn is_here(url: &Url) -> bool {
    is_loopback(url) || url.host() == Some(Host::Domain("localhost"))
}

impl Endpoint {
    /// Whether both are on one server: scheme, host and port.
    #[must_use]
    pub fn same_origin(&self, other: &Self) -> bool {
        self.owns(&other.base)
    }

    /// Whether nobody on the way can read what is sent there: https, or this machine.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.base.scheme() == "https" || is_here(&self.base)
    }

    pub(crate) fn origin(&self) -> Origin {
        self.base.origin()
    }

    /// Whether `url` is on this endpoint's own origin.
    pub(crate) fn owns(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// The address of an API route of a repo; `rest` is encoded already.
    pub(crate) fn api(&self, source: &Source, rest: &str) -> Result<Url, Error> {
        self.url(&format!("/api/{}/{}{rest}", source.kind.plural(), source.repo))
    }

    /// The address of a file's content.
    pub(crate) fn resolve(&self, source: &Source, revision: &str, path: &RepoPath) -> Result<Url, Error> {
        let prefix = match source.kind {
            RepoKind::Model => "",
            RepoKind::Dataset => "datasets/",
        };
        let path: Vec<String> = path.parts().map(encode).collect();
        self.url(&format!("/{prefix}{}/resolve/{}/{}", source.repo, encode(revision), path.join("/")))
    }

    fn url(&self, rest: &str) -> Result<Url, Error> {
        let whole = format!("{}{rest}", self.text);
        Url::parse(&whole).map_err(|error| Error::BadEndpoint { endpoint: self.text.clone(), why: error.to_string() })
    }
}

/// Percent-encodes everything but the unreserved characters, so that a revision or a part of a path is one
/// segment whatever is in it (RFC 3986, section 2.3; the Hub's own client encodes alike).
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// An address as it may be shown: a query may hold a signature, and before the host there may be a password.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Where there is no host these fail, and there is nothing to take out.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    visible(url.as_str())
}

/// Where a redirect from `from` leads.
pub(crate) fn follow(from: &Url, location: Option<&str>) -> Result<Url, Error> {
    let refuse = |why: &'static str| Error::Redirect { url: shown(from), why };
    let to = from
        .join(location.ok_or_else(|| refuse("it says nowhere"))?)
        .map_err(|_| refuse("it does not contain a valid address"))?;
    match (from.scheme(), to.scheme()) {
        ("https", "http") => Err(refuse("from https to http")),
        (_, "http" | "https") => Ok(to),
        _ => Err(refuse("to something that is not HTTP")),
    }
}

/// Whether nobody on the way can change what comes.
pub(crate) fn is_secure(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(url),
        _ => false,
    }
}

/// Where a redirect from `from` leads: never to plain http, except on this machine.
pub(crate) fn follow_secure(from: &Url, location: Option<&str>) -> Result<Url, Error> {
    let to = follow(from, location)?;
    if is_secure(&to) { Ok(to) } else { Err(Error::Redirect { url: shown(from), why: "to plain http" }) }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, encode, follow, shown};
    use url::Url;

    #[test]
    fn addresses_are_those_of_the_hubs_own_client() {
        let endpoint = "https://hub.example/".parse::<Endpoint>().unwrap();
        let source = "hf:dataset/acme/faq".parse().unwrap();
        let path = "subfolder/to?/awful?filename%you,should never.give".parse().unwrap();
        assert_eq!(
            endpoint.resolve(&source, "refs/pr/1", &path).unwrap().as_str(),
            "https://hub.example/datasets/acme/faq/resolve/refs%2Fpr%2F1/subfolder/to%3F/awful%3Ffilename%25you%2Cshould%20never.give"
        );
        assert_eq!(endpoint.api(&source, "/refs").unwrap().as_str(), "https://hub.example/api/datasets/acme/faq/refs");
        for (text, encoded) in [("feature/x", "feature%2Fx"), ("v1.0+beta", "v1.0%2Bbeta"), ("é", "%C3%A9")] {
            assert_eq!(encode(text), encoded);
        }
    }

    #[test]
    fn endpoints_that_are_none_are_refused() {
        for text in ["", "hub.example", "ftp://hub.example", "https://user:pw@hub.example", "https://hub.example?x=1"] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }

    #[test]
    fn redirects_keep_to_the_law() {
        let from = Url::parse("https://hub.example/a/b").unwrap();
        let to = |location: &str| follow(&from, Some(location)).map(|url| url.to_string()).ok();
        assert_eq!(to("/c?d=e").as_deref(), Some("https://hub.example/c?d=e"));
        assert_eq!(to("//cdn.example/c").as_deref(), Some("https://cdn.example/c"));
        assert_eq!(to("http://hub.example/c"), None);
        assert_eq!(to("file:///etc/passwd"), None);
        assert!(follow(&from, None).is_err());
        let endpoint = "https://hub.example".parse::<Endpoint>().unwrap();
        for (url, owned) in [
            ("https://hub.example/x", true),
            ("https://hub.example:444/x", false),
            ("http://hub.example/x", false),
            ("https://hub.example.evil/", false),
        ] {
            assert_eq!(endpoint.owns(&Url::parse(url).unwrap()), owned, "{url}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        for text in [
            "http://someone:s3cret@hub.example",
            "https://s3cret@hub.example/x",
            "https://a:s3@cret@hub.example",
            "https://a:s3cret/x@hub.example",
            "a:s3cret@hub.example",
            "https://a:s3cret@",
            "https://a:s3cret@hub example",
            "  https://a:s3cret@hub.example/ ",
            "https://hub.example?token=s3cret",
            "https://hub.example/#s3cret",
            "ftp://a:s3cret@hub.example",
            "https://a:s3#cret@hub.example",
            "https://a:s3?cret@hub.example",
            "https://a:s3/cret@hub.example",
            "https://a:1/s3cret@hub.example",
            "https://a:1\\s3cret@hub.example",
            "https://a:s3cret@x@hub.example?cret",
            "https://hub.example/x@s3cret@y",
            "s3cret://a@hub.example",
            "hf_s3cret",
            "hf_s3cret.cret@x",
            "Bearer hf_s3cret",
            "https://hf_s3cret",
            "https://HF_s3cret/x",
            "ftp://hub.example/hf_s3cret",
        ] {
            let said = text.parse::<Endpoint>().unwrap_err().to_string();
            assert!(!said.contains("cret"), "{text}: {said}");
        }
        assert_eq!(shown(&Url::parse("https://a:b@hub.example/x?y").unwrap()), "https://hub.example/x");
    }

    #[test]
    fn what_nobody_else_can_read() {
        for (text, private) in [
            ("https://hub.example", true),
            ("http://127.0.0.1:8000", true),
            ("http://127.8.9.1", true),
            ("http://[::1]:1", true),
            ("http://localhost:8000", true),
            ("http://LOCALHOST", true),
            ("http://localhost.hub.example", false),
            ("http://127.0.0.1.hub.example", false),
            ("http://hub.example", false),
            ("http://10.0.0.1", false),
            ("http://0.0.0.0", false),
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().is_private(), private, "{text}");
        }
    }
}
