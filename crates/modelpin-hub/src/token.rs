//! The token, and where it is found.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// A Hub token. It never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// The token in `text`, cleaned as `huggingface_hub` does; none where nothing is left, or what is left
    /// could not stand in a header.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let clean = text.replace(['\r', '\n'], "");
        let clean = clean.trim();
        (!clean.is_empty() && clean.len() <= 4096 && clean.bytes().all(|b| b.is_ascii_graphic()))
            .then(|| Self(clean.to_owned()))
    }

    /// Looks where `huggingface_hub` looks: `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, then the file at
    /// `HF_TOKEN_PATH`, by default `token` in `HF_HOME`. Nothing with `HF_HUB_DISABLE_IMPLICIT_TOKEN`.
    #[must_use]
    pub fn find(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Self> {
        let text =
            |name: &str| variable(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty());
        let on = |value: String| ["1", "ON", "YES", "TRUE"].contains(&value.to_ascii_uppercase().as_str());
        if text("HF_HUB_DISABLE_IMPLICIT_TOKEN").is_some_and(on) {
            return None;
        }
        let given = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"].iter().find_map(|name| Self::new(&text(name)?));
        given.or_else(|| Self::new(&std::fs::read_to_string(file(&text)?).ok()?))
    }

    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

fn file(text: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    if let Some(path) = text("HF_TOKEN_PATH") {
        return Some(path.into());
    }
    let cache = || {
        text("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(text("HOME").or_else(|| text("USERPROFILE"))?).join(".cache")))
    };
    let home = text("HF_HOME").map(PathBuf::from).or_else(|| Some(cache()?.join("huggingface")))?;
    Some(home.join("token"))
}

#[cfg(test)]
mod tests {
    use super::Token;

    fn find(variables: &[(&str, &str)]) -> Option<String> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into());
        Token::find(&variable).map(|token| token.secret().to_owned())
    }

    #[test]
    fn the_token_is_found_where_the_hubs_own_client_finds_it() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("token"), "hf_file\n").unwrap();
        let home = home.path().to_str().unwrap();
        let path = format!("{home}/token");
        assert_eq!(find(&[("HF_HOME", home)]).as_deref(), Some("hf_file"));
        assert_eq!(find(&[("HF_TOKEN_PATH", &path)]).as_deref(), Some("hf_file"));
        assert_eq!(find(&[("HF_HOME", home), ("HF_TOKEN", " hf_env\r\n")]).as_deref(), Some("hf_env"));
        assert_eq!(find(&[("HF_HOME", home), ("HF_TOKEN", "  ")]).as_deref(), Some("hf_file"));
        assert_eq!(find(&[("HF_HOME", home), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "true")]), None);
        assert_eq!(find(&[("HF_HOME", "/nowhere")]), None);
    }

    #[test]
    fn a_token_does_not_show_itself() {
        assert_eq!(format!("{:?}", Token::new("hf_secret")), "Some(Token(…))");
    }
}
