//! Which file of a crate uses which, from the syntax of every file.
//!
//! An arrow goes from a file to the file that *defines* what it names: by a path of a `use`, of a type, of an expression
//! or of a pattern, and by a path among the tokens of a macro. Re-exports are followed to the end.
//! No arrow: `mod x;`, a re-export itself (`pub use`), the import of a module of which nothing is used, what is compiled
//! for tests alone. Not seen: a method that is called on a value, if nothing else names the file of its `impl`.

use super::source::{attributes, folder_of_children, is_for_tests, is_test_member, parse};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Expr, ImplItem, Item, UseTree, Visibility};

/// How many re-exports are followed: more than any chain has, so that one that bites its tail ends.
const REEXPORTS: usize = 32;

/// The arrows between the files of one crate.
pub(super) struct Graph {
    pub(super) files: Vec<PathBuf>,
    /// Each with the paths that it comes from.
    pub(super) arrows: BTreeMap<(usize, usize), BTreeSet<String>>,
}

impl Graph {
    /// Reads the crate of which this is `lib.rs` or `main.rs`.
    pub(super) fn read(root: &Path) -> Self {
        let mut modules = Modules::default();
        modules.load(root, None);
        let mut arrows = BTreeMap::new();
        for (index, items) in modules.items.iter().enumerate() {
            let mut visitor = Arrows { modules: &modules, module: index, arrows: &mut arrows };
            items.iter().for_each(|item| visitor.visit_item(item));
        }
        Self { files: modules.files, arrows }
    }

    /// The groups of files that reach each other, each sorted; a file alone is no group.
    pub(super) fn circles(&self) -> Vec<Vec<usize>> {
        circles(self.files.len(), &self.arrows.keys().copied().collect())
    }

    /// The top-level room of each file (`src/a.rs` and `src/a/…` are room `a`), and the arrows between rooms.
    pub(super) fn rooms(&self) -> (Vec<String>, BTreeSet<(usize, usize)>) {
        let source = self.files[0].parent().unwrap();
        let room = |file: &PathBuf| {
            let first = file.strip_prefix(source).unwrap().components().next().unwrap();
            first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
        };
        let of_file: Vec<String> = self.files.iter().map(room).collect();
        let rooms: Vec<String> = of_file.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        let index = |file: usize| rooms.binary_search(&of_file[file]).unwrap();
        let arrows = self.arrows.keys().map(|&(from, to)| (index(from), index(to))).filter(|(from, to)| from != to);
        let arrows = arrows.collect();
        (rooms, arrows)
    }
}

/// Groups of nodes that reach each other.
pub(super) fn circles(nodes: usize, arrows: &BTreeSet<(usize, usize)>) -> Vec<Vec<usize>> {
    let reachable: Vec<BTreeSet<usize>> = (0..nodes).map(|node| reach(node, arrows)).collect();
    let mut found = BTreeSet::new();
    for node in 0..nodes {
        let group: Vec<usize> =
            (0..nodes).filter(|other| reachable[node].contains(other) && reachable[*other].contains(&node)).collect();
        if group.len() > 1 {
            found.insert(group);
        }
    }
    found.into_iter().collect()
}

fn reach(start: usize, arrows: &BTreeSet<(usize, usize)>) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        for &(_, to) in arrows.range((node, 0)..(node + 1, 0)) {
            if reached.insert(to) {
                open.push(to);
            }
        }
    }
    reached
}

/// What a name of a module stands for.
#[derive(Clone, Copy, Default)]
struct Definition {
    /// The file that defines an item of this name.
    item: Option<usize>,
    /// The module of this name.
    module: Option<usize>,
}

#[derive(Default)]
struct Module {
    parent: Option<usize>,
    file: usize,
    definitions: BTreeMap<String, Definition>,
    macros: BTreeSet<String>,
    imports: Vec<(String, Vec<String>)>,
    globs: Vec<Vec<String>>,
}

#[derive(Clone, Copy)]
enum Meaning {
    Module(usize),
    Item(usize),
}

#[derive(Default)]
struct Modules {
    files: Vec<PathBuf>,
    modules: Vec<Module>,
    /// The items of each module, without those for tests.
    items: Vec<Vec<Item>>,
}

