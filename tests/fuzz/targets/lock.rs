//! Any text is a lock or a fault that can be shown; what is read prints as something that reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelpin_schema::Lockfile;

fuzz_target!(|text: &str| match Lockfile::read("models.lock", text) {
    Ok(lock) => assert_eq!(Lockfile::read("models.lock", &lock.print()).as_ref(), Ok(&lock)),
    Err(refused) => drop(refused.to_string()),
});
