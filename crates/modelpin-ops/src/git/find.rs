//! Why git does not know a revision, and what could have been meant.

use super::run::Git;
use super::run::LINES;
use crate::refusal::Failure;
use modelpin_schema::fault::nearest;
use modelpin_schema::shell_word;
use modelpin_schema::text::visible;

/// Why there is no commit for a revision.
pub(super) enum Missing {
    /// There is no commit at all yet.
    NothingYet,
    /// The name is known, and the object that it names is not in this clone.
    Object,
    /// The history ends before it, as it was cloned; so many more commits would be enough.
    Cut(u32),
    /// It is a branch of a remote, and was not fetched.
    NotFetched {
        /// The command that fetches it.
        command: String,
    },
    /// Nothing has that name; something has a similar one.
    Unknown(Option<String>),
}

/// Why there is no commit for `revision`.
///
/// # Errors
/// A git that cannot be run, or that does not end in time.
pub(super) fn why_missing(git: &Git<'_>, revision: &str) -> Result<Missing, Failure> {
    if matches!(revision, "HEAD" | "@") {
        let branch = git.line(&["symbolic-ref", "--quiet", "HEAD"])?;
        let known = git.ask(&["for-each-ref", "--format=%(refname)", &branch], LINES)?;
        if !branch.is_empty() && known.ok && known.out.is_empty() {
            return Ok(Missing::NothingYet);
        }
    }
    let is_id = matches!(revision.len(), 40 | 64) && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_id && git.verify(revision)?.ok {
        return Ok(Missing::Object);
    }
    let remotes = git.line(&["remote"])?;
    let shallow = git.line(&["rev-parse", "--is-shallow-repository"])? == "true";
    let (base, behind) = revision.split_at(revision.find(['~', '^']).unwrap_or(revision.len()));
    if !behind.is_empty() && git.verify(&format!("{base}^{{commit}}"))?.ok {
        return Ok(if shallow { Missing::Cut(steps(behind)) } else { Missing::Unknown(None) });
    }
    if let (true, Some(remote)) = (is_id, remotes.lines().next()) {
        return Ok(Missing::NotFetched { command: format!("git fetch {} {revision}", shell_word(remote)) });
    }
    if let Some((remote, branch)) = of_remote(&remotes, base).filter(|(_, branch)| *branch != "HEAD") {
        let depth = if shallow { " --depth=1" } else { "" };
        return Ok(Missing::NotFetched { command: format!("git fetch{depth} {}", fetch(remote, branch)) });
    }
    let known = git.line(&["for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags"])?;
    let here = known.lines().find(|name| name.strip_suffix(base).is_some_and(|before| before.ends_with('/')));
    let meant = here.or_else(|| nearest(base, known.lines())).map(|name| format!("{name}{behind}"));
    Ok(Missing::Unknown(meant))
}

/// The remote and its branch that `name` is spelled like, as in `origin/main`.
fn of_remote<'a>(remotes: &'a str, name: &'a str) -> Option<(&'a str, &'a str)> {
    let named = remotes.lines().find_map(|remote| Some((remote, name.strip_prefix(remote)?.strip_prefix('/')?)));
    named.filter(|(_, branch)| !branch.is_empty())
}

/// The arguments of `git fetch` for a branch of a remote.
fn fetch(remote: &str, branch: &str) -> String {
    let refs = format!("+refs/heads/{branch}:refs/remotes/{remote}/{branch}");
    format!("{} {}", shell_word(remote), shell_word(&refs))
}

/// The ref that git takes `revision` for, where it is spelled like a branch of a remote and is none, with what
/// fetches that branch: whoever proposes a change may choose the name of a branch or tag.
///
/// # Errors
/// A git that cannot be run, or that does not end in time.
pub(super) fn disguised(git: &Git<'_>, revision: &str) -> Result<Option<(String, String)>, Failure> {
    let base = revision.split(['~', '^', '@', ':']).next().unwrap_or_default();
    if !base.contains('/') {
        return Ok(None);
    }
    let remotes = git.ask(&["remote"], LINES)?.text();
    let Some((remote, branch)) = of_remote(&remotes, base) else { return Ok(None) };
    let words = ["rev-parse", "--verify", "--symbolic-full-name", "--end-of-options", base];
    let path = git.ask(&words, LINES)?.text().trim().to_owned();
    let other = !path.is_empty() && !path.starts_with("refs/remotes/");
    Ok(other.then(|| (path, format!("git fetch {}", fetch(remote, branch)))))
}

/// How many commits `~3`, `^^` or the like go back; `^2` is another parent, no further back.
fn steps(behind: &str) -> u32 {
    let step = |(at, mark): (usize, &str)| {
        let digits: String = behind.chars().skip(at + 1).take_while(char::is_ascii_digit).collect();
        if mark == "~" { digits.parse().unwrap_or(1) } else { 1 }
    };
    behind.match_indices(['~', '^']).map(step).fold(0_u32, u32::saturating_add).max(1)
}

/// The refs that git could take `name` for, each with its commit.
///
/// # Errors
/// A git that cannot be run, or that lacks the objects of some of them.
pub(super) fn refs_named(git: &Git<'_>, name: &str) -> Result<Vec<(String, String)>, Failure> {
    let forms = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"].map(|folder| format!("{folder}{name}"));
    let of_remote = format!("refs/remotes/{name}/HEAD");
    let mut words = vec!["for-each-ref", "--format=%(refname) %(objectname) %(*objectname)"];
    words.extend(forms.iter().map(String::as_str));
    words.push(&of_remote);
    let listed = git.ask(&words, LINES)?;
    if !listed.ok {
        return Err(Failure::Program { program: "git", message: visible(listed.stderr.trim()) });
    }
    let listed = listed.text();
    let of_line = |line: &str| {
        let mut words = line.split_whitespace();
        let path = words.next()?.to_owned();
        let id = words.next()?;
        // A tag with a message is an object of its own, which names the commit.
        let commit = words.next().unwrap_or(id).to_owned();
        (forms.contains(&path) || path == of_remote).then_some((path, commit))
    };
    Ok(listed.lines().filter_map(of_line).collect())
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn steps_back_are_counted() {
        for (behind, count) in
            [("~1", 1), ("~", 1), ("~3", 3), ("^", 1), ("^^", 2), ("^2", 1), ("~2^2", 3), ("~2~3", 5), ("^{/x}", 1)]
        {
            assert_eq!(steps(behind), count, "{behind}");
        }
        assert_eq!(steps("~99999999999"), 1);
    }
}
