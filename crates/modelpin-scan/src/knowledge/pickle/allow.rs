//! The globals that unpicklers make values and tensors of.
//!
//! The allowlist names whole (module, name) pairs; nothing on it is matched by prefix. It follows the one of
//! `torch.load(weights_only=True)` (`torch/_weights_only_unpickler.py`) and adds what NumPy arrays are made of.

use super::level::Listed;
use crate::knowledge::names::{self, Does};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Modules, names that each of them has, and what they are to the machine that runs pickles.
const LISTED: &[(&str, &str, Listed)] = &[
    ("collections", "OrderedDict", Listed::OrderedDict),
    ("collections", "Counter", Listed::Counter),
    ("collections", "defaultdict", Listed::DefaultDict),
    ("_codecs", "encode", Listed::Encode),
    ("builtins __builtin__", "set frozenset bytearray complex slice range bytes", Listed::Plain),
    ("builtins __builtin__", "dict list int float str tuple bool object Ellipsis NotImplemented", Listed::PlainClass),
    ("builtins __builtin__", "getattr", Listed::GetAttr),
    ("builtins __builtin__", "type", Listed::TypeOf),
    ("copyreg copy_reg", "_reconstructor", Listed::Reconstructor),
    ("copyreg copy_reg", "__newobj__", Listed::NewObj),
    ("functools", "partial", Listed::Partial),
    ("re sre", "_compile", Listed::Pattern),
    ("operator _operator", "itemgetter", Listed::ItemGetter),
    ("numpy numpy.core.multiarray numpy._core.multiarray", "dtype", Listed::NumpyDtype),
    ("numpy numpy.core.multiarray numpy._core.multiarray", "ndarray", Listed::Ndarray),
    ("numpy.core.multiarray numpy._core.multiarray numpy.core._internal", "_reconstruct", Listed::Reconstruct),
    ("numpy.core.multiarray numpy._core.multiarray", "scalar", Listed::Scalar),
    ("numpy numpy.core.memmap numpy._core.memmap", "memmap", Listed::Memmap),
    ("numpy.core._internal numpy._core._internal", "_convert_to_stringdtype_kwargs", Listed::StringDtype),
    ("numpy.core.numeric numpy._core.numeric", "_frombuffer", Listed::FromBuffer),
    ("numpy.core numpy._core", "_ufunc_reconstruct", Listed::Ufunc),
    ("joblib.numpy_pickle sklearn.externals.joblib.numpy_pickle", "NumpyArrayWrapper", Listed::JoblibArray),
    ("torch", "Size", Listed::Size),
    ("torch", "device", Listed::Device),
    (
        "torch",
        "per_tensor_affine per_tensor_symmetric per_channel_affine per_channel_symmetric
        per_channel_affine_float_qparams",
        Listed::Scheme,
    ),
    ("torch", "complex128 cdouble", Listed::Dtype(16)),
    ("torch", "float64 double int64 long uint64 complex64 cfloat", Listed::Dtype(8)),
    ("torch", "float32 float int32 int uint32 qint32 complex32 chalf", Listed::Dtype(4)),
    ("torch", "float16 half bfloat16 int16 short uint16 bits16", Listed::Dtype(2)),
    (
        "torch",
        "int8 uint8 bool qint8 quint8 quint4x2 quint2x4 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz
        float8_e8m0fnu float4_e2m1fn_x2 bits8 bits1x8 bits2x4 bits4x2 uint1 uint2 uint3 uint4 uint5 uint6 uint7
        int1 int2 int3 int4 int5 int6 int7",
        Listed::Dtype(1),
    ),
    (STORAGES, "ComplexDoubleStorage", Listed::Storage(16)),
    (STORAGES, "DoubleStorage LongStorage ComplexFloatStorage", Listed::Storage(8)),
    (STORAGES, "FloatStorage IntStorage QInt32Storage", Listed::Storage(4)),
    (STORAGES, "HalfStorage BFloat16Storage ShortStorage", Listed::Storage(2)),
    (
        STORAGES,
        "CharStorage ByteStorage BoolStorage QInt8Storage QUInt8Storage QUInt4x2Storage QUInt2x4Storage",
        Listed::Storage(1),
    ),
    ("torch torch.storage", "UntypedStorage TypedStorage", Listed::Storage(1)),
    (
        "torch torch.cuda torch.sparse torch.cuda.sparse",
        "Tensor DoubleTensor FloatTensor HalfTensor BFloat16Tensor LongTensor IntTensor ShortTensor CharTensor
        ByteTensor BoolTensor",
        Listed::Tensor,
    ),
    ("torch.storage", "_load_from_bytes", Listed::LoadFromBytes),
    ("torch.nn.parameter", "Parameter", Listed::Parameter),
    ("torch.serialization", "_get_layout", Listed::GetLayout),
    ("torch._tensor", "_rebuild_from_type_v2", Listed::RebuildFromType),
    ("torch._utils", "_rebuild_tensor", Listed::RebuildTensor),
    ("torch._utils", "_rebuild_tensor_v2", Listed::RebuildTensorV2),
    ("torch._utils", "_rebuild_tensor_v3", Listed::RebuildTensorV3),
    ("torch._utils", "_rebuild_qtensor", Listed::RebuildQtensor),
    ("torch._utils", "_rebuild_parameter", Listed::RebuildParameter),
    ("torch._utils", "_rebuild_parameter_with_state", Listed::RebuildParameterState),
    ("torch._utils", "_rebuild_sparse_tensor _rebuild_sparse_csr_tensor", Listed::RebuildSparse),
    ("torch._utils", "_rebuild_meta_tensor_no_storage", Listed::RebuildMeta),
    ("torch._utils", "_rebuild_wrapper_subclass", Listed::RebuildWrapper),
    ("torch._utils", "_rebuild_device_tensor_from_numpy", Listed::RebuildFromNumpy),
    ("torch._utils", "_rebuild_device_tensor_from_cpu_tensor", Listed::RebuildFromCpu),
];

