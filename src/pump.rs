//! The loop: pages in, rows out, until the pages end, the sink has enough or the run is interrupted.

use crate::clock::Interrupt;
use crate::model::Coverage;
use crate::pages::{Account, Pages};
use crate::sink::{Flow, RunEnd, Sink, SinkError};
use crate::source::SourceError;

/// What came of a run.
#[derive(Debug)]
pub struct RunOutcome {
    /// Rows that went to the sink.
    pub rows: u64,
    /// What was requested and found.
    pub account: Account,
    /// Why the pages ended early, when they did. Rows before it went to the sink.
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
) -> Result<RunOutcome, SinkError> {
    let mut rows = 0;
    let mut failure = None;
    let (mut begun, mut stopped) = (false, false);
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
        let range = page.covers;
        for log in page.logs {
            if interrupt.is_raised() {
                failure = Some(SourceError::Interrupted);
                break 'pages;
            }
            rows += 1;
            if sink.log(&log)? == Flow::Stop {
                stopped = true;
                break 'pages;
            }
        }
        let Account { gaps, order_proved, .. } = pages.account();
        sink.end_page(&Coverage { range, gaps, order_proved })?;
    }
    if !begun && failure.is_none() {
        sink.begin()?;
        begun = true;
    }
    let account = pages.account();
    if begun {
        sink.finish(&run_end(&account, failure.as_ref(), stopped))?;
    }
    Ok(RunOutcome { rows, account, failure })
}

/// How a run ended, as sinks are told it.
fn run_end(account: &Account, failure: Option<&SourceError>, stopped: bool) -> RunEnd {
    if failure.is_none() && stopped {
        return RunEnd::Stopped;
    }
    if failure.is_none() && account.gaps.is_empty() {
        return RunEnd::Complete;
    }
    let failure = failure.map(ToString::to_string);
    RunEnd::Incomplete { gaps: account.gaps.clone(), failure }
}
