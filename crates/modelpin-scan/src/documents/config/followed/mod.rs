//! Repos that configurations name, so that a loader takes something from there: tokenizers, backbones, towers, parts of
//! pipelines. What is followed is a table, one row a key.
//!
//! A name that the rows do not lead to is not followed, whatever its key is called. What a loader would take from there
//! is then not in the target, and offline it fails: nothing comes in that was not pinned.

mod name;
mod row;
mod table;
pub(super) mod yaml;

pub(super) use row::is_of;
pub use row::{Condition, Followed, Form, Place};
pub use table::{FOLLOWED, NOT_FOLLOWED};

use super::context::Walk;
use crate::documents::json::Json;
use modelpin_schema::lockfile::DependencyKind;

/// Values that are read under one key of a row. More than any honest file has; references have a bound of their own.
const VALUES: usize = 2000;

/// Follows what a document names.
pub(super) fn document(json: &Json, walk: &mut Walk<'_, '_>) {
    follow(Place::Top, json, walk);
}

/// Follows what an object names, wherever it is in a document.
pub(super) fn object(json: &Json, walk: &mut Walk<'_, '_>) {
    follow(Place::Any, json, walk);
}

/// Whether a YAML file of this name is read for what it names.
pub(super) fn is_read(base: &str) -> bool {
    FOLLOWED.iter().any(|row| row.place == Place::Top && is_of(row.files, base))
}

fn follow(place: Place, json: &Json, walk: &mut Walk<'_, '_>) {
    for row in FOLLOWED.iter().filter(|row| row.place == place && is_of(row.files, walk.base)) {
        let DependencyKind::Reference(role) = row.kind else { continue };
        for key in row.keys {
            let mut places = Vec::new();
            let (above, last) = key.rsplit_once('.').map_or((None, *key), |(above, last)| (Some(above), last));
            find(json, above, &mut places);
            for object in places.into_iter().filter(|object| row.when.iter().all(|when| holds(*when, object))) {
                let revision = row.revision.and_then(|key| object.get(key)).and_then(Json::text);
                for value in values(object, last) {
                    let Some((repo, at)) = name::repo(row.form, value, json) else { continue };
                    walk.refers(role, &repo, at.as_deref().or(revision));
                }
            }
        }
    }
}

/// The objects that `keys` lead to from `json`.
fn find<'j>(json: &'j Json, keys: Option<&str>, places: &mut Vec<&'j Json>) {
    let Some(keys) = keys else {
        if places.len() < VALUES {
            places.push(json);
        }
        return;
    };
    let (key, rest) = keys.split_once('.').map_or((keys, None), |(key, rest)| (key, Some(rest)));
    if key == "*" {
        json.entries().iter().map(|(_, value)| value).chain(json.items()).for_each(|value| find(value, rest, places));
    } else if let Some(value) = json.get(key).or_else(|| last(json, key)) {
        find(value, rest, places);
    }
}

/// The last item of a list, where the number `key` says which that is.
fn last<'j>(json: &'j Json, key: &str) -> Option<&'j Json> {
    let before = json.items().len().checked_sub(1)?;
    json.items().last().filter(|_| key.parse() == Ok(before))
}

/// The texts under `key` of `json`, or in a list there.
fn values<'j>(json: &'j Json, key: &str) -> Vec<&'j str> {
    let of = |value: &'j Json| value.text().into_iter().chain(value.items().iter().filter_map(Json::text));
    let texts: Box<dyn Iterator<Item = &str>> = match key {
        "*" => Box::new(json.entries().iter().flat_map(|(_, value)| of(value)).chain(json.items().iter().flat_map(of))),
        key => Box::new(json.get(key).into_iter().flat_map(of)),
    };
    texts.take(VALUES).collect()
}

/// Whether `when` holds of an object.
pub(super) fn holds(when: Condition, json: &Json) -> bool {
    let has = |key: &str| json.get(key).is_some_and(|value| value != &Json::Null);
    // YAML has it as text.
    let is_on = |key: &str| match json.get(key) {
        Some(Json::Bool(on)) => *on,
        Some(Json::Text(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    };
    match when {
        Condition::Has(keys) => keys.iter().any(|key| has(key)),
        Condition::Lacks(keys) => !keys.iter().any(|key| has(key)),
        Condition::On(key) => is_on(key),
        Condition::Off(key) => !is_on(key),
        Condition::Is(key, values) => json.get(key).and_then(Json::text).is_some_and(|text| values.contains(&text)),
        Condition::IsNot(key, values) => !holds(Condition::Is(key, values), json),
        Condition::New(class) => json.get(yaml::TAG).and_then(Json::text).is_some_and(|name| name.starts_with(class)),
    }
}
