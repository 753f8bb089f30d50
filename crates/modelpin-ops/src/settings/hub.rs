//! Which Hub is asked, and which token it gets. A Hub that only models.toml names gets none.

use super::UserSettings;
use crate::refusal::{Failure, upstream};
use modelpin_hub::{DEFAULT_ENDPOINT, Endpoint, Token};
use modelpin_schema::config::{TokenFrom, hub_line};
use modelpin_schema::shell_word;
use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

/// The most bytes of a file with a token that are read.
const MAX_TOKEN_FILE: u64 = 64 << 10;

/// A Hub as it will be asked.
#[derive(Debug)]
pub struct Address {
    /// Where it is.
    pub endpoint: Endpoint,
    /// What it is given.
    pub token: Option<Token>,
    /// What to say before it is asked.
    pub note: Option<String>,
}

/// What was found where a token may be.
enum Found {
    Text(Vec<u8>),
    Nothing,
    Unreadable,
}

impl UserSettings {
    /// The Hub of a project whose models.toml asks for the one at `requested`.
    ///
    /// # Errors
    /// An address that is none.
    pub fn hub(&self, requested: Option<&str>) -> Result<Address, Failure> {
        let parse = |text: &str| text.parse().map_err(|error| Failure::from(upstream::bad_endpoint(&error)));
        let default: Endpoint = parse(DEFAULT_ENDPOINT)?;
        let (endpoint, is_named) = match (&self.invocation.endpoint, requested) {
            (Some(text), _) => (parse(text)?, true),
            (None, None) => (default, true),
            (None, Some(text)) => {
                let endpoint = parse(text)?;
                let mut named = self.hubs.iter().map(|(known, _)| known).chain([&default]);
                let is_named = named.any(|known| known.same_origin(&endpoint));
                (endpoint, is_named)
            }
        };
        if !is_named {
            let note = format!(
                "note: only models.toml names `{endpoint}`, so it is asked without a token; to let it have yours, \
                 set `HF_ENDPOINT={}`, or {}",
                shell_word(&endpoint.to_string()),
                self.advice(&hub_line(&endpoint.to_string()))
            );
            return Ok(Address { endpoint, token: None, note: Some(note) });
        }
        if !endpoint.is_private() {
            let note = self.has_token(&endpoint).then(|| {
                format!(
                    "note: no token is sent to `{endpoint}`: anyone on the way could read it; use an `https://` address"
                )
            });
            return Ok(Address { endpoint, token: None, note });
        }
        let token = self.token(&endpoint);
        Ok(Address { endpoint, token, note: None })
    }

    /// The variables that the user's configuration names for tokens.
    pub(crate) fn token_variables(&self) -> impl Iterator<Item = &str> {
        self.hubs.iter().filter_map(|(_, hub)| match &hub.token {
            TokenFrom::Variable(name) => Some(name.as_str()),
            TokenFrom::Usual | TokenFrom::File(_) => None,
        })
    }

    /// The token that the user has for `endpoint`.
    fn token(&self, endpoint: &Endpoint) -> Option<Token> {
        let (found, text) = self.find(endpoint)?;
        match text {
            Found::Text(text) => Token::new(endpoint, &found, &text),
            Found::Nothing => Token::missing(endpoint, &found, "it is not there"),
            Found::Unreadable => Token::missing(endpoint, &found, "it cannot be read"),
        }
    }

    fn has_token(&self, endpoint: &Endpoint) -> bool {
        matches!(self.find(endpoint), Some((_, Found::Text(_) | Found::Unreadable)))
    }

    /// Where the token for `endpoint` is, as the user calls it, and what is there.
    fn find(&self, endpoint: &Endpoint) -> Option<(String, Found)> {
        if self.invocation.anonymous {
            return None;
        }
        let own = self.hubs.iter().find(|(known, _)| known.same_origin(endpoint));
        match own.map(|(_, hub)| &hub.token) {
            Some(TokenFrom::Variable(name)) => {
                let text = (self.invocation.variable)(name).map_or(Found::Nothing, bytes);
                Some((format!("the variable `{name}`"), text))
            }
            Some(TokenFrom::File(path)) => {
                let path = self.path(path);
                Some((format!("the file `{}`", path.display()), content(&path)))
            }
            Some(TokenFrom::Usual) | None => self.usual(),
        }
    }

    /// Where the Hub's own tools look: the first variable that holds something, then the file.
    fn usual(&self) -> Option<(String, Found)> {
        let is_blank = |text: &[u8]| text.iter().all(u8::is_ascii_whitespace);
        for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
            let text = (self.invocation.variable)(name).filter(|text| !is_blank(text.as_encoded_bytes()));
            if let Some(text) = text {
                return Some((format!("the variable `{name}`"), bytes(text)));
            }
        }
        let path = self.invocation.token_file.as_ref()?;
        match content(path) {
            Found::Nothing => None,
            Found::Text(text) if is_blank(&text) => None,
            found => Some((format!("the file `{}`", path.display()), found)),
        }
    }
}

fn bytes(text: OsString) -> Found {
    Found::Text(text.into_encoded_bytes())
}

fn content(path: &Path) -> Found {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(MAX_TOKEN_FILE).read_to_end(&mut bytes)) {
        Ok(_) => Found::Text(bytes),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Found::Nothing,
        Err(_) => Found::Unreadable,
    }
}
