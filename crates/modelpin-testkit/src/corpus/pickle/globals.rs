//! A sweep over what attacks import: of the standard library, of loaders, of tools.

use super::super::build::call;
use super::super::{Expect, Item};
use super::{attack, foreign};

/// Functions that run, load, fetch, write or leak something.
const DANGEROUS: &[(&str, &str)] = &[
    ("os", "system"),
    ("posix", "system"),
    ("nt", "system"),
    ("os", "execv"),
    ("os", "putenv"),
    ("os", "remove"),
    ("subprocess", "Popen"),
    ("subprocess", "check_output"),
    ("builtins", "eval"),
    ("builtins", "exec"),
    ("builtins", "compile"),
    ("builtins", "open"),
    ("builtins", "__import__"),
    ("__builtin__", "apply"),
    ("__builtin__", "execfile"),
    ("sys", "modules"),
    ("sys", "settrace"),
    ("commands", "getoutput"),
    ("popen2", "popen2"),
    ("cPickle", "loads"),
    ("pickle", "loads"),
    ("_pickle", "loads"),
    ("marshal", "loads"),
    ("shelve", "open"),
    ("pty", "spawn"),
    ("runpy", "run_path"),
    ("runpy", "_run_code"),
    ("code", "interact"),
    ("timeit", "timeit"),
    ("trace", "Trace"),
    ("cProfile", "run"),
    ("profile", "run"),
    ("pdb", "run"),
    ("bdb", "Bdb"),
    ("doctest", "debug_script"),
    ("importlib", "import_module"),
    ("imp", "load_source"),
    ("pkgutil", "resolve_name"),
    ("pydoc", "locate"),
    ("pydoc", "pipepager"),
    ("operator", "methodcaller"),
    ("_operator", "attrgetter"),
    ("functools", "reduce"),
    ("itertools", "starmap"),
    ("types", "FunctionType"),
    ("types", "CodeType"),
    ("inspect", "getattr_static"),
    ("ctypes", "CDLL"),
    ("_ctypes", "dlopen"),
    ("socket", "create_connection"),
    ("ssl", "get_server_certificate"),
    ("urllib.request", "urlopen"),
    ("urllib2", "urlopen"),
    ("http.client", "HTTPSConnection"),
    ("smtplib", "SMTP"),
    ("ftplib", "FTP"),
    ("telnetlib", "Telnet"),
    ("imaplib", "IMAP4_stream"),
    ("webbrowser", "open"),
    ("shutil", "rmtree"),
    ("tempfile", "mktemp"),
    ("distutils.file_util", "write_file"),
    ("logging", "FileHandler"),
    ("logging.config", "fileConfig"),
    ("_io", "FileIO"),
    ("io", "open"),
    ("asyncio.unix_events", "_UnixSubprocessTransport"),
    ("multiprocessing.util", "spawnv_passfds"),
    ("threading", "Thread"),
    ("uuid", "_get_command_stdout"),
    ("_osx_support", "_read_output"),
    ("_aix_support", "_read_cmd_output"),
    ("_pyrepl.pager", "pipe_pager"),
    ("_interpreters", "run_string"),
    ("_xxsubinterpreters", "run_string"),
    ("test.support.script_helper", "assert_python_ok"),
    ("idlelib.pyshell", "ModifiedInterpreter"),
    ("idlelib.run", "Executive"),
    ("lib2to3.pgen2.grammar", "Grammar"),
    ("ensurepip", "_run_pip"),
    ("venv", "create"),
    ("zipimport", "zipimporter"),
    ("site", "main"),
    ("pip", "main"),
    ("pip._internal", "main"),
    ("setuptools._distutils.spawn", "spawn"),
    ("pkg_resources", "load_entry_point"),
    ("torch", "load"),
    ("torch.hub", "load"),
    ("torch.jit", "load"),
    ("torch.package", "PackageImporter"),
    ("torch.serialization", "load"),
    ("torch.jit.annotations", "parse_type_line"),
    ("torch.fx.graph_module", "_forward_from_src"),
    ("torch._inductor.codecache", "compile_file"),
    ("torch._dynamo.guards", "GuardBuilder.get"),
    ("torch.distributed.rpc", "rpc_sync"),
    ("torch.utils.collect_env", "run"),
    ("torch.utils.bottleneck.__main__", "run_cprofile"),
    ("torch.utils.cpp_extension", "load_inline"),
    ("torch.utils.data.datapipes.utils.decoder", "basichandlers"),
    ("torch.utils._config_module", "ConfigModule.load_config"),
    ("torch.ops", "load_library"),
    ("numpy", "load"),
    ("numpy", "fromfile"),
    ("numpy.f2py.crackfortran", "getlincoef"),
    ("numpy.testing._private.utils", "runstring"),
    ("numpy.distutils.exec_command", "exec_command"),
    ("numpy.ctypeslib", "load_library"),
    ("pandas", "read_pickle"),
    ("pandas.io.pickle", "read_pickle"),
    ("pandas.core.computation.eval", "eval"),
    ("joblib", "load"),
    ("joblib.numpy_pickle", "load"),
    ("dill", "loads"),
    ("dill._dill", "_create_function"),
    ("cloudpickle.cloudpickle", "_make_function"),
    ("keras.models", "load_model"),
    ("tensorflow", "load_op_library"),
    ("huggingface_hub", "snapshot_download"),
    ("transformers.dynamic_module_utils", "get_class_from_dynamic_module"),
    ("transformers.utils.hub", "cached_file"),
    ("sympy.parsing.sympy_parser", "parse_expr"),
    ("requests", "get"),
    ("yaml", "unsafe_load"),
    ("sklearn.datasets", "fetch_openml"),
    ("sklearn.externals.joblib", "load"),
    ("torchvision.datasets.utils", "download_url"),
    ("torch.nn.modules.module", "warnings"),
    ("pandas.core.generic", "pickle"),
    ("some_helper.tools", "system"),
    ("some_helper.tools", "subprocess"),
    ("some_helper.tools", "load_plugin"),
];

