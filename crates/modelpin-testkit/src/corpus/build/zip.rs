//! A writer of zip archives whose directory and members can be made to disagree.

/// One member. Every field that stands twice in the format can be set apart.
#[derive(Debug, Clone)]
pub struct Member {
    /// The name in the directory.
    pub name: String,
    /// The name in the local header, where it is another one.
    pub local_name: Option<String>,
    /// The bytes as stored.
    pub stored: Vec<u8>,
    /// The length that they have when unpacked.
    pub size: u32,
    /// Their checksum when unpacked.
    pub crc: u32,
    /// Compression method: 0 stored, 8 deflated.
    pub method: u16,
    /// Flags in the directory.
    pub flags: u16,
    /// Flags in the local header.
    pub local_flags: u16,
    /// Attributes in the upper half of which Unix modes lie.
    pub attributes: u32,
    /// The extra field, in both places.
    pub extra: Vec<u8>,
}

impl Member {
    /// A stored member.
    #[must_use]
    pub fn new(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let stored = bytes.into();
        Self {
            name: name.to_owned(),
            local_name: None,
            size: stored.len() as u32,
            crc: crc32(&stored),
            stored,
            method: 0,
            flags: 0,
            local_flags: 0,
            attributes: 0,
            extra: Vec::new(),
        }
    }
}

/// An archive under construction.
#[derive(Debug, Default, Clone)]
pub struct Zip {
    /// The members, in the order of the file.
    pub members: Vec<Member>,
    /// Bytes before the first member; offsets count them.
    pub prefix: Vec<u8>,
    /// Bytes behind the end of the directory.
    pub suffix: Vec<u8>,
}

impl Zip {
    /// An archive of stored members.
    #[must_use]
    pub fn of(members: &[(&str, &[u8])]) -> Vec<u8> {
        members.iter().fold(Self::default(), |zip, (name, bytes)| zip.with(Member::new(name, *bytes))).bytes()
    }

    /// With one more member.
    #[must_use]
    pub fn with(mut self, member: Member) -> Self {
        self.members.push(member);
        self
    }

    /// The archive.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let (mut file, mut directory) = (self.prefix.clone(), Vec::new());
        for member in &self.members {
            let at = file.len() as u32;
            let local_name = member.local_name.as_ref().unwrap_or(&member.name);
            file.extend(b"PK\x03\x04");
            header(&mut file, member, member.local_flags, local_name);
            file.extend(local_name.as_bytes());
            file.extend(&member.extra);
            file.extend(&member.stored);
            directory.extend(b"PK\x01\x02\x14\x03");
            header(&mut directory, member, member.flags, &member.name);
            directory.extend([0; 6]);
            directory.extend(member.attributes.to_le_bytes());
            directory.extend(at.to_le_bytes());
            directory.extend(member.name.as_bytes());
            directory.extend(&member.extra);
        }
        let at = file.len() as u32;
        file.extend(&directory);
        file.extend(b"PK\x05\x06\0\0\0\0");
        file.extend([(self.members.len() as u16).to_le_bytes(); 2].concat());
        file.extend((directory.len() as u32).to_le_bytes());
        file.extend(at.to_le_bytes());
        file.extend([0, 0]);
        file.extend(&self.suffix);
        file
    }
}

/// The fields that local headers and the directory share: version needed to the length of the extra field.
fn header(to: &mut Vec<u8>, member: &Member, flags: u16, name: &str) {
    to.extend(20_u16.to_le_bytes());
    to.extend(flags.to_le_bytes());
    to.extend(member.method.to_le_bytes());
    to.extend([0; 4]);
    to.extend(member.crc.to_le_bytes());
    to.extend((member.stored.len() as u32).to_le_bytes());
    to.extend(member.size.to_le_bytes());
    to.extend((name.len() as u16).to_le_bytes());
    to.extend((member.extra.len() as u16).to_le_bytes());
}

/// The checksum of zip and gzip (CRC-32, ISO 3309).
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}
