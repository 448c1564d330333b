//! Splits a line that is being typed into words, as bash does.
//!
//! For a completion, bash also splits words at `=`, `:` and `@`, which the options and values of
//! this program contain. So its script passes the whole line, which is split here.

/// A line up to the cursor.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ShellLine {
    /// The words without quotation marks. The last is the one that is being typed; it may be empty.
    pub(super) words: Vec<String>,
    /// The quotation mark that is open at the cursor.
    pub(super) open_mark: Option<char>,
}

impl ShellLine {
    pub(super) fn parse(line: &str) -> Self {
        let mut words = Vec::new();
        let mut word = None;
        let mut open_mark = None;
        let mut characters = line.chars();
        while let Some(c) = characters.next() {
            let text: &mut String = match (c, open_mark) {
                (' ' | '\t' | '\n', None) => {
                    words.extend(word.take());
                    continue;
                }
                _ => word.get_or_insert_default(),
            };
            match (c, open_mark) {
                ('\'' | '"', None) => open_mark = Some(c),
                (mark, Some(open)) if mark == open => open_mark = None,
                ('\\', None | Some('"')) => text.extend(characters.next()),
                _ => text.push(c),
            }
        }
        words.push(word.unwrap_or_default());
        Self { words, open_mark }
    }

    /// A text as it is typed at the cursor, with the characters quoted that the shell would take for
    /// its own syntax.
    pub(super) fn quoted(&self, text: &str) -> String {
        let needs_backslash = |c: char| match self.open_mark {
            Some('"') => "\\\"$`".contains(c),
            Some(_) => false,
            None => !(c.is_alphanumeric() || "_-./:=@,+%".contains(c)),
        };
        let mut typed = String::with_capacity(text.len());
        for c in text.chars() {
            if needs_backslash(c) {
                typed.push('\\');
            }
            typed.push(c);
        }
        typed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, words: &[&str], open_mark: Option<char>) {
        let words = words.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(ShellLine::parse(line), ShellLine { words, open_mark }, "{line}");
    }

    #[test]
    fn words_are_separated_by_blanks_only() {
        check("", &[""], None);
        check("omnilogs", &["omnilogs"], None);
        check("omnilogs  --channel=SMS,P", &["omnilogs", "--channel=SMS,P"], None);
        check(
            "omnilogs --since 14:00 --message-id @",
            &["omnilogs", "--since", "14:00", "--message-id", "@"],
            None,
        );
        check("omnilogs ", &["omnilogs", ""], None);
    }

    #[test]
    fn quotation_marks_and_backslashes_are_not_part_of_a_word() {
        check(r#"a "b c" 'd "e' f\ g ''"#, &["a", "b c", "d \"e", "f g", ""], None);
        check(r#"a "b\"c\\"#, &["a", "b\"c\\"], Some('"'));
        check(r"a 'b\", &["a", r"b\"], Some('\''));
        check(r#"a b"c d"e"#, &["a", "bc de"], None);
        check("a \\", &["a", ""], None);
    }

    #[test]
    fn a_text_is_quoted_for_its_place_on_the_line() {
        let quoted = |line: &str, text: &str| ShellLine::parse(line).quoted(text);
        assert_eq!(quoted("a ", "my file $1.json"), r"my\ file\ \$1.json");
        assert_eq!(quoted("a \"", "my file $1.json"), r"my file \$1.json");
        assert_eq!(quoted("a '", "my file $1.json"), "my file $1.json");
        assert_eq!(quoted("a ", "--channel=SMS,PUSH"), "--channel=SMS,PUSH");
    }
}
