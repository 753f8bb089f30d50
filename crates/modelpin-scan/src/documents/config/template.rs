//! Where templates hide in configuration.

use super::context::Walk;
use super::paths::{Reach, reach};
use crate::documents::json::Json;
use crate::engine::ScanError;
use crate::languages::template;
use modelpin_rules::config::CONFIG_PATH_ESCAPE;

/// A value under a key that holds templates: text, a list of `{name, template}`, or an object of them.
pub(super) fn entry(key: &str, value: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    if key.ends_with("chat_template") || key.ends_with("chat_templates") {
        check(value, walk)?;
    }
    Ok(())
}

/// Every text below `value` but the names of templates.
fn check(value: &Json, walk: &mut Walk<'_, '_>) -> Result<(), ScanError> {
    walk.scan.budget.step()?;
    match value {
        Json::Text(text) => {
            let key = walk.key();
            template::text(text, &key, walk.scan);
        }
        Json::List(items) => {
            for (index, item) in items.iter().enumerate() {
                walk.below(&index.to_string(), |walk| check(item, walk))?;
            }
        }
        Json::Object(entries) => {
            for (key, item) in entries {
                walk.below(key, |walk| {
                    if &**key == "name" {
                        name(item, walk);
                        return Ok(());
                    }
                    check(item, walk)
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

/// Prompts that say themselves that they are Jinja templates (`template_format` of LangChain).
pub(super) fn object(json: &Json, walk: &mut Walk<'_, '_>) {
    if json.get("template_format").and_then(Json::text) == Some("jinja2")
        && let Some(text) = json.get("template").and_then(Json::text)
    {
        let key = walk.key();
        template::text(text, &key, walk.scan);
    }
}
