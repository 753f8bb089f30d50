//! Settings of editors and assistants that name something to start.

use super::super::Expect::{Safe, Suspect};
use super::super::Item;

/// Settings that start something: name, path, text.
const STARTED: &[(&str, &str, &str)] = &[
    ("mcp", ".mcp.json", r#"{"mcpServers": {"x": {"command": "/tmp/x"}}}"#),
    ("mcp-empty-arguments", "mcp.json", r#"{"mcpServers": {"x": {"command": "/tmp/x", "args": []}}}"#),
    ("mcp-editor", ".vscode/mcp.json", r#"{"servers": {"x": {"command": "/tmp/x"}}}"#),
    ("mcp-cursor", ".cursor/mcp.json", r#"{"mcpServers": {"x": {"command": "/tmp/x", "env": {}}}}"#),
    ("mcp-list", "opencode.json", r#"{"mcp": {"x": {"type": "local", "command": ["/tmp/x"]}}}"#),
    ("mcp-other-name", "assistant.json", r#"{"mcpServers": {"x": {"command": "/tmp/x"}}}"#),
    ("mcp-zed", "settings.json", r#"{"context_servers": {"x": {"command": "/tmp/x"}}}"#),
    ("status-line", "settings.json", r#"{"statusLine": {"type": "command", "command": "/tmp/x"}}"#),
    ("key-helper", "settings.json", r#"{"apiKeyHelper": "/tmp/x"}"#),
    ("hook-of-editor", "hooks.json", r#"{"version": 1, "hooks": {"beforeSubmitPrompt": [{"command": "/tmp/x"}]}}"#),
    ("tasks", "tasks.json", r#"{"version": "2.0.0", "tasks": [{"label": "x", "command": "/tmp/x"}]}"#),
    ("tasks-shell", ".vscode/tasks.json", r#"{"tasks": [{"type": "shell", "command": "/tmp/x"}]}"#),
    ("launch", ".vscode/launch.json", r#"{"configurations": [{"type": "node", "runtimeExecutable": "/tmp/x"}]}"#),
    ("container", "devcontainer.json", r#"{"postCreateCommand": "/tmp/x"}"#),
    ("container-initialize", ".devcontainer/devcontainer.json", r#"{"initializeCommand": ["/tmp/x"]}"#),
];

/// The items.
pub(super) fn items() -> Vec<Item> {
    let started = STARTED.iter().map(|(name, path, text)| {
        Item::new(format!("config-tool-{name}"), Suspect, path, *text).fires(&["config-command"])
    });
    let data = Item::new(
        "config-tool-data",
        Safe,
        "intents.json",
        r#"{"tasks": [{"command": "turn on the light"}], "servers": {"x": {"command": "restart"}}}"#,
    )
    .quiet(&["config-command"]);
    started.chain([data]).collect()
}
