//! The globals that unpicklers make values and tensors of.
//!
//! The allowlist names whole (module, name) pairs; nothing on it is matched by prefix. It follows the one of
//! `torch.load(weights_only=True)` (`torch/_weights_only_unpickler.py`) and adds what NumPy arrays are made of.

use super::level::Listed;
use crate::knowledge::names::{self, Does};

/// What `name` of `module` is to the machine that runs pickles, where it knows it.
pub(crate) fn listed(module: &str, name: &str) -> Option<Listed> {
    use Listed as L;
    Some(match module {
        "collections" => match name {
            "OrderedDict" => L::OrderedDict,
            "Counter" => L::Counter,
            "defaultdict" => L::DefaultDict,
            _ => return None,
        },
        "torch" | "torch.cuda" | "torch.sparse" | "torch.cuda.sparse" | "torch.storage" | "torch._C" => {
            return torch(module, name);
        }
        "torch.nn.parameter" if name == "Parameter" => L::Parameter,
        "torch.serialization" if name == "_get_layout" => L::GetLayout,
        "torch._utils" => return rebuild(name),
        "torch._tensor" if name == "_rebuild_from_type_v2" => L::RebuildFromType,
        "_codecs" if name == "encode" => L::Encode,
        "builtins" | "__builtin__" => match name {
            "set" | "frozenset" | "bytearray" | "complex" | "slice" | "range" | "bytes" => L::Plain,
            "dict" | "list" | "int" | "float" | "str" | "tuple" | "bool" | "object" | "Ellipsis" | "NotImplemented" => {
                L::PlainClass
            }
            "getattr" => L::GetAttr,
            "type" => L::TypeOf,
            _ => return None,
        },
        "copyreg" | "copy_reg" if name == "_reconstructor" => L::Reconstructor,
        "copyreg" | "copy_reg" if name == "__newobj__" => L::NewObj,
        "functools" if name == "partial" => L::Partial,
        "re" | "sre" if name == "_compile" => L::Pattern,
        "operator" | "_operator" if name == "itemgetter" => L::ItemGetter,
        "numpy" | "numpy.core.multiarray" | "numpy._core.multiarray" => match name {
            "dtype" => L::NumpyDtype,
            "ndarray" => L::Ndarray,
            "memmap" if module == "numpy" => L::Memmap,
            "_reconstruct" if module != "numpy" => L::Reconstruct,
            "scalar" if module != "numpy" => L::Scalar,
            _ => return None,
        },
        "numpy.core._internal" if name == "_reconstruct" => L::Reconstruct,
        "numpy.core._internal" | "numpy._core._internal" if name == "_convert_to_stringdtype_kwargs" => L::StringDtype,
        "numpy.core.memmap" | "numpy._core.memmap" if name == "memmap" => L::Memmap,
        "numpy.core.numeric" | "numpy._core.numeric" if name == "_frombuffer" => L::FromBuffer,
        "numpy.core" | "numpy._core" if name == "_ufunc_reconstruct" => L::Ufunc,
        "joblib.numpy_pickle" | "sklearn.externals.joblib.numpy_pickle" if name == "NumpyArrayWrapper" => {
            L::JoblibArray
        }
        _ => return None,
    })
}

fn rebuild(name: &str) -> Option<Listed> {
    use Listed as L;
    Some(match name {
        "_rebuild_tensor" => L::RebuildTensor,
        "_rebuild_tensor_v2" => L::RebuildTensorV2,
        "_rebuild_tensor_v3" => L::RebuildTensorV3,
        "_rebuild_qtensor" => L::RebuildQtensor,
        "_rebuild_parameter" => L::RebuildParameter,
        "_rebuild_parameter_with_state" => L::RebuildParameterState,
        "_rebuild_sparse_tensor" | "_rebuild_sparse_csr_tensor" => L::RebuildSparse,
        "_rebuild_meta_tensor_no_storage" => L::RebuildMeta,
        "_rebuild_wrapper_subclass" => L::RebuildWrapper,
        "_rebuild_device_tensor_from_numpy" => L::RebuildFromNumpy,
        "_rebuild_device_tensor_from_cpu_tensor" => L::RebuildFromCpu,
        _ => return None,
    })
}

fn torch(module: &str, name: &str) -> Option<Listed> {
    use Listed as L;
    if let Some(stem) = name.strip_suffix("Storage") {
        let item = match stem {
            "Double" | "Long" | "ComplexFloat" => 8,
            "Float" | "Int" | "QInt32" => 4,
            "Half" | "BFloat16" | "Short" => 2,
            "Char" | "Byte" | "Bool" | "QInt8" | "QUInt8" | "QUInt4x2" | "QUInt2x4" => 1,
            "ComplexDouble" => 16,
            "Untyped" | "Typed" if matches!(module, "torch" | "torch.storage") => 1,
            _ => return None,
        };
        return (module != "torch._C").then_some(L::Storage(item));
    }
    if module == "torch.storage" || module == "torch._C" {
        return (module == "torch.storage" && name == "_load_from_bytes").then_some(L::LoadFromBytes);
    }
    if let Some(stem) = name.strip_suffix("Tensor") {
        let typed = ["", "Double", "Float", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool"];
        return typed.contains(&stem).then_some(L::Tensor);
    }
    if module != "torch" {
        return None;
    }
    Some(match name {
        "Size" => L::Size,
        "device" => L::Device,
        "per_tensor_affine"
        | "per_tensor_symmetric"
        | "per_channel_affine"
        | "per_channel_symmetric"
        | "per_channel_affine_float_qparams" => L::Scheme,
        _ => L::Dtype(dtype(name)?),
    })
}

/// Bytes of an element of a dtype of torch.
fn dtype(name: &str) -> Option<u64> {
    Some(match name {
        "float64" | "double" | "int64" | "long" | "uint64" | "complex64" | "cfloat" => 8,
        "float32" | "float" | "int32" | "int" | "uint32" | "qint32" | "complex32" | "chalf" => 4,
        "float16" | "half" | "bfloat16" | "int16" | "short" | "uint16" => 2,
        "complex128" | "cdouble" => 16,
        "int8" | "uint8" | "bool" | "qint8" | "quint8" | "quint4x2" | "quint2x4" | "float8_e4m3fn" | "float8_e5m2"
        | "float8_e4m3fnuz" | "float8_e5m2fnuz" | "float8_e8m0fnu" | "float4_e2m1fn_x2" | "bits8" | "bits1x8"
        | "bits2x4" | "bits4x2" | "uint1" | "uint2" | "uint3" | "uint4" | "uint5" | "uint6" | "uint7" | "int1"
        | "int2" | "int3" | "int4" | "int5" | "int6" | "int7" => 1,
        "bits16" => 2,
        _ => return None,
    })
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
