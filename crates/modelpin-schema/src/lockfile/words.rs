//! Newtypes over text that only locks and decisions use.

use crate::text::{hides, text};

text! {
    /// A lower-case identifier: a capability such as `network`, or the id of a rule such as `pickle-broken`.
    Identifier, "lower-case identifier", "^[a-z0-9][a-z0-9-]{0,63}$", |text| {
        let inside = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > 64 || text.starts_with('-') || !text.bytes().all(inside) {
            return Err("an identifier has 1 to 64 lower-case letters, digits and hyphens".to_owned());
        }
        Ok(())
    }
}

text! {
    /// One line of printable text, from a file of a repo (a requirement, a global of a pickle, a class that `auto_map`
    /// names) or from a person.
    PrintableText, "line of text", "^.{1,600}$", |text| {
        if text.is_empty() || text.chars().count() > 600 || text.chars().any(hides) {
            return Err("expected 1 to 600 visible characters".to_owned());
        }
        Ok(())
    }
}

text! {
    /// A licence as a repo's card declares it, such as `apache-2.0` or `other`.
    License, "licence", "^.{1,200}$", |text| {
        if text.is_empty() || text.chars().count() > 200 || text.chars().any(hides) {
            return Err("a licence is 1 to 200 visible characters".to_owned());
        }
        Ok(())
    }
}
