//! Lists in JSON: `Pipfile.lock` of pipenv, `package.json` of npm.

use super::asked::asked;
use super::package;
use super::source::source;
use crate::documents::json::{Json, join};
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::requirement::REQUIREMENT_SOURCE;

/// Where a package of pipenv comes from, if not from an index (`pipenv/utils/requirementslib.py`).
const PLACES: [&str; 8] = ["git", "hg", "svn", "bzr", "file", "path", "url", "uri"];

/// Scans a `Pipfile.lock`: the indexes, and every package of each category.
pub(super) fn pipenv(json: &Json, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    for (category, packages) in json.entries() {
        if &**category == "_meta" {
            for index in packages.get("sources").map(Json::items).unwrap_or_default() {
                scan.budget.step()?;
                if let Some(url) = index.get("url").and_then(Json::text) {
                    source("an index", url, Location::Key("_meta.sources".to_owned()), scan);
                }
            }
            continue;
        }
        for (name, package) in packages.entries() {
            scan.budget.step()?;
            let at = || Location::Key(join(category, name));
            package::name(name, at(), scan);
            let text = |key: &str| package.get(key).and_then(Json::text);
            let version = text("version").or_else(|| package.text());
            asked(name, version.unwrap_or_default(), scan);
            for key in PLACES {
                text(key).into_iter().for_each(|from| source(key, from, at(), scan));
            }
        }
    }
    Ok(())
}

/// Lists of packages in the files of npm.
const LISTS: [&str; 6] =
    ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "overrides", "resolutions"];

/// Scans what npm installs: packages that do not come from its index by their name
/// (<https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies>).
pub(super) fn npm(json: &Json, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    for list in LISTS {
        for (name, value) in json.get(list).map(Json::entries).unwrap_or_default() {
            scan.budget.step()?;
            let Some(from) = value.text().or_else(|| value.get("version").and_then(Json::text)) else { continue };
            let is_place = from.contains(['/', ':']) && !from.starts_with("npm:") && !from.starts_with("workspace:");
            if is_place {
                asked(name, from, scan);
                scan.report(&REQUIREMENT_SOURCE, Location::Key(join(list, name)), format!("{name} `{from}`"));
            }
        }
    }
    Ok(())
}
