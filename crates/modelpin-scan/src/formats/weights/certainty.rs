//! How certain a mark is.

/// How far a mark and what has to hold with it says what the file is.
pub(super) enum Certainty {
    /// Front and end say the same.
    Whole,
    /// Only the front says so.
    Front,
}
