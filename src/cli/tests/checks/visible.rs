//! Checks that text from messages is safe to display, keeps its meaning, and is unchanged in JSON.

use omnilogs::model::Cell;
use omnilogs::sink::{CsvCellStyle, printable, write_csv, write_tsv};
use omnilogs::visible::{escape_json, is_dangerous, visible, without_addresses, without_numbers};

/// Checks the functions that make text safe over any bytes, which are decoded as those of a body.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    check_display(&text);
    check_json(&text);
    check_cells(&text);
    let hidden = without_numbers(&text);
    // Dates, addresses of hosts and the like stay, which have a point or another sign.
    let digits: String =
        text.chars().filter(|c| c.is_numeric() || matches!(c, ' ' | '(' | ')' | 'x')).collect();
    let without = without_numbers(&digits);
    assert!(longest_number(&without) < 7, "{without:?} still has a long number");
    assert_eq!(without_numbers(&hidden), hidden, "hiding numbers twice is hiding them once");
    let hidden = without_addresses(&text);
    assert_eq!(without_addresses(&hidden), hidden, "hiding addresses twice is hiding them once");
}

fn check_display(text: &str) {
    let once = visible(text);
    assert_safe_to_display(&once);
    assert_eq!(visible(&once), once, "showing twice is showing once");
    // The escapes are unambiguous where the text has none of the characters that they consist of.
    if !text.contains(['\\', '^', '<']) {
        assert_eq!(original(&once), text, "a character was dropped or altered");
    }
    let line = printable(text);
    assert_safe_to_display(&line);
    assert_eq!(printable(&line), line, "a printable text stays as it is");
    let start = line.trim_start();
    assert!(!start.starts_with("::") && !start.starts_with("##"), "{line:?} is a CI command");
}

/// Checks that no character controls a terminal, breaks the line, changes the reading order or hides
/// other text.
pub(super) fn assert_safe_to_display(shown: &str) {
    assert!(!shown.chars().any(char::is_control), "{shown:?} holds a control character");
    // Tags are allowed in the flag of a region only.
    let mut after_flag = false;
    for c in shown.chars() {
        let is_tag = matches!(c, '\u{E0020}'..='\u{E007F}');
        assert!(!is_dangerous(c) || is_tag && after_flag, "{shown:?} holds {c:?}");
        after_flag = c == '\u{1F3F4}' || is_tag && after_flag;
    }
}

/// The original of a displayed text: decodes `\n`, `^G` and `<U+202E>`.
fn original(shown: &str) -> String {
    let mut text = String::new();
    let mut rest = shown.chars();
    while let Some(c) = rest.next() {
        text.push(match c {
            '\\' => match rest.next() {
                Some('0') => '\0',
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                other => panic!("{shown:?} holds a backslash before {other:?}"),
            },
            '^' => {
                let letter = rest.next().expect("a letter behind a caret");
                char::from_u32(u32::from(letter) ^ 0x40).expect("a control character")
            }
            '<' => {
                let number: String = rest.by_ref().take_while(|c| *c != '>').collect();
                let hex = number.strip_prefix("U+").expect("a code point");
                let number = u32::from_str_radix(hex, 16).expect("a code point in hexadecimal");
                char::from_u32(number).expect("a character")
            }
            c => c,
        });
    }
    text
}

fn check_json(text: &str) {
    let json = serde_json::Value::from(text).to_string();
    let escaped = escape_json(&json);
    assert!(!escaped.chars().any(is_dangerous), "{escaped:?} holds a dangerous character");
    assert_eq!(escape_json(&escaped), escaped, "escaping twice is escaping once");
    let back: String = serde_json::from_str(&escaped).expect("a JSON string");
    assert_eq!(back, text, "escaping altered the value");
}

fn check_cells(text: &str) {
    let written = |write: fn(Cell<'_>, CsvCellStyle, &mut Vec<u8>), safe, shown| {
        let mut line = Vec::new();
        let style = CsvCellStyle { safe, visible: shown, ..CsvCellStyle::default() };
        write(Cell::Text(text.into()), style, &mut line);
        String::from_utf8(line).expect("text becomes text")
    };
    for safe in [false, true] {
        for write in [write_csv, write_tsv] {
            assert_safe_to_display(&written(write, safe, true));
        }
        let cell = written(write_tsv, safe, false);
        assert!(!cell.contains(['\t', '\n', '\r']), "{cell:?} is more than one cell");
    }
    assert_eq!(csv_cell(&written(write_csv, false, false)), text, "a CSV cell is exact");
    let guarded = [csv_cell(&written(write_csv, true, false)), written(write_tsv, true, false)];
    for cell in guarded {
        let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        assert!(!is_formula || is_number(&cell), "a spreadsheet may run {cell:?}");
    }
}

/// The only cell of a line, as the csv crate reads it.
fn csv_cell(line: &str) -> String {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
    let record = reader.records().next().expect("a record").expect("CSV");
    assert_eq!(record.len(), 1, "{line:?} is more than one cell");
    record[0].to_owned()
}

/// Whether a cell is a number, which cannot be a function or a reference.
fn is_number(cell: &str) -> bool {
    cell.parse::<f64>().is_ok() && !cell.contains(|c: char| c.is_alphabetic() && !"eE".contains(c))
}

/// The most digits in a row, of any script, ignoring blanks and brackets.
pub(super) fn longest_number(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars().filter(|c| !matches!(c, ' ' | '(' | ')')) {
        run = if c.is_numeric() { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}
