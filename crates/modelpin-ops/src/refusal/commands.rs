//! Whole commands for help lines.

use modelpin_schema::{Name, RepoKind, Requested, Source, shell_word};

/// The command that adds the repo at `requested` as `name`, which is left out where it is the one that the repo's name
/// makes.
pub(super) fn add_command(
    source: &Source,
    requested: Option<&Requested>,
    name: &Name,
    variant: Option<&str>,
) -> String {
    let (revision, version) = match requested {
        None => (String::new(), String::new()),
        Some(requested) if *requested == Requested::main() => (String::new(), String::new()),
        Some(Requested::Version(requirement)) => {
            (String::new(), format!(" --version {}", shell_word(&requirement.to_string())))
        }
        Some(requested) => (format!("@{requested}"), String::new()),
    };
    let variant = variant.map(|variant| format!(":{variant}")).unwrap_or_default();
    let repo = shell_word(&format!("{}{revision}{variant}", source.repo));
    let kind = if source.kind == RepoKind::Dataset { " --dataset" } else { "" };
    let is_own = Name::for_repo(source.repo.name()).as_ref() == Some(name);
    let name = if is_own { String::new() } else { format!(" --name {name}") };
    format!("modelpin add {repo}{version}{kind}{name}")
}
