//! Which library functions do what: one table, by full dotted name.
//!
//! An entry that ends in `.*` stands for everything below that name. The most exact entry decides, so that
//! `PLAIN` entries make holes in wider ones. Results of calls are written with `()`.

use crate::engine::Capability;
use Capability::{
    Deserialise, DynamicCode, Environment, FilesystemReadOutside as Read, FilesystemWrite as Write, Native, Network,
    Process,
};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Names that do nothing to the machine, inside wider entries that do.
const PLAIN: &str = "subprocess.PIPE subprocess.DEVNULL subprocess.STDOUT subprocess.CalledProcessError \
    subprocess.TimeoutExpired subprocess.SubprocessError subprocess.CompletedProcess subprocess.list2cmdline \
    requests.exceptions.* requests.Response requests.RequestException requests.HTTPError requests.ConnectionError \
    requests.Timeout requests.status_codes.* requests.codes.* requests.models.* requests.packages requests.Session \
    requests.adapters.* requests.auth.* requests.utils.* requests.compat.* urllib3.exceptions.* urllib3.util.* \
    urllib.parse.* urllib.error.* urllib.request.Request httpx.Timeout httpx.Limits httpx.HTTPError \
    httpx.HTTPStatusError httpx.Response httpx.RequestError httpx.TimeoutException aiohttp.ClientTimeout \
    aiohttp.ClientError aiohttp.ClientResponse aiohttp.ClientResponseError socket.timeout socket.error \
    socket.gaierror socket.AF_INET socket.AF_INET6 socket.AF_UNIX socket.SOCK_STREAM socket.SOCK_DGRAM \
    socket.SOL_SOCKET socket.SO_REUSEADDR ssl.SSLError http.HTTPStatus.* http.HTTPMethod.* \
    botocore.exceptions.* grpc.RpcError grpc.StatusCode.* ctypes.c_int ctypes.c_int32 ctypes.c_int64 ctypes.c_uint8
    ctypes.c_float ctypes.c_void_p ctypes.c_char_p \
    ctypes.c_size_t ctypes.Structure ctypes.POINTER ctypes.byref ctypes.sizeof ctypes.c_bool ctypes.c_double \
    pickle.HIGHEST_PROTOCOL pickle.DEFAULT_PROTOCOL pickle.PickleError pickle.UnpicklingError pickle.PicklingError \
    pickle.dumps pickle.dump pickle.Pickler pickle.PickleBuffer marshal.dumps marshal.dump dill.dumps dill.dump
    dill.source.* \
    cloudpickle.dumps cloudpickle.dump shutil.which shutil.get_terminal_size shutil.disk_usage shutil.Error \
    shutil.SameFileError multiprocessing.cpu_count multiprocessing.current_process os.path.* \
    tempfile.gettempdir yaml.safe_load yaml.safe_load_all yaml.dump yaml.safe_dump yaml.SafeLoader yaml.CSafeLoader \
    yaml.YAMLError yaml.BaseLoader yaml.SafeDumper yaml.Dumper runpy.__doc__ code.__doc__ types.FunctionType.__doc__ \
    wandb.run wandb.config wandb.Image wandb.Table wandb.Histogram boto3.__version__";

