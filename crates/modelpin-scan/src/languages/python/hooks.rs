//! What Python calls by itself: methods that stand for operators, those that it calls as a class or an object is made,
//! and what is read from an object of a class of the module.

use super::groups::{Group, Hooks};
use super::value::{Set, Value};
use super::walk::Walker;
use crate::knowledge::views::python;
use std::collections::BTreeSet;

/// How many classes are asked for an attribute; where more inherit from each other, any class of the module may have it.
const ANCESTORS: usize = 64;

impl Walker<'_, '_> {
    /// The number of a group, and whether it is new. Groups take their numbers from the top down.
    fn group(&mut self, group: Group) -> (u32, bool) {
        if let Some(number) = self.groups.get(&group) {
            return (*number, false);
        }
        let number = u32::MAX.saturating_sub(u32::try_from(self.groups.len()).unwrap_or(u32::MAX));
        self.groups.insert(group, number);
        (number, true)
    }

    /// Something is used in a way in which Python calls methods of it.
    pub(super) fn used(&mut self, set: &Set) {
        self.used_for(set, Hooks::All);
    }

    pub(super) fn used_for(&mut self, set: &Set, hooks: Hooks) {
        if !self.recording {
            return;
        }
        for value in &set.0 {
            match value {
                Value::Object(class) => self.uses(*class, hooks),
                // What is used of a class itself is its metaclass's, which was used when the class was made.
                Value::Class(class) if hooks != Hooks::All => self.uses(*class, hooks),
                _ => {}
            }
        }
    }

    /// An object of a class is there: Python calls whatever it has.
    pub(super) fn uses(&mut self, class: u32, hooks: Hooks) {
        if self.recording {
            let group = self.hooks_of(class, hooks);
            self.calls(group);
        }
    }

    /// Something is made a base class.
    pub(super) fn subclassed(&mut self, set: &Set) {
        self.used_for(set, Hooks::Subclass);
    }

    /// The methods that a class and its bases have: each class calls its own, and those of its bases.
    fn hooks_of(&mut self, class: u32, hooks: Hooks) -> u32 {
        let (first, is_new) = self.group(Group::Hooks(class, hooks));
        let mut open = if is_new { vec![(class, first)] } else { Vec::new() };
        while let Some((class, number)) = open.pop()
            && self.step()
        {
            let Some((scope, bases)) = self.class(class).map(|class| (class.scope, class.bases.clone())) else {
                continue;
            };
            let own: Vec<u32> = self.scopes.get(scope).map(|scope| scope.functions(hooks)).unwrap_or_default();
            for function in own {
                self.edge(number, function);
            }
            for base in &bases.0 {
                let Value::Class(base) = base else { continue };
                let (group, is_new) = self.group(Group::Hooks(*base, hooks));
                self.edge(number, group);
                if is_new {
                    open.push((*base, group));
                }
            }
        }
        first
    }

    /// Any object may be one of a class of this module.
    pub(super) fn by_name(&mut self, name: &str, args: &[Set]) {
        let Some(methods) = self.methods.get_mut(name) else { return };
        let mut kept = 0_usize;
        for (index, arg) in args.iter().enumerate() {
            let mut value = arg.significant();
            if arg.0.contains(&Value::Unknown) {
                value.add(Value::Unknown);
            }
            if methods.args.len() <= index {
                methods.args.push(Set::default());
            }
            if methods.args.get_mut(index).is_some_and(|there| there.join(&value)) {
                self.changed = true;
                kept = kept.saturating_add(value.size());
            }
        }
        self.keep_bytes(kept);
        if self.recording {
            let (number, is_new) = self.group(Group::Methods(name.to_owned()));
            if is_new {
                let functions = self.methods.get(name).map(|methods| methods.functions.clone()).unwrap_or_default();
                for function in functions {
                    self.edge(number, function);
                }
            }
            self.calls(number);
        }
    }

