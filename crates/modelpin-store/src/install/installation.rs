//! Where the files of a project are installed: the target, and the quarantine where there is or should be one. Both are
//! made, repaired and pruned alike.

use super::discrepancy::{Discrepancy, DiscrepancyKind};
use super::error::Error;
use super::exclusions::Exclusions;
use super::inspection::{Depth, Inspection};
use super::layout::{Layout, Location};
use super::plan::Plan;
use super::tree::InstallTree;
use crate::blob::Verified;
use crate::files::resolve_existing;
use crate::record::{OWN_FOLDER, Record};
use modelpin_schema::{Digest, Lockfile, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where the files of a project are installed.
#[derive(Debug, Clone)]
pub struct Locations<'a> {
    /// The project's folder.
    pub project: &'a Path,
    /// The target.
    pub target: Location,
    /// The folder of the quarantine.
    pub quarantine: PathBuf,
    /// What this machine knows of the project; `None` where there is no folder for the store.
    pub record: Option<&'a Record>,
}

/// A folder that loaders read, its plan, and the difference between them.
#[derive(Debug)]
pub struct InspectedTree {
    /// The folder.
    pub tree: InstallTree,
    /// What it should hold.
    pub plan: Plan,
    /// The difference.
    pub inspection: Inspection,
}

/// The target of a project, and its quarantine.
#[derive(Debug)]
pub struct Installation {
    target: InspectedTree,
    quarantine: Option<InspectedTree>,
}

impl Locations<'_> {
    /// Whether the target is in the project's checkout, where git would add its files.
    fn is_in_checkout(&self) -> bool {
        let root = resolve_existing(&self.target.root);
        let project = resolve_existing(self.project);
        root.strip_prefix(project).is_ok_and(|below| !below.starts_with(OWN_FOLDER))
    }
}

impl InspectedTree {
    fn open(location: Location, record: Option<&Record>, plan: Plan, depth: Depth) -> Result<Self, Error> {
        let mut tree = InstallTree::open(location.layout, location.root, record)?;
        let inspection = tree.inspect(&plan, depth)?;
        Ok(Self { tree, plan, inspection })
    }

    /// The target of `lock`.
    ///
    /// # Errors
    /// Entries that cannot be in one folder; a file or link in the target's place; I/O errors from reading it.
    pub fn target(
        locations: &Locations<'_>,
        lock: &Lockfile,
        exclusions: &Exclusions,
        depth: Depth,
    ) -> Result<Self, Error> {
        let location = locations.target.clone();
        let mut plan = Plan::new(lock, location.layout, &exclusions.from_target())?;
        if location.layout != Layout::SharedHubCache && locations.is_in_checkout() {
            plan.hide_from_git();
        }
        Self::open(location, locations.record, plan, depth)
    }

    /// The quarantine of `lock`; `None` where no file is quarantined and the folder does not exist.
    ///
    /// # Errors
    /// A file or link in its place; I/O errors from reading it.
    pub fn quarantine(
        locations: &Locations<'_>,
        lock: &Lockfile,
        exclusions: &Exclusions,
        depth: Depth,
    ) -> Result<Option<Self>, Error> {
        let entries = exclusions.quarantined_entries(lock);
        if entries.pins.is_empty() && locations.quarantine.symlink_metadata().is_err() {
            return Ok(None);
        }
        let location = Location { layout: Layout::Quarantine, root: locations.quarantine.clone() };
        let plan = Plan::new(&entries, Layout::Quarantine, &exclusions.denied)?;
        let mut tree = Self::open(location, locations.record, plan, depth)?;
        if entries.pins.is_empty() {
            // The whole folder is going to be removed, so its marker is not missed.
            tree.inspection.discrepancies.retain(|_, found| found.kind != DiscrepancyKind::Missing);
        }
        Ok(Some(tree))
    }

    /// Whether the folder is needed: a quarantine without files is not.
    fn is_needed(&self) -> bool {
        self.plan.layout != Layout::Quarantine || !self.plan.units.is_empty()
    }
}

