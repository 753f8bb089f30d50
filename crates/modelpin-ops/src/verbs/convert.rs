//! `convert`: lets safetensors made of a locked pickle stand in its place.

use super::lock::{self, LockOptions, Planned};
use super::update::has_ticket;
use crate::convert::{self, Made};
use crate::decisions;
use crate::facts;
use crate::fetch::{self, Wanted};
use crate::online::Online;
use crate::project::find_entry;
use crate::refusal::{ErrorClass, Failure, Refusal, convert as refuse};
use crate::scanning::{ScanInput, ScanTask, scan_files};
use crate::workspace::Workspace;
use modelpin_scan::convert::VERSION;
use modelpin_schema::fault::nearest;
use modelpin_schema::lockfile::{Converted, family, result_path};
use modelpin_schema::path::collision;
use modelpin_schema::{Artifact, FileKind, Name, Pin, RepoPath, typed_path, visible};

/// What to convert.
#[derive(Debug, Clone)]
pub struct Options {
    /// The entry.
    pub name: Name,
    /// Its file, as it was typed.
    pub file: String,
    /// Take the conversion out again.
    pub undo: bool,
}

/// What was converted.
#[derive(Debug, Clone)]
pub struct Conversion {
    /// The file.
    pub from: RepoPath,
    /// What is in its place, or was.
    pub to: RepoPath,
    /// What the conversion kept and left out; none where it was undone.
    pub made: Option<Made>,
    /// The lock with it: as it was, where it recorded all of this already.
    pub planned: Planned,
}

/// Converts a file of the lock, and makes the lock that records that; or the lock without the conversion. A
/// conversion that is recorded is made once more, and has to come out the same. The pin names the ticket of
/// `lock_options` where it changes, or where it has none that the policy allows.
///
/// # Errors
/// A lock that is not up to date with the manifest; a file that is not locked, not a pickle or cannot be converted; a
/// result that has no place to go; what no decision about the bytes could settle.
pub async fn plan(
    workspace: &Workspace,
    online: &Online,
    options: &Options,
    lock_options: &LockOptions,
) -> Result<Conversion, Failure> {
    let project = &workspace.project;
    let old = project.locked()?.clone();
    let name = &options.name;
    let (_, before) = find_entry(&old, name)?;
    let (from, file) = locked_file(name, before, &options.file)?;
    let at = |failure: Failure| convert::of(failure, name, from);
    let mut pin = before.clone();
    let (to, made) = if options.undo {
        let (to, _) = before.result_of(from).ok_or_else(|| at(refuse::not_converted().into()))?;
        pin.converted.remove(to);
        (to.clone(), None)
    } else {
        let to = place(before, from, file).map_err(at)?;
        let made = make(online, Wanted::of(name, before, from, file)).await.map_err(at)?;
        let converted = converted(before, from, file, &to, &made).map_err(at)?;
        pin.converted.insert(to.clone(), converted);
        (to, Some(made))
    };
    let lacks = lock_options.ticket.is_some() && !has_ticket(&project.manifest.policy, before);
    let mut new = old.clone();
    if pin != *before || lacks {
        pin.ticket.clone_from(&lock_options.ticket);
        new.pins.insert(name.clone(), pin);
    }
    let decisions = decisions::fetch_and_load(online, project).await?;
    let locked = lock::evaluate_change(&project.manifest, workspace, &old, &new, &decisions, lock_options)?;
    let from = from.clone();
    Ok(Conversion { from, to, made, planned: Planned { text: None, lock: new, locked } })
}

/// The file of `pin` that `word` names.
fn locked_file<'a>(name: &Name, pin: &'a Pin, word: &str) -> Result<(&'a RepoPath, &'a Artifact), Failure> {
    let found = typed_path(word).parse::<RepoPath>().ok().and_then(|path| pin.files().get_key_value(&path));
    found.ok_or_else(|| {
        let pickles =
            pin.files().iter().filter(|(_, file)| file.kind == FileKind::Pickle).map(|(path, _)| path.as_str());
        let refusal = Refusal::new(ErrorClass::Usage, format_args!("no file `{}` in models.lock", visible(word)));
        let refusal = match nearest(word, pickles) {
            Some(meant) => refusal.help(format_args!("did you mean `{meant}`?")),
            None => refusal.help("run `modelpin scan NAME -v` to list the files"),
        };
        refusal.entry(name).into()
    })
}

/// Where the result of converting the file at `from` goes.
fn place(pin: &Pin, from: &RepoPath, file: &Artifact) -> Result<RepoPath, Failure> {
    if file.kind != FileKind::Pickle {
        return Err(refuse::no_pickle(file.kind).into());
    }
    let alone = family(from).is_none();
    let to = result_path(from).filter(|_| alone).ok_or_else(|| refuse::no_place(from))?;
    let others = pin.converted.iter().filter(|(_, converted)| converted.from != *from).map(|(path, _)| path);
    match collision(pin.files().keys().chain(others).chain([&to])) {
        Some((there, _)) => Err(refuse::taken(&to, there).into()),
        None => Ok(to),
    }
}

/// Converts a file, which is fetched where it is not in the store.
async fn make(online: &Online, wanted: Wanted) -> Result<Made, Failure> {
    let from = &wanted.path.clone();
    let source = fetch::fetch(online, vec![wanted]).await?.into_values().next();
    let source = source.ok_or_else(|| Failure::internal(format_args!("`{from}` was not fetched")))?;
    let task = ScanTask { path: from.to_string(), input: ScanInput::at(source.path().to_owned()) };
    for report in scan_files(&[task], online.jobs, &*online.reporter)? {
        let kind = facts::kind(from, &report);
        if kind != FileKind::Pickle {
            return Err(refuse::no_pickle(kind).into());
        }
    }
    convert::make(online, from, source).await
}

/// The conversion as the lock records it. One that is recorded already, of the same source by the same converter, has
/// to be this one.
fn converted(pin: &Pin, from: &RepoPath, file: &Artifact, to: &RepoPath, made: &Made) -> Result<Converted, Failure> {
    let size = made.result.size();
    let sha256 = made.result.digest();
    let new = Converted { from: from.clone(), source: file.sha256, converter: VERSION, size, sha256 };
    match pin.converted.get(to) {
        Some(old) if old.converter == VERSION && *old != new => {
            Err(refuse::other_result(from, &old.sha256, &format!("{sha256}, {size} bytes")).into())
        }
        _ => Ok(new),
    }
}
