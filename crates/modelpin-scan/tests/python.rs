//! Whatever the bytes: Python source is scanned without a panic and within its limits.

use modelpin_scan::{Capability, FileReference, Limits, Occurrence, Report, Verdict, scan};
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
    "case object(system=f)",
    "case {'system': f, **r}",
    "case [_, *r]",
    "vars(os)",
    "sys.modules",
    ".items()",
    ".__dict__",
    "| {}",
    "{**vars(os)}",
    "class H(dict)",
    "metaclass=",
    "[T: os.system]",
    "type X = ",
    "except* ",
    "t'{os}'",
    "__loader__",
    "super()",
    ".__init__(",
];

/// Ways to hold `os.system` and to get it back: an expression around `{}`.
const WRAPS: &[&str] = &[
    "[{}][0]",
    "(lambda f: f)({})",
    "{'a': {}}['a']",
    "{**{'a': {}}}['a']",
    "({'a': {}} | {})['a']",
    "[1, {}][::-1][0]",
    "[f for f in [{}]][0]",
    "next(iter([{}]))",
    "hold({})",
    "Kept({}).f",
    "Dict(a={})['a']",
    "max([{}], key=id)",
    "(lambda *a: a[0])({})",
    "(lambda **k: k['f'])(f={})",
    "list(zip([{}]))[0][0]",
    "Gives({})()",
    "Gives({}) + 1",
    "Gives({})[0]",
    "dict(a={})['a']",
    "{'a': [{}]}.get('a')[0]",
    "({} or None)",
    "(x := {})",
];

const HELPERS: &str = "import os\ndef hold(f):\n    def inner():\n        return f\n    return inner()\n\
    class Kept:\n    def __init__(self, f):\n        self.f = f\n\
    class Dict(dict):\n    pass\n\
    class Gives:\n    def __init__(self, f):\n        self.f = f\n    def __call__(self):\n        return self.f\n    \
    def __add__(self, o):\n        return self.f\n    def __getitem__(self, k):\n        return self.f\n";

#[test]
fn no_way_to_hold_a_function_hides_a_call_of_it() {
    let call = |function: &str| judge(format!("{HELPERS}({function})('id')\n").as_bytes(), "x.py").verdict();
    let mut lower = Vec::new();
    for outer in WRAPS {
        for inner in WRAPS {
            for function in ["os.system", "vars(os)['system']", "getattr(os, 'system')"] {
                let both = outer.replacen("{}", &inner.replacen("{}", function, 1), 1);
                if call(&both) != Verdict::Dangerous {
                    lower.push(both);
                }
            }
        }
    }
    assert!(lower.is_empty(), "{} ways\n{}", lower.len(), lower.join("\n"));
}

/// Twice the source costs about twice the steps.
#[test]
fn long_chains_cost_what_they_are_long() {
    type Line<'l> = &'l dyn Fn(u32, u32) -> String;
    let lines = |count: u32, line: Line<'_>| -> String {
        (1..count).map(|number| line(number, number.saturating_sub(1))).collect()
    };
    let chains: [(&str, &str, Line<'_>); 9] = [
        ("classes", "class A0: pass\n", &|n, m| format!("class A{n}(A{m}): pass\n")),
        ("methods", "class A0: pass\n", &|n, m| {
            format!("class A{n}(A{m}):\n    def m{n}(self): return self.m{m}()\nA{n}().m{m}()\n")
        }),
        ("attributes", "class A0: x = 1\n", &|n, m| format!("class A{n}(A{m}):\n    x = A{m}.x\n    __y__ = 1\n")),
        ("functions", "def f0(): pass\n", &|n, m| format!("def f{n}(): return f{m}()\n")),
        ("assignments", "x0 = print\n", &|n, m| format!("x{n} = x{m}\n")),
        ("decorators", "def d(f): return f\n", &|n, _| format!("@d\ndef f{n}(): pass\n")),
        ("imports", "import m0\n", &|n, _| format!("import m{n}\nfrom m{n} import a as b{n}\n")),
        ("merges", "d = {}\n", &|n, _| format!("d = {{**d, 'k{n}': {n}}}\n")),
        ("unknown", "def f(x): pass\n", &|n, _| format!("class C{n}:\n    def a(self, y): y.a(self)\n")),
    ];
    for (name, head, line) in chains {
        let steps = |count: u32| {
            let report = judge(format!("{head}{}", lines(count, line)).as_bytes(), "x.py");
            let over: Vec<_> = report.findings.iter().filter(|finding| finding.rule.id == "over-budget").collect();
            assert!(over.is_empty(), "{name}: {over:?}");
            report.spent.steps
        };
        let (short, long) = (steps(500), steps(2_000));
        assert!(long < 6 * short, "{name}: {short} steps, {long} for four times as much");
    }
}

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
    assert!(thirty > 2 * one, "{one} and {thirty} steps");
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
