//! The reader of `models.lock`: the version first, then the strict wire form, then the checks.

mod check;
mod scanner;
mod syntax;
mod text;
mod wire;

use super::{LockError, Lockfile, VERSION};
use crate::RepoKind;
use crate::fault::{Fault, conflict_marker};
use check::Context;
use std::collections::BTreeMap;
use wire::Wire;

#[cfg(feature = "json-schema")]
pub use wire::json_schema;

impl Lockfile {
    /// Reads a lock; `file` is its name in messages.
    ///
    /// # Errors
    /// Text that is not a lock, a lock of another version, or a recorded digest that does not follow from the files.
    pub fn read(file: &str, text: &str) -> Result<Self, LockError> {
        check_text(file, text)?;
        check_version(file, text)?;
        let wire: Wire = text::read(text).map_err(|error| {
            let fault = error.fault(file, text);
            let help = fault.help.clone().map_or_else(String::new, |help| format!("{help} "));
            fault.help(format!("{help}a lock is not edited by hand: take it back from git, or run `modelpin lock`"))
        })?;
        let mut pins = Vec::new();
        let mut digests = BTreeMap::new();
        for (kind, table) in [(RepoKind::Model, wire.model), (RepoKind::Dataset, wire.dataset)] {
            for (name, pin) in table {
                let (pin, digest) = Context { file, text, kind, name: &name }.check(*pin)?;
                if digests.insert(name.clone(), (kind, digest)).is_some() {
                    return Err(Fault::whole(file, format!("`{name}` is both a model and a dataset")).into());
                }
                pins.push((name, pin));
            }
        }
        // Made at once, so that no node of the tree is half empty.
        let lock = Self { pins: pins.into_iter().collect() };
        for (name, pin) in &lock.pins {
            Context { file, text, kind: pin.source.kind, name }.check_dependencies(&lock, pin)?;
        }
        for (name, (kind, digest)) in &digests {
            Context { file, text, kind: *kind, name }.check_code(&lock, *digest)?;
        }
        Ok(lock)
    }
}

fn check_text(file: &str, text: &str) -> Result<(), Fault> {
    if text.starts_with('\u{feff}') {
        return Err(Fault::whole(file, "the lock begins with a byte order mark")
            .help("save it without one, or take it back from git"));
    }
    if let Some(span) = conflict_marker(text) {
        let fault = Fault::at(file, text, span, "git left a merge conflict here");
        return Err(fault.help("take either side whole (`git checkout --ours models.lock`), then run `modelpin lock`"));
    }
    Ok(())
}

/// The version stands first, so that it is understood before anything else is.
fn check_version(file: &str, text: &str) -> Result<(), Fault> {
    let Some(span) = text::first(text, "version").map_err(|error| error.fault(file, text))? else {
        return Err(Fault::whole(file, "the lock does not begin with its version")
            .help("take it back from git, or remove it and run `modelpin lock`"));
    };
    let version = text.get(span.clone()).unwrap_or_default();
    if version.split('#').next().is_some_and(|number| number.trim().parse() == Ok(VERSION)) {
        return Ok(());
    }
    let message = format!("this is not a lock of version {VERSION}, the only one this modelpin understands");
    let fault = Fault::at(file, text, span, message);
    Err(fault.help("a newer modelpin wrote it: use that one; `modelpin --version` shows this one"))
}

#[cfg(test)]
mod tests {
    use super::{LockError, Lockfile};
    use crate::lockfile::sample::sample;

    fn fault(text: &str) -> String {
        match Lockfile::read("models.lock", text).unwrap_err() {
            LockError::Unreadable(fault) => fault.message,
            edited @ LockError::Edited { .. } => edited.to_string(),
        }
    }

    #[test]
    fn every_edit_of_files_is_noticed() {
        let text = sample().print();
        let edited = "`chat` was edited by hand";
        assert_eq!(fault(&text.replace(&"a3".repeat(32), &"a4".repeat(32))), edited);
        assert_eq!(fault(&text.replace("\"config.json\"", "\"confih.json\"")), edited);
        let file = text.lines().find(|line| line.starts_with("\"config.json\"")).unwrap();
        assert_eq!(fault(&text.replace(&format!("{file}\n"), "")), edited);
        let another = file.replace("\"config.json", "\"added.json");
        assert_eq!(fault(&text.replace(file, &format!("{another}\n{file}"))), edited);
    }

    #[test]
    fn every_edit_of_the_code_is_noticed() {
        let text = sample().print();
        let digest = text.lines().find(|line| line.starts_with("digest = ")).unwrap();
        let another = format!("digest = \"{}\"", crate::Digest::new([7; 32]));
        for broken in [text.replace(digest, &another), text.replace(&"5d".repeat(32), &"5e".repeat(32))] {
            assert!(matches!(Lockfile::read("models.lock", &broken), Err(LockError::Edited { .. })), "{broken}");
        }
        assert_eq!(fault(&text.replace(&format!("{digest}\n"), "")), "`chat` has code, but no digest of it");
        // A file of code that hides among the data takes its digest with it; the name tells on it elsewhere.
        let hidden = text.replace("kind = \"code\"", "kind = \"data\"");
        assert_eq!(fault(&hidden), "`chat` has a digest of code, but no code");
        let stray = text.replace("\"modeling_chat.py\" = [", "\"gone.py\" = [");
        assert_eq!(fault(&stray), "`chat` has a fact about `gone.py`, which it does not lock");
    }