/// Where torch has its classes of storages.
const STORAGES: &str = "torch torch.cuda torch.sparse torch.cuda.sparse torch.storage";

static INDEX: LazyLock<HashMap<(&str, &str), Listed>> = LazyLock::new(|| all().collect());

fn all() -> impl Iterator<Item = ((&'static str, &'static str), Listed)> {
    LISTED.iter().flat_map(|&(modules, names, listed)| {
        let names = move |module| names.split_ascii_whitespace().map(move |name| ((module, name), listed));
        modules.split_ascii_whitespace().flat_map(names)
    })
}

/// Every name that the machine knows, after its module.
#[cfg(test)]
pub(in crate::knowledge) fn all_listed() -> impl Iterator<Item = (&'static str, &'static str)> {
    all().map(|(name, _)| name)
}

/// What `name` of `module` is to the machine that runs pickles, where it knows it.
pub(crate) fn listed(module: &str, name: &str) -> Option<Listed> {
    INDEX.get(&(module, name)).copied()
}

/// Methods that objects keep as functions to call later on, as vectorizers keep their tokenizer: each takes an object of
/// its class and returns a value.
pub(crate) fn is_kept_method(class: &str, name: &str) -> bool {
    match class {
        "builtins.str" | "__builtin__.str" | "__builtin__.unicode" => TEXT_METHODS.contains(&name),
        "re.Pattern" => PATTERN_METHODS.contains(&name),
        // Where torch keeps the functions that it has under its own name.
        "torch._C._VariableFunctionsClass" => {
            names::row(&format!("torch.{name}")).is_some_and(|row| row.does == Does::Plain)
        }
        _ => false,
    }
}

static TEXT_METHODS: &[&str] = &[
    "capitalize",
    "casefold",
    "endswith",
    "isalnum",
    "isalpha",
    "isascii",
    "isdigit",
    "islower",
    "isnumeric",
    "isspace",
    "istitle",
    "isupper",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "upper",
];

static PATTERN_METHODS: &[&str] = &["findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"];
