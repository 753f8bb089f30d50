//! A writer of tar archives.

/// A tar archive under construction.
#[derive(Debug, Default, Clone)]
pub struct Tar(pub Vec<u8>);

/// A header: with the magic of ustar, or of the older form without it.
#[must_use]
pub fn tar_header(name: &str, kind: u8, size: usize, target: &str, magic: bool) -> [u8; 512] {
    let mut block = [0; 512];
    let mut put = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
    put(0, &name.as_bytes()[..name.len().min(100)]);
    put(100, b"0000644\x000001750\x000001750\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"14700000000\0        ");
    put(156, &[kind]);
    put(157, target.as_bytes());
    if magic {
        put(257, b"ustar\x0000");
    }
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

impl Tar {
    /// With a plain file.
    #[must_use]
    pub fn file(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.entry(name, b'0', "", bytes)
    }

    /// With a member of any type.
    #[must_use]
    pub fn entry(mut self, name: &str, kind: u8, target: &str, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.0.extend(tar_header(name, kind, bytes.len(), target, true));
        self.0.extend(bytes);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// With records of pax for the next member.
    #[must_use]
    pub fn pax(self, key: &str, value: &str) -> Self {
        let rest = format!(" {key}={value}\n");
        let mut length = rest.len() + 1;
        while length.to_string().len() + rest.len() != length {
            length += 1;
        }
        self.entry("PaxHeaders/x", b'x', "", format!("{length}{rest}"))
    }

    /// The archive, with its end mark.
    #[must_use]
    pub fn bytes(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }
}
