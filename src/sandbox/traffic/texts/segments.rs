//! How many segments an SMS takes, by the rules of 3GPP TS 23.038: 160 septets alone or 153 a
//! part in the GSM 7-bit alphabet, else 70 UTF-16 units alone or 67 a part.

/// The GSM 7-bit default alphabet, one septet a character.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension table, two septets a character.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// The number of segments of a text, at least 1.
pub(in crate::sandbox::traffic) fn segments(text: &str) -> usize {
    match septets(text) {
        Some(septets) => parts(septets, 160, 153),
        None => parts(text.encode_utf16().count(), 70, 67),
    }
}

/// Septets that a text takes; `None` when a character of it is not in the alphabet.
fn septets(text: &str) -> Option<usize> {
    text.chars().try_fold(0, |sum, c| {
        if c.is_ascii_alphanumeric() || BASIC.contains(c) {
            Some(sum + 1)
        } else if EXTENDED.contains(c) {
            Some(sum + 2)
        } else {
            None
        }
    })
}

fn parts(length: usize, alone: usize, each: usize) -> usize {
    if length <= alone { 1 } else { length.div_ceil(each) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_decides_where_a_text_breaks() {
        assert_eq!(segments(""), 1);
        assert_eq!(segments(&"a".repeat(160)), 1);
        assert_eq!(segments(&"a".repeat(161)), 2);
        assert_eq!(segments(&"€".repeat(80)), 1);
        assert_eq!(segments(&"€".repeat(81)), 2);
        assert_eq!(segments(&"ж".repeat(70)), 1);
        assert_eq!(segments(&"ж".repeat(71)), 2);
        assert_eq!(segments(&"a".repeat(306)), 2);
        assert_eq!(segments(&"a".repeat(307)), 3);
        assert_eq!(segments(&"😀".repeat(36)), 2);
        assert_eq!(segments(&format!("č{}", "a".repeat(134))), 3);
    }
}
