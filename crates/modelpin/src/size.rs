//! Sizes and rates as people type them: a number of bytes, or `10M` with a binary unit.

use std::num::NonZeroU64;

/// A number of bytes: a whole number above 0, with `K`, `M` or `G` behind it for units of 1024.
///
/// # Errors
/// Any other text.
pub fn parse(text: &str) -> Result<NonZeroU64, String> {
    let text = text.trim();
    let (digits, unit) = match text.chars().next_back().map(|last| last.to_ascii_uppercase()) {
        Some('K') => (text.split_at(text.len() - 1).0, 1 << 10),
        Some('M') => (text.split_at(text.len() - 1).0, 1 << 20),
        Some('G') => (text.split_at(text.len() - 1).0, 1 << 30),
        _ => (text, 1_u64),
    };
    let count = digits.parse::<u64>().ok().and_then(|count| NonZeroU64::new(count.checked_mul(unit)?));
    count.ok_or_else(|| "expected a whole number of bytes above 0, as in `500K`, `10M` or `1G`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_unit_is_a_power_of_1024() {
        let read = |text: &str| parse(text).ok().map(u64::from);
        assert_eq!(["1", "500K", "10m", " 2G "].map(read), [Some(1), Some(500 << 10), Some(10 << 20), Some(2 << 30)]);
        for text in ["", "0", "0K", "M", "-1", "1.5M", "10MB", "1T", "18446744073709551615K", "1é"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
