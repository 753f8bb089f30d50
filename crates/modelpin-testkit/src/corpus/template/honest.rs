//! Honest templates.

use super::families::{CHATML, DEEPSEEK, GEMMA, LLAMA2, LLAMA3, MISTRAL, PHI3, QWEN3};
use super::tools::{COMMAND_R, GPT_OSS};
use crate::corpus::{Expect, Item};

/// What transformers' guide shows, and Jinja2's less common tags.
const COMMON: &[(&str, &str)] = &[
    ("minimal", "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}"),
    (
        "loop-controls",
        "{% for m in messages %}{% if m.role == 'system' %}{% continue %}{% endif %}{% if loop.index > 99 %}{% break %}{% endif %}{{ m.content|trim }}{{ loop.cycle(',', ';') }}{% else %}nothing{% endfor %}",
    ),
    (
        "call-and-filter-blocks",
        "{% macro turn(role) %}<|{{ role }}|>{{ caller() }}<|end|>{% endmacro %}{% for m in messages %}{% call turn(m.role) %}{% filter trim | upper %}{{ m.content }}{% endfilter %}{% endcall %}{% endfor %}",
    ),
    (
        "raw-and-comments",
        "{# {{ ''.__class__ }} is only a comment #}{% raw %}{{ ''.__class__ }} is only text{% endraw %}{% for m in messages %}{{ m.content }}{% endfor %}",
    ),
    (
        "recursive-loop",
        "{% for item in items recursive %}{{ item.title }}{% if item.children %}({{ loop(item.children) }}){% endif %}{% endfor %}",
    ),
    (
        "dictionaries",
        "{% set names = {'user': 'Human', 'assistant': 'AI'} %}{% for k, v in extra | dictsort %}{{ k ~ '=' ~ v }}{% endfor %}{% for m in messages %}{{ names[m.role] or names.get(m.role, '?') }}: {{ m['content'] }}{{ {'a': [1, 2,], 'b': (3,)}['a'][0] }}{% endfor %}",
    ),
    (
        "multiplied-separator",
        "{{ '-' * 40 }}\n{% for m in messages %}{{ '%s: %s' | format(m.role, m.content) }}\n{{ '=' * 20 }}{% endfor %}",
    ),
    (
        "switches-in-system-message",
        "{% set ns = namespace(mode='/think') %}{% for m in messages if m.role == 'system' %}{% if '/no_think' in m.content %}{% set ns.mode = '/no_think' %}{% endif %}{% endfor %}<|im_start|>system\n{% if ns.mode == '/no_think' %}Answer at once.{% else %}Think step by step before you give an answer to this.{% endif %}<|im_end|>",
    ),
    (
        "joined-parts",
        "{% for m in messages %}{% if m.content is not string %}{{ m.content | selectattr('type', 'equalto', 'text') | map(attribute='text') | join('\\n') }}{% else %}{{ m.content | replace('<image>', '') }}{% endif %}{% endfor %}",
    ),
    (
        "documents",
        "{% if documents %}<documents>{% for document in documents %}<document id=\"{{ loop.index }}\" url=\"{{ document.url or 'https://example.org' }}\">{{ document['text'] }}</document>{% endfor %}</documents>{% endif %}{% for m in messages %}{{ m.content }}{% endfor %}",
    ),
    (
        "with-and-set-blocks",
        "{% with a = 1, b = messages|length %}{{ a + b }}{% endwith %}{% set text %}{% for m in messages %}{{ m.content }}{% endfor %}{% endset %}{{ text | trim }}{% block tail %}{% endblock tail %}",
    ),
    (
        "non-latin",
        "{% for m in messages %}{% if m.role == 'user' %}用户：{{ m.content }}\n{% else %}助手：{{ m.content }}\n{% endif %}{% endfor %}{% if not messages %}你好，我是一个由许多人训练出来的语言模型。{% endif %}",
    ),
    (
        "format-key-of-a-schema",
        "{% for t in tools %}{{ t.name }}{% if t.format %} ({{ t['format'] }}){% endif %}{% endfor %}",
    ),
];

/// Content that is a text or a list of parts, made a text first, as templates of axolotl and llama.cpp do it.
const PARTS: &[(&str, &str)] = &[
    (
        "parts-selected",
        "{% for m in messages %}{% if m['content'] is string %}{% set content = m['content'] %}{% else %}{% set content = m['content'] | selectattr('type', 'equalto', 'text') | map(attribute='text') | join('') %}{% endif %}{% if m['role'] == 'user' %}{{ '[INST] ' + content + ' [/INST]' }}{% endif %}{% endfor %}",
    ),
    (
        "parts-by-key",
        "{% for m in messages %}{% set ns = namespace(text='') %}{% for item in m.content %}{% if 'text' in item %}{% set ns.text = ns.text + item['text'] %}{% endif %}{% endfor %}{% set content = ns.text %}{{ '<|im_start|>' + m.role + '\n' + content }}{% endfor %}",
    ),
    (
        "parts-of-the-first",
        "{% set ns = namespace(system='') %}{% for chunk in messages[0]['content'] %}{% if 'content' in chunk %}{% set ns.system = ns.system + chunk['content'] %}{% elif 'text' in chunk %}{% set ns.system = ns.system + chunk['text'] %}{% endif %}{% endfor %}{% set system = ns.system %}{{ '[INST]' + system + '[/INST]' }}",
    ),
    ("format", "{{ '{}: {}'.format(messages[0].role, bos_token) }}{{ '{name}'.format(name=bos_token) }}"),
    (
        "arguments-as-data",
        "{% for c in messages[-1].tool_calls %}{% for k, v in (c.function.arguments | from_json).items() %}{{ k }}={{ v }}{% endfor %}{% endfor %}",
    ),
];

/// The honest items.
pub(super) fn items() -> Vec<Item> {
    let families = [
        ("chatml", CHATML),
        ("llama2", LLAMA2),
        ("llama3", LLAMA3),
        ("mistral", MISTRAL),
        ("gemma", GEMMA),
        ("qwen3", QWEN3),
        ("deepseek", DEEPSEEK),
        ("command-r", COMMAND_R),
        ("phi3", PHI3),
        ("gpt-oss", GPT_OSS),
    ];
    let all = families.iter().chain(COMMON).chain(PARTS);
    let mut items: Vec<Item> = all
        .map(|(name, text)| Item::new(format!("template-honest-{name}"), Expect::Safe, "chat_template.jinja", *text))
        .map(|item| {
            item.quiet(&["template-escape", "template-call", "template-conditional-text", "template-unparsable"])
        })
        .collect();
    let more = |name: &str, text: &str| {
        Item::new(format!("template-honest-{name}"), Expect::Review, "additional_chat_templates/rag.jinja", text)
    };
    items
        .push(more("foreign-filter", "{{ messages | from_yaml }}").fires(&["template-call"]).quiet(&["template-load"]));
    items.push(
        more("format-with-a-width", "{{ '{:>20}: {}'.format(messages[0].role, bos_token) }}")
            .fires(&["template-call"])
            .quiet(&["template-escape"]),
    );
    items.push(
        more("of-ollama", "{{- range .Messages }}<|{{ .Role }}|>{{ .Content }}{{ end }}")
            .fires(&["template-unparsable"])
            .quiet(&["template-escape", "template-loop"]),
    );
    items
}
