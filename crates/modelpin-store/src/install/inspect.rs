//! Comparing a folder with its plan.

use super::discrepancy::DiscrepancyKind;
use super::error::Error;
use super::inspection::{Depth, Inspection};
use super::layout::Layout;
use super::plan::{Content, Node, Plan, above};
use super::staging;
use super::tree::InstallTree;
use super::verify::{Outcome, Unverified, hash_all};
use super::walk::{Found, walk};
use crate::files::read_small;
use crate::stat::FileStat;
use modelpin_schema::Digest;
use modelpin_schema::text::visible;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What is known of a planned file before anything is hashed.
enum Comparison<'a> {
    /// As planned, and without locked content.
    Same,
    /// Locked content that was verified before, of this many bytes.
    Verified(u64),
    /// Locked content that has to be hashed.
    Unverified(Unverified<'a>),
    /// Not as planned.
    Different(DiscrepancyKind),
}

impl InstallTree {
    /// Compares the folder with `plan`.
    ///
    /// # Errors
    /// I/O errors from listing the folder or reading files in it.
    pub fn inspect(&mut self, plan: &Plan, depth: Depth) -> Result<Inspection, Error> {
        let found = self.walk(plan)?;
        let mut inspection = Inspection::default();
        let mut unverified = Vec::new();
        for (path, node) in &plan.nodes {
            let compared = match found.get(path) {
                Some(found) => self.compare(plan, path, node, found, depth),
                None => Comparison::Different(DiscrepancyKind::Missing),
            };
            match compared {
                Comparison::Same => {}
                Comparison::Verified(size) => {
                    inspection.verified += 1;
                    inspection.bytes += size;
                }
                Comparison::Unverified(file) => unverified.push(file),
                Comparison::Different(kind) => inspection.add(path, node, kind),
            }
        }
        self.verify(&mut inspection, unverified)?;
        add_unplanned(&mut inspection, plan, &found, |path| staging::is_in_use(&self.root.join(path)));
        if plan.layout == Layout::SharedHubCache {
            ignore_unneeded_blobs(&mut inspection, plan, &found);
            // Links on the way count: a loader follows them.
            for (path, (name, label)) in &plan.denied {
                if self.root.join(path).symlink_metadata().is_ok() {
                    inspection.add_denied(path, name, label);
                }
            }
        }
        inspection.list_broken(plan);
        Ok(inspection)
    }

    /// Where files are, by their content, that `inspection` shows to be as planned.
    #[must_use]
    pub fn verified_content(&self, plan: &Plan, inspection: &Inspection) -> BTreeMap<Digest, PathBuf> {
        let is_fine = |path: &str| !inspection.discrepancies.contains_key(path);
        let mut content = BTreeMap::new();
        for (path, node) in &plan.nodes {
            let is_whole = match &node.content {
                Content::Link { blob, .. } => is_fine(path) && is_fine(blob),
                Content::Blob { .. } | Content::Text(_) => is_fine(path),
            };
            // In a shared cache links lead to wherever other tools keep the bytes.
            if is_whole
                && let Some((digest, _)) = plan.content(&node.content)
                && let Ok(place) = self.root.join(path).canonicalize()
            {
                content.insert(digest, place);
            }
        }
        content
    }

    fn walk(&self, plan: &Plan) -> Result<BTreeMap<String, Found>, Error> {
        let repos: BTreeSet<&str> =
            plan.nodes.keys().filter_map(|path| path.split_once('/')).map(|(top, _)| top).collect();
        let repos: Vec<String> = repos.into_iter().map(ToOwned::to_owned).collect();
        let only = (plan.layout == Layout::SharedHubCache).then_some(repos.as_slice());
        walk(&self.root, only).map_err(Error::io("list", &self.root))
    }

    fn compare<'a>(&self, plan: &Plan, path: &'a str, node: &'a Node, found: &Found, depth: Depth) -> Comparison<'a> {
        let shared = plan.layout == Layout::SharedHubCache;
        match (&node.content, found) {
            (Content::Blob { digest, size }, Found::File { size: got, stat }) => {
                let file = Unverified { path, node, digest: *digest, size: *size, stat: *stat, follow: false };
                self.compare_content(file, *got, depth)
            }
            (Content::Link { to, .. }, Found::Link(got)) if to == got => Comparison::Same,
            (Content::Text(text), Found::File { size, .. }) if *size == text.len() as u64 => {
                self.compare_text(path, text)
            }
            // Other tools name small blobs by their git id, and keep blobs that repos share behind links: in
            // their cache, whatever leads to the right bytes is right.
            (Content::Blob { .. } | Content::Link { .. }, Found::Link(_) | Found::File { .. }) if shared => {
                self.compare_through_links(plan, path, node, depth).unwrap_or_else(|| other(&node.content, found))
            }
            _ => other(&node.content, found),
        }
    }

