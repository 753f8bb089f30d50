//! Repos of several alternatives of which somebody has to choose one.

use super::commands::add_command;
use super::{ErrorClass, Refusal};
use modelpin_schema::fault::nearest;
use modelpin_schema::selection::{Alternative, Shelf};
use modelpin_schema::text::{bytes, code, list_up_to, visible};
use modelpin_schema::{Name, Spec, Variant, shell_word};

/// Alternatives that are named in one message.
const NAMED: usize = 40;

/// Patterns of one command.
const PATTERNS: usize = 16;

/// Names of alternatives that most people take, first those that more people do: the usual compromise of a GGUF repo,
/// then of an ONNX repo, then of a collection of speech models.
const USUAL: &[&str] = &[
    "Q4_K_M",
    "UD-Q4_K_XL",
    "Q5_K_M",
    "Q8_0",
    "Q4_0",
    "MXFP4",
    "model_quantized",
    "quantized",
    "int8",
    "model",
    "fp16",
    "base",
    "base.en",
];

/// A repo of alternatives, and no choice among them.
#[must_use]
pub fn undecided(name: &Name, spec: &Spec, shelf: &Shelf<'_>) -> Refusal {
    let alternatives = &shelf.alternatives;
    let total = alternatives.iter().fold(0_u64, |sum, one| sum.saturating_add(one.size));
    let named = alternatives.iter().map(|one| format!("{} ({})", code(visible(&one.name)), bytes(one.size)));
    let refusal = Refusal::new(ErrorClass::Usage, format_args!("{} variants, {}", alternatives.len(), bytes(total)))
        .expected("a choice: a loader takes one of them")
        .got(list_up_to(NAMED, named));
    let Some(likeliest) = likeliest(alternatives) else { return refusal };
    let mut helps = vec![format!("run `{}` to take this one", add(name, spec, Some(&likeliest.name)))];
    let include = shelf.include(likeliest);
    if include.len() <= PATTERNS {
        let options: String = include.iter().map(|pattern| format!(" --include {}", shell_word(pattern))).collect();
        helps.push(format!("run `{}{options}` to take exactly these files", add(name, spec, None)));
    }
    helps.push(format!("run `{} --all` to take all of them", add(name, spec, None)));
    if spec.place.is_some() && !spec.is_unwritten {
        helps.push(format!("or write `variant = \"{}\"` for `{name}` in models.toml", visible(&likeliest.name)));
    }
    refusal.helps(helps)
}

/// A `variant` that the repo does not have.
#[must_use]
pub fn no_such_variant(name: &Name, spec: &Spec, variant: &Variant, names: &[String]) -> Refusal {
    let refusal = Refusal::new(ErrorClass::Usage, format_args!("no variant named {}", code(variant)));
    if names.is_empty() {
        return refusal
            .got("a repo without variants of its weights")
            .help(format_args!("run `{}` to take its files", add(name, spec, None)));
    }
    let refusal =
        refusal.expected(format_args!("one of {}", list_up_to(NAMED, names.iter().map(|name| code(visible(name))))));
    let folded: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let meant = nearest(&variant.as_str().to_lowercase(), folded.iter().map(String::as_str));
    let meant = meant.and_then(|meant| names.iter().find(|name| name.to_lowercase() == meant));
    match meant.or_else(|| names.first()) {
        Some(meant) => refusal.help(format_args!("run `{}` to take this one", add(name, spec, Some(meant)))),
        None => refusal,
    }
}

/// The alternative that most people take: by its name, else the one in the middle by its size.
#[must_use]
pub fn likeliest<'a, 'b>(alternatives: &'b [Alternative<'a>]) -> Option<&'b Alternative<'a>> {
    let named = |usual: &&str| {
        let is = |one: &&Alternative<'_>| one.name.eq_ignore_ascii_case(usual);
        let ends = |one: &&Alternative<'_>| {
            let name = one.name.to_ascii_lowercase();
            name.strip_suffix(&usual.to_ascii_lowercase()).is_some_and(|rest| rest.ends_with(['-', '.', '_']))
        };
        alternatives.iter().find(is).or_else(|| alternatives.iter().find(ends))
    };
    let by_size = || {
        let mut sizes: Vec<&Alternative<'_>> = alternatives.iter().collect();
        sizes.sort_by_key(|one| one.size);
        sizes.get(sizes.len() / 2).copied()
    };
    USUAL.iter().find_map(named).or_else(by_size)
}

/// The command that adds the entry with a variant.
fn add(name: &Name, spec: &Spec, variant: Option<&str>) -> String {
    add_command(&spec.source, Some(&spec.requested), name, variant)
}

#[cfg(test)]
mod tests {
    use super::likeliest;
    use modelpin_schema::selection::Alternative;

    #[test]
    fn the_usual_choice_stands_first() {
        let taken = |names: &[&str]| {
            let alternative = |(at, name): (usize, &&str)| Alternative {
                name: (*name).to_owned(),
                size: at as u64,
                files: Vec::new(),
            };
            let all: Vec<Alternative<'_>> = names.iter().enumerate().map(alternative).collect();
            likeliest(&all).map(|one| one.name.clone()).unwrap_or_default()
        };
        assert_eq!(taken(&["Q2_K", "q4_k_m", "Q8_0"]), "q4_k_m");
        assert_eq!(taken(&["Q2_K", "Q5_K_S", "Q8_0"]), "Q8_0");
        assert_eq!(taken(&["7b-Q2_K", "7b-Q4_K_M"]), "7b-Q4_K_M");
        assert_eq!(taken(&["model", "model_fp16", "model_quantized"]), "model_quantized");
        assert_eq!(taken(&["en_US-amy-low", "en_US-amy-medium", "en_US-lessac-high"]), "en_US-amy-medium");
        assert_eq!(taken(&[]), "");
    }
}
