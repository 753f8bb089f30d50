//! Templates that take more time or memory than there is, and honest ones with loops, macros and recursion.

use crate::corpus::{Expect, Item};

/// What makes very much of very little.
const COSTLY: &[(&str, &str)] = &[
    ("macro-twice", "{% macro f(n) %}{{ f(n - 1) ~ f(n - 1) if n }}{% endmacro %}{{ f(99) }}"),
    (
        "macro-twice-printed",
        "{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(99) }}",
    ),
    (
        "macro-in-a-loop",
        "{% macro f(n) %}{% if n %}{% for i in range(2) %}{{ f(n - 1) }}{% endfor %}{% endif %}{% endmacro %}{{ f(99) }}",
    ),
    (
        "macro-in-a-loop-over-messages",
        "{% macro f(n) %}{% for m in messages %}{{ f(n) }}{% endfor %}{% endmacro %}{{ f(messages) }}",
    ),
    (
        "macro-by-default",
        "{% macro f(n, x=none) %}{% if n %}{% set a = f(n - 1) %}{% set b = f(n=n - 1) %}{% endif %}{% endmacro %}{{ f(60) }}",
    ),
    (
        "macro-fibonacci",
        "{% macro fib(n) %}{{ (fib(n - 1) | int + fib(n - 2) | int) if n > 1 else n }}{% endmacro %}{{ fib(90) }}",
    ),
    (
        "macros-mutual",
        "{% macro a(n) %}{{ b(n) }}{{ b(n) }}{% endmacro %}{% macro b(n) %}{% if n %}{{ a(n - 1) }}{% endif %}{% endmacro %}{{ a(80) }}",
    ),
    (
        "macro-halves",
        "{% macro f(s) %}{% if s %}{{ f(s[1:]) }}{{ f(s[1:]) }}{% endif %}{% endmacro %}{{ f(messages[0].content) }}",
    ),
    (
        "macro-of-a-made-tree",
        "{% set t = {} %}{% set t = {'l': t} %}{% macro f(x) %}{% if x %}{{ f(x.l) }}{{ f(x.l) }}{% endif %}{% endmacro %}{{ f(t) }}",
    ),
    (
        "macro-called-by-itself",
        "{% macro f(x) %}{{ x ~ x }}{% endmacro %}{{ f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f(f('x')))))))))))))))))))))))))))))) }}",
    ),
    (
        "call-blocks",
        "{% macro f() %}{{ caller() }}{{ caller() }}{{ caller() }}{{ caller() }}{% endmacro %}{% call f() %}{% call f() %}{% call f() %}{% call f() %}{% call f() %}{% call f() %}{% call f() %}{% call f() %}{% call f() %}{% call f() %}{% call f() %}{% call f() %}{% call f() %}x{% endcall %}{% endcall %}{% endcall %}{% endcall %}{% endcall %}{% endcall %}{% endcall %}{% endcall %}{% endcall %}{% endcall %}{% endcall %}{% endcall %}{% endcall %}",
    ),
    (
        "call-block-after-a-macro",
        "{% macro h() %}{% endmacro %}{% macro f() %}{{ h() }}{% for i in range(1000) %}{{ caller() }}{% endfor %}{% endmacro %}{% call f() %}{% call f() %}{% call f() %}x{% endcall %}{% endcall %}{% endcall %}",
    ),
    (
        "call-block-of-a-macro",
        "{% macro h() %}{% endmacro %}{% macro f(x) %}{% for i in range(1000) %}{{ caller() }}{% endfor %}{% endmacro %}{% call f(h()) %}{% call f(h()) %}{% call f(h()) %}x{% endcall %}{% endcall %}{% endcall %}",
    ),
    ("power-of-powers", "{{ 9 ** 9 ** 9 ** 9 }}"),
    ("power-by-name", "{% set n = 50 %}{% set m = n ** n ** n %}"),
    ("squared", "{% set n = 10 ** 60 %}{% set n = n * n %}{% set n = n * n %}{% set n = n ** 8 %}"),
    (
        "sum-doubles",
        "{% set a = 'x' %}{% set ns = namespace(a=a, b=a) %}{% for i in range(60) %}{% set ns.b = ns.a ~ 'y' %}{% set ns.a = ns.a ~ ns.b %}{% endfor %}{{ ns.a }}",
    ),
    (
        "two-steps-per-message",
        "{% set ns = namespace(a='x', b='') %}{% for m in messages %}{% set ns.b = ns.a ~ ns.a %}{% set ns.a = ns.b %}{% endfor %}{{ ns.a }}",
    ),
    ("repeated-by-a-product", "{{ 'x' * (9999 * 9999) }}{{ bos_token * (9000 * 9000 * 9) }}"),
    ("repeated-in-steps", "{{ ((('x' * 9000) * 9000) * 9000) }}"),
    ("repeated-list", "{{ ([1] * 9000 * 9000 * 9) | length }}"),
    ("width-from-a-value", "{{ '%*d' % (10 ** 9, 1) }}"),
    ("width-from-a-product", "{{ 'x' | center(9999 * 99999) }}"),
    ("width-of-a-date", "{{ strftime_now('%999999999Y') }}"),
    ("indents", "{{ ('a\\n' * 9000) | indent(9000) | indent(9000) }}"),
    ("replaced-for-nothing", "{{ ('x' * 9000) | replace('', 'x' * 9000) | replace('x', 'x' * 9000) }}"),
    (
        "replaced-again",
        "{{ 'aaaaaaaa' | replace('a', 'aaaaaaaaaa') | replace('a', 'aaaaaaaaaa') | replace('a', 'aaaaaaaaaa') | replace('a', 'aaaaaaaaaa') | replace('a', 'aaaaaaaaaa') | replace('a', 'aaaaaaaaaa') | replace('a', 'aaaaaaaaaa') | replace('a', 'aaaaaaaaaa') }}",
    ),
    (
        "replaced-by-a-method",
        "{{ 'aaaaaaaa'.replace('a', 'a' * 999).replace('a', 'a' * 999).replace('a', 'a' * 999) }}",
    ),
    ("joined", "{{ range(9999) | join('x' * 9999) | replace('x', 'y' * 9999) }}"),
    ("joined-by-a-method", "{{ ('x' * 9999).join(range(9999) | map('string')) * 99 }}"),
    ("filled", "{{ [1] | batch(99999999, 'xx') | list }}"),
    ("loops-over-a-product", "{% for a in 'x' * 5000 %}{% for b in 'x' * 5000 %}{{ a }}{% endfor %}{% endfor %}"),
    ("loops-over-slices", "{% for a in range(9000)[::2] %}{% for b in range(9000)[1:] %}x{% endfor %}{% endfor %}"),
    ("loops-over-lists", "{% set l = [1] * 9000 %}{% for a in l %}{% for b in l | reverse %}x{% endfor %}{% endfor %}"),
    ("recursive-loop", "{% for x in [1, 1] recursive %}{{ loop([1, 1]) }}{% endfor %}"),
    ("recursive-loop-twice", "{% for x in messages recursive %}{{ loop(messages) }}{{ loop(messages) }}{% endfor %}"),
];

