//! The listing of a commit: every file with its length and the Hub's claim of its content.

use crate::api::read;
use crate::endpoint::shown;
use crate::hub::Hub;
use crate::request::{Purpose, read_body};
use crate::{Error, wire};
use modelpin_schema::text::visible;
use modelpin_schema::{BlobId, Claim, CommitId, Digest, RepoPath, Source};
use reqwest::header::LINK;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use std::fmt;
use url::Url;

/// The most bytes of one page. The Hub's have a thousand files; other servers have one page of all.
const MAX_PAGE: usize = 32 << 20;
/// The most files of one commit.
const MAX_ENTRIES: usize = 1_000_000;

/// A listed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path.
    pub path: RepoPath,
    /// Bytes.
    pub size: u64,
    /// What the Hub claims of its content.
    pub claim: Claim,
}

impl Entry {
    /// About how much memory it takes, in bytes.
    fn weight(&self) -> usize {
        size_of::<Self>() + self.path.as_str().len() + 64
    }
}

/// The files of a page, read row by row: what a row says beside them is dropped at once.
struct Page(Result<Vec<Entry>, Error>);

impl<'de> Deserialize<'de> for Page {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Rows;
        impl<'de> Visitor<'de> for Rows {
            type Value = Page;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of files")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Page, A::Error> {
                let mut page = Ok(Vec::new());
                while let Some(row) = rows.next_element::<wire::Entry>()? {
                    match (&mut page, entry(row)) {
                        (Ok(entries), Ok(found)) => entries.extend(found),
                        (Ok(_), Err(error)) => page = Err(error),
                        (Err(_), _) => {}
                    }
                }
                Ok(Page(page))
            }
        }
        from.deserialize_seq(Rows)
    }
}

impl Hub {
    /// All files of a commit, sorted by path.
    ///
    /// # Errors
    /// Whatever keeps the Hub from answering; a listing with anything in it that is not to be believed.
    pub async fn tree(&self, source: &Source, commit: &CommitId) -> Result<Vec<Entry>, Error> {
        let answer = async {
            let mut url = self.endpoint().api(source, &format!("/tree/{commit}"))?;
            url.set_query(Some("recursive=true&expand=false"));
            let mut entries = Vec::new();
            loop {
                let answer = self.get(Purpose::Api, url.clone(), None).await;
                let response = answer.map_err(|error| error.of_revision(&commit.hex()))?.response;
                let links = response.headers().get_all(LINK).iter().filter_map(|value| value.to_str().ok());
                let next = links.filter_map(next_page).next().map(str::to_owned);
                let page = parse_page(&read_body(response, MAX_PAGE).await?)?;
                let progress = !page.is_empty();
                self.listed(page.iter().map(Entry::weight).sum())
                    .map_err(|what| Error::Malformed { url: shown(&url), what })?;
                entries.extend(page);
                if entries.len() > MAX_ENTRIES {
                    return Err(Error::Malformed { url: shown(&url), what: format!("more than {MAX_ENTRIES} files") });
                }
                let Some(next) = next else { break };
                let next = url
                    .join(&next)
                    .map_err(|_| Error::Redirect { url: shown(&url), why: "its next page has no address" })?;
                url = self.next_page(&url, next, progress)?;
            }
            entries.sort_by(|a, b| a.path.cmp(&b.path));
            if let Some(twice) = entries.windows(2).find(|pair| matches!(pair, [a, b] if a.path == b.path)) {
                let got = twice.first().map(|entry| entry.path.to_string()).unwrap_or_default();
                return Err(Error::Hostile { what: "a path that is listed twice", got });
            }
            Ok(entries)
        };
        answer.await.map_err(|error| self.shown(error))
    }

    fn next_page(&self, from: &Url, next: Url, progress: bool) -> Result<Url, Error> {
        if !self.endpoint().owns(&next) {
            return Err(Error::Redirect { url: shown(from), why: "its next page is on another server" });
        }
        if next == *from || !progress {
            return Err(Error::Redirect { url: shown(from), why: "its pages never end" });
        }
        Ok(next)
    }
}

/// The address of `<…>; rel="next"`.
fn next_page(link: &str) -> Option<&str> {
    link.split(',').find_map(|link| {
        let (address, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
        rest.split(';').any(|part| matches!(part.trim(), "rel=\"next\"" | "rel=next")).then_some(address)
    })
}

/// Reads one page of a listing: its files.
#[doc(hidden)]
pub fn parse_page(page: &[u8]) -> Result<Vec<Entry>, Error> {
    read::<Page>("the listing", page)?.0
}

/// The file that a row is; none where it is a folder.
fn entry(listed: wire::Entry) -> Result<Option<Entry>, Error> {
    if listed.kind == "directory" {
        return Ok(None);
    }
    if listed.kind != "file" {
        return Err(Error::Hostile { what: "an entry that is neither file nor directory", got: visible(&listed.kind) });
    }
    let path = listed.path.parse().map_err(|error: modelpin_schema::Invalid| Error::Hostile {
        what: "a path that must not be written",
        got: error.to_string(),
    })?;
    let wrong = |text: &str| Error::Hostile { what: "an invalid hash", got: visible(text) };
    let (claim, size) = match &listed.lfs {
        Some(lfs) => {
            let oid = lfs.oid.strip_prefix("sha256:").unwrap_or(&lfs.oid);
            (Claim::Sha256(Digest::from_hex(oid).map_err(|_| wrong(oid))?), lfs.size.unwrap_or(listed.size))
        }
        None => (Claim::GitBlob(BlobId::from_hex(&listed.oid).map_err(|_| wrong(&listed.oid))?), listed.size),
    };
    if i64::try_from(size).is_err() {
        return Err(Error::Hostile { what: "an invalid file length", got: size.to_string() });
    }
    Ok(Some(Entry { path, size, claim }))
}

#[cfg(test)]
mod tests {
    use super::{next_page, parse_page};

    #[test]
    fn the_next_page_is_found() {
        assert_eq!(next_page("<http://h/a?cursor=x>; rel=\"next\""), Some("http://h/a?cursor=x"));
        assert_eq!(next_page("<http://h/a>; rel=\"prev\", <http://h/b>; rel=\"next\""), Some("http://h/b"));
        assert_eq!(next_page("<http://h/a>; rel=\"prev\""), None);
    }

    #[test]
    fn a_listing_with_anything_odd_in_it_is_refused() {
        let oid = "ab".repeat(20);
        let page = |path: &str, kind: &str, oid: &str| {
            parse_page(
                serde_json::json!([{ "type": kind, "path": path, "oid": oid, "size": 3 }]).to_string().as_bytes(),
            )
        };
        assert_eq!(page("a/b", "file", &oid).unwrap().len(), 1);
        assert_eq!(page("a", "directory", &oid).unwrap().len(), 0);
        for (path, kind, oid) in
            [("../b", "file", oid.as_str()), ("/b", "file", &oid), ("b", "unknown", &oid), ("b", "file", "ab")]
        {
            assert!(page(path, kind, oid).is_err(), "{path} {kind} {oid}");
        }
        assert!(parse_page(b"{}").is_err());
    }
}
