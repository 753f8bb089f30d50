//! A rule's page: in a terminal, and in the reference.

use modelpin_rules::{Category, Property, Rule};
use modelpin_schema::text::push;

/// Where the pages of the rules are on the web.
pub const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/reference/rules/");

/// Where the page of a rule is on the web.
#[must_use]
pub fn address(rule: &Rule) -> String {
    format!("{PAGES}{}.md", rule.id)
}

/// The page for a terminal.
#[must_use]
pub fn text(rule: &Rule) -> String {
    let mut out = format!("{} ({})\n\n{}\n\n{}\n", rule.id, marks(rule), without_links(&page(rule)), why(rule));
    let consequence = consequence(rule);
    if !consequence.is_empty() {
        push(&mut out, format_args!("\n{consequence}\n"));
    }
    if !rule.see.is_empty() {
        push(&mut out, format_args!("\nRead on: {}\n", rule.see));
    }
    out
}

fn is_policy(rule: &Rule) -> bool {
    rule.category == Category::Policy
}

/// Its grade, and its property where it is a rule of the scan.
fn marks(rule: &Rule) -> String {
    if is_policy(rule) { grade(rule).to_owned() } else { format!("{}, {}", grade(rule), rule.property.word()) }
}

fn property(rule: &Rule) -> String {
    if is_policy(rule) { String::new() } else { format!(" · Property: **{}**", rule.property.word()) }
}

/// What its property means for a file of data that has such a finding.
fn consequence(rule: &Rule) -> &'static str {
    match rule.property {
        Property::RunsCode => {
            "A data file with this finding is refused, and no setting of `models.toml` changes that. `modelpin exempt` admits\nexactly these bytes to the quarantine, which only `modelpin exec --jail` reads. Code files are withheld until they\nare certified, whatever is found in them."
        }
        Property::NotScanned => {
            "A data file with this finding is refused, since what else it contains is unknown, and no setting of `models.toml`\nchanges that. `modelpin exempt` admits exactly these bytes to the quarantine, which only `modelpin exec --jail`\nreads: a loader outside of the jail cannot open them."
        }
        Property::Advice => "",
    }
}

/// The page of the reference, below its heading; `pages` leads to those of other rules from where it will be read.
#[must_use]
pub fn markdown(rule: &Rule, pages: &str) -> String {
    let page = page(rule).replace("](", &format!("]({pages}")).replace(&format!("]({pages}https://"), "](https://");
    let kind = if is_policy(rule) { "By default" } else { "Severity" };
    let mut out = format!("{kind}: **{}**{}\n\n{page}\n\n{}\n", grade(rule), property(rule), why(rule));
    let consequence = consequence(rule);
    if !consequence.is_empty() {
        push(&mut out, format_args!("\n{consequence}\n"));
    }
    if !rule.see.is_empty() {
        push(&mut out, format_args!("\nRead on: {}\n", references(rule.see)));
    }
    let verb = if is_policy(rule) { "check" } else { "scan" };
    push(&mut out, format_args!("\nIn a terminal: `modelpin {verb} --explain {}`\n", rule.id));
    out
}

/// How bad a finding of the scan is; what is done about a rule of the policy where models.toml does not say it.
#[must_use]
pub fn grade(rule: &Rule) -> &'static str {
    if is_policy(rule) { rule.level.word() } else { rule.severity.word() }
}

/// Why the rule matters, as a sentence.
fn why(rule: &Rule) -> String {
    format!("Why it matters: {}.", rule.why)
}

/// The page's text without the blank that a doc comment puts before each line.
fn page(rule: &Rule) -> String {
    let lines = rule.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Markdown with the words of its links and without their addresses.
fn without_links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let Some((_, behind)) = after.split_once(')') else { break };
        match before.rsplit_once('[') {
            Some((ahead, words)) => {
                out.push_str(ahead);
                out.push_str(words);
            }
            None => out.push_str(before),
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// References with links to where advisories are kept.
fn references(see: &str) -> String {
    let link = |reference: &str| {
        if reference.starts_with("CVE-") && !reference.contains(' ') {
            format!("[{reference}](https://nvd.nist.gov/vuln/detail/{reference})")
        } else if reference.starts_with("GHSA-") && !reference.contains(' ') {
            format!("[{reference}](https://github.com/advisories/{reference})")
        } else if reference.starts_with("https://") && !reference.contains(' ') {
            format!("<{reference}>")
        } else {
            reference.to_owned()
        }
    };
    let parts = see.split("; ").map(|part| part.split(", ").map(link).collect::<Vec<_>>().join(", "));
    parts.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::{references, without_links};

    #[test]
    fn links_are_for_pages() {
        assert_eq!(without_links("see [`a`](a.md), [b](b.md)."), "see `a`, b.");
        assert_eq!(without_links("[open](never"), "[open](never");
        assert_eq!(
            references("CVE-2025-1, a word; https://x.example/a"),
            "[CVE-2025-1](https://nvd.nist.gov/vuln/detail/CVE-2025-1), a word; <https://x.example/a>"
        );
    }
}
