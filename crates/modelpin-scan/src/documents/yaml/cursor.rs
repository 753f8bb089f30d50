//! Characters of a YAML document, with line and column, and the scalars that are read from them. Follows PyYAML's
//! `scanner.py`, which is what Python programs read YAML with.

/// Where the reading is.
pub(super) struct Cursor {
    text: Vec<char>,
    next: usize,
    pub(super) line: u32,
    line_start: usize,
}

impl Cursor {
    pub(super) fn new(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // PyYAML ends a line at any of these (YAML 1.1, section 4.2).
        let is_break = |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        let mut lines = Vec::with_capacity(text.len());
        let mut before = ' ';
        for c in text.chars() {
            if !(c == '\n' && before == '\r') {
                lines.push(if is_break(c) { '\n' } else { c });
            }
            before = c;
        }
        Self { text: lines, next: 0, line: 1, line_start: 0 }
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.next.saturating_add(ahead)).copied()
    }

    pub(super) fn column(&self) -> usize {
        self.next.saturating_sub(self.line_start)
    }

    pub(super) fn advance(&mut self) {
        if self.peek(0) == Some('\n') {
            self.line = self.line.saturating_add(1);
            self.line_start = self.next.saturating_add(1);
        }
        self.next = self.next.saturating_add(1);
    }

    /// Whether a blank, a line break or the end is `ahead`.
    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        self.peek(ahead).is_none_or(|c| matches!(c, ' ' | '\t' | '\n'))
    }

    /// Whether a mark between documents is next.
    pub(super) fn is_document_mark(&self) -> bool {
        let mark = [self.peek(0), self.peek(1), self.peek(2)];
        self.column() == 0
            && (mark.iter().all(|c| *c == Some('-')) || mark.iter().all(|c| *c == Some('.')))
            && self.is_blank(3)
    }

    pub(super) fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.advance();
        }
    }

    /// The rest of the line.
    pub(super) fn line(&mut self) -> String {
        let mut line = String::new();
        while let Some(c) = self.peek(0).filter(|c| *c != '\n') {
            line.push(c);
            self.advance();
        }
        line
    }

    /// Characters up to a blank; within brackets, up to what ends an item.
    pub(super) fn word(&mut self, in_flow: bool) -> String {
        let mut word = String::new();
        while !self.is_blank(0) {
            let Some(c) = self.peek(0).filter(|c| !(in_flow && matches!(c, '{' | '}' | ']' | ','))) else { break };
            word.push(c);
            self.advance();
        }
        word
    }

    /// A scalar without quotes. `indent` is the least column on which it may go on.
    pub(super) fn plain(&mut self, in_flow: bool, indent: usize) -> String {
        let mut whole = String::new();
        loop {
            let before = self.next;
            while !self.is_blank(0) && !self.ends_plain(in_flow) {
                whole.extend(self.peek(0));
                self.advance();
            }
            let blank = self.next;
            let mut between = String::new();
            while let Some(c) = self.peek(0).filter(|c| matches!(c, ' ' | '\t' | '\n'))
                && !self.is_document_mark()
            {
                between.push(c);
                self.advance();
            }
            let is_over = before == blank || blank == self.next || self.is_document_mark();
            if is_over || self.peek(0).is_none_or(|c| c == '#') || (!in_flow && self.column() < indent) {
                whole.truncate(whole.trim_end_matches([' ', '\t', '\n']).len());
                return whole;
            }
            // One line break is a space, each further one a line break; blanks at the ends of lines go.
            match between.matches('\n').count() {
                0 => whole.push_str(&between),
                1 => whole.push(' '),
                breaks => whole.extend(std::iter::repeat_n('\n', breaks.saturating_sub(1))),
            }
        }
    }

    fn ends_plain(&self, in_flow: bool) -> bool {
        let ends_item = |c: Option<char>| in_flow && matches!(c, Some(',' | '[' | ']' | '{' | '}'));
        match self.peek(0) {
            Some(':') => self.is_blank(1) || ends_item(self.peek(1)),
            other => ends_item(other) || (in_flow && other == Some('?')),
        }
    }

    /// A scalar in single quotes; nothing where they are not closed.
    pub(super) fn single_quoted(&mut self) -> Option<String> {
        self.advance();
        let mut whole = String::new();
        loop {
            match self.peek(0)? {
                '\'' if self.peek(1) == Some('\'') => {
                    whole.push('\'');
                    self.advance();
                }
                '\'' => {
                    self.advance();
                    return Some(whole);
                }
                '\n' => {
                    self.fold(&mut whole);
                    continue;
                }
                c => whole.push(c),
            }
            self.advance();
        }
    }

    /// A scalar in double quotes; nothing where they are not closed.
    pub(super) fn double_quoted(&mut self) -> Option<String> {
        self.advance();
        let mut whole = String::new();
        loop {
            match self.peek(0)? {
                '"' => {
                    self.advance();
                    return Some(whole);
                }
                '\n' => {
                    self.fold(&mut whole);
                    continue;
                }
                '\\' => {
                    self.advance();
                    self.escape(&mut whole)?;
                    continue;
                }
                c => whole.push(c),
            }
            self.advance();
        }
    }

    /// Line breaks within quotes are one space; blanks around them are dropped.
    fn fold(&mut self, whole: &mut String) {
        whole.truncate(whole.trim_end_matches([' ', '\t']).len());
        whole.push(' ');
        while matches!(self.peek(0), Some(' ' | '\t' | '\n')) {
            self.advance();
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, whole: &mut String) -> Option<()> {
        let c = self.peek(0)?;
        let digits = match c {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if c == '\n' {
            while matches!(self.peek(0), Some(' ' | '\t' | '\n')) {
                self.advance();
            }
            return Some(());
        }
        self.advance();
        if digits == 0 {
            whole.push(match c {
                '0' => '\0',
                'a' => '\x07',
                'b' => '\x08',
                't' | '\t' => '\t',
                'n' => '\n',
                'v' => '\x0b',
                'f' => '\x0c',
                'r' => '\r',
                'e' => '\x1b',
                '_' => '\u{a0}',
                'N' | 'L' | 'P' => '\n',
                c => c,
            });
            return Some(());
        }
        let mut code = 0_u32;
        for _ in 0..digits {
            let digit = self.peek(0)?.to_digit(16)?;
            code = code.wrapping_shl(4) | digit;
            self.advance();
        }
        whole.push(char::from_u32(code).unwrap_or('\u{fffd}'));
        Some(())
    }

    /// A block scalar, from its `|` or `>` on; `least` is the least column of its text.
    pub(super) fn block(&mut self, least: usize) -> String {
        let joint = if self.peek(0) == Some('>') { ' ' } else { '\n' };
        let header = self.line();
        let header = header.split('#').next().unwrap_or_default();
        let given = header.chars().find_map(|c| c.to_digit(10)).filter(|digit| *digit > 0);
        self.advance();
        let indent = match given {
            Some(given) => least.saturating_add(given as usize).saturating_sub(1),
            None => self.deepest_blank().max(least),
        };
        let mut whole = String::new();
        loop {
            while self.column() < indent && self.peek(0) == Some(' ') {
                self.advance();
            }
            match self.peek(0) {
                Some('\n') => self.advance(),
                Some(_) if self.column() >= indent => {
                    whole.push_str(&self.line());
                    whole.push(joint);
                    self.advance();
                }
                _ => break,
            }
        }
        whole.truncate(whole.trim_end().len());
        whole
    }

    /// The column of the first text of a block scalar, without moving.
    fn deepest_blank(&self) -> usize {
        let mut column = 0_usize;
        let mut deepest = 0_usize;
        let mut ahead = 0_usize;
        while let Some(c) = self.peek(ahead).filter(|c| matches!(c, ' ' | '\n')) {
            column = if c == '\n' { 0 } else { column.saturating_add(1) };
            deepest = deepest.max(column);
            ahead = ahead.saturating_add(1);
        }
        deepest
    }
}
