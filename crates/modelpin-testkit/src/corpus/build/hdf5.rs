//! A writer of HDF5 files of the first kind (superblock 0, symbol tables), as h5py writes them by default.

/// What an attribute holds.
#[derive(Debug, Clone)]
pub enum Value {
    /// A string of fixed length, in the attribute itself.
    Fixed(Vec<u8>),
    /// A string of variable length, in a heap.
    Text(Vec<u8>),
    /// An array of strings of one length.
    Names(Vec<Vec<u8>>),
    /// A number.
    Number(i32),
}

/// A group or a dataset.
#[derive(Debug, Default, Clone)]
pub struct Hdf5 {
    attributes: Vec<(String, Value)>,
    members: Vec<(String, Self)>,
    messages: Vec<(u16, Vec<u8>)>,
    is_dataset: bool,
}

impl Hdf5 {
    /// An empty group.
    #[must_use]
    pub fn group() -> Self {
        Self::default()
    }

    /// A dataset of four floats, of which none was written.
    #[must_use]
    pub fn dataset() -> Self {
        let mut space = vec![1, 1, 0, 0, 0, 0, 0, 0];
        space.extend(4_u64.to_le_bytes());
        let float = [0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];
        let fill = [2, 2, 2, 0];
        let dataset = Self { is_dataset: true, ..Self::default() };
        dataset.message(0x01, space).message(0x03, float).message(0x05, fill)
    }

    /// A dataset with no message yet.
    #[must_use]
    pub fn bare_dataset() -> Self {
        Self { is_dataset: true, ..Self::default() }
    }

    /// A dataset whose data lies in this file.
    #[must_use]
    pub fn stored() -> Self {
        let mut layout = vec![3, 1];
        layout.extend(u64::MAX.to_le_bytes());
        layout.extend(16_u64.to_le_bytes());
        Self::dataset().message(0x08, layout)
    }

    /// With an attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: Value) -> Self {
        self.attributes.push((name.to_owned(), value));
        self
    }

    /// With an attribute that is a string of variable length.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Self {
        self.attribute(name, Value::Text(value.as_bytes().to_vec()))
    }

    /// With a member.
    #[must_use]
    pub fn with(mut self, name: &str, member: Self) -> Self {
        self.members.push((name.to_owned(), member));
        self.members.sort_by(|a, b| a.0.cmp(&b.0));
        self
    }

    /// With a message in its header, as it is.
    #[must_use]
    pub fn message(mut self, kind: u16, body: impl Into<Vec<u8>>) -> Self {
        self.messages.push((kind, body.into()));
        self
    }

    /// With a link to an object of another file. Such links are messages; a group has these or members.
    #[must_use]
    pub fn external_link(self, name: &str, file: &str, object: &str) -> Self {
        let value = [b"\0", file.as_bytes(), b"\0", object.as_bytes(), b"\0"].concat();
        let mut link = vec![1, 0x08, 64, name.len() as u8];
        link.extend(name.as_bytes());
        link.extend((value.len() as u16).to_le_bytes());
        link.extend(value);
        let info = [&[0, 0][..], &[0xff; 16]].concat();
        Self { is_dataset: true, ..self }.message(0x02, info).message(0x0a, [0, 0]).message(0x06, link)
    }

    /// The file with this group as its root.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut file = vec![0; 96];
        let root = self.write(&mut file);
        let mut block = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0".to_vec();
        block.extend([32, 0, 16, 0, 0, 0, 0, 0]);
        for number in [0, u64::MAX, file.len() as u64, u64::MAX, 0, root] {
            block.extend(number.to_le_bytes());
        }
        block.extend([0; 24]);
        file.splice(..96, block);
        file
    }

    /// Writes the object and all below it; the address of its header.
    fn write(&self, file: &mut Vec<u8>) -> u64 {
        let mut messages = self.messages.clone();
        if !self.is_dataset {
            let members: Vec<(&str, u64)> =
                self.members.iter().map(|(name, member)| (name.as_str(), member.write(file))).collect();
            messages.push((0x11, table(file, &members)));
        }
        for (name, value) in &self.attributes {
            let body = attribute(file, name, value);
            messages.push((0x0c, body));
        }
        header(file, &messages)
    }
}

/// Fills up to the next multiple of eight.
fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(8), 0);
}