    #[test]
    fn every_edit_of_a_conversion_is_noticed() {
        let text = sample().print();
        let edited = "`chat` was edited by hand";
        let source = format!("source = \"{}\"", "7f".repeat(32));
        assert_eq!(fault(&text.replace(&source, &source.replace("7f7f", "7e7f"))), edited);
        let result = "\"old/model.safetensors\" = { from = \"old/pytorch_model.bin\"";
        for (other, message) in [
            (
                result.replace("old/pytorch", "new/pytorch"),
                "`chat` has a conversion of `new/pytorch_model.bin`, which it does not lock",
            ),
            (
                result.replace("old/model", "old/evil"),
                "`chat` has a conversion of `old/pytorch_model.bin` to `old/evil.safetensors`, which is not the name of its result",
            ),
            (
                result.replace("old/", ""),
                "`chat` has `model.safetensors` and `model.safetensors`, which are one file on some systems",
            ),
        ] {
            assert_eq!(fault(&text.replace(result, &other)), message);
        }
        assert!(fault(&text.replace("converter = 1", "converter = 0")).contains("nonzero"));
        assert!(fault(&text.replace("converter = 1", "converter = 1, by = \"me\"")).starts_with("unknown field"));
    }

    #[test]
    fn an_empty_list_of_facts_is_no_fact() {
        let text = sample().print();
        let empty = text.replace("[model.chat.globals]", "[model.chat.globals]\n\"config.json\" = []");
        assert_eq!(Lockfile::read("models.lock", &empty).unwrap().print(), text);
    }

    #[test]
    fn the_version_is_read_before_the_keys() {
        let text = sample().print().replace("version = 1", "version = 9\nquarantine = true");
        assert_eq!(fault(&text), "this is not a lock of version 1, the only one this modelpin understands");
        let text = sample().print().replace("version = 1", "version = 1\nquarantine = true");
        assert!(fault(&text).starts_with("unknown field `quarantine`"));
        assert_eq!(fault(""), "the lock does not begin with its version");
    }

    #[test]
    fn what_is_left_out_is_counted_and_is_not_locked() {
        let text = sample().print();
        let named = "\"checkpoint-1/optimizer.pt\" = \"training\"";
        for (from, to, message) in [
            ("training = 1\n", "", "`chat` names 1 file left out as `training`, and counts 0"),
            (
                named,
                &format!("{named}\n\"checkpoint-2/optimizer.pt\" = \"training\""),
                "`chat` names 2 files left out as `training`, and counts 1",
            ),
            (named, "\"config.json\" = \"copy\"", "`chat` says that `config.json` is left out, and locks it"),
        ] {
            assert_eq!(fault(&text.replacen(from, to, 1)), message);
        }
        let many: String =
            (0..=super::super::MAX_LEFT_OUT_CODE).map(|at| format!("\"x/{at}.pt\" = \"copy\"\n")).collect();
        let message = fault(&text.replace("copy = 3", "copy = 20000").replace(named, &many));
        assert_eq!(message, "`chat` names 10001 files that are left out, more than the 10000 allowed");
        assert!(fault(&text.replace("copy = 3", "copied = 3")).contains("`copied` is not a reason"));
        assert!(fault(&text.replace("copy = 3", "copy = 0")).contains("nonzero"));
        assert!(fault(&text.replace(named, "\"a.pt\" = \"evil\"")).contains("`evil` is not a reason"));
    }

    #[test]
    fn an_invalid_lock_is_refused() {
        let text = sample().print();
        for broken in [
            text.replace("[model.chat]", "<<<<<<< HEAD\n[model.chat]"),
            format!("\u{feff}{text}"),
            text.replace("[dataset.a-faq]", "[dataset.chat]"),
            text.replace("hf:dataset/acme/faq", "hf:model/acme/faq"),
            text.replace("base = \"chat\"", "base = \"gone\""),
            text.replace("copy = 3", "copies = 3"),
            text.replace("copy = 3", "copy = 0"),
            text.replace("copy = 3", "copy = -1"),
            text.replace("copy = 3", "copy = 3\ncopy = 3"),
            text.replace("optimizer.pt\" = \"training\"", "../optimizer.pt\" = \"training\""),
            text.replace("size = 148", "size = -1"),
            text.replace("sub/", "../"),
            text.replace("\"process\"", "\"Process\""),
            text.replace("==2.6.0", "a\\u001b[2Jb"),
            text.replace("[model.chat.globals]", "[model.chat.global]"),
            format!("{text}\n[model.chat]\n"),
        ] {
            assert!(Lockfile::read("models.lock", &broken).is_err(), "{broken}");
        }
    }
}
