//! What this machine has shown of the code of entries, so that `certify` records nothing that nobody was shown.

use super::{Base, Review};
use crate::refusal::Failure;
use crate::workspace::Workspace;
use modelpin_schema::text::line;
use modelpin_schema::{Digest, Name};
use modelpin_store::Record;

/// The file of the record, and how many reviews it remembers.
const SHOWN: &str = "shown";
const MOST: usize = 500;

/// What was shown of the code of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShownReview {
    /// The digest of all of it.
    pub(crate) digest: Digest,
    /// The digest of the code since which the change was shown; none, where all of it was.
    pub(crate) since: Option<Digest>,
}

impl ShownReview {
    fn of(review: &Review) -> Self {
        // Since nothing, everything is new, and was shown.
        let since = review.since.as_ref().and_then(|since| match &since.base {
            Base::Certified(vouched) => Some(vouched.audit.digest),
            Base::Lock { lock, .. } => lock.code(&review.name).digest(),
        });
        Self { digest: review.digest, since }
    }
}

/// Remembers that a user was shown `review`.
///
/// # Errors
/// No folder for the store; I/O errors from writing the record.
pub fn remember(workspace: &Workspace, review: &Review) -> Result<(), Failure> {
    let record = workspace.need_record()?;
    let new = (review.name.clone(), ShownReview::of(review));
    let mut all = known(record);
    all.retain(|one| *one != new);
    all.push(new);
    let mut text = String::new();
    for (name, ShownReview { digest, since }) in all.iter().skip(all.len().saturating_sub(MOST)) {
        let since = since.map_or_else(|| "-".to_owned(), |since| since.to_string());
        line(&mut text, format_args!("{name} {digest} {since}"));
    }
    Ok(record.write(SHOWN, &text)?)
}

/// What was shown of the entry `name`, the latest last.
///
/// # Errors
/// No folder for the store.
pub(crate) fn recall(workspace: &Workspace, name: &Name) -> Result<Vec<ShownReview>, Failure> {
    let all = known(workspace.need_record()?);
    Ok(all.into_iter().filter(|(of, _)| of == name).map(|(_, shown)| shown).collect())
}

fn known(record: &Record) -> Vec<(Name, ShownReview)> {
    let text = record.read(SHOWN).unwrap_or_default();
    text.lines().map_while(parse).collect()
}

fn parse(line: &str) -> Option<(Name, ShownReview)> {
    let mut words = line.split(' ');
    let name = words.next()?.parse().ok()?;
    let digest = words.next()?.parse().ok()?;
    let since = match words.next()? {
        "-" => None,
        since => Some(since.parse().ok()?),
    };
    Some((name, ShownReview { digest, since }))
}
