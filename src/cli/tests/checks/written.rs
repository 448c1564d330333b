//! What a format makes of rows.

use omnilogs::model::{Coverage, Log};
use omnilogs::sink::{Flow, RunEnd, Sink};
use omnilogs::visible::is_dangerous;

/// What a format writes for rows that come as one page.
pub(super) fn written(logs: &[Log], write: impl FnOnce(&[Log], &mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(logs, &mut out);
    String::from_utf8(out).expect("a format writes UTF-8")
}

/// One page through a format, from its beginning to its end.
pub(super) fn through(mut sink: impl Sink, logs: &[Log]) {
    sink.begin().expect("memory takes the beginning");
    for log in logs {
        assert_eq!(sink.log(log).expect("memory takes a row"), Flow::Continue);
    }
    sink.end_page(&Coverage::default()).expect("memory takes the end of a page");
    sink.finish(&RunEnd::Complete).expect("memory takes the end");
}

/// Nothing but line ends is dangerous in a whole output.
pub(super) fn safe(output: &str) {
    let stray = output.chars().find(|c| *c != '\n' && is_dangerous(*c));
    assert_eq!(stray, None, "a dangerous character in {output:?}");
}
