//! Configuration that names something to run: serialised objects, commands, native libraries, handlers.

use super::context::Walk;
use super::modules::{Import, import};
use crate::documents::json::Json;
use modelpin_rules::config::{CONFIG_COMMAND, CONFIG_NATIVE_LIBRARY, JSON_CALL, JSON_OBJECT};

/// What jsonpickle's `py/reduce` may call and still only build a value.
const VALUES: [&str; 9] = [
    "collections.OrderedDict",
    "collections.Counter",
    "collections.deque",
    "collections.defaultdict",
    "datetime.datetime",
    "datetime.date",
    "datetime.timedelta",
    "decimal.Decimal",
    "uuid.UUID",
];

/// Keys of `devcontainer.json` whose value runs when a folder is opened.
const LIFECYCLE: [&str; 6] = [
    "initializeCommand",
    "onCreateCommand",
    "updateContentCommand",
    "postCreateCommand",
    "postStartCommand",
    "postAttachCommand",
];

/// Scripts of `package.json` that npm runs when it installs.
const INSTALL: [&str; 5] = ["preinstall", "install", "postinstall", "prepare", "prepublish"];

/// A value under a key that names something to run.
pub(super) fn entry(key: &str, value: &Json, walk: &mut Walk<'_, '_>) {
    match key {
        "py/repr" => walk.scan.report(&JSON_CALL, walk.at(), value.text().unwrap_or("a value")),
        "py/reduce" => reduce(value, walk),
        "py/object" | "py/function" | "py/type" | "py/module" | "py/newobj" | "py/newargs" | "py/newargsex"
        | "py/initargs" | "py/state" => {
            if let Some(name) = value.text() {
                named(name, walk);
            }
        }
        _ if LIFECYCLE.contains(&key) && !matches!(value, Json::Bool(_)) => {
            walk.scan.report(&CONFIG_COMMAND, walk.at(), shown(value));
        }
        "runOn" if value.text() == Some("folderOpen") => {
            walk.scan.report(&CONFIG_COMMAND, walk.at(), "runs when it is opened");
        }
        "apiKeyHelper" | "awsAuthRefresh" | "awsCredentialExport" | "otelHeadersHelper" => {
            walk.scan.report(&CONFIG_COMMAND, walk.at(), shown(value));
        }
        "program" | "runtimeExecutable" if walk.base == "launch.json" => {
            walk.scan.report(&CONFIG_COMMAND, walk.at(), shown(value));
        }
        "hooks" if matches!(value, Json::Object(_)) => hooks(value, walk),
        "scripts" => {
            for (name, script) in value.entries().iter().filter(|(name, _)| INSTALL.contains(&&**name)) {
                walk.below(name, |walk| walk.scan.report(&CONFIG_COMMAND, walk.at(), shown(script)));
            }
        }
        _ => native(key, value, walk),
    }
}

fn shown(value: &Json) -> String {
    value.text().map_or_else(|| "a list of commands".to_owned(), str::to_owned)
}

/// Hooks of coding assistants: events, each with commands somewhere below.
fn hooks(value: &Json, walk: &mut Walk<'_, '_>) {
    let commands = value.entries().iter().flat_map(|(_, event)| event.items()).flat_map(|matcher| {
        matcher.get("hooks").map(Json::items).unwrap_or_default().iter().chain(std::iter::once(matcher))
    });
    for command in commands.filter_map(|hook| hook.get("command")).filter_map(Json::text) {
        walk.scan.report(&CONFIG_COMMAND, walk.at(), command);
    }
}

/// The first item of a `py/reduce` is called with the second.
fn reduce(value: &Json, walk: &mut Walk<'_, '_>) {
    let items = value.get("py/tuple").map_or_else(|| value.items(), Json::items);
    let callee = items.first().and_then(|first| first.get("py/type").or_else(|| first.get("py/function")));
    match callee.and_then(Json::text) {
        Some(name) if VALUES.contains(&name) => walk.scan.report(&JSON_OBJECT, walk.at(), name),
        Some(name) => walk.scan.report(&JSON_CALL, walk.at(), name),
        None => walk.scan.report(&JSON_CALL, walk.at(), "a call without a name"),
    }
}

fn named(name: &str, walk: &mut Walk<'_, '_>) {
    match import(name) {
        Import::Acts(why) if !VALUES.contains(&name) && !name.starts_with("builtins.") => {
            walk.scan.report(&JSON_CALL, walk.at(), format!("`{name}`: {why}"));
        }
        _ if name.starts_with("builtins.") && !is_plain_builtin(name) => {
            walk.scan.report(&JSON_CALL, walk.at(), name);
        }
        _ => walk.scan.report(&JSON_OBJECT, walk.at(), name),
    }
}

fn is_plain_builtin(name: &str) -> bool {
    let plain = ["dict", "list", "tuple", "set", "frozenset", "str", "int", "float", "bool", "bytes", "complex"];
    name.strip_prefix("builtins.").is_some_and(|name| plain.contains(&name))
}

/// A library that a runtime loads, by the suffix of native code (`custom_ops_library` of onnxruntime-genai,
/// `model_lib` of MLC and others).
fn native(key: &str, value: &Json, walk: &mut Walk<'_, '_>) {
    let Some(text) = value.text().filter(|_| key.contains("lib") || key.contains("plugin")) else { return };
    let lower = text.to_ascii_lowercase();
    let is_native = [".so", ".dll", ".dylib", ".pyd", ".wasm", ".exe"].iter().any(|end| lower.ends_with(end));
    if is_native || key == "custom_ops_library" {
        walk.scan.report(&CONFIG_NATIVE_LIBRARY, walk.at(), text);
    }
}

/// Objects that say together what is run.
pub(super) fn object(json: &Json, walk: &mut Walk<'_, '_>) {
    let text = |key| json.get(key).and_then(Json::text);
    if json.get("lc").is_some()
        && let (Some(kind), Some(id)) = (text("type"), json.get("id"))
    {
        let name: Vec<&str> = id.items().iter().filter_map(Json::text).collect();
        let name = name.join(".");
        let acts = kind == "constructor" && matches!(import(&name), Import::Acts(_));
        let rule = if acts { &JSON_CALL } else { &JSON_OBJECT };
        walk.scan.report(rule, walk.at(), format!("LangChain {kind} `{name}`"));
    }
    let command = json.get("command").filter(|command| match command {
        Json::Text(text) => !text.is_empty(),
        other => other.items().iter().any(|word| word.text().is_some()),
    });
    if let Some(command) = command.filter(|_| is_started(json, walk)) {
        walk.scan.report(&CONFIG_COMMAND, walk.at(), shown(command));
    }
}

/// Keys whose entries are servers that an assistant or an editor starts by their `command`.
const SERVERS: [&str; 4] = ["mcpServers", "context_servers", "lspServers", "mcp_servers"];

/// What an object with a `command` calls itself where a tool starts that.
const STARTED: [&str; 5] = ["command", "shell", "process", "stdio", "local"];

/// Whether a tool starts the `command` of an object: it has arguments, it says what kind of process it is, or it is where
/// tools keep such.
fn is_started(json: &Json, walk: &Walk<'_, '_>) -> bool {
    let above = walk.keys.iter().rev().nth(1).map(|key| key.as_ref()).unwrap_or_default();
    json.get("args").is_some_and(|args| !args.items().is_empty())
        || json.get("type").and_then(Json::text).is_some_and(|kind| STARTED.contains(&kind))
        || SERVERS.contains(&above)
        || above == "servers" && walk.base.contains("mcp")
        || above == "tasks" && walk.base == "tasks.json"
}
