//! Every source file of this workspace, what of it is only for tests, and what may panic in the rest.

use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, Meta};

pub(super) const TOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Every Rust file below a folder, sorted. Left out is only what cargo builds: a `target` beside a `Cargo.toml`.
pub(super) fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let is_package = folder.join("Cargo.toml").exists();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !(is_package && path.ends_with("target")) {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|suffix| suffix == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The folders of our crates, sorted.
pub(super) fn crates(top: &Path) -> Vec<PathBuf> {
    let mut crates: Vec<_> =
        std::fs::read_dir(top.join("crates")).unwrap().map(|entry| entry.unwrap().path()).collect();
    crates.sort();
    crates
}

pub(super) fn parse(path: &Path) -> syn::File {
    let text = std::fs::read_to_string(path).unwrap();
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether what has these attributes is compiled for tests alone: `#[test]`, `#[cfg(test)]`, `#[cfg(all(test, …))]`.
pub(super) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            let condition: String = condition.split_whitespace().collect();
            condition == "test" || condition.starts_with("all(test,")
        }
        _ => false,
    })
}

pub(super) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The function that has this attribute or is without one.
pub(super) fn is_test_member(item: &ImplItem) -> bool {
    matches!(item, ImplItem::Fn(function) if is_for_tests(&function.attrs))
}

/// The files and folders of this crate that only tests are compiled from: `#[cfg(test)] mod tests;`.
pub(super) fn only_for_tests(files: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let has_tests = |path: &&PathBuf| std::fs::read_to_string(path).unwrap().contains("#[cfg(");
    for path in files.iter().filter(has_tests) {
        for item in &parse(path).items {
            if let Item::Mod(module) = item
                && module.content.is_none()
                && is_for_tests(&module.attrs)
            {
                let folder = folder_of_children(path);
                found.push(folder.join(module.ident.to_string()));
                found.push(folder.join(format!("{}.rs", module.ident)));
            }
        }
    }
    found
}

/// Where the files of the modules that a file declares are.
pub(super) fn folder_of_children(path: &Path) -> PathBuf {
    let folder = path.parent().unwrap();
    match path.file_stem().unwrap().to_str().unwrap() {
        "lib" | "main" | "mod" => folder.to_owned(),
        name => folder.join(name),
    }
}

/// The shortcuts that panic (`.unwrap()`, `panic!`) in the code of a file that is not for tests.
pub(super) fn shortcuts(file: &syn::File) -> Vec<String> {
    let mut visitor = Shortcuts { function: String::new(), found: Vec::new() };
    visitor.visit_file(file);
    visitor.found
}

const METHODS: [&str; 2] = ["unwrap", "expect"];
const MACROS: [&str; 3] = ["panic", "todo", "unimplemented"];

struct Shortcuts {
    /// The function that is being read.
    function: String,
    found: Vec<String>,
}

impl Shortcuts {
    fn add(&mut self, shortcut: &str) {
        self.found.push(format!("{shortcut} in {}", self.function));
    }

    /// Code that is given to a macro is not parsed: its tokens are read.
    fn tokens(&mut self, tokens: proc_macro2::TokenStream) {
        let mut before = ["", ""].map(str::to_owned);
        for token in tokens {
            let text = token.to_string();
            if let proc_macro2::TokenTree::Group(group) = &token {
                if before[0] == "." && METHODS.contains(&before[1].as_str()) {
                    self.add(&before[1].clone());
                }
                if before[1] == "!" && MACROS.contains(&before[0].as_str()) {
                    self.add(&before[0].clone());
                }
                self.tokens(group.stream());
            }
            before = [before[1].clone(), text];
        }
    }
}

impl<'a> Visit<'a> for Shortcuts {
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

    fn visit_signature(&mut self, signature: &'a syn::Signature) {
        self.function = signature.ident.to_string();
        visit::visit_signature(self, signature);
    }

    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        let method = call.method.to_string();
        if METHODS.contains(&method.as_str()) {
            self.add(&method);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        let name = call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if MACROS.contains(&name.as_str()) {
            self.add(&name);
        }
        self.tokens(call.tokens.clone());
    }
}
