//! Expressions: what they may stand for.

use super::fold;
use super::internals::is_internal;
use super::value::{Set, Value, sibling};
use super::walk::{Certainty, Cursor, Effect, Walker, plain};
use crate::engine::Capability;
use crate::knowledge::views::python;
use modelpin_rules::code;
use ruff_python_ast::{
    Comprehension, Expr, ExprCompare, ExprDict, ExprFString, ExprLambda, ExprUnaryOp, FStringPart,
    InterpolatedStringElement, InterpolatedStringElements, Number, Operator, UnaryOp,
};
use ruff_text_size::Ranged;

/// Methods that give what an operator gives (Python data model, 3.3.8).
const OPERATORS: &[&str] = &[
    "__add__",
    "__radd__",
    "__iadd__",
    "__sub__",
    "__rsub__",
    "__mul__",
    "__rmul__",
    "__matmul__",
    "__rmatmul__",
    "__truediv__",
    "__rtruediv__",
    "__floordiv__",
    "__mod__",
    "__rmod__",
    "__pow__",
    "__lshift__",
    "__rshift__",
    "__rrshift__",
    "__and__",
    "__rand__",
    "__or__",
    "__ror__",
    "__ior__",
    "__xor__",
    "__rxor__",
    "__neg__",
    "__invert__",
    "__pos__",
    "__lt__",
    "__gt__",
    "__le__",
    "__ge__",
    "__eq__",
    "__ne__",
    "__contains__",
];

/// The most parts of a dotted name, less one.
const DOTS: usize = 6;

/// The longest list over which a comprehension is folded.
const FOLDED: usize = 512;

impl Walker<'_, '_> {
    /// Evaluates an expression; a mention of something that acts is recorded.
    pub(super) fn expr(&mut self, expr: &Expr) -> Set {
        let set = self.callee(expr);
        if self.recording && matches!(expr, Expr::Name(_) | Expr::Attribute(_) | Expr::Subscript(_)) {
            self.mentioned(&set, expr);
        }
        set
    }

    fn mentioned(&mut self, set: &Set, at: &Expr) {
        for path in set.paths() {
            if let Some(capability) = python::capability(path).filter(|_| !path.ends_with(')')) {
                self.act(at, capability, Certainty::Mentioned, path);
            }
        }
    }

