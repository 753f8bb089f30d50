//! What a project wants done about a rule: its level, from models.toml or the table.

use modelpin_rules::{Property, Rule, all, find};
use modelpin_schema::Manifest;
use modelpin_schema::fault::{Fault, nearest};
use modelpin_schema::manifest::policy::Level;

/// What `manifest` wants done about a rule.
#[must_use]
pub fn level(manifest: &Manifest, rule: &Rule) -> Level {
    let wanted = manifest.policy.rules.iter().find(|(id, _)| id.as_str() == rule.id).map(|(_, level)| *level);
    wanted.filter(|_| !rule.fixed).unwrap_or(rule.level)
}

/// Checks that each rule below `[policy.rules]` is there, and may be set as it is; `file` is the manifest's name.
///
/// # Errors
/// The first that is not, or may not.
pub fn check(file: &str, manifest: &Manifest) -> Result<(), Fault> {
    for (id, level) in &manifest.policy.rules {
        let fault = |message: String, help: String| {
            let place = manifest.policy.place(&format!("rules.{id}")).cloned();
            Err(Fault { file: file.to_owned(), place, message, help: Some(help) })
        };
        match find(id.as_str()) {
            None => {
                let meant = nearest(id.as_str(), all().map(|rule| rule.id));
                let help = meant.map_or_else(
                    || "`modelpin check --explain RULE` explains one; docs/reference/rules.md lists all".to_owned(),
                    |meant| format!("did you mean `{meant}`?"),
                );
                return fault(format!("`{id}` is no rule"), help);
            }
            Some(rule)
                if (rule.fixed || (manifest.uses_plain_folders() && rule.about_folder)) && *level != Level::Deny =>
            {
                let help = if rule.property.needs_decision() || !rule.fixed {
                    format!(
                        "take the line out: it would hold for whatever bytes come; `modelpin exempt NAME FILE --reason WHY --owner WHO --ticket TICKET --expires 90d` lets exactly the bytes in that are locked (`modelpin check --explain {id}`)"
                    )
                } else {
                    format!(
                        "`modelpin check --explain {id}` says how a file is let in: by a decision about its exact bytes"
                    )
                };
                let what = match rule.property {
                    Property::RunsCode => ": it is about what runs code",
                    Property::NotJudged => ": it is about what could not be judged",
                    _ if rule.fixed => "",
                    _ => " with a `flat:` target",
                };
                return fault(format!("the rule `{id}` cannot be switched off{what}"), help);
            }
            Some(_) => {}
        }
    }
    Ok(())
}
