//! Digests, each a type of its own, so that one can never stand where another is meant.

use crate::Invalid;
use crate::text::serde_by_text;
use std::fmt;
use std::str::FromStr;

macro_rules! bytes {
    ($(#[$docs:meta])* $name:ident, $len:literal, $what:literal, $prefix:literal, $pattern:literal) => {
        $(#[$docs])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// The digest with these bytes.
            #[must_use]
            pub fn new(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// The bare lower-case hex digits.
            #[must_use]
            pub fn hex(&self) -> String {
                // A warm sync prints some thousand of them: `hex::encode`, which takes digit by digit from an
                // iterator, was a tenth of it.
                let digit = |four: u8| char::from(if four < 10 { b'0' + four } else { b'a' - 10 + four });
                let mut text = String::with_capacity(2 * $len);
                for byte in self.0 {
                    text.push(digit(byte >> 4));
                    text.push(digit(byte & 15));
                }
                text
            }

            /// Reads bare hex digits: all of them, in lower case.
            ///
            /// # Errors
            /// Anything else.
            pub fn from_hex(text: &str) -> Result<Self, Invalid> {
                let wrong = || Invalid::new($what, text, concat!("expected ", stringify!($len), " bytes as lower-case hex digits"));
                let mut bytes = [0; $len];
                if text.bytes().any(|b| b.is_ascii_uppercase()) {
                    return Err(wrong());
                }
                hex::decode_to_slice(text, &mut bytes).map_err(|_| wrong())?;
                Ok(Self(bytes))
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let hex = text.strip_prefix($prefix).ok_or_else(|| Invalid::new($what, text, concat!("expected `", $prefix, "…`")))?;
                Self::from_hex(hex)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                f.write_str(&self.hex())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        serde_by_text!($name, $what, $pattern);
    };
}

bytes! {
    /// A SHA-256 of content: what a lock records. Prints as `sha256:<64 hex>`.
    Digest, 32, "SHA-256 digest", "sha256:", "^sha256:[0-9a-f]{64}$"
}

bytes! {
    /// A git commit: the one name of a revision that cannot move. Prints as 40 hex digits.
    CommitId, 20, "commit id", "", "^[0-9a-f]{40}$"
}

bytes! {
    /// A git blob's SHA-1: all that a Hub says of the content of a small file. An identity check against the
    /// Hub's own listing, not a proof of content; that is the [`Digest`]'s part.
    BlobId, 20, "git blob id", "", "^[0-9a-f]{40}$"
}

impl CommitId {
    /// The first twelve hex digits, for people to read.
    #[must_use]
    pub fn short(&self) -> String {
        self.hex().chars().take(12).collect()
    }
}

/// What a Hub's listing claims of a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// An LFS or Xet file: the SHA-256 of its content.
    Sha256(Digest),
    /// An ordinary git file: the SHA-1 of its blob.
    GitBlob(BlobId),
}

/// Reads a digest without the name of its algorithm, as `sha256sum` prints it.
pub(crate) fn bare<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Digest, D::Error> {
    let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
    Digest::from_hex(&text).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::{CommitId, Digest};

    #[test]
    fn every_byte_is_printed_as_it_is_read() {
        for byte in 0..=u8::MAX {
            let digest = Digest::new([byte; 32]);
            assert_eq!(digest.hex(), hex::encode([byte; 32]));
            assert_eq!(Digest::from_hex(&digest.hex()), Ok(digest));
        }
    }

    #[test]
    fn only_the_one_spelling_is_read() {
        let hex = "ab".repeat(20);
        assert_eq!(hex.parse::<CommitId>().unwrap().to_string(), hex);
        for text in [&hex[1..], &format!("{hex}\n"), &hex.to_uppercase(), &format!("{hex}0"), ""] {
            assert!(text.parse::<CommitId>().is_err(), "{text:?}");
        }
        assert!("ab".repeat(32).parse::<Digest>().is_err(), "a digest names its algorithm");
        assert!(format!("sha256:{}", "ab".repeat(32)).parse::<Digest>().is_ok());
    }
}
