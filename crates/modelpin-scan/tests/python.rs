//! Whatever the bytes: Python source is scanned without a panic and within its limits.

use modelpin_scan::{Capability, FileReference, Limits, Occurrence, Report, scan};
use modelpin_testkit::corpus::all;
use proptest::prelude::*;
use std::sync::LazyLock;

fn judge(source: &[u8], path: &str) -> Report {
    scan(source, path, &Limits::default())
}

/// Sources of the corpus, the small ones.
fn sources() -> &'static [Vec<u8>] {
    static SOURCES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let items = all().into_iter().filter(|item| item.name.starts_with("code-"));
        items.flat_map(|item| item.files).map(|(_, bytes)| bytes).filter(|bytes| bytes.len() < 4096).collect()
    });
    &SOURCES
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_judged(text in "(?s).{0,200}") {
        judge(format!("x = 1\n{text}").as_bytes(), "x.py");
    }

    #[test]
    fn any_python_words_are_judged(words in prop::collection::vec(prop::sample::select(WORDS), 0..120)) {
        judge(words.concat().as_bytes(), "x.py");
    }

    #[test]
    fn damaged_sources_are_judged(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = pick.get(sources()).clone();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            *bytes.get_mut(at).unwrap() = byte;
            bytes.truncate(cut.index(bytes.len()).max(bytes.len() / 2));
            judge(&bytes, "x.py");
        }
    }
}

const WORDS: &[&str] = &[
    "def f(x",
    "class A",
    "lambda x",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    "\n",
    "\n    ",
    "\n        ",
    ",",
    ".",
    "=",
    ":=",
    "*",
    "**",
    "import os",
    "from . import a",
    "from os import *",
    "os",
    ".system",
    "f'{",
    "}'",
    "'a'",
    "b'a'",
    "1",
    "if ",
    "else ",
    "for x in ",
    "while ",
    "with ",
    "try",
    "except",
    "match x",
    "case ",
    "async ",
    "await ",
    "yield ",
    "return ",
    "not ",
    "-",
    "+",
    "@",
    "del ",
    "global x",
    "getattr",
    "map",
    "exec",
    "self",
    "x",
    "f",
    "A",
    "__import__",
    "globals()",
    ";",
    "\\\n",
    "#",
    "\t",
];

#[test]
fn occurrences_have_line_and_time() {
    let source = "import os\n\ndef f():\n    os.system('id')\n\nKEY = os.environ['X']\n";
    let facts = judge(source.as_bytes(), "x.py").facts;
    let places = |capability| facts.capabilities.get(&capability).unwrap().iter().copied().collect::<Vec<_>>();
    assert_eq!(places(Capability::Process), [Occurrence { line: 4, on_import: false }]);
    assert_eq!(places(Capability::Environment), [Occurrence { line: 6, on_import: true }]);
}

#[test]
fn relative_imports_refer_to_files_of_the_folder() {
    let source = "from .a import A\nfrom ..b.c import C\nfrom . import d\n";
    let file_references = judge(source.as_bytes(), "one/two/x.py").facts.file_references.clone();
    let expected = ["one/b/c.py", "one/two/a.py", "one/two/d.py"].map(|path| FileReference::Code(path.to_owned()));
    assert_eq!(file_references.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn every_possible_value_is_charged() {
    // So many values in one place, each followed along a chain of attributes.
    let steps = |values: u32| {
        let values: String = (0..values).map(|number| format!("x = m{number}\n")).collect();
        let imports: String = (0..30).map(|number| format!("import m{number}\n")).collect();
        let chain = ".b".repeat(40);
        judge(format!("{imports}{values}{}", format!("x{chain}\n").repeat(20)).as_bytes(), "x.py").spent.steps
    };
    let (one, thirty) = (steps(1), steps(30));
    assert!(thirty > 5 * one, "{one} and {thirty} steps");
}

#[test]
fn mutually_inheriting_classes_are_visited_once() {
    // Flow is not followed, so that a name that is given again and again stands for all of its classes.
    let classes: String = (0..200)
        .map(|number| {
            format!("class C{}(C{}, C{}):\n    pass\n", number % 20, (number * 7 + 1) % 20, (number * 5 + 3) % 20)
        })
        .collect();
    let report = judge(format!("{classes}C0().x.y\nC1().z()\n").as_bytes(), "x.py");
    assert!(report.spent.steps < 10_000_000, "{} steps", report.spent.steps);
}