/// What is set anew from itself, without a loop: each time twice as large.
fn unrolled(set: &str) -> String {
    format!("{{% set a = 'x' %}}{{% set b = a %}}{}{{{{ a }}}}", set.repeat(64))
}

/// A chain of macros, each of which calls the next one ten times.
fn chain(length: usize) -> String {
    let links = (1..length).map(|link| {
        format!("{{% macro m{link}() %}}{}{{% endmacro %}}", format!("{{{{ m{}() }}}}", link - 1).repeat(10))
    });
    format!("{{% macro m0() %}}x{{% endmacro %}}{}{{{{ m{}() }}}}", links.collect::<String>(), length - 1)
}

/// Honest templates with loops, macros and recursion over what they are given.
const HONEST: &[(&str, &str)] = &[
    (
        "schema",
        "{% macro kind(spec, required) %}{% if spec.type == 'array' %}{% if spec['items'] %}{% if spec['items']['type'] == 'string' %}string[]{% else %}{% set inner = kind(spec['items'], required) %}{{ inner }}[]{% endif %}{% endif %}{% elif spec.oneOf %}{% for variant in spec.oneOf %}{{ kind(variant, required) }}{% if not loop.last %} | {% endif %}{% endfor %}{% elif spec.properties %}{% for name, value in spec.properties.items() %}{{ name }}: {{ kind(value, spec.required or []) }}{% endfor %}{% else %}any{% endif %}{% endmacro %}{% for tool in tools %}{{ kind(tool.function.parameters, []) }}{% endfor %}",
    ),
    (
        "tree",
        "{% for m in messages recursive %}{{ m.content }}{% if m.children %}{{ loop(m.children) }}{% endif %}{% endfor %}",
    ),
    ("countdown", "{% macro f(n) %}{% if n > 0 %}{{ n }} {{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(5) }}"),
    (
        "sums",
        "{% set ns = namespace(n=0, text='') %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% set ns.text = ns.text ~ m.content | trim ~ '\\n' %}{% endfor %}{{ ns.text }}",
    ),
    (
        "escapes",
        "{{ messages[0].content | replace('&', '&amp;') | replace('<', '&lt;') | replace('>', '&gt;') | replace('\"', '&quot;') }}",
    ),
    (
        "replaced-in-a-loop",
        "{% set ns = namespace(text='') %}{% for m in messages %}{% set ns.text = (ns.text ~ m.content) | replace('\\n', '<newline>') %}{% endfor %}{{ ns.text }}",
    ),
    ("hours", "{% for h in range(24) %}{% for m in range(60) %}{{ '%02d:%02d' % (h, m) }}{% endfor %}{% endfor %}"),
    ("powers", "{{ 2 ** 32 }}{{ 10 ** 9 }}{{ 1024 * 1024 * 1024 }}"),
    ("indented", "{{ tools | tojson(indent=4) | indent(4) }}{{ '-' * 80 }}"),
];

