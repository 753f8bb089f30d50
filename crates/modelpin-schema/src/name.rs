//! The names that people give: to a model or dataset in their project, and to a change.

use crate::text::text;

text! {
    /// The name of a model or dataset in a project: the key in `models.toml` and `models.lock`.
    /// Lower-case letters, digits and hyphens, so that it can be a folder and a TOML key everywhere.
    ///
    /// ```
    /// use modelpin_schema::Name;
    /// assert!("support-lora".parse::<Name>().is_ok());
    /// assert!("Support_Lora".parse::<Name>().is_err());
    /// ```
    Name, "name", "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$", |text| {
        let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || text.len() > 64 {
            return Err("a name has 1 to 64 characters".to_owned());
        }
        if !text.chars().all(inside) || text.starts_with('-') || text.ends_with('-') {
            let suggestion = suggest(text);
            let hint = if suggestion.is_empty() { String::new() } else { format!("; did you mean `{suggestion}`?") };
            return Err(format!("a name has lower-case letters, digits and inner hyphens only{hint}"));
        }
        Ok(())
    }
}

impl Name {
    /// The name that `add` gives an entry for the repo whose last part is `repo_name`, if one can be made of it.
    ///
    /// ```
    /// use modelpin_schema::Name;
    /// assert_eq!(Name::for_repo("all-MiniLM-L6-v2").unwrap().as_str(), "all-minilm-l6-v2");
    /// ```
    #[must_use]
    pub fn for_repo(repo_name: &str) -> Option<Self> {
        suggest(repo_name).parse().ok()
    }
}

fn suggest(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars().take(64) {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.trim_end_matches('-').to_owned()
}

text! {
    /// The ticket that a change of a pin answers, such as `SEC-4410`: printable text without spaces.
    Ticket, "ticket", "^[!-~]{1,100}$", |text| {
        if text.is_empty() || text.len() > 100 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("a ticket is 1 to 100 printable ASCII characters without spaces".to_owned());
        }
        Ok(())
    }
}
