//! A token and the origin that it is for.

use crate::{Endpoint, Error, UnusableToken};
use reqwest::header::HeaderValue;
use std::fmt;
use url::{Origin, Url};

/// The most bytes of a token: it stands in a header.
const MAX_BYTES: usize = 4096;

/// What stands before a token in its header.
const SCHEME: &[u8] = b"Bearer ";
/// The fewest bytes of a secret that is looked for in what is shown: shorter ones are parts of words.
const MIN_SECRET: usize = 4;

/// A token, bound to the one origin that it is sent to. It cannot be printed.
#[derive(Clone)]
pub struct Token {
    origin: Origin,
    /// The token; or why what was found is unusable, which is an error only when it would be sent.
    secret: Result<HeaderValue, UnusableToken>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// The token in `text`, which was found in the variable or file `found`, for `endpoint`; none where anyone on the
    /// way there could read it.
    #[must_use]
    pub fn new(endpoint: &Endpoint, found: &str, text: &[u8]) -> Option<Self> {
        let secret = read(text).map_err(|why| UnusableToken { found: found.to_owned(), why });
        endpoint.is_private().then(|| Self { origin: endpoint.origin(), secret })
    }

    /// A token that a person named for `endpoint` and that is not there.
    #[must_use]
    pub fn missing(endpoint: &Endpoint, found: &str, why: &'static str) -> Option<Self> {
        let secret = Err(UnusableToken { found: found.to_owned(), why });
        endpoint.is_private().then(|| Self { origin: endpoint.origin(), secret })
    }

    /// The header for a request to `url`; none where that is another origin.
    ///
    /// # Errors
    /// What was found is unusable as a token.
    pub(crate) fn header(&self, url: &Url) -> Result<Option<HeaderValue>, Error> {
        if url.origin() != self.origin {
            return Ok(None);
        }
        self.secret.clone().map(Some).map_err(|unusable| Error::UnusableToken(Box::new(unusable)))
    }
}

impl Token {
    /// `text` with every copy of the token in it replaced by `***`: a server may send it back. A copy may be
    /// in another case, as in the name of a host, percent-encoded, as in an address, or cut short by `…`.
    #[must_use]
    pub(crate) fn redact(&self, text: String) -> String {
        let secret = self.secret.as_ref().ok().and_then(|header| header.as_bytes().strip_prefix(SCHEME));
        match secret.filter(|secret| secret.len() >= MIN_SECRET) {
            Some(secret) => redact(secret, text),
            None => text,
        }
    }

    /// `error` without the token in anything that a server said.
    pub(crate) fn redact_error(&self, mut error: Error) -> Error {
        let said: Vec<&mut String> = match &mut error {
            Error::BadEndpoint { endpoint, why } => vec![endpoint, why],
            Error::BadAddress { url, .. } | Error::Unreachable { url, .. } | Error::Redirect { url, .. } => vec![url],
            Error::Gated { message, .. } | Error::Forbidden { message } => vec![message],
            Error::RevisionGone { revision } => vec![revision],
            Error::Status { url, message, request, .. } => [url, message].into_iter().chain(request).collect(),
            Error::Malformed { url, what } => vec![url, what],
            Error::Hostile { got, .. } | Error::Length { got, .. } | Error::CommitMismatch { got, .. } => vec![got],
            Error::Encoding { url, encoding } => vec![url, encoding],
            Error::BadCertificates { .. }
            | Error::Client(_)
            | Error::Disabled
            | Error::UnusableToken(_)
            | Error::BadToken
            | Error::NotFoundOrPrivate { .. }
            | Error::EntryGone
            | Error::RateLimited { .. }
            | Error::Cut { .. } => Vec::new(),
        };
        for text in said {
            *text = self.redact(std::mem::take(text));
        }
        error
    }
}

fn redact(secret: &[u8], text: String) -> String {
    let (mut out, mut at, mut kept) = (String::new(), 0, 0);
    while let Some(rest) = text.as_bytes().get(at..).filter(|rest| !rest.is_empty()) {
        match copy(secret, rest) {
            // A copy is ASCII, so both of its ends are the borders of characters.
            Some(length) => {
                out.push_str(text.get(kept..at).unwrap_or_default());
                out.push_str("***");
                at += length;
                kept = at;
            }
            None => at += 1,
        }
    }
    if kept == 0 {
        return text;
    }
    out + text.get(kept..).unwrap_or_default()
}

/// How many bytes of `text` are a copy of `secret`, if it begins with one.
fn copy(secret: &[u8], text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for (known, byte) in secret.iter().enumerate() {
        let rest = text.get(at..).unwrap_or_default();
        if known >= MIN_SECRET && rest.starts_with("…".as_bytes()) {
            return Some(at);
        }
        let encoded = match rest {
            [b'%', high, low, ..] => {
                std::str::from_utf8(&[*high, *low]).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok())
            }
            _ => None,
        };
        let (found, length) = match encoded {
            Some(found) => (found, 3),
            None => (*rest.first()?, 1),
        };
        if !found.eq_ignore_ascii_case(byte) {
            return None;
        }
        at += length;
    }
    Some(at)
}

