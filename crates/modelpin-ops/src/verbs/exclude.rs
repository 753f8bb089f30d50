//! `exclude`: adds patterns to the `exclude` of an entry, and locks it again at the same commit.

use super::add;
use super::lock::{LockOptions, Planned};
use crate::online::Online;
use crate::refusal::{Failure, usage};
use crate::workspace::Workspace;
use modelpin_schema::{Filter, Name, Pattern};

/// The manifest with `patterns` in the `exclude` of its entry `name`, and the lock with its pin without what they match.
///
/// # Errors
/// An entry that models.toml does not name; patterns that match no file, or every one; whatever keeps the pin from being
/// made.
pub async fn plan(
    workspace: &Workspace,
    online: &Online,
    name: &Name,
    patterns: &[Pattern],
    options: &LockOptions,
) -> Result<Planned, Failure> {
    let project = &workspace.project;
    if !project.manifest.entries.contains_key(name) {
        if let Some(pin) = project.lock.as_ref().and_then(|lock| lock.pins.get(name)) {
            return Err(usage::exclude_undeclared(name, pin, patterns).into());
        }
        let known: Vec<&Name> = project.manifest.entries.keys().collect();
        return Err(usage::unknown_name(name, &known).into());
    }
    let more = Filter { exclude: patterns.to_vec(), ..Filter::default() };
    add::extend(workspace, online, name, &more, options).await
}