impl Modules {
    fn load(&mut self, path: &Path, parent: Option<usize>) -> usize {
        let file = self.files.len();
        self.files.push(path.to_owned());
        self.add(parse(path).items, parent, file, &folder_of_children(path))
    }

    /// Adds a module with these items; `folder` is where the files of its children are.
    fn add(&mut self, items: Vec<Item>, parent: Option<usize>, file: usize, folder: &Path) -> usize {
        let index = self.modules.len();
        self.modules.push(Module { parent, file, ..Module::default() });
        self.items.push(Vec::new());
        let mut kept = Vec::new();
        for item in items.into_iter().filter(|item| !is_for_tests(attributes(item))) {
            let Item::Mod(module) = item else {
                self.define(index, &item);
                kept.push(item);
                continue;
            };
            let name = module.ident.to_string();
            let child = match module.content {
                Some((_, items)) => self.add(items, Some(index), file, &folder.join(&name)),
                None => {
                    let alone = folder.join(format!("{name}.rs"));
                    let path = if alone.exists() { alone } else { folder.join(&name).join("mod.rs") };
                    self.load(&path, Some(index))
                }
            };
            self.modules[index].definitions.entry(name).or_default().module = Some(child);
        }
        self.items[index] = kept;
        index
    }

    fn define(&mut self, index: usize, item: &Item) {
        let name = match item {
            Item::Const(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Fn(item) => &item.sig.ident,
            Item::Static(item) => &item.ident,
            Item::Struct(item) => &item.ident,
            Item::Trait(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Union(item) => &item.ident,
            Item::Macro(item) => match &item.ident {
                Some(name) => {
                    self.modules[index].macros.insert(name.to_string());
                    name
                }
                None => return,
            },
            _ => return Uses { module: &mut self.modules[index] }.visit_item(item),
        };
        let file = self.modules[index].file;
        let name = name.to_string();
        if matches!(item, Item::Macro(item) if item.attrs.iter().any(|at| at.path().is_ident("macro_export"))) {
            self.modules[0].definitions.entry(name.clone()).or_default().item = Some(file);
        }
        self.modules[index].definitions.entry(name).or_default().item = Some(file);
        Uses { module: &mut self.modules[index] }.visit_item(item);
    }

    /// What a path means that stands in this module. Where its last name is an item and a module, `prefer_item` decides.
    fn resolve(&self, module: usize, path: &[String], prefer_item: bool, left: usize) -> Option<Meaning> {
        let left = left.checked_sub(1)?;
        let mut here = module;
        let mut meaning = Meaning::Module(module);
        for (at, name) in path.iter().enumerate() {
            let is_last = at + 1 == path.len();
            meaning = match name.as_str() {
                "crate" => Meaning::Module(0),
                "self" => Meaning::Module(here),
                "super" => Meaning::Module(self.modules[here].parent?),
                name => self.look_up(here, name, is_last && prefer_item, left)?,
            };
            match meaning {
                Meaning::Module(module) => here = module,
                Meaning::Item(_) => break,
            }
        }
        Some(meaning)
    }

    fn look_up(&self, module: usize, name: &str, prefer_item: bool, left: usize) -> Option<Meaning> {
        let here = &self.modules[module];
        let mut found = Vec::new();
        if let Some(definition) = here.definitions.get(name) {
            found.extend(definition.item.map(Meaning::Item));
            found.extend(definition.module.map(Meaning::Module));
        }
        let imported = here.imports.iter().filter(|(imported, _)| imported == name);
        found.extend(imported.filter_map(|(_, path)| self.resolve(module, path, prefer_item, left)));
        if found.is_empty() {
            let mut globs = here.globs.iter().filter_map(|path| match self.resolve(module, path, false, left)? {
                Meaning::Module(other) if other != module => {
                    self.look_up(other, name, prefer_item, left.checked_sub(1)?)
                }
                _ => None,
            });
            found.extend(globs.next());
        }
        let is_preferred = |meaning: &&Meaning| matches!(meaning, Meaning::Item(_)) == prefer_item;
        found.iter().find(is_preferred).or(found.first()).copied()
    }

    /// The file of a macro that a module sees because one above it defines it.
    fn macro_above(&self, module: usize, name: &str) -> Option<usize> {
        let mut above = Some(module);
        while let Some(index) = above {
            if self.modules[index].macros.contains(name) {
                return Some(self.modules[index].file);
            }
            above = self.modules[index].parent;
        }
        None
    }
}

/// The single imports of a `use`, as (name here, path); a glob's name is `*`.
fn leaves(tree: &UseTree, before: &[String]) -> Vec<(String, Vec<String>)> {
    let with = |name: String| {
        let mut path = before.to_vec();
        // `use a::{self}` imports `a`.
        if name != "self" || before.is_empty() {
            path.push(name);
        }
        path
    };
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &with(path.ident.to_string())),
        UseTree::Name(name) => {
            let path = with(name.ident.to_string());
            vec![(path.last().cloned().unwrap_or_default(), path)]
        }
        UseTree::Rename(renamed) => vec![(renamed.rename.to_string(), with(renamed.ident.to_string()))],
        UseTree::Glob(_) => vec![("*".to_owned(), before.to_vec())],
        UseTree::Group(group) => group.items.iter().flat_map(|tree| leaves(tree, before)).collect(),
    }
}

