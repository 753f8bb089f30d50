//! What a dotted path to a Python object leads to, as far as the path says: data, a library of machine learning,
//! someone's own code, or something that runs or loads what it is given.

use crate::knowledge::stdlib::is_stdlib;

/// What a dotted path stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Classification {
    /// A type of the standard library that holds data and nothing else.
    Data,
    /// Something of a library that models are built with.
    Library,
    /// Anything else outside the standard library.
    Foreign,
    /// The standard library, or a part of a library that runs, loads or fetches; or no path at all.
    Dangerous,
}

impl Classification {
    pub(crate) fn is_dangerous(self) -> bool {
        self == Self::Dangerous
    }
}

/// Scans a dotted path, part by part and never by a prefix of a part.
pub(crate) fn classify(path: &str) -> Classification {
    let parts: Vec<&str> = path.split('.').collect();
    let root = parts.first().copied().unwrap_or_default();
    let last = parts.last().copied().unwrap_or_default();
    if among(DATA, path) {
        Classification::Data
    } else if !is_path(path) || parts.iter().any(|part| part.starts_with("__")) || is_stdlib(root) || among(OLD, root) {
        Classification::Dangerous
    } else if parts.len() == 1 {
        // A bare name is looked up among the builtins, or is a module.
        if is_builtin(path) { Classification::Dangerous } else { Classification::Foreign }
    } else if passes_through_runner(&parts) || among(RUNNERS, last) {
        Classification::Dangerous
    } else if among(LIBRARIES, root) {
        Classification::Library
    } else {
        Classification::Foreign
    }
}

/// Whether `path` is a dotted path of identifiers (any script, as Python allows).
pub(crate) fn is_path(path: &str) -> bool {
    path.split('.').all(|part| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    })
}

/// Whether Python's builtins have a function of that name that does more than build a value.
pub(crate) fn is_builtin(name: &str) -> bool {
    among(BUILTINS, name)
}

fn among(table: &str, name: &str) -> bool {
    !name.is_empty() && table.split_ascii_whitespace().any(|word| word == name)
}

/// Whether the path leads through a part of a library that runs, loads or fetches.
fn passes_through_runner(parts: &[&str]) -> bool {
    GADGETS.split_ascii_whitespace().any(|gadget| {
        let mut rest = parts.iter();
        gadget.split('.').all(|part| rest.next() == Some(&part))
    })
}

/// Types of the standard library (and what NumPy writes its scalars with) that hold data.
const DATA: &str = "
    numpy.core.multiarray.scalar numpy.core.multiarray._reconstruct numpy._core.multiarray.scalar
    numpy._core.multiarray._reconstruct numpy.dtype argparse.Namespace builtins.bool builtins.bytearray builtins.bytes
    builtins.complex builtins.dict builtins.float
    builtins.frozenset builtins.int builtins.list builtins.range builtins.set builtins.slice builtins.str builtins.tuple
    collections.Counter collections.OrderedDict collections.defaultdict collections.deque datetime.date
    datetime.datetime
    datetime.time datetime.timedelta datetime.timezone decimal.Decimal fractions.Fraction functools.partial
    pathlib.Path pathlib.PosixPath pathlib.PurePath pathlib.PurePosixPath pathlib.PureWindowsPath pathlib.WindowsPath
    pathlib._local.PosixPath types.SimpleNamespace uuid.UUID zoneinfo.ZoneInfo";