/// Classes and functions that honest models are made of.
const FOREIGN: &[(&str, &str)] = &[
    ("sklearn.linear_model._logistic", "LogisticRegression"),
    ("sklearn.tree._tree", "Tree"),
    ("sklearn._loss._loss", "__pyx_unpickle_CyHalfBinomialLoss"),
    ("sklearn.datasets.base", "Bunch"),
    ("torchvision.models.resnet", "ResNet"),
    ("jax._src.array", "_reconstruct_array"),
    ("xgboost.core", "Booster"),
    ("lightgbm.basic", "Booster"),
    ("catboost.core", "CatBoostClassifier"),
    ("scipy.sparse._csr", "csr_matrix"),
    ("pandas.core.frame", "DataFrame"),
    ("pandas.core.indexes.base", "_new_Index"),
    ("pandas._libs.internals", "_unpickle_block"),
    ("ultralytics.nn.tasks", "DetectionModel"),
    ("torch.nn.modules.linear", "Linear"),
    ("torch.nn.functional", "relu"),
    ("torch._C._nn", "gelu"),
    ("torch.optim.adam", "Adam"),
    ("transformers.training_args", "TrainingArguments"),
    ("transformers.trainer_utils", "IntervalStrategy"),
    ("accelerate.state", "PartialState"),
    ("fairseq.data.dictionary", "Dictionary"),
    ("omegaconf.dictconfig", "DictConfig"),
    ("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint"),
    ("spacy.vocab", "unpickle_vocab"),
    ("thinc.model", "Model"),
    ("tokenizers", "Tokenizer"),
    ("nltk.tokenize.punkt", "PunktSentenceTokenizer"),
    ("gensim.models.word2vec", "Word2Vec"),
    ("argparse", "Namespace"),
    ("datetime", "timedelta"),
    ("decimal", "Decimal"),
    ("uuid", "UUID"),
    ("pathlib", "PosixPath"),
    ("types", "SimpleNamespace"),
    ("typing", "Any"),
    ("numpy.random._pickle", "__randomstate_ctor"),
    ("numpy.ma.core", "_mareconstruct"),
    ("joblib.numpy_pickle", "NDArrayWrapper"),
    ("__main__", "MyModel"),
    ("my_project.models", "Outer.Inner"),
];

/// Words of a name that a file name may have.
fn slug(module: &str, name: &str) -> String {
    let private = if module.starts_with('_') { "private-" } else { "" };
    let text = format!("{private}{module}-{name}").to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-")
}

pub(super) fn items() -> Vec<Item> {
    let bad = DANGEROUS.iter().map(|(module, name)| {
        attack(&format!("global-{}", slug(module, name)), "pickle-dangerous-global", call(module, name, "true"))
    });
    let good =
        FOREIGN.iter().map(|(module, name)| foreign(&format!("class-{}", slug(module, name)), call(module, name, "x")));
    let imported = ["os system", "antigravity geohash", "this s"].iter().map(|pair| {
        let bytes = format!("c{}\n.", pair.replace(' ', "\n"));
        attack(&format!("import-only-{}", pair.replace(' ', "-")), "pickle-dangerous-global", bytes)
    });
    let names =
        [("wrong-name-bin", "pytorch_model.bin"), ("wrong-name-pt", "model.pt"), ("wrong-name-none", "weights")].map(
            |(name, path)| {
                Item::new(format!("pickle-{name}"), Expect::Dangerous, path, call("posix", "system", "id"))
                    .fires(&["pickle-dangerous-global"])
            },
        );
    let texts =
        [("text-readme", "README.md"), ("text-notes", "notes.txt"), ("text-none", "LICENSE")].map(|(name, path)| {
            Item::new(format!("pickle-{name}"), Expect::Dangerous, path, b"cos\nsystem\n(S'id'\ntR.".as_slice())
                .fires(&["pickle-dangerous-global"])
        });
    bad.chain(good).chain(imported).chain(names).chain(texts).collect()
}
