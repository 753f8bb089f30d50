use super::parts::Run;
use super::{Blob, BlobState, Error, FileStat, Mismatch, Pruned, Store, Verification, Verified, hashed_bytes};
use bytes::Bytes;
use modelpin_schema::{BlobId, Digest};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs::Permissions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// A store in a folder of its own.
struct Shelf {
    folder: TempDir,
    store: Store,
}

fn shelf() -> Shelf {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("store"));
    Shelf { folder, store }
}

fn digest(bytes: &[u8]) -> Digest {
    Digest::new(Sha256::digest(bytes).into())
}

impl Shelf {
    fn put(&self, bytes: &[u8]) -> Verified {
        let lock = self.store.lock(&digest(bytes), &|| {}).unwrap();
        let mut staged = self.store.stage(lock, bytes.len() as u64).unwrap();
        staged.write(&bytes[usize::try_from(staged.offset()).unwrap()..]).unwrap();
        staged.finish().unwrap()
    }

    /// Where another run of this machine leaves a part.
    fn part(&self, digest: &Digest) -> PathBuf {
        self.store.root().join("tmp").join(format!("{}.{}-other.part", digest.hex(), Run::this().boot))
    }

    /// Everything in the store's folder but its locks.
    fn below(&self) -> Vec<String> {
        fn walk(folder: &Path, root: &Path, all: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
                let path = entry.path();
                if entry.file_type().unwrap().is_dir() {
                    walk(&path, root, all);
                } else {
                    all.push(path.strip_prefix(root).unwrap().display().to_string());
                }
            }
        }
        let mut all = Vec::new();
        walk(self.store.root(), self.store.root(), &mut all);
        all.retain(|path| !path.starts_with("locks/"));
        all.sort();
        all
    }
}

/// Changes a file's content behind everyone's back.
fn spoil(path: &Path, bytes: &[u8]) {
    let before = path.metadata().unwrap();
    #[expect(clippy::permissions_set_readonly_false, reason = "a test's own file")]
    let writable = |mut permissions: Permissions| {
        permissions.set_readonly(false);
        permissions
    };
    std::fs::set_permissions(path, writable(before.permissions())).unwrap();
    std::fs::write(path, bytes).unwrap();
    std::fs::File::options().write(true).open(path).unwrap().set_modified(before.modified().unwrap()).unwrap();
}

fn is_mismatch<T: std::fmt::Debug>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::Mismatch(_)))
}

#[test]
fn content_has_its_place_by_its_digest() {
    let shelf = shelf();
    assert!(!shelf.store.root().exists(), "nothing is made before something is written");
    assert_eq!(shelf.store.blob_state(&digest(b"abc"), 3).unwrap(), BlobState::Absent);
    assert!(shelf.store.blobs().unwrap().is_empty());
    let verified = shelf.put(b"abc");
    let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(shelf.below(), [format!("blobs/sha256/ba/{hex}")]);
    assert_eq!((verified.digest(), verified.size()), (digest(b"abc"), 3));
    assert_eq!(std::fs::read(verified.path()).unwrap(), b"abc");
    assert!(verified.path().metadata().unwrap().permissions().readonly());
    assert_eq!(verified.stat(), FileStat::of(&verified.path().metadata().unwrap()));
    assert_eq!(shelf.store.blob_state(&digest(b"abc"), 3).unwrap(), BlobState::Present);
    assert_eq!(shelf.store.blob_state(&digest(b"abc"), 4).unwrap(), BlobState::WrongSize(3));
}

#[test]
fn an_empty_file_is_content() {
    let shelf = shelf();
    let verified = shelf.put(b"");
    assert_eq!(verified.size(), 0);
    assert!(matches!(shelf.store.verify(&digest(b""), 0).unwrap(), Verification::Good(_)));
}