/// What each name can do.
const TABLE: &[(Capability, &str)] = &[
    (
        Process,
        "os.system os.popen os.popen2 os.popen3 os.popen4 os.execl os.execle os.execlp os.execlpe os.execv os.execve \
         os.execvp os.execvpe os.spawnl os.spawnle os.spawnlp os.spawnlpe os.spawnv os.spawnve os.spawnvp os.spawnvpe \
         os.fork os.forkpty os.posix_spawn os.posix_spawnp os.startfile os.kill os.killpg os.setuid os._exit \
         os.abort os.chroot subprocess.* pty.* commands.* popen2.* platform.popen pexpect.* sh.* invoke.* plumbum.*
         fabric.* psutil.Popen \
         asyncio.create_subprocess_exec asyncio.create_subprocess_shell asyncio.subprocess.* asyncio.unix_events.* \
         _posixsubprocess.* multiprocessing.util.spawnv_passfds webbrowser.open webbrowser.open_new \
         webbrowser.open_new_tab webbrowser.get antigravity pip.main pip._internal.* ensurepip.* venv.*
         setuptools.sandbox.* \
         distutils.spawn.spawn setuptools._distutils.* numpy.distutils.exec_command.* ctypes.util._get_soname \
         test.support.* idlelib.* torch.distributed.run.* torch.distributed.launch.* torch.utils.collect_env.*
         torch.utils.bottleneck.* \
         torch.distributed.elastic.* torch.multiprocessing.spawn torch.multiprocessing.start_processes \
         accelerate.notebook_launcher accelerate.debug_launcher accelerate.commands.* sysconfig._generate_posix_vars \
         uuid._get_command_stdout _osx_support._read_output _aix_support._read_cmd_output imaplib.IMAP4_stream \
         cgitb.lookup pydoc.pipepager pydoc.tempfilepager _pyrepl.* asyncio.get_event_loop().subprocess_shell \
         asyncio.get_event_loop().subprocess_exec asyncio.get_running_loop().subprocess_shell os.nice",
    ),
    (
        Network,
        "socket.* _socket.* socketserver.* ssl.* http.client.* http.server.* urllib.request.* urllib.urlopen
            urllib.urlretrieve \
         urllib2.* requests.* httpx.* aiohttp.* urllib3.* ftplib.* smtplib.* poplib.* imaplib.* nntplib.* telnetlib.* \
         xmlrpc.* paramiko.* websocket.* websockets.* grpc.* boto3.* botocore.* pycurl.* wget.* gdown.* dns.* scapy.* \
         asyncio.open_connection asyncio.start_server asyncio.open_unix_connection
         asyncio.get_event_loop().create_connection logging.handlers.SocketHandler \
         logging.handlers.HTTPHandler logging.handlers.SMTPHandler logging.handlers.SysLogHandler
         logging.handlers.DatagramHandler \
         multiprocessing.managers.* multiprocessing.connection.* huggingface_hub.hf_hub_download
         huggingface_hub.snapshot_download huggingface_hub.cached_download huggingface_hub.hf_hub_url
         huggingface_hub.HfApi huggingface_hub.HfFileSystem huggingface_hub.InferenceClient
         huggingface_hub.AsyncInferenceClient huggingface_hub.Repository huggingface_hub.login
         huggingface_hub.create_repo huggingface_hub.upload_file huggingface_hub.upload_folder
         huggingface_hub.list_models huggingface_hub.list_repo_files huggingface_hub.model_info
         huggingface_hub.get_token huggingface_hub.HfFolder.* huggingface_hub.hf_api.* huggingface_hub.file_download.*
         huggingface_hub._snapshot_download.* huggingface_hub.commands.* huggingface_hub.inference.*
         huggingface_hub.delete_repo torch.hub.* torch.distributed.rpc.* \
         torch.distributed.TCPStore torch.utils.model_zoo.* torchvision.datasets.utils.* \
         torchvision.models.utils.load_state_dict_from_url torchvision._internally_replaced_utils.*
         transformers.utils.hub.* \
         transformers.utils.cached_file transformers.utils.get_file_from_repo transformers.utils.cached_files
         transformers.utils.send_example_telemetry transformers.file_utils.cached_path \
         transformers.image_utils.load_image transformers.audio_utils.load_audio datasets.load_dataset \
         tensorflow.keras.utils.get_file keras.utils.get_file nltk.download spacy.cli.download fsspec.* s3fs.* gcsfs.* \
         google.cloud.* azure.* openai.* anthropic.* wandb.* mlflow.* comet_ml.* neptune.* clearml.* gradio_client.* \
         pymongo.* redis.* psycopg2.* pymysql.* sqlalchemy.create_engine flask.Flask().run uvicorn.run \
         evaluate.load pandas.read_html smart_open.* modelscope.* cached_path.* sentry_sdk.* zmq.* ray.init",
    ),
    (
        DynamicCode,
        "builtins.exec builtins.eval builtins.compile builtins.execfile builtins.breakpoint code.* codeop.* runpy.*
            types.FunctionType \
         types.CodeType types.LambdaType builtins.function importlib.machinery.*
         importlib.util.spec_from_file_location importlib.util.spec_from_loader \
         importlib.util.module_from_spec importlib.util.LazyLoader importlib.abc.* importlib._bootstrap.* \
         importlib._bootstrap_external.* importlib.reload imp.* _imp.* zipimport.* pkgutil.* pydoc.locate \
         pydoc.safeimport pydoc.resolve timeit.* cProfile.* profile.* pdb.* bdb.* trace.* doctest.* \
         typing.get_type_hints typing.ForwardRef inspect.get_annotations logging.config.* unittest.mock.patch \
         numexpr.* sympy.sympify sympy.parse_expr sympy.parsing.* pandas.eval numpy.f2py.* numpy.testing.rundocs
         numpy.testing.runstring numpy.testing._private.utils.runstring numpy.testing._private.utils.rundocs
         numpy.testing._private.extbuild.* numpy.distutils.* \
         transformers.dynamic_module_utils.* torch.package.* torch.jit.load torch.jit.annotations.* torch._inductor.*
         torch._dynamo.config.* \
         torch.fx.graph_module.* torch.fx.experimental.* torch.utils._config_module.* torch.export.load
         torch._export.* hydra.utils.instantiate \
         hydra.utils.get_class hydra.utils.call omegaconf.OmegaConf.register_new_resolver lib2to3.* _testcapi.* \
         _interpreters.* _xxsubinterpreters.* interpreters.* concurrent.interpreters.* ctypes.pythonapi.* site.*
         code.interact IPython.* jinja2.Template \
         mako.* werkzeug.utils.import_string django.utils.module_loading.* asteval.* RestrictedPython.*",
    ),
    (
        Native,
        "ctypes.* _ctypes.* cffi.* _cffi_backend.* numpy.ctypeslib.* torch.ops.load_library torch.classes.load_library \
         torch.utils.cpp_extension.* torch.utils.ffi.* tensorflow.load_op_library tensorflow.load_library \
         tensorflow.raw_ops.* pyximport.* cppyy.* cupy.RawKernel cupy.RawModule cupy.cuda.compiler.* pycuda.*
         mmap.mmap \
         torch.cuda._compile_kernel torch.cuda.cudart torch.utils._triton_ext.* torch._C._jit_* \
         onnxruntime.SessionOptions().register_custom_ops_library kernels.get_kernel
             sqlite3.connect().enable_load_extension",
    ),
    (
        Write,
        "os.remove os.unlink os.rename os.renames os.replace os.rmdir os.removedirs os.mkdir os.makedirs os.chmod \
         os.chown os.lchown os.symlink os.link os.truncate os.mkfifo os.mknod os.write os.ftruncate os.utime os.fchmod
         os.setxattr os.open \
         shutil.* distutils.file_util.* distutils.dir_util.* pathlib.Path().write_text pathlib.Path().write_bytes \
         pathlib.Path().unlink pathlib.Path().rmdir pathlib.Path().mkdir pathlib.Path().rename pathlib.Path().replace \
         pathlib.Path().touch pathlib.Path().chmod pathlib.Path().symlink_to pathlib.Path().hardlink_to \
         logging.FileHandler logging.handlers.RotatingFileHandler logging.handlers.TimedRotatingFileHandler \
         logging.handlers.WatchedFileHandler numpy.save numpy.savez numpy.savez_compressed numpy.savetxt numpy.memmap
         torch.save \
         joblib.dump safetensors.torch.save_file safetensors.torch.save_model safetensors.numpy.save_file \
         zipfile.ZipFile().extract zipfile.ZipFile().extractall zipfile.ZipFile().write zipfile.ZipFile().writestr \
         tarfile.open().extract tarfile.open().extractall tarfile.TarFile().extractall tarfile.TarFile().extract \
         tarfile.TarFile.open().extractall dbm.open sqlite3.connect winreg.* _winreg.* crontab.* \
         soundfile.write scipy.io.wavfile.write torchaudio.save cv2.imwrite imageio.imwrite py_compile.* compileall.* \
         fileinput.input pandas.DataFrame().to_csv pandas.DataFrame().to_pickle",
    ),
    (
        Read,
        "os.walk os.listdir os.scandir glob.glob glob.iglob pathlib.Path().read_text pathlib.Path().read_bytes \
         pathlib.Path().iterdir pathlib.Path().glob pathlib.Path().rglob pathlib.Path().open os.readlink linecache.*
         pwd.* grp.* spwd.* \
         keyring.* getpass.getuser fileinput.*",
    ),
    (Environment, "os.environ os.environb os.getenv os.getenvb os.putenv os.unsetenv dotenv.* decouple.* environs.*"),
    (
        Deserialise,
        "pickle.* _pickle.* cPickle.* dill.* cloudpickle.* joblib.load joblib.numpy_pickle.* shelve.* marshal.*
            jsonpickle.* \
         copyreg.* yaml.load yaml.load_all yaml.full_load yaml.full_load_all yaml.unsafe_load yaml.unsafe_load_all \
         ruamel.* torch.load torch.serialization.* torch.storage._load_from_bytes numpy.load pandas.read_pickle
         keras.models.load_model \
         keras.saving.* keras.layers.deserialize tensorflow.keras.models.load_model tensorflow.saved_model.load
         sklearn.externals.joblib.* \
         skops.io.load hickle.* compress_pickle.* klepto.* srsly.pickle_loads srsly.pickle_load \
         lightning.pytorch.LightningModule.load_from_checkpoint",
    ),
];

