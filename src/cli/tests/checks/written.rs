//! Writes rows in a format, and checks that the output is safe to display.

use omnilogs::model::{Coverage, Log};
use omnilogs::sink::{Flow, RunEnd, Sink};
use omnilogs::visible::is_dangerous;

/// The output of a format for one page of rows.
pub(super) fn written(logs: &[Log], write: impl FnOnce(&[Log], &mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(logs, &mut out);
    String::from_utf8(out).expect("a format writes UTF-8")
}

/// Writes one page with a sink, from beginning to end.
pub(super) fn through(mut sink: impl Sink, logs: &[Log]) {
    sink.begin().expect("writing to memory succeeds");
    for log in logs {
        assert_eq!(sink.log(log).expect("writing to memory succeeds"), Flow::Continue);
    }
    sink.end_page(&Coverage::default()).expect("writing to memory succeeds");
    sink.finish(&RunEnd::Complete).expect("writing to memory succeeds");
}

/// Checks that an output has no dangerous characters except for line ends.
pub(super) fn safe(output: &str) {
    let stray = output.chars().find(|c| *c != '\n' && is_dangerous(*c));
    assert_eq!(stray, None, "a dangerous character in {output:?}");
}
