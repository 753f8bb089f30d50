//! `models.audits.toml` on disk, with the audits that it imports.
//!
//! - `import`: other teams' audits
//! - `read`: the text of a file of audits
//! - `write`: adding a decision

mod import;
mod read;
pub(crate) mod write;

pub use import::fetch_imports;
pub(crate) use read::{believe, own};

pub use crate::file_names::AUDITS;
use crate::online::Online;
use crate::project::Project;
use crate::refusal::Failure;
use modelpin_policy::Decisions;
use modelpin_schema::Digest;
use modelpin_schema::audits::{Audits, From};
use modelpin_store::Store;
use std::path::Path;

/// The decisions of `project`. Imported files are read where they are; those from an address come from the `store`,
/// which has them by their hash. Uses no network.
///
/// # Errors
/// A file of decisions that cannot be read or is invalid; an import that is missing or has other bytes than recorded.
pub fn load(project: &Project, store: &Store) -> Result<Decisions, Failure> {
    let own = own(&project.dir)?;
    project.check_imports(own.imports.iter().filter_map(|import| match &import.from {
        From::Path(path) => Some(path),
        From::Url(_) => None,
    }))?;
    let mut imported = Vec::new();
    let mut refusals = Vec::new();
    for import in &own.imports {
        match import::load(project, store, import) {
            Ok(audits) => imported.push((import.name.clone(), audits)),
            Err(Failure::Refused(refused)) => refusals.extend(refused),
            Err(other) => return Err(other),
        }
    }
    crate::refusal::fail_if_any(refusals)?;
    Ok(Decisions::new(own, imported, project.manifest.policy.audits))
}

/// The decisions of `project`, after fetching the imports that the store does not have.
///
/// # Errors
/// As [`fetch_imports`] and [`load`].
pub async fn fetch_and_load(online: &Online, project: &Project) -> Result<Decisions, Failure> {
    fetch_imports(online, project).await?;
    load(project, &online.store)
}

/// No decisions at all, for `project`.
pub(crate) fn none(project: &Project) -> Decisions {
    Decisions::new(Audits::default(), Vec::new(), project.manifest.policy.audits)
}

/// The files of other teams' decisions that the store has for the project in `dir`, by their hash.
///
/// # Errors
/// An audits file that cannot be read or believed.
pub fn imported_blobs(dir: &Path) -> Result<Vec<Digest>, Failure> {
    Ok(own(dir)?.imports.iter().map(|import| import.sha256).collect())
}
