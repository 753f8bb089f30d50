//! Object headers: the messages that an object consists of, in all their blocks (specification, IV.A.1).

use super::piece::{File, Piece};
use crate::engine::{Location, Scan, ScanError};
use modelpin_rules::keras::HDF5_MALFORMED;
use std::collections::BTreeSet;

/// How many bytes the header of one object may have. Honest ones have a few thousand.
const HEADER: usize = 16 << 20;

/// One message.
pub(super) struct Message {
    pub(super) kind: u16,
    flags: u8,
    pub(super) body: Piece,
}

impl Message {
    /// Whether the message itself is elsewhere.
    pub(super) fn is_shared(&self) -> bool {
        self.flags & 2 != 0
    }
}

/// How the messages of a header are written.
#[derive(Clone, Copy)]
enum Form {
    First,
    /// With the two bytes of creation order, or without.
    Second {
        ordered: bool,
    },
}

/// All messages of the object at `address`.
pub(super) fn messages(file: &File<'_>, address: u64, scan: &mut Scan<'_>) -> Result<Vec<Message>, ScanError> {
    let (form, first) = begin(file, address)?;
    let mut messages = Vec::new();
    let mut blocks = vec![first];
    let mut seen = BTreeSet::new();
    let mut room = HEADER;
    while let Some(block) = blocks.pop() {
        room = room.checked_sub(block.left()).ok_or(ScanError::LimitReached("bytes of an HDF5 object header"))?;
        let new = split(block, form, scan)?;
        for message in new {
            if message.kind == 0x10 {
                let mut body = message.body;
                let at = body.number(file.offset)?;
                let length = body.count(file.length)?;
                if seen.insert(at) {
                    blocks.push(continued(file, at, length, form)?);
                }
            } else if message.kind != 0 {
                messages.push(message);
            }
        }
    }
    Ok(messages)
}

fn broken(address: u64, what: &str) -> ScanError {
    ScanError::Malformed(&HDF5_MALFORMED, Location::Byte(address), what.to_owned())
}

/// The first block, without what surrounds its messages.
fn begin(file: &File<'_>, address: u64) -> Result<(Form, Piece), ScanError> {
    let mut head = file.up_to(address, 64)?;
    match head.take(4)? {
        [1, 0, _, _] => {
            head.skip(4)?;
            let size = bounded(head.count(4)?)?;
            Ok((Form::First, file.piece(address.saturating_add(16), size)?))
        }
        b"OHDR" => {
            if head.byte()? != 2 {
                return Err(broken(address, "an object header of unknown version"));
            }
            let flags = head.byte()?;
            head.skip(if flags & 0x20 != 0 { 16 } else { 0 })?;
            head.skip(if flags & 0x10 != 0 { 4 } else { 0 })?;
            let size = bounded(head.count(1 << (flags & 3))?)?;
            Ok((Form::Second { ordered: flags & 4 != 0 }, file.piece(head.at(), size)?))
        }
        _ => Err(broken(address, "not an object header")),
    }
}

fn bounded(size: usize) -> Result<usize, ScanError> {
    if size > HEADER { Err(ScanError::LimitReached("bytes of an HDF5 object header")) } else { Ok(size) }
}

/// A further block.
fn continued(file: &File<'_>, address: u64, length: usize, form: Form) -> Result<Piece, ScanError> {
    let mut block = file.piece(address, bounded(length)?)?;
    if matches!(form, Form::First) {
        return Ok(block);
    }
    if !block.is_marked(b"OCHK") {
        return Err(broken(address, "not a continuation of an object header"));
    }
    // The checksum is the last of it.
    let size = block.left().saturating_sub(4);
    block.split(size)
}

/// The messages of one block.
fn split(mut block: Piece, form: Form, scan: &mut Scan<'_>) -> Result<Vec<Message>, ScanError> {
    let mut messages = Vec::new();
    let least = match form {
        Form::First => 8,
        Form::Second { ordered } => {
            if ordered {
                6
            } else {
                4
            }
        }
    };
    // Less than a message is a gap.
    while block.left() >= least {
        scan.budget.step()?;
        let (kind, size, flags) = match form {
            Form::First => {
                let kind = block.number(2)? as u16;
                let size = block.count(2)?;
                let flags = block.byte()?;
                block.skip(3)?;
                (kind, size, flags)
            }
            Form::Second { ordered } => {
                let kind = u16::from(block.byte()?);
                let size = block.count(2)?;
                let flags = block.byte()?;
                block.skip(if ordered { 2 } else { 0 })?;
                (kind, size, flags)
            }
        };
        messages.push(Message { kind, flags, body: block.split(size)? });
    }
    Ok(messages)
}
