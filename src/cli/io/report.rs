//! Everything that goes to standard error, and nothing that goes anywhere else.
//!
//! Texts that come here hold no secret, no phone number and no message text; control characters in
//! what a server said are made visible on the way out.

use std::io::{self, Write};
use std::sync::Mutex;

use omnilogs::sink::width::{display_width, truncate};
use omnilogs::source::{Violation, ceil_seconds};
use omnilogs::visible::visible;

use crate::failure::Failure;

/// How much is told, and in what form.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub(crate) struct Manner {
    /// `-v`, counted.
    pub(crate) verbose: u8,
    /// `-q`.
    pub(crate) quiet: bool,
    /// Standard error is a terminal.
    pub(crate) terminal: bool,
    /// Columns of that terminal, where it tells.
    pub(crate) width: Option<usize>,
    /// Colour may be used on standard error.
    pub(crate) colour: bool,
    /// The last line of a failure is JSON.
    pub(crate) json: bool,
}

/// The one writer to standard error.
#[derive(Debug)]
pub(crate) struct Report {
    manner: Manner,
    /// Width of the passing line that stands there now.
    passing: Mutex<usize>,
}

impl Report {
    pub(crate) fn new(manner: Manner) -> Self {
        Self { manner, passing: Mutex::new(0) }
    }

    pub(crate) fn manner(&self) -> Manner {
        self.manner
    }

    /// Something a person should know, though the run goes on.
    pub(crate) fn warn(&self, text: &str) {
        if !self.manner.quiet {
            self.line(&format!("{} {}", self.label("warning:", "33"), visible(text)));
        }
    }

    /// An answer in words: what was found, or that nothing was.
    pub(crate) fn say(&self, text: &str) {
        if !self.manner.quiet {
            self.line(&visible(text));
        }
    }

    /// Said on a terminal, or when asked to say more.
    pub(crate) fn summary(&self, text: &str) {
        if self.manner.terminal || self.manner.verbose > 0 {
            self.say(text);
        }
    }

    /// Said with `-v` (level 1) or `-vv` (level 2).
    pub(crate) fn detail(&self, level: u8, text: &str) {
        if self.manner.verbose >= level {
            self.line(&visible(text));
        }
    }

    /// A line that the next one replaces; only on a terminal. An empty text takes it away.
    pub(crate) fn passing(&self, text: &str) {
        if !self.manner.terminal || self.manner.quiet {
            return;
        }
        let text = visible(text);
        // A line that wraps could not be taken back.
        let text = truncate(&text, self.manner.width.unwrap_or(80).saturating_sub(1));
        let mut width = lock(&self.passing);
        // Blanks rather than an escape sequence: right on every terminal, also a dumb one.
        let padding = " ".repeat(self.taken(*width).saturating_sub(display_width(&text)));
        *width = display_width(&text);
        let end = if text.is_empty() { "\r" } else { "" };
        put(&format!("\r{text}{padding}{end}"));
    }

    /// A failure: what happened, why, what to do next; as JSON on the last line when that is the
    /// manner.
    pub(crate) fn failure(&self, failure: &Failure) {
        self.line(&format!("{} {}", self.label("error:", "1;31"), visible(&failure.message)));
        for cause in &failure.causes {
            self.line(&format!("  because: {}", visible(cause)));
        }
        for hint in &failure.hints {
            self.line(&format!("  try: {}", visible(hint)));
        }
        if self.manner.json {
            self.line(&json(failure));
        }
    }

    fn label(&self, word: &str, colour: &str) -> String {
        if self.manner.colour {
            format!("\u{1b}[{colour}m{word}\u{1b}[0m")
        } else {
            word.to_owned()
        }
    }

    /// Columns that a passing line of this width has taken: two more for the ^C that a terminal
    /// puts behind it.
    fn taken(&self, width: usize) -> usize {
        let most = self.manner.width.unwrap_or(80).saturating_sub(1);
        if width == 0 { 0 } else { (width + 2).min(most) }
    }

    fn line(&self, text: &str) {
        let mut width = lock(&self.passing);
        let blanks = " ".repeat(self.taken(*width));
        let clear = if *width > 0 { format!("\r{blanks}\r") } else { String::new() };
        *width = 0;
        put(&format!("{clear}{text}\n"));
    }
}

fn lock(width: &Mutex<usize>) -> std::sync::MutexGuard<'_, usize> {
    width.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Standard error that cannot be written to leaves nobody to tell.
fn put(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

/// `{"error":{…}}` on one line.
fn json(failure: &Failure) -> String {
    let mut error = serde_json::Map::new();
    error.insert("code".into(), failure.kind.code().into());
    error.insert("kind".into(), failure.kind.word().into());
    error.insert("message".into(), visible(&failure.message).into());
    if !failure.causes.is_empty() {
        error.insert("causes".into(), visible_texts(&failure.causes));
    }
    if !failure.hints.is_empty() {
        error.insert("hints".into(), visible_texts(&failure.hints));
    }
    if let Some(response) = &failure.response {
        error.insert("httpStatus".into(), response.status.into());
        if !response.violations.is_empty() {
            error.insert("violations".into(), response.violations.iter().map(violation).collect());
        }
    }
    if let Some(wait) = failure.retry_after {
        error.insert("retryAfterSeconds".into(), ceil_seconds(wait).into());
    }
    serde_json::json!({ "error": error }).to_string()
}

fn violation(violation: &Violation) -> serde_json::Value {
    let Violation { property, text } = violation;
    serde_json::json!({ "property": visible(property), "violation": visible(text) })
}

/// JSON escapes the controls of ASCII alone; a path in a cause may hold others.
fn visible_texts(texts: &[String]) -> serde_json::Value {
    texts.iter().map(|text| visible(text)).collect()
}
