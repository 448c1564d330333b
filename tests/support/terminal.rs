//! Runs the program on a pseudo-terminal, and reads its screen cell by cell.

use std::fs::File;
use std::io::Read;
use std::num::NonZeroU16;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;
use tempfile::TempDir;

use super::command::exit_code;
use super::running::ChildGuard;
use super::{Omnilogs, PATIENCE};

/// Lines of the screen: more than any test prints, so that nothing scrolls off.
const LINES: u16 = 300;

/// The requests of a program to its terminal other than to show text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TerminalRequests(pub Vec<String>);

impl vt100::Callbacks for TerminalRequests {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.0.push("bell".into());
    }
    fn resize(&mut self, _: &mut vt100::Screen, size: (u16, u16)) {
        self.0.push(format!("resize {size:?}"));
    }
    fn set_window_icon_name(&mut self, _: &mut vt100::Screen, name: &[u8]) {
        self.0.push(format!("icon {name:?}"));
    }
    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.0.push(format!("title {title:?}"));
    }
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.0.push(format!("clipboard {data:?}"));
    }
    fn paste_from_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.0.push("paste".into());
    }
    fn unhandled_control(&mut self, _: &mut vt100::Screen, byte: u8) {
        self.0.push(format!("control {byte}"));
    }
    fn unhandled_escape(&mut self, _: &mut vt100::Screen, _: Option<u8>, _: Option<u8>, byte: u8) {
        self.0.push(format!("escape {byte}"));
    }
    fn unhandled_osc(&mut self, _: &mut vt100::Screen, words: &[&[u8]]) {
        self.0.push(format!("osc {words:?}"));
    }
}

/// A run on its own pseudo-terminal.
pub struct OnTerminal {
    child: ChildGuard,
    /// The end of the terminal that has its keyboard and its screen.
    pty: File,
    output: Receiver<Vec<u8>>,
    bytes: Vec<u8>,
    /// How many of the bytes `next_between` has searched.
    searched: usize,
    parser: vt100::Parser<TerminalRequests>,
    /// Lasts as long as the run.
    _home: TempDir,
}

/// The screen of the terminal after a run.
pub struct Screen {
    pub code: i32,
    /// Every byte that was written to the terminal.
    pub bytes: Vec<u8>,
    pub requests: TerminalRequests,
    shown: vt100::Screen,
}

impl Omnilogs {
    /// Starts the program on a terminal with this number of columns.
    pub fn on_terminal(self, columns: u16) -> OnTerminal {
        // Without a pager, all output stays on the screen.
        self.env("OMNILOGS_PAGER", "").on_screen(columns, LINES)
    }

    /// Like [`Omnilogs::on_terminal`], with a screen of this number of lines, and with a pager.
    pub fn on_screen(self, columns: u16, lines: u16) -> OnTerminal {
        self.on_terminal_with((columns, lines), |_| ())
    }

    /// Like [`Omnilogs::on_terminal`], with standard output discarded.
    pub fn on_terminal_without_output(self, columns: u16) -> OnTerminal {
        self.on_terminal_with((columns, LINES), |command| {
            command.stdout(Stdio::null());
        })
    }

    /// Like [`Omnilogs::on_terminal`], with standard output in a pipe that is not read.
    pub fn on_terminal_piped(self, columns: u16) -> (OnTerminal, std::io::PipeReader) {
        let (reader, writer) = std::io::pipe().unwrap();
        let run = self.on_terminal_with((columns, LINES), |command| {
            command.stdout(std::os::fd::OwnedFd::from(writer));
        });
        (run, reader)
    }

