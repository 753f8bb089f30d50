//! Lists of requirements, build and environment files: where packages come from, and whether they are what their
//! names look like.

mod asked;
mod conda;
mod docker;
mod names;
mod package;
mod pip;
mod source;
mod table;

use crate::engine::name::Name;
use crate::engine::source::ByteRange;
use crate::engine::{FullyCovered, Location, Scan, ScanResult};
use modelpin_rules::requirement::REQUIREMENT_UNSUPPORTED;

/// Who reads the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// pip: `requirements.txt`, `constraints.txt`.
    Pip,
    /// TOML: `pyproject.toml`, `Pipfile`.
    Toml,
    /// INI: `setup.cfg`, `pip.conf`.
    Ini,
    /// Conda: `environment.yml`.
    Conda,
    /// Docker: `Dockerfile`.
    Docker,
    /// apt, as Spaces call it: `packages.txt`.
    Apt,
}

/// Who reads a file of that name (in lower case), if it is a list of requirements.
fn kind(base: &str) -> Option<Kind> {
    let (stem, suffix) = base.rsplit_once('.').unwrap_or((base, ""));
    let yaml = matches!(suffix, "yml" | "yaml");
    let list = ["requirement", "constraint"].iter().any(|word| stem.contains(word));
    match base {
        "pyproject.toml" | "pipfile" | "uv.toml" | "pixi.toml" => Some(Kind::Toml),
        "setup.cfg" | "pip.conf" | "pip.ini" | ".pydistutils.cfg" => Some(Kind::Ini),
        "packages.txt" => Some(Kind::Apt),
        _ if list && matches!(suffix, "txt" | "in" | "pip" | "lock") => Some(Kind::Pip),
        _ if yaml && (stem.starts_with("environment") || stem.starts_with("conda") || stem == "env") => {
            Some(Kind::Conda)
        }
        _ if base.starts_with("dockerfile") || stem == "containerfile" || suffix == "dockerfile" => Some(Kind::Docker),
        _ => None,
    }
}

/// Scans a list of requirements; `path` is where it is, from the root of the repository.
pub(crate) fn scan(part: &ByteRange<'_>, path: &str, scan: &mut Scan<'_>) -> ScanResult {
    let bytes = part.all(scan.limits.document)?;
    let Ok(text) = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)) else {
        return scan.give_up(&REQUIREMENT_UNSUPPORTED, "the text is not UTF-8");
    };
    match kind(&Name::of(path).base).unwrap_or(Kind::Pip) {
        Kind::Pip => pip::list(text, path, scan)?,
        Kind::Toml => table::toml(text, path, scan)?,
        Kind::Ini => table::ini(text, scan)?,
        Kind::Conda => conda::environment(text, scan)?,
        Kind::Docker => docker::file(text, scan)?,
        Kind::Apt => apt(text, scan)?,
    }
    Ok(FullyCovered)
}

/// Names of Debian packages; Spaces hand every word to `apt-get install`.
fn apt(text: &str, scan: &mut Scan<'_>) -> Result<(), crate::engine::ScanError> {
    for (line, number) in text.lines().zip(1_u32..) {
        scan.budget.step()?;
        let line = line.split('#').next().unwrap_or_default();
        for word in line.split_whitespace() {
            let plain = word.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                && word.chars().all(|c| c.is_ascii_alphanumeric() || "+-.:=~_".contains(c))
                && !word.starts_with("http:")
                && !word.ends_with(".deb");
            asked::asked(word, "apt", scan);
            if !plain {
                scan.report(
                    &REQUIREMENT_UNSUPPORTED,
                    Location::Line(number),
                    format!("`{word}` is not a package name"),
                );
            }
        }
    }
    Ok(())
}
