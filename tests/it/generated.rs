//! The reference pages and schemas are made from the code: `BLESS=1 cargo it generated` writes them anew.

use clap::{Arg, Command};
use modelpin::cli;
use modelpin::exit::Exit;
use modelpin::render::rule::{grade, markdown};
use modelpin::vars;
use modelpin_ops::exec::{self, Variable};
use modelpin_rules::{self as rules, Rule};
use modelpin_scan::followed::{FOLLOWED, Followed, NOT_FOLLOWED};
use modelpin_schema::lockfile::Role;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
const MADE: &str = "<!-- Made from the code by `BLESS=1 cargo it generated`. -->\n\n";

fn check(path: &str, text: &str) {
    let file = Path::new(DOCS).join(path);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "docs/{path} is not what the code says; `BLESS=1 cargo it generated` writes it anew");
}

#[test]
fn the_page_of_commands() {
    let mut command = cli::command();
    command.build();
    let mut page = format!("# Commands\n\n{MADE}{}\n", about(&command));
    page.push_str("\n## Options of every command\n\n");
    command.get_arguments().filter(|arg| arg.is_global_set()).for_each(|arg| option(&mut page, arg));
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        section(&mut page, verb, "modelpin", 2);
    }
    check("reference/cli.md", &page);
}

fn section(page: &mut String, verb: &Command, above: &str, depth: usize) {
    let name = format!("{above} {}", verb.get_name());
    let heading = "#".repeat(depth);
    let _ = write!(page, "\n{heading} `{name}`\n\n{}\n\n", about(verb));
    let own = || verb.get_arguments().filter(|arg| !arg.is_global_set() && arg.get_id() != "help");
    own().for_each(|arg| option(page, arg));
    if let Some(examples) = verb.get_after_long_help().or(verb.get_after_help()) {
        let examples = examples.to_string();
        // Examples are indented; what is said beside them is not.
        let (code, rest): (Vec<&str>, Vec<&str>) =
            examples.lines().filter(|line| !line.starts_with("Example")).partition(|line| line.starts_with("  "));
        let commented = |line: &str| match line.split_once("  ") {
            Some((command, about)) => format!("{command}  # {}", about.trim()),
            None => line.trim().to_owned(),
        };
        // A continued line is one.
        let code: Vec<String> = code.join("\n").split(" \\\n").map(|part| part.trim_start().to_owned()).collect();
        let code: Vec<String> = code.join(" ").lines().map(|line| commented(line.trim())).collect();
        let _ = write!(page, "\n```sh\n{}\n```\n", code.join("\n"));
        let rest = rest.join("\n");
        if !rest.trim().is_empty() {
            let _ = writeln!(page, "\n{}", rest.trim());
        }
    }
    for part in verb.get_subcommands().filter(|part| part.get_name() != "help") {
        section(page, part, &name, depth + 1);
    }
}

fn about(command: &Command) -> String {
    let text = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    text.trim().to_owned()
}

fn option(page: &mut String, arg: &Arg) {
    let values: Vec<String> = arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let takes = arg.get_action().takes_values();
    let mut spelling = match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long}"),
        (None, Some(long)) => format!("--{long}"),
        (Some(short), None) => format!("-{short}"),
        (None, None) => String::new(),
    };
    if takes {
        let shown = if values.is_empty() { arg.get_id().to_string().to_uppercase() } else { values.join(" ") };
        spelling = if spelling.is_empty() { shown } else { format!("{spelling} {shown}") };
    }
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut help = help.split("\n\n").map(|part| part.trim_end_matches('.')).collect::<Vec<_>>().join(". ");
    let choices: Vec<String> =
        arg.get_possible_values().iter().filter(|_| takes).map(|value| format!("`{}`", value.get_name())).collect();
    if !choices.is_empty() {
        let _ = write!(help, ": {}", choices.join(", "));
    }
    let _ = writeln!(page, "- `{spelling}`: {help}");
}

#[test]
fn the_page_of_exit_codes() {
    let mut page = format!("# Exit codes\n\n{MADE}Scripts may rely on them.\n\n| code | meaning |\n|---|---|\n");
    for (code, meaning) in Exit::ALL {
        let _ = writeln!(page, "| {code} | {} |", meaning.trim());
    }
    page.push_str("\nWhere several apply, 1 and 2 stop at once; then 4 comes before 6, 5, 3 and 7, in that order.\n");
    check("reference/exit-codes.md", &page);
}

