//! Words that must not come back into what users read: messages, help and docs. `docs/style.md` says what to write instead.

use super::source::{TOP, attributes, below, crates, is_for_tests, is_test_member, only_for_tests, parse};
use clap::CommandFactory as _;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{ImplItem, Item, Lit};

/// What must not be written, in small letters and as whole words (`*` is any ending), and what to write instead.
const WORDS: &[(&str, &str)] = &[
    ("stranger*", "untracked file"),
    ("wish*", "requirement, or what models.toml asks for"),
    ("lapse*", "expire"),
    ("proven", "verified"),
    ("judge*", "scan, check"),
    ("judging", "scanning, checking"),
    ("edge*", "dependency"),
    ("unfollowed", "ignored dependency"),
    ("change ticket*", "changes, change report"),
    ("cannot be meant", "invalid"),
    ("can be meant", "valid"),
    ("have to come", "to download"),
    ("has to come", "to download"),
    ("is no entry", "no entry named"),
    ("is no day", "is not a date"),
    ("is no size", "invalid size"),
    ("is no file", "is not a file"),
    ("is no folder", "is not a folder"),
    ("is no link", "is not a link"),
    ("hole in it", "incomplete"),
    ("at home", "in the store, in your home folder"),
    ("brought", "installed, downloaded"),
    ("brings in", "installs"),
    ("bring in", "install"),
    ("brings nothing in", "installs nothing"),
    ("let in", "admitted, allowed"),
    ("lets in", "admits, allows"),
    ("believed", "trusted, relied on"),
    ("beats", "steps"),
    ("crowd", "overload"),
    ("answers models.toml", "is up to date with models.toml"),
    ("answers the manifest", "is up to date with models.toml"),
    ("the system's", "the cause: I/O errors from reading X"),
    ("the gate", "the policy, the checks"),
    ("is to be had", "is available"),
    ("can be had", "is available"),
    ("goes its own way", "differs"),
];

/// The places of a text (lines from 1) at which a forbidden word stands, and the word.
fn forbidden(text: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.to_lowercase();
        let is_word =
            |at: usize| line[at..].chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
        for (word, _) in WORDS {
            let stem = word.trim_end_matches('*');
            for (at, _) in line.match_indices(stem) {
                let starts = !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-');
                let in_address = line[..at].rsplit(char::is_whitespace).next().is_some_and(|part| part.contains("://"));
                let ends = word.ends_with('*') || !is_word(at + stem.len());
                if starts && ends && !in_address {
                    found.push((number + 1, *word));
                }
            }
        }
    }
    found
}

/// The text that a person may read in the literals of a file; not what is for tests, nor doc comments.
fn literals(file: &syn::File) -> Vec<String> {
    let mut visitor = Literals(Vec::new());
    visitor.visit_file(file);
    visitor.0
}

struct Literals(Vec<String>);

impl Literals {
    fn tokens(&mut self, tokens: proc_macro2::TokenStream) {
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Group(group) => self.tokens(group.stream()),
                proc_macro2::TokenTree::Literal(literal) => {
                    if let Lit::Str(text) = Lit::new(literal) {
                        self.0.push(text.value());
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'a> Visit<'a> for Literals {
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

    fn visit_attribute(&mut self, attribute: &'a syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta
            && !list.path.is_ident("expect")
        {
            self.tokens(list.tokens.clone());
        }
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        self.tokens(call.tokens.clone());
    }

    fn visit_lit_str(&mut self, text: &'a syn::LitStr) {
        self.0.push(text.value());
    }
}

/// The help of a command and of those below it.
fn help(mut command: clap::Command, texts: &mut Vec<(String, String)>) {
    texts.push((format!("the help of `{}`", command.get_name()), command.render_long_help().to_string()));
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        help(below.clone(), texts);
    }
}

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|suffix| suffix == "md" || suffix == "json") {
            found.push(path);
        }
    }
}

/// Everything that users read: where it is, and its text.
fn texts() -> Vec<(String, String)> {
    let top = Path::new(TOP);
    let mut texts = Vec::new();
    help(modelpin::cli::Cli::command(), &mut texts);
    let mut docs = vec![top.join("README.md"), top.join(".github/CONTRIBUTING.md")];
    pages(&top.join("docs"), &mut docs);
    let shown = |path: &Path| path.strip_prefix(top).unwrap().display().to_string();
    // The page that says what not to write.
    for path in docs.iter().filter(|path| !path.ends_with("docs/style.md")) {
        texts.push((shown(path), std::fs::read_to_string(path).unwrap()));
    }
    for folder in crates(top).into_iter().filter(|folder| !folder.ends_with("modelpin-testkit")) {
        let files = below(&folder.join("src"));
        let tests = only_for_tests(&files);
        for path in files.iter().filter(|path| !tests.iter().any(|test| path.starts_with(test))) {
            texts.extend(literals(&parse(path)).into_iter().map(|text| (shown(path), text)));
        }
    }
    texts
}

#[test]
fn what_users_read_has_no_forbidden_word() {
    let mut wrong = Vec::new();
    for (place, text) in texts() {
        for (line, word) in forbidden(&text) {
            let instead = WORDS.iter().find(|row| row.0 == word).unwrap().1;
            wrong.push(format!("{word:?} (write: {instead}) in {place}: {}", text.lines().nth(line - 1).unwrap()));
        }
    }
    assert!(wrong.is_empty(), "{} forbidden words:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_forbidden_word_is_found_as_a_word() {
    assert_eq!(forbidden("a\nThree Strangers removed\n"), [(2, "stranger*")]);
    assert_eq!(forbidden("knowledge of improvendness; an-edge; https://a.example/edge/x"), []);
    assert_eq!(forbidden("It has to come"), [(1, "has to come")]);
    let file = syn::parse_file(
        "/// wish\n#[doc = \"lapse\"] fn f() { format!(\"proven {}\", \"crowd\"); } #[cfg(test)] fn g() { \"beats\"; }",
    );
    assert_eq!(literals(&file.unwrap()), ["proven {}", "crowd"]);
}
