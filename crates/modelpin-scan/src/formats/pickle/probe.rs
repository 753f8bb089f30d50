//! Whether content without a magic is a pickle.

use super::machine::{End, Machine};
use crate::engine::ScanError;
use crate::engine::limits::{Budget, Limits};
use crate::engine::source::ByteRange;

/// What a dry run may cost.
fn dry() -> Limits {
    Limits { steps: 20_000, ..Limits::default() }
}

/// Whether content that no magic names is a pickle. Of text under a harmless name (`eager` is false) more is
/// asked: words happen to be opcodes.
pub(crate) fn probe(part: &ByteRange<'_>, eager: bool) -> Result<bool, ScanError> {
    let head = part.bytes(0, 1024)?;
    // Text pickles begin with one of these; so does all that no magic says of binary ones.
    if !head.first().is_some_and(|first| {
        b"(0]}).IJKLMNFGSTUVXBCPcid\x80\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x95\x96\x97\x82\x83\x84".contains(first)
    }) {
        return Ok(false);
    }
    let is_text = crate::documents::text::is_text_start(&head);
    let limits = dry();
    let mut machine = Machine::new(part, 0, &limits);
    let mut budget = Budget::new(&limits);
    let end = machine.run(&mut budget);
    let log = &machine.log;
    let strict = !eager || is_text;
    Ok(match end {
        End::Stop(_) if strict => log.plausible > 0 || (machine.opcodes > 1 && ends(part, machine.reader.at())?),
        End::Stop(_) => machine.opcodes > 1,
        // A word that looks like an import, then nothing that makes sense: a list of words.
        End::Broken(_) if strict => log.plausible > 0 && (log.calls > 0 || (eager && log.known)),
        End::Broken(_) => log.plausible > 0 || (machine.opcodes >= 16 && machine.reader.left() == 0),
        // `class A: pass`, and the same again and again, reads as imports that no unpickler gets past.
        End::Error(_) if strict => {
            log.plausible > 0 && log.calls > 0 || is_text && machine.opcodes > 1000 && !log.ends_at_import
        }
        End::Error(_) => machine.opcodes > 256,
    })
}

/// Whether nothing but white space follows.
fn ends(part: &ByteRange<'_>, at: u64) -> Result<bool, ScanError> {
    let rest = part.bytes(at, 64)?;
    Ok(part.len().saturating_sub(at) <= 64 && rest.iter().all(u8::is_ascii_whitespace))
}
