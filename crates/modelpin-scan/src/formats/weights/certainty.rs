//! How certain a mark is.

/// How certain a magic number and its further conditions are about the format.
pub(super) enum Certainty {
    /// Front and end say the same.
    Whole,
    /// Only the front says so.
    Front,
}