#[test]
fn the_pages_of_the_rules() {
    let mut index = format!(
        "# Rules\n\n{MADE}The rules that `modelpin check` and `modelpin scan` apply.\n\nA rule of the policy is an error (*deny*), a warning (*warn*) or off (*allow*), unless `[policy.rules]` sets another\nlevel; see [the guide to the policy](../guides/policy.md).\n\nThe other rules are the scanner's. A file with a *dangerous* finding is dangerous, a file with a *review* finding needs\nreview, and *notes* change no verdict. The property says what a finding means for a data file: with *runs-code* and\n*not-scanned* the file is refused unless its exact bytes are exempted (`modelpin exempt`); *advice* is a warning, unless\n`[policy.rules]` sets another level. See [the guide to the scan](../guides/scan.md).\n\nIn SARIF reports, `security-severity` is 9.0 for dangerous, 5.0 for review and 1.0 for note. Rules of the policy that\ncannot be relaxed guard against code that runs unread and have 7.0; the other ones have 4.0 (deny), 2.0 (warn) or 1.0\n(allow) by their default level, since they are about requirements of the project such as licences.\n"
    );
    let mut last = "";
    let mut pages = BTreeSet::new();
    for rule in rules::all() {
        let family = rule.family;
        if family != last {
            let _ = write!(
                index,
                "\n## {family}\n\n{}",
                if family == "policy" {
                    "| rule | by default | what it says |\n|---|---|---|\n"
                } else {
                    "| rule | severity | property | what it says |\n|---|---|---|---|\n"
                }
            );
            last = family;
        }
        let Rule { id, says, .. } = rule;
        let grade = if family == "policy" {
            grade(rule).to_owned()
        } else {
            format!("{} | {}", grade(rule), rule.property.word())
        };
        let _ = writeln!(index, "| [`{id}`](rules/{id}.md) | {grade} | {} |", says.replace('|', "\\|"));
        let above = format!("[All rules](../rules.md) · {family}");
        check(&format!("reference/rules/{id}.md"), &format!("# {id}\n\n{MADE}{above}\n\n{}", markdown(rule, "")));
        assert!(pages.insert(format!("{id}.md")), "two rules are called {id}");
    }
    check("reference/rules.md", &index);
    for entry in std::fs::read_dir(Path::new(DOCS).join("reference/rules")).unwrap() {
        let path = entry.unwrap().path();
        let known = pages.contains(&*path.file_name().unwrap().to_string_lossy());
        if !known && std::env::var_os("BLESS").is_some() {
            std::fs::remove_file(&path).unwrap();
        }
        assert!(!path.exists() || known, "{} is the page of no rule", path.display());
    }
}

#[test]
fn every_rule_can_be_read() {
    for rule in rules::all() {
        let id = rule.id;
        assert!(!rule.page.trim().is_empty() && !rule.says.is_empty() && !rule.why.is_empty(), "{id}");
        for text in [rule.says, rule.why] {
            assert!(!text.ends_with('.') && !text.contains('\n'), "{id}: a clause has no full stop: {text}");
        }
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{id}");
    }
}

#[test]
fn the_page_of_the_environment() {
    let mut page = format!(
        "# Environment\n\n{MADE}The Hub's own variables mean here what they mean to its own tools.\n\n| variable | meaning |\n|---|---|\n"
    );
    for (name, meaning) in vars::ALL {
        let _ = writeln!(page, "| `{name}` | {meaning} |");
    }
    check("reference/environment.md", &page);
}

