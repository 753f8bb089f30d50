//! A pager for what is longer than a screen, chosen and called as git does it.

use crate::out::{Form, shown};
use anstream::ColorChoice;
use std::io::{IsTerminal as _, Write as _};
use std::process::{Command, Stdio};

/// Shows `text` in a pager, where stdout is a terminal and there is a pager. Returns whether it was shown.
///
/// `PAGER` is a line for the shell; without it, `less` is used. Unless `LESS` says otherwise, less ends at once where
/// all fits on the screen, shows colours, and leaves the screen as it is (the `FRX` of git's own default).
#[must_use]
pub fn show(text: &str) -> bool {
    let stdout = std::io::stdout();
    let pager = std::env::var_os("PAGER").unwrap_or_else(|| "less".into());
    if !cfg!(unix) || !stdout.is_terminal() || pager.is_empty() || pager == "cat" {
        return false;
    }
    let text = &*shown(text, Form::Plain);
    let plain = anstream::AutoStream::choice(&stdout) == ColorChoice::Never;
    let text = if plain { anstream::adapter::strip_str(text).to_string() } else { text.to_owned() };
    let mut command = Command::new("sh");
    command.arg("-c").arg(&pager).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", "FRX");
    }
    let Ok(mut child) = command.spawn() else { return false };
    if let Some(mut stdin) = child.stdin.take() {
        // Whoever quits has read enough.
        let _ = stdin.write_all(text.as_bytes());
    }
    // 126 and 127 are the shell's own: there is no such program.
    child.wait().is_ok_and(|status| !matches!(status.code(), Some(126 | 127)))
}
