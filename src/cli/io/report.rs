//! The one writer of standard error, which writes nowhere else.
//!
//! Callers pass no secret, no phone number and no message text. Control characters are made visible
//! here.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use omnilogs::sink::width::{display_width, truncate, wrap_words};
use omnilogs::sink::{Colour, bold};
use omnilogs::source::{Violation, ceil_seconds};
use omnilogs::visible::visible;

use crate::failure::{BrokenLimit, Failure};

/// How much is reported, and in which form.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub(crate) struct ReportOptions {
    /// How often `-v` was given.
    pub(crate) verbose: u8,
    /// `-q`.
    pub(crate) quiet: bool,
    /// Standard error is a terminal.
    pub(crate) terminal: bool,
    /// Standard output goes to another program, such as a pager, that can use the same terminal.
    pub(crate) piped: bool,
    /// Columns of the terminal of standard error, if known.
    pub(crate) width: Option<usize>,
    /// Colour may be used on standard error.
    pub(crate) colour: bool,
    /// The last line of a failure is JSON.
    pub(crate) json: bool,
}

/// Writes messages, warnings and failures to standard error.
pub(crate) struct Report {
    options: ReportOptions,
    screen: Mutex<Screen>,
}

/// The stream, and the state of the terminal.
struct Screen {
    out: Box<dyn Write + Send>,
    /// Width of the status line that is shown now.
    status_width: usize,
    /// Lines that wait until another program leaves the terminal; `None` when no other program uses it.
    held: Option<String>,
}

