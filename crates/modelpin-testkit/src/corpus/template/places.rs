//! Where templates are: in files of any suffix, in YAML, TOML and JSON; and texts with the same marks that are none.

use crate::corpus::{Expect, Item};

const ESCAPE: &str = "{{ ''.__class__.__mro__[1].__subclasses__() }}";
const BUILT: &str = "{{ messages['__cla' ~ 'ss__'] }}";
const CHAT: &str = "{% for m in messages %}{{ m.role }}: {{ m.content }}{% endfor %}";
const COSTLY: &str = "{% macro f(n) %}{{ f(n - 1) ~ f(n - 1) if n }}{% endmacro %}{{ f(99) }}";

/// A page of a web application.
const PAGE: &str = "{% extends 'base.html' %}{% block body %}<div class=\"{{ cycler('odd', 'even').next() }}\">\
    <a href=\"{{ url_for('index') }}\">{{ request.path }}</a>{% include 'footer.html' %}</div>{% endblock %}";

pub(super) fn items() -> Vec<Item> {
    let place = |expect, kind: &str, name: &str, path: &str, text: String| {
        Item::new(format!("template-place-{kind}-{name}"), expect, path, text)
    };
    let block = |key: &str, text: &str| format!("name: x\n{key}: |\n  {text}\nmore: 1\n");
    let quoted = |key: &str, text: &str| format!("{key}: \"{text}\"\n");
    let places = [
        ("template", "prompt.template", ESCAPE.to_owned()),
        ("jinja-in-a-folder", "additional_chat_templates/rag.jinja", ESCAPE.to_owned()),
        ("j2", "prompts/system.j2", ESCAPE.to_owned()),
        ("no-suffix", "chat_template", ESCAPE.to_owned()),
        ("yaml", "config.yaml", quoted("chat_template", ESCAPE)),
        ("yaml-block", "model.yml", block("chat_template", ESCAPE)),
        ("yaml-list", "config.yaml", format!("chat_templates:\n  - name: a\n    template: \"{ESCAPE}\"\n")),
        ("yaml-prompt", "prompts.yaml", block("system_prompt", BUILT)),
        ("yaml-task", "task.yaml", quoted("doc_to_text", BUILT)),
        ("yaml-deep", "config.yaml", format!("a:\n  b:\n    - c: \"{BUILT}\"\n    - \"{BUILT}\"\n")),
        ("yaml-flow", "config.yaml", format!("{{a: {{chat_template: \"{ESCAPE}\"}}}}\n")),
        ("toml", "config.toml", format!("[model]\nchat_template = \"{ESCAPE}\"\n")),
        ("toml-list", "config.toml", format!("prompts = [\"\"\"{BUILT}\"\"\"]\n")),
        ("json-prompts", "agent.json", format!("{{\"prompt_templates\": {{\"system_prompt\": {}}}}}", in_json(BUILT))),
    ];
    let hostile = places
        .map(|(name, path, text)| place(Expect::Dangerous, "escape", name, path, text).fires(&["template-escape"]));
    let costly = [
        ("template", "prompt.template", COSTLY.to_owned()),
        ("yaml", "config.yaml", quoted("chat_template", COSTLY)),
        ("toml", "config.toml", format!("chat_template = \"{COSTLY}\"\n")),
    ];
    let costly =
        costly.map(|(name, path, text)| place(Expect::Suspect, "costly", name, path, text).fires(&["template-loop"]));
    let pages = [("template", "index.template"), ("jinja", "templates/index.html.jinja"), ("j2", "page.j2")];
    let pages = pages.map(|(name, path)| {
        place(Expect::Review, "page", name, path, PAGE.to_owned()).quiet(&["template-load", "template-escape"])
    });
    let page_escape = place(Expect::Dangerous, "page", "escape", "page.j2", format!("<html>{ESCAPE}</html>"));
    let safe = [
        ("template", "prompt.template", CHAT.to_owned()),
        ("template-of-variables", ".env.template", "TOKEN=\nPORT=${PORT}\n".to_owned()),
        ("yaml", "config.yaml", block("chat_template", CHAT)),
        ("yaml-task", "task.yaml", quoted("doc_to_text", "{{ question | trim }} {{ choices[0] }}")),
        (
            "workflow",
            "ci.yml",
            "on: push\nenv:\n  A: ${{ secrets.A }}\n  B: ${{ matrix._x == 1 && 'a' || '' }}\n".to_owned(),
        ),
        ("chart", "values.yaml", "a: \"{{ include \\\"x\\\" . | __init__ }}\"\n".to_owned()),
        ("recipe", "meta.yaml", "name: \"{{ name|lower }}\"\nurl: \"{{ url.format(version) }}\"\n".to_owned()),
        ("toml", "config.toml", format!("chat_template = \"{CHAT}\"\n")),
        ("toml-ruff", "ruff.toml", "fmt = '{{ x }}'\n".to_owned()),
    ];
    let safe = safe.map(|(name, path, text)| {
        place(Expect::Safe, "honest", name, path, text).quiet(&[
            "template-escape",
            "template-call",
            "template-unparsable",
        ])
    });
    hostile.into_iter().chain(costly).chain(pages).chain([page_escape]).chain(safe).collect()
}

/// A text of JSON.
fn in_json(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