    /// Evaluates an expression that is about to be called.
    pub(super) fn callee(&mut self, expr: &Expr) -> Set {
        if !self.step() {
            return Set::unknown();
        }
        match expr {
            Expr::Name(name) => self.lookup(&plain(&name.id), name.range.start().to_u32()),
            Expr::Attribute(attribute) => {
                let base = self.callee(&attribute.value);
                let name = plain(&attribute.attr);
                let is_spec = matches!(&*attribute.value, Expr::Name(name) if name.id.as_str() == "__spec__");
                if is_spec && name == "parent" && base == Set::unknown() {
                    // The package of this module.
                    return Set::of(Value::Prefix(".".into()));
                }
                self.attribute(&base, &name, attribute)
            }
            Expr::Call(call) => self.call(call),
            Expr::Subscript(subscript) => self.subscript_expr(subscript),
            Expr::StringLiteral(text) => {
                let text = text.value.to_str();
                if is_internal(text) {
                    self.inspects(text, expr);
                }
                self.backend(text, expr);
                Set::text(text)
            }
            Expr::BytesLiteral(bytes) => {
                let bytes: Vec<u8> = bytes.value.bytes().collect();
                Set::bytes(&bytes)
            }
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(number) => number.as_i64().map_or_else(Set::unknown, |number| Set::of(Value::Int(number))),
                _ => Set::unknown(),
            },
            Expr::BooleanLiteral(literal) => Set::of(Value::Bool(literal.value)),
            Expr::NoneLiteral(_) => Set::of(Value::Null),
            Expr::EllipsisLiteral(_) | Expr::IpyEscapeCommand(_) => Set::unknown(),
            Expr::FString(text) => self.f_string(text),
            Expr::TString(text) => {
                let mut held = Set::unknown();
                text.value.elements().for_each(|element| {
                    if let InterpolatedStringElement::Interpolation(part) = element {
                        held.join(&self.expr(&part.expression).significant());
                    }
                });
                held
            }
            Expr::List(list) => self.sequence(&list.elts),
            Expr::Tuple(tuple) => self.sequence(&tuple.elts),
            Expr::Set(set) => self.sequence(&set.elts),
            _ => self.compound_expr(expr),
        }
    }

    fn compound_expr(&mut self, expr: &Expr) -> Set {
        match expr {
            Expr::BoolOp(op) => {
                let mut all = Set::default();
                for value in &op.values {
                    all.join(&self.expr(value));
                }
                all
            }
            Expr::Named(named) => {
                let value = self.expr(&named.value);
                self.assign(&named.target, &value);
                value
            }
            Expr::BinOp(op) => {
                let left = self.expr(&op.left);
                let right = self.expr(&op.right);
                self.operated(&left, op.op, &right)
            }
            Expr::UnaryOp(op) => self.unary(op),
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::If(choice) => {
                self.expr(&choice.test);
                let mut value = self.expr(&choice.body);
                value.join(&self.expr(&choice.orelse));
                value
            }
            Expr::Dict(dict) => self.dict(dict),
            Expr::ListComp(comp) => self.comprehension(expr, &comp.generators, |walker| walker.expr(&comp.elt)),
            Expr::SetComp(comp) => self.comprehension(expr, &comp.generators, |walker| walker.expr(&comp.elt)),
            Expr::Generator(comp) => self.comprehension(expr, &comp.generators, |walker| walker.expr(&comp.elt)),
            Expr::DictComp(comp) => self.comprehension(expr, &comp.generators, |walker| {
                comp.key.iter().for_each(|key| {
                    walker.expr(key);
                });
                walker.expr(&comp.value)
            }),
            Expr::Await(wait) => self.expr(&wait.value),
            Expr::Yield(give) => self.given(give.value.as_deref(), false),
            Expr::YieldFrom(give) => self.given(Some(&give.value), true),
            Expr::Compare(compare) => self.compared(compare),
            Expr::Starred(star) => {
                let over = self.expr(&star.value);
                self.iterated(&over)
            }
            Expr::Slice(slice) => {
                for bound in slice.lower.iter().chain(&slice.upper).chain(&slice.step) {
                    self.expr(bound);
                }
                Set::unknown()
            }
            _ => Set::unknown(),
        }
    }

    fn unary(&mut self, op: &ExprUnaryOp) -> Set {
        let value = self.expr(&op.operand);
        self.used(&value);
        match (op.op, value.one()) {
            (UnaryOp::USub, Some(Value::Int(number))) => {
                Set::of(number.checked_neg().map_or(Value::Unknown, Value::Int))
            }
            (UnaryOp::Not, _) => Set::of(Value::Foreign),
            _ => {
                let mut all = self.results_of(&value, OPERATORS);
                all.add(Value::Foreign);
                all
            }
        }
    }

    fn compared(&mut self, compare: &ExprCompare) -> Set {
        let left = self.expr(&compare.left);
        self.used(&left);
        let mut all = self.results_of(&left, OPERATORS);
        for right in &compare.comparators {
            let right = self.expr(right);
            self.used(&right);
            all.join(&self.results_of(&right, OPERATORS));
        }
        all.add(Value::Foreign);
        all
    }

    /// `left op right`.
    pub(super) fn operated(&mut self, left: &Set, op: Operator, right: &Set) -> Set {
        self.used(left);
        self.used(right);
        let mut all = fold::binary(left, op, right);
        for side in [left, right] {
            all.join(&side.carried());
            all.join(&self.results_of(side, OPERATORS));
        }
        all
    }

    fn lambda(&mut self, lambda: &ExprLambda) -> Set {
        let id = self.func_at(lambda.range.start().to_u32(), lambda.parameters.as_deref());
        let scope = self.func(id).map_or(0, |func| func.scope);
        self.signature_of_lambda(lambda.parameters.as_deref(), scope);
        let cursor = Cursor { scope, owner: id, class: None, is_branch: false };
        let value = self.at(cursor, |walker| walker.expr(&lambda.body));
        self.gives(id, &value);
        Set::of(Value::Func(id))
    }

    fn dict(&mut self, dict: &ExprDict) -> Set {
        let mut items = Vec::new();
        for item in &dict.items {
            let key = item.key.as_ref().map_or_else(Set::unknown, |key| self.expr(key));
            let value = self.expr(&item.value);
            // `**other` brings all that is in the other one.
            let value = if item.key.is_none() { self.iterated(&value) } else { value };
            items.push((key, value));
        }
        Set::map(items)
    }

    /// What a generator yields comes out where it is iterated over.
    fn given(&mut self, value: Option<&Expr>, is_all: bool) -> Set {
        let value = value.map_or_else(Set::default, |value| self.expr(value));
        let value = if is_all { self.iterated(&value) } else { value };
        self.gives(self.cursor.owner, &value.significant());
        Set::unknown()
    }

    fn sequence(&mut self, items: &[Expr]) -> Set {
        let mut all = Vec::new();
        for item in items {
            let value = self.expr(item);
            match item {
                Expr::Starred(star) => match self.quietly(&star.value).one() {
                    Some(Value::Seq(seq)) => all.extend(seq.items.iter().cloned()),
                    _ => all.push(value),
                },
                _ => all.push(value),
            }
        }
        Set::seq(all)
    }

    fn f_string(&mut self, text: &ExprFString) -> Set {
        let mut out = String::new();
        let mut is_known = true;
        for part in text.value.iter() {
            match part {
                FStringPart::Literal(literal) if is_known => out.push_str(&literal.value),
                FStringPart::Literal(_) => {}
                FStringPart::FString(part) => self.f_parts(&part.elements, &mut out, &mut is_known),
            }
        }
        if is_known { Set::text(&out) } else { Set::of(Value::Prefix(out.into())) }
    }

    fn f_parts(&mut self, parts: &InterpolatedStringElements, out: &mut String, is_known: &mut bool) {
        for element in parts.iter() {
            match element {
                InterpolatedStringElement::Literal(literal) => {
                    if *is_known {
                        out.push_str(&literal.value);
                    }
                }
                InterpolatedStringElement::Interpolation(part) => {
                    let value = self.expr(&part.expression);
                    self.used(&value);
                    if let Some(spec) = &part.format_spec {
                        self.f_parts(&spec.elements, &mut String::new(), &mut false);
                    }
                    let shown = value.one().and_then(fold::shown);
                    match shown.filter(|_| *is_known && part.format_spec.is_none()) {
                        Some(shown) => out.push_str(&shown),
                        None => {
                            if *is_known && let Some(Value::Prefix(head)) = value.one() {
                                out.push_str(head);
                            }
                            *is_known = false;
                        }
                    }
                }
            }
        }
    }

    fn comprehension(
        &mut self,
        at: &Expr,
        generators: &[Comprehension],
        mut element: impl FnMut(&mut Self) -> Set,
    ) -> Set {
        let scope = self.scope_at(at.start().to_u32(), 'g', false);
        // The first source is evaluated outside, as in Python.
        let first = generators.first().map_or_else(Set::unknown, |first| self.expr(&first.iter));
        let cursor = Cursor { scope, ..self.cursor };
        self.at(cursor, |walker| {
            if let ([only], Some(Value::Seq(seq))) = (generators, first.one())
                && only.ifs.is_empty()
                && seq.items.len() <= FOLDED
                && let Expr::Name(name) = &only.target
            {
                let mut all = Vec::new();
                for item in &seq.items {
                    if let Some(scope) = walker.scopes.get_mut(scope) {
                        scope.names.insert(plain(&name.id), item.clone());
                    }
                    all.push(element(walker));
                }
                return Set::seq(all);
            }
            for (index, generator) in generators.iter().enumerate() {
                let over = if index == 0 { first.clone() } else { walker.expr(&generator.iter) };
                let over = walker.iterated(&over);
                walker.assign(&generator.target, &over);
                for test in &generator.ifs {
                    walker.expr(test);
                }
            }
            let element = element(walker);
            let mut all = Set::of(if element.is_unseen() { Value::Unknown } else { Value::Foreign });
            all.join(&element.significant());
            all
        })
    }

    /// The member of `base` that one of `names` names: `getattr` in all its spellings.
    pub(super) fn member(&mut self, base: &Set, names: &Set, at: &impl Ranged) -> Set {
        let mut all = Set::default();
        for name in names.texts().map(str::to_owned).collect::<Vec<_>>() {
            let mut found = base.clone();
            for part in name.split('.') {
                found = self.attribute(&found, part, at);
            }
            all.join(&found);
        }
        if names.is_open() {
            for path in base.paths().filter(|path| !path.ends_with(')')) {
                if python::leads_out(path) {
                    self.act(at, Capability::DynamicCode, Certainty::Certain, &format!("a computed member of {path}"));
                } else {
                    self.event(
                        at,
                        Effect::Rule(&code::CODE_COMPUTED_NAME),
                        Certainty::Certain,
                        &format!("a computed member of {path}"),
                    );
                }
            }
            let held = base.0.iter().find_map(|value| match value {
                Value::Path(path) | Value::Held(path) | Value::Dict(path) if is_source(value, path) => {
                    Some(path.clone())
                }
                _ => None,
            });
            all.add(held.map_or(Value::Unknown, Value::Held));
        }
        all
    }

    /// `base.name`.
    pub(super) fn attribute(&mut self, base: &Set, name: &str, at: &impl Ranged) -> Set {
        if is_internal(name) {
            return self.inside(base, name, at);
        }
        let mut all = Set::default();
        for value in &base.0 {
            match value {
                Value::Path(path) => {
                    all.join(&self.of_path(path, name, at));
                }
                Value::Class(class) if name == "__dict__" => {
                    let names = self.class(*class).and_then(|class| self.scopes.get(class.scope));
                    let mut items: Vec<_> = names.into_iter().flat_map(|scope| &scope.names).collect();
                    items.sort_by_key(|(name, _)| *name);
                    let items = items.into_iter().map(|(name, value)| (Set::text(name), value.clone()));
                    all.join(&Set::map(items.collect()));
                }
                Value::Object(class) | Value::Class(class) => {
                    all.join(&self.of_class(*class, name));
                }
                Value::Sibling(_) if python::is_carried(name) => {
                    all.join(&Set::path(&python::canonical(name)));
                }
                Value::Sibling(path) => {
                    all.add(sibling(&format!("{path}.{name}")));
                }
                Value::Held(_) => {
                    all.add(value.clone());
                }
                Value::Globals | Value::Dict(_) | Value::Func(_) if name == "__call__" => {
                    all.add(value.clone());
                }
                // What these have is judged by its name.
                Value::Foreign | Value::Str(_) | Value::Prefix(_) | Value::Bytes(_) | Value::Int(_) => {
                    all.add(Value::Foreign);
                    self.writing_method(name, &mut all);
                }
                Value::Bool(_) | Value::Null | Value::Seq(_) | Value::Map(_) => {
                    all.add(Value::Foreign);
                    // Of a member of an enumeration.
                    if matches!(name, "value" | "_value_") {
                        all.add(value.clone());
                    }
                }
                _ => {
                    if let Some(field) = self.fields.get(name) {
                        all.join(field);
                    }
                    all.add(Value::Unknown);
                    self.writing_method(name, &mut all);
                }
            }
        }
        // What is given to any object, also to members of libraries, where it acts.
        if let Some(field) = self.acting_fields.get(name) {
            all.join(field);
        }
        if all.0.is_empty() { Set::unknown() } else { all }
    }

    fn of_path(&mut self, path: &str, name: &str, at: &impl Ranged) -> Set {
        match name {
            "__dict__" => return Set::of(Value::Dict(path.into())),
            "copy" | "values" | "items" if path == "sys.modules" => return Set::of(Value::Held(path.into())),
            "__call__" | "__func__" | "__wrapped__" => return Set::path(path),
            // Of a member of an enumeration.
            "value" | "_value_" if python::capability(path).is_some() && !path.ends_with(')') => {
                return Set::path(path);
            }
            "__self__" if path.starts_with("builtins.") => {
                self.internal("__self__ of a builtin", at);
                return Set::path("builtins");
            }
            "__name__" | "__doc__" | "__file__" | "__version__" | "__class__" | "__module__" | "__qualname__" => {
                return Set::unknown();
            }
            _ => {}
        }
        // Each value of a place is work of its own: chains of attributes multiply them.
        if !self.step() {
            return Set::unknown();
        }
        if let Some(found) = self.of_inside(path, name) {
            return found;
        }
        let full = python::canonical(&format!("{path}.{name}"));
        // Nothing has such a name: attributes of objects that got it by mistake.
        if full.matches('.').count() > DOTS {
            return Set::of(Value::Foreign);
        }
        Set::path(&full)
    }
}

fn is_source(value: &Value, path: &str) -> bool {
    matches!(value, Value::Held(_)) || python::leads_out(path)
}
