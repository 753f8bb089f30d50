//! What a dotted name imports: a class of a known library, a foreign one, or something that acts.

use super::paths::{Reach, reach};
use crate::knowledge::stdlib::is_stdlib;

/// Libraries that install, unpickle or run what they are given; no configuration names a class of theirs.
const ACTING: &str = "pip setuptools pkg_resources easy_install dill cloudpickle joblib jsonpickle IPython sh \
    plumbum fabric invoke paramiko pexpect pyautogui pynput requests httpx aiohttp urllib3 websocket websockets \
    cffi numba cupyx pythoncom win32api win32com huggingface_hub fsspec";

/// Modules inside known libraries that build, fetch, unpickle or run.
const ACTING_INSIDE: &str = "torch.hub torch.package torch.jit torch.utils.cpp_extension torch.utils.collect_env \
    torch.utils.bottleneck torch.serialization torch.storage torch.load torch.save torch.compile torch._inductor \
    torch._dynamo torch.distributed torch.multiprocessing torch.fx torch.ops torch.classes torch.library \
    numpy.f2py numpy.distutils numpy.testing numpy.ctypeslib numpy.load numpy.lib pandas.eval pandas.io \
    transformers.dynamic_module_utils transformers.pipeline transformers.utils transformers.commands \
    diffusers.utils diffusers.commands sentence_transformers.util";

/// What importing a name comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Import {
    /// A name of a foreign library, or of a module of the repository.
    Foreign,
    /// Nothing that can be imported under that name alone; with the reason.
    Unsupported(&'static str),
    /// Something that acts, or a way round; with the reason.
    Acts(&'static str),
}

/// What importing the dotted name `name` comes to.
pub(crate) fn import(name: &str) -> Import {
    if let Reach::Outside(why) = reach(name)
        && !name.is_empty()
    {
        return Import::Acts(why);
    }
    let parts: Vec<&str> = name.split('.').collect();
    let root = parts.first().copied().unwrap_or_default();
    if parts.iter().any(|part| part.starts_with("__")) && name != "__main__" {
        return Import::Acts("it refers to Python internals");
    }
    if !parts.iter().all(|part| is_identifier(part)) {
        return Import::Unsupported("it is not a dotted name");
    }
    if root.starts_with('_') && root != "__main__" {
        return Import::Acts("it is a private module");
    }
    if is_stdlib(root) {
        return Import::Acts("it is a module of Python's standard library");
    }
    if listed(ACTING, root) || ACTING_INSIDE.split_whitespace().any(|module| below(name, module)) {
        return Import::Acts("it is a module that downloads, unpickles or executes");
    }
    Import::Foreign
}

fn listed(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|entry| entry == name)
}

/// Whether `name` is `module` or something in it.
pub(crate) fn below(name: &str, module: &str) -> bool {
    name.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether Python takes `text` for an identifier, as far as ASCII goes.
pub(crate) fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether `text` names a public class.
pub(crate) fn is_class(text: &str) -> bool {
    is_identifier(text) && text.starts_with(|c: char| c.is_ascii_uppercase())
}