impl Screen {
    fn put(&mut self, text: &str) {
        if let Some(held) = &mut self.held {
            held.push_str(text);
            return;
        }
        // An error cannot be reported anywhere else.
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

impl Report {
    pub(crate) fn new(options: ReportOptions) -> Self {
        Self::writing_to(io::stderr(), options)
    }

    fn writing_to(out: impl Write + Send + 'static, options: ReportOptions) -> Self {
        let screen = Screen { out: Box::new(out), status_width: 0, held: None };
        Self { options, screen: Mutex::new(screen) }
    }

    fn screen(&self) -> MutexGuard<'_, Screen> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds lines back while another program, such as a pager, uses the terminal.
    pub(crate) fn hold(&self) {
        let mut screen = self.screen();
        let clear = self.clear(&mut screen);
        screen.put(&clear);
        screen.held = Some(String::new());
    }

    /// Writes the lines that were held back.
    pub(crate) fn release(&self) {
        let mut screen = self.screen();
        if let Some(held) = screen.held.take() {
            screen.put(&held);
        }
    }

    /// Writes a warning; the run continues.
    pub(crate) fn warn(&self, text: &str) {
        if !self.options.quiet {
            self.labelled("warning:", &Colour::Amber.paint("warning:"), text);
        }
    }

    /// Writes a sentence about the result or the progress of the run.
    pub(crate) fn say(&self, text: &str) {
        if !self.options.quiet {
            self.line(&self.wrapped(&visible(text), 2));
        }
    }

    /// Writes a sentence that waits for a reply on the same line; `-q` does not hide it.
    pub(crate) fn prompt(&self, text: &str) {
        let text = self.wrapped(&visible(text), 2);
        self.screen().put(&format!("{text} "));
    }

    /// Ends the line of a prompt whose reply was not shown.
    pub(crate) fn end_prompt(&self) {
        self.screen().put("\n");
    }

    /// Writes a summary, which is shown on a terminal or with `-v`.
    pub(crate) fn summary(&self, text: &str) {
        if self.has_summary() {
            self.say(text);
        }
    }

    /// Whether a summary is shown.
    pub(crate) fn has_summary(&self) -> bool {
        !self.options.quiet && (self.options.terminal || self.options.verbose > 0)
    }

    /// Writes a detail for `-v` (level 1) or `-vv` (level 2). It is not wrapped, so that addresses and
    /// headers can be copied.
    pub(crate) fn detail(&self, level: u8, text: &str) {
        if self.options.verbose >= level {
            self.line(&visible(text));
        }
    }

    /// Whether a status line can be shown. A program that reads standard output can be a pager on
    /// the same terminal.
    pub(crate) fn has_status_line(&self) -> bool {
        self.options.terminal && !self.options.piped && !self.options.quiet
    }

    /// Columns of a status line: one less than the terminal has, since some terminals cannot remove
    /// a line that fills the last column.
    pub(crate) fn status_width(&self) -> usize {
        self.width().saturating_sub(1)
    }

    /// Shows a status line, which the next line replaces; an empty text removes it.
    pub(crate) fn status(&self, text: &str) {
        if !self.has_status_line() {
            return;
        }
        let text = visible(text);
        let text = truncate(&text, self.status_width());
        let mut screen = self.screen();
        if screen.held.is_some() {
            return;
        }
        // Blanks instead of an escape sequence work on every terminal.
        let taken = self.taken(screen.status_width);
        let padding = " ".repeat(taken.saturating_sub(display_width(&text)));
        screen.status_width = display_width(&text);
        let end = if text.is_empty() { "\r" } else { "" };
        screen.put(&format!("\r{text}{padding}{end}"));
    }

    /// Writes a failure: what happened, why, what to do next; with `json`, also as JSON on the last
    /// line.
    pub(crate) fn failure(&self, failure: &Failure) {
        self.labelled("error:", &bold(&Colour::Red.paint("error:")), &failure.message);
        for cause in &failure.causes {
            self.line(&self.wrapped(&format!("  because: {}", visible(cause)), 11));
        }
        for hint in &failure.hints {
            let hint = visible(hint);
            let lines = if is_command(&hint) { self.wrapped_command(&hint) } else { None };
            self.line(&lines.unwrap_or_else(|| self.wrapped(&format!("  try: {hint}"), 7)));
        }
        if self.options.json {
            self.line(&json(failure));
        }
    }

    fn width(&self) -> usize {
        self.options.width.unwrap_or(80)
    }

    /// The text, on a terminal wrapped between words.
    fn wrapped(&self, text: &str, indent: usize) -> String {
        if self.options.terminal { wrap_words(text, self.width(), indent) } else { text.to_owned() }
    }

    /// A command on several lines, which end with a backslash so that a shell reads them as one;
    /// `None` when one line is enough.
    fn wrapped_command(&self, command: &str) -> Option<String> {
        const LEAD: &str = "  try: ";
        if !self.options.terminal || LEAD.len() + display_width(command) <= self.width() {
            return None;
        }
        // A line break inside quotes would become part of the word.
        let mut is_quoted = false;
        let join = |c: char| {
            is_quoted ^= c == '\'';
            if is_quoted && c == ' ' { '\u{a0}' } else { c }
        };
        let joined: String = command.chars().map(join).collect();
        let room = self.width().saturating_sub(" \\".len());
        let lines = wrap_words(&format!("{LEAD}{joined}"), room, LEAD.len());
        Some(lines.replace('\n', " \\\n").replace('\u{a0}', " "))
    }

    /// A text after a label, which can be coloured.
    fn labelled(&self, label: &str, coloured: &str, text: &str) {
        let lines = self.wrapped(&format!("{label} {}", visible(text)), label.len() + 1);
        match lines.strip_prefix(label) {
            Some(rest) if self.options.colour => self.line(&format!("{coloured}{rest}")),
            _ => self.line(&lines),
        }
    }

    /// Columns that a status line of this width occupies: two more for the ^C that a terminal adds.
    fn taken(&self, width: usize) -> usize {
        if width == 0 { 0 } else { (width + 2).min(self.status_width()) }
    }

    fn line(&self, text: &str) {
        let mut screen = self.screen();
        let clear = self.clear(&mut screen);
        screen.put(&format!("{clear}{text}\n"));
    }

    /// The text that removes the status line; empty when none is shown.
    fn clear(&self, screen: &mut Screen) -> String {
        let blanks = " ".repeat(self.taken(screen.status_width));
        screen.status_width = 0;
        if blanks.is_empty() { String::new() } else { format!("\r{blanks}\r") }
    }
}

/// Whether a hint is a command that lists missing rows, and not a sentence.
fn is_command(hint: &str) -> bool {
    hint.starts_with("omnilogs --all --")
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
    if let Some(alarm) = &failure.alarm {
        error.insert("brokenLimits".into(), alarm.0.iter().map(broken_limit).collect());
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

fn broken_limit(broken: &BrokenLimit) -> serde_json::Value {
    let BrokenLimit { limit, group, value, unit, messages, final_messages } = broken;
    let group: serde_json::Map<_, _> = group
        .iter()
        .map(|(key, text)| ((*key).to_owned(), text.as_deref().map(visible).into()))
        .collect();
    serde_json::json!({
        "limit": limit,
        "group": group,
        "value": value,
        "unit": visible(unit),
        "messages": messages,
        "final": final_messages,
    })
}

/// JSON escapes only the control characters of ASCII; a path in a cause can contain others.
fn visible_texts(texts: &[String]) -> serde_json::Value {
    texts.iter().map(|text| visible(text)).collect()
}

#[cfg(test)]
pub(crate) mod test_support {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::{Report, ReportOptions};

    /// The bytes that a report has written.
    #[derive(Clone, Default)]
    pub(crate) struct WrittenBytes(Arc<Mutex<Vec<u8>>>);

    impl WrittenBytes {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for WrittenBytes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The options of a terminal of this width, and a function that makes a report and its bytes.
    pub(crate) fn on_terminal(
        width: usize,
    ) -> (ReportOptions, impl Fn(ReportOptions) -> (Report, WrittenBytes)) {
        let options =
            ReportOptions { terminal: true, width: Some(width), ..ReportOptions::default() };
        let report = |options| {
            let written = WrittenBytes::default();
            (Report::writing_to(written.clone(), options), written)
        };
        (options, report)
    }
}

#[cfg(test)]
mod tests {
    use super::test_support::{WrittenBytes, on_terminal};
    use super::*;
    use crate::failure::Kind;

    fn reported(width: usize, to: impl Fn(&Report)) -> String {
        let (options, report) = on_terminal(width);
        let (report, written) = report(options);
        to(&report);
        written.text()
    }

    #[test]
    fn errors_warnings_and_summaries_are_wrapped_between_words_on_a_terminal() {
        let failure = Failure::new(
            Kind::Incomplete,
            "incomplete: 449 rows were written, the rest are missing",
        )
        .because("the server stopped sending in the middle of its response")
        .hint("the same command continues from here");
        assert_eq!(
            reported(40, |report| report.failure(&failure)),
            "error: incomplete: 449 rows were\n       written, the rest are missing\n  because: the server stopped sending in\n           the middle of its response\n  try: the same command continues from\n       here\n"
        );
        let text = "no messages sent since 2026-11-22 10:00:05 +01:00";
        assert_eq!(
            reported(40, |report| {
                report.warn(text);
                report.say(text);
                report.summary(text);
            }),
            "warning: no messages sent since\n         2026-11-22 10:00:05 +01:00\nno messages sent since 2026-11-22\n  10:00:05 +01:00\nno messages sent since 2026-11-22\n  10:00:05 +01:00\n"
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_a_path_stays_whole() {
        let path = "/a/path/that/is/longer/than/the/terminal/is/wide";
        for width in [20, 40, 43, 80, 190, 229] {
            let failure = Failure::usage(format!("cannot read {path}"))
                .because("no such file or directory ".repeat(9).trim());
            let text = reported(width, |report| report.failure(&failure));
            assert!(text.contains(path), "{text}");
            for line in text.lines().filter(|line| !line.contains(path)) {
                assert!(display_width(line) <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn a_command_that_takes_several_lines_can_be_copied_into_a_shell() {
        let command = "omnilogs --all --since 2026-11-22T10:00:00Z --until 2026-11-22T11:00:00Z --grep 'your code'";
        let failure = Failure::new(Kind::Incomplete, "incomplete").hint(command);
        let text = reported(60, |report| report.failure(&failure));
        let (_, lines) = text.split_once("try: ").unwrap();
        assert_eq!(
            lines,
            "omnilogs --all --since 2026-11-22T10:00:00Z --until \\\n       2026-11-22T11:00:00Z --grep 'your code'\n"
        );
        assert!(reported(200, |report| report.failure(&failure)).contains(command));
    }

    #[test]
    fn only_the_first_word_is_coloured() {
        let (options, report) = on_terminal(20);
        let (report, written) = report(ReportOptions { colour: true, ..options });
        report.warn("a warning of several words");
        let lines = format!("{} a warning\n  of several words\n", Colour::Amber.paint("warning:"));
        assert_eq!(written.text(), lines);
    }

    #[test]
    fn in_a_file_each_sentence_is_one_line() {
        let written = WrittenBytes::default();
        let report = Report::writing_to(written.clone(), ReportOptions::default());
        let text = "word ".repeat(50);
        report.warn(text.trim());
        assert_eq!(written.text().lines().count(), 1);
    }

    #[test]
    fn a_status_line_fits_and_is_removed_by_the_next_line() {
        let (options, report) = on_terminal(12);
        let (report, written) = report(options);
        report.status("0123456789abcdef");
        report.say("done");
        assert_eq!(written.text(), format!("\r0123456789…\r{}\rdone\n", " ".repeat(11)));
    }

    #[test]
    fn lines_are_held_back_while_another_program_uses_the_terminal() {
        let (options, report) = on_terminal(80);
        let (report, written) = report(options);
        report.hold();
        report.warn("one");
        report.status("17 rows");
        assert_eq!(written.text(), "");
        report.release();
        report.say("two");
        assert_eq!(written.text(), "warning: one\ntwo\n");
    }

    #[test]
    fn there_is_no_status_line_while_standard_output_goes_to_another_program() {
        let (options, report) = on_terminal(80);
        for options in [
            ReportOptions { piped: true, ..options },
            ReportOptions { quiet: true, ..options },
            ReportOptions { terminal: false, ..options },
        ] {
            let (report, written) = report(options);
            report.status("17 rows");
            assert_eq!(written.text(), "");
        }
    }
}
