//! A document at an https address that is no Hub's: another team's file of decisions.
//!
//! It is fetched without a token, whoever serves it. Plain http is spoken to this machine only.

use crate::Error;
use crate::endpoint::{is_secure, shown};
use crate::hub::Hub;
use crate::request::{Purpose, read_body};
use modelpin_schema::text::visible;
use reqwest::header::CONTENT_ENCODING;
use url::Url;

impl Hub {
    /// The document at `url`, of at most `max` bytes.
    ///
    /// # Errors
    /// An address that is not fetched; no answer; a redirect that must not be followed; a larger document.
    pub async fn document(&self, url: &str, max: usize) -> Result<Vec<u8>, Error> {
        let url = address(url)?;
        let response = self.get(Purpose::Foreign, url, None).await?.response;
        let encoding = response.headers().get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
        if let Some(encoding) = encoding.filter(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
            return Err(Error::Encoding { url: shown(response.url()), encoding: visible(encoding) });
        }
        read_body(response, max).await
    }
}

/// An address that is fetched: https, or this machine, and no password in it.
fn address(text: &str) -> Result<Url, Error> {
    let unread = |_| Error::BadAddress { url: visible(text), why: "not a URL" };
    let url = Url::parse(text).map_err(unread)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::BadAddress { url: shown(&url), why: "a password must not stand in a shared file" });
    }
    if is_secure(&url) {
        Ok(url)
    } else {
        Err(Error::BadAddress { url: shown(&url), why: "expected `https://HOST/…`" })
    }
}

#[cfg(test)]
mod tests {
    use super::address;
    use crate::endpoint::follow_secure;
    use url::Url;

    #[test]
    fn only_what_nobody_can_change_on_the_way_is_fetched() {
        for (text, fetched) in [
            ("https://audits.example/a.toml", true),
            ("http://127.0.0.1:8000/a.toml", true),
            ("http://[::1]/a.toml", true),
            ("http://audits.example/a.toml", false),
            ("http://127.0.0.1.audits.example/a.toml", false),
            ("http://localhost/a.toml", false),
            ("https://user:pw@audits.example/a.toml", false),
            ("file:///etc/passwd", false),
            ("audits.toml", false),
        ] {
            assert_eq!(address(text).is_ok(), fetched, "{text}");
        }
    }

    #[test]
    fn redirects_lead_to_no_plain_http() {
        for (from, to, followed) in [
            ("https://a.example/x", "https://b.example/y", true),
            ("https://a.example/x", "/y", true),
            ("https://a.example/x", "http://a.example/y", false),
            ("https://a.example/x", "http://127.0.0.1/y", false),
            ("http://127.0.0.1/x", "http://127.0.0.1:1/y", true),
            ("http://127.0.0.1/x", "http://a.example/y", false),
            ("http://127.0.0.1/x", "file:///etc/passwd", false),
        ] {
            assert_eq!(follow_secure(&Url::parse(from).unwrap(), Some(to)).is_ok(), followed, "{from} -> {to}");
        }
    }
}