/// An object header of version 1.
fn header(file: &mut Vec<u8>, messages: &[(u16, Vec<u8>)]) -> u64 {
    let mut body = Vec::new();
    for (kind, message) in messages {
        let mut message = message.clone();
        pad(&mut message);
        body.extend(kind.to_le_bytes());
        body.extend((message.len() as u16).to_le_bytes());
        body.extend([0; 4]);
        body.extend(message);
    }
    let at = file.len() as u64;
    file.extend([1, 0]);
    file.extend((messages.len() as u16).to_le_bytes());
    file.extend(1_u32.to_le_bytes());
    file.extend((body.len() as u32).to_le_bytes());
    file.extend([0; 4]);
    file.extend(body);
    at
}

/// Heap, symbol table and B-tree of a group with at most 64 members; the message that leads to them.
fn table(file: &mut Vec<u8>, members: &[(&str, u64)]) -> Vec<u8> {
    let (mut names, mut symbols) = (vec![0; 8], Vec::new());
    let mut last = 0_u64;
    for (name, header) in members {
        last = names.len() as u64;
        symbols.extend(last.to_le_bytes());
        symbols.extend(header.to_le_bytes());
        symbols.extend([0; 24]);
        names.extend(name.as_bytes());
        names.push(0);
        pad(&mut names);
    }
    let heap = file.len() as u64;
    file.extend(b"HEAP\0\0\0\0");
    // The free list is empty, which 1 stands for.
    for number in [names.len() as u64, 1, heap + 32] {
        file.extend(number.to_le_bytes());
    }
    file.extend(names);
    let node = file.len() as u64;
    file.extend(b"SNOD\x01\0");
    file.extend((members.len() as u16).to_le_bytes());
    symbols.resize(64 * 40, 0);
    file.extend(symbols);
    let tree = file.len() as u64;
    let used: u64 = u64::from(!members.is_empty());
    file.extend(b"TREE\0\0");
    file.extend((used as u16).to_le_bytes());
    for number in [u64::MAX, u64::MAX, 0, node, last] {
        file.extend(number.to_le_bytes());
    }
    // Room for the 32 children and 33 keys that the superblock promises.
    file.extend(vec![0; (65 - 3) * 8]);
    [tree.to_le_bytes(), heap.to_le_bytes()].concat()
}

/// An attribute of version 1.
fn attribute(file: &mut Vec<u8>, name: &str, value: &Value) -> Vec<u8> {
    let scalar = vec![1, 0, 0, 0, 0, 0, 0, 0];
    let string = |size: usize| [&[0x13, 0, 0, 0][..], &(size as u32).to_le_bytes()].concat();
    let (kind, space, data) = match value {
        Value::Fixed(bytes) => (string(bytes.len()), scalar, bytes.clone()),
        Value::Text(bytes) => {
            let kind = [&[0x19, 1, 0, 0, 16, 0, 0, 0][..], &string(1)].concat();
            (kind, scalar, heap(file, bytes))
        }
        Value::Names(names) => {
            let size = names.iter().map(Vec::len).max().unwrap_or(1);
            let padded = names.iter().flat_map(|name| {
                let mut name = name.clone();
                name.resize(size, 0);
                name
            });
            let space = [&[1, 1, 0, 0, 0, 0, 0, 0][..], &(names.len() as u64).to_le_bytes()].concat();
            (string(size), space, padded.collect())
        }
        Value::Number(number) => {
            let kind = vec![0x10, 0x08, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0];
            (kind, scalar, number.to_le_bytes().to_vec())
        }
    };
    let mut message = vec![1, 0];
    for size in [name.len() + 1, kind.len(), space.len()] {
        message.extend((size as u16).to_le_bytes());
    }
    for part in [[name.as_bytes(), b"\0"].concat(), kind, space] {
        message.extend(part);
        pad(&mut message);
    }
    message.extend(data);
    message
}

/// A global heap with one string; what an attribute says about it.
fn heap(file: &mut Vec<u8>, bytes: &[u8]) -> Vec<u8> {
    let at = file.len() as u64;
    let mut object = bytes.to_vec();
    pad(&mut object);
    let size = (object.len() + 48).max(4096);
    file.extend(b"GCOL\x01\0\0\0");
    file.extend((size as u64).to_le_bytes());
    file.extend([1, 0, 1, 0, 0, 0, 0, 0]);
    file.extend((bytes.len() as u64).to_le_bytes());
    file.extend(&object);
    let free = size - 32 - object.len();
    file.extend([0; 8]);
    file.extend((free as u64).to_le_bytes());
    file.extend(vec![0; free - 16]);
    [&(bytes.len() as u32).to_le_bytes()[..], &at.to_le_bytes(), &1_u32.to_le_bytes()].concat()
}
