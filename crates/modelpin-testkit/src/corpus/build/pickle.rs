//! A writer of pickles, opcode by opcode.

/// A pickle under construction. `PROTO` and `STOP` are written like any other opcode.
#[derive(Debug, Default, Clone)]
pub struct Pickle(pub Vec<u8>);

impl Pickle {
    /// Begins with `PROTO`.
    #[must_use]
    pub fn proto(version: u8) -> Self {
        Self(vec![0x80, version])
    }

    /// These bytes as they are: opcodes without arguments, mostly.
    #[must_use]
    pub fn raw(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.0.extend(bytes.as_ref());
        self
    }

    /// `GLOBAL`.
    #[must_use]
    pub fn global(self, module: &str, name: &str) -> Self {
        self.raw(format!("c{module}\n{name}\n"))
    }

    /// `STACK_GLOBAL` with both names before it.
    #[must_use]
    pub fn stack_global(self, module: &str, name: &str) -> Self {
        self.short_text(module).short_text(name).raw([0x93])
    }

    /// `BINUNICODE`.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        let length = (text.len() as u32).to_le_bytes();
        self.raw("X").raw(length).raw(text)
    }

    /// `SHORT_BINUNICODE`; the text has at most 255 bytes.
    #[must_use]
    pub fn short_text(self, text: &str) -> Self {
        self.raw([0x8c, text.len() as u8]).raw(text)
    }

    /// `BINBYTES`.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        let length = (bytes.len() as u32).to_le_bytes();
        self.raw("B").raw(length).raw(bytes)
    }

    /// `BININT`.
    #[must_use]
    pub fn int(self, value: i32) -> Self {
        self.raw("J").raw(value.to_le_bytes())
    }

    /// A tuple of whole numbers, with `MARK` and `TUPLE`.
    #[must_use]
    pub fn ints(self, values: &[i32]) -> Self {
        values.iter().fold(self.raw("("), |pickle, value| pickle.int(*value)).raw("t")
    }

    /// `STOP`: the bytes.
    #[must_use]
    pub fn stop(self) -> Vec<u8> {
        self.raw(".").0
    }
}

/// A pickle that calls `module.name(argument)`. Nothing here ever loads it.
#[must_use]
pub fn call(module: &str, name: &str, argument: &str) -> Vec<u8> {
    Pickle::proto(2).global(module, name).text(argument).raw([0x85, b'R']).stop()
}

/// The `data.pkl` of an honest state dict: float tensors with these names, storage keys and shapes.
#[must_use]
pub fn state_dict(tensors: &[(&str, &str, &[i32])]) -> Vec<u8> {
    let mut pickle = Pickle::proto(2).global("collections", "OrderedDict").raw(")R(");
    for (name, key, shape) in tensors {
        let count: i32 = shape.iter().product();
        let mut strides: Vec<i32> = shape
            .iter()
            .scan(count, |rest, side| {
                *rest /= (*side).max(1);
                Some(*rest)
            })
            .collect();
        strides.truncate(shape.len());
        pickle = pickle.text(name).global("torch._utils", "_rebuild_tensor_v2").raw("((").text("storage");
        pickle = pickle.global("torch", "FloatStorage").text(key).text("cpu").int(count).raw("tQ").int(0);
        pickle = pickle.ints(shape).ints(&strides).raw([0x89]).global("collections", "OrderedDict").raw(")RtR");
    }
    pickle.raw("u").stop()
}
