//! The levels of the imports of pickles.

/// What a listed global is, which decides how it may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    OrderedDict,
    Counter,
    /// A storage class of torch, with the bytes of an element.
    Storage(u64),
    /// A dtype of torch, with the bytes of an element.
    Dtype(u64),
    /// A quantisation scheme.
    Scheme,
    Tensor,
    Parameter,
    Size,
    Device,
    GetLayout,
    RebuildTensor,
    RebuildTensorV2,
    RebuildTensorV3,
    RebuildQtensor,
    RebuildParameter,
    RebuildParameterState,
    RebuildSparse,
    RebuildMeta,
    RebuildWrapper,
    RebuildFromNumpy,
    RebuildFromCpu,
    RebuildFromType,
    /// `_codecs.encode`.
    Encode,
    /// Constructors of plain values: `set`, `bytearray`, `complex`, …
    Plain,
    /// The same, of classes that are listed as review: `dict`, `list`, `int`, …
    PlainClass,
    NumpyDtype,
    Ndarray,
    Reconstruct,
    Scalar,
    FromBuffer,
    JoblibArray,
    /// `torch.storage._load_from_bytes`.
    LoadFromBytes,
    /// `copyreg._reconstructor`.
    Reconstructor,
    /// `copyreg.__newobj__`.
    NewObj,
    /// `builtins.getattr`, harmless on a class and a plain name only.
    GetAttr,
    /// `builtins.type`, harmless as `type(None)` only.
    TypeOf,
    DefaultDict,
    Partial,
    /// `numpy.core._ufunc_reconstruct`, which imports the module it is given.
    Ufunc,
    /// `numpy.memmap`, which opens a file when it is called; arrays only name it as their class.
    Memmap,
    /// `numpy._core._internal._convert_to_stringdtype_kwargs`: the dtype of text of NumPy 2.
    StringDtype,
    /// `re._compile`: a pattern.
    Pattern,
    /// `operator.itemgetter`.
    ItemGetter,
}

/// The level of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// On the allowlist.
    Listed(Listed),
    /// A class or function of a foreign library, or a value type of the standard library.
    Foreign,
    /// Runs code, or gives access to what does; the reason.
    Dangerous(&'static str),
}

impl Listed {
    /// Whether the import as such needs a person's eyes.
    pub(crate) fn is_review(self) -> bool {
        matches!(
            self,
            Self::PlainClass
                | Self::LoadFromBytes
                | Self::DefaultDict
                | Self::Partial
                | Self::Ufunc
                | Self::Memmap
                | Self::Pattern
                | Self::ItemGetter
        )
    }

    /// Whether the import is harmless only where it is called in one certain way.
    pub(crate) fn needs_excuse(self) -> bool {
        matches!(self, Self::GetAttr | Self::TypeOf)
    }
}
