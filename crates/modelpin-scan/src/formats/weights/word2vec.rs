//! Vectors of words as word2vec writes them: two numbers in a line, then each word with the numbers of its vector
//! (`gensim/models/keyedvectors.py`, `_word2vec_read_binary`).

use crate::documents::text::is_text_start;
use crate::engine::source::{ByteRange, Reader};
use crate::engine::{FullyCovered, Location, Scan, ScanError, ScanResult};
use crate::formats::trailing;
use modelpin_rules::file::UNCHECKED_FORMAT;

/// Files above this many bytes are not followed: each word has to be looked for.
const LARGEST: u64 = 1 << 30;

/// The longest word, in bytes.
const WORD: u64 = 1024;

/// The two numbers of the first line, and where the words begin.
fn counts(head: &[u8]) -> Option<(u64, u64, u64)> {
    let end = head.get(..32).unwrap_or(head).iter().position(|byte| *byte == b'\n')?;
    let line = std::str::from_utf8(head.get(..end)?).ok()?;
    let (words, size) = line.split_once(' ')?;
    let is_number = |text: &str| (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(words) || !is_number(size) {
        return None;
    }
    Some((words.parse().ok()?, size.parse().ok()?, (end as u64).saturating_add(1)))
}

/// Whether the head is that line, and numbers follow that are no text.
pub(super) fn is_word2vec(head: &[u8], size: u64) -> bool {
    let Some((words, width, start)) = counts(head) else { return false };
    let least = width.saturating_mul(4).saturating_add(2).saturating_mul(words);
    words > 0 && (1..=65_536).contains(&width) && least <= size.saturating_sub(start) && !is_text_start(head)
}

/// Follows the words to the end.
pub(super) fn scan(part: &ByteRange<'_>, scan: &mut Scan<'_>) -> ScanResult {
    let head = part.bytes(0, 64)?;
    let Some((words, width, start)) = counts(&head).filter(|_| part.len() <= LARGEST) else {
        scan.report(&UNCHECKED_FORMAT, Location::Whole, "vectors of words");
        return Ok(FullyCovered);
    };
    let bytes = width.saturating_mul(4);
    let mut reader = part.reader(start);
    for _ in 0..words {
        scan.budget.steps(2)?;
        word(&mut reader)?;
        reader.skip(bytes)?;
    }
    // Some writers end each vector with a line feed.
    let end = reader.at();
    let ends = u64::from(part.bytes(end, 1)? == b"\n");
    trailing::check(part, end.saturating_add(ends), scan)?;
    Ok(FullyCovered)
}

/// A word, up to the blank after it.
fn word(reader: &mut Reader<'_>) -> Result<(), ScanError> {
    let at = reader.at();
    for _ in 0..WORD {
        if reader.byte()?.ok_or(ScanError::Truncated(at))? == b' ' {
            return Ok(());
        }
    }
    Err(ScanError::Truncated(at))
}