#[test]
fn the_page_of_what_programs_are_told() {
    let mut page = format!(
        "# What a program is told\n\n{MADE}`exec` sets and takes away these variables, and `env` prints them for a shell, so that loaders find \
         what is pinned and nothing else. What needs another folder can be told so inside: `modelpin exec -- env \
         HF_DATASETS_CACHE=DIR CMD`.\n\n| variable | becomes | read by | why |\n|---|---|---|---|\n"
    );
    for Variable { name, value, loaders, why } in exec::TABLE {
        let value = match value {
            exec::Value::Home => "a folder for this run".to_owned(),
            exec::Value::Hub => "the target; an empty folder where that is plain folders".to_owned(),
            exec::Value::Folders => "the target; unset where that is a Hugging Face cache".to_owned(),
            exec::Value::Modules => {
                "`HF_HOME/modules/DIGEST`, with the digest of all code that the lock has".to_owned()
            }
            exec::Value::Below(folder) => format!("`HF_HOME/{folder}`"),
            exec::Value::Text(text) => format!("`{text}`"),
            exec::Value::Unset => "unset".to_owned(),
            exec::Value::Kept => "left as it is".to_owned(),
        };
        let _ = writeln!(page, "| `{name}` | {value} | {loaders} | {why} |");
    }
    check("reference/loaders.md", &page);
}

#[test]
fn the_page_of_dependencies() {
    let mut page = format!("# Dependencies\n\n{MADE}{DEPENDENCIES}");
    page.push_str("\n## What is taken\n\n| role | files |\n|---|---|\n");
    for role in Role::ALL {
        let files = role.files();
        let shown = if files.is_empty() { "the default set".to_owned() } else { words(files.into_iter()) };
        let _ = writeln!(page, "| `{role}` | {shown} |");
    }
    page.push_str("| `base` | the default set |\n\nWhere several are taken from one repo, its entry has the files of all of them.\n");
    page.push_str("\n## What is followed\n\n| file | key | names | role | read by |\n|---|---|---|---|---|\n");
    for Followed { files, keys, when, form, revision, kind, loader, source, .. } in FOLLOWED {
        let files = words(files.iter().map(|file| if *file == "mlmodel" { "MLmodel" } else { file }));
        let conditions: Vec<String> = when.iter().map(ToString::to_string).collect();
        let conditions = if conditions.is_empty() { String::new() } else { format!(", {}", conditions.join(", ")) };
        let revision = revision.map_or_else(String::new, |key| format!("; `{key}` is the revision"));
        let keys = words(keys.iter().copied());
        let _ = writeln!(page, "| {files} | {keys}{conditions} | {form}{revision} | `{kind}` | {loader}: {source} |");
    }
    page.push_str("\n## What is not followed\n\n| what | why |\n|---|---|\n");
    for (what, why) in NOT_FOLLOWED {
        let _ = writeln!(page, "| {what} | {why} |");
    }
    check("reference/dependencies.md", &page);
}

const DEPENDENCIES: &str = "\
A loader that reads a repo often takes something from another one that a configuration names there: a base, code, a
tokenizer, a part. `modelpin add`, `lock` and `update` pin those repos as well, as entries of models.lock that models.toml does
not name, each with the files that its loader reads and no others. `modelpin tree` shows them, and `modelpin why NAME` the way to one.

- A name is followed as written: `owner/name`, at `main` unless a revision is named. What is a path, an address or a file is
  not a repo.
- An update to a commit that names another repo is refused until somebody accepts it: `modelpin update NAME --allow-source
  ORG/REPO`.
- A repo that cannot be locked is named with who needs it. To lock without it, add `ignored-dependencies = [\"ORG/REPO\"]` to
  `[policy]` in models.toml.
- What is not followed is not in the target. Programs under `modelpin exec` are offline, so they fail to find it and fetch
  nothing. Add it by hand, with the files that are read there: `modelpin add ORG/REPO --include 'tokenizer*'`.
";

/// Names in backticks, with commas between them.
fn words<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_pages_and_schemas_of_the_files() {
    for (file, page, schema) in [
        ("models.toml", "manifest", modelpin_schema::manifest::json_schema()),
        ("models.lock", "lockfile", modelpin_schema::lockfile::json_schema()),
        ("models.audits.toml", "audits", modelpin_schema::audits::json_schema()),
        ("config.toml", "config", modelpin_schema::config::json_schema()),
    ] {
        check(&format!("schema/{file}.schema.json"), &format!("{schema:#}\n"));
        check(&format!("reference/{page}.md"), &keys(file, &schema));
    }
}

const JSON: &str = "\
With `--format json` a command prints one document on stdout, also when it fails; people still read the error on stderr.
Every document has the same envelope, and its own result:

```json
{
  \"schema-version\": 1,
  \"command\": \"verify\",
  \"status\": \"ok\",
  \"exit-code\": 0,
  \"result\": { \"entries\": 1, \"files\": 2, \"bytes\": 5230, \"every-byte\": true, \"denied\": 0 },
  \"diagnostics\": []
}
```