#[test]
fn a_blob_is_verified_by_hashing_it() {
    let shelf = shelf();
    let path = shelf.put(b"abc").path().to_owned();
    let before = hashed_bytes();
    assert!(matches!(shelf.store.verify(&digest(b"abc"), 3).unwrap(), Verification::Good(_)));
    assert!(hashed_bytes() >= before + 3);
    spoil(&path, b"abd");
    let proof = shelf.store.verify(&digest(b"abc"), 3).unwrap();
    assert!(matches!(proof, Verification::Bad(Mismatch::Digest { got, .. }) if got == digest(b"abd")), "{proof:?}");
    assert!(path.exists(), "it stays until somebody discards it");
    spoil(&path, b"abcd");
    let proof = shelf.store.verify(&digest(b"abc"), 3).unwrap();
    assert!(matches!(proof, Verification::Bad(Mismatch::Size { expected: 3, got: 4 })), "{proof:?}");
    shelf.store.remove_blob(&digest(b"abc")).unwrap();
    shelf.store.remove_blob(&digest(b"abc")).unwrap();
    assert!(matches!(shelf.store.verify(&digest(b"abc"), 3).unwrap(), Verification::Absent));
}

#[cfg(unix)]
#[test]
fn only_an_ordinary_file_is_a_blob() {
    let shelf = shelf();
    let path = shelf.put(b"abc").path().to_owned();
    std::fs::rename(&path, shelf.folder.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(shelf.folder.path().join("elsewhere"), &path).unwrap();
    assert_eq!(shelf.store.blob_state(&digest(b"abc"), 3).unwrap(), BlobState::Absent);
    assert!(matches!(shelf.store.verify(&digest(b"abc"), 3).unwrap(), Verification::Absent));
    shelf.put(b"abc");
    assert!(path.symlink_metadata().unwrap().is_file(), "the link is replaced, not written through");
}

#[test]
fn what_is_not_as_announced_never_gets_its_name() {
    let shelf = shelf();
    let stage = || shelf.store.stage(shelf.store.lock(&digest(b"abc"), &|| {}).unwrap(), 3).unwrap();
    let mut other = stage();
    other.write(b"abd").unwrap();
    assert!(is_mismatch(other.finish()));
    let mut short = stage();
    assert_eq!(short.offset(), 0, "a wrong part is not gone on with");
    short.write(b"ab").unwrap();
    assert!(is_mismatch(short.finish()));
    let mut long = stage();
    long.write(b"ab").unwrap();
    assert!(is_mismatch(long.write(b"cd")));
    drop(long);
    assert_eq!(shelf.below(), Vec::<String>::new());
}

#[test]
fn a_part_is_gone_on_with() {
    let shelf = shelf();
    let stage = || shelf.store.stage(shelf.store.lock(&digest(b"abcdef"), &|| {}).unwrap(), 6).unwrap();
    let mut staged = stage();
    staged.write(b"abc").unwrap();
    drop(staged);
    let [part] = shelf.below().try_into().unwrap();
    assert!(part.starts_with(&format!("tmp/{}.", digest(b"abcdef").hex())) && part.ends_with(".part"), "{part}");
    let mut staged = stage();
    assert_eq!(staged.offset(), 3);
    staged.write(b"d").unwrap();
    drop(staged);
    let mut staged = stage();
    assert_eq!(staged.offset(), 4);
    staged.write(b"ef").unwrap();
    staged.finish().unwrap();
    assert_eq!(shelf.below().len(), 1);
}

#[test]
fn a_part_with_other_bytes_is_found_out_and_dropped() {
    let shelf = shelf();
    let wanted = digest(b"abcdef");
    shelf.put(b"another");
    std::fs::write(shelf.part(&wanted), b"xyz").unwrap();
    let mut staged = shelf.store.stage(shelf.store.lock(&wanted, &|| {}).unwrap(), 6).unwrap();
    assert_eq!(staged.offset(), 3);
    staged.write(b"def").unwrap();
    assert!(is_mismatch(staged.finish()));
    assert!(!shelf.part(&wanted).exists());
    shelf.put(b"abcdef");
    std::fs::write(shelf.part(&wanted), b"longer than it may be").unwrap();
    assert_eq!(shelf.store.stage(shelf.store.lock(&wanted, &|| {}).unwrap(), 6).unwrap().offset(), 0);
}

#[test]
fn a_run_that_died_before_the_rename_is_finished() {
    let shelf = shelf();
    shelf.put(b"another");
    let part = shelf.part(&digest(b"abc"));
    std::fs::write(&part, b"abc").unwrap();
    let mut permissions = part.metadata().unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&part, permissions).unwrap();
    let staged = shelf.store.stage(shelf.store.lock(&digest(b"abc"), &|| {}).unwrap(), 3).unwrap();
    assert_eq!(staged.offset(), 3);
    assert!(!part.exists(), "it has another name now");
    staged.finish().unwrap();
}

