//! Files of which not all is read, as those on a Hub: what is not read makes nothing dangerous, and hides nothing.

use modelpin_scan::{Limits, NotRead, Report, Source, Verdict, scan};
use modelpin_testkit::corpus::all;
use modelpin_testkit::corpus::build::{call, state_dict, torch_zip};
use std::cell::Cell;
use std::io;

/// Bytes on a server, of which those from `end` on are not read.
struct Remote<'b> {
    bytes: &'b [u8],
    end: u64,
    is_refused: Cell<bool>,
}

impl Source for Remote<'_> {
    fn size(&self) -> u64 {
        self.bytes.size()
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        if at.saturating_add(into.len() as u64) > self.end {
            self.is_refused.set(true);
            let size = self.size();
            return Err(io::Error::other(NotRead { at, unread: size.saturating_sub(self.end), size }));
        }
        self.bytes.read_at(at, into)
    }

    fn is_remote(&self) -> bool {
        true
    }
}

/// The report of a file of which the bytes up to `end` are read, and whether others were asked for.
fn read_to(end: u64, path: &str, bytes: &[u8]) -> (Report, bool) {
    let remote = Remote { bytes, end, is_refused: Cell::new(false) };
    let report = scan(&remote, path, &Limits::default());
    (report, remote.is_refused.get())
}

fn says_not_read(report: &Report) -> bool {
    report.findings.iter().any(|finding| finding.rule.id == "not-read")
}

#[test]
fn what_is_not_read_is_neither_dangerous_nor_safe() {
    let mut refused = 0;
    for item in all() {
        for (path, bytes) in &item.files {
            let whole = scan(bytes, path, &Limits::default()).verdict();
            let size = bytes.size();
            let (report, _) = read_to(size, path, bytes);
            assert_eq!(report.verdict(), whole, "{}: {path} is read whole", item.name);
            assert!(!says_not_read(&report), "{}: {path} is read whole", item.name);
            for end in [0, 64, 1024, 4096, size / 2, size.saturating_sub(30)] {
                let (report, is_refused) = read_to(end, path, bytes);
                let verdict = report.verdict();
                refused += usize::from(is_refused);
                let shown = || format!("{}: {path} up to {end} of {size}: {:?}", item.name, report.findings);
                assert!(whole == Verdict::Dangerous || verdict < Verdict::Dangerous, "{}", shown());
                assert!(whole == Verdict::Safe || verdict > Verdict::Safe, "{}", shown());
            }
        }
    }
    assert!(refused > 1000, "{refused}");
}

#[test]
fn an_archive_of_torch_is_one_by_its_directory_alone() {
    let storage = [0_u8; 4096];
    let keys: Vec<String> = (0..64).map(|key| key.to_string()).collect();
    let storages: Vec<(&str, &[u8])> = keys.iter().map(|key| (key.as_str(), &storage[..])).collect();
    let tensors: Vec<(&str, &str, &[i32])> = keys.iter().map(|key| (key.as_str(), key.as_str(), &[1024][..])).collect();
    for (pickle, worst) in
        [(state_dict(&tensors), Verdict::Review), (call("posix", "system", "id"), Verdict::Dangerous)]
    {
        let bytes = torch_zip(&pickle, &storages).bytes();
        // Of the members in the middle not even the headers are read.
        struct Ends<'b>(&'b [u8]);
        impl Source for Ends<'_> {
            fn size(&self) -> u64 {
                self.0.size()
            }

            fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
                let size = self.size();
                let end = at.saturating_add(into.len() as u64);
                if end > 16 << 10 && at < size.saturating_sub(66 << 10) {
                    return Err(io::Error::other(NotRead { at, unread: 1, size }));
                }
                self.0.read_at(at, into)
            }
        }
        let report = scan(&Ends(&bytes), "weights.dat", &Limits::default());
        assert!(report.is_pickle(), "{:?}", report.findings);
        assert_eq!(report.verdict(), worst, "{:?}", report.findings);
        assert!(says_not_read(&report));
    }
}

#[test]
fn hdf5_far_from_the_front_is_found_or_not_read() {
    let items = all();
    let item = items.iter().find(|item| item.name.ends_with("lambda-h5")).unwrap();
    let mut bytes = vec![7; 16 << 10];
    bytes.extend(&item.files[0].1);
    let path = "weights.dat";
    let whole = scan(bytes.as_slice(), path, &Limits::default());
    assert_eq!((whole.format.word(), whole.verdict()), ("hdf5", Verdict::Dangerous), "{:?}", whole.findings);
    let (report, _) = read_to(bytes.size(), path, &bytes);
    assert_eq!((report.format, report.verdict()), (whole.format, whole.verdict()), "{:?}", report.findings);
    let (report, _) = read_to(8 << 10, path, &bytes);
    assert!(says_not_read(&report), "{:?}", report.findings);
}