/// `text` as a header, without the white space around it.
fn read(text: &[u8]) -> Result<HeaderValue, &'static str> {
    let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8")?.trim();
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.len() > MAX_BYTES {
        return Err("it is longer than any token");
    }
    if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer ")) {
        return Err("it begins with `Bearer`, which belongs to the header and not to the token");
    }
    if text.contains(['"', '\'', '`', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}']) {
        return Err("it has quotes in it");
    }
    if text.contains(char::is_whitespace) {
        return Err("it has a space or a line end in it");
    }
    // RFC 6750, section 2.1.
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b);
    let bare = text.trim_end_matches('=');
    if bare.is_empty() || !bare.bytes().all(is_token) {
        return Err("it has a character in it that no token has");
    }
    let mut header = HeaderValue::try_from(format!("Bearer {text}")).map_err(|_| "it cannot stand in a header")?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::{Token, read};
    use crate::Endpoint;
    use url::Url;

    fn endpoint(text: &str) -> Endpoint {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_no_token_is_said_and_not_shown() {
        let long = "a".repeat(5000);
        for text in [
            "",
            "  ",
            "hf a",
            "hf_a\nhf_b",
            "hf_ü",
            "Bearer hf_a",
            "bearer hf_a",
            "\"hf_a\"",
            "'hf_a'",
            "`hf_a`",
            "\u{201c}hf_a\u{201d}",
            "hf\u{7f}a",
            "hf\0a",
            "hf_a\u{200b}",
            "Bearer:hf_a",
            "Authorization:Bearer",
            "HF_TOKEN=hf_a",
            "${HF_TOKEN}",
            "$HF",
            "<hf_a>",
            "***",
            "hf_a,hf_b",
            "hf_a;x",
            "hf_a\\n",
            "{hf_a}",
            "hf_a…",
            "=",
            "==hf_a",
            &long,
        ] {
            let why = read(text.as_bytes()).unwrap_err();
            assert!(!why.contains("hf_a") && !why.is_empty(), "{text}");
        }
        for text in ["hf_abc", " hf_abc\r\n", "eyJh.eyJz-_~+/=="] {
            assert_eq!(read(text.as_bytes()).unwrap(), format!("Bearer {}", text.trim()));
        }
    }

    #[test]
    fn a_token_that_is_said_back_is_struck_out() {
        let token = Token::new(&endpoint("https://hub.example"), "`HF_TOKEN`", b"hf_A+b/9=").unwrap();
        for (text, shown) in [
            ("Bearer hf_A+b/9=", "Bearer ***"),
            ("hf_A+b/9=hf_A+b/9= x", "****** x"),
            ("https://HF_a+B/9=.example", "https://***.example"),
            ("/x/hf_A%2Bb%2f9%3D/y", "/x/***/y"),
            ("/%68f%5FA%2bb/9=", "/***"),
            ("it is hf_A+…", "it is ***…"),
            ("é hf_A+b/9= é", "é *** é"),
            ("hf_A+b", "hf_A+b"),
            ("hf_ and %", "hf_ and %"),
            ("", ""),
        ] {
            assert_eq!(token.redact(text.to_owned()), shown);
        }
    }

    #[test]
    fn a_token_goes_to_its_origin_alone() {
        let token = Token::new(&endpoint("https://hub.example/sub"), "`HF_TOKEN`", b"hf_a").unwrap();
        for (url, sent) in [
            ("https://hub.example/x", true),
            ("https://HUB.example:443/", true),
            ("https://hub.example:444/x", false),
            ("http://hub.example/x", false),
            ("https://hub.example.evil/", false),
            ("https://hub.example@evil/", false),
            ("https://cdn.hub.example/", false),
        ] {
            assert_eq!(token.header(&Url::parse(url).unwrap()).unwrap().is_some(), sent, "{url}");
        }
        assert!(Token::new(&endpoint("http://hub.example"), "`HF_TOKEN`", b"hf_a").is_none());
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn what_is_no_token_matters_only_where_it_would_be_sent() {
        let token = Token::new(&endpoint("https://hub.example"), "`HF_TOKEN`", b"hf a").unwrap();
        assert!(token.header(&Url::parse("https://cdn.example/").unwrap()).unwrap().is_none());
        let refused = token.header(&Url::parse("https://hub.example/").unwrap()).unwrap_err();
        assert_eq!(refused.to_string(), "`HF_TOKEN` does not hold a usable token: it has a space or a line end in it");
    }
}