#[test]
fn a_part_in_which_somebody_can_still_be_is_copied() {
    let shelf = shelf();
    shelf.put(b"another");
    let wanted = digest(b"abcdef");
    let tmp = shelf.store.root().join("tmp");
    for name in ["part", "0123456789ab-other.part"] {
        let part = tmp.join(format!("{}.{name}", wanted.hex()));
        std::fs::write(&part, b"abc").unwrap();
        let mut theirs = std::fs::File::options().append(true).open(&part).unwrap();
        let mut staged = shelf.store.stage(shelf.store.lock(&wanted, &|| {}).unwrap(), 6).unwrap();
        assert_eq!(staged.offset(), 3, "{name}");
        theirs.write_all(b"XYZ").unwrap();
        staged.write(b"def").unwrap();
        let verified = staged.finish().unwrap();
        theirs.write_all(b"XYZ").unwrap();
        assert_eq!(std::fs::read(verified.path()).unwrap(), b"abcdef");
        assert!(part.exists(), "whoever is in it may need it");
        std::fs::remove_file(part).unwrap();
        shelf.store.remove_blob(&wanted).unwrap();
    }
}

#[test]
fn what_is_published_is_what_was_hashed() {
    let shelf = shelf();
    let wanted = digest(b"abc");
    let begun = || shelf.store.stage_temporary(shelf.store.lock(&wanted, &|| {}).unwrap(), 3).unwrap();
    let mut staged = begun();
    staged.write(b"abc").unwrap();
    // Somebody removed the file under its hands, and nobody has published it.
    let [copy] =
        shelf.below().iter().filter(|path| path.ends_with(".copy")).cloned().collect::<Vec<_>>().try_into().unwrap();
    std::fs::remove_file(shelf.store.root().join(copy)).unwrap();
    assert!(matches!(staged.finish(), Err(Error::Io { doing: "rename", .. })));
    assert_eq!(shelf.below(), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_part_that_is_a_link_is_not_written_through() {
    let shelf = shelf();
    shelf.put(b"another");
    let precious = shelf.folder.path().join("precious");
    std::fs::write(&precious, "mine").unwrap();
    std::os::unix::fs::symlink(&precious, shelf.part(&digest(b"abc"))).unwrap();
    shelf.put(b"abc");
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "mine");
}

#[test]
fn whoever_waits_finds_the_work_done() {
    let shelf = shelf();
    let (bytes, fetched) = (vec![7; 3 << 20], AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let wanted = digest(&bytes);
                let lock = shelf.store.lock(&wanted, &|| {}).unwrap();
                if let Verification::Good(_) = shelf.store.verify(&wanted, bytes.len() as u64).unwrap() {
                    return;
                }
                fetched.fetch_add(1, Ordering::Relaxed);
                let mut staged = shelf.store.stage(lock, bytes.len() as u64).unwrap();
                bytes.chunks(10_000).for_each(|piece| staged.write(piece).unwrap());
                staged.finish().unwrap();
            });
        }
    });
    assert_eq!(fetched.into_inner(), 1);
    assert!(shelf.store.verify_all().unwrap().is_empty());
}

