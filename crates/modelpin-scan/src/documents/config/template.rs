//! Where templates hide in configuration.

use super::context::Walk;
use super::paths::{Reach, reach};
use crate::documents::json::Json;
use crate::documents::yaml;
use crate::engine::Scan;
use crate::engine::ScanError;
use crate::languages::template::{self, Purpose};
use modelpin_rules::config::CONFIG_PATH_ESCAPE;
use std::collections::BTreeSet;

/// A value under a key that holds templates: text, a list of `{name, template}`, or an object of them.
pub(super) fn entry(key: &str, value: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    if is_chat(key) {
        check(value, Purpose::Chat, walk)?;
    } else if key == "prompt_templates" {
        // Of `smolagents`, which renders them without a sandbox (`populate_template` in `agents.py`).
        check(value, Purpose::Other, walk)?;
    }
    Ok(())
}

/// Whether the value of a key is a chat template, or several.
fn is_chat(key: &str) -> bool {
    key.ends_with("chat_template") || key.ends_with("chat_templates")
}

/// Templates in YAML: those of chats, and any other text with the marks of Jinja, since programs that render prompts
/// of such files do so without a sandbox (`populate_template` in `smolagents/agents.py`, `apply_template` in
/// `lm_eval/utils.py`).
pub(crate) fn in_yaml(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    if !template::is_template(text) {
        return Ok(());
    }
    // What is broken was reported when its tags were read.
    let found = yaml::read(text, &mut scan.budget)?;
    let key = |pair: Option<usize>| pair.and_then(|at| found.pairs.get(at)).map_or("", |pair| pair.key.trim());
    let values = found.pairs.iter().filter_map(|pair| {
        let is_chat = is_chat(pair.key.trim()) || pair.key.trim() == "template" && is_chat(key(pair.parent));
        Some((pair.key.as_str(), pair.value.as_deref()?, is_chat))
    });
    let items = found.items.iter().map(|item| {
        let key = key(item.parent);
        (key, item.text.as_str(), is_chat(key))
    });
    let mut seen = BTreeSet::new();
    for (key, text, is_chat) in values.chain(items) {
        one(key, text, is_chat, &mut seen, scan)?;
    }
    Ok(())
}

/// The same in TOML.
pub(crate) fn in_toml(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    if !template::is_template(text) {
        return Ok(());
    }
    scan.budget.charge_bytes(text.len())?;
    let Ok(table) = toml::from_str::<toml::Table>(text) else { return Ok(()) };
    let table = toml::Value::Table(table);
    let mut left = vec![("", &table, false)];
    let mut seen = BTreeSet::new();
    while let Some((key, value, is_chats)) = left.pop() {
        scan.budget.step()?;
        match value {
            toml::Value::String(text) => one(key, text, is_chats, &mut seen, scan)?,
            toml::Value::Array(items) => left.extend(items.iter().map(|item| (key, item, is_chats))),
            toml::Value::Table(table) => {
                left.extend(table.iter().map(|(key, item)| (key.as_str(), item, is_chats || is_chat(key))));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A text that may be a template. The same text is scanned once.
fn one<'t>(
    key: &str,
    text: &'t str,
    is_chat: bool,
    seen: &mut BTreeSet<(&'t str, bool)>,
    scan: &mut Scan<'_>,
) -> Result<(), ScanError> {
    scan.budget.charge_bytes(text.len())?;
    if template::is_template(text) && seen.insert((text, is_chat)) {
        template::check(text, key, if is_chat { Purpose::Chat } else { Purpose::Other }, scan);
    }
    Ok(())
}

/// Every text below `value` but the names of templates.
fn check(value: &Json, purpose: Purpose, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    walk.scan.budget.step()?;
    match value {
        Json::Text(text) => {
            let key = walk.key();
            template::check(text, &key, purpose, walk.scan);
        }
        Json::List(items) => {
            for (index, item) in items.iter().enumerate() {
                walk.below(&index.to_string(), |walk| check(item, purpose, walk))?;
            }
        }
        Json::Object(entries) => {
            for (key, item) in entries {
                walk.below(key, |walk| {
                    if &**key == "name" {
                        name(item, walk);
                        return Ok(());
                    }
                    check(item, purpose, walk)
                })?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Saving the tokenizer writes the template to a file of its name.
fn name(value: &Json, walk: &mut Walk<'_, '_>) {
    if let Some(text) = value.text()
        && reach(text) != Reach::Beside
    {
        walk.scan.report(&CONFIG_PATH_ESCAPE, walk.at(), format!("a template named `{text}`"));
    }
}
