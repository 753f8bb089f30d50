//! No files of a crate use each other in a circle, and no rooms (the modules at the top of a crate), except for those
//! that are listed here with a reason: recursion that is in the nature of the thing.
//!
//! `cargo it circles -- --ignored --nocapture` prints what is counted; `HOUSE=DIR` before it counts another checkout.

use super::graph::{Graph, circles};
use super::source::{TOP, below, crates, only_for_tests};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A circle that may be: the crate, all its members, why.
type Allowed = (&'static str, &'static [&'static str], &'static str);

/// Circles of files; paths below `src/`.
const FILES: &[Allowed] = &[];

/// Circles of rooms.
const ROOMS: &[Allowed] = &[];

/// A circle as it was found: names of files or rooms, sorted.
type Circle = Vec<String>;

struct Found {
    name: String,
    files: usize,
    arrows: usize,
    circles: Vec<Circle>,
    rooms: Vec<Circle>,
    /// The arrows inside the circles of files, one a line.
    within: Vec<String>,
}

fn find(top: &Path) -> Vec<Found> {
    let roots = crates(top).into_iter().map(|folder| folder.join("src/lib.rs"));
    roots.filter(|root| root.exists()).map(|root| of_crate(&root)).collect()
}

fn of_crate(root: &Path) -> Found {
    let graph = Graph::read(root);
    let source = root.parent().unwrap();
    let file = |index: usize| graph.files[index].strip_prefix(source).unwrap().to_string_lossy().replace('\\', "/");
    let (rooms, between) = graph.rooms();
    let named = |groups: Vec<Vec<usize>>, name: &dyn Fn(usize) -> String| -> Vec<Circle> {
        let sorted = |group: Vec<usize>| group.into_iter().map(name).collect::<BTreeSet<_>>().into_iter().collect();
        groups.into_iter().map(sorted).collect()
    };
    let groups = graph.circles();
    let arrow = |(&(from, to), paths): (&(usize, usize), &BTreeSet<String>)| {
        let is_within = groups.iter().any(|group| group.contains(&from) && group.contains(&to));
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        is_within.then(|| format!("{} -> {}: {}", file(from), file(to), paths.join(", ")))
    };
    Found {
        within: graph.arrows.iter().filter_map(arrow).collect(),
        name: source.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned(),
        files: graph.files.len(),
        arrows: graph.arrows.len(),
        circles: named(groups.clone(), &file),
        rooms: named(circles(rooms.len(), &between), &|index| rooms[index].clone()),
    }
}

/// The circles that no row allows, and the rows that allow nothing.
fn compare<'f>(
    found: &'f [(&str, &Circle)],
    allowed: &'static [Allowed],
) -> (Vec<&'f (&'f str, &'f Circle)>, Vec<Allowed>) {
    let fits = |(name, circle): &(&str, &Circle), (of, members, _): &Allowed| name == of && *circle == members;
    let unlisted = found.iter().filter(|circle| !allowed.iter().any(|row| fits(circle, row))).collect();
    let stale = allowed.iter().filter(|row| !found.iter().any(|circle| fits(circle, row))).copied().collect();
    (unlisted, stale)
}

#[test]
fn files_and_rooms_use_each_other_in_no_circle() {
    let found = find(Path::new(TOP));
    for (of, members, why) in FILES.iter().chain(ROOMS) {
        assert!(members.is_sorted() && !why.is_empty(), "{of}: {members:?}");
    }
    let files: Vec<_> =
        found.iter().flat_map(|of| of.circles.iter().map(|circle| (of.name.as_str(), circle))).collect();
    let rooms: Vec<_> = found.iter().flat_map(|of| of.rooms.iter().map(|circle| (of.name.as_str(), circle))).collect();
    let (files, stale_files) = compare(&files, FILES);
    let (rooms, stale_rooms) = compare(&rooms, ROOMS);
    assert!(files.is_empty(), "circles of files that are not in FILES:\n{files:#?}");
    assert!(rooms.is_empty(), "circles of rooms that are not in ROOMS:\n{rooms:#?}");
    assert!(stale_files.is_empty() && stale_rooms.is_empty(), "not there any more:\n{stale_files:#?}{stale_rooms:#?}");
}

