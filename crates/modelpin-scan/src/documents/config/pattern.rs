//! Whether a regular expression can take for ever in a matcher that tries one way after the other (Python's `re`).

/// A group while it is read.
#[derive(Default)]
struct Group {
    /// Whether something in it matches at different lengths.
    varies: bool,
    /// What each alternative begins with.
    starts: Vec<Start>,
    /// Whether the next atom begins an alternative.
    fresh: bool,
}

#[derive(PartialEq, Clone, Copy)]
enum Start {
    Letter(char),
    Anything,
}

impl Group {
    fn open() -> Self {
        Self { fresh: true, ..Self::default() }
    }

    fn atom(&mut self, start: Start) {
        if std::mem::take(&mut self.fresh) {
            self.starts.push(start);
        }
    }

    /// Whether two alternatives can begin in the same way.
    fn overlaps(&self) -> bool {
        self.starts.len() > 1
            && self.starts.iter().enumerate().any(|(index, start)| {
                *start == Start::Anything || self.starts.iter().take(index).any(|earlier| earlier == start)
            })
    }
}

/// How often something is repeated.
struct Repeat {
    varies: bool,
    /// More often than a few times.
    many: bool,
    unbounded: bool,
}

/// Patterns longer than any that was written by hand or by a tool.
const LONGEST: usize = 65_536;
/// Runs of any length in one pattern; each multiplies the ways to try.
const RUNS: usize = 16;
/// Repetitions that are still cheap when they are nested.
const FEW: u64 = 10;

/// Why matching `pattern` can take for ever, if it can.
pub(super) fn trouble(pattern: &str) -> Option<&'static str> {
    if pattern.len() > LONGEST {
        return Some("it is very long");
    }
    let chars: Vec<char> = pattern.chars().collect();
    let (mut groups, mut outer): (Vec<Group>, Group) = (Vec::new(), Group::open());
    let mut at = 0_usize;
    let mut runs = 0_usize;
    while let Some(c) = chars.get(at).copied() {
        at = at.saturating_add(1);
        let mut closed = None;
        match c {
            '(' => {
                outer.atom(Start::Anything);
                groups.push(std::mem::replace(&mut outer, Group::open()));
                at = after_head(&chars, at);
                continue;
            }
            ')' => {
                let Some(above) = groups.pop() else { return Some("it cannot be read") };
                let group = std::mem::replace(&mut outer, above);
                outer.varies |= group.varies;
                closed = Some(group);
            }
            '|' => {
                outer.fresh = true;
                continue;
            }
            '[' => {
                at = after_class(&chars, at);
                outer.atom(Start::Anything);
            }
            '\\' => {
                let escaped = chars.get(at).copied().unwrap_or_default();
                at = at.saturating_add(1);
                if escaped.is_ascii_digit() && escaped != '0' {
                    return Some("it has a backreference");
                }
                let letter = !escaped.is_alphanumeric();
                outer.atom(if letter { Start::Letter(escaped) } else { Start::Anything });
            }
            '^' | '$' => continue,
            '.' => outer.atom(Start::Anything),
            other => outer.atom(Start::Letter(other)),
        }
        let (repeat, next) = repeat(&chars, at);
        at = next;
        if repeat.many && closed.as_ref().is_some_and(|group| group.varies) {
            return Some("it has nested repetition");
        }
        if repeat.many && closed.as_ref().is_some_and(Group::overlaps) {
            return Some("it repeats alternatives with a common prefix");
        }
        outer.varies |= repeat.varies;
        runs = runs.saturating_add(usize::from(repeat.unbounded));
    }
    if !groups.is_empty() {
        return Some("it cannot be read");
    }
    (runs > RUNS).then_some("it has many unbounded repetitions")
}

/// The place after `?:`, `?=`, `?P<name>` and so on.
fn after_head(chars: &[char], at: usize) -> usize {
    if chars.get(at) != Some(&'?') {
        return at;
    }
    let rest = chars.get(at..).unwrap_or_default();
    let named = matches!(rest, ['?', 'P', '<', ..]) || (matches!(rest, ['?', '<', c, ..] if !matches!(c, '=' | '!')));
    let length = if named {
        rest.iter().position(|c| *c == '>').map_or(rest.len(), |end| end.saturating_add(1))
    } else {
        rest.iter()
            .position(|c| matches!(c, ':' | '=' | '!' | '>' | ')'))
            .map_or(rest.len(), |end| end.saturating_add(usize::from(rest.get(end) != Some(&')'))))
    };
    at.saturating_add(length)
}

/// The place after a class whose `[` was read.
fn after_class(chars: &[char], start: usize) -> usize {
    let mut at = start;
    if chars.get(at) == Some(&'^') {
        at = at.saturating_add(1);
    }
    // The first `]` is a letter.
    at = at.saturating_add(1);
    while let Some(c) = chars.get(at) {
        at = at.saturating_add(if *c == '\\' { 2 } else { 1 });
        if *c == ']' {
            break;
        }
    }
    at
}

/// The repetition at `at`, if there is one, and the place after it.
fn repeat(chars: &[char], at: usize) -> (Repeat, usize) {
    let once = Repeat { varies: false, many: false, unbounded: false };
    let any = Repeat { varies: true, many: true, unbounded: true };
    let (repeat, end) = match chars.get(at) {
        Some('*' | '+') => (any, at.saturating_add(1)),
        Some('?') => (Repeat { varies: true, ..once }, at.saturating_add(1)),
        Some('{') => match counted(chars, at) {
            Some((min, max, end)) => {
                let many = max.is_none_or(|max| max > FEW);
                (Repeat { varies: max != Some(min), many, unbounded: max.is_none() }, end)
            }
            None => return (once, at),
        },
        _ => return (once, at),
    };
    // Lazy and possessive repetitions.
    let end = if matches!(chars.get(end), Some('?' | '+')) { end.saturating_add(1) } else { end };
    (repeat, end)
}

/// `{n}`, `{n,}`, `{n,m}`, `{,m}`.
fn counted(chars: &[char], at: usize) -> Option<(u64, Option<u64>, usize)> {
    let rest = chars.get(at.saturating_add(1)..)?;
    let length = rest.iter().take(24).position(|c| *c == '}')?;
    let inner: String = rest.get(..length)?.iter().collect();
    let end = at.saturating_add(length).saturating_add(2);
    match inner.split_once(',') {
        None => inner.parse().ok().map(|count| (count, Some(count), end)),
        Some((min, "")) => Some((min.parse().unwrap_or(0), None, end)),
        Some((min, max)) => Some((min.parse().unwrap_or(0), Some(max.parse().ok()?), end)),
    }
}
