//! Files that are not installed though they are not refused, as `sync` and `check` say it.

use modelpin_policy::{Approvals, Withheld};
use modelpin_schema::Name;
use modelpin_schema::text::count;

/// The files of one entry that are not installed, a line for each reason.
#[must_use]
pub fn lines(name: &Name, withheld: &Withheld, never: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let are = |files: usize| if files == 1 { "is" } else { "are" };
    // Code with a pickle in it is in no quarantine before it is certified as well.
    let exempted = withheld.quarantined.difference(&withheld.uncertified).count();
    let code = withheld.uncertified.len();
    let replaced = withheld.replaced.len();
    if code > 0 {
        let needed_by: Vec<String> = withheld.needed_by.iter().map(|by| format!("`{by}`")).collect();
        let approvals = withheld.approvals.filter(|approvals| approvals.given > 0);
        let why = match (never, withheld.needed_by.first(), approvals) {
            (true, _, _) => "because `remote-code = \"never\"` forbids code".to_owned(),
            (false, None, Some(Approvals { given, required })) => {
                let them = if code == 1 { "it" } else { "them" };
                format!(
                    "because only {given} of {required} people certified {them}; `modelpin review {name}` shows {them}"
                )
            }
            (false, None, None) if code == 1 => {
                format!("because it is not certified; `modelpin review {name}` shows it")
            }
            (false, None, None) => format!("because they are not certified; `modelpin review {name}` shows them"),
            (false, Some(by), _) => format!(
                "because it runs for {}, whose code is not certified; `modelpin review {by}` shows it",
                needed_by.join(", ")
            ),
        };
        lines.push(format!("`{name}`: {} {} withheld, {why}", count(code, "code file"), are(code)));
    }
    if exempted > 0 {
        let only = "only `modelpin exec --jail` reaches";
        let it = if exempted == 1 { "it" } else { "them" };
        lines.push(format!("`{name}`: {} {} in quarantine; {only} {it}", count(exempted, "file"), are(exempted)));
    }
    if replaced > 0 {
        let result = if replaced == 1 { "what it was" } else { "what they were" };
        lines.push(format!(
            "`{name}`: {} {} replaced by {result} converted to",
            count(replaced, "file"),
            are(replaced)
        ));
    }
    lines
}
