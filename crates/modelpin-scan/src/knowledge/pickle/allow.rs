//! The level of an import: on the allowlist, foreign, or dangerous.
//!
//! The allowlist names whole (module, name) pairs; nothing on it is matched by prefix. It follows the one of
//! `torch.load(weights_only=True)` (`torch/_weights_only_unpickler.py`) and adds what NumPy arrays are made of.
//! What is not on it is foreign, unless it is of the standard library, a loader, or reaches for internals.

use super::level::{Level, Listed};
use super::names;
use crate::knowledge::names::{Does, acts_by_name, begins_like_a_loader};
use crate::knowledge::stdlib::{is_stdlib, top};
use crate::knowledge::view::{View, row};

/// What the import of `name` from `module` is worth. Unpicklers translate names of Python 2 or they do not, so
/// that the worse of both readings counts.
pub(crate) fn level(module: &str, name: &str) -> Level {
    let (new_module, new_name) = names::translated(module, name);
    let translated = plain_level(new_module, new_name);
    if (new_module, new_name) == (module, name) || matches!(module, "__builtin__" | "copy_reg" | "exceptions") {
        return translated;
    }
    match (plain_level(module, name), translated) {
        (Level::Dangerous(why), _) | (_, Level::Dangerous(why)) => Level::Dangerous(why),
        (Level::Foreign, _) | (_, Level::Foreign) => Level::Foreign,
        (listed, _) => listed,
    }
}

fn plain_level(module: &str, name: &str) -> Level {
    if let Some(listed) = listed(module, name) {
        return Level::Listed(listed);
    }
    if let Some(why) = hostile_spelling(module, name) {
        return Level::Dangerous(why);
    }
    let path = format!("{module}.{name}");
    let loads = Level::Dangerous("loads or runs code or files");
    let of_name = if foreign_runs(module, name) { loads } else { Level::Foreign };
    match row(View::Pickle, &path).map(|row| row.does) {
        Some(Does::Acts(_) | Does::Reaches) => loads,
        Some(Does::Value | Does::Plain | Does::Model) => Level::Foreign,
        None if is_stdlib(module) => Level::Dangerous("of the standard library"),
        Some(Does::Unjudged) | None => of_name,
    }
}

/// Whether a global of a library that nothing is known about runs, loads or fetches things, going by its name.
fn foreign_runs(module: &str, name: &str) -> bool {
    let own = matches!(module, "__main__" | "__mp_main__");
    acts_by_name(name) || (!own && begins_like_a_loader(name))
}

/// Dots and dunders lead from any module to any other.
fn hostile_spelling(module: &str, name: &str) -> Option<&'static str> {
    let is_script = matches!(module, "__main__" | "__mp_main__") || top(module) == "__torch__";
    if !is_script && module.split('.').any(|part| part.starts_with("__") && part != "__init__") {
        return Some("a module of Python's internals");
    }
    if module.is_empty() || name.is_empty() || module.split('.').any(str::is_empty) {
        return Some("an empty name");
    }
    let generated = name.starts_with("__pyx_unpickle_") && !name.contains('.');
    let numpy =
        top(module) == "numpy" && matches!(name, "__randomstate_ctor" | "__generator_ctor" | "__bit_generator_ctor");
    if name.contains("__") && !generated && !numpy && (name.starts_with("__") || name.contains(".__")) {
        return Some("a name of Python's internals");
    }
    if name.contains('.') {
        let nested = name.split('.').all(|part| part.starts_with(|c: char| c.is_ascii_uppercase()));
        if !nested || is_stdlib(module) {
            return Some("an attribute of an attribute");
        }
    }
    None
}

fn listed(module: &str, name: &str) -> Option<Listed> {
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
        "numpy" | "numpy.core.multiarray" | "numpy._core.multiarray" => match name {
            "dtype" => L::NumpyDtype,
            "ndarray" => L::Ndarray,
            "_reconstruct" if module != "numpy" => L::Reconstruct,
            "scalar" if module != "numpy" => L::Scalar,
            _ => return None,
        },
        "numpy.core._internal" if name == "_reconstruct" => L::Reconstruct,
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
        "_rebuild_sparse_tensor" => L::RebuildSparse,
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
