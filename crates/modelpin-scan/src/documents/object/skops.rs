//! The schema of a skops archive: a tree of nodes, each of which names a loader of skops and a Python object
//! (`skops/io/_general.py`, `_numpy.py`, `_scipy.py`, `_sklearn.py`).

use crate::documents::json::{Json, join};
use crate::engine::{Location, Scan, ScanError};
use crate::knowledge::sklearn;
use crate::knowledge::views::object::{self, Classification};
use modelpin_rules::object::{SKOPS_DANGEROUS_TYPE, SKOPS_FOREIGN_TYPE};

/// Scans a schema.
pub(super) fn schema(text: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let json = Json::read(text.as_bytes(), "", scan)?;
    walk(&json, "", scan)
}

fn walk(value: &Json, key: &str, scan: &mut Scan<'_>) -> Result<(), ScanError> {
    scan.budget.step()?;
    match value {
        Json::Object(entries) => {
            let names = ["__loader__", "__module__", "__class__"];
            if entries.iter().any(|(name, _)| names.contains(&&**name)) {
                node(value, key, scan);
            }
            for (name, value) in entries {
                if name.as_ref() == "constructor" && value.text().is_some() {
                    scan.report(&SKOPS_DANGEROUS_TYPE, Location::Key(join(key, name)), "a constructor by name");
                }
                walk(value, &join(key, name), scan)?;
            }
        }
        Json::List(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{key}[{index}]"), scan)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// One node.
fn node(value: &Json, key: &str, scan: &mut Scan<'_>) {
    let text = |name: &str| value.get(name).and_then(Json::text);
    let at = || Location::Key(key.to_owned());
    let loader = text("__loader__").unwrap_or_default();
    // Refers to an object that was there before.
    if loader == "CachedNode" && value.get("__module__").is_none() {
        return;
    }
    let (Some(module), Some(class)) = (text("__module__"), text("__class__")) else {
        scan.report(&SKOPS_FOREIGN_TYPE, at(), format!("{loader}: the name is not constant"));
        return;
    };
    let path = format!("{module}.{class}");
    let shown = format!("{loader}: {path}");
    match loader {
        "OperatorFuncNode" => {
            let picks = module == "operator" && matches!(class, "itemgetter" | "attrgetter");
            scan.report(if picks { &SKOPS_FOREIGN_TYPE } else { &SKOPS_DANGEROUS_TYPE }, at(), shown);
        }
        "MethodNode" => method(value, &path, key, scan),
        _ if class.contains('.') => scan.report(&SKOPS_DANGEROUS_TYPE, at(), shown),
        _ if is_trusted(loader, module, class) => {}
        _ if object::classify(&path).is_dangerous() => scan.report(&SKOPS_DANGEROUS_TYPE, at(), shown),
        _ if is_container(loader) && object::classify(&path) != Classification::Data => {
            // A container is called with its content, whatever type it claims.
            scan.report(if is_class(class) { &SKOPS_FOREIGN_TYPE } else { &SKOPS_DANGEROUS_TYPE }, at(), shown);
        }
        _ => scan.report(&SKOPS_FOREIGN_TYPE, at(), shown),
    }
}

fn is_class(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
}

fn is_container(loader: &str) -> bool {
    matches!(loader, "ListNode" | "SetNode" | "TupleNode" | "DictNode" | "DefaultDictNode")
}

/// A bound method: of the object that is in the node, and of no other.
fn method(value: &Json, path: &str, key: &str, scan: &mut Scan<'_>) {
    let content = value.get("content");
    let function = content.and_then(|content| content.get("func")).and_then(Json::text).unwrap_or_default();
    let owner = content.and_then(|content| content.get("obj"));
    let text = |name: &str| owner.and_then(|owner| owner.get(name)).and_then(Json::text).unwrap_or_default();
    let of = format!("{}.{}", text("__module__"), text("__class__"));
    let honest = of == path
        && !function.starts_with('_')
        && object::is_path(function)
        && !function.contains('.')
        && object::classify(path) == Classification::Library;
    let shown = format!("MethodNode: {path}, method {function} of {of}");
    scan.report(if honest { &SKOPS_FOREIGN_TYPE } else { &SKOPS_DANGEROUS_TYPE }, Location::Key(key.to_owned()), shown);
}

/// Whether the loader of skops makes nothing but data of it: constants, containers, arrays, pure functions of NumPy
/// and SciPy, estimators of scikit-learn, which skops builds unasked. Each pair of loader and object is listed, so that a
/// file cannot show one to the audit and the other to the loader.
fn is_trusted(loader: &str, module: &str, class: &str) -> bool {
    let one_of = |names: &str| names.split_ascii_whitespace().any(|name| name == class);
    match (loader, module) {
        ("DictNode", "builtins") => class == "dict",
        ("DictNode", "collections") => class == "OrderedDict",
        ("DefaultDictNode", "collections") => class == "defaultdict",
        ("ListNode", "builtins") => class == "list",
        ("SetNode", "builtins") => class == "set",
        ("TupleNode", "builtins") => class == "tuple",
        ("SliceNode", "builtins") => class == "slice",
        ("BytesNode", "builtins") => class == "bytes",
        ("BytearrayNode", "builtins") => class == "bytearray",
        ("JsonNode", "builtins") => one_of("str int float bool NoneType"),
        ("TypeNode", "builtins") => one_of("int float str bool list set map tuple dict NoneType"),
        ("TypeNode" | "NdArrayNode", "numpy") => class == "ndarray" || one_of(SCALARS),
        ("DTypeNode", "numpy") => class == "dtype" || class.starts_with("dtype[") || one_of(SCALARS),
        ("DTypeNode", "numpy.dtypes") => class.ends_with("DType") && is_class(class),
        ("MaskedArrayNode", "numpy.ma" | "numpy.ma.core") => class == "MaskedArray",
        ("RandomStateNode", "numpy.random" | "numpy.random.mtrand") => class == "RandomState",
        ("RandomGeneratorNode", "numpy.random" | "numpy.random._generator") => class == "Generator",
        ("ObjectNode", _) if sklearn::is_estimator(module, class) => true,
        ("LossNode", _) if sklearn::is_loss(module, class) => true,
        ("FunctionNode", "numpy") => one_of(UFUNCS),
        ("FunctionNode", "scipy.special" | "scipy.special._ufuncs" | "scipy.special._special_ufuncs") => {
            one_of(SPECIAL)
        }
        ("SparseMatrixNode", "scipy.sparse" | "scipy.sparse._csr" | "scipy.sparse._csc" | "scipy.sparse._coo") => {
            one_of("csr_matrix csc_matrix coo_matrix csr_array csc_array coo_array")
        }
        _ => false,
    }
}

const SCALARS: &str = "
    bool_ bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 intc uintc intp longlong ulonglong float16 float32
    float64 longdouble complex64 complex128 clongdouble object_ str_ bytes_ datetime64 timedelta64 void";

/// Functions of NumPy on arrays: `NUMPY_UFUNC_TYPE_NAMES` of skops and their aliases.
const UFUNCS: &str = "
    abs absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh bitwise_and bitwise_count bitwise_or
    bitwise_xor cbrt ceil clip conjugate copysign cos cosh deg2rad degrees divide divmod equal exp exp2 expm1
    fabs float_power floor floor_divide fmax fmin fmod frexp gcd greater greater_equal heaviside hypot invert
    isfinite isinf isnan isnat lcm ldexp left_shift less less_equal log log10 log1p log2 logaddexp logaddexp2
    logical_and logical_not logical_or logical_xor matmul matvec maximum minimum mod modf multiply negative
    nextafter not_equal positive power rad2deg radians reciprocal remainder right_shift rint sign signbit sin
    sinh spacing sqrt square subtract tan tanh true_divide trunc vecdot vecmat";

/// Functions of `scipy.special` on arrays: `SCIPY_UFUNC_TYPE_NAMES` of skops.
const SPECIAL: &str = "
    airy airye bei beip ber berp besselpoly beta betaln binom cbrt cosdg cosm1 cotdg dawsn ellipe ellipeinc
    ellipj ellipk ellipkinc ellipkm1 erf erfc erfcx erfi exp1 exp10 exp2 expi expit expm1 exprel fresnel gamma
    gammainc gammaincc gammainccinv gammaincinv gammaln gammasgn hankel1 hankel1e hankel2 hankel2e hyp2f1 i0 i0e
    i1 i1e it2i0k0 it2j0y0 it2struve0 itairy iti0k0 itj0y0 itmodstruve0 itstruve0 iv ive j0 j1 jv jve k0 k0e k1
    k1e kei keip kelvin ker kerp kv kve log1p log_expit log_ndtr log_wright_bessel loggamma logit mathieu_a
    mathieu_b mathieu_cem mathieu_modcem1 mathieu_modcem2 mathieu_modsem1 mathieu_modsem2 mathieu_sem
    modfresnelm modfresnelp modstruve ndtr obl_ang1 obl_ang1_cv obl_cv obl_rad1 obl_rad1_cv obl_rad2 obl_rad2_cv
    pbdv pbvv pbwa pro_ang1 pro_ang1_cv pro_cv pro_rad1 pro_rad1_cv pro_rad2 pro_rad2_cv psi radian rgamma sindg
    struve tandg voigt_profile wofz wright_bessel xlog1py xlogy y0 y1 yv yve zetac agm bdtr bdtrc bdtri bdtrik
    bdtrin betainc betaincc betainccinv betaincinv boxcox boxcox1p btdtria btdtrib chdtr chdtrc chdtri chdtriv
    chndtr chndtridf chndtrinc chndtrix elliprc elliprd elliprf elliprg elliprj entr erfcinv erfinv eval_chebyc
    eval_chebys eval_chebyt eval_chebyu eval_gegenbauer eval_genlaguerre eval_hermite eval_hermitenorm
    eval_jacobi eval_laguerre eval_legendre eval_sh_chebyt eval_sh_chebyu eval_sh_jacobi eval_sh_legendre expn
    fdtr fdtrc fdtri fdtridfd gdtr gdtrc gdtria gdtrib gdtrix huber hyp0f1 hyp1f1 hyperu inv_boxcox inv_boxcox1p
    kl_div kn kolmogi kolmogorov lpmv nbdtr nbdtrc nbdtri nbdtrik nbdtrin ncfdtr ncfdtri ncfdtridfd ncfdtridfn
    ncfdtrinc nctdtr nctdtridf nctdtrinc nctdtrit ndtri ndtri_exp nrdtrimn nrdtrisd owens_t pdtr pdtrc pdtri
    pdtrik poch powm1 pseudo_huber rel_entr round shichi sici smirnov smirnovi spence stdtr stdtridf stdtrit
    tklmbda wrightomega yn";
