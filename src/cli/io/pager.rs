//! Shows output on a terminal through a pager, such as `less`, when it is longer than the screen.
//!
//! Output that fits is written directly, as is any output when the pager cannot be started. However a
//! run ends, it waits for the pager, so that the prompt of the shell does not appear beside it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;

use omnilogs::sink::width::display_width;

use crate::io::named_file::Descriptor;
use crate::io::report::Report;
use crate::io::signals::Signals;
use crate::io::system_error::error_text;

/// Lines below a listing: the summary with its next step, and the shell's prompt.
pub(crate) const LINES_BELOW_LISTING: usize = 3;
/// Lines below output that is its own summary: the shell's prompt.
pub(crate) const LINES_BELOW_SUMMARY: usize = 1;
/// After a pager has taken this many bytes, it runs: they need not be kept for the terminal.
const MAX_KEPT: usize = 64 * 1024;
/// The exit statuses of a shell for a command that cannot be run or is not found.
const NOT_RUN: [i32; 2] = [126, 127];
/// Characters of a command line that only a shell interprets.
const SHELL_CHARACTERS: &str = "|&;<>()$`\\\"'*?[]#~=%{}\n";

/// The command of the pager, and the size of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PagerSettings {
    /// The command line.
    pub(crate) command: OsString,
    /// The setting that has the command, for messages; `None` for the default pager.
    pub(crate) origin: Option<&'static str>,
    /// Columns of the terminal.
    pub(crate) width: usize,
    /// Lines of the terminal.
    pub(crate) height: usize,
    /// Lines of the screen that are needed below the output.
    pub(crate) lines_below: usize,
    /// Whether `LESS` is set, so that its options are the user's own.
    pub(crate) has_less_options: bool,
    /// Whether `LESSCHARSET` is set.
    pub(crate) has_less_charset: bool,
}

/// Standard output on a terminal, through a pager if it is longer than the screen.
pub(crate) struct PagedOutput {
    settings: PagerSettings,
    state: PagerState,
    report: Arc<Report>,
    signals: Signals,
}

enum PagerState {
    /// The output fits the screen so far.
    Collecting(Vec<u8>),
    /// The output goes to the pager.
    Paging(RunningPager),
    /// The output goes to the terminal.
    Direct(File),
    /// The output is closed.
    Finished,
}

/// A pager that runs.
struct RunningPager {
    child: Child,
    /// `None` after the end of the output.
    input: Option<ChildStdin>,
    /// The output so far, which goes to the terminal if the pager could not run; `None` when it is
    /// known to run.
    kept: Option<Vec<u8>>,
}

impl PagedOutput {
    pub(crate) fn new(settings: PagerSettings, report: Arc<Report>, signals: Signals) -> Self {
        Self { settings, state: PagerState::Collecting(Vec::new()), report, signals }
    }

    /// Writes output that fits the screen, so that the messages after it are below it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn show(&mut self) -> io::Result<()> {
        let PagerState::Collecting(bytes) = &mut self.state else { return Ok(()) };
        let bytes = std::mem::take(bytes);
        let mut out = standard_output()?;
        let written = out.write_all(&bytes);
        self.state = PagerState::Direct(out);
        written
    }

    /// Closes the output: writes the rest and waits for the pager.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.state, PagerState::Finished) {
            PagerState::Collecting(bytes) => standard_output()?.write_all(&bytes),
            PagerState::Paging(pager) => {
                let Some(kept) = self.wait_for(pager) else { return Ok(()) };
                standard_output()?.write_all(&kept)
            }
            PagerState::Direct(_) | PagerState::Finished => Ok(()),
        }
    }

    /// Starts the pager with the collected output, or writes it directly if no pager can be started.
    fn start(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.settings.start() {
            Ok(mut child) => {
                self.report.hold();
                self.signals.lend_terminal(true);
                let input = child.stdin.take();
                self.state =
                    PagerState::Paging(RunningPager { child, input, kept: Some(Vec::new()) });
                self.write_all(bytes)
            }
            Err(error) => {
                // A missing default pager is not worth a warning: no one chose it.
                if let Some(origin) = self.settings.origin {
                    let why = error_text(&error);
                    self.report.warn(&format!("the pager of {origin} cannot be started: {why}"));
                }
                let mut out = standard_output()?;
                let written = out.write_all(bytes);
                self.state = PagerState::Direct(out);
                written
            }
        }
    }

    /// Waits until the user quits the pager. Returns the output that it should have shown if it did
    /// not run.
    fn wait_for(&self, mut pager: RunningPager) -> Option<Vec<u8>> {
        drop(pager.input.take());
        let code = pager.child.wait().ok().and_then(|status| status.code());
        self.signals.lend_terminal(false);
        let kept = pager.kept.filter(|_| code.is_some_and(|code| NOT_RUN.contains(&code)));
        if let (Some(_), Some(origin)) = (&kept, self.settings.origin) {
            self.report.warn(&format!("the pager of {origin} cannot be started"));
        }
        self.report.release();
        kept
    }

    /// Continues on the terminal if the pager did not run; else returns the error of a closed pipe.
    fn continue_without_pager(&mut self, bytes: &[u8], error: io::Error) -> io::Result<usize> {
        let PagerState::Paging(pager) = std::mem::replace(&mut self.state, PagerState::Finished)
        else {
            return Err(error);
        };
        let Some(kept) = self.wait_for(pager) else { return Err(error) };
        let mut out = standard_output()?;
        out.write_all(&kept)?;
        out.write_all(bytes)?;
        self.state = PagerState::Direct(out);
        Ok(bytes.len())
    }

    fn write_to_pager(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let PagerState::Paging(pager) = &mut self.state else { return Ok(0) };
        let Some(input) = &mut pager.input else { return Ok(0) };
        match input.write(bytes) {
            Ok(written) => {
                if let Some(kept) = &mut pager.kept {
                    kept.extend(bytes.iter().take(written));
                }
                pager.kept = pager.kept.take().filter(|kept| kept.len() <= MAX_KEPT);
                Ok(written)
            }
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.continue_without_pager(bytes, error)
            }
            Err(error) => Err(error),
        }
    }
}

