//! Statements: what they bind, and when what is in them happens.

use super::value::{Set, Value};
use super::walk::{Certainty, Cursor, Effect, MAIN, MODULE, Walker, plain};
use crate::engine::Capability;
use crate::engine::FileReference;
use crate::knowledge::python::{capabilities, libraries};
use modelpin_rules::code;
use ruff_python_ast::{
    Decorator, ExceptHandler, Expr, Parameters, Pattern, Stmt, StmtClassDef, StmtFunctionDef, StmtIf, StmtImport,
    StmtImportFrom,
};
use ruff_text_size::Ranged;

impl Walker<'_, '_> {
    pub(super) fn body(&mut self, body: &[Stmt]) {
        for stmt in body {
            if !self.step() {
                return;
            }
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => self.def(def),
            Stmt::ClassDef(def) => self.class_def(def),
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::If(branch) => self.if_(branch),
            Stmt::Assign(assign) => {
                let value = self.expr(&assign.value);
                for target in &assign.targets {
                    self.assign(target, &value);
                }
            }
            Stmt::AugAssign(assign) => {
                let left = self.quietly(&assign.target);
                let right = self.expr(&assign.value);
                let value = super::fold::binary(&left, assign.op, &right);
                self.assigned(&left, None, &right, assign);
                self.assign(&assign.target, &value);
            }
            Stmt::AnnAssign(assign) => {
                self.annotation(&assign.annotation);
                if let Some(value) = &assign.value {
                    let value = self.expr(value);
                    self.assign(&assign.target, &value);
                }
            }
            Stmt::Return(stmt) => {
                let value = stmt.value.as_ref().map_or_else(Set::default, |value| self.expr(value));
                self.gives(self.cursor.owner, &value);
            }
            Stmt::Delete(stmt) => {
                for target in &stmt.targets {
                    if let (Expr::Name(name), Some(scope)) = (target, self.scopes.get_mut(self.cursor.scope)) {
                        scope.since.insert(plain(&name.id), u32::MAX);
                    }
                    self.quietly(target);
                }
            }
            Stmt::Global(stmt) => self.outer(&stmt.names),
            Stmt::Nonlocal(stmt) => self.outer(&stmt.names),
            Stmt::Expr(stmt) => {
                self.expr(&stmt.value);
            }
            Stmt::TypeAlias(stmt) => {
                self.quietly(&stmt.value);
            }
            Stmt::Raise(stmt) => {
                for expr in stmt.exc.iter().chain(&stmt.cause) {
                    self.expr(expr);
                }
            }
            Stmt::Assert(stmt) => {
                self.expr(&stmt.test);
                stmt.msg.iter().for_each(|msg| {
                    self.expr(msg);
                });
            }
            Stmt::For(_) | Stmt::While(_) | Stmt::With(_) | Stmt::Match(_) | Stmt::Try(_) => self.compound(stmt),
            Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) | Stmt::IpyEscapeCommand(_) => {}
        }
    }

    fn compound(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::For(stmt) => {
                let over = self.expr(&stmt.iter).elements();
                self.branch(|walker| {
                    walker.assign(&stmt.target, &over);
                    walker.body(&stmt.body);
                    walker.body(&stmt.orelse);
                });
            }
            Stmt::While(stmt) => {
                self.expr(&stmt.test);
                self.branch(|walker| {
                    walker.body(&stmt.body);
                    walker.body(&stmt.orelse);
                });
            }
            Stmt::With(stmt) => {
                for item in &stmt.items {
                    let value = self.expr(&item.context_expr);
                    self.used(&value);
                    if let Some(target) = &item.optional_vars {
                        self.assign(target, &value);
                    }
                }
                self.body(&stmt.body);
            }
            Stmt::Match(stmt) => {
                let subject = self.expr(&stmt.subject);
                self.branch(|walker| {
                    for case in &stmt.cases {
                        walker.pattern(&case.pattern, &subject);
                        if let Some(guard) = &case.guard {
                            walker.expr(guard);
                        }
                        walker.body(&case.body);
                    }
                });
            }
            Stmt::Try(stmt) => self.branch(|walker| {
                walker.body(&stmt.body);
                for ExceptHandler::ExceptHandler(handler) in &stmt.handlers {
                    if let Some(kind) = &handler.type_ {
                        walker.quietly(kind);
                    }
                    if let Some(name) = &handler.name {
                        walker.bind(&plain(name), &Set::unknown(), handler);
                    }
                    walker.body(&handler.body);
                }
                walker.body(&stmt.orelse);
                walker.body(&stmt.finalbody);
            }),
            _ => {}
        }
    }

    fn outer(&mut self, names: &[ruff_python_ast::Identifier]) {
        if let Some(scope) = self.scopes.get_mut(self.cursor.scope).filter(|scope| !scope.is_module) {
            scope.outer.extend(names.iter().map(|name| plain(name)));
        }
    }

    fn pattern(&mut self, pattern: &Pattern, subject: &Set) {
        let mut inner = subject.clone();
        inner.join(&subject.elements());
        match pattern {
            Pattern::MatchValue(pattern) => {
                self.quietly(&pattern.value);
            }
            Pattern::MatchSequence(all) => all.patterns.iter().for_each(|pattern| self.pattern(pattern, &inner)),
            Pattern::MatchMapping(all) => all.patterns.iter().for_each(|pattern| self.pattern(pattern, &inner)),
            Pattern::MatchClass(class) => {
                let patterns = class.arguments.patterns.iter();
                let named = class.arguments.keywords.iter().map(|keyword| &keyword.pattern);
                patterns.chain(named).for_each(|pattern| self.pattern(pattern, &inner));
            }
            Pattern::MatchStar(star) => star.name.iter().for_each(|name| self.bind(&plain(name), &inner, star)),
            Pattern::MatchAs(as_) => {
                as_.name.iter().for_each(|name| self.bind(&plain(name), &inner, as_));
                as_.pattern.iter().for_each(|pattern| self.pattern(pattern, subject));
            }
            Pattern::MatchOr(all) => all.patterns.iter().for_each(|pattern| self.pattern(pattern, subject)),
            Pattern::MatchSingleton(_) => {}
        }
    }

    fn if_(&mut self, stmt: &StmtIf) {
        let test = self.quietly(&stmt.test);
        let is_typing = matches!(test.one(), Some(Value::Path(path)) if &**path == "typing.TYPE_CHECKING");
        let is_main = self.is_main_guard(&stmt.test);
        if !is_typing {
            self.expr(&stmt.test);
        }
        // What is for type checkers and for the command line is not done on import.
        let owner = if (is_typing || is_main) && self.cursor.owner == MODULE { MAIN } else { self.cursor.owner };
        self.at(Cursor { owner, is_branch: true, ..self.cursor }, |walker| walker.body(&stmt.body));
        self.branch(|walker| {
            for clause in &stmt.elif_else_clauses {
                if let Some(test) = &clause.test {
                    walker.expr(test);
                }
                walker.body(&clause.body);
            }
        });
    }

    /// `__name__ == "__main__"`, with a `__name__` that nobody has changed.
    fn is_main_guard(&self, test: &Expr) -> bool {
        let Expr::Compare(compare) = test else { return false };
        let is_name = |expr: &Expr| matches!(expr, Expr::Name(name) if name.id.as_str() == "__name__");
        let is_main = |expr: &Expr| matches!(expr, Expr::StringLiteral(text) if text.value.to_str() == "__main__");
        let sides = (&*compare.left, compare.comparators.first());
        let fits = matches!(sides, (a, Some(b)) if is_name(a) && is_main(b) || is_main(a) && is_name(b));
        let is_own = self.scopes.iter().all(|scope| !scope.names.contains_key("__name__"));
        fits && is_own && compare.ops.first() == Some(&ruff_python_ast::CmpOp::Eq) && compare.ops.len() == 1
    }

    fn annotation(&mut self, annotation: &Expr) {
        let owner = if self.postponed && self.cursor.owner == MODULE { MAIN } else { self.cursor.owner };
        self.at(Cursor { owner, ..self.cursor }, |walker| walker.quietly(annotation));
    }

    /// Decorators, defaults and annotations: done where the function is defined.
    fn signature(&mut self, parameters: &Parameters, scope: usize) {
        let all = parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs);
        for parameter in all {
            let value = parameter.default.as_ref().map_or_else(Set::unknown, |default| {
                let mut value = self.expr(default);
                value.add(Value::Unknown);
                value
            });
            self.bind_in(scope, &plain(&parameter.parameter.name), &value);
            if let Some(annotation) = &parameter.parameter.annotation {
                self.annotation(annotation);
            }
        }
        for rest in parameters.vararg.iter().chain(&parameters.kwarg) {
            self.bind_in(scope, &plain(&rest.name), &Set::unknown());
            if let Some(annotation) = &rest.annotation {
                self.annotation(annotation);
            }
        }
    }

    /// Calls each decorator with what it decorates; what the name stands for afterwards.
    fn decorated(&mut self, decorators: &[Decorator], value: Set) -> Set {
        let mut all = value.clone();
        for decorator in decorators.iter().rev() {
            let callee = self.callee(&decorator.expression);
            let result = self.invoke(&callee, std::slice::from_ref(&value), &[], decorator);
            all.join(&result.significant());
        }
        all
    }

    pub(super) fn signature_of_lambda(&mut self, parameters: Option<&Parameters>, scope: usize) {
        if let Some(parameters) = parameters {
            self.signature(parameters, scope);
        }
    }

    fn def(&mut self, def: &StmtFunctionDef) {
        let id = self.func_at(def.range.start().to_u32(), Some(&def.parameters));
        let scope = self.func(id).map_or(0, |func| func.scope);
        self.signature(&def.parameters, scope);
        if let Some(returns) = &def.returns {
            self.annotation(returns);
        }
        let name = plain(&def.name);
        let value = self.decorated(&def.decorator_list, Set::of(Value::Func(id)));
        self.bind(&name, &value, def);
        let class =
            self.cursor.class.filter(|_| self.scopes.get(self.cursor.scope).is_some_and(|scope| scope.is_class));
        if let Some(class) = class {
            self.methods.entry(name.clone()).or_default().insert(id);
            let first = def.parameters.posonlyargs.iter().chain(&def.parameters.args).next();
            let is_static = def.decorator_list.iter().any(
                |decorator| matches!(&decorator.expression, Expr::Name(name) if name.id.as_str() == "staticmethod"),
            );
            if let Some(first) = first.filter(|_| !is_static) {
                self.bind_in(scope, &plain(&first.parameter.name), &Set::of(Value::Object(class)));
            }
            if let Some(func) = self.func(id) {
                func.is_method = !is_static;
                func.is_decorated = !def.decorator_list.is_empty();
            }
            if matches!(name.as_str(), "__reduce__" | "__reduce_ex__") {
                self.event(def, Effect::Rule(&code::CODE_REDUCE), Certainty::Certain, &name);
            }
        }
        // Reading a name that a module does not have calls this.
        if self.cursor.scope == 0 && matches!(name.as_str(), "__getattr__" | "__dir__") {
            self.calls(id);
        }
        let cursor = Cursor { scope, owner: id, class: None, is_branch: false };
        self.at(cursor, |walker| walker.body(&def.body));
    }

    fn class_def(&mut self, def: &StmtClassDef) {
        let id = self.class_at(def.range.start().to_u32());
        let mut bases = Set::default();
        if let Some(arguments) = &def.arguments {
            for base in &arguments.args {
                let base = self.expr(base);
                self.subclassed(&base);
                bases.join(&base.significant());
            }
            for keyword in &arguments.keywords {
                let value = self.expr(&keyword.value);
                self.used(&value);
            }
        }
        if let Some(class) = usize::try_from(id).ok().and_then(|id| self.classes.get_mut(id)) {
            let changed = class.bases.join(&bases);
            self.changed |= changed;
        }
        let scope = self.class(id).map_or(0, |class| class.scope);
        let cursor = Cursor { scope, class: Some(id), is_branch: false, ..self.cursor };
        self.at(cursor, |walker| walker.body(&def.body));
        self.class_attributes(scope, def);
        let value = self.decorated(&def.decorator_list, Set::of(Value::Class(id)));
        self.bind(&plain(&def.name), &value, def);
    }

    /// Python itself calls some attributes of a class: those that it calls as the class is made, and those that
    /// stand for operators.
    fn class_attributes(&mut self, scope: usize, def: &StmtClassDef) {
        let names = self.scopes.get(scope).map(|scope| scope.names.clone()).unwrap_or_default();
        for (name, value) in names {
            let owned = value.0.iter().any(|value| matches!(value, Value::Object(_)));
            if owned {
                self.used_for(&value, &["__set_name__"]);
            }
            let is_hook = name.starts_with("__") && name.ends_with("__") && name.len() > 4;
            let acting = value.paths().find(|path| capabilities::capability(path).is_some()).map(str::to_owned);
            if let Some((path, capability)) =
                acting.filter(|_| is_hook).and_then(|path| capabilities::capability(&path).map(|found| (path, found)))
            {
                self.act(def, capability, Certainty::Certain, &format!("{path} as {name}"));
            }
        }
    }

    fn known(&mut self, module: &str, at: &impl Ranged) {
        if !libraries::is_known(module) {
            let first = module.split('.').next().unwrap_or_default().to_owned();
            self.event(at, Effect::Rule(&code::CODE_FOREIGN_IMPORT), Certainty::Certain, &first);
        }
    }

    fn import(&mut self, import: &StmtImport) {
        for alias in &import.names {
            let module = plain(&alias.name);
            self.known(&module, import);
            self.imported(&module, import);
            let first = module.split('.').next().unwrap_or_default();
            let (name, path) = alias
                .asname
                .as_ref()
                .map_or_else(|| (first.to_owned(), first.to_owned()), |name| (plain(name), module.clone()));
            self.bind(&name, &Set::path(&capabilities::canonical(&path)), import);
        }
    }

    /// Modules that act as soon as they are imported.
    pub(super) fn imported(&mut self, module: &str, at: &impl Ranged) {
        if matches!(module, "antigravity" | "this" | "pip" | "ensurepip" | "idlelib.idle") || module.starts_with("pip.")
        {
            self.act(at, Capability::Process, Certainty::Mentioned, module);
        }
    }

    fn import_from(&mut self, import: &StmtImportFrom) {
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
                let module = if module.is_empty() { name.clone() } else { module.clone() };
                self.file_reference(import.level, &module);
                let bound = alias.asname.as_ref().map_or_else(|| name.clone(), |name| plain(name));
                let is_carried = capabilities::is_carried(&name);
                let value = if is_carried { Set::path(&capabilities::canonical(&name)) } else { Set::unknown() };
                self.bind(&bound, &value, import);
            } else if name == "*" {
                self.star(module.clone());
                if capabilities::leads_out(&capabilities::canonical(&module)) {
                    self.event(
                        import,
                        Effect::Rule(&code::CODE_STAR_IMPORT),
                        Certainty::Certain,
                        &format!("from {module} import *"),
                    );
                }
            } else {
                let path = capabilities::canonical(&format!("{module}.{name}"));
                let bound = alias.asname.as_ref().map_or_else(|| name.clone(), |name| plain(name));
                self.bind(&bound, &Set::path(&path), import);
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
