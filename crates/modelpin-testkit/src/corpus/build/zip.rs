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
    /// The extra field of the local header, where it is another one.
    pub local_extra: Option<Vec<u8>>,
    /// The method in the local header, where it is another one.
    pub local_method: Option<u16>,
    /// Checksum, length as stored and length when unpacked in the local header, where they are others.
    pub local_sizes: Option<[u32; 3]>,
    /// Bytes behind the data: the descriptor of writers that stream.
    pub descriptor: Vec<u8>,
    /// Whether the directory leaves it out.
    pub hidden: bool,
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
            local_extra: None,
            local_method: None,
            local_sizes: None,
            descriptor: Vec::new(),
            hidden: false,
        }
    }

    /// A compressed member: `stored` is what `method` makes of `bytes`.
    #[must_use]
    pub fn packed(name: &str, bytes: &[u8], method: u16, stored: Vec<u8>) -> Self {
        let whole = Self::new(name, bytes);
        Self { method, stored, ..whole }
    }

    /// A deflated member.
    #[must_use]
    pub fn deflated(name: &str, bytes: &[u8]) -> Self {
        Self::packed(name, bytes, 8, super::deflate(bytes))
    }

    /// A member as writers that stream make it: lengths and checksum behind the data only.
    #[must_use]
    pub fn streamed(mut self) -> Self {
        (self.flags, self.local_flags) = (self.flags | 8, self.local_flags | 8);
        self.local_sizes = Some([0; 3]);
        self.descriptor = b"PK\x07\x08".to_vec();
        for number in [self.crc, self.stored.len() as u32, self.size] {
            self.descriptor.extend(number.to_le_bytes());
        }
        self
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
    /// The comment of the archive.
    pub comment: Vec<u8>,
    /// Whether the 64-bit end records are written as well.
    pub wide: bool,
    /// How many members the end record announces, where that is another number.
    pub count: Option<u16>,
    /// Whether members begin where a multiple of 64 bytes does, as those of torch do.
    pub aligned: bool,
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
            let mut extra = member.local_extra.as_ref().unwrap_or(&member.extra).clone();
            if self.aligned {
                let padding = (64 - (file.len() + 30 + local_name.len() + 4) % 64) % 64;
                extra = [b"FB".as_slice(), &(padding as u16).to_le_bytes(), &vec![b'Z'; padding]].concat();
            }
            file.extend(b"PK\x03\x04");
            local(&mut file, member, local_name, extra.len());
            file.extend(local_name.as_bytes());
            file.extend(&extra);
            file.extend(&member.stored);
            file.extend(&member.descriptor);
            if !member.hidden {
                directory.extend(b"PK\x01\x02\x14\x03");
                let sizes = [member.crc, member.stored.len() as u32, member.size];
                header(&mut directory, [member.flags, member.method], sizes, &member.name, member.extra.len());
                directory.extend([0; 6]);
                directory.extend(member.attributes.to_le_bytes());
                directory.extend(at.to_le_bytes());
                directory.extend(member.name.as_bytes());
                directory.extend(&member.extra);
            }
        }
        let at = file.len();
        file.extend(&directory);
        self.end(&mut file, at, directory.len());
        file.extend(&self.suffix);
        file
    }

    /// The end records, for a directory at `at`.
    fn end(&self, file: &mut Vec<u8>, at: usize, length: usize) {
        let listed = self.members.iter().filter(|member| !member.hidden).count();
        if self.wide {
            let place = file.len() as u64;
            file.extend(b"PK\x06\x06");
            file.extend(44_u64.to_le_bytes());
            file.extend([0x1e, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            for number in [listed, listed, length, at] {
                file.extend((number as u64).to_le_bytes());
            }
            file.extend(b"PK\x06\x07\0\0\0\0");
            file.extend(place.to_le_bytes());
            file.extend(1_u32.to_le_bytes());
        }
        file.extend(b"PK\x05\x06\0\0\0\0");
        file.extend([self.count.unwrap_or(listed as u16).to_le_bytes(); 2].concat());
        file.extend((length as u32).to_le_bytes());
        file.extend((at as u32).to_le_bytes());
        file.extend((self.comment.len() as u16).to_le_bytes());
        file.extend(&self.comment);
    }
}

/// The fields of a local header behind its signature.
fn local(to: &mut Vec<u8>, member: &Member, name: &str, extra: usize) {
    let method = member.local_method.unwrap_or(member.method);
    let sizes = member.local_sizes.unwrap_or([member.crc, member.stored.len() as u32, member.size]);
    header(to, [member.local_flags, method], sizes, name, extra);
}

/// The fields that local headers and the directory share: version needed to the length of the extra field.
fn header(to: &mut Vec<u8>, [flags, method]: [u16; 2], sizes: [u32; 3], name: &str, extra: usize) {
    to.extend(20_u16.to_le_bytes());
    to.extend(flags.to_le_bytes());
    to.extend(method.to_le_bytes());
    to.extend([0, 0, 0x21, 0x28]);
    for size in sizes {
        to.extend(size.to_le_bytes());
    }
    to.extend((name.len() as u16).to_le_bytes());
    to.extend((extra as u16).to_le_bytes());
}

/// An archive as `torch.save` writes it: aligned, streamed, with its notes. The storages are raw bytes by key.
#[must_use]
pub fn torch_zip(pickle: &[u8], storages: &[(&str, &[u8])]) -> Zip {
    let member = |name: &str, bytes: &[u8]| {
        let mut member = Member::new(&format!("archive/{name}"), bytes);
        (member.flags, member.local_flags) = (0x800, 0x800);
        if bytes.is_empty() { member } else { member.streamed() }
    };
    let mut zip = Zip { wide: true, aligned: true, ..Zip::default() };
    zip = zip.with(member("data.pkl", pickle)).with(member(".format_version", b"1"));
    zip = zip.with(member(".storage_alignment", b"64")).with(member("byteorder", b"little"));
    for (key, bytes) in storages {
        zip = zip.with(member(&format!("data/{key}"), bytes));
    }
    zip.with(member("version", b"3\n"))
        .with(member(".data/serialization_id", b"0636457737946401051300000034672837465782"))
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
