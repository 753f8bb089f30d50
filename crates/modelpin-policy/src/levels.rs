//! What a project wants done about a rule: models.toml decides, or else the table of rules.

use modelpin_rules::{Property, Rule, all, find};
use modelpin_schema::Manifest;
use modelpin_schema::fault::{Fault, nearest};
use modelpin_schema::manifest::policy::Level;

/// What a project requires, and whether its target is plain folders.
#[derive(Debug, Clone, Copy)]
pub struct ProjectPolicy<'a> {
    /// The manifest.
    pub manifest: &'a Manifest,
    /// Whether the target is plain folders, in which people may work; models.toml or a command may have chosen it.
    pub is_flat: bool,
}

impl ProjectPolicy<'_> {
    /// What is done about a rule.
    #[must_use]
    pub fn level(&self, rule: &Rule) -> Level {
        if self.is_denied_in_folders(rule) { Level::Deny } else { level(self.manifest, rule) }
    }

    /// Whether nothing is done about a rule.
    #[must_use]
    pub fn allows(&self, rule: &Rule) -> bool {
        self.level(rule) == Level::Allow
    }

    /// Whether the rule is denied because the target is plain folders.
    pub(crate) fn is_denied_in_folders(&self, rule: &Rule) -> bool {
        self.is_flat && rule.about_folder
    }
}

/// What `manifest` wants done about a rule, wherever the files go.
pub(crate) fn level(manifest: &Manifest, rule: &Rule) -> Level {
    if rule.fixed {
        return rule.level;
    }
    let chosen = manifest.policy.rules.iter().find(|(id, _)| id.as_str() == rule.id);
    chosen.map_or(rule.level, |(_, level)| *level)
}

/// Checks that each key of `[policy.rules]` is a rule, and that its level may be set; `file` is the manifest's name.
///
/// # Errors
/// The first key that is not a rule, or that relaxes one that cannot be relaxed.
pub fn check_levels(file: &str, manifest: &Manifest) -> Result<(), Fault> {
    for (id, level) in &manifest.policy.rules {
        let wrong = match find(id.as_str()) {
            None => Some(unknown(id.as_str())),
            Some(rule) => relaxed(manifest, rule, *level),
        };
        if let Some((message, help)) = wrong {
            let place = manifest.policy.place(&format!("rules.{id}")).cloned();
            return Err(Fault { file: file.to_owned(), place, message, help: Some(help) });
        }
    }
    Ok(())
}

fn unknown(id: &str) -> (String, String) {
    let help = match nearest(id, all().map(|rule| rule.id)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`modelpin check --explain RULE` explains a rule; docs/reference/rules.md lists all".to_owned(),
    };
    (format!("unknown rule `{id}`"), help)
}

/// What is wrong with setting `rule` to `level`, and what to do instead.
fn relaxed(manifest: &Manifest, rule: &Rule, level: Level) -> Option<(String, String)> {
    let is_in_folders = manifest.uses_plain_folders() && rule.about_folder;
    if level == Level::Deny || !(rule.fixed || is_in_folders) {
        return None;
    }
    let id = rule.id;
    let why = match rule.property {
        Property::RunsCode => ": files with this finding run code",
        Property::NotScanned => ": files with this finding could not be scanned completely",
        Property::Advice if rule.fixed => "",
        Property::Advice => " with a `flat:` target",
    };
    let help = if rule.property.needs_decision() || is_in_folders && !rule.fixed {
        format!(
            "remove the line, which would hold for any bytes; `modelpin exempt NAME FILE --reason WHY --owner WHO \
             --ticket TICKET --expires 90d` accepts the locked bytes of one file (`modelpin check --explain {id}`)"
        )
    } else {
        format!("remove the line; `modelpin check --explain {id}` says what settles it")
    };
    Some((format!("`{id}` cannot be set to `{level}`{why}"), help))
}
