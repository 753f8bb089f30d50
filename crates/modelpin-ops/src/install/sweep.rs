//! Removing from a target what must not be in it. Refs go first, so that none ever points at nothing.

use super::look::{Seen, look, one};
use super::place::remove;
use super::{Inspection, Layout, Target, Trouble, staging};
use crate::refusal::Failure;
use std::io::ErrorKind;
use std::path::Path;

impl Target {
    /// Removes what the lock does not know. Returns how many things there were. In a shared cache there is
    /// none: nothing in it is a stranger.
    ///
    /// # Errors
    /// The system's.
    pub fn sweep(&mut self, found: &Inspection) -> Result<usize, Failure> {
        let strangers: Vec<&str> = found.strangers().collect();
        let count = strangers.len();
        self.remove_all(found, strangers)?;
        Ok(count)
    }

    /// Removes whatever is there and is not what it has to be, in a target that is ours; and every snapshot in a
    /// cache that is not whole, with its refs: half a model is not to be found either.
    ///
    /// # Errors
    /// The system's.
    pub fn withdraw(&mut self, found: &Inspection) -> Result<(), Failure> {
        if !self.is_ours() {
            return Ok(());
        }
        let wrong = found.problems.iter().filter(|(_, problem)| problem.trouble != Trouble::Missing);
        self.remove_all(found, found.broken.iter().chain(wrong.map(|(path, _)| path)).map(String::as_str).collect())
    }

    /// Removes the target itself, of which a sweep left nothing but the mark.
    ///
    /// # Errors
    /// The system's.
    pub fn dissolve(mut self) -> Result<(), Failure> {
        if !self.is_ours() {
            return Ok(());
        }
        if let Some((mark, _)) = self.layout.mark() {
            remove(&self.root.join(mark))?;
        }
        match std::fs::remove_dir(&self.root) {
            // What another process builds in it goes with the next run.
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => {
                return Err(Failure::io("remove", &self.root)(error));
            }
            _ => {}
        }
        self.stamps.forget()
    }

    fn remove_all(&mut self, found: &Inspection, mut paths: Vec<&str>) -> Result<(), Failure> {
        if self.layout == Layout::SharedHubCache {
            return Ok(());
        }
        paths.sort_by_key(|path| !path.contains("/refs"));
        for path in paths {
            let place = self.root.join(found.place(path));
            if staging::is_ours(&place) {
                staging::remove_dead(&place)?;
            } else {
                self.touch(&place)?;
                remove(&place)?;
            }
        }
        Ok(())
    }

    /// Remembers which files are about to lose a name.
    fn touch(&mut self, place: &Path) -> Result<(), Failure> {
        let seen = match one(place).map_err(Failure::io("look at", place))? {
            Some(Seen::Folder) => look(place, None).map_err(Failure::io("list", place))?.into_values().collect(),
            found => Vec::from_iter(found),
        };
        self.touched.extend(seen.into_iter().filter_map(|seen| match seen {
            Seen::File { trace, .. } => Some(trace.identity()),
            _ => None,
        }));
        Ok(())
    }
}