/// Modules through which everything can be reached: choosing one of their members by a computed name, or
/// handing them on, is dynamic code.
const SENSITIVE: &[&str] = &[
    "os",
    "posix",
    "nt",
    "sys",
    "subprocess",
    "builtins",
    "importlib",
    "ctypes",
    "pickle",
    "marshal",
    "socket",
    "shutil",
    "pty",
    "runpy",
    "code",
    "types",
    "_io",
    "gc",
    "inspect",
    "operator",
    "codecs",
    "urllib",
    "requests",
    "http",
    "multiprocessing",
    "sys.modules",
];

/// Modules that other modules carry as attributes (`random._os`, `torch.serialization.os`): a name that leads
/// through one of them is that module's.
const CARRIED: &[&str] = &[
    "os",
    "sys",
    "subprocess",
    "builtins",
    "importlib",
    "ctypes",
    "pickle",
    "marshal",
    "socket",
    "shutil",
    "posix",
    "pty",
    "runpy",
    "urllib",
    "requests",
    "tempfile",
    "pathlib",
    "inspect",
];

/// The table, turned around: by name, and by the name that everything below belongs to.
struct Index {
    exact: HashMap<&'static str, Option<Capability>>,
    below: HashMap<&'static str, Option<Capability>>,
    /// Names whose results have entries.
    results: HashSet<&'static str>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index { exact: HashMap::new(), below: HashMap::new(), results: HashSet::new() };
    let lists = TABLE.iter().map(|(capability, list)| (Some(*capability), *list));
    for (capability, list) in lists.chain([(None, PLAIN)]) {
        for entry in list.split_ascii_whitespace() {
            index.results.extend(entry.match_indices("()").filter_map(|(at, _)| entry.get(..at)));
            match entry.strip_suffix(".*") {
                Some(head) => index.below.insert(head, capability),
                None => index.exact.insert(entry, capability),
            };
        }
    }
    index
});

