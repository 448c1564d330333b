//! Estimates the memory that a row takes as a value of the jq interpreter. That is many times the
//! size of its text: two bytes of JSON can become an object of hundreds of bytes.
//!
//! The constants are the sizes of the interpreter's types and the overhead of the allocator, in bytes,
//! rounded up.

/// The most memory that the rows of one response may take, in bytes.
pub(super) const MAX_BYTES: usize = 192 << 20;

/// An array or an object with room for four members, and its place in the value around it.
const LIST: usize = 160;
const OBJECT: usize = 400;
/// A member of an object with many: its place among the members, twice while it grows.
const MEMBER: usize = 100;
/// A text without its bytes, of which there are two copies while it is read.
const TEXT: usize = 128;
/// A number whose digits are kept.
const NUMBER: usize = 128;
/// The place of a value in a list, twice while it grows.
const PLACE: usize = 32;

/// An upper bound of the memory that the value of this JSON text takes, in bytes.
pub(super) fn cost(json: &[u8]) -> usize {
    let mut sum = 0;
    let mut bytes = json.iter().enumerate();
    let mut in_number = false;
    while let Some((start, byte)) = bytes.next() {
        let is_digit = matches!(byte, b'-' | b'0'..=b'9' | b'.' | b'e' | b'E' | b'+');
        sum += match byte {
            b'[' => LIST,
            b'{' => OBJECT,
            b':' => MEMBER,
            b',' => PLACE,
            b'"' => TEXT + 2 * text_length(&mut bytes, start),
            _ if is_digit => 2 + if in_number { 0 } else { NUMBER },
            _ => 0,
        };
        in_number = is_digit;
    }
    sum
}

/// Reads the text that begins after `start` to its end. Returns its length.
fn text_length<'b>(bytes: &mut impl Iterator<Item = (usize, &'b u8)>, start: usize) -> usize {
    let mut end = start;
    while let Some((at, byte)) = bytes.next() {
        end = at;
        match byte {
            b'"' => break,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
    end - start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_costs_what_it_takes_and_brackets_in_a_text_cost_nothing() {
        assert_eq!(cost(b"{}"), OBJECT);
        assert_eq!(cost(b"[[],[]]"), 3 * LIST + PLACE);
        assert_eq!(cost(br#""[{:,\"12""#), TEXT + 2 * 9);
        assert_eq!(cost(b"-1.5e+3"), NUMBER + 2 * 7);
        assert_eq!(cost(br#"{"":null}"#), OBJECT + MEMBER + TEXT + 2);
    }
}
