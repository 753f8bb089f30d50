//! A workspace whose project this process may change.

use crate::file_names::AUDITS;
use crate::file_names::{LOCK, MANIFEST};
use crate::files;
use crate::online::waiting_for;
use crate::project::Project;
use crate::refusal::{Failure, files as refuse};
use crate::workspace::Workspace;
use modelpin_schema::audits;
use modelpin_schema::fault::Fault;
use modelpin_schema::lockfile::{self, Lockfile};
use modelpin_schema::manifest::{self, Manifest};
use std::fs::File;
use std::ops::Deref;

/// The workspace of a project that no other modelpin changes while this is held. Only this can be written: what is
/// written is what was read under the lock, plus the change.
pub struct WritableWorkspace {
    workspace: Workspace,
    /// None in a store that can only be read.
    _lock: Option<File>,
}

impl Deref for WritableWorkspace {
    type Target = Workspace;

    fn deref(&self) -> &Workspace {
        &self.workspace
    }
}

impl WritableWorkspace {
    /// Takes the lock of the project of `workspace`, and waits for it. Where the project's files changed since they
    /// were read, `read_again` reads them anew.
    ///
    /// # Errors
    /// No folder for the store, which has the lock; files of the project that cannot be read, or are refused.
    pub fn lock(
        mut workspace: Workspace,
        read_again: impl FnOnce() -> Result<Project, Failure>,
    ) -> Result<Self, Failure> {
        let record = workspace.need_record()?;
        let lock = record.lock(&|holder| workspace.note(waiting_for(holder, "changes this project")))?;
        let project = &workspace.project;
        let is_same = |file, max, before| text(project, file, max).map(|now| now.as_deref() == before);
        let is_current = is_same(MANIFEST, manifest::MAX_BYTES, Some(&project.text))?
            && is_same(LOCK, lockfile::MAX_BYTES, project.lock_text.as_deref())?;
        if !is_current {
            workspace.project = read_again()?;
        }
        Ok(Self { workspace, _lock: lock })
    }

    /// Writes the manifest, unless it is that text already.
    ///
    /// # Errors
    /// A text that is not a valid manifest; a manifest that somebody else changed meanwhile; I/O errors from writing
    /// it.
    pub fn write_manifest(&mut self, text: String) -> Result<(), Failure> {
        let manifest = Manifest::read(MANIFEST, &text)?;
        let project = &mut self.workspace.project;
        if text != project.text {
            write(project, MANIFEST, manifest::MAX_BYTES, Some(&project.text), &text)?;
        }
        (project.text, project.manifest) = (text, manifest);
        Ok(())
    }

    /// Writes the lock, unless its text would stay the same.
    ///
    /// # Errors
    /// A lock that somebody else changed meanwhile; I/O errors from writing it.
    pub fn write_lock(&mut self, lock: Lockfile) -> Result<(), Failure> {
        let text = lock.print();
        let project = &mut self.workspace.project;
        if project.lock_text.as_deref() != Some(&text) {
            write(project, LOCK, lockfile::MAX_BYTES, project.lock_text.as_deref(), &text)?;
        }
        (project.lock, project.lock_text) = (Some(lock), Some(text));
        Ok(())
    }

    /// Writes the decisions `new` in the place of those that were read as `old`.
    ///
    /// # Errors
    /// Decisions that somebody else changed meanwhile; I/O errors from writing them.
    pub(crate) fn write_decisions(&mut self, old: Option<&str>, new: &str) -> Result<(), Failure> {
        write(&self.workspace.project, AUDITS, audits::MAX_BYTES, old, new)
    }
}

fn text(project: &Project, file: &str, max: u64) -> Result<Option<String>, Failure> {
    Ok(files::read(&project.dir, &project.dir.join(file), max)?.map(files::Text::into_string))
}

/// Writes a file of the project that is still as it was read. A user's editor takes no lock, and not every file system
/// has one.
fn write(project: &Project, file: &str, max: u64, was: Option<&str>, new: &str) -> Result<(), Failure> {
    if new.len() as u64 > max {
        let fault = Fault::whole(file, format!("the file would be larger than {max} bytes, the most that is read"));
        return Err(fault.help("lock fewer files: `include` and `exclude` in models.toml, or another project").into());
    }
    let path = project.dir.join(file);
    if text(project, file, max)?.as_deref() != was {
        return Err(refuse::changed_meanwhile(&path).into());
    }
    files::write(&project.dir, &path, new.as_bytes())
}
