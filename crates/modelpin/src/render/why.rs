//! Why an entry is locked, and why a file of it is locked or left out.

use super::tree::words;
use crate::out::line;
use crate::render::bytes;
use modelpin_ops::verbs::why::file::{FileWhy, Verdict};
use modelpin_ops::verbs::why::{MAX_WAYS, Why};
use modelpin_schema::Name;
use modelpin_schema::output::{Location, pins};
use modelpin_schema::selection::Reason;
use modelpin_schema::text::list_up_to;

/// The paths for people, one a line. `manifest` is how the manifest is called.
#[must_use]
pub fn text(why: &Why<'_>, manifest: &str) -> String {
    let end = format!("{} ({}@{})", why.name, why.pin.source.repo, why.pin.revision.short());
    let mut out = String::new();
    if let Some(at) = why.line {
        line(&mut out, format_args!("{manifest}:{at} names {end}"));
    }
    for way in &why.ways {
        let steps: String = way.iter().map(|(name, how)| format!("{name} --{}--> ", words(how).join(", "))).collect();
        line(&mut out, format_args!("{steps}{end}"));
    }
    if why.more {
        line(&mut out, format_args!("and more than these {MAX_WAYS} paths"));
    }
    out
}

/// The paths for programs.
#[must_use]
pub fn data(why: &Why<'_>, file: Option<&FileWhy<'_>>, manifest: &str) -> pins::Why {
    let step = |(name, how): &(&Name, _)| pins::Step { from: name.to_string(), how: words(how) };
    pins::Why {
        name: why.name.to_string(),
        source: why.pin.source.to_string(),
        revision: why.pin.revision.to_string(),
        named: why.line.map(|line| Location { file: manifest.to_owned(), line: Some(line) }),
        paths: why.ways.iter().map(|way| way.iter().map(step).collect()).collect(),
        more: why.more,
        file: file.map(file_data),
    }
}

/// Why a file is locked or left out, for people.
#[must_use]
pub fn file_text(why: &FileWhy<'_>) -> String {
    let FileWhy { name, pin, path, .. } = why;
    let of = format!("{name} ({}@{})", pin.source.repo, pin.revision.short());
    let data = file_data(why);
    let mut out = String::new();
    line(&mut out, format_args!("{of}: `{path}` {}", data.because));
    let mut row = |key: &str, value: String| line(&mut out, format_args!("  {key:<11} {value}"));
    if let Some(beside) = data.beside {
        row("beside", beside);
    }
    if let Some(size) = data.size {
        row("size", bytes(size));
    }
    if let Verdict::Locked(locked) = &why.verdict {
        row("kind", locked.file.kind.to_string());
        row("sha256", locked.file.sha256.hex());
    }
    if !data.imported.is_empty() {
        row("imported", list_up_to(3, &data.imported));
    }
    if let Some(result) = data.replaced_by {
        row("replaced by", result);
    }
    if data.locked && !pin.dependencies.required_by.is_empty() {
        row("required by", list_up_to(8, &pin.dependencies.required_by));
    }
    let to = if data.locked { "to leave out" } else { "to lock" };
    for (at, command) in data.commands.iter().enumerate() {
        line(&mut out, format_args!("  {} {command}", if at == 0 { format!("{to}:") } else { "or:".to_owned() }));
    }
    out
}

fn file_data(why: &FileWhy<'_>) -> pins::WhyFile {
    let mut data = pins::WhyFile {
        path: why.path.to_string(),
        locked: false,
        reason: None,
        because: because(why),
        pattern: None,
        beside: None,
        size: None,
        imported: Vec::new(),
        replaced_by: None,
        commands: why.commands.clone(),
    };
    match &why.verdict {
        Verdict::Locked(locked) => {
            data.locked = true;
            data.size = Some(locked.file.size);
            data.pattern = locked.pattern.as_ref().map(ToString::to_string);
            data.imported.clone_from(&locked.imported);
            data.replaced_by = locked.replaced_by.as_ref().map(ToString::to_string);
        }
        Verdict::LeftOut { reason, pattern, beside, size } => {
            data.reason = Some(reason.word().to_owned());
            data.pattern = pattern.as_ref().filter(|_| *reason == Reason::Excluded).map(ToString::to_string);
            data.beside = beside.as_ref().map(ToString::to_string);
            data.size = *size;
        }
        Verdict::NotLocked { size } => data.size = Some(*size),
    }
    data
}

/// The verdict as a clause that follows on the path.
fn because(why: &FileWhy<'_>) -> String {
    match &why.verdict {
        Verdict::Locked(locked) => match (&locked.pattern, &why.pin.filter.variant) {
            (Some(pattern), _) => format!("is locked: it matches `{pattern}` of `include`"),
            (None, Some(variant)) => format!("is locked: the default set with the variant `{variant}` takes it"),
            (None, None) => "is locked: the default set takes it".to_owned(),
        },
        Verdict::LeftOut { reason: Reason::Excluded, pattern: Some(pattern), .. } => {
            format!(
                "is left out: it matches `{pattern}` of `exclude`; without that pattern `modelpin lock` locks it again"
            )
        }
        Verdict::LeftOut { reason, .. } => format!("is left out ({reason}): it {}", reason.text()),
        Verdict::NotLocked { .. } => {
            "is not locked: another version of modelpin made the lock, and this one would lock it".to_owned()
        }
    }
}
