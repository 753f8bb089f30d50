//! A project whose files this process may change.

use crate::decisions::AUDITS;
use crate::files;
use crate::project::{LOCK, MANIFEST, Project};
use crate::record::Record;
use crate::refusal::{Failure, files as refuse};
use modelpin_schema::audits;
use modelpin_schema::fault::Fault;
use modelpin_schema::lockfile::{self, Lockfile};
use modelpin_schema::manifest::{self, Manifest};
use std::fs::File;
use std::ops::Deref;

/// A project that no other modelpin changes while this is held, as it is on the disk. Only this can be written: what is
/// written is what was read plus the change.
#[derive(Debug)]
pub struct WritableProject {
    project: Project,
    /// None in a store that can only be read.
    _lock: Option<File>,
}

impl Deref for WritableProject {
    type Target = Project;

    fn deref(&self) -> &Project {
        &self.project
    }
}

impl WritableProject {
    /// Takes the lock of `project`, which has the record `record`. Where its files changed since it was read, which they do
    /// while one waits, `again` reads it anew. `waiting` is called once, with the process that holds the lock where that is
    /// known, if there is one.
    ///
    /// # Errors
    /// Files that cannot be read or believed; the system's.
    pub fn new(
        project: Project,
        record: &Record,
        waiting: &dyn Fn(Option<u32>),
        again: impl FnOnce() -> Result<Project, Failure>,
    ) -> Result<Self, Failure> {
        let lock = record.lock(waiting)?;
        let same = |file, max, was| text(&project, file, max).map(|now| now.as_deref() == was);
        let is_current = same(MANIFEST, manifest::MAX_BYTES, Some(&project.text))?
            && same(LOCK, lockfile::MAX_BYTES, project.lock_text.as_deref())?;
        let project = if is_current { project } else { again()? };
        Ok(Self { project, _lock: lock })
    }

    /// Writes the manifest, unless it is that text already.
    ///
    /// # Errors
    /// A text that is no manifest; one that somebody else wrote meanwhile; the system's.
    pub fn write_manifest(&mut self, text: String) -> Result<(), Failure> {
        let manifest = Manifest::read(MANIFEST, &text)?;
        let project = &mut self.project;
        if text != project.text {
            write(project, MANIFEST, manifest::MAX_BYTES, Some(&project.text), &text)?;
        }
        (project.text, project.manifest) = (text, manifest);
        Ok(())
    }

    /// Writes the lock, unless its text would stay the same.
    ///
    /// # Errors
    /// One that somebody else wrote meanwhile; the system's.
    pub fn write_lock(&mut self, lock: Lockfile) -> Result<(), Failure> {
        let text = lock.print();
        let project = &mut self.project;
        if project.lock_text.as_deref() != Some(&text) {
            write(project, LOCK, lockfile::MAX_BYTES, project.lock_text.as_deref(), &text)?;
        }
        (project.lock, project.lock_text) = (Some(lock), Some(text));
        Ok(())
    }

    /// Writes the decisions `new` in the place of those that were read as `old`.
    ///
    /// # Errors
    /// Decisions that somebody else wrote meanwhile; the system's.
    pub(crate) fn write_decisions(&mut self, old: Option<&str>, new: &str) -> Result<(), Failure> {
        write(&self.project, AUDITS, audits::MAX_BYTES, old, new)
    }
}

fn text(project: &Project, file: &str, max: u64) -> Result<Option<String>, Failure> {
    Ok(files::read(&project.dir, &project.dir.join(file), max)?.map(files::Text::into_string))
}

/// Writes a file of the project that is still as it was read. A person's editor takes no lock, and not every file system
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