/// What using `path` does, if anything.
pub(crate) fn capability(path: &str) -> Option<Capability> {
    if let Some(found) = INDEX.exact.get(path) {
        return *found;
    }
    let last = path.rsplit('.').next().unwrap_or_default();
    if ["Error", "Exception", "Warning"].iter().any(|end| last.ends_with(end)) {
        return None;
    }
    // A module does nothing, its members do: the path itself is not a head.
    let mut end = path.rfind('.')?;
    loop {
        let head = path.get(..end)?;
        if let Some(found) = INDEX.below.get(head) {
            return *found;
        }
        end = head.rfind('.')?;
    }
}

/// Whether something is known of what a call of `path` gives.
pub(crate) fn has_result(path: &str) -> bool {
    let covered =
        || path.match_indices('.').any(|(at, _)| path.get(..at).is_some_and(|head| INDEX.below.contains_key(head)));
    INDEX.results.contains(path) || !path.contains("()") && covered()
}

/// Whether everything can be reached through the module `path`.
pub(crate) fn leads_out(path: &str) -> bool {
    SENSITIVE.contains(&path)
}

/// Whether modules carry a module of that name as an attribute, as a rule.
pub(crate) fn is_carried(name: &str) -> bool {
    CARRIED.contains(&name)
}

/// The usual name of what is known under several.
pub(crate) fn canonical(path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    let from = parts.iter().enumerate().skip(1).rev().find_map(|(at, part)| {
        let bare = part.trim_start_matches('_');
        // `socket.socket` is the class.
        let is_own = at.checked_sub(1).and_then(|before| parts.get(before)) == Some(part);
        (CARRIED.contains(&bare) && !is_own).then_some(at)
    });
    let rest: Vec<&str> = parts.get(from.unwrap_or(0)..).unwrap_or_default().to_vec();
    let mut name = rest.join(".");
    if from.is_some() {
        name = name.trim_start_matches('_').to_owned();
    }
    for (alias, usual) in ALIASES {
        if name == *alias {
            return (*usual).to_owned();
        }
        if let Some(rest) = name.strip_prefix(alias).and_then(|rest| rest.strip_prefix('.')) {
            return format!("{usual}.{rest}");
        }
    }
    name
}