/// Collects what a module imports, in its functions too.
struct Uses<'m> {
    module: &'m mut Module,
}

impl<'a> Visit<'a> for Uses<'_> {
    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        for (name, path) in leaves(&item.tree, &[]) {
            if name == "*" {
                self.module.globs.push(path);
            } else {
                self.module.imports.push((name, path));
            }
        }
    }
}

/// Collects the arrows that start in one module.
struct Arrows<'m> {
    modules: &'m Modules,
    module: usize,
    arrows: &'m mut BTreeMap<(usize, usize), BTreeSet<String>>,
}

impl Arrows<'_> {
    fn add(&mut self, to: usize, path: &[String]) {
        let from = self.modules.modules[self.module].file;
        if from != to {
            self.arrows.entry((from, to)).or_default().insert(path.join("::"));
        }
    }

    fn path(&mut self, path: &[String]) {
        if let Some(Meaning::Item(file)) = self.modules.resolve(self.module, path, true, REEXPORTS) {
            self.add(file, path);
        }
    }

    /// Code that is given to a macro is not parsed: paths are picked from its tokens.
    fn tokens(&mut self, tokens: proc_macro2::TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut before = String::new();
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Group(group) => {
                    self.end(&mut path);
                    self.tokens(group.stream());
                    before = String::new();
                }
                proc_macro2::TokenTree::Ident(name) => {
                    if before != "::" {
                        self.end(&mut path);
                    }
                    if before != "." {
                        path.push(name.to_string());
                    }
                    before = String::new();
                }
                token => {
                    let text = token.to_string();
                    before = if before == ":" && text == ":" { "::".to_owned() } else { text };
                    if !matches!(before.as_str(), ":" | "::") {
                        self.end(&mut path);
                    }
                }
            }
        }
        self.end(&mut path);
    }

    /// Ends a path of tokens. A lone small name is most often a variable.
    fn end(&mut self, path: &mut Vec<String>) {
        let path = std::mem::take(path);
        if path.len() > 1 || path.first().is_some_and(|name| name.starts_with(char::is_uppercase)) {
            self.path(&path);
        }
    }
}

fn names(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

impl<'a> Visit<'a> for Arrows<'_> {
    fn visit_item(&mut self, item: &'a Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'a ImplItem) {
        if !is_test_member(item) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        if !matches!(item.vis, Visibility::Inherited) {
            return;
        }
        for (name, path) in leaves(&item.tree, &[]) {
            // Of a name that is both, the uses of the item are seen where they are.
            match self.modules.resolve(self.module, &path, false, REEXPORTS) {
                Some(Meaning::Item(file)) => self.add(file, &path),
                Some(Meaning::Module(module)) if name == "*" => self.add(self.modules.modules[module].file, &path),
                _ => {}
            }
        }
    }

    fn visit_attribute(&mut self, attribute: &'a syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let named = names(path);
        // A lone small name is most often a variable; functions are seen where they are called.
        let is_told = named.len() > 1 || named.iter().any(|name| name.starts_with(char::is_uppercase));
        if path.leading_colon.is_none() && is_told {
            self.path(&named);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
        if let Expr::Path(function) = &*call.func {
            self.path(&names(&function.path));
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        let name = names(&call.path);
        match self.modules.macro_above(self.module, &name.concat()) {
            Some(file) => self.add(file, &name),
            None => self.path(&name),
        }
        self.tokens(call.tokens.clone());
    }
}