#[test]
#[ignore = "prints the circles of each crate, for reading"]
fn circles_printed() {
    let top = std::env::var_os("HOUSE").map_or_else(|| PathBuf::from(TOP), PathBuf::from);
    let mut text = String::new();
    let mut total = [0; 5];
    for of in find(&top) {
        let sums = [of.files, of.arrows, of.circles.len(), of.circles.iter().map(Vec::len).sum(), of.rooms.len()];
        total.iter_mut().zip(sums).for_each(|(total, of_crate)| *total += of_crate);
        text += &format!(
            "{}: {} files, {} arrows, {} circles ({} files), {} of rooms\n",
            of.name, sums[0], sums[1], sums[2], sums[3], sums[4]
        );
        for circle in &of.circles {
            text += &format!("  {} files: {}\n", circle.len(), circle.join(" "));
        }
        for arrow in &of.within {
            text += &format!("    {arrow}\n");
        }
        for circle in &of.rooms {
            text += &format!("  {} rooms: {}\n", circle.len(), circle.join(" "));
        }
    }
    text += &format!(
        "all: {} files, {} arrows, {} circles ({} files), {} of rooms\n",
        total[0], total[1], total[2], total[3], total[4]
    );
    std::io::stdout().write_all(text.as_bytes()).unwrap();
}

#[test]
fn every_source_file_belongs_to_a_crate() {
    for folder in crates(Path::new(TOP)) {
        let files = below(&folder.join("src"));
        let tests = only_for_tests(&files);
        let roots = ["src/lib.rs", "src/main.rs"].map(|root| folder.join(root));
        let known: BTreeSet<PathBuf> =
            roots.iter().filter(|root| root.exists()).flat_map(|root| Graph::read(root).files).collect();
        for path in &files {
            let fine = known.contains(path) || tests.iter().any(|test| path.starts_with(test));
            assert!(fine, "{} is compiled into nothing", path.display());
        }
    }
}

fn made(files: &[(&str, &str)]) -> (tempfile::TempDir, Found) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join("src").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let found = of_crate(&folder.path().join("src/lib.rs"));
    (folder, found)
}

#[test]
fn a_circle_is_found_by_every_way_of_naming_a_file() {
    for back in [
        "use crate::target::Made; pub fn f(_: Made) {}",
        "pub fn f() { crate::target::make(); }",
        "use super::target; pub fn f() { target::make(); }",
        "use crate::{target::{self, make as other}}; pub fn f() {}",
        "pub fn f() { println!(\"{}\", crate::target::make()); }",
        "impl From<crate::target::Made> for Other { fn from(_: crate::target::Made) -> Self { Self } } pub struct Other; pub fn f() {}",
        "pub fn f() { use crate::target::*; make(); }",
        "use crate::Made; pub fn f(_: Made) {}",
    ] {
        let (_folder, found) = made(&[
            ("lib.rs", "mod other; mod target; pub use target::Made;"),
            ("target/mod.rs", "mod inner; pub use inner::{Made, make};"),
            ("target/inner.rs", "pub struct Made; pub fn make() { crate::other::f(); }"),
            ("other.rs", back),
        ]);
        assert_eq!(found.circles, [["other.rs", "target/inner.rs"]], "{back}");
        assert_eq!(found.rooms, [["other", "target"]], "{back}");
    }
}

#[test]
fn a_facade_a_test_and_a_name_from_elsewhere_are_no_arrows() {
    let (_folder, found) = made(&[
        ("lib.rs", "mod a; mod b; pub use a::A; pub use b::B; use std::fmt;"),
        ("a.rs", "pub struct A; #[cfg(test)] mod tests { use crate::b::B; } #[cfg(test)] fn f(_: crate::b::B) {}"),
        (
            "b.rs",
            "use crate::A; use other::a::A as Foreign; pub struct B(A); impl B { #[test] fn f() { crate::b::g() } }",
        ),
    ]);
    assert_eq!((found.files, found.arrows), (3, 1));
    assert_eq!(found.circles, Vec::<Circle>::new());
    // What a module defines in its own file is used by its children: with a call back, that is a circle.
    let (_folder, found) = made(&[
        ("lib.rs", "mod a;"),
        ("a/mod.rs", "mod b; macro_rules! made { () => {} } fn f() { b::g() }"),
        ("a/b.rs", "pub(super) fn g() { made!() }"),
    ]);
    assert_eq!(found.circles, [["a/b.rs", "a/mod.rs"]]);
    assert_eq!(found.rooms, Vec::<Circle>::new());
}
