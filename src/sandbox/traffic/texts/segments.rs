//! The number of segments of an SMS, by the rules of 3GPP TS 23.038: in the GSM 7-bit alphabet 160
//! septets, or 153 per segment of a longer text; otherwise 70 UTF-16 units, or 67 per segment.

/// The GSM 7-bit default alphabet, one septet per character.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension table, two septets per character.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// The number of segments of a text, at least 1.
pub(in crate::sandbox::traffic) fn segments(text: &str) -> usize {
    match septets(text) {
        Some(septets) => parts(septets, 160, 153),
        None => parts(text.encode_utf16().count(), 70, 67),
    }
}

/// The number of septets of a text; `None` when it has a character outside the alphabet.
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
    fn the_alphabet_determines_the_length_of_a_segment() {
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
