//! Prompts a person on the terminal. A secret is not shown while it is typed.

use std::io::{self, BufRead};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::zeroize::Zeroizing;

use crate::io::report::Report;

/// The modes of the terminal before input was hidden; `None` while input is shown.
static SHOWN: Mutex<Option<Termios>> = Mutex::new(None);

/// Prompts on standard error and reads from standard input, which is a terminal.
pub(crate) struct Prompt {
    report: Arc<Report>,
}

impl Prompt {
    pub(crate) fn new(report: Arc<Report>) -> Self {
        Self { report }
    }

    /// Reads a line, without white space around it; `None` at the end of input (Ctrl-D).
    ///
    /// # Errors
    /// When the terminal cannot be read.
    pub(crate) fn line(&self, text: &str) -> io::Result<Option<String>> {
        self.report.prompt(text);
        Ok(read()?.map(|line| line.trim().to_owned()))
    }

    /// As [`Self::line`], but the terminal does not show the typed text.
    ///
    /// # Errors
    /// When input cannot be hidden, or the terminal cannot be read.
    pub(crate) fn secret(&self, text: &str) -> io::Result<Option<Zeroizing<String>>> {
        self.report.prompt(text);
        hide_input()?;
        let line = read();
        drop(show_input());
        // The terminal did not show the typed line break either.
        self.report.end_prompt();
        Ok(line?.map(|line| Zeroizing::new(line.trim().to_owned())))
    }
}

fn read() -> io::Result<Option<Zeroizing<String>>> {
    let mut line = Zeroizing::new(String::new());
    let read = io::stdin().lock().read_line(&mut line)?;
    Ok((read > 0).then_some(line))
}

fn hide_input() -> io::Result<()> {
    let shown = tcgetattr(io::stdin())?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    // Locked until input is hidden, so that a signal shows it again after that.
    let mut modes = modes_before();
    *modes = Some(shown);
    // Text that was typed before this is discarded, since the terminal has shown it.
    Ok(tcsetattr(io::stdin(), OptionalActions::Flush, &hidden)?)
}

/// Lets the terminal show typed text again, if it was hidden. Input cannot be hidden while the result
/// exists.
pub(crate) fn show_input() -> impl Sized {
    let mut modes = modes_before();
    if let Some(shown) = modes.take() {
        // This fails when the terminal is gone, which then needs no modes.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &shown);
    }
    modes
}

fn modes_before() -> MutexGuard<'static, Option<Termios>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}
