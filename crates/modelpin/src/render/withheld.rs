//! What is kept out of the target and not refused, as `sync` and `check` say it.

use modelpin_ops::policy::Held;
use modelpin_schema::Name;
use modelpin_schema::text::count;

/// What stays out of the target of one entry, a line for each reason.
#[must_use]
pub fn lines(name: &Name, held: &Held, never: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let are = |files: usize| if files == 1 { "is" } else { "are" };
    // Code with a pickle in it is in no quarantine before it is certified as well.
    let exempted = held.quarantined.difference(&held.withheld).count();
    let (code, replaced) = (held.withheld.len(), held.replaced.len());
    if code > 0 {
        let needed_by: Vec<String> = held.needed_by.iter().map(|by| format!("`{by}`")).collect();
        let why = match (never, held.needed_by.first()) {
            (true, _) => "since `remote-code = \"never\"` lets none in".to_owned(),
            (false, None) if held.people.is_some_and(|(people, _)| people > 0) => {
                let (people, required) = held.people.unwrap_or_default();
                let them = if code == 1 { "it" } else { "them" };
                format!(
                    "since only {people} of {required} people certified {them}; `modelpin review {name}` shows {them}"
                )
            }
            (false, None) if code == 1 => format!("since it is not certified; `modelpin review {name}` shows it"),
            (false, None) => format!("since they are not certified; `modelpin review {name}` shows them"),
            (false, Some(by)) => format!(
                "since it runs for {}, whose code nobody certified; `modelpin review {by}` shows it",
                needed_by.join(", ")
            ),
        };
        lines.push(format!("`{name}`: {} of code {} withheld, {why}", count(code, "file"), are(code)));
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
