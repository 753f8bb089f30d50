//! `models.lock`: what is read prints as something that reads as the same, and prints as itself from then on.
#![no_main]
use modelpin_schema::Lockfile;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(lock) = Lockfile::read("models.lock", text) {
        let printed = lock.print();
        assert_eq!(Lockfile::read("models.lock", &printed).as_ref(), Ok(&lock));
    }
});
