//! `exempt`: lets exact files in for a while, although they would be refused.

use crate::decisions::{self, write};
use crate::fetch::{self, Wanted};
use crate::locate::locate_content;
use crate::online::Online;
use crate::project::find_entry;
use crate::refusal::{ErrorClass, Failure, Refusal};
use crate::scanning::{ScanInput, ScanTask, scan_files};
use crate::workspace::Workspace;
use crate::writable::WritableWorkspace;
use modelpin_policy::{Decisions, executes, findings, is_more_than_code};
use modelpin_scan::Report;
use modelpin_schema::audits::Exemption;
use modelpin_schema::fault::nearest;
use modelpin_schema::lockfile::{Day, PrintableText};
use modelpin_schema::manifest::policy::Formats;
use modelpin_schema::{Artifact, FileKind, Manifest, Name, Pin, RepoPath, Ticket, typed_path, visible};
use std::collections::{BTreeMap, BTreeSet};

/// The longest time that an exemption is given for, in days: its owner looks at the file once a year.
pub const MAX_DAYS: u32 = 366;

/// What somebody lets in.
#[derive(Debug, Clone)]
pub struct Options {
    /// The entry.
    pub name: Name,
    /// Its files, as they were typed.
    pub files: Vec<String>,
    /// Why the files are allowed.
    pub reason: PrintableText,
    /// Who is responsible for it.
    pub owner: PrintableText,
    /// Who agreed to it.
    pub approver: Option<PrintableText>,
    /// The ticket in which it was agreed to.
    pub ticket: Ticket,
    /// The last day on which it holds.
    pub expires: Day,
}

/// What was recorded.
#[derive(Debug, Clone)]
pub struct Exempted {
    /// The exemption.
    pub exemption: Exemption,
    /// The last day of the exemption that it prolongs.
    pub before: Option<Day>,
    /// What the lock knows of the file: the globals that it imports.
    pub globals: BTreeSet<PrintableText>,
    /// What the scan says of its bytes; none where they are not on this machine and cannot be fetched.
    pub report: Option<Report>,
}

/// Adds an exemption for each of the files, or none at all, to the project's decisions. Files that are not in the store
/// are fetched and scanned; offline, the facts in the lock have to do.
///
/// # Errors
/// A lock that is missing or stale; a file that is not locked, is code, or needs no exemption; a day that is over, or
/// too far away; bytes that are not what they have to be.
pub async fn run(
    workspace: &mut WritableWorkspace,
    online: &Online,
    options: &Options,
) -> Result<Vec<Exempted>, Failure> {
    let Workspace { project, today, .. } = &**workspace;
    let lock = project.locked()?;
    let (_, pin) = find_entry(lock, &options.name)?;
    let decisions = decisions::fetch_and_load(online, project).await?;
    crate::refusal::fail_if_any(
        check_day(options.expires, *today).map(|refusal| refusal.entry(&options.name)).into_iter().collect(),
    )?;
    let mut files = BTreeSet::new();
    let mut refusals = Vec::new();
    for word in &options.files {
        match check_file(&project.manifest, pin, &decisions, word, options.expires) {
            Ok(path) => drop(files.insert(path)),
            Err(refusal) => refusals.push(refusal.entry(&options.name)),
        }
    }
    crate::refusal::fail_if_any(refusals)?;
    let exempted = scanned(online, &decisions, pin, options, &files).await?;
    let text: String = exempted.iter().map(|exempted| exempted.exemption.print()).collect();
    write::append(workspace, &text)?;
    Ok(exempted)
}

async fn scanned(
    online: &Online,
    decisions: &Decisions,
    pin: &Pin,
    options: &Options,
    files: &BTreeSet<RepoPath>,
) -> Result<Vec<Exempted>, Failure> {
    let wanted: Vec<Wanted> = Wanted::all(&options.name, pin).filter(|wanted| files.contains(&wanted.path)).collect();
    let mut reports = scan(online, &wanted).await?;
    let exempted = wanted.into_iter().map(|wanted| Exempted {
        before: decisions.exemption(&pin.source, &wanted.path, &wanted.digest).map(|found| found.expires),
        globals: pin.facts.globals.get(&wanted.path).cloned().unwrap_or_default(),
        report: reports.remove(&wanted.path),
        exemption: Exemption {
            source: pin.source.clone(),
            file: wanted.path,
            sha256: wanted.digest,
            reason: options.reason.clone(),
            owner: options.owner.clone(),
            approver: options.approver.clone(),
            ticket: options.ticket.clone(),
            expires: options.expires,
            place: None,
        },
    });
    Ok(exempted.collect())
}

