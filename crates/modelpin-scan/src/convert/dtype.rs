//! Types of elements: torch's names for them, and those of safetensors.

/// A type of elements.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dtype {
    /// Its place in the order of the format's library, in which the widest come last.
    pub(super) rank: u8,
    /// Its name in safetensors.
    pub(super) name: &'static str,
    /// Bytes of an element.
    pub(super) size: usize,
    /// Bytes that big-endian machines have the other way round.
    pub(super) word: usize,
}

const fn plain(rank: u8, name: &'static str, size: usize) -> Dtype {
    Dtype { rank, name, size, word: size }
}

pub(super) static BOOL: Dtype = plain(0, "BOOL", 1);
static U8: Dtype = plain(1, "U8", 1);
static I8: Dtype = plain(2, "I8", 1);
static F8_E5M2: Dtype = plain(3, "F8_E5M2", 1);
static F8_E4M3: Dtype = plain(4, "F8_E4M3", 1);
static F8_E8M0: Dtype = plain(5, "F8_E8M0", 1);
static F8_E4M3FNUZ: Dtype = plain(6, "F8_E4M3FNUZ", 1);
static F8_E5M2FNUZ: Dtype = plain(7, "F8_E5M2FNUZ", 1);
static I16: Dtype = plain(8, "I16", 2);
static U16: Dtype = plain(9, "U16", 2);
static F16: Dtype = plain(10, "F16", 2);
static BF16: Dtype = plain(11, "BF16", 2);
static I32: Dtype = plain(12, "I32", 4);
static U32: Dtype = plain(13, "U32", 4);
static F32: Dtype = plain(14, "F32", 4);
// Two floats, each in its own order of bytes.
static C64: Dtype = Dtype { rank: 15, name: "C64", size: 8, word: 4 };
static F64: Dtype = plain(16, "F64", 8);
static I64: Dtype = plain(17, "I64", 8);
static U64: Dtype = plain(18, "U64", 8);

impl Dtype {
    /// The type of the elements of a class of storages: `FloatStorage`.
    pub(super) fn of_storage(class: &str) -> Option<&'static Self> {
        Some(match class {
            "DoubleStorage" => &F64,
            "FloatStorage" => &F32,
            "HalfStorage" => &F16,
            "BFloat16Storage" => &BF16,
            "LongStorage" => &I64,
            "IntStorage" => &I32,
            "ShortStorage" => &I16,
            "CharStorage" => &I8,
            "ByteStorage" => &U8,
            "BoolStorage" => &BOOL,
            "ComplexFloatStorage" => &C64,
            _ => return None,
        })
    }

    /// The type that torch calls `name`: `float8_e4m3fn`.
    pub(super) fn of_name(name: &str) -> Option<&'static Self> {
        Some(match name {
            "float64" | "double" => &F64,
            "float32" | "float" => &F32,
            "float16" | "half" => &F16,
            "bfloat16" => &BF16,
            "int64" | "long" => &I64,
            "int32" | "int" => &I32,
            "int16" | "short" => &I16,
            "int8" => &I8,
            "uint8" => &U8,
            "bool" => &BOOL,
            "uint64" => &U64,
            "uint32" => &U32,
            "uint16" => &U16,
            "complex64" | "cfloat" => &C64,
            "float8_e4m3fn" => &F8_E4M3,
            "float8_e5m2" => &F8_E5M2,
            "float8_e4m3fnuz" => &F8_E4M3FNUZ,
            "float8_e5m2fnuz" => &F8_E5M2FNUZ,
            "float8_e8m0fnu" => &F8_E8M0,
            _ => return None,
        })
    }
}
