//! Any text is a file of decisions or a fault that can be shown; what is read prints as something that reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelpin_schema::Audits;
use modelpin_schema::audits::{Audit, Exemption};

const FILE: &str = "models.audits.toml";

fuzz_target!(|text: &str| match Audits::read(FILE, text) {
    Ok(read) => {
        let print = |read: &Audits| {
            let mut text = Audits::empty_text();
            text.extend(read.audits.iter().map(Audit::print).chain(read.exemptions.iter().map(Exemption::print)));
            text
        };
        let printed = print(&read);
        let again = Audits::read(FILE, &printed).map(|again| (again.audits.len(), again.exemptions.len(), print(&again)));
        assert_eq!(again, Ok((read.audits.len(), read.exemptions.len(), printed)));
    }
    Err(fault) => drop(fault.to_string()),
});
