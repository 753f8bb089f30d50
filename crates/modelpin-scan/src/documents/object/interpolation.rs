//! What a text can become in which OmegaConf replaces `${…}`: the value of another key, or what a resolver makes of its
//! arguments (`omegaconf/resolvers/oc/__init__.py`, `omegaconf/grammar/OmegaConfGrammarParser.g4`).

/// The texts under keys, by their last part.
pub(crate) trait Values {
    /// Hands every text under `key` to `to`.
    fn each(&self, key: &str, to: &mut dyn FnMut(&str));
}

/// How many texts one can become, and how often one leads to another.
const MOST: usize = 64;
const DEPTH: usize = 8;
/// The longest text that is followed.
const LONGEST: usize = 4096;

/// What `text` can become; and whether that is all that it can. A text without `${` is what it is.
pub(crate) fn candidates(text: &str, values: &dyn Values) -> (Vec<String>, bool) {
    let mut open = vec![(text.to_owned(), 0_usize)];
    let (mut found, mut is_all) = (Vec::new(), true);
    let mut looked = 0_usize;
    while let Some((text, depth)) = open.pop() {
        let Some((before, inner, after)) = innermost(&text) else {
            found.push(text);
            continue;
        };
        looked = looked.saturating_add(1);
        if depth >= DEPTH || looked > MOST || text.len() > LONGEST {
            is_all = false;
            continue;
        }
        let mut became = Vec::new();
        let is_known = become_of(inner, values, &mut became);
        is_all &= is_known && !became.is_empty();
        became.sort_unstable();
        became.dedup();
        for value in became.into_iter().take(MOST) {
            open.push((format!("{before}{value}{after}"), depth.saturating_add(1)));
        }
    }
    (found, is_all)
}

/// The last `${…}` that begins in a text, which has none in it: what is before, in and after it.
fn innermost(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.rsplit_once("${")?;
    let (inner, after) = rest.split_once('}')?;
    Some((before, inner, after))
}

/// What `${inner}` can become, and whether it is nothing else.
fn become_of(inner: &str, values: &dyn Values, into: &mut Vec<String>) -> bool {
    let Some((resolver, arguments)) = inner.split_once(':') else {
        let key = last_of(inner);
        values.each(key, &mut |value| {
            if into.len() < MOST {
                into.push(value.trim().to_owned());
            }
        });
        return true;
    };
    let arguments = || arguments.split(',').map(|argument| argument.trim().trim_matches(['\'', '"']));
    // The default of a variable, of a key, of one that is out of use; what is decoded. The name of a variable is none.
    let names = usize::from(resolver.trim() == "oc.env");
    into.extend(arguments().skip(names).filter(|argument| !argument.is_empty()).map(str::to_owned));
    if matches!(resolver.trim(), "oc.select" | "oc.deprecated" | "oc.dict.values") {
        for argument in arguments() {
            values.each(last_of(argument), &mut |value| {
                if into.len() < MOST {
                    into.push(value.trim().to_owned());
                }
            });
        }
    }
    // A variable can be anything, and so can what another resolver makes of its arguments.
    false
}

/// The last key of a path: `${a.b}`, `${..a}`, `${a[b]}`.
fn last_of(path: &str) -> &str {
    path.trim().trim_end_matches(']').rsplit(['.', '[', '/']).next().unwrap_or(path).trim_matches(['\'', '"', ' '])
}

#[cfg(test)]
mod tests {
    use super::{Values, candidates};

    struct Pairs(&'static [(&'static str, &'static str)]);

    impl Values for Pairs {
        fn each(&self, key: &str, to: &mut dyn FnMut(&str)) {
            self.0.iter().filter(|(name, _)| *name == key).for_each(|(_, value)| to(value));
        }
    }

    fn found(text: &str) -> (Vec<String>, bool) {
        let pairs = Pairs(&[
            ("a", "os"),
            ("b", "system"),
            ("c", "${a}.${b}"),
            ("x", "${y}"),
            ("y", "${x}"),
            ("t", "p"),
            ("t", "q"),
        ]);
        candidates(text, &pairs)
    }

    #[test]
    fn keys_defaults_and_circles() {
        assert_eq!(found("torch.nn.Linear"), (vec!["torch.nn.Linear".to_owned()], true));
        assert_eq!(found("${a}.${b}"), (vec!["os.system".to_owned()], true));
        assert_eq!(found("${..c}"), (vec!["os.system".to_owned()], true));
        assert_eq!(found("${m[a]}.system"), (vec!["os.system".to_owned()], true));
        assert_eq!(found("${x}"), (vec![], false));
        assert_eq!(found("${nowhere}"), (vec![], false));
        assert_eq!(found("${t}").0.len(), 2);
        for text in [
            "${oc.env:UNSET,os.system}",
            "${oc.env:UNSET, 'os.system'}",
            "${oc.env:A,${oc.env:B,os.system}}",
            "${oc.env:A,${a}.${b}}",
            "${oc.decode:\"os.system\"}",
            "${oc.select:none,os.system}",
            "${oc.env:A,os}.system",
            "${oc.select:c}",
            "${mine:os.system}",
        ] {
            let (texts, is_all) = found(text);
            assert!(texts.iter().any(|text| text == "os.system") && !is_all, "{text}: {texts:?}");
        }
    }

    #[test]
    fn what_doubles_is_bounded() {
        struct Doubling;
        impl Values for Doubling {
            fn each(&self, _: &str, to: &mut dyn FnMut(&str)) {
                to("${a}${a}");
                to("${b}${b}");
            }
        }
        let (texts, is_all) = candidates("${a}", &Doubling);
        assert!(texts.len() <= 4096 && !is_all);
    }
}
