//! What the Hub says of its Xet storage: which files it has there, and the token that opens it for a commit.
//!
//! The storage is another server. It gets a token of its own, which is good for one commit, and never the Hub's.

use crate::api::read;
use crate::endpoint::{is_loopback, shown};
use crate::file::File;
use crate::hub::Hub;
use crate::request::{Purpose, read_body};
use crate::storage_access::Access;
use crate::{Error, wire};
use modelpin_schema::text::visible;
use modelpin_schema::{CommitId, Source};
use reqwest::header::{HeaderMap, LINK};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use url::Url;

/// The most bytes of the answer with a token.
const MAX_ACCESS: usize = 64 << 10;
/// The most bytes of a token: it stands in a header.
const MAX_TOKEN: usize = 16 << 10;
/// How long before its end a token is given up: longer than the storage's own client waits, which gives it up half a
/// minute before.
const MARGIN: Duration = Duration::from_secs(60);

impl File {
    /// The hash by which the storage knows the file: 64 hexadecimal digits, which say nothing of its SHA-256. None
    /// where the Hub has it elsewhere.
    ///
    /// # Errors
    /// Whatever keeps the Hub from answering; an answer of another commit.
    pub async fn xet(&self) -> Result<Option<String>, Error> {
        let offer = self.remote.offer().await.map_err(|error| self.remote.hub.shown(error))?;
        Ok(offered(&offer, self.remote.size))
    }
}

impl Hub {
    /// What opens the storage for the files of `commit`: as it was had before, while that is good.
    ///
    /// # Errors
    /// Whatever keeps the Hub from answering; an answer that is not to be believed.
    pub async fn xet_access(&self, source: &Source, commit: &CommitId) -> Result<Access, Error> {
        let answer = async {
            let url = self.endpoint().api(source, &format!("/xet-read-token/{commit}"))?;
            // Whoever needs the same waits here.
            let mut access_cache = self.access_cache().lock().await;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let good = now.saturating_add(MARGIN).as_secs();
            if let Some(access) = access_cache.get(&url).filter(|access| access.expires > good) {
                return Ok(access.clone());
            }
            let answer = self.get(Purpose::Api, url.clone(), None).await;
            let response = answer.map_err(|error| error.of_revision(&commit.hex()))?.response;
            let access = parse_access(&shown(&url), &read_body(response, MAX_ACCESS).await?)?;
            access_cache.insert(url, access.clone());
            Ok(access)
        };
        answer.await.map_err(|error| self.shown(error))
    }
}

/// The hash in the headers of a file of `size` bytes. A mirror that passes the hash on without the way to a token has
/// no storage to offer.
fn offered(headers: &HeaderMap, size: u64) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let links = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    let mut links = links.flat_map(|link| link.split(',')).flat_map(|link| link.split(';').skip(1));
    let way = text("x-xet-refresh-route").is_some()
        || links.any(|part| matches!(part.trim(), "rel=\"xet-auth\"" | "rel=xet-auth"));
    let hash = text("x-xet-hash").filter(|hash| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let fits = text("x-linked-size").is_none_or(|linked| linked.parse() == Ok(size));
    (way && fits).then(|| hash.to_ascii_lowercase())
}

/// Reads the answer with a token.
#[doc(hidden)]
pub fn parse_access(url: &str, answer: &[u8]) -> Result<Access, Error> {
    let wire::Access { cas_url, access_token, exp } = read(url, answer)?;
    let hostile = |what: &'static str| Error::Hostile { what, got: visible(&cas_url) };
    let cas = Url::parse(&cas_url).map_err(|_| hostile("an invalid address of a Xet storage"))?;
    if cas.scheme() != "https" && !(cas.scheme() == "http" && is_loopback(&cas)) {
        return Err(hostile("an address of a Xet storage that is not https"));
    }
    if !cas.username().is_empty() || cas.password().is_some() || cas.query().is_some() || cas.fragment().is_some() {
        return Err(hostile("an address of a Xet storage with a user, a query or a fragment"));
    }
    if access_token.is_empty() || access_token.len() > MAX_TOKEN || !access_token.bytes().all(|b| b.is_ascii_graphic())
    {
        return Err(Error::Hostile { what: "an invalid token", got: format!("{} bytes", access_token.len()) });
    }
    Ok(Access { cas: cas.as_str().trim_end_matches('/').to_owned(), token: access_token, expires: exp })
}

#[cfg(test)]
mod tests {
    use super::{offered, parse_access};
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    const HASH: &str = "a1b2c3d4e5f6a7b8a1b2c3d4e5f6a7b8a1b2c3d4e5f6a7b8a1b2c3d4e5f6a7b8";
    const LINK: (&str, &str) =
        ("link", "<https://h/t>; rel=\"xet-auth\", <https://h/r>; rel=\"xet-reconstruction-info\"");

    #[test]
    fn a_file_is_offered_by_hash_and_way() {
        for (pairs, offers) in [
            (&[("x-xet-hash", HASH), LINK][..], true),
            (&[("x-xet-hash", HASH), ("x-xet-refresh-route", "https://h/t")], true),
            (&[("x-xet-hash", HASH), LINK, ("x-linked-size", "9")], true),
            (&[("x-xet-hash", HASH), LINK, ("x-linked-size", "8")], false),
            (&[("x-xet-hash", HASH)], false),
            (&[LINK], false),
            (&[("x-xet-hash", "********"), LINK], false),
            (&[("x-xet-hash", "../../a1"), LINK], false),
        ] {
            assert_eq!(offered(&headers(pairs), 9).as_deref(), offers.then_some(HASH), "{pairs:?}");
        }
    }

    #[test]
    fn an_access_is_to_a_storage_that_may_be_asked() {
        let parse = |cas: &str, token: &str| {
            let answer = serde_json::json!({ "casUrl": cas, "accessToken": token, "exp": 9 });
            parse_access("u", answer.to_string().as_bytes())
        };
        for (cas, fine) in [
            ("https://cas.example", true),
            ("http://127.0.0.1:9/", true),
            ("http://[::1]:9", true),
            ("http://cas.example", false),
            ("http://127.0.0.1.example", false),
            ("local:///etc", false),
            ("memory://", false),
            ("https://user@cas.example", false),
            ("https://cas.example/?a", false),
            ("cas.example", false),
        ] {
            assert_eq!(parse(cas, "t").is_ok(), fine, "{cas}");
        }
        for token in ["", "a b", "a\r\nb", &"a".repeat(20_000)] {
            assert!(parse("https://cas.example", token).is_err(), "{token:?}");
        }
        assert!(parse_access("u", b"{}").is_err());
    }
}
