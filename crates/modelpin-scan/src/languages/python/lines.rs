//! Where the lines of a text begin.

/// Where lines begin.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        let mut starts = vec![0];
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let ends = *byte == b'\n' || *byte == b'\r' && bytes.get(at.saturating_add(1)) != Some(&b'\n');
            if ends {
                starts.push(at.saturating_add(1));
            }
        }
        Self(starts)
    }

    /// The line of a byte, counted from 1.
    pub(super) fn of(&self, at: usize) -> u32 {
        u32::try_from(self.0.partition_point(|start| *start <= at)).unwrap_or(u32::MAX)
    }

    /// Where the line of a byte begins.
    pub(super) fn start(&self, at: usize) -> usize {
        let line = self.0.partition_point(|start| *start <= at).saturating_sub(1);
        self.0.get(line).copied().unwrap_or(0)
    }
}
