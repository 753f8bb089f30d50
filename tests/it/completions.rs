//! `modelpin completions`.

use crate::sandbox::Sandbox;

#[test]
fn completions_are_made_for_every_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(sandbox.run(&format!("completions {shell}")).ok().stdout.contains("modelpin"));
    }
}
