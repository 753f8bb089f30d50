//! The keys of `[policy]` that rules name are those that models.toml is read by.

use modelpin_schema::Manifest;
use std::collections::BTreeSet;

#[test]
fn each_key_that_a_rule_names_has_its_line() {
    let values = [
        ("formats", "\"scanned\""),
        ("licenses", "[\"mit\"]"),
        ("publishers", "[\"org:acme\"]"),
        ("min-age", "\"7d\""),
        ("require-ticket", "\"^SEC-\""),
        ("ignored-dependencies", "[\"acme/other\"]"),
    ];
    let named: BTreeSet<&str> = modelpin_rules::all().filter_map(|rule| rule.manifest_key).collect();
    assert_eq!(named, values.iter().map(|(key, _)| *key).collect());
    for (key, value) in values {
        let manifest = Manifest::read("models.toml", &format!("[policy]\n{key} = {value}\n")).unwrap();
        assert_eq!(manifest.policy.place(key).unwrap().line, 2, "{key}");
    }
}
