//! A writer of protocol buffers.

/// Protocol buffers.
#[derive(Debug, Default, Clone)]
pub struct Proto(pub Vec<u8>);

impl Proto {
    /// An unsigned number without a field, as lengths are written.
    pub fn varint(mut value: u64, to: &mut Vec<u8>) {
        while value >= 0x80 {
            to.push((value as u8 & 0x7f) | 0x80);
            value >>= 7;
        }
        to.push(value as u8);
    }

    /// A number field.
    #[must_use]
    pub fn number(mut self, field: u32, value: u64) -> Self {
        Self::varint(u64::from(field) << 3, &mut self.0);
        Self::varint(value, &mut self.0);
        self
    }

    /// A length-delimited field: text, bytes or a message.
    #[must_use]
    pub fn bytes(mut self, field: u32, value: impl AsRef<[u8]>) -> Self {
        Self::varint(u64::from(field) << 3 | 2, &mut self.0);
        Self::varint(value.as_ref().len() as u64, &mut self.0);
        self.0.extend(value.as_ref());
        self
    }
}

impl AsRef<[u8]> for Proto {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
