//! Zip archives. Readers differ in which directory they take, which header they believe and which of two
//! members they open, so everything that any of them could see is judged, and every difference is a finding.

mod content;
mod directory;
mod kind;
mod local;
mod member;
pub(crate) mod records;
mod torch;

use super::member_name::{self, folded};
use crate::engine::code::is_named_code;
use crate::engine::name::Name;
use crate::engine::source::Part;
use crate::engine::{At, Followed, Halt, Outcome, Scan};
use kind::Kind;
use member::{Archive, Member};
use modelpin_rules::archive::{ARCHIVE_LINK, ARCHIVE_OPAQUE, TORCH_ZIP_AMBIGUOUS, ZIP_AMBIGUOUS};
use modelpin_rules::file::{NAME_DISAGREES, TRAILING_BYTES};

/// Judges an archive.
pub(crate) fn scan(part: &Part<'_>, name: &Name, scan: &mut Scan<'_>) -> Outcome {
    let archive = Archive::read(part, true, scan)?;
    read(part, name, &archive, scan)
}

/// Judges an archive behind something else, which was judged already.
pub(crate) fn behind(part: &Part<'_>, name: &Name, scan: &mut Scan<'_>) -> Outcome {
    let archive = Archive::read(part, false, scan)?;
    read(part, name, &archive, scan)
}

fn read(part: &Part<'_>, name: &Name, archive: &Archive, scan: &mut Scan<'_>) -> Outcome {
    let kind = Kind::of(&archive.members, name);
    let zip =
        Zip { part, kind, members: &archive.members, overlaps: archive.overlaps, is_slices: name.suffix == "distcp" };
    for (at, what) in &archive.odd {
        zip.odd(*at, what, scan);
    }
    if kind == Kind::Plain && kind::is_torch_name(name) {
        scan.find(&NAME_DISAGREES, At::Whole, format!("`{}` is an archive that torch cannot read", name.base));
    }
    if kind.is_torch() {
        scan.pickled();
    }
    zip.surroundings(archive, scan)?;
    zip.names(scan)?;
    match kind {
        Kind::Torch => torch::scan(&zip, scan)?,
        _ => zip.others(name, scan)?,
    }
    Ok(Followed)
}

/// Whether a zip reader would find a directory in `part`, whatever else it is.
pub(crate) fn has_directory(part: &Part<'_>) -> Result<bool, Halt> {
    Ok(part.len() >= 22 && !directory::find(part)?.directories.is_empty())
}

/// The upper half of code page 437, which names of old are in (APPNOTE.TXT, appendix D).
const UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// Bytes of a name as text: UTF-8, or else the code page of old.
fn text(raw: &[u8]) -> String {
    let old = |byte: &u8| match byte.checked_sub(0x80) {
        Some(above) => UPPER.chars().nth(usize::from(above)).unwrap_or(char::REPLACEMENT_CHARACTER),
        None => char::from(*byte),
    };
    std::str::from_utf8(raw).map_or_else(|_| raw.iter().map(old).collect(), str::to_owned)
}

/// An archive while it is judged.
struct Zip<'p, 'a> {
    part: &'p Part<'a>,
    kind: Kind,
    members: &'p [Member],
    /// Whether bytes belong to more than one member.
    overlaps: bool,
    /// Whether it is a file of a distributed checkpoint: torch archives one behind the other, of which the loader
    /// reads each alone.
    is_slices: bool,
}

impl<'a> Zip<'_, 'a> {
    /// Records something that two readers could differ in.
    fn odd(&self, at: u64, what: &str, scan: &mut Scan<'_>) {
        let rule = if self.kind.is_torch() && !self.is_slices { &TORCH_ZIP_AMBIGUOUS } else { &ZIP_AMBIGUOUS };
        scan.find(rule, At::Byte(at), what);
    }

    /// What lies before and behind the archive.
    fn surroundings(&self, archive: &Archive, scan: &mut Scan<'_>) -> Result<(), Halt> {
        if archive.prefix > 0 {
            let name = if self.is_slices { "(before the archive).distcp" } else { "(before the archive)" };
            super::judge(&self.part.slice(0, archive.prefix), name, scan);
        }
        if archive.close < self.part.len() {
            let rest = self.part.from(archive.close);
            scan.find(&TRAILING_BYTES, At::Byte(archive.close), format!("{} bytes behind the archive", rest.len()));
            if !super::is_zeros(&rest, 1 << 20)? {
                super::judge(&rest, "(behind the archive)", scan);
            }
        } else if archive.close > self.part.len() {
            self.odd(archive.close, "the comment reaches past the end", scan);
        }
        Ok(())
    }

    /// Where the members would land, and what else they are than files.
    fn names(&self, scan: &mut Scan<'_>) -> Result<(), Halt> {
        let mut links = Vec::new();
        for member in self.members {
            for name in std::iter::once(&member.name).chain(&member.also) {
                member_name::check(name, member.header, scan);
            }
            match member.mode & 0o170_000 {
                0o120_000 => {
                    let target = content::of(self.part, member, self.overlaps, scan)?;
                    let target = target.map_or(Ok(Vec::new()), |content| content.part.bytes(0, 4096))?;
                    member_name::check_link(&member.name, &text(&target), false, member.header, scan);
                    links.push(format!("{}/", folded(&member.name)));
                }
                0 | 0o100_000 | 0o040_000 => {}
                mode => {
                    scan.find(
                        &ARCHIVE_LINK,
                        At::Byte(member.header),
                        format!("`{}` is special: mode {mode:o}", member.name),
                    );
                }
            }
        }
        for member in self.members {
            member_name::check_through(&member.name, &links, member.header, scan);
        }
        Ok(())
    }

    /// The content of a member; what is odd about it is recorded.
    fn open(&self, member: &Member, scan: &mut Scan<'_>) -> Result<Option<Part<'a>>, Halt> {
        if member.is_encrypted() {
            scan.find(&ARCHIVE_OPAQUE, At::Byte(member.header), format!("`{}` is encrypted", member.name));
            // Torch does not look at the flag.
            if self.kind.is_torch() {
                self.odd(member.header, &format!("`{}` is said to be encrypted", member.name), scan);
            }
        }
        let Some(content) = content::of(self.part, member, self.overlaps, scan)? else {
            return Ok(None);
        };
        for odd in content.odd {
            // A member that no directory lists need not say how long it is.
            if member.listed {
                self.odd(member.header, &format!("`{}`: {odd}", member.name), scan);
            }
        }
        Ok(Some(content.part))
    }

    /// Judges a member as a file.
    fn judge(&self, member: &Member, scan: &mut Scan<'_>) -> Result<(), Halt> {
        if !member.is_folder() {
            match self.open(member, scan)? {
                Some(content) => {
                    super::judge(&content, &member.name, scan);
                    // Under another of its names it may be another thing.
                    let differs = |name: &&String| is_named_code(name) && !is_named_code(&member.name);
                    if let Some(name) = member.also.iter().find(differs) {
                        super::judge(&content, name, scan);
                    }
                }
                None => scan.unopened(&member.name),
            }
        }
        Ok(())
    }

    /// Judges the members of an archive that is no torch file.
    fn others(&self, name: &Name, scan: &mut Scan<'_>) -> Result<(), Halt> {
        for member in self.members.iter().filter(|member| !member.is_folder()) {
            if !kind::special(self, member, name, scan)? {
                self.judge(member, scan)?;
            }
        }
        Ok(())
    }
}