    fn on_terminal_with(
        self,
        (columns, lines): (u16, u16),
        streams: impl FnOnce(&mut Command),
    ) -> OnTerminal {
        let (pty, device) = open_terminal();
        resize(&pty, columns, lines);
        // Makes its standard input the terminal of a new session. The standard library could run code
        // between fork and exec that does it, and would then copy the page tables of the tests.
        let (mut command, home) = self.wrapped_by(&["setsid", "--ctty"]).into_command();
        let stream = || Stdio::from(device.try_clone().unwrap());
        command.stdin(stream()).stdout(stream()).stderr(stream());
        streams(&mut command);
        let child = ChildGuard(command.spawn().unwrap());
        // Its end is noticed when no process has the terminal open.
        drop((command, device));
        let (sender, output) = channel();
        let mut reader = pty.try_clone().unwrap();
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            // The end of the last program on a terminal is an error for its reader.
            while let Ok(read @ 1..) = reader.read(&mut chunk) {
                if sender.send(chunk[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let size = |number| NonZeroU16::new(number).unwrap();
        let parser = vt100::Parser::new_with_callbacks(
            size(lines),
            size(columns),
            0,
            TerminalRequests::default(),
        );
        OnTerminal { child, pty, output, bytes: Vec::new(), searched: 0, parser, _home: home }
    }
}

/// A new pseudo-terminal: the end with its keyboard and its screen, and the one for programs.
fn open_terminal() -> (File, File) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let pty = rustix::pty::openpt(flags).unwrap();
    rustix::pty::grantpt(&pty).unwrap();
    rustix::pty::unlockpt(&pty).unwrap();
    let name = rustix::pty::ptsname(&pty, Vec::new()).unwrap();
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
    let device = rustix::fs::open(&name, flags, rustix::fs::Mode::empty()).unwrap();
    (pty.into(), device.into())
}

fn resize(pty: &File, columns: u16, lines: u16) {
    let size = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(pty, size).unwrap();
}

impl OnTerminal {
    /// The number of the process that was started on the terminal.
    pub fn id(&self) -> u32 {
        self.child.0.id()
    }

    pub fn resize(&self, columns: u16) {
        resize(&self.pty, columns, LINES);
    }

    /// Whether the terminal shows typed text.
    pub fn shows_input(&self) -> bool {
        let modes = rustix::termios::tcgetattr(&self.pty).unwrap().local_modes;
        modes.contains(rustix::termios::LocalModes::ECHO)
    }

    /// Waits until the terminal shows typed text, or hides it.
    #[track_caller]
    pub fn until_input_is_shown(&self, is_shown: bool) {
        let started = Instant::now();
        while self.shows_input() != is_shown {
            assert!(started.elapsed() < PATIENCE, "input is still shown: {}", !is_shown);
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Types these keys; `\x03` is Ctrl-C.
    pub fn type_in(&mut self, keys: &str) {
        std::io::Write::write_all(&mut self.pty, keys.as_bytes()).unwrap();
    }

    /// Types these keys repeatedly until the screen shows this text, since a signal discards typed
    /// text that was not read yet.
    #[track_caller]
    pub fn type_in_until(&mut self, keys: &str, wanted: &str) {
        let started = Instant::now();
        while !self.has_shown(wanted) {
            assert!(started.elapsed() < PATIENCE, "{wanted:?} never came");
            self.type_in(keys);
            while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(100)) {
                self.process(&bytes);
            }
        }
    }

    /// Waits until the screen has shown this, even if the next line has replaced it since.
    #[track_caller]
    pub fn until(&mut self, wanted: &str) {
        let started = Instant::now();
        while !self.has_shown(wanted) {
            self.receive(wanted, started);
        }
    }

    /// Waits for output between these two texts, after that of an earlier call, and returns it.
    #[track_caller]
    pub fn next_between(&mut self, start: &str, end: &str) -> String {
        let started = Instant::now();
        loop {
            let text = String::from_utf8_lossy(&self.bytes[self.searched..]).into_owned();
            let after = text.split_once(start).map(|(_, after)| after);
            if let Some((between, _)) = after.and_then(|after| after.split_once(end)) {
                self.searched = self.bytes.len();
                return between.to_owned();
            }
            self.receive(end, started);
        }
    }

    /// Waits for the next bytes.
    #[track_caller]
    fn receive(&mut self, wanted: &str, started: Instant) {
        match self.output.recv_timeout(PATIENCE.saturating_sub(started.elapsed())) {
            Ok(bytes) => self.process(&bytes),
            Err(why) => {
                panic!("{wanted:?} never came ({why}):\n{}", self.parser.screen().contents())
            }
        }
    }

    fn has_shown(&self, wanted: &str) -> bool {
        let is_written = self.bytes.windows(wanted.len()).any(|bytes| bytes == wanted.as_bytes());
        is_written || self.parser.screen().contents().contains(wanted)
    }

    fn process(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.bytes.extend_from_slice(bytes);
    }

    /// Waits for the end of the run.
    #[track_caller]
    pub fn end(mut self) -> Screen {
        loop {
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.process(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("the run does not end:\n{}", self.parser.screen().contents());
                }
            }
        }
        let code = exit_code(self.child.0.wait().unwrap());
        let shown = self.parser.screen().clone();
        let requests = std::mem::take(self.parser.callbacks_mut());
        Screen { code, bytes: self.bytes, requests, shown }
    }
}

impl Screen {
    /// Returns the screen if the run ended with this status; otherwise panics.
    #[track_caller]
    pub fn code(self, wanted: i32) -> Self {
        assert_eq!(self.code, wanted, "{}", self.text());
        self
    }

    /// The text on the screen, without the spaces at the ends of lines, which depend on earlier
    /// text at the same place.
    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    pub fn lines(&self) -> Vec<String> {
        let (_, columns) = self.shown.size();
        let rows = self.shown.rows(0, columns.get());
        let mut lines: Vec<_> = rows.map(|row| row.trim_end().to_owned()).collect();
        lines.truncate(lines.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at + 1));
        lines
    }

    /// The text of each line with the escape sequences of its format.
    pub fn cells(&self) -> Vec<String> {
        self.shown.rows_formatted(0, self.shown.size().1.get()).collect()
    }

    /// The cell at this place, counted from 0; `None` beyond the screen.
    pub fn cell(&self, line: u16, column: u16) -> Option<&vt100::Cell> {
        self.shown.cell(line, column)
    }

    pub fn cursor_is_shown(&self) -> bool {
        !self.shown.hide_cursor()
    }

    /// The column at which a text begins in a line, in cells; every cell counts once.
    pub fn column_of(&self, line: usize, text: &str) -> Option<u16> {
        let line = u16::try_from(line).unwrap();
        let columns = self.shown.size().1.get();
        (0..columns).find(|column| {
            let rest: String = (*column..columns)
                .filter_map(|at| self.shown.cell(line, at))
                .map(vt100::Cell::contents)
                .collect();
            self.shown.cell(line, *column).is_some_and(vt100::Cell::has_contents)
                && rest.starts_with(text)
        })
    }

    /// How many escape characters were written.
    pub fn escapes(&self) -> usize {
        self.bytes.split(|byte| *byte == 0x1B).count() - 1
    }
}
