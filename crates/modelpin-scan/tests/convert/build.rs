//! Checkpoints, written opcode by opcode.

use modelpin_testkit::corpus::build::{Member, Pickle, torch_old, torch_zip};

/// A tensor as `torch.save` writes it, and what may be otherwise.
#[derive(Clone)]
pub(crate) struct Tensor<'t> {
    pub(crate) module: &'t str,
    pub(crate) class: &'t str,
    pub(crate) key: &'t str,
    /// Elements of the storage.
    pub(crate) count: i32,
    /// What follows the count in the persistent id: nothing in archives, a view or `None` in old files.
    pub(crate) view: Vec<u8>,
    pub(crate) offset: i32,
    pub(crate) size: Vec<i32>,
    pub(crate) stride: Vec<i32>,
    /// The dtype, where it is not the storage's.
    pub(crate) dtype: Option<&'t str>,
    /// Opcodes of one more argument.
    pub(crate) metadata: &'t [u8],
}

impl<'t> Tensor<'t> {
    /// Floats that fill the storage `key`.
    pub(crate) fn new(key: &'t str, size: &[i32]) -> Self {
        let stride = (1..=size.len()).map(|place| size[place..].iter().map(|side| (*side).max(1)).product());
        Self {
            module: "torch",
            class: "FloatStorage",
            key,
            count: size.iter().product(),
            view: Vec::new(),
            offset: 0,
            size: size.to_vec(),
            stride: stride.collect(),
            dtype: None,
            metadata: b"",
        }
    }

    pub(crate) fn class(self, class: &'t str) -> Self {
        Self { class, ..self }
    }

    /// As in a storage of `count` elements.
    pub(crate) fn within(self, count: i32, offset: i32) -> Self {
        Self { count, offset, ..self }
    }

    pub(crate) fn stride(self, stride: &[i32]) -> Self {
        Self { stride: stride.to_vec(), ..self }
    }

    /// The opcodes that rebuild it.
    pub(crate) fn opcodes(&self) -> Vec<u8> {
        let name = if self.dtype.is_some() { "_rebuild_tensor_v3" } else { "_rebuild_tensor_v2" };
        let pickle = Pickle::default().global("torch._utils", name).raw("((").text("storage");
        let pickle = pickle.global(self.module, self.class).text(self.key).text("cpu").int(self.count);
        let pickle = pickle.raw(&self.view).raw("tQ").int(self.offset).ints(&self.size).ints(&self.stride);
        let pickle = pickle.raw([0x89]).global("collections", "OrderedDict").raw(")R");
        let pickle = self.dtype.into_iter().fold(pickle, |pickle, dtype| pickle.global("torch", dtype));
        pickle.raw(self.metadata).raw("tR").0
    }
}

/// A dictionary: its keys, and the opcodes of its values.
pub(crate) fn dict(items: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let items = items.iter().fold(Pickle::default().raw("}("), |pickle, (key, value)| pickle.text(key).raw(value));
    items.raw("u").0
}

/// A list of values.
pub(crate) fn list(items: &[Vec<u8>]) -> Vec<u8> {
    items.iter().fold(Pickle::default().raw("]("), |pickle, value| pickle.raw(value)).raw("e").0
}

/// A pickle of these opcodes.
pub(crate) fn object(opcodes: &[u8]) -> Vec<u8> {
    Pickle::proto(2).raw(opcodes).stop()
}

/// An archive of this object, with storages by key.
pub(crate) fn zip(opcodes: &[u8], storages: &[(&str, &[u8])]) -> Vec<u8> {
    torch_zip(&object(opcodes), storages).bytes()
}

/// The same, by a big-endian machine.
pub(crate) fn big(opcodes: &[u8], storages: &[(&str, &[u8])]) -> Vec<u8> {
    ordered(opcodes, storages, "big")
}

/// The same, with any word for the order of bytes.
pub(crate) fn ordered(opcodes: &[u8], storages: &[(&str, &[u8])], order: &str) -> Vec<u8> {
    let mut zip = torch_zip(&object(opcodes), storages);
    for member in zip.members.iter_mut().filter(|member| member.name.ends_with("byteorder")) {
        *member = Member::new(&member.name, order);
    }
    zip.bytes()
}

/// The same, all deflated.
pub(crate) fn deflated(opcodes: &[u8], storages: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = torch_zip(&object(opcodes), storages);
    for member in &mut zip.members {
        *member = Member::deflated(&member.name, &member.stored);
    }
    zip.bytes()
}

/// A file of torch before 1.6: storages by key, with the bytes of an element.
pub(crate) fn old(opcodes: &[u8], storages: &[(&str, usize, &[u8])]) -> Vec<u8> {
    let storages: Vec<(&str, Vec<u8>)> = storages
        .iter()
        .map(|(key, item, bytes)| (*key, [&((bytes.len() / item) as u64).to_le_bytes()[..], bytes].concat()))
        .collect();
    torch_old(&object(opcodes), &storages)
}

/// As many bytes, all but the first few of them different from their neighbours.
pub(crate) fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|n| (n as u32).wrapping_mul(0x9e37_79b1).to_be_bytes()[0]).collect()
}