#[test]
fn a_git_file_is_known_by_its_blob_id() {
    let shelf = shelf();
    let id = BlobId::from_hex("b45ef6fec89518d314f546fd6c3025367b721684").unwrap();
    let mut staged = shelf.store.stage_git(id, 13).unwrap();
    staged.write(b"Hello, ").unwrap();
    staged.write(b"World!").unwrap();
    assert_eq!(staged.finish().unwrap().digest(), digest(b"Hello, World!"));
    for (bytes, size) in [(&b"Hello, World?"[..], 13), (b"Hello", 13), (b"Hello, World!", 5)] {
        let mut staged = shelf.store.stage_git(id, size).unwrap();
        let written = staged.write(bytes);
        assert!(is_mismatch(written.and_then(|()| staged.finish())));
    }
    assert_eq!(shelf.below().len(), 1, "what was dropped leaves nothing");
}

#[test]
fn a_copy_is_hashed_like_anything_else() {
    let shelf = shelf();
    let wanted = digest(b"abc");
    let copy = |pieces: &[Result<&'static [u8], ()>]| {
        let lock = shelf.store.lock(&wanted, &|| {}).unwrap();
        let pieces = pieces.iter().map(|piece| piece.map(Bytes::from_static)).collect::<Vec<_>>();
        shelf.store.copy(lock, 3, pieces.into_iter()).unwrap().0
    };
    std::fs::create_dir_all(shelf.store.root().join("tmp")).unwrap();
    std::fs::write(shelf.part(&wanted), b"ab").unwrap();
    for (bytes, size) in [(&b"abd"[..], false), (b"ab", true), (b"abcd", true)] {
        let Ok(Verification::Bad(mismatch)) = copy(&[Ok(bytes)]) else { panic!("{bytes:?} is not what is wanted") };
        assert_eq!(matches!(mismatch, Mismatch::Size { .. }), size);
    }
    assert!(copy(&[Ok(b"ab"), Err(())]).is_err(), "a source that breaks off proves nothing");
    let part = format!("tmp/{}", shelf.part(&wanted).file_name().unwrap().to_string_lossy());
    assert_eq!(shelf.below(), [part], "a bad copy costs nothing that was received");
    assert!(matches!(copy(&[Ok(b"a"), Ok(b"bc")]), Ok(Verification::Good(_))));
    assert_eq!(shelf.below().len(), 1, "the part is of no use any more");
}

#[test]
fn a_store_that_cannot_be_written_is_read() {
    let shelf = shelf();
    shelf.put(b"abc");
    // Root writes wherever it likes, so the folders that writing needs are made impossible instead.
    for folder in ["tmp", "locks"] {
        let folder = shelf.store.root().join(folder);
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::write(&folder, "").unwrap();
    }
    assert_eq!(shelf.store.blob_state(&digest(b"abc"), 3).unwrap(), BlobState::Present);
    assert!(matches!(shelf.store.verify(&digest(b"abc"), 3).unwrap(), Verification::Good(_)));
    assert_eq!(shelf.store.blobs().unwrap().len(), 1);
    assert!(shelf.store.verify_all().unwrap().is_empty());
    let error = shelf.store.lock(&digest(b"new"), &|| {}).unwrap_err();
    assert!(matches!(&error, Error::Io { path, .. } if path.ends_with("locks")), "{error}");
}

#[test]
fn verifying_names_every_damaged_blob() {
    let shelf = shelf();
    let blobs: Vec<Verified> = (0..20_u8).map(|i| shelf.put(&vec![i; usize::from(i) * 100])).collect();
    assert!(shelf.store.verify_all().unwrap().is_empty());
    spoil(blobs[3].path(), &[9; 300]);
    spoil(blobs[11].path(), b"short");
    let bad: BTreeSet<Digest> = shelf.store.verify_all().unwrap().into_iter().map(|(blob, _)| blob.digest).collect();
    assert_eq!(bad, [blobs[3].digest(), blobs[11].digest()].into());
}