/// Parts of libraries that run code, load other objects or fetch files, with everything below them.
const GADGETS: &str = "
    torch.hub torch.load torch.jit torch.package torch.serialization torch.utils.cpp_extension torch.utils.model_zoo
    torch.utils.bottleneck torch.utils.collect_env torch.utils._config_module torch._inductor torch._dynamo torch._C
    torch.distributed.rpc torch.distributed.run torch.distributed.launch torch.distributed.launcher
    torch.fx.graph_module
    torch.ops.load_library torch.classes.load_library torch.multiprocessing torch.testing torch.storage torch.export
    torch._utils_internal torch.save
    numpy.load numpy.f2py numpy.distutils numpy.testing numpy.ctypeslib numpy.loadtxt numpy.genfromtxt numpy.fromfile
    numpy.save numpy.savetxt numpy.lib numpy.core numpy._core numpy.compat numpy.vectorize numpy.fromregex numpy.memmap
    scipy.io scipy.datasets scipy.misc scipy.weave
    hydra.utils hydra._internal hydra.main hydra.core hydra.compose omegaconf.OmegaConf.load
    omegaconf.OmegaConf.register_new_resolver omegaconf.OmegaConf.register_resolver omegaconf._utils
    transformers.dynamic_module_utils transformers.utils.hub transformers.utils.import_utils transformers.pipeline
    transformers.commands transformers.testing_utils
    diffusers.utils.dynamic_modules_utils datasets.load_dataset datasets.load huggingface_hub
    pandas.read_pickle pandas.io pandas.eval pandas.read_hdf pandas.read_csv pandas.read_sql
    sklearn.datasets sklearn.externals sklearn.utils._testing
    keras.utils.get_file keras.models.load_model keras.saving keras.config tensorflow.io tensorflow.saved_model
    tensorflow.py_function tensorflow.numpy_function tensorflow.load_library tensorflow.load_op_library
    tensorflow.keras.models.load_model tensorflow.keras.utils.get_file tensorflow.raw_ops tensorflow.compat
    tensorflow.python
    pytorch_lightning.utilities.cloud_io lightning.pytorch.utilities.migration lightning.pytorch.cli
    pytorch_lightning.cli
    lightning.app lightning.fabric.utilities.cloud_io lightning_fabric.utilities.cloud_io lightning.pytorch.core.saving
    nemo.utils.model_utils nemo.core.connectors
    sympy.sympify sympy.core.sympify sympy.parsing sympy.parse_expr sympy.lambdify sympy.utilities sympy.S
    fsspec joblib dill cloudpickle pickle5 jsonpickle shelve3 yaml ruamel pip setuptools pkg_resources distutils
    wheel ensurepip IPython ipykernel jupyter_core sh plumbum fabric paramiko pexpect invoke requests urllib3 httpx
    aiohttp psutil pywintypes win32api cffi numba.core cython pyximport execnet dask.distributed ray.cloudpickle
    mlflow.pyfunc gdown wget";

/// Names that run or load what they are given, wherever they are.
const RUNNERS: &str = "
    exec eval system popen Popen check_output check_call call_command import_module __import__ run_path run_module
    run_code exec_command execfile loads unpickle read_pickle load_pickle pickle_load load_module load_library
    load_op_library locate resolve_name import_string import_object get_method get_object get_static_method
    load_url load_state_dict_from_url get_file download_url urlretrieve urlopen methodcaller";

/// Libraries that models and their training are described with.
const LIBRARIES: &str = "
    accelerate albumentations apex audiocraft bitsandbytes catboost datasets deepspeed detectron2 diffusers einops
    espnet
    espnet2 evaluate fairseq flash_attn gluonts hydra hydra_plugins hyperpyyaml ignite imblearn interpret jax flax haiku
    keras keras_core keras_cv keras_hub keras_nlp kornia ldm lightgbm lightly lightning lightning_fabric litgpt
    matcha megatron mmcv mmdet mmengine mmseg monai mosaicml nemo nemo_text_processing numpy omegaconf open_clip optax
    optimum optuna pandas peft pl_bolts pytorch_lightning pytorch_optimizer pyro quantile_forest rfdetr safetensors
    scipy
    segmentation_models_pytorch sentence_transformers sgm skimage sklearn skorch skops speechbrain statsmodels
    stable_baselines3
    streaming sympy tensorboard tensorflow tf_keras tflearn timm tokenizers torch torch_geometric torchaudio torchdata
    torchmetrics torchrl torchtext torchtune torchvision torchao transformer_engine transformers trl ultralytics
    vector_quantize_pytorch wandb wenet xformers xgboost category_encoders";

/// What the builtins have beside types that hold data.
const BUILTINS: &str = "
    __build_class__ __import__ aiter anext breakpoint callable chr classmethod compile copyright credits delattr
    dir dreload eval exec execfile exit file filter get_ipython getattr globals hasattr help id input iter
    license locals map memoryview next object open ord print property quit raw_input reduce reload repr setattr
    staticmethod super type vars";

/// Modules of the standard library of Python 2 that have no such name in Python 3.
const OLD: &str = "
    StringIO UserDict __builtin__ _winreg cPickle cStringIO commands dl dummy_thread exceptions httplib new os2
    popen2 thread urllib2";
