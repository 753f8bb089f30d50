//! How large a value can become, as an upper bound. What a conversation gives is of size one: what is asked is how far a
//! template multiplies it.

/// An upper bound for a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bound {
    /// How often a loop over it runs.
    pub(super) len: f64,
    /// Its characters, those of all that it holds included.
    pub(super) size: f64,
    /// Its magnitude, or that of what it holds, where those are numbers.
    pub(super) value: f64,
    /// Whether it is a number, or a range of them.
    pub(super) is_number: bool,
    /// Whether it is, or is a part of, what the template is given.
    pub(super) is_open: bool,
}

/// A bound in powers of two.
pub(super) type Key = (i32, i32, i32, bool);

impl Bound {
    /// What the template is given.
    pub(super) const GIVEN: Self = Self { len: 1.0, size: 1.0, value: 1.0, is_number: false, is_open: true };

    /// A text or a list of `size` characters.
    pub(super) fn text(size: f64) -> Self {
        Self { len: size, size, value: 1.0, is_number: false, is_open: false }
    }

    /// A number up to `value`.
    pub(super) fn number(value: f64) -> Self {
        Self { len: 1.0, size: digits(value), value, is_number: true, is_open: false }
    }

    /// What is one of two.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            len: self.len.max(other.len),
            size: self.size.max(other.size),
            value: self.value.max(other.value),
            is_number: self.is_number && other.is_number,
            is_open: self.is_open || other.is_open,
        }
    }

    /// Both, one after the other.
    pub(super) fn and(self, other: Self) -> Self {
        if self.is_number && other.is_number {
            return Self::number(self.value + other.value);
        }
        Self { len: self.len + other.len, size: self.size + other.size, ..self.or(other) }
    }

    /// The product of two numbers, or a repetition.
    pub(super) fn times(self, other: Self) -> Self {
        if self.is_number && other.is_number {
            let size = self.size + other.size;
            return Self { size, ..Self::number(product(self.value, other.value)) };
        }
        Self {
            len: product(self.len, other.value).max(product(other.len, self.value)),
            size: product(self.size, other.value).max(product(other.size, self.value)),
            value: product(self.value, other.value),
            ..self.or(other)
        }
    }

    /// A power. One of more than 300 digits has as many as it says, since no float holds it.
    pub(super) fn power(self, by: Self) -> Self {
        let size = product(by.value, self.value.max(1.0).log10()) + 1.0;
        Self { size, ..Self::number(self.value.powf(by.value)) }
    }

    /// One of the values in it.
    pub(super) fn item(self) -> Self {
        if self.is_number {
            return Self { is_open: self.is_open, ..Self::number(self.value) };
        }
        Self { len: self.size, ..self }
    }

    /// As many characters, `factor` times.
    pub(super) fn scaled(self, factor: f64) -> Self {
        Self { len: product(self.len, factor), size: product(self.size, factor), is_number: false, ..self }
    }

    /// With this many characters more.
    pub(super) fn longer(self, by: f64) -> Self {
        Self { len: self.len + by, size: self.size + by, is_number: false, ..self }
    }

    /// The same, as a coarse key.
    pub(super) fn key(self) -> Key {
        let magnitude = |value: f64| value.max(1.0).log2().min(2000.0) as i32;
        (magnitude(self.len), magnitude(self.size), magnitude(self.value), self.is_open)
    }
}

/// How many digits a number has.
fn digits(value: f64) -> f64 {
    value.abs().max(1.0).log10().floor() + 1.0
}

/// Whether a bound is above a limit, or no number at all.
pub(super) fn exceeds(bound: f64, limit: f64) -> bool {
    bound > limit || bound.is_nan()
}

/// A product of two bounds, where nothing times anything is nothing.
pub(super) fn product(left: f64, right: f64) -> f64 {
    if left == 0.0 || right == 0.0 { 0.0 } else { left * right }
}

/// What a value that was `rounds[0]` and then had these sizes after each of eight rounds comes to after `count` of them.
pub(super) fn extrapolated(rounds: &[f64], count: f64) -> f64 {
    let [v0, .., v4, _, v6, v7, v8] = rounds else { return rounds.last().copied().unwrap_or(1.0) };
    let (before, last, all) = (v7 - v6, v8 - v7, v8 - v0);
    if last <= 0.0 || count <= 8.0 {
        return *v8;
    }
    if before > 0.0 && last / before >= 1.5 {
        return v8 * (last / before).powf(count - 8.0);
    }
    // A sum, or sums of sums: a power of the count.
    let degree = (all / (v4 - v0).max(1.0)).log2().clamp(1.0, 8.0);
    v0 + all * (count / 8.0).powf(degree)
}