#[test]
fn pruning_keeps_what_is_wanted_and_what_is_in_work() {
    let shelf = shelf();
    let keep = shelf.put(b"keep");
    let drop = shelf.put(b"drop");
    let busy = shelf.put(b"busy");
    let unfinished = |bytes: &[u8]| std::fs::write(shelf.part(&digest(bytes)), b"123").unwrap();
    unfinished(b"dead");
    unfinished(b"live");
    std::fs::write(shelf.store.root().join("tmp/git-young"), "").unwrap();
    let old = shelf.store.root().join("tmp/git-old");
    std::fs::write(&old, "12").unwrap();
    std::fs::File::options().write(true).open(&old).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    std::fs::create_dir_all(shelf.store.chunks().join("chunks/ab")).unwrap();
    std::fs::write(shelf.store.chunks().join("chunks/ab/block"), "123456").unwrap();
    let held = [b"busy", b"live"].map(|bytes| shelf.store.lock(&digest(bytes), &|| {}).unwrap());
    let wanted = |digest: &Digest| *digest == keep.digest();
    let alone = shelf.store.lock_exclusively(&|_| panic!("nobody uses it")).unwrap();
    let before = shelf.below();
    let expected = Pruned { blobs: 1, parts: 2, chunks: 1, bytes: 4 + 3 + 2 + 6 };
    assert_eq!(shelf.store.prune(&wanted, None).unwrap(), expected);
    assert_eq!(shelf.below(), before, "a dry run removes nothing");
    assert_eq!(shelf.store.prune(&wanted, Some(&alone)).unwrap(), expected);
    assert!(keep.path().exists() && busy.path().exists() && !drop.path().exists());
    assert!(shelf.part(&digest(b"live")).exists());
    std::mem::drop(held);
    assert_eq!(shelf.store.prune(&wanted, Some(&alone)).unwrap(), Pruned { blobs: 1, parts: 1, chunks: 0, bytes: 7 });
}

#[cfg(unix)]
#[test]
fn what_is_behind_a_link_is_not_the_stores() {
    let shelf = shelf();
    let outside = shelf.folder.path().join("outside");
    let hex = digest(b"abc").hex();
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join(&hex), "abc").unwrap();
    std::fs::create_dir_all(shelf.store.root().join("blobs/sha256/zz")).unwrap();
    std::fs::write(shelf.store.root().join("blobs/sha256/zz").join(&hex), "abc").unwrap();
    std::os::unix::fs::symlink(&outside, shelf.store.root().join("blobs/sha256").join(&hex[..2])).unwrap();
    std::os::unix::fs::symlink(&outside, shelf.store.chunks()).unwrap();
    assert_eq!(shelf.store.blobs().unwrap(), Vec::<Blob>::new());
    shelf.store.prune(&|_| false, Some(&shelf.store.lock_exclusively(&|_| {}).unwrap())).unwrap();
    assert!(outside.join(&hex).exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// However content comes, in whatever pieces and after however many interruptions, it is kept if it is
    /// what was announced, and leaves nothing behind if one byte of it is not.
    #[test]
    fn pieces_and_interruptions_change_nothing(
        bytes in prop::collection::vec(any::<u8>(), 0..4000),
        cuts in prop::collection::vec((1..900_usize, any::<bool>()), 1..6),
        flip in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let shelf = shelf();
        let wanted = digest(&bytes);
        let mut sent = bytes.clone();
        let flipped = flip.filter(|_| !sent.is_empty()).map(|at| at.index(sent.len()));
        if let Some(at) = flipped {
            sent[at] ^= 1;
        }
        let stage = || shelf.store.stage(shelf.store.lock(&wanted, &|| {}).unwrap(), bytes.len() as u64).unwrap();
        let mut staged = stage();
        let mut cuts = cuts.iter().cycle();
        loop {
            let at = usize::try_from(staged.offset()).unwrap();
            if at == sent.len() {
                break;
            }
            let (len, interrupted) = cuts.next().unwrap();
            staged.write(&sent[at..(at + len).min(sent.len())]).unwrap();
            if *interrupted {
                drop(staged);
                staged = stage();
            }
        }
        let finished = staged.finish();
        prop_assert_eq!(finished.is_ok(), flipped.is_none());
        prop_assert_eq!(shelf.below().len(), usize::from(flipped.is_none()));
    }
}