/// Other names of modules and functions.
const ALIASES: &[(&str, &str)] = &[
    ("posix", "os"),
    ("nt", "os"),
    ("posixpath", "os.path"),
    ("ntpath", "os.path"),
    ("genericpath", "os.path"),
    ("__builtin__", "builtins"),
    ("_pickle", "pickle"),
    ("cPickle", "pickle"),
    ("_io", "io"),
    ("io.open", "builtins.open"),
    ("io.open_code", "builtins.open"),
    ("codecs.open", "builtins.open"),
    ("io.FileIO", "builtins.open"),
    ("tokenize.open", "builtins.open"),
    ("gzip.open", "builtins.open"),
    ("bz2.open", "builtins.open"),
    ("lzma.open", "builtins.open"),
    ("os.fdopen", "builtins.open"),
    ("aiofiles.open", "builtins.open"),
    ("pathlib.PosixPath", "pathlib.Path"),
    ("pathlib.WindowsPath", "pathlib.Path"),
    ("pathlib.PurePath", "pathlib.Path"),
    ("_operator", "operator"),
    ("_functools", "functools"),
    ("_codecs", "codecs"),
    ("importlib.__import__", "builtins.__import__"),
    ("importlib._bootstrap.__import__", "builtins.__import__"),
    ("importlib._bootstrap._gcd_import", "importlib.import_module"),
    ("imp.load_module", "importlib.machinery.load"),
    ("six.moves.builtins", "builtins"),
    ("torch.multiprocessing.Process", "multiprocessing.Process"),
    ("np", "numpy"),
    ("tensorflow.compat.v1", "tensorflow"),
    ("tensorflow.compat.v2", "tensorflow"),
    ("torchvision.datasets.utils.load_state_dict_from_url", "torch.hub.load_state_dict_from_url"),
];