pub(super) fn items() -> Vec<Item> {
    let item = |name: &str, text: String| {
        Item::new(format!("template-cost-{name}"), Expect::Suspect, "chat_template.jinja", text)
            .fires(&["template-loop"])
            .quiet(&["template-escape", "template-unparsable"])
    };
    let costly = COSTLY.iter().map(|(name, text)| item(name, (*text).to_owned()));
    let doubled = [
        ("doubled", "{% set a = a ~ a %}"),
        ("doubled-by-sums", "{% set a = a + a %}"),
        ("doubled-by-format", "{% set a = '%s%s' % (a, a) %}"),
        ("doubled-by-a-filter", "{% set a = '%s%s' | format(a, a) %}"),
        ("doubled-by-join", "{% set a = [a, a] | join %}"),
        ("doubled-lists", "{% set a = [a, a] %}"),
        ("doubled-in-two-steps", "{% set b = a ~ a %}{% set a = b ~ '' %}"),
        ("doubled-blocks", "{% set a %}{{ a }}{{ a }}{% endset %}"),
        ("doubled-if", "{% if tools %}{% set a = a ~ a %}{% endif %}"),
        ("doubled-by-choice", "{% set a = (a ~ a) if tools else (a + a) %}"),
        ("doubled-by-with", "{% set a = a.replace('x', 'xx') %}"),
        ("doubled-by-a-filter-block", "{% set a %}{% filter trim %}{{ a ~ a }}{% endfilter %}{% endset %}"),
    ];
    let doubled = doubled.map(|(name, set)| item(name, unrolled(set)));
    let namespace = "{% set ns = namespace(a='xy') %}{% macro g() %}{% set ns.a = ns.a ~ ns.a ~ '' %}{% endmacro %}";
    let chained = [
        item("macros-in-a-chain", chain(20)),
        item("namespace-in-a-macro", format!("{namespace}{}{{{{ ns.a }}}}", "{{ g() }}".repeat(40))),
    ];
    let honest = HONEST.iter().map(|(name, text)| {
        Item::new(format!("template-cost-honest-{name}"), Expect::Safe, "chat_template.jinja", *text)
            .quiet(&["template-loop", "over-budget"])
    });
    costly.chain(doubled).chain(chained).chain(honest).collect()
}
