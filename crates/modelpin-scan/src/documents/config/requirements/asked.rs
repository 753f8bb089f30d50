//! What a list asks to be installed, as facts: name, and how it is asked for.

use crate::engine::{Scan, ScanError};

/// Requirements of one file that are kept.
const KEPT: usize = 1000;

/// Records that `name` is required, with the version constraint `how`; `unpinned` where that is empty.
pub(super) fn asked(name: &str, how: &str, scan: &mut Scan<'_>) {
    let how = how.split_whitespace().collect::<Vec<_>>().join(" ");
    let how = if how.is_empty() { "unpinned".to_owned() } else { bare(&how) };
    // The address of a proxy may be there without its scheme.
    let how = if name.ends_with("proxy") { how.rsplit('@').next().unwrap_or_default().to_owned() } else { how };
    let entry = (bare(name.trim()), how);
    if entry.0.is_empty() || scan.facts.requires.contains(&entry) {
        return;
    }
    if scan.facts.requires.len() >= KEPT {
        return scan.record_error(ScanError::LimitReached("requirements of a file"));
    }
    scan.facts.requires.insert(entry);
}

/// Records a requirement that is a place: under the name before its `@`, or the one that an `egg` gives it, or its own.
pub(super) fn place(text: &str, scan: &mut Scan<'_>) {
    let named = text.split_once('@').map(|(name, place)| (name.trim(), place.trim()));
    let is_name = |name: &str| !name.is_empty() && !name.contains(['/', ':', '\\', '+', ' ']);
    if let Some((name, place)) = named.filter(|(name, place)| is_name(name) && place.contains(':')) {
        return asked(name, place, scan);
    }
    let egg = text.split_once("#egg=").map(|(_, egg)| egg.split(['&', '[', ' ', ';']).next().unwrap_or_default());
    asked(egg.filter(|egg| !egg.is_empty()).unwrap_or(text), text, scan);
}

/// A text without what may be secret in its addresses: users, passwords and queries.
fn bare(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let end = after.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).unwrap_or(after.len());
        let (address, behind) = after.split_at_checked(end).unwrap_or((after, ""));
        let host = address.find(['/', '?', '#', '\\']).unwrap_or(address.len());
        let (host, path) = address.split_at_checked(host).unwrap_or((address, ""));
        out.push_str(host.rsplit('@').next().unwrap_or_default());
        match path.split_once('?') {
            Some((path, query)) => {
                out.push_str(path);
                let fragment = query.split_once('#').map(|(_, fragment)| fragment);
                fragment.into_iter().for_each(|fragment| out.extend(["#", fragment]));
            }
            None => out.push_str(path),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn addresses_are_kept_without_secrets() {
        for (text, kept) in [
            ("==2.6.0", "==2.6.0"),
            ("git+https://me:secret@host/x@v1#egg=y", "git+https://host/x@v1#egg=y"),
            ("https://a@b:c@host", "https://host"),
            ("https://host/simple?token=secret#egg=y", "https://host/simple#egg=y"),
            ("https://u:p@one/ https://q:r@two/", "https://one/ https://two/"),
            ("https://host?a=://u:p@x", "https://host"),
        ] {
            assert_eq!(bare(text), kept, "{text}");
        }
    }
}
