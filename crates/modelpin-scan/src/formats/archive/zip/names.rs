//! Names of members as text.

/// The upper half of code page 437, the legacy encoding of names (APPNOTE.TXT, appendix D).
const UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// Bytes of a name as text: UTF-8, or else code page 437.
pub(super) fn text(raw: &[u8]) -> String {
    let old = |byte: &u8| match byte.checked_sub(0x80) {
        Some(above) => UPPER.chars().nth(usize::from(above)).unwrap_or(char::REPLACEMENT_CHARACTER),
        None => char::from(*byte),
    };
    std::str::from_utf8(raw).map_or_else(|_| raw.iter().map(old).collect(), str::to_owned)
}
