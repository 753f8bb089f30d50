//! Recipes that Conda packages are built from (`meta.yaml`, `recipe.yaml`): building one fetches and runs what it says.

use super::asked::place;
use crate::documents::yaml;
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::requirement::{REQUIREMENT_SOURCE, REQUIREMENT_UNSUPPORTED};

/// Scans a document; what is no recipe has none of its keys.
pub(crate) fn recipe(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let found = yaml::read(text, &mut scan.budget)?;
    let has = |key: &str| found.pairs.iter().any(|pair| pair.parent.is_none() && pair.key == key);
    if !has("package") || !has("build") {
        return Ok(());
    }
    let above = |parent: Option<usize>| parent.and_then(|parent| found.pairs.get(parent)).map(|pair| pair.key.as_str());
    for pair in &found.pairs {
        scan.budget.step()?;
        let at = Location::Line(pair.line);
        match (above(pair.parent), pair.key.as_str()) {
            (Some("build"), "script") => {
                let what = pair.value.as_deref().unwrap_or("a list of commands");
                scan.report(&REQUIREMENT_UNSUPPORTED, at, format!("building it runs `{what}`"));
            }
            (Some("source"), "url" | "git_url" | "git" | "hg_url" | "svn_url") => {
                if let Some(from) = &pair.value {
                    place(from, scan);
                    scan.report(&REQUIREMENT_SOURCE, at, from);
                }
            }
            _ => {}
        }
    }
    Ok(())
}
