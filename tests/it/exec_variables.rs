//! The variables that the Python libraries read: the table of `exec` knows each of them.

use crate::peers::{SCRIPTS, python};
use crate::sandbox::succeed;
use modelpin_ops::exec::TABLE;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Names that look as if they led somewhere, and what they are.
const HARMLESS: &[(&str, &[&str])] = &[
    (
        "switches, numbers and words",
        &[
            "DIFFUSERS_GGUF_CUDA_KERNELS",
            "FSDP_IGNORED_MODULES",
            "FSDP_SYNC_MODULE_STATES",
            "HABANA_VISIBLE_MODULES",
            "HF_HUB_DISABLE_EXPERIMENTAL_WARNING",
            "HF_HUB_DISABLE_PROGRESS_BARS",
            "HF_HUB_DISABLE_SHARED_BLOBS",
            "HF_HUB_DISABLE_SYMLINKS",
            "HF_HUB_DISABLE_SYMLINKS_WARNING",
            "HF_HUB_DISABLE_UPDATE_CHECK",
            "HF_HUB_DISABLE_XET",
            "HF_HUB_DOWNLOAD_TIMEOUT",
            "HF_HUB_ENABLE_HF_TRANSFER",
            "HF_HUB_ETAG_TIMEOUT",
            "HF_HUB_USER_AGENT_ORIGIN",
            "HF_HUB_VERBOSITY",
            "SM_FRAMEWORK_MODULE",
            "USE_HUB_KERNELS",
        ],
    ),
    (
        "places of other programs, and for what is written",
        &[
            "ACCELERATE_DEEPSPEED_OFFLOAD_OPTIMIZER_NVME_PATH",
            "ACCELERATE_DEEPSPEED_OFFLOAD_PARAM_NVME_PATH",
            "CLAUDE_CONFIG_DIR",
            "CUDA_HOME",
            "CUDA_PATH",
            "NETWORK_DEBUG_REPORT_PATH",
            "TENSORBOARD_LOGGING_DIR",
        ],
    ),
    (
        "a CI's own, of no use without HF_OIDC_RESOURCE and a network",
        &["ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"],
    ),
    ("names in Python, not variables", &["HUGGINGFACE_CO_URL_HOME"]),
];

#[test]
fn the_table_knows_every_variable_of_the_libraries() {
    let wheels = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wheels");
    let list = std::fs::read_to_string(format!("{SCRIPTS}/sources.txt")).unwrap();
    let lock = std::fs::File::create(wheels.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let ready = wheels.join("ready");
    if std::fs::read_to_string(&ready).ok().as_ref() != Some(&list) {
        let _ = std::fs::remove_dir_all(&wheels);
        // One at a time: some are there in two versions.
        for wanted in list.lines() {
            let download = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest"];
            succeed(Command::new(python()).args(download).arg(&wheels).arg(wanted));
        }
        std::fs::write(&ready, &list).unwrap();
    }
    let mut command = Command::new(python());
    command.arg(format!("{SCRIPTS}/variables.py"));
    let files = wheels.read_dir().unwrap().map(|entry| entry.unwrap().path());
    command.args(files.filter(|path| path.extension().is_some_and(|suffix| suffix == "whl")));
    let library = python().parent().unwrap().parent().unwrap().join("lib");
    let library = library.read_dir().unwrap().next().unwrap().unwrap().path().join("site-packages");
    let installed = ["datasets", "hf_xet", "huggingface_hub", "safetensors", "tokenizers", "transformers"];
    command.args(installed.map(|name| library.join(name)).into_iter().filter(|path| path.is_dir()));
    let said = String::from_utf8(succeed(&mut command).stdout).unwrap();
    let found: BTreeMap<&str, &str> = said.lines().map(|line| line.split_once(' ').unwrap()).collect();
    let harmless: BTreeSet<&str> = HARMLESS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let known: BTreeSet<&str> = TABLE.iter().map(|variable| variable.name).collect();
    let is_known = |name: &str| known.contains(name) || harmless.contains(name) || name.ends_with("_MODULES_MAPPING");
    let unknown: Vec<_> = found.iter().filter(|(name, _)| !is_known(name)).collect();
    assert!(unknown.is_empty(), "these have to be in the table, or among what is harmless: {unknown:#?}");
    let idle: Vec<_> = harmless.iter().filter(|name| !found.contains_key(**name) || known.contains(**name)).collect();
    assert!(idle.is_empty(), "these are in no library, or in the table: {idle:?}");
    for name in ["HF_HOME", "HF_TOKEN", "HF_MODULES_CACHE", "SENTENCE_TRANSFORMERS_HOME", "XDG_CACHE_HOME"] {
        assert!(found.contains_key(name), "{name} is not found any more");
    }
}
