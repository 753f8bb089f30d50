//! `export`: the lock as evidence for other tools.

use crate::exclusions::exclusions;
use crate::refusal::Failure;
use crate::workspace::Workspace;
use modelpin_schema::text::line;
use modelpin_store::install::Plan;

/// All locked files that the policy lets into the target, as `sha256sum --check` reads them, with their paths in the
/// target as it is laid out, so that the check needs neither modelpin nor its store.
///
/// # Errors
/// A lock that is not up to date with the manifest; decisions that cannot be read.
pub fn sha256sums(workspace: &Workspace) -> Result<String, Failure> {
    let lock = workspace.project.locked()?;
    let layout = workspace.project.target()?.layout;
    let admission = workspace.evaluate_policy(lock)?.admission;
    let plan = Plan::new(lock, layout, &exclusions(&admission).from_target())?;
    let mut out = String::new();
    for (name, pin) in &lock.pins {
        let folder = modelpin_store::install::folder_of(layout, name, pin);
        for (path, file) in plan.visible(name, pin) {
            line(&mut out, format_args!("{}  {folder}/{path}", file.sha256.hex()));
        }
    }
    Ok(out)
}
