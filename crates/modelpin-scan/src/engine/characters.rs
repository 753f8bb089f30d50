//! Characters that hide or reorder the text around them.
//!
//! Right-to-left scripts need marks of direction, Indic and Arabic scripts and emoji need joiners, and copying from
//! web pages leaves zero-width spaces. What is reported is what none of that explains.

/// Zero-width characters in a row from which on they carry a message.
const RUN: u32 = 4;

/// Follows a text, character by character.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Embeddings and isolates that are open in this line.
    open: u32,
    /// Whether this line has any, or an end of one.
    directed: bool,
    /// Whether this line has letters of a right-to-left script.
    right_to_left: bool,
    /// Characters without a width in a row.
    run: u32,
    /// Whether the tag characters here belong to a flag.
    flag: bool,
    last: char,
}

impl Watch {
    /// Whether nothing is open, so that plain text changes nothing.
    pub(crate) fn is_neutral(&self) -> bool {
        !self.directed && self.run == 0 && !self.flag
    }

    /// Follows `text`, and says what is hidden in it. `strict`: where not even one stray zero-width character is
    /// honest.
    pub(crate) fn follow(&mut self, text: &str, strict: bool) -> Option<String> {
        text.chars().find_map(|c| self.step(c, strict))
    }

    fn step(&mut self, c: char, strict: bool) -> Option<String> {
        let last = std::mem::replace(&mut self.last, c);
        if !is_weightless(c) {
            self.run = 0;
        }
        match c {
            '\n' | '\u{2029}' => return self.end(),
            '\u{202d}' | '\u{202e}' => return Some(shown(c, "reverses the text that follows")),
            '\u{202a}' | '\u{202b}' | '\u{2066}'..='\u{2068}' => {
                self.directed = true;
                self.open = self.open.saturating_add(1);
            }
            '\u{202c}' | '\u{2069}' => {
                self.directed = true;
                self.open = self.open.saturating_sub(1);
            }
            // The flags of England, Scotland and Wales are written with these.
            '\u{1f3f4}' => self.flag = true,
            '\u{e0020}'..='\u{e007e}' if self.flag => {}
            '\u{e007f}' if self.flag => self.flag = false,
            '\u{e0000}'..='\u{e007f}' => return Some(shown(c, "is invisible text")),
            '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' => self.right_to_left = true,
            _ => {}
        }
        if !matches!(c, '\u{1f3f4}' | '\u{e0020}'..='\u{e007f}') {
            self.flag = false;
        }
        if is_weightless(c) {
            self.run = self.run.saturating_add(1);
            if self.run >= RUN {
                return Some(shown(c, "is one of a run of invisible characters"));
            }
            if strict && is_stray(c, last) {
                return Some(shown(c, "is an invisible character"));
            }
        }
        None
    }

    /// At the end of a line or of the text.
    pub(crate) fn end(&mut self) -> Option<String> {
        let found = self.directed && (self.open > 0 || !self.right_to_left);
        (self.open, self.directed, self.right_to_left, self.run) = (0, false, false, 0);
        found.then(|| "direction marks that are unneeded or left open".to_owned())
    }
}

/// What hides in a text where not even one stray zero-width character is honest.
pub(crate) fn hidden(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut watch = Watch::default();
    watch.follow(text, true).or_else(|| watch.end())
}

fn is_weightless(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}' | '\u{115f}' | '\u{1160}'
            | '\u{3164}' | '\u{ffa0}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
    )
}

/// Whether a character without a width has nothing before it that it could join or vary.
fn is_stray(c: char, last: char) -> bool {
    match c {
        '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
            last.is_ascii_alphabetic() || last.is_whitespace() || last == '\0'
        }
        _ => true,
    }
}

fn shown(c: char, what: &str) -> String {
    format!("U+{:04X} {what}", u32::from(c))
}
