//! For tests: a line of a chart as half characters, which are the steps of coloured charts.

/// The halves of each character, the left or lower one first: the character and the number of its
/// colour, if it has one; `None` for a blank.
pub(super) fn half_cells(line: &str) -> Vec<Option<(char, Option<u8>)>> {
    let mut halves = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (colours, text, after) = next_run(rest);
        for c in text.chars() {
            let own = (c != ' ').then_some((c, colours.first().copied()));
            let other = match c {
                '▌' | '▄' => colours.get(1).map(|colour| (c, Some(*colour))),
                _ => own,
            };
            halves.extend([own, other]);
        }
        rest = after;
    }
    halves
}

/// The colours of the next characters, those characters, and what comes after them.
fn next_run(line: &str) -> (Vec<u8>, &str, &str) {
    let Some(painted) = line.strip_prefix("\u{1b}[") else {
        let end = line.find('\u{1b}').unwrap_or(line.len());
        return (Vec::new(), &line[..end], &line[end..]);
    };
    let (codes, rest) = painted.split_once('m').unwrap();
    let (text, after) = rest.split_once("\u{1b}[0m").unwrap();
    let numbers: Vec<u8> = codes.split(';').map(|code| code.parse().unwrap()).collect();
    (numbers.chunks(3).map(|chunk| chunk[2]).collect(), text, after)
}
