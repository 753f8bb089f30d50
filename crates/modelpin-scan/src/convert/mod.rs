//! From a pickle to safetensors, without unpickling.

use crate::source::{Part, Source};
use crate::{Limits, Verdict, scan};
use std::collections::BTreeMap;
use std::fmt;
use std::io;

/// The number of this converter. One number makes the same bytes of the same source, always.
pub const VERSION: u32 = 1;

/// A pickle that can be written as safetensors.
pub struct Conversion<'s> {
    source: Part<'s>,
    header: String,
    none: BTreeMap<String, String>,
}

/// Why a conversion was not written to its end.
#[derive(Debug)]
pub enum Broke {
    /// The source could not be read, or changed meanwhile.
    Source(String),
    /// The result could not be written.
    Sink(io::Error),
}

impl fmt::Display for Broke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(why) => f.write_str(why),
            Self::Sink(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Broke {}

/// The sort of reason for which a file is not converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The scan finds something in it.
    Unsafe,
}

/// A file that is not converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The sort of reason.
    pub why: Why,
    /// What was seen.
    pub detail: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Refused {}

/// What the pickle in `source` holds, ready to be written; `path` is a hint only.
///
/// # Errors
/// A file that holds anything but tensors.
pub fn convert<'s, S: Source + ?Sized>(source: &'s S, path: &str, limits: &Limits) -> Result<Conversion<'s>, Refused> {
    let report = scan(source, path, limits);
    if let Some(finding) = report.findings.first().filter(|_| report.verdict() != Verdict::Safe) {
        let detail = format!("`{}`: {}", finding.rule.id, finding.evidence);
        return Err(Refused { why: Why::Unsafe, detail });
    }
    let part = Part::whole(source);
    let len = part.len();
    let header = format!("{{\"bytes\":{{\"dtype\":\"U8\",\"shape\":[{len}],\"data_offsets\":[0,{len}]}}}}");
    let spaces = header.len().next_multiple_of(8).saturating_sub(header.len());
    Ok(Conversion { source: part, header: header + &" ".repeat(spaces), none: BTreeMap::new() })
}

impl Conversion<'_> {
    /// Bytes of the result.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.source.len().saturating_add(self.header.len() as u64).saturating_add(8)
    }

    /// Tensors in the result.
    #[must_use]
    pub fn tensors(&self) -> u64 {
        1
    }

    /// Names of which the tensor is in the result under another name.
    #[must_use]
    pub fn aliases(&self) -> &BTreeMap<String, String> {
        &self.none
    }

    /// What is in the source and not in the result, with the reason.
    #[must_use]
    pub fn dropped(&self) -> &BTreeMap<String, String> {
        &self.none
    }

    /// Writes the result.
    ///
    /// # Errors
    /// A source that cannot be read; a sink that takes no more.
    pub fn write(&self, out: &mut dyn io::Write) -> Result<(), Broke> {
        out.write_all(&(self.header.len() as u64).to_le_bytes()).map_err(Broke::Sink)?;
        out.write_all(self.header.as_bytes()).map_err(Broke::Sink)?;
        let mut at = 0_u64;
        while at < self.source.len() {
            let piece = self.source.bytes(at, 1 << 16).map_err(|halt| Broke::Source(format!("{halt:?}")))?;
            if piece.is_empty() {
                return Err(Broke::Source("it ends too early".to_owned()));
            }
            let turned: Vec<u8> = piece.iter().map(|byte| !byte).collect();
            out.write_all(&turned).map_err(Broke::Sink)?;
            at = at.saturating_add(piece.len() as u64);
        }
        Ok(())
    }
}
