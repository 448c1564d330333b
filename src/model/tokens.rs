//! Splits the JSON text of a row into tokens, without recursion, so that no nesting is too deep.
//!
//! Nothing is decoded here, and nothing fails: text that is not JSON is split as far as possible.

/// One token of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// `{` or `[`.
    Open(&'a str),
    /// `}` or `]`.
    Close(&'a str),
    /// A comma.
    Comma,
    /// A colon; the string before it is a key.
    Colon,
    /// A string literal with its quotes.
    String(&'a str),
    /// A number, `true`, `false`, `null`, or other text that is not JSON.
    Scalar(&'a str),
}

impl<'a> Token<'a> {
    /// The text of the token.
    pub(crate) fn text(self) -> &'a str {
        match self {
            Self::Comma => ",",
            Self::Colon => ":",
            Self::Open(text) | Self::Close(text) | Self::String(text) | Self::Scalar(text) => text,
        }
    }
}

/// Iterates over the tokens of a JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let end = self.at.saturating_add(length).min(self.text.len());
        let token = self.text.get(self.at..end).unwrap_or_default();
        self.at = end;
        token
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        self.at += bytes.get(self.at..)?.iter().take_while(|b| is_space(**b)).count();
        let rest = bytes.get(self.at..)?;
        Some(match rest.first()? {
            b'{' | b'[' => Token::Open(self.take(1)),
            b'}' | b']' => Token::Close(self.take(1)),
            b',' => {
                self.take(1);
                Token::Comma
            }
            b':' => {
                self.take(1);
                Token::Colon
            }
            b'"' => Token::String(self.take(string_length(rest))),
            _ => {
                let ends = |b: &u8| is_space(*b) || b"{}[],:\"".contains(b);
                let length = rest.iter().position(ends).unwrap_or(rest.len());
                Token::Scalar(self.take(length))
            }
        })
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The length in bytes of the string literal at the start of `rest`, including its quotes.
fn string_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        at += match byte {
            b'"' => return at + 1,
            b'\\' => 2,
            _ => 1,
        };
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_at_its_tokens_and_nowhere_else() {
        let text = " { \"a\\\"]\" : [ 1.50 , true ] } ";
        let tokens: Vec<_> = Tokens::new(text).map(Token::text).collect();
        assert_eq!(tokens, ["{", "\"a\\\"]\"", ":", "[", "1.50", ",", "true", "]", "}"]);
    }

    #[test]
    fn the_tokens_of_a_text_that_is_not_json_are_the_whole_text() {
        for text in ["\"open", "{\"a\":", "\\", "\"\\", "{\"a\":[[", "é\u{1F642}", ""] {
            let joined: String = Tokens::new(text).map(Token::text).collect();
            assert_eq!(joined, text);
        }
    }
}
