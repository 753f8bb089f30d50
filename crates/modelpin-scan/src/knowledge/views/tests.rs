//! Every name that a list of the scanner has, seen by all four views: each judges as the table says, or as a declared
//! difference does.

use super::configuration::acts;
use super::object::{Classification, classify};
use super::pickle::level;
use super::python::{capability, is_allowed};
use super::{DIFFERENCES, View, differences, is_harmless_in_files, row, row_or_module};
use crate::knowledge::names::{self, Does};
use crate::knowledge::pickle::{Level, all_listed, listed};
use crate::knowledge::sklearn;
use crate::knowledge::stdlib::is_stdlib;

/// The names of the table, and one in each place of which it says something as a whole.
fn names() -> Vec<String> {
    let of_table = names::all().into_iter().map(|(name, _)| match name.strip_suffix("A*") {
        Some(head) => format!("{head}Zz"),
        None => name.strip_suffix('*').map_or(name.clone(), |head| format!("{head}zz")),
    });
    let of_machine = all_listed().map(|(module, name)| format!("{module}.{name}"));
    let of_differences = DIFFERENCES.lines().filter(|line| !line.starts_with('#')).filter_map(differences).flatten();
    let of_differences = of_differences.map(|difference| difference.name.to_owned());
    of_table.chain(of_machine).chain(of_differences).filter(|name| name.contains('.') && !name.contains("()")).collect()
}

fn is_hidden(name: &str) -> bool {
    name.split('.').any(|part| part.starts_with("__"))
}

#[test]
fn every_difference_is_one_and_has_a_reason() {
    for line in DIFFERENCES.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let Some(found) = differences(line) else { panic!("cannot be read: {line}") };
        for found in found {
            assert!(found.row.source.len() > 10, "no reason: {line}");
            let name = found.name.strip_suffix(".*");
            let usual = name.map_or_else(|| names::row(found.name), names::whole);
            assert!(usual.is_none_or(|usual| usual.does != found.row.does), "no difference: {}", found.name);
        }
    }
}

#[test]
fn python_judges_as_the_table_says() {
    for name in names().iter().filter(|name| !is_hidden(name)) {
        let does = row(View::Python, name).map(|row| row.does);
        let is_error = ["Error", "Exception", "Warning"].iter().any(|end| name.ends_with(end));
        let (acting, allowed) = match does {
            _ if is_error => (None, true),
            Some(Does::Acts(capability)) => (Some(capability), false),
            Some(Does::Reaches | Does::Unknown) | None => (None, false),
            Some(_) => (None, true),
        };
        assert_eq!((capability(name), is_allowed(name)), (acting, allowed), "{name}");
    }
}

#[test]
fn pickles_judge_as_the_table_says() {
    let mut undeclared = Vec::new();
    for name in names() {
        let Some((module, last)) = name.rsplit_once('.') else { continue };
        let does = row(View::Pickle, &name).map(|row| row.does);
        let in_files = is_harmless_in_files(View::Pickle, &name);
        let acts = matches!(does, Some(Does::Acts(_) | Does::Reaches | Does::Calls));
        let found = level(module, last);
        if listed(module, last).is_some() {
            assert!(matches!(found, Level::Listed(_)), "{name}");
            if acts {
                undeclared.push(name);
            }
            continue;
        }
        let expected_dangerous = acts
            || does.is_none() && is_stdlib(module)
            || matches!(does, Some(Does::State)) && is_stdlib(module)
            || !in_files;
        match found {
            Level::Dangerous(_) if expected_dangerous || is_hidden(&name) => {}
            Level::Dangerous(_) => {
                assert!(matches!(does, Some(Does::State | Does::Unknown) | None), "dangerous for no reason: {name}");
            }
            _ => assert!(!expected_dangerous, "not dangerous: {name}"),
        }
    }
    assert!(undeclared.is_empty(), "the machine knows what acts by the table: {undeclared:?}");
}

#[test]
fn objects_judge_as_the_table_says() {
    for name in names() {
        let does = row_or_module(View::Object, &name).map(|row| row.does);
        let found = classify(&name);
        let is_std = is_stdlib(&name);
        let dangerous = matches!(does, Some(Does::Acts(_) | Does::Reaches | Does::Calls))
            || is_hidden(&name)
            || !is_harmless_in_files(View::Object, &name)
            || is_std && matches!(does, Some(Does::State) | None);
        let is_as_said = match (does, found) {
            (_, Classification::Dangerous) if dangerous => true,
            (_, _) if dangerous => false,
            (Some(Does::Value), found) => found == Classification::Data,
            (Some(Does::Plain | Does::Model), found) => found == Classification::Library,
            // By their names.
            (_, _) => true,
        };
        assert!(is_as_said, "{name}: {found:?}, {does:?}");
    }
}

#[test]
fn what_skops_builds_is_harmless_by_the_table() {
    let acting: Vec<String> = sklearn::all().filter(|name| classify(name).is_dangerous()).collect();
    assert!(sklearn::all().count() > 200 && acting.is_empty(), "{acting:?}");
}

#[test]
fn configurations_judge_as_the_table_says() {
    for name in names() {
        let does = row_or_module(View::Configuration, &name).map(|row| row.does);
        let acting = matches!(does, Some(Does::Acts(_) | Does::Reaches | Does::Calls));
        assert_eq!(acts(&name).is_some(), acting, "{name}");
    }
}
