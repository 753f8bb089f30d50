//! Statements: what they bind, and when what is in them happens.

use super::groups::Hooks;
use super::value::{Set, Value};
use super::walk::{Certainty, Cursor, Effect, MAIN, MODULE, Walker, plain};
use crate::engine::Capability;
use crate::knowledge::views::python;
use modelpin_rules::code;
use ruff_python_ast::{
    Decorator, ExceptHandler, Expr, Keyword, Parameters, Pattern, PatternMatchClass, Stmt, StmtClassDef,
    StmtFunctionDef, StmtIf, TypeParam, TypeParams,
};
use ruff_text_size::Ranged;

/// How many values of an enumeration are followed that act.
const ENUMERATED: usize = 32;

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
                let value = self.operated(&left, assign.op, &right);
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
                    let of = self.quietly(target);
                    self.used(&of);
                    if let Expr::Subscript(subscript) = target {
                        // The others move.
                        let mut all = self.quietly(&subscript.value).carried();
                        if !all.0.is_empty() {
                            all.add(Value::Unknown);
                            self.put_into(&subscript.value, &all);
                        }
                    }
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
                let over = self.expr(&stmt.iter);
                let over = self.iterated(&over);
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
                    let mut value = self.expr(&item.context_expr);
                    self.used(&value);
                    let entered = self.results_of(&value, &["__enter__", "__aenter__"]);
                    value.join(&entered);
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
        if !self.step() {
            return;
        }
        match pattern {
            Pattern::MatchValue(pattern) => {
                self.quietly(&pattern.value);
            }
            Pattern::MatchSequence(all) => {
                let mut inner = subject.clone();
                inner.join(&self.iterated(subject));
                all.patterns.iter().for_each(|pattern| self.pattern(pattern, &inner));
            }
            Pattern::MatchMapping(all) => {
                for (key, pattern) in all.keys.iter().zip(&all.patterns) {
                    let key = self.quietly(key);
                    let item = self.subscript(subject, &key, pattern);
                    self.pattern(pattern, &item);
                }
                let mut rest = subject.carried();
                rest.add(Value::Unknown);
                all.rest.iter().for_each(|name| self.bind(&plain(name), &rest, all));
            }
            Pattern::MatchClass(class) => self.class_pattern(class, subject),
            Pattern::MatchStar(star) => {
                let rest = Set::seq(vec![subject.clone()]);
                star.name.iter().for_each(|name| self.bind(&plain(name), &rest, star));
            }
            Pattern::MatchAs(as_) => {
                as_.name.iter().for_each(|name| self.bind(&plain(name), subject, as_));
                as_.pattern.iter().for_each(|pattern| self.pattern(pattern, subject));
            }
            Pattern::MatchOr(all) => all.patterns.iter().for_each(|pattern| self.pattern(pattern, subject)),
            Pattern::MatchSingleton(_) => {}
        }
    }

    /// `case Class(first, name=second)`: attributes of the subject. Those by position are named by the class, or are the
    /// subject itself.
    fn class_pattern(&mut self, class: &PatternMatchClass, subject: &Set) {
        let of = self.quietly(&class.cls);
        self.used(&of);
        let names = self.attribute(&of, "__match_args__", class).elements();
        for pattern in &class.arguments.patterns {
            let mut value = subject.clone();
            for name in names.texts().map(str::to_owned).collect::<Vec<_>>() {
                value.join(&self.attribute(subject, &name, pattern));
            }
            self.pattern(pattern, &value);
        }
        for keyword in &class.arguments.keywords {
            let value = self.attribute(subject, &plain(&keyword.attr), keyword);
            self.pattern(&keyword.pattern, &value);
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
        fits && !self.is_renamed && compare.ops.first() == Some(&ruff_python_ast::CmpOp::Eq) && compare.ops.len() == 1
    }

    fn annotation(&mut self, annotation: &Expr) {
        let owner = if self.postponed && self.cursor.owner == MODULE { MAIN } else { self.cursor.owner };
        self.at(Cursor { owner, ..self.cursor }, |walker| walker.quietly(annotation));
        // Libraries that look at annotations evaluate those that are texts.
        if let Expr::StringLiteral(text) = annotation
            && text.value.to_str().contains('(')
        {
            self.event(
                annotation,
                Effect::Rule(&code::CODE_UNRESOLVED_CALL),
                Certainty::OnImport,
                "an annotation that is a text and calls something",
            );
        }
    }

    /// Bounds and defaults of type parameters (PEP 695, PEP 696): evaluated by whoever asks for them.
    fn type_params(&mut self, params: Option<&TypeParams>) {
        for param in params.into_iter().flat_map(|params| &params.type_params) {
            let (bound, default) = match param {
                TypeParam::TypeVar(param) => (param.bound.as_ref(), param.default.as_ref()),
                TypeParam::TypeVarTuple(param) => (None, param.default.as_ref()),
                TypeParam::ParamSpec(param) => (None, param.default.as_ref()),
            };
            for expr in bound.into_iter().chain(default) {
                self.quietly(expr);
            }
        }
    }

    /// Decorators, defaults and annotations: done where the function is defined.
    fn signature(&mut self, parameters: &Parameters, scope: usize) {
        let all = parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs);
        for parameter in all {
            let mut value = Set::of(Value::Caller);
            if let Some(default) = &parameter.default {
                value.join(&self.expr(default));
            }
            self.bind_in(scope, &plain(&parameter.parameter.name), &value);
            if let Some(annotation) = &parameter.parameter.annotation {
                self.annotation(annotation);
            }
        }
        for rest in parameters.vararg.iter().chain(&parameters.kwarg) {
            self.bind_in(scope, &plain(&rest.name), &Set::of(Value::Caller));
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
            let method = if let Expr::Attribute(attribute) = &decorator.expression {
                let base = self.quietly(&attribute.value);
                Some((base, plain(&attribute.attr)))
            } else {
                None
            };
            self.unresolved(&callee, method.as_ref().map(|(base, name)| (base, name.as_str())), decorator);
            let result = self.invoke(&callee, std::slice::from_ref(&value), &[], decorator);
            all.join(&result.significant());
        }
        all
    }

    /// Whether reading what is decorated so calls it: a property, by its name or as a class of this module.
    fn is_property(&mut self, decorator: &Decorator) -> bool {
        let found = self.quietly(&decorator.expression);
        let name = match &decorator.expression {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => "",
        };
        let says =
            |name: &str| ["property", "attribute", "getter", "lazy", "reify"].iter().any(|word| name.contains(word));
        let is_known = |value: &Value| match value {
            Value::Class(_) | Value::Object(_) => true,
            Value::Path(path) => says(path),
            _ => false,
        };
        says(name) || found.0.iter().any(is_known)
    }

    pub(super) fn signature_of_lambda(&mut self, parameters: Option<&Parameters>, scope: usize) {
        if let Some(parameters) = parameters {
            self.signature(parameters, scope);
        }
    }

    fn def(&mut self, def: &StmtFunctionDef) {
        let id = self.func_at(def.range.start().to_u32(), Some(&def.parameters));
        let scope = self.func(id).map_or(0, |func| func.scope);
        self.type_params(def.type_params.as_deref());
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
            let called = self.methods.entry(name.clone()).or_default();
            called.functions.insert(id);
            let args = called.args.clone();
            let first = def.parameters.posonlyargs.iter().chain(&def.parameters.args).next();
            let is_static = def.decorator_list.iter().any(
                |decorator| matches!(&decorator.expression, Expr::Name(name) if name.id.as_str() == "staticmethod"),
            );
            if let Some(first) = first.filter(|_| !is_static) {
                self.bind_in(scope, &plain(&first.parameter.name), &Set::of(Value::Object(class)));
            }
            let is_property = def.decorator_list.iter().any(|decorator| self.is_property(decorator));
            if let Some(func) = self.func(id) {
                func.is_method = !is_static;
                func.is_decorated = is_property;
            }
            self.bind_parameters(id, &args, &[]);
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
        let (mut bases, mut makers) = (Set::default(), Set::default());
        if let Some(arguments) = &def.arguments {
            for base in &arguments.args {
                let base = self.expr(base);
                self.subclassed(&base);
                bases.join(&base.significant());
            }
            makers = self.class_keywords(&arguments.keywords, &bases, def);
        }
        self.type_params(def.type_params.as_deref());
        for base in &bases.0 {
            if let Value::Class(base) = base {
                makers.join(&self.class(*base).map(|base| base.makers.clone()).unwrap_or_default());
            }
        }
        if let Some(class) = usize::try_from(id).ok().and_then(|id| self.classes.get_mut(id)) {
            let changed = class.bases.join(&bases) | class.makers.join(&makers);
            self.changed |= changed;
        }
        let scope = self.class(id).map_or(0, |class| class.scope);
        let cursor = Cursor { scope, class: Some(id), is_branch: false, ..self.cursor };
        self.at(cursor, |walker| walker.body(&def.body));
        // What is in an enumeration is made as the class is, and handed out by it under any name.
        if bases.paths().any(|base| base.starts_with("enum.")) {
            self.uses(id, Hooks::All);
            let names = self.scopes.get(scope).into_iter().flat_map(|scope| scope.names.values());
            let held =
                Set(names.flat_map(|value| value.significant().0).filter(Value::acts).take(ENUMERATED).collect());
            self.give(id, &held);
        }
        self.class_attributes(scope, def);
        let value = self.decorated(&def.decorator_list, Set::of(Value::Class(id)));
        self.bind(&plain(&def.name), &value, def);
    }

    /// A metaclass is called to make the class, and the classes that it is derived from get the other keywords.
    fn class_keywords(&mut self, keywords: &[Keyword], bases: &Set, def: &StmtClassDef) -> Set {
        let mut makers = Set::default();
        for keyword in keywords {
            let value = self.expr(&keyword.value);
            self.used(&value);
            let name = keyword.arg.as_ref().map(|name| plain(name)).unwrap_or_default();
            if name == "metaclass" {
                self.unresolved(&value, None, keyword);
                self.invoke(&value, &[Set::unknown(), bases.clone(), Set::unknown()], &[], keyword);
                makers.0.extend(value.0.into_iter().filter(|value| matches!(value, Value::Class(_))));
                continue;
            }
            self.report_passed_arguments(std::slice::from_ref(&value), &[], "", def);
            for base in &bases.0 {
                let Value::Class(base) = base else { continue };
                for hook in self.inherits(*base, "__init_subclass__").0 {
                    if let Value::Func(hook) = hook {
                        self.bind_parameters(hook, &[], &[(name.clone(), value.clone())]);
                    }
                }
            }
        }
        makers
    }

    /// Python itself calls some attributes of a class: those that it calls as the class is made, and those that
    /// stand for operators.
    fn class_attributes(&mut self, scope: usize, def: &StmtClassDef) {
        if !self.recording {
            return;
        }
        let names = self.scopes.get(scope).map(|scope| scope.names.clone()).unwrap_or_default();
        for (name, value) in names {
            self.used_for(&value, Hooks::SetName);
            self.hooked(&name, &value, def);
        }
    }

    /// Something becomes an attribute by which Python calls it.
    pub(super) fn hooked(&mut self, name: &str, value: &Set, at: &impl Ranged) {
        let is_hook = name.starts_with("__") && name.ends_with("__") && name.len() > 4;
        for value in value.0.iter().filter(|_| is_hook) {
            match value {
                Value::Path(path) => {
                    if let Some(capability) = python::capability(path).filter(|_| !path.ends_with(')')) {
                        self.act(at, capability, Certainty::Certain, &format!("{path} as {name}"));
                    }
                }
                Value::Held(path) => {
                    let detail = format!("something out of {path} as {name}");
                    self.act(at, Capability::DynamicCode, Certainty::Certain, &detail);
                }
                _ => {}
            }
        }
    }
}
