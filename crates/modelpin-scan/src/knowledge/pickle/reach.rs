//! What is beyond the allowlist: which values of the standard library honest pickles hold, which parts of well-known
//! libraries are model classes and which are loaders, and by what names functions that run things go.

use super::level::Level;
use crate::knowledge::stdlib::{is_stdlib, top};

/// Types of the standard library that honest pickles hold: they keep data and call nothing.
pub(crate) fn stdlib_value(module: &str, name: &str) -> bool {
    match module {
        "collections" => matches!(name, "deque" | "ChainMap" | "UserDict" | "UserList" | "UserString"),
        "datetime" => matches!(name, "datetime" | "date" | "time" | "timedelta" | "timezone"),
        "decimal" | "_decimal" | "_pydecimal" => matches!(name, "Decimal"),
        "fractions" => name == "Fraction",
        "uuid" => matches!(name, "UUID" | "SafeUUID"),
        "pathlib" | "pathlib._local" => {
            matches!(name, "Path" | "PosixPath" | "WindowsPath" | "PurePath" | "PurePosixPath" | "PureWindowsPath")
        }
        "argparse" => name == "Namespace",
        "types" => name == "SimpleNamespace",
        "array" => matches!(name, "array" | "_array_reconstructor"),
        "time" => name == "struct_time",
        "re" => name == "_compile",
        "logging" => name == "getLogger",
        "random" => name == "Random",
        "io" => matches!(name, "BytesIO" | "StringIO"),
        "ipaddress" => matches!(name, "IPv4Address" | "IPv6Address" | "IPv4Network" | "IPv6Network"),
        "typing" => {
            name.starts_with(|c: char| c.is_ascii_uppercase())
                && !matches!(name, "ForwardRef" | "NamedTuple" | "TypedDict")
        }
        _ => false,
    }
}

/// Libraries that load, fetch or run what they are given, as a whole.
static RUNNERS: &[&str] = &[
    "IPython",
    "_distutils_hack",
    "_pytest",
    "aiohttp",
    "awscli",
    "boto3",
    "botocore",
    "celery",
    "cffi",
    "cloudpickle",
    "dill",
    "django",
    "docker",
    "execnet",
    "fabric",
    "fire",
    "flask",
    "fsspec",
    "gevent",
    "git",
    "gradio",
    "httpx",
    "huggingface_hub",
    "hydra",
    "invoke",
    "ipykernel",
    "jinja2",
    "jupyter_client",
    "jupyter_core",
    "llvmlite",
    "mako",
    "numexpr",
    "paramiko",
    "pexpect",
    "pickle5",
    "pip",
    "pkg_resources",
    "psutil",
    "ptyprocess",
    "py",
    "pycparser",
    "pymysql",
    "pyximport",
    "pytest",
    "ray",
    "requests",
    "ruamel",
    "s3fs",
    "selenium",
    "setuptools",
    "sh",
    "smart_open",
    "streamlit",
    "tornado",
    "triton",
    "twisted",
    "urllib3",
    "virtualenv",
    "wheel",
    "yaml",
    "zmq",
];

