//! Conda's `environment.yml`: a small, flat part of YAML, and nothing beyond it.

use super::asked::{asked, place};
use super::source::source;
use super::{package, pip};
use crate::engine::{At, Halt, Scan};
use modelpin_rules::requirement::{REQUIREMENT_ODD, REQUIREMENT_SOURCE, REQUIREMENT_UNPINNED};

/// Channels that everyone uses.
const CHANNELS: &str = "defaults nodefaults main r anaconda conda-forge pytorch pytorch-nightly pytorch-lts pytorch3d \
    nvidia huggingface fastai fastchan bioconda intel pyg dglteam xformers rapidsai pyviz menpo msys2 free pkgs/main";

/// What a line belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    None,
    Channels,
    Dependencies,
    Pip,
    Described,
    Unknown,
}

/// Judges a whole file.
pub(super) fn environment(text: &str, scan: &mut Scan<'_>) -> Result<(), Halt> {
    let (mut section, mut pip_at) = (Section::None, 0_usize);
    for (line, number) in text.lines().zip(1_u32..) {
        scan.budget.step()?;
        let line = without_comment(line);
        let content = line.trim_start();
        let indent = line.len().saturating_sub(content.len());
        let at = At::Line(number);
        if content.is_empty() || content == "---" {
            continue;
        }
        if let Some(item) = content.strip_prefix("- ").or_else(|| (content == "-").then_some("")) {
            if section == Section::Pip && indent <= pip_at {
                section = Section::Dependencies;
            }
            let item = plain(item);
            if section == Section::Dependencies && matches!(item, "pip:") {
                (section, pip_at) = (Section::Pip, indent);
            } else {
                entry(section, item, at, scan);
            }
        } else if indent == 0 {
            section = key(content, at, scan);
        } else if section != Section::Described {
            scan.find(&REQUIREMENT_ODD, at, format!("cannot be read: `{content}`"));
        }
    }
    Ok(())
}

fn without_comment(line: &str) -> &str {
    let start = line.find(" #").or_else(|| line.starts_with('#').then_some(0));
    start.and_then(|start| line.get(..start)).unwrap_or(line).trim_end()
}

fn plain(item: &str) -> &str {
    item.trim().trim_matches(['"', '\''])
}

/// A key at the margin, and a list behind it on the same line.
fn key(content: &str, at: At, scan: &mut Scan<'_>) -> Section {
    let (name, value) = content.split_once(':').unwrap_or((content, ""));
    let section = match name.trim_end() {
        "channels" => Section::Channels,
        "dependencies" => Section::Dependencies,
        "name" | "prefix" | "platforms" | "channel_priority" => Section::Described,
        _ => Section::Unknown,
    };
    let value = value.trim();
    if section == Section::Unknown {
        scan.find(&REQUIREMENT_ODD, at.clone(), format!("a part that is not known: `{content}`"));
    } else if let Some(list) = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        list.split(',').map(plain).filter(|item| !item.is_empty()).for_each(|item| {
            entry(section, item, at.clone(), scan);
        });
    } else if !value.is_empty() && section != Section::Described {
        scan.find(&REQUIREMENT_ODD, at, format!("cannot be read: `{content}`"));
    }
    section
}

fn entry(section: Section, item: &str, at: At, scan: &mut Scan<'_>) {
    if item.is_empty() {
        return;
    }
    if item.starts_with(['&', '*', '!', '{', '[', '|', '>', '%', '@', '`']) {
        return scan.find(&REQUIREMENT_ODD, at, format!("cannot be read: `{item}`"));
    }
    match section {
        Section::Channels => channel(item, at, scan),
        Section::Dependencies => dependency(item, at, scan),
        Section::Pip => pip::entry(item, "", at, scan),
        Section::Described => {}
        Section::None | Section::Unknown => scan.find(&REQUIREMENT_ODD, at, format!("cannot be read: `{item}`")),
    }
}

fn channel(name: &str, at: At, scan: &mut Scan<'_>) {
    let name = name.split("/label/").next().unwrap_or_default();
    if !CHANNELS.split_whitespace().any(|known| known == name) {
        source("a channel", name, at, scan);
    }
}

/// `channel::name=version=build`, or a name with versions.
fn dependency(item: &str, at: At, scan: &mut Scan<'_>) {
    if item.contains("://") {
        place(item, scan);
        return scan.find(&REQUIREMENT_SOURCE, at, item);
    }
    let item = match item.split_once("::") {
        Some((from, rest)) => {
            channel(from, at.clone(), scan);
            rest
        }
        None => item,
    };
    let end = item.find(['=', '<', '>', '!', '~', ' ', '[']).unwrap_or(item.len());
    let (name, version) = item.split_at_checked(end).unwrap_or((item, ""));
    asked(name, version, scan);
    package::name(name.trim_start_matches('_'), at.clone(), scan);
    let plain = |c: char| c.is_ascii_alphanumeric() || " =<>!~.,*+-_|[]\"'()".contains(c);
    if !version.chars().all(plain) || name.contains(['/', '\\', ':']) {
        scan.find(&REQUIREMENT_ODD, at, format!("cannot be read: `{item}`"));
    } else if !version.trim_start().starts_with('=') || version.contains('*') {
        scan.find(&REQUIREMENT_UNPINNED, at, item);
    }
}
