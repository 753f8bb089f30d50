//! Every command has a file of tests of its name.

use super::source::TOP;
use std::path::Path;

#[test]
fn every_command_has_a_file_of_tests() {
    let folder = Path::new(TOP).join("tests/it");
    let main = std::fs::read_to_string(folder.join("main.rs")).unwrap();
    for command in modelpin::cli::command().get_subcommands().filter(|command| command.get_name() != "help") {
        let name = command.get_name().replace('-', "_");
        let text = std::fs::read_to_string(folder.join(format!("{name}.rs"))).unwrap_or_default();
        assert!(text.contains("#[test]\n"), "tests/it/{name}.rs is missing, or has no test");
        // Its tests run the command, and not only those beside it.
        assert!(text.contains(&format!("\"{name}")) || text.contains(&format!(" {name} ")), "{name}");
        assert!(main.contains(&format!("mod {name};\n")), "tests/it/main.rs does not list `{name}`");
    }
}
