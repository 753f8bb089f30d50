//! Turns checkpoints of torch into safetensors, and runs nothing to do so.
//!
//! [`convert`] takes what `torch.save` makes of a state dict: the zip archive of today and the file of pickles from
//! before torch 1.6. The pickle is followed by the machine that scans pickles, which says where each tensor is in which
//! storage; the result is a header and copies of those bytes. Three laws hold. What [`scan`] does not call safe is
//! refused, and so is what it would not call safe once it is converted. What is not understood exactly is refused:
//! nothing is guessed, and every [`ConvertError`] says why.
//!
//! How a checkpoint becomes tensors with names:
//! - The object is a dictionary. Where it has one of the wrappers `state_dict`, `model`, `module`,
//!   `model_state_dict`, `params`, `params_ema`, `ema`, `generator`, the first of them that is a dictionary with
//!   tensors is taken in its place, once; all else is dropped and reported.
//! - Keys are joined by dots. A whole number as a key is written in decimal, so is the place in a list or a tuple.
//!   Two names that become one are refused.
//! - What holds no tensor is dropped and reported.
//! - Views of one storage that are the same in every way are written once, under the first of their names; each other
//!   name is noted in the metadata, with the name that it is written under. Other views are written out, each.
//! - Bytes are those of little-endian machines. `requires_grad` and attributes of dictionaries are dropped.
//!
//! Shards are converted each by itself; an [`IndexBuilder`] then makes the index of the results.
//!
//! The checksum of a storage that is stored uncompressed in an archive is not verified: torch neither reads nor always
//! writes it.

mod dtype;
mod error;
mod header;
mod index;
mod layout;
mod limits;
mod names;
mod output_tensor;
mod preview;
mod stored;
mod write;

pub use crate::formats::pickle::graph::Unsupported;
pub use error::{ConvertError, Reason, WriteError};
pub use index::{Index, IndexBuilder, IndexedShard, MAX_INDEX};

use crate::dispatch::scan;
use crate::engine::source::ByteRange;
use crate::engine::{Format, Limits, Report, Scan, Source, Verdict};
use output_tensor::OutputTensor;
use preview::Preview;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// The version of what is made. Raised whenever any accepted input would give other bytes than before.
pub const VERSION: u32 = 1;

/// A checkpoint that can be converted: what will be written, and from where.
pub struct Conversion<'s> {
    /// The length of the header, and the header.
    head: Vec<u8>,
    pieces: Vec<OutputTensor<'s>>,
    size: u64,
    aliases: BTreeMap<String, String>,
    dropped: BTreeMap<String, String>,
}

/// Inspects the checkpoint `source` and says what converting it will give; `path` is where it is, a hint only.
/// Of the tensors themselves no more is read yet than scanning the result takes: its ends.
///
/// # Errors
/// [`ConvertError`], where the checkpoint is not safe, is not understood exactly, or goes beyond the limits.
///
/// ```
/// use modelpin_scan::{Limits, convert};
/// let pickle = b"cos\nsystem\n(S'id'\ntR.".as_slice();
/// let refused = convert::convert(pickle, "model.bin", &Limits::default()).err();
/// assert_eq!(refused.map(|refused| refused.reason), Some(convert::Reason::Unsafe));
/// ```
pub fn convert<'s, S: Source + ?Sized>(
    source: &'s S,
    path: &str,
    limits: &Limits,
) -> Result<Conversion<'s>, ConvertError> {
    let report = scan(source, path, limits);
    safe(&report, Reason::Unsafe)?;
    let part = ByteRange::whole(source);
    let mut budget = Scan::new(limits);
    let checkpoint = match report.format {
        Format::Zip => stored::zip(&part, &mut budget)?,
        Format::Pickle => stored::old(&part, &mut budget)?,
        other => return Err(ConvertError::new(Reason::Format, other.word())),
    };
    let names = names::of(&checkpoint.object, &mut budget)?;
    let (mut pieces, aliases) = layout::pieces(&checkpoint, &names.tensors, part.len(), &mut budget)?;
    // The order of the library: what needs the widest alignment first.
    pieces.sort_by(|a, b| b.dtype.rank.cmp(&a.dtype.rank).then_with(|| a.name.cmp(&b.name)));
    let head = header::of(&pieces, &aliases)?;
    let preview = Preview::new(&head, &pieces, limits.inflated);
    safe(&scan(&preview, "model.safetensors", limits), Reason::Result)?;
    let size = preview.size();
    Ok(Conversion { head, pieces, size, aliases, dropped: names.dropped })
}

/// Refuses what is not safe, and names the rules that say so.
fn safe(report: &Report, reason: Reason) -> Result<(), ConvertError> {
    if report.verdict() == Verdict::Safe {
        return Ok(());
    }
    let rules: BTreeSet<&str> = report.findings.iter().map(|finding| finding.rule.id).collect();
    let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
    Err(ConvertError::new(reason, format!("it is {}: {rules}", report.verdict())))
}

impl Conversion<'_> {
    /// Bytes of the result, exactly.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How many tensors are written.
    #[must_use]
    pub fn tensors(&self) -> u64 {
        self.pieces.len() as u64
    }

    /// Names that share all with another: the name, and the name that its tensor is written under.
    #[must_use]
    pub fn aliases(&self) -> &BTreeMap<String, String> {
        &self.aliases
    }

    /// What was left out, by name, and what it is. Names are unescaped, as in the checkpoint.
    #[must_use]
    pub fn dropped(&self) -> &BTreeMap<String, String> {
        &self.dropped
    }

    /// Writes the result, the same bytes every time. The source is read as they are needed, in memory that does not
    /// grow with the tensors.
    ///
    /// # Errors
    /// [`WriteError::Source`] where the source cannot be read, is shorter than it was, or has bytes in a tensor of
    /// truth values that are neither 0 nor 1; [`WriteError::Output`] where `out` takes no more. What was written until
    /// then is worth nothing.
    pub fn write(&self, out: &mut dyn io::Write) -> Result<(), WriteError> {
        out.write_all(&self.head).map_err(WriteError::Output)?;
        self.pieces.iter().try_for_each(|piece| write::piece(piece, out))?;
        out.flush().map_err(WriteError::Output)
    }
}