    /// Compares what is at `path` after following links; `None` where that is no regular file.
    fn compare_through_links<'a>(
        &self,
        plan: &Plan,
        path: &'a str,
        node: &'a Node,
        depth: Depth,
    ) -> Option<Comparison<'a>> {
        let (digest, size) = plan.content(&node.content)?;
        let found = std::fs::metadata(self.root.join(path)).ok().filter(std::fs::Metadata::is_file)?;
        let file = Unverified { path, node, digest, size, stat: FileStat::of(&found), follow: true };
        Some(self.compare_content(file, found.len(), depth))
    }

    fn compare_content<'a>(&self, file: Unverified<'a>, got: u64, depth: Depth) -> Comparison<'a> {
        let Unverified { path, digest, size, stat, .. } = &file;
        if *size != got {
            return Comparison::Different(DiscrepancyKind::Size { expected: *size, got });
        }
        match depth {
            Depth::Fast => Comparison::Verified(*size),
            Depth::Stamps if self.stamps.verifies(path, stat, *size, digest) => Comparison::Verified(*size),
            Depth::Stamps | Depth::Full => Comparison::Unverified(file),
        }
    }

    fn compare_text(&self, path: &str, text: &str) -> Comparison<'static> {
        let most = text.len() as u64 + 1024;
        let got = read_small(&self.root.join(path), most).unwrap_or_default();
        if got == text.as_bytes() {
            return Comparison::Same;
        }
        let expected = text.trim_end().to_owned();
        let got = visible(String::from_utf8_lossy(&got).trim_end());
        Comparison::Different(DiscrepancyKind::Other { expected, got })
    }

    /// Hashes `files`, and remembers those that are as planned.
    fn verify(&mut self, inspection: &mut Inspection, files: Vec<Unverified<'_>>) -> Result<(), Error> {
        for (file, outcome) in hash_all(&self.root, files)? {
            let Unverified { path, node, digest, size, .. } = file;
            let Outcome::Read { got, len, unchanged } = outcome else {
                inspection.add(path, node, DiscrepancyKind::Missing);
                continue;
            };
            inspection.hashed = inspection.hashed.saturating_add(len);
            if len != size {
                inspection.add(path, node, DiscrepancyKind::Size { expected: size, got: len });
            } else if got != digest {
                inspection.add(path, node, DiscrepancyKind::Digest { expected: digest, got });
            } else {
                inspection.verified += 1;
                inspection.bytes += size;
                if let Some(stat) = unchanged {
                    self.stamps.record(path, stat, size, digest);
                }
            }
        }
        Ok(())
    }
}

/// Adds what is where a folder should be and, except in a shared cache, what the plan does not know. What is below such
/// a thing is not listed.
fn add_unplanned(
    inspection: &mut Inspection,
    plan: &Plan,
    found: &BTreeMap<String, Found>,
    is_in_use: impl Fn(&str) -> bool,
) {
    let folders = plan.folders();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for (path, found) in found {
        // What ends in `/` has a name that is not text, and is not below what has that text for a name.
        if above(path.trim_end_matches('/')).any(|folder| done.contains(folder)) {
            continue;
        }
        if folders.contains(path.as_str()) {
            if *found != Found::Folder {
                let kind = DiscrepancyKind::Other { expected: "a folder".to_owned(), got: describe_found(found) };
                done.insert(path);
                inspection.add_unplanned(path, found, kind);
            }
        } else if plan.nodes.contains_key(path) {
            // Compared already.
            done.insert(path);
        } else if plan.layout != Layout::SharedHubCache {
            done.insert(path);
            if !path.contains('/') && is_in_use(path) {
                continue;
            }
            match plan.denied.get(path) {
                Some((name, label)) => inspection.add_denied(path, name, label),
                None => inspection.add_unplanned(path, found, DiscrepancyKind::Untracked),
            }
        }
    }
}

/// A blob that is absent from a shared cache does not matter where every snapshot has its bytes from elsewhere.
fn ignore_unneeded_blobs(inspection: &mut Inspection, plan: &Plan, found: &BTreeMap<String, Found>) {
    let mut needed: BTreeSet<&str> = BTreeSet::new();
    for (path, node) in &plan.nodes {
        if let Content::Link { to, blob } = &node.content {
            let is_planned = matches!(found.get(path), Some(Found::Link(got)) if got == to);
            if is_planned || inspection.discrepancies.contains_key(path) {
                needed.insert(blob);
            }
        }
    }
    inspection.discrepancies.retain(|path, found| {
        let is_blob = plan.nodes.get(path).is_some_and(|node| matches!(node.content, Content::Blob { .. }));
        found.kind != DiscrepancyKind::Missing || !is_blob || needed.contains(path.as_str())
    });
}

fn other<'a>(content: &Content, found: &Found) -> Comparison<'a> {
    Comparison::Different(DiscrepancyKind::Other { expected: describe(content), got: describe_found(found) })
}

fn describe(content: &Content) -> String {
    match content {
        Content::Blob { .. } => "a file".to_owned(),
        Content::Link { to, .. } => format!("a link to `{to}`"),
        Content::Text(text) => format!("`{}`", text.trim_end()),
    }
}

fn describe_found(found: &Found) -> String {
    match found {
        Found::File { .. } => "a file".to_owned(),
        Found::Link(to) => format!("a link to `{}`", visible(to)),
        Found::Folder => "a folder".to_owned(),
        Found::Other | Found::NonUtf8Name(_) => "something that is neither file, folder nor link".to_owned(),
    }
}
