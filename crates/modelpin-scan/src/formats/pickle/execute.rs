//! What each opcode does (`Lib/pickletools.py` describes them, `Modules/_pickle.c` decides).

use super::machine::{Fault, Machine, broken};
use super::read::{escape_decode, integer, is_float, is_octal, long, raw_unicode_escape};
use super::value::{Kind, Value};
use crate::engine::ScanError;
use crate::engine::limits::Budget;
use modelpin_rules::pickle as rules;

impl Machine<'_> {
    /// One opcode other than `STOP`.
    pub(super) fn execute(&mut self, opcode: u8, budget: &mut Budget) -> Result<(), Fault> {
        match opcode {
            b'N' => self.push(Value::None),
            0x88 | 0x89 => self.push(Value::Bool),
            b'J' => {
                let value = i32::from_le_bytes(self.array()?);
                self.push(Value::Int(i64::from(value)));
            }
            b'K' => {
                let value = self.byte()?;
                self.push(Value::Int(i64::from(value)));
            }
            b'M' => {
                let value = u16::from_le_bytes(self.array()?);
                self.push(Value::Int(i64::from(value)));
            }
            b'G' => {
                self.array::<8>()?;
                self.push(Value::Float);
            }
            0x8a => {
                let len = self.byte()?;
                self.long(u64::from(len))?;
            }
            0x8b => {
                let len = self.signed_length()?;
                self.long(len)?;
            }
            b'I' | b'L' | b'F' | b'S' | b'V' | b'P' | b'g' | b'p' => self.text_opcode(opcode, budget)?,
            b'T' | b'U' | b'X' | 0x8c | 0x8d | b'B' | b'C' | 0x8e | 0x96 => self.counted(opcode)?,
            b'c' | b'i' | 0x93 | b'R' | b'o' | 0x81 | 0x92 | 0x82 | 0x83 | 0x84 => self.reach(opcode, budget)?,
            _ => self.arrange(opcode, budget)?,
        }
        Ok(())
    }

    /// Opcodes that move and collect what is on the stack.
    fn arrange(&mut self, opcode: u8, budget: &mut Budget) -> Result<(), Fault> {
        match opcode {
            b'(' => self.marks.push(self.stack.len()),
            b'0' => self.pop_or_mark()?,
            b'1' => drop(self.pop_mark()?),
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b')' => self.push(Value::Tuple([].into())),
            b']' => self.push(Value::List(Vec::new())),
            b'}' => self.push(Value::Dict { items: Vec::new(), sealed: false }),
            0x8f => self.push(Value::Set),
            0x85..=0x87 => {
                let mut items = Vec::new();
                for _ in 0x84..opcode {
                    items.push(self.pop()?);
                }
                items.reverse();
                self.count_built(&items);
                self.push(Value::Tuple(items.into()));
            }
            b't' | b'l' | b'd' | 0x91 => {
                let items = self.pop_mark()?;
                self.count_built(&items);
                let value = match opcode {
                    b't' => Value::Tuple(items.into()),
                    b'l' => Value::List(items),
                    b'd' => Value::Dict { items: pairs(&items)?, sealed: false },
                    _ => Value::Object(Kind::Plain),
                };
                self.push(value);
            }
            b'q' => {
                let key = self.byte()?;
                self.memoize(u64::from(key))?;
            }
            b'r' => {
                let key = u32::from_le_bytes(self.array()?);
                self.memoize(u64::from(key))?;
            }
            0x94 => self.memoize(self.memo.len() as u64)?,
            b'h' => {
                let key = self.byte()?;
                self.recall(u64::from(key))?;
            }
            b'j' => {
                let key = u32::from_le_bytes(self.array()?);
                self.recall(u64::from(key))?;
            }
            0x80 => {
                self.proto = self.byte()?;
                if self.proto > 5 {
                    return broken(format!("protocol {} does not exist", self.proto));
                }
            }
            0x95 => self.frame()?,
            _ => return self.change(opcode, budget),
        }
        Ok(())
    }

    /// Opcodes that change what is on the stack, or ask for what is not in the file.
    fn change(&mut self, opcode: u8, budget: &mut Budget) -> Result<(), Fault> {
        match opcode {
            b'a' => {
                let item = self.pop()?;
                self.append(&[item])
            }
            b'e' => {
                let items = self.pop_mark()?;
                self.append(&items)
            }
            b's' => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.set_items(&[key, value])
            }
            b'u' => {
                let items = self.pop_mark()?;
                self.set_items(&items)
            }
            0x90 => {
                let items = self.pop_mark()?;
                self.add_items(&items)
            }
            b'b' => self.build(budget),
            b'Q' => {
                let pid = self.pop()?;
                self.persistent(Some(pid));
                Ok(())
            }
            0x97 => {
                self.report(&rules::PICKLE_BUFFER, "an out-of-band buffer");
                self.push(Value::Top);
                Ok(())
            }
            0x98 => self.top().map(|_| ()),
            _ => broken(format!("unknown opcode 0x{opcode:02x}")),
        }
    }

    /// Opcodes that import and call.
    fn reach(&mut self, opcode: u8, budget: &mut Budget) -> Result<(), Fault> {
        match opcode {
            b'c' => {
                let (module, name) = self.two_lines(budget, false)?;
                let id = self.import(&module, &name);
                self.stack.push(id);
            }
            b'i' => {
                let (module, name) = self.two_lines(budget, true)?;
                // The Python unpickler imports before it looks for the mark.
                let class = self.import(&module, &name);
                let args = self.pop_mark()?;
                self.count_built(&args);
                let made = self.call(class, Some(&args.into()));
                self.stack.push(made);
            }
            0x93 => self.import_from_stack()?,
            b'R' => {
                let args = self.pop()?;
                let callee = self.pop()?;
                self.charge(args, budget)?;
                let args = self.arguments(args);
                let made = self.call(callee, args.as_ref());
                self.stack.push(made);
            }
            b'o' => {
                let items = self.pop_mark()?;
                let Some((class, args)) = items.split_first() else { return broken("OBJ has no class") };
                self.count_built(args);
                let made = self.call(*class, Some(&args.into()));
                self.stack.push(made);
            }
            0x81 => {
                let args = self.pop()?;
                let class = self.pop()?;
                self.charge(args, budget)?;
                let args = self.arguments(args);
                let made = self.create(class, args.as_ref());
                self.stack.push(made);
            }
            0x92 => {
                let named = self.pop()?;
                let args = self.pop()?;
                let class = self.pop()?;
                self.charge(args, budget)?;
                self.held(named);
                let mut args = self.arguments(args);
                if !matches!(self.get(named), Value::Dict { items, .. } if items.is_empty()) {
                    args = args.map(|args| args.iter().copied().chain([named]).collect());
                }
                let made = self.create(class, args.as_ref());
                self.stack.push(made);
            }
            _ => {
                let code = match opcode {
                    0x82 => u32::from(self.byte()?),
                    0x83 => u32::from(u16::from_le_bytes(self.array()?)),
                    _ => u32::from_le_bytes(self.array()?),
                };
                self.report(&rules::PICKLE_EXTENSION, format!("number {code} of the extension registry"));
                self.push(Value::Top);
            }
        }
        Ok(())
    }

    /// The module and the name of `GLOBAL` and `INST`. Where a line has no end, the Python unpickler takes its
    /// last character for one.
    fn two_lines(&mut self, budget: &mut Budget, ascii: bool) -> Result<(String, String), Fault> {
        let (mut module, ended) = self.line(budget)?;
        if !ended {
            module.pop();
        }
        let (mut name, ended) = self.line(budget)?;
        if !ended {
            name.pop();
        }
        if ascii && !(module.is_ascii() && name.is_ascii()) {
            return broken("a name is not ASCII");
        }
        match (String::from_utf8(module), String::from_utf8(name)) {
            (Ok(module), Ok(name)) => Ok((module, name)),
            _ => broken("a name is not UTF-8"),
        }
    }

    /// Opcodes with a line of text.
    fn text_opcode(&mut self, opcode: u8, budget: &mut Budget) -> Result<(), Fault> {
        let line = self.whole_line(budget)?;
        match opcode {
            b'I' if matches!(line.as_slice(), b"00" | b"01") => self.push(Value::Bool),
            b'I' | b'L' => {
                let Some(value) = integer(&line) else { return broken("invalid number") };
                self.push(if is_octal(&line) { Value::Big } else { value });
            }
            b'F' => {
                if !is_float(&line) {
                    return broken("invalid number");
                }
                self.push(Value::Float);
            }
            b'S' => {
                let ([b'"', in_member @ .., b'"'] | [b'\'', in_member @ .., b'\'']) = line.as_slice() else {
                    return broken("a string has no quotes");
                };
                let Some(bytes) = escape_decode(in_member) else { return broken("a string has a bad escape") };
                let text = self.text(bytes.iter().map(|byte| char::from(*byte)).collect());
                self.push(text);
            }
            b'V' => {
                let Some(text) = raw_unicode_escape(&line) else { return broken("a text has a bad escape") };
                let text = self.text(text);
                self.push(text);
            }
            b'P' => self.persistent(None),
            _ => {
                let key = match integer(&line) {
                    Some(Value::Int(key)) => u64::try_from(key).ok(),
                    Some(Value::Big | Value::Magic) => Some(u64::MAX),
                    _ => None,
                };
                let Some(key) = key else { return broken("a memo key is not a number") };
                if opcode == b'g' { self.recall(key)? } else { self.memoize(key)? }
            }
        }
        Ok(())
    }

    /// Opcodes with a length and as many bytes.
    fn counted(&mut self, opcode: u8) -> Result<(), Fault> {
        let len = match opcode {
            b'T' => self.signed_length()?,
            b'U' | 0x8c | b'C' => u64::from(self.byte()?),
            b'X' | b'B' => u64::from(u32::from_le_bytes(self.array()?)),
            _ => u64::from_le_bytes(self.array()?),
        };
        let value = match opcode {
            b'T' | b'U' => self.latin1(len)?,
            b'X' | 0x8c | 0x8d => self.utf8(len)?,
            _ => self.blob(len)?,
        };
        self.push(value);
        Ok(())
    }

    fn signed_length(&mut self) -> Result<u64, Fault> {
        match u64::try_from(i32::from_le_bytes(self.array()?)) {
            Ok(len) => Ok(len),
            Err(_) => broken("a length is negative"),
        }
    }

    /// A number of `len` bytes. More than 1 MiB of one takes CPython for ever; nothing honest has it.
    fn long(&mut self, len: u64) -> Result<(), Fault> {
        if len > 1 << 20 {
            return Err(Fault::Error(ScanError::LimitReached("digits of a number")));
        }
        let Value::Bytes(blob) = self.blob(len)? else { return Ok(()) };
        let bytes = self.part.bytes(blob.at, usize::try_from(len.min(16)).unwrap_or(0))?;
        self.push(if len > 16 { Value::Big } else { long(&bytes) });
        Ok(())
    }
}

/// Keys and values, which are one after another.
pub(super) fn pairs(items: &[u32]) -> Result<Vec<(u32, u32)>, Fault> {
    let (pairs, rest) = items.as_chunks::<2>();
    if rest.is_empty() {
        Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
    } else {
        broken("a key has no value")
    }
}