impl Write for PagedOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.state {
            PagerState::Collecting(collected) => {
                collected.extend(bytes);
                let (width, height) = (self.settings.width, self.settings.height);
                if lines(collected, width) + self.settings.lines_below > height {
                    let collected = std::mem::take(collected);
                    self.start(&collected)?;
                }
                Ok(bytes.len())
            }
            PagerState::Paging(_) => self.write_to_pager(bytes),
            PagerState::Direct(out) => out.write(bytes),
            PagerState::Finished => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.state {
            PagerState::Paging(RunningPager { input: Some(input), .. }) => input.flush(),
            _ => Ok(()),
        }
    }
}

impl Drop for PagedOutput {
    /// After an error the pager still shows the output so far.
    fn drop(&mut self) {
        match std::mem::replace(&mut self.state, PagerState::Finished) {
            PagerState::Paging(pager) => drop(self.wait_for(pager)),
            PagerState::Collecting(bytes) => {
                let _ = standard_output().and_then(|mut out| out.write_all(&bytes));
            }
            PagerState::Direct(_) | PagerState::Finished => {}
        }
    }
}

impl PagerSettings {
    fn start(&self) -> io::Result<Child> {
        let text = self.command.to_string_lossy();
        let mut command = if text.contains(|c| SHELL_CHARACTERS.contains(c)) {
            let mut command = Command::new("/bin/sh");
            command.arg("-c").arg(&self.command);
            command
        } else {
            let mut words = text.split_whitespace();
            let mut command = Command::new(words.next().unwrap_or_default());
            command.args(words);
            command
        };
        if !self.has_less_options {
            // As git does: quit at once when all fits, show colours, keep the screen.
            command.env("LESS", "FRX");
        }
        if !self.has_less_charset {
            // The output is UTF-8, also where no locale is set.
            command.env("LESSCHARSET", "utf-8");
        }
        command.stdin(Stdio::piped()).spawn()
    }
}

fn standard_output() -> io::Result<File> {
    Descriptor::STANDARD_OUTPUT.open()
}

/// How many lines of a terminal a text takes.
fn lines(text: &[u8], width: usize) -> usize {
    let text = String::from_utf8_lossy(text);
    let rows = |line: &str| display_width(&without_colours(line)).div_ceil(width.max(1)).max(1);
    text.lines().map(rows).sum()
}

/// A line without the sequences that colour it.
fn without_colours(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text += part.split_once('m').map_or(part, |(_, rest)| rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_counts_as_several_and_colours_do_not_count() {
        assert_eq!(lines(b"", 80), 0);
        assert_eq!(lines(b"one\ntwo\n", 80), 2);
        assert_eq!(lines(b"one\n\ntwo\n", 80), 3);
        assert_eq!(lines("x".repeat(81).as_bytes(), 80), 2);
        assert_eq!(lines(b"\x1b[38;5;2mgreen\x1b[0m\n", 5), 1);
    }
}