impl Installation {
    /// The target and the quarantine of `lock`.
    ///
    /// # Errors
    /// As those of [`InspectedTree::target`] and [`InspectedTree::quarantine`].
    pub fn open(
        locations: &Locations<'_>,
        lock: &Lockfile,
        exclusions: &Exclusions,
        depth: Depth,
    ) -> Result<Self, Error> {
        let target = InspectedTree::target(locations, lock, exclusions, depth)?;
        let quarantine = InspectedTree::quarantine(locations, lock, exclusions, depth)?;
        Ok(Self { target, quarantine })
    }

    /// The target.
    #[must_use]
    pub fn target(&self) -> &InspectedTree {
        &self.target
    }

    /// The target, then the quarantine.
    pub fn iter(&self) -> impl Iterator<Item = &InspectedTree> {
        std::iter::once(&self.target).chain(&self.quarantine)
    }

    fn into_trees(self) -> impl Iterator<Item = InspectedTree> {
        std::iter::once(self.target).chain(self.quarantine)
    }

    /// Remembers which files were verified so far.
    ///
    /// # Errors
    /// I/O errors from looking at files or from writing the project's record.
    pub fn save_stamps(&mut self) -> Result<(), Error> {
        for tree in std::iter::once(&mut self.target).chain(&mut self.quarantine) {
            if tree.is_needed() {
                tree.tree.save_stamps(&tree.plan)?;
            }
        }
        Ok(())
    }

    /// The content that is missing or wrong.
    #[must_use]
    pub fn missing(&self) -> BTreeSet<Digest> {
        let mut missing = BTreeSet::new();
        for tree in self.iter() {
            for (path, digest, _) in tree.plan.digests() {
                if tree.inspection.discrepancies.contains_key(path) {
                    missing.insert(digest);
                }
            }
        }
        missing
    }

    /// Where verified content is in them.
    #[must_use]
    pub fn verified_content(&self) -> BTreeMap<Digest, PathBuf> {
        self.iter().flat_map(|tree| tree.tree.verified_content(&tree.plan, &tree.inspection)).collect()
    }

    /// Refuses what would have to be removed where modelpin removes nothing: excluded files from a shared cache;
    /// anything from a folder that modelpin did not create here.
    ///
    /// # Errors
    /// Every such file; such a folder.
    pub fn check_removable(&self) -> Result<(), Error> {
        let denied: Vec<Discrepancy> =
            self.iter().flat_map(|tree| tree.inspection.denied_in_shared_cache(&tree.plan)).cloned().collect();
        if !denied.is_empty() {
            return Err(Error::ExcludedInSharedCache(denied));
        }
        self.iter().try_for_each(|tree| tree.tree.check_removable(&tree.inspection))
    }

    /// Removes everything that is not as planned, where modelpin may.
    ///
    /// # Errors
    /// I/O errors from removing files or from writing the project's record.
    pub fn remove_invalid(self) -> Result<(), Error> {
        for mut tree in self.into_trees() {
            tree.tree.remove_invalid(&tree.inspection)?;
            if !tree.is_needed() {
                tree.tree.remove()?;
            }
        }
        Ok(())
    }

    /// Makes them what they should be, with `verified` content. Returns the entries whose files changed, and how many
    /// untracked and excluded files were removed.
    ///
    /// # Errors
    /// As those of [`InstallTree::apply`].
    pub fn apply(self, verified: &BTreeMap<Digest, Verified>) -> Result<(BTreeSet<Name>, usize), Error> {
        let mut published = BTreeSet::new();
        let mut removed = 0;
        for mut tree in self.into_trees() {
            let is_needed = tree.is_needed();
            if is_needed && !tree.inspection.is_clean() {
                published.extend(tree.tree.apply(&tree.plan, &tree.inspection, verified)?);
            } else if is_needed {
                tree.tree.keep_ownership()?;
            }
            removed += tree.tree.prune(&tree.inspection)?;
            if is_needed {
                tree.tree.save_stamps(&tree.plan)?;
            } else {
                tree.tree.remove()?;
            }
        }
        Ok((published, removed))
    }
}