    /// What a class of the module or one of its bases has under `name`, or what any object has been given under it.
    pub(super) fn of_class(&mut self, class: u32, name: &str) -> Set {
        let mut all = self.fields.get(name).cloned().unwrap_or_default();
        for any in self.fields.get("…").iter().flat_map(|set| &set.0) {
            all.add(any.clone());
        }
        let mut inherited = self.inherits(class, name);
        let makers = self.class(class).map(|class| class.makers.clone()).unwrap_or_default();
        for maker in makers.0 {
            if let Value::Class(maker) = maker {
                inherited.join(&self.inherits(maker, name));
            }
        }
        for value in &inherited.0 {
            if let Value::Func(id) = value
                && self.func(*id).is_some_and(|func| func.is_decorated)
            {
                // A property is called by being read.
                self.calls(*id);
            }
        }
        all.join(&inherited);
        // What a descriptor gives.
        all.join(&self.results_of(&inherited, &["__get__"]));
        if !inherited.0.iter().any(|value| matches!(value, Value::Func(_))) {
            all.join(&self.holds(class));
        }
        if all.0.is_empty() {
            all.add(Value::Unknown);
        }
        all
    }

    /// What a class of the module or one of its bases has under `name`.
    pub(super) fn inherits(&mut self, class: u32, name: &str) -> Set {
        let key = (class, name.to_owned());
        if let Some(found) = self.inherited.get(&key) {
            return found.clone();
        }
        let mut all = Set::default();
        // Each base once: where classes are defined again and again under few names, they are each other's bases.
        let mut seen = BTreeSet::from([class]);
        let mut open = vec![class];
        while let Some(class) = open.pop() {
            if seen.len() > ANCESTORS {
                let any = self.attributes.get(name).cloned().unwrap_or_default();
                all.join(&any);
                all.add(Value::Unknown);
                break;
            }
            let known = self.class(class).map(|class| (class.scope, class.bases.clone()));
            let Some((scope, bases)) = known.filter(|_| self.step()) else { continue };
            if let Some(found) = self.scopes.get(scope).and_then(|scope| scope.names.get(name)) {
                all.join(found);
                continue;
            }
            for base in &bases.0 {
                match base {
                    Value::Class(base) => {
                        if seen.insert(*base) {
                            open.push(*base);
                        }
                    }
                    Value::Path(path) if python::has_result(path) => {
                        all.join(&Set::path(&python::canonical(&format!("{path}().{name}"))));
                    }
                    // What a library's class has is judged by its name, like what any object of a library has.
                    Value::Path(path) if python::is_allowed(path) => {
                        all.add(Value::Foreign);
                    }
                    Value::Sibling(_) | Value::Foreign => {
                        all.add(Value::Foreign);
                    }
                    Value::Object(_) => {}
                    _ => {
                        all.add(Value::Unknown);
                    }
                }
            }
        }
        self.inherited.insert(key, all.clone());
        all
    }

    /// What the methods of these names give that objects in `set` have.
    pub(super) fn results_of(&mut self, set: &Set, names: &[&str]) -> Set {
        let mut all = Set::default();
        for value in &set.0 {
            let Value::Object(class) = value else { continue };
            for name in names {
                for method in self.inherits(*class, name).0 {
                    if let Value::Func(id) = method {
                        let returns = self.func(id).map(|func| func.returns.clone()).unwrap_or_default();
                        all.join(&returns);
                    }
                }
            }
        }
        all
    }

    /// Objects of a class hold `value`, and hand it out.
    pub(super) fn give(&mut self, class: u32, value: &Set) {
        let Some(class) = usize::try_from(class).ok().and_then(|class| self.classes.get_mut(class)) else { return };
        if class.holds.join(value) {
            self.changed = true;
            self.keep(value);
        }
    }

    /// What objects of a class were given to keep.
    pub(super) fn holds(&self, class: u32) -> Set {
        self.class(class).map(|class| class.holds.clone()).unwrap_or_default()
    }

    /// What comes out when something is iterated over.
    pub(super) fn iterated(&mut self, over: &Set) -> Set {
        self.used(over);
        let mut all = over.elements();
        all.join(&self.results_of(over, &["__iter__", "__next__", "__getitem__", "__aiter__", "__anext__"]));
        for value in &over.0 {
            if let Value::Object(class) = value {
                all.join(&self.holds(*class).elements());
            }
        }
        all
    }
}

impl super::walk::Scope {
    /// The functions of a class that `hooks` stands for.
    fn functions(&self, hooks: Hooks) -> Vec<u32> {
        let named = self.names.iter().filter(|(name, _)| hooks.has(name));
        let values = named.flat_map(|(_, set)| &set.0);
        values.filter_map(|value| if let Value::Func(id) = value { Some(*id) } else { None }).collect()
    }
}
