//! Texts in which `str.format` replaces names: a name can lead on to attributes and items of what it stands for
//! (<https://docs.python.org/3/library/string.html#format-string-syntax>).

/// What a text reaches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaches {
    /// Nothing but the values that it is given.
    Values,
    /// Attributes or items of them.
    Parts,
    /// What leads from any value to all of Python.
    Internals,
}

/// What `text` reaches for: as a text for `str.format`, and as one of Mustache, whose names have two braces.
pub(super) fn reaches(text: &str) -> Reaches {
    let mut most = Reaches::Values;
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        let is_double = after.starts_with('{');
        let inner = after.trim_start_matches(['{', '&', '#', '^', ' ']);
        let name = inner.split(['}', '{', '!', ':', '\n']).next().unwrap_or_default();
        let leads_on = name.contains(['.', '[']);
        if leads_on && name.contains("__") {
            return Reaches::Internals;
        }
        // `{{` is a brace to `str.format`, and a name to Mustache, which honest templates follow to its parts.
        if leads_on && !is_double && is_field(name) {
            most = Reaches::Parts;
        }
        rest = after.get(usize::from(is_double)..).unwrap_or_default();
    }
    most
}

/// Whether it is the name of a field, and not JSON or code in a text of another kind.
fn is_field(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || "_.[]'\"".contains(c))
}

#[cfg(test)]
mod tests {
    use super::{Reaches, reaches};

    #[test]
    fn fields_are_told_from_braces() {
        for (text, wanted) in [
            ("Answer {question} in {language:>10}.", Reaches::Values),
            ("{\"a\": 1.5, \"b\": [1]}", Reaches::Values),
            ("{{\"x\": [1.5]}} {y}", Reaches::Values),
            ("{user.name}", Reaches::Parts),
            ("{0[key]}", Reaches::Parts),
            ("{a.__class__.__init__.__globals__}", Reaches::Internals),
            ("{x[__builtins__]}", Reaches::Internals),
            ("{x:{y.__class__}}", Reaches::Internals),
            ("{x!r} {x.__dict__!r}", Reaches::Internals),
            ("{{x.__class__}}", Reaches::Internals),
            ("{{{x.__class__}}}", Reaches::Internals),
            ("{", Reaches::Values),
        ] {
            assert_eq!(reaches(text), wanted, "{text}");
        }
    }
}
