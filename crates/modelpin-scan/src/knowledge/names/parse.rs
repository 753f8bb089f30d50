//! The form of the files of the table: their lines.

use super::row::{Does, Row};
use crate::engine::Capability;

/// A row of a file: names of one section that do the same.
pub(super) struct Line {
    pub(super) section: &'static str,
    pub(super) says: Says,
    pub(super) names: std::str::SplitAsciiWhitespace<'static>,
}

/// What a row says of its names.
#[derive(Clone, Copy)]
pub(super) enum Says {
    Does(Row),
    /// What a call of them gives: a section.
    Gives(&'static str),
}

/// The lines of a file, or what is wrong with them.
pub(super) fn lines(text: &'static str) -> impl Iterator<Item = Result<Line, String>> {
    let mut file_source = "";
    let (mut section, mut source) = ("", "");
    let mut says = None;
    text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).filter_map(move |line| {
        if let Some(of_file) = line.strip_prefix("source: ") {
            file_source = of_file;
            return None;
        }
        if let Some((name, of_section)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            (section, says) = (name, None);
            source = of_section.trim();
            return None;
        }
        let names = match line.strip_prefix(' ') {
            // What did not fit into the line before.
            Some(rest) => rest,
            None => {
                let (word, rest) = line.split_once(':').unwrap_or((line, ""));
                let source = if source.is_empty() { file_source } else { source };
                says = match word.strip_prefix("gives ") {
                    Some(what) => Some(Says::Gives(what)),
                    None => does(word)
                        .filter(|_| !source.is_empty())
                        .map(|(does, reaches_code)| Says::Does(Row { does, reaches_code, source })),
                };
                rest
            }
        };
        Some(match says {
            Some(says) => Ok(Line { section, says, names: names.split_ascii_whitespace() }),
            None => Err(format!("[{section}] {line}")),
        })
    })
}

/// What the word of a row says that its names do, and whether they lead to code.
pub(in crate::knowledge) fn does(word: &str) -> Option<(Does, bool)> {
    let (word, is_said) = word.strip_suffix("+code").map_or((word, false), |word| (word, true));
    let does = match word {
        "reaches" => Does::Reaches,
        "calls" => Does::Calls,
        "state" => Does::State,
        "value" => Does::Value,
        "plain" => Does::Plain,
        "model" => Does::Model,
        "unknown" => Does::Unknown,
        word => Does::Acts(Capability::ALL.into_iter().find(|capability| capability.word() == word)?),
    };
    let always = match does {
        Does::Acts(capability) => matches!(
            capability,
            Capability::Process | Capability::DynamicCode | Capability::Native | Capability::Deserialise
        ),
        Does::Reaches | Does::Calls => true,
        Does::State | Does::Value | Does::Plain | Does::Model | Does::Unknown => false,
    };
    Some((does, always || is_said))
}