Within a `schema-version`, keys, commands, rules, and words of `status`, `kind` and the like may be added: ignore what you do
not know. Nothing is removed, renamed, or given another type or meaning; that takes a new version, which the changelog
announces. The order of keys means nothing. A key that may be absent is not required by the schema.
";

#[test]
fn the_page_and_schemas_of_json() {
    let all = modelpin_schema::output::json_schemas();
    let mut page = format!("# JSON output\n\n{MADE}{JSON}\n| command | schema |\n|---|---|\n");
    let (mut tables, mut known) = (String::new(), BTreeSet::new());
    for (command, schema) in &all {
        let file = format!("schema/output/{}.schema.json", command.replace(' ', "-"));
        check(&file, &format!("{schema:#}\n"));
        let _ = writeln!(page, "| `{command}` | [{file}](../{file}) |");
        if known.is_empty() {
            table(&mut tables, "The envelope", schema);
            for (name, part) in
                ["Diagnostic", "Location", "Place", "Decision"].map(|name| (name, &schema["$defs"][name]))
            {
                table(&mut tables, name, part);
            }
        }
        known.insert(file);
    }
    page.push_str(&tables);
    page.push_str("\n`verify` and others exit as [exit codes](exit-codes.md) says; `status` is the code's name.\n");
    check("reference/json.md", &page);
    for entry in std::fs::read_dir(Path::new(DOCS).join("schema/output")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(known.contains(&format!("schema/output/{name}")), "{name} is the schema of no command");
    }
}

/// A page of all keys of a file: the file's own, then those of each sort of table in it.
fn keys(file: &str, schema: &Value) -> String {
    let mut page = format!(
        "# {file}\n\n{MADE}{}\n\nEditors can use the [JSON Schema](../schema/{file}.schema.json).\n",
        text(schema)
    );
    table(&mut page, "At the top", schema);
    for (name, part) in schema["$defs"].as_object().unwrap() {
        if part["properties"].is_object() {
            table(&mut page, name, part);
        }
    }
    page.push_str("\n## Strings\n\n| type | meaning | pattern |\n|---|---|---|\n");
    for (name, part) in schema["$defs"].as_object().unwrap() {
        if let Some(pattern) = part["pattern"].as_str() {
            let _ = writeln!(page, "| {name} | {} | `{}` |", text(part), pattern.replace('|', "\\|"));
        }
    }
    page
}

fn table(page: &mut String, heading: &str, part: &Value) {
    let about = if heading == "At the top" { String::new() } else { format!("{}\n\n", text(part)) };
    let _ = write!(page, "\n## {heading}\n\n{about}| key | type | meaning |\n|---|---|---|\n");
    let required = |key: &str| part["required"].as_array().is_some_and(|keys| keys.iter().any(|known| known == key));
    for (key, value) in part["properties"].as_object().unwrap() {
        let must = if required(key) { ", required" } else { "" };
        let _ = writeln!(
            page,
            "| `{key}` | {}{must} | {} |",
            kind(value),
            text(value).replace('\n', " ").replace('|', "\\|")
        );
    }
}

fn text(value: &Value) -> String {
    value["description"].as_str().unwrap_or_default().to_owned()
}

fn kind(value: &Value) -> String {
    let named = |value: &Value| value["$ref"].as_str().and_then(|name| name.rsplit('/').next()).map(str::to_owned);
    if let Some(name) = named(value) {
        return name;
    }
    if let Some(any) = value["anyOf"].as_array() {
        return any.iter().filter(|part| part["type"] != "null").map(kind).collect::<Vec<_>>().join(" or ");
    }
    let plain = match &value["type"] {
        Value::Array(types) => {
            types.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect::<Vec<_>>().join(" or ")
        }
        kind => kind.as_str().unwrap_or("any").to_owned(),
    };
    match plain.as_str() {
        "array" => format!("list of {}", kind(&value["items"])),
        "object" => {
            let values = value["patternProperties"].as_object().and_then(|patterns| patterns.values().next());
            format!("table of {}", kind(values.unwrap_or(&value["additionalProperties"])))
        }
        _ => plain,
    }
}
