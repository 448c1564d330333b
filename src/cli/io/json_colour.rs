//! Colours JSON for a terminal. The text is not changed otherwise, and need not be valid JSON.

use std::io::{self, Write};

use omnilogs::sink::Colour;

/// A writer that colours JSON. A token may be split between two writes.
pub(crate) struct JsonColour<W> {
    out: W,
    /// The containers that are open: `true` for an object.
    open: Vec<bool>,
    state: LexerState,
    /// Whether the next string is the name of a field.
    expects_name: bool,
    coloured: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LexerState {
    Between,
    Text { is_escaped: bool },
    Word,
}

const BOLD: &str = "\u{1b}[1m";
const END: &[u8] = b"\x1b[0m";

impl<W: Write> JsonColour<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            out,
            open: Vec::new(),
            state: LexerState::Between,
            expects_name: false,
            coloured: Vec::new(),
        }
    }

    fn begin(&mut self, start: &str) {
        self.coloured.extend(start.as_bytes());
    }

    fn add(&mut self, byte: u8) {
        match self.state {
            LexerState::Text { is_escaped } => {
                self.coloured.push(byte);
                if byte == b'"' && !is_escaped {
                    self.coloured.extend(END);
                    self.state = LexerState::Between;
                } else {
                    self.state = LexerState::Text { is_escaped: byte == b'\\' && !is_escaped };
                }
            }
            LexerState::Word if byte.is_ascii_alphanumeric() || b"+-.".contains(&byte) => {
                self.coloured.push(byte);
            }
            LexerState::Word => {
                self.coloured.extend(END);
                self.state = LexerState::Between;
                self.between(byte);
            }
            LexerState::Between => self.between(byte),
        }
    }

    fn between(&mut self, byte: u8) {
        match byte {
            b'"' => {
                let start = if self.expects_name { BOLD.into() } else { Colour::Green.start() };
                self.begin(&start);
                self.state = LexerState::Text { is_escaped: false };
            }
            b'{' | b'[' => self.open.push(byte == b'{'),
            b'}' | b']' => drop(self.open.pop()),
            b't' | b'f' | b'n' => {
                self.begin(&Colour::Magenta.start());
                self.state = LexerState::Word;
            }
            b'-' | b'0'..=b'9' => {
                self.begin(&Colour::Teal.start());
                self.state = LexerState::Word;
            }
            _ => {}
        }
        self.expects_name = match byte {
            b'{' | b',' => self.open.last() == Some(&true),
            byte => self.expects_name && byte.is_ascii_whitespace(),
        };
        self.coloured.push(byte);
    }
}

impl<W: Write> Write for JsonColour<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.add(*byte);
        }
        let written = self.out.write_all(&self.coloured);
        self.coloured.clear();
        written.map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn coloured(parts: &[&[u8]]) -> Vec<u8> {
        let mut written = Vec::new();
        let mut colour = JsonColour::new(&mut written);
        for part in parts {
            colour.write_all(part).unwrap();
        }
        written
    }

    /// A text without escape sequences of colours.
    fn plain(text: &[u8]) -> String {
        let text = String::from_utf8_lossy(text);
        let mut parts = text.split('\u{1b}');
        let first = parts.next().unwrap().to_owned();
        parts.fold(first, |text, part| text + part.split_once('m').unwrap().1)
    }

    #[test]
    fn names_texts_numbers_and_words_have_colours_of_their_own() {
        let json = "{\"a\":[\"t\\\"x\",-1.5e+3,true],\n \"b\": null}";
        let (green, teal, magenta) =
            (Colour::Green.start(), Colour::Teal.start(), Colour::Magenta.start());
        let end = "\u{1b}[0m";
        let wanted = format!(
            "{{{BOLD}\"a\"{end}:[{green}\"t\\\"x\"{end},{teal}-1.5e+3{end},{magenta}true{end}],\n \
             {BOLD}\"b\"{end}: {magenta}null{end}}}"
        );
        assert_eq!(String::from_utf8(coloured(&[json.as_bytes()])).unwrap(), wanted);
        let bytes: Vec<_> = json.as_bytes().chunks(1).collect();
        assert_eq!(String::from_utf8(coloured(&bytes)).unwrap(), wanted);
    }

    proptest! {
        #[test]
        fn only_colours_are_added_to_any_text(text in "[{}\\[\\],:\"\\\\a-f0-9. \n-]{0,60}") {
            prop_assert_eq!(plain(&coloured(&[text.as_bytes()])), text);
        }
    }
}
