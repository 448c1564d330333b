//! The loop: pages in, rows out. It says what was delivered and why it ended.

use std::io;

use crate::clock::Interrupt;
use crate::pages::{Account, Pages};
use crate::sink::{Flow, Sink};
use crate::source::SourceError;

/// What came of a run.
#[derive(Debug)]
pub struct Delivered {
    /// Rows that went to the sink.
    pub rows: u64,
    /// What was asked and found.
    pub account: Account,
    /// Why the pages ended early, when they did. Rows before it were delivered.
    pub failure: Option<SourceError>,
}

/// Runs every page into the sink, and closes the sink whatever the pages do. Where not even the
/// first page comes, nothing is written.
///
/// # Errors
/// When the sink cannot write; a failure of the pages is part of what is returned.
pub fn pump(
    pages: &mut dyn Pages,
    sink: &mut dyn Sink,
    interrupt: &Interrupt,
) -> io::Result<Delivered> {
    let mut rows = 0;
    let mut failure = None;
    let mut begun = false;
    'pages: while let Some(page) = pages.next_page() {
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                failure = Some(error);
                break;
            }
        };
        // Not before there is an answer: an empty list would look like one.
        if !std::mem::replace(&mut begun, true) {
            sink.begin()?;
        }
        // Each row goes when it is written, which makes room for the page that is being fetched.
        for log in page.logs {
            if interrupt.is_raised() {
                failure = Some(SourceError::Interrupted);
                break 'pages;
            }
            rows += 1;
            if sink.log(&log)? == Flow::Stop {
                break 'pages;
            }
        }
        sink.end_page()?;
    }
    if !begun && failure.is_none() {
        sink.begin()?;
        begun = true;
    }
    if begun {
        sink.finish()?;
    }
    Ok(Delivered { rows, account: pages.account(), failure })
}