/// Whether `module` is one of `packages`, or inside one.
fn is_within(module: &str, packages: &[&str]) -> bool {
    packages
        .iter()
        .any(|package| module.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// What is known about the libraries that models are made with; `None` for all others.
pub(crate) fn known_library(module: &str, name: &str) -> Option<Level> {
    let is_class = name.trim_start_matches('_').starts_with(|c: char| c.is_ascii_uppercase());
    let runs = Level::Dangerous("loads or runs code or files");
    if RUNNERS.contains(&top(module)) {
        return Some(runs);
    }
    let harmful = match top(module) {
        "torch" => !torch_model(module, name, is_class),
        "torchvision" => !is_class && is_within(module, &["torchvision.io", "torchvision.datasets"]),
        "numpy" => !numpy_value(module, name, is_class),
        "pandas" => {
            is_within(
                module,
                &[
                    "pandas.io",
                    "pandas.core.computation",
                    "pandas.util",
                    "pandas.compat",
                    "pandas._testing",
                    "pandas.testing",
                ],
            ) || (module == "pandas" && !is_class)
        }
        // What wraps arrays before joblib 0.10: honest, and reads a file beside.
        "joblib" => !(module == "joblib.numpy_pickle" && matches!(name, "NDArrayWrapper" | "ZNDArrayWrapper")),
        "scipy" => is_within(module, &["scipy.io", "scipy.weave", "scipy._lib", "scipy.datasets", "scipy.misc"]),
        "sklearn" => {
            is_within(module, &["sklearn.externals", "sklearn._build_utils", "sklearn.utils._testing"])
                || (!is_class && is_within(module, &["sklearn.datasets"]))
        }
        "nltk" => is_within(
            module,
            &["nltk.data", "nltk.downloader", "nltk.app", "nltk.internals", "nltk.util", "nltk.classify.weka"],
        ),
        "sympy" => is_within(
            module,
            &["sympy.parsing", "sympy.printing", "sympy.utilities", "sympy.testing", "sympy.core.sympify"],
        ),
        "transformers" => {
            is_within(
                module,
                &[
                    "transformers.dynamic_module_utils",
                    "transformers.utils.hub",
                    "transformers.commands",
                    "transformers.testing_utils",
                    "transformers.pipelines",
                    "transformers.file_utils",
                ],
            ) || (is_within(module, &["transformers.utils"]) && !is_class)
        }
        "tensorflow" | "keras" | "tf_keras" => {
            !is_class
                || is_within(
                    module,
                    &[
                        "tensorflow.io",
                        "tensorflow.python.platform",
                        "tensorflow.python.lib.io",
                        "tensorflow.saved_model",
                    ],
                )
        }
        "__torch__" => false,
        _ => return None,
    };
    if harmful {
        return Some(runs);
    }
    None
}

/// What whole-module checkpoints take from torch: layers, their functions, optimisers, datasets.
fn torch_model(module: &str, name: &str, is_class: bool) -> bool {
    match module {
        "torch" => is_class && matches!(name, "Generator" | "Module") || TORCH_MATHS.contains(&name),
        "torch.nn.functional" | "torch._C._nn" | "torch.nn.init" => {
            !name.starts_with('_')
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && !is_stdlib(name)
        }
        "torch.torch_version" => name == "TorchVersion",
        "torch.jit._pickle" => name.starts_with("build_") || name == "restore_type_tag",
        "torch._utils" => matches!(name, "_rebuild_xla_tensor" | "_rebuild_mlc_tensor"),
        "torch.distributed._shard.sharded_tensor.api" | "torch._C" | "torch.distributed.distributed_c10d" => false,
        _ => {
            is_class
                && is_within(
                    module,
                    &[
                        "torch.nn.modules",
                        "torch.nn.parallel",
                        "torch.nn.parameter",
                        "torch.nn.utils",
                        "torch.nn.quantized",
                        "torch.nn.intrinsic",
                        "torch.nn.qat",
                        "torch.optim",
                        "torch.distributions",
                        "torch.quantization",
                        "torch.ao.quantization",
                        "torch.ao.nn",
                        "torch.cuda.amp.grad_scaler",
                        "torch.amp.grad_scaler",
                        "torch.utils.data.dataset",
                        "torch.utils.data.sampler",
                        "torch.utils.data.dataloader",
                        "torch.utils.data.distributed",
                        "torch.distributed.checkpoint.metadata",
                        "torch.distributed.checkpoint.planner",
                        "torch.distributed._tensor",
                        "torch.distributed.tensor",
                        "torch.distributed.device_mesh",
                        "torch.distributed.fsdp",
                        "torch._tensor",
                        "torch.fx.immutable_collections",
                    ],
                )
                && !foreign_runs(module, name)
        }
    }
}

/// Functions of `torch` itself that layers keep as attributes.
static TORCH_MATHS: &[&str] = &[
    "abs",
    "add",
    "amax",
    "amin",
    "atan",
    "bmm",
    "cat",
    "clamp",
    "cos",
    "cosine_similarity",
    "cumsum",
    "div",
    "einsum",
    "erf",
    "exp",
    "eye",
    "flatten",
    "linspace",
    "log",
    "log_softmax",
    "logsumexp",
    "matmul",
    "max",
    "mean",
    "min",
    "mm",
    "mul",
    "norm",
    "ones",
    "pow",
    "relu",
    "relu_",
    "round",
    "rsqrt",
    "selu",
    "sigmoid",
    "sign",
    "sin",
    "softmax",
    "sqrt",
    "square",
    "stack",
    "std",
    "sub",
    "sum",
    "tanh",
    "tensor",
    "transpose",
    "var",
    "where",
    "zeros",
    "zeros_like",
    "strided",
    "sparse_coo",
    "contiguous_format",
    "channels_last",
    "preserve_format",
];

/// What honest pickles take from NumPy beside arrays: random states, masked and record arrays, types, polynomials,
/// ufuncs.
fn numpy_value(module: &str, name: &str, is_class: bool) -> bool {
    if is_within(module, &["numpy.random"]) {
        let is_maker = matches!(name, "__randomstate_ctor" | "__generator_ctor" | "__bit_generator_ctor");
        return is_class || is_maker || name.starts_with("__pyx_unpickle_");
    }
    match module {
        "numpy.ma.core" => matches!(name, "MaskedArray" | "_mareconstruct" | "MaskedConstant"),
        "numpy.matrixlib.defmatrix" | "numpy.matrixlib" => name == "matrix",
        "numpy" | "numpy.core.records" | "numpy.rec" | "numpy._core.records" => {
            matches!(name, "recarray" | "record" | "matrix") || (module == "numpy" && NUMPY.contains(&name))
        }
        _ if is_within(module, &["numpy.polynomial"]) => is_class,
        _ => false,
    }
}

/// Scalar types and pure functions of `numpy` itself.
static NUMPY: &[&str] = &[
    "abs",
    "absolute",
    "add",
    "argmax",
    "array",
    "asarray",
    "bool_",
    "bytes_",
    "complex128",
    "complex64",
    "cos",
    "datetime64",
    "exp",
    "expm1",
    "float16",
    "float32",
    "float64",
    "generic",
    "int16",
    "int32",
    "int64",
    "int8",
    "int_",
    "log",
    "log10",
    "log1p",
    "log2",
    "longdouble",
    "max",
    "maximum",
    "mean",
    "median",
    "min",
    "minimum",
    "multiply",
    "nanmean",
    "nanmedian",
    "number",
    "object_",
    "sin",
    "sqrt",
    "square",
    "std",
    "str_",
    "sum",
    "tanh",
    "timedelta64",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "var",
    "void",
];

/// Names by which functions that run, load or fetch things go, whichever library has them.
static VERBS: &[&str] = &[
    "Popen",
    "Unpickler",
    "apply",
    "attrgetter",
    "breakpoint",
    "call",
    "check_call",
    "check_output",
    "chmod",
    "compile",
    "copyfile",
    "delattr",
    "download",
    "eval",
    "exec",
    "execfile",
    "exit",
    "fromfile",
    "genfromtxt",
    "getattr",
    "getoutput",
    "getstatusoutput",
    "globals",
    "hf_hub_download",
    "import_module",
    "import_string",
    "input",
    "load",
    "loads",
    "loadtxt",
    "locals",
    "locate",
    "makedirs",
    "memmap",
    "methodcaller",
    "mkdir",
    "open",
    "popen",
    "quit",
    "remove",
    "rename",
    "resolve_name",
    "rmtree",
    "run",
    "safe_eval",
    "savetxt",
    "setattr",
    "shell",
    "snapshot_download",
    "symlink",
    "sympify",
    "system",
    "unlink",
    "urlopen",
    "urlretrieve",
    "vars",
    "build_class",
    "check_output_text",
];

/// How such names begin.
static VERB_STARTS: &[&str] = &[
    "download_",
    "eval_",
    "exec_",
    "execute",
    "import_",
    "load_",
    "popen",
    "read_",
    "run_",
    "shell_",
    "spawn",
    "subprocess",
    "system_",
    "cached_download",
];

/// Modules that other modules have as an attribute, by which they can be reached.
static REACHED: &[&str] = &[
    "asyncio",
    "builtins",
    "code",
    "codeop",
    "ctypes",
    "functools",
    "http",
    "importlib",
    "inspect",
    "io",
    "marshal",
    "multiprocessing",
    "nt",
    "operator",
    "os",
    "pdb",
    "pickle",
    "pip",
    "platform",
    "posix",
    "pty",
    "runpy",
    "shutil",
    "signal",
    "socket",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "timeit",
    "types",
    "urllib",
    "webbrowser",
    "requests",
    "ssl",
];

/// Whether a global of a library that nothing is known about runs, loads or fetches things, going by its name.
pub(crate) fn foreign_runs(module: &str, name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let bare = last.trim_start_matches('_');
    let own = matches!(module, "__main__" | "__mp_main__");
    REACHED.contains(&last)
        || VERBS.contains(&bare)
        || (!own
            && bare.starts_with(|c: char| c.is_ascii_lowercase())
            && VERB_STARTS.iter().any(|start| bare.starts_with(start)))
}