/// Scans the files, by their paths, but for those that are not in the store where there is nowhere to fetch them from.
/// Where there is a mirror, it must have them.
async fn scan(online: &Online, wanted: &[Wanted]) -> Result<BTreeMap<RepoPath, Report>, Failure> {
    let has_source = online.hub.is_some() || !online.mirrors.is_empty();
    let is_stored = |wanted: &Wanted| locate_content(&online.store, &wanted.digest).is_some();
    let available: Vec<Wanted> = wanted.iter().filter(|wanted| has_source || is_stored(wanted)).cloned().collect();
    if available.is_empty() {
        return Ok(BTreeMap::new());
    }
    let fetched = fetch::fetch(online, available.clone()).await?;
    let place = |wanted: &Wanted| {
        let fetched = fetched.get(&wanted.digest);
        fetched.map_or_else(|| online.store.blob_path(&wanted.digest), |found| found.path().to_owned())
    };
    let task = |wanted: &Wanted| ScanTask { path: wanted.path.to_string(), input: ScanInput::at(place(wanted)) };
    let tasks: Vec<ScanTask> = available.iter().map(task).collect();
    let reports = scan_files(&tasks, online.jobs, &*online.reporter)?;
    Ok(available.into_iter().map(|wanted| wanted.path).zip(reports).collect())
}

fn check_day(expires: Day, today: Day) -> Option<Refusal> {
    let last = today.plus(MAX_DAYS);
    let what = if expires <= today {
        format!("the expiry date {expires} is not after today, {today}")
    } else if expires > last {
        format!("the expiry date {expires} is more than one year away")
    } else {
        return None;
    };
    let refusal = Refusal::new(ErrorClass::Usage, what)
        .expected(format_args!("a date after {today}, and at latest {last}"))
        .why("the owner of an exemption must review it at least once a year")
        .help(format_args!("use `--expires 30d` or `--expires {}`", today.plus(90)));
    Some(refusal)
}

/// The locked file that `word` names, if it can be exempted until `expires`.
fn check_file(
    manifest: &Manifest,
    pin: &Pin,
    decisions: &Decisions,
    word: &str,
    expires: Day,
) -> Result<RepoPath, Box<Refusal>> {
    let found = typed_path(word).parse::<RepoPath>().ok().and_then(|path| pin.files().get_key_value(&path));
    let (path, file) = found.ok_or_else(|| Box::new(no_file(pin, word)))?;
    let needs_one = needs_exemption(manifest, pin, path, file);
    if file.kind == FileKind::Code && !(needs_one && is_more_than_code(pin, path, file)) {
        return Err(Box::new(is_code().file(path)));
    }
    if !needs_one {
        return Err(Box::new(needs_none(file).file(path)));
    }
    match decisions.exemption(&pin.source, path, &file.sha256).filter(|found| found.expires >= expires) {
        Some(found) => Err(Box::new(exempted_already(found).file(path))),
        None => Ok(path.clone()),
    }
}

/// Whether something about the file is refused or warned of by default that an exemption would settle.
fn needs_exemption(manifest: &Manifest, pin: &Pin, path: &RepoPath, file: &Artifact) -> bool {
    let found = findings(pin, path, file).next().is_some();
    found || executes(pin, path, file) && manifest.policy.formats == Formats::DataOnly
}

fn no_file(pin: &Pin, word: &str) -> Refusal {
    if word.contains(['*', '?', '[']) {
        return Refusal::new(
            ErrorClass::Usage,
            format_args!("`{}` is a pattern; each file is exempted by its own path", visible(word)),
        )
        .why("a pattern would allow files that nobody reviewed")
        .help("run `modelpin scan NAME -v` to list the files");
    }
    let refusal = Refusal::new(ErrorClass::Usage, format_args!("no file `{}` in models.lock", visible(word)));
    match nearest(word, pin.files().keys().map(RepoPath::as_str)) {
        Some(meant) => refusal.help(format_args!("did you mean `{meant}`?")),
        None => refusal.help("run `modelpin scan NAME -v` to list the files"),
    }
}

fn is_code() -> Refusal {
    Refusal::new(ErrorClass::Usage, "the file is code, which cannot be exempted")
        .why("code is allowed once somebody has reviewed it, until it changes")
        .help("run `modelpin review NAME`, then `modelpin certify NAME --criteria safe-to-run`")
}

fn needs_none(file: &Artifact) -> Refusal {
    Refusal::new(ErrorClass::Usage, "the file needs no exemption")
        .got(format_args!("{} without findings", file.kind))
        .help("run `modelpin sync` to install it")
}

fn exempted_already(found: &Exemption) -> Refusal {
    Refusal::new(ErrorClass::Usage, format_args!("the file is already exempted until {}", found.expires))
        .got(format_args!("an exemption by {} ({})", found.owner, found.ticket))
        .help(format_args!("use `--expires {}` to extend it", found.expires.plus(30)))
}
