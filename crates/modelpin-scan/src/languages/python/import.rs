//! Imports: what names stand for afterwards, and which files of the repository they lead to.

use super::value::{Set, sibling};
use super::walk::{Certainty, Effect, MODULE, Walker, plain};
use crate::engine::{Capability, FileReference};
use crate::knowledge::python::libraries;
use crate::knowledge::views::python;
use modelpin_rules::code;
use ruff_python_ast::{StmtImport, StmtImportFrom};
use ruff_text_size::Ranged;

impl Walker<'_, '_> {
    fn known(&mut self, module: &str, at: &impl Ranged) {
        if !libraries::is_known(module) {
            let first = module.split('.').next().unwrap_or_default().to_owned();
            self.event(at, Effect::Rule(&code::CODE_FOREIGN_IMPORT), Certainty::Certain, &first);
        }
    }

    pub(super) fn import(&mut self, import: &StmtImport) {
        for alias in &import.names {
            let module = plain(&alias.name);
            self.known(&module, import);
            self.imported(&module, import);
            let first = module.split('.').next().unwrap_or_default();
            let (name, path) = alias
                .asname
                .as_ref()
                .map_or_else(|| (first.to_owned(), first.to_owned()), |name| (plain(name), module.clone()));
            self.bind(&name, &Set::path(&python::canonical(&path)), import);
        }
    }

    /// Modules that act as soon as they are imported.
    pub(super) fn imported(&mut self, module: &str, at: &impl Ranged) {
        if matches!(module, "antigravity" | "this" | "pip" | "ensurepip" | "idlelib.idle") || module.starts_with("pip.")
        {
            self.act(at, Capability::Process, Certainty::Mentioned, module);
        }
    }

    pub(super) fn import_from(&mut self, import: &StmtImportFrom) {
        let module = import.module.as_ref().map(|module| plain(module)).unwrap_or_default();
        if import.level == 0 {
            if module == "__future__" {
                self.postponed |= import.names.iter().any(|alias| alias.name.as_str() == "annotations");
                return;
            }
            self.known(&module, import);
            self.imported(&module, import);
        }
        for alias in &import.names {
            let name = plain(&alias.name);
            if import.level > 0 {
                if name == "*" {
                    self.star(".".to_owned());
                    continue;
                }
                let module = if module.is_empty() { name.clone() } else { module.clone() };
                self.file_reference(import.level, &module);
                let bound = alias.asname.as_ref().map_or_else(|| name.clone(), |name| plain(name));
                let is_carried = python::is_carried(&name);
                let value = if is_carried {
                    Set::path(&python::canonical(&name))
                } else {
                    Set::of(sibling(&format!(".{module}.{name}")))
                };
                self.bind(&bound, &value, import);
            } else if name == "*" {
                self.star(module.clone());
                if python::leads_out(&python::canonical(&module)) {
                    self.event(
                        import,
                        Effect::Rule(&code::CODE_STAR_IMPORT),
                        Certainty::Certain,
                        &format!("from {module} import *"),
                    );
                }
            } else {
                let path = python::canonical(&format!("{module}.{name}"));
                let value = if name.starts_with("__") {
                    self.attribute(&Set::path(&python::canonical(&module)), &name, import)
                } else {
                    Set::path(&path)
                };
                let bound = alias.asname.as_ref().map_or_else(|| name.clone(), |name| plain(name));
                // Another module may take it from here, under a name that says nothing.
                let acting = python::capability(&path).filter(|what| *what != Capability::Environment);
                if let Some(capability) = acting.filter(|_| bound != name && self.cursor.owner == MODULE) {
                    self.act(import, capability, Certainty::Mentioned, &format!("{path} as {bound}"));
                }
                self.bind(&bound, &value, import);
            }
        }
    }

    /// Another module of the repository, `level` folders up from this one.
    pub(super) fn file_reference(&mut self, level: u32, module: &str) {
        if !self.recording {
            return;
        }
        let mut folder: Vec<&str> = self.path.split('/').collect();
        for _ in 0..level {
            if folder.pop().is_none() {
                return;
            }
        }
        let mut parts: Vec<String> = folder.into_iter().map(str::to_owned).collect();
        parts.extend(module.split('.').map(str::to_owned));
        self.scan.reference_file(FileReference::Code(format!("{}.py", parts.join("/"))));
    }
}
