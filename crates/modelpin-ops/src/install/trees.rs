//! The trees of a project on disk, compared with what they should be: the target, and the quarantine where there is
//! or should be one. Both are made, repaired and tidied alike.

use crate::file_names::OWN_FOLDER;
use crate::install::quarantine;
use crate::install::{Depth, Inspection, Layout, Plan, Target, Trouble, barred};
use crate::locations::Location;
use crate::policy::Held;
use crate::project::Project;
use crate::record::Record;
use crate::refusal::Failure;
use crate::store::Verified;
use modelpin_schema::{Digest, Lockfile, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Which trees of a lock are meant, and where.
#[derive(Debug, Clone)]
pub struct Ground<'a> {
    /// The project.
    pub project: &'a Project,
    /// What this machine knows of the project; nothing, where there is no folder for the store.
    pub record: Option<&'a Record>,
}

/// One tree, what it should be, and what it lacks.
#[derive(Debug)]
pub struct Tree {
    /// The tree.
    pub target: Target,
    /// What it should be.
    pub plan: Plan,
    /// The difference.
    pub found: Inspection,
}

/// The trees.
#[derive(Debug)]
pub struct Trees {
    target: Tree,
    quarantine: Option<Tree>,
}

impl Tree {
    fn open(layout: Layout, root: PathBuf, record: Option<&Record>, plan: Plan, depth: Depth) -> Result<Self, Failure> {
        let mut target = Target::open(layout, root, record)?;
        let found = target.inspect(&plan, depth)?;
        Ok(Self { target, plan, found })
    }

    /// The target of `lock`.
    ///
    /// # Errors
    /// Entries that cannot be in one target; a file or link in the target's place; the system's.
    pub fn target(
        ground: &Ground<'_>,
        lock: &Lockfile,
        held: &BTreeMap<Name, Held>,
        depth: Depth,
    ) -> Result<Self, Failure> {
        let Location { layout, root } = ground.project.target()?;
        // Where the target is the quarantine, nothing is kept apart.
        quarantine::root(ground.project, &root)?;
        let mut plan = Plan::new(lock, layout, held)?;
        if layout != Layout::SharedHubCache && is_for_git(ground.project, &root) {
            plan.hide_from_git();
        }
        Self::open(layout, root, ground.record, plan, depth)
    }

    /// The quarantine of `lock`; none where nothing is exempted and nothing is there.
    ///
    /// # Errors
    /// A file or link in its place; the system's.
    pub fn quarantine(
        ground: &Ground<'_>,
        lock: &Lockfile,
        held: &BTreeMap<Name, Held>,
        depth: Depth,
    ) -> Result<Option<Self>, Failure> {
        let root = quarantine::root(ground.project, &ground.project.target()?.root)?;
        let (part, held) = quarantine::part(lock, held);
        if part.pins.is_empty() && root.symlink_metadata().is_err() {
            return Ok(None);
        }
        let plan = Plan::new(&part, Layout::Quarantine, &held)?;
        let mut tree = Self::open(Layout::Quarantine, root, ground.record, plan, depth)?;
        if part.pins.is_empty() {
            // It goes as a whole, so its mark is not missed.
            tree.found.problems.retain(|_, problem| problem.trouble != Trouble::Missing);
        }
        Ok(Some(tree))
    }

    /// Whether it is there for something.
    fn is_wanted(&self) -> bool {
        self.plan.layout != Layout::Quarantine || !self.plan.units.is_empty()
    }
}

/// Whether git would take in what is at `root`: in the project, and not in modelpin's own folder there.
fn is_for_git(project: &Project, root: &Path) -> bool {
    let (root, dir) = (quarantine::real(root), quarantine::real(&project.dir));
    root.strip_prefix(dir).is_ok_and(|below| !below.starts_with(OWN_FOLDER))
}

impl Trees {
    /// All trees of `lock`.
    ///
    /// # Errors
    /// As those of [`Tree::target`] and [`Tree::quarantine`].
    pub fn open(
        ground: &Ground<'_>,
        lock: &Lockfile,
        held: &BTreeMap<Name, Held>,
        depth: Depth,
    ) -> Result<Self, Failure> {
        let target = Tree::target(ground, lock, held, depth)?;
        let quarantine = Tree::quarantine(ground, lock, held, depth)?;
        Ok(Self { target, quarantine })
    }

    /// The target.
    #[must_use]
    pub fn target(&self) -> &Tree {
        &self.target
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Tree> {
        std::iter::once(&self.target).chain(&self.quarantine)
    }

    fn each(self) -> impl Iterator<Item = Tree> {
        std::iter::once(self.target).chain(self.quarantine)
    }

    /// Remembers what is proven so far.
    ///
    /// # Errors
    /// The system's.
    pub fn save_stamps(&mut self) -> Result<(), Failure> {
        let each = std::iter::once(&mut self.target).chain(&mut self.quarantine);
        each.filter(|tree| tree.is_wanted()).try_for_each(|tree| tree.target.save_stamps(&tree.plan))
    }

    /// The content that they lack.
    #[must_use]
    pub fn missing(&self) -> BTreeSet<Digest> {
        let lacks = |tree: &'_ Tree| -> Vec<Digest> {
            let missing = tree.plan.digests().filter(|(path, ..)| tree.found.problems.contains_key(*path));
            missing.map(|(_, digest, _)| digest).collect()
        };
        self.iter().flat_map(lacks).collect()
    }

    /// Where content is in them that is as it should be.
    #[must_use]
    pub fn there(&self) -> BTreeMap<Digest, PathBuf> {
        self.iter().flat_map(|tree| tree.target.proven(&tree.plan, &tree.found)).collect()
    }

    /// Refuses what would have to be removed where modelpin removes nothing: from a shared cache, files that are held
    /// back; from a folder that modelpin did not make here, everything.
    ///
    /// # Errors
    /// Every such file; such a folder.
    pub fn refuse_foreign(&self) -> Result<(), Failure> {
        crate::refusal::fail_if_any(self.iter().flat_map(|tree| barred(&tree.plan, &tree.found)).collect())?;
        self.iter().try_for_each(|tree| tree.target.refuse_foreign(&tree.found))
    }

    /// Removes whatever may not be there, or is not whole.
    ///
    /// # Errors
    /// The system's.
    pub fn withdraw(self) -> Result<(), Failure> {
        for mut tree in self.each() {
            tree.target.withdraw(&tree.found)?;
            if !tree.is_wanted() {
                tree.target.dissolve()?;
            }
        }
        Ok(())
    }

    /// Makes them what they should be, with `proven` content. Returns the entries whose files changed, and how many
    /// things were removed that had no business there.
    ///
    /// # Errors
    /// As those of [`Target::apply`].
    pub fn apply(self, proven: &BTreeMap<Digest, Verified>) -> Result<(BTreeSet<Name>, usize), Failure> {
        let (mut published, mut removed) = (BTreeSet::new(), 0);
        for mut tree in self.each() {
            let wanted = tree.is_wanted();
            if wanted && !tree.found.is_clean() {
                published.extend(tree.target.apply(&tree.plan, &tree.found, proven)?);
            } else if wanted {
                tree.target.adopt()?;
            }
            removed += tree.target.sweep(&tree.found)?;
            if wanted {
                tree.target.save_stamps(&tree.plan)?;
            } else {
                tree.target.dissolve()?;
            }
        }
        Ok((published, removed))
    }
}
