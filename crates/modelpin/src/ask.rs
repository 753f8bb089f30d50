//! Questions to a person at a terminal.

use crate::out;
use crate::render::bytes;
use crate::vars;
use modelpin_ops::resolve::alternatives::Offered;
use modelpin_ops::{ErrorClass, Failure, Refusal};
use modelpin_schema::text::{count, push};
use modelpin_schema::{RepoId, Variant, visible};
use std::io::{BufRead as _, IsTerminal as _, Read as _};

/// The longest answer that is read, in bytes: more than a name has.
const MAX_ANSWER: u64 = 1024;

/// The most variants that are listed; a name that is not listed may be typed as well.
const MAX_LISTED: usize = 200;

/// Whether a person can be asked: both the question and the answer go over a terminal, and this is no CI job.
#[must_use]
pub fn is_possible() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !vars::is_ci()
}

/// Which of the variants of `repo` somebody wants: one line is read, a number of the list or a name.
///
/// # Errors
/// An empty line, the end of the input, or an answer that is neither; a terminal that cannot be read.
pub fn variant(repo: &RepoId, offered: &[Offered]) -> Result<Variant, Failure> {
    let total = offered.iter().fold(0_u64, |sum, one| sum.saturating_add(one.size));
    let mut question = format!("`{repo}` has {}, {}:\n", count(offered.len(), "variant"), bytes(total));
    let width = offered.len().min(MAX_LISTED).to_string().len();
    for (at, one) in offered.iter().take(MAX_LISTED).enumerate() {
        let usual = if one.is_usual { "  (most people take this one)" } else { "" };
        push(&mut question, format_args!("  {:>width$}  {}  {}{usual}\n", at + 1, visible(&one.name), bytes(one.size)));
    }
    if offered.len() > MAX_LISTED {
        push(&mut question, format_args!("  and {} more\n", offered.len() - MAX_LISTED));
    }
    question.push_str("number or name, `all` for every one, nothing to cancel: ");
    out::stderr(&question);
    let mut answer = Vec::new();
    let read = std::io::stdin().lock().take(MAX_ANSWER).read_until(b'\n', &mut answer);
    read.map_err(Failure::system("read the answer"))?;
    let answer = String::from_utf8_lossy(&answer);
    let answer = answer.trim();
    if answer.is_empty() {
        return Err(cancelled("nothing was chosen", repo));
    }
    chosen(answer, offered).ok_or_else(|| cancelled(&format!("no variant {}", visible(answer)), repo))
}

/// The variant that `answer` means.
fn chosen(answer: &str, offered: &[Offered]) -> Option<Variant> {
    let named = offered.iter().find(|one| one.name.eq_ignore_ascii_case(answer)).map(|one| one.name.as_str());
    let by_number = || offered.get(answer.parse::<usize>().ok()?.checked_sub(1)?).map(|one| one.name.as_str());
    let all = || answer.eq_ignore_ascii_case(Variant::ALL).then_some(Variant::ALL);
    named.or_else(by_number).or_else(all)?.parse().ok()
}

fn cancelled(what: &str, repo: &RepoId) -> Failure {
    Refusal::new(ErrorClass::Usage, what)
        .expected("a number or a name of the list")
        .why("nothing was changed")
        .help(format_args!("run `modelpin add {repo}:NAME` with a name of the list"))
        .into()
}

#[cfg(test)]
mod tests {
    use super::chosen;
    use modelpin_ops::resolve::alternatives::Offered;

    #[test]
    fn a_number_or_a_name_chooses() {
        let offered = ["Q4_K_M", "Q8_0", "1"].map(|name| Offered { name: name.to_owned(), size: 1, is_usual: false });
        let answer = |text: &str| chosen(text, &offered).map(|variant| variant.to_string());
        assert_eq!(answer("2").as_deref(), Some("Q8_0"));
        assert_eq!(answer("q8_0").as_deref(), Some("Q8_0"));
        assert_eq!(answer("1").as_deref(), Some("1"), "a name comes before a number");
        assert_eq!(answer("ALL").as_deref(), Some("all"));
        for wrong in ["0", "4", "-1", "Q9", "99999999999999999999999"] {
            assert_eq!(answer(wrong), None, "{wrong}");
        }
    }
}
