//! Environment variables and lists of Python that decide what is loaded, and from where.

/// Variables that have this program, or those that it starts, load something else, or fetch it from elsewhere.
/// Sources: ld.so(8), dyld(1), bash(1), git(1); "Command line and environment" of Python; the configuration pages of pip,
/// uv and conda, of curl, OpenSSL and Requests; `huggingface_hub/constants.py`; `torch/serialization.py`.
const LOADERS: &str = "LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT LD_DEBUG_OUTPUT LD_ORIGIN_PATH LD_PROFILE GCONV_PATH \
    DYLD_INSERT_LIBRARIES DYLD_LIBRARY_PATH DYLD_FRAMEWORK_PATH DYLD_FALLBACK_LIBRARY_PATH DYLD_ROOT_PATH \
    PYTHONPATH PYTHONSTARTUP PYTHONHOME PYTHONUSERBASE PYTHONBREAKPOINT PYTHONINSPECT PYTHONEXECUTABLE \
    PYTHONPLATLIBDIR PYTHONWARNINGS PYTHONPYCACHEPREFIX PYTHONSAFEPATH PYTHON_PRESITE PYTHON_BASIC_REPL \
    BASH_ENV ENV PROMPT_COMMAND SHELLOPTS BASHOPTS IFS CDPATH PATH PERL5LIB PERL5OPT PERL5DB RUBYOPT RUBYLIB \
    NODE_OPTIONS NODE_PATH JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS CLASSPATH LUA_INIT \
    EDITOR VISUAL PAGER MANPAGER BROWSER LESSOPEN SHELL \
    HTTP_PROXY HTTPS_PROXY ALL_PROXY FTP_PROXY WS_PROXY WSS_PROXY SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE \
    CURL_CA_BUNDLE CURL_HOME NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED SSLKEYLOGFILE OPENSSL_CONF \
    OPENSSL_ENGINES OPENSSL_MODULES WGETRC NETRC \
    CC CXX CUDAHOSTCXX NVCC NVCC_PREPEND_FLAGS NVCC_APPEND_FLAGS LDSHARED TRITON_PTXAS_PATH \
    TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD TORCH_EXTENSIONS_DIR TORCH_DEVICE_BACKEND_AUTOLOAD \
    TRUST_REMOTE_CODE TRANSFORMERS_TRUST_REMOTE_CODE DIFFUSERS_TRUST_REMOTE_KERNELS HF_ENDPOINT \
    HF_INFERENCE_ENDPOINT HF_HUB_TRUST_REMOTE_CODE HF_DATASETS_TRUST_REMOTE_CODE HF_HUB_DISABLE_SSL_VERIFICATION \
    HF_TOKEN_PATH HF_MODULES_CACHE HUGGINGFACE_CO_RESOLVE_ENDPOINT MODELSCOPE_DOMAIN KERAS_HOME KERAS_BACKEND_PATH \
    TF_OP_LIBRARY_PATH CONDA_CHANNELS CONDARC";

/// How the names of families of such variables begin.
const FAMILIES: &[&str] =
    &["PIP_", "UV_", "POETRY_REPOSITORIES_", "POETRY_HTTP_", "GIT_", "NPM_CONFIG_", "BASH_FUNC_", "CONDA_CHANNEL_"];

/// Of those families, and of Git's that say who commits and how much is shown: settings without reach.
const HARMLESS: &[&str] = &[
    "GIT_LFS_SKIP_SMUDGE",
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_TERMINAL_PROMPT",
    "GIT_PYTHON_REFRESH",
    "GIT_TRACE",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "PIP_NO_INPUT",
    "PIP_NO_COLOR",
    "PIP_ROOT_USER_ACTION",
    "PIP_NO_CACHE_DIR",
    "PIP_QUIET",
];

/// Whether setting the variable `name` decides what is loaded, or from where. Proxies go in small letters too.
pub(crate) fn is_loader(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let is_family = FAMILIES.iter().any(|head| name.starts_with(head)) && !HARMLESS.contains(&name.as_str());
    is_family || LOADERS.split_ascii_whitespace().any(|known| known == name)
}

/// What a change of a list of Python's does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registry {
    /// Where modules are looked for.
    SearchPath,
    /// Who finds and loads them.
    Hooks,
    /// Which ones there are.
    Modules,
    /// The environment.
    Environment,
    /// The defaults or the code of a function of a library.
    Function,
}

/// Whether `path` is a list or table through which Python is steered.
pub(crate) fn registry(path: &str) -> Option<Registry> {
    match path {
        "sys.path" => Some(Registry::SearchPath),
        "sys.meta_path" | "sys.path_hooks" | "sys.path_importer_cache" => Some(Registry::Hooks),
        "sys.modules" => Some(Registry::Modules),
        "os.environ" | "os.environb" => Some(Registry::Environment),
        _ => match path.rsplit_once('.')?.1 {
            "__path__" => Some(Registry::SearchPath),
            "__kwdefaults__" | "__defaults__" | "__code__" => Some(Registry::Function),
            _ => None,
        },
    }
}

/// Whether a method of that name changes the list or table that it is a method of.
pub(crate) fn changes(method: &str) -> bool {
    matches!(
        method,
        "append"
            | "insert"
            | "extend"
            | "update"
            | "setdefault"
            | "__setitem__"
            | "__iadd__"
            | "__ior__"
            | "__imul__"
            | "__init__"
    )
}

#[cfg(test)]
mod tests {
    use super::is_loader;

    #[test]
    fn variables_that_load_are_told_from_settings() {
        for name in ["LD_PRELOAD", "https_proxy", "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "GIT_SSH_COMMAND", "HF_ENDPOINT"]
        {
            assert!(is_loader(name), "{name}");
        }
        for name in
            ["CUDA_VISIBLE_DEVICES", "TOKENIZERS_PARALLELISM", "HF_HOME", "GIT_LFS_SKIP_SMUDGE", "PYTHONHASHSEED"]
        {
            assert!(!is_loader(name), "{name}");
        }
    }
}
