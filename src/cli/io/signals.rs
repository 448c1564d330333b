//! The signals that end a run.
//!
//! The first signal stops the run after the current row. A second one ends the program at once, as
//! does a run that has not stopped within two seconds. While settings are still read, which can wait
//! for a pipe, the first signal ends the program at once.
//!
//! In each case the program ends by the signal itself and not with a similar exit status: a shell
//! then stops its loop, and systemd sees a clean stop.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{SigSet, SigmaskHow};
use omnilogs::clock::Interrupt;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals as Incoming;

use crate::failure::{Failure, Kind};
use crate::io::process_group;
use crate::io::prompt;
use crate::io::replacement;
use crate::io::report::Report;

/// How long a run may take to stop. The promise is two seconds; less leaves room on a busy machine.
/// A blocked reader or an endless jq program would take longer.
const MAX_STOP_TIME: Duration = Duration::from_millis(1500);

/// How much longer a run may take to stop while it saves which rows it has written. A busy disk can take
/// seconds for that, and the next run would write the rows again.
const MAX_SAVE_TIME: Duration = Duration::from_secs(5);

/// The time between two looks at whether a run still saves.
const SAVE_CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// The signal that interrupted the run, and how signals are handled now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    /// The number of the first signal; 0 before it.
    first: Arc<AtomicI32>,
    /// The number of the latest signal, which its handler sets; 0 before it. A thread notices a signal
    /// somewhat later.
    arrived: Arc<AtomicUsize>,
    /// Whether the first signal lets the run finish its rows, files and summary.
    in_order: Arc<Mutex<bool>>,
    interrupt: Interrupt,
    /// Whether the run saves which rows it has written.
    saves: Arc<AtomicBool>,
    /// Whether a child process, such as a pager, uses the terminal and handles Ctrl-C.
    terminal_is_lent: Arc<AtomicBool>,
}

impl Signals {
    /// Starts to listen, and raises `interrupt` at the first signal.
    ///
    /// # Errors
    /// When the system refuses the handlers.
    pub(crate) fn listen(interrupt: Interrupt, report: &Arc<Report>) -> io::Result<Self> {
        // With a handler, a write past the file size limit is an error that can be reported.
        signal_hook::flag::register(SIGXFSZ, Arc::default())?;
        let signals = Self { interrupt, ..Self::default() };
        let (shared, reported) = (signals.clone(), Arc::clone(report));
        let mut incoming = held_back(|| signals.install_handlers())?;
        thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in incoming.forever() {
                shared.handle(signal, &reported);
            }
        })?;
        Ok(signals)
    }

    fn install_handlers(&self) -> io::Result<Incoming> {
        let handled = signals_to_handle();
        for signal in &handled {
            let number = usize::try_from(*signal).unwrap_or_default();
            signal_hook::flag::register_usize(*signal, Arc::clone(&self.arrived), number)?;
        }
        Incoming::new(handled)
    }

    /// Handles a signal, in the thread that listens.
    fn handle(&self, signal: i32, report: &Report) {
        let in_order = self.lock();
        if self.is_for_other_program(signal) {
            if *in_order {
                let seq = Ordering::SeqCst;
                let _ = self.first.compare_exchange(0, signal, seq, seq);
                self.interrupt.raise();
            }
            return;
        }
        if self.first.swap(signal, Ordering::SeqCst) != 0 || !self.schedule_end(signal) {
            end_by(signal);
        }
        if *in_order {
            self.interrupt.raise();
        } else {
            report.failure(&Failure::new(self.kind(), "interrupted"));
            end_by(signal);
        }
    }

    /// Ends the program by this signal after [`MAX_STOP_TIME`], or after [`MAX_SAVE_TIME`] more while it
    /// saves. Returns `false` when no thread can be started to wait for that.
    fn schedule_end(&self, signal: i32) -> bool {
        let saves = Arc::clone(&self.saves);
        let end = move || {
            thread::sleep(MAX_STOP_TIME);
            let mut left = MAX_SAVE_TIME;
            while saves.load(Ordering::SeqCst) && !left.is_zero() {
                thread::sleep(SAVE_CHECK_INTERVAL);
                left = left.saturating_sub(SAVE_CHECK_INTERVAL);
            }
            end_by(signal);
        };
        thread::Builder::new().name("stop timer".into()).spawn(end).is_ok()
    }

    /// Saves which rows the run has written, which includes the making of what is saved. A signal does
    /// not end the program during that.
    pub(crate) fn while_saving<T>(&self, save: impl FnOnce() -> T) -> T {
        self.saves.store(true, Ordering::SeqCst);
        let saved = save();
        self.saves.store(false, Ordering::SeqCst);
        saved
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.in_order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on a signal stops the run in order: there are rows, files and a summary to finish. A
    /// signal that was sent before still ends the program at once.
    pub(crate) fn end_in_order(&self) {
        // The signal may be sent but not delivered yet; see `Interrupt::is_raised_by_now`.
        thread::yield_now();
        if !*self.lock() && self.arrived.load(Ordering::SeqCst) != 0 {
            // The thread that listens ends the program meanwhile.
            thread::sleep(MAX_STOP_TIME);
        }
        let mut in_order = self.lock();
        if std::mem::replace(&mut *in_order, true) {
            return;
        }
        for signal in signals_to_handle() {
            // Without the handler, the thread raises the interrupt, only later.
            let _ = signal_hook::flag::register(signal, self.interrupt.flag());
        }
        if self.arrived.load(Ordering::SeqCst) != 0 {
            self.interrupt.raise();
        }
    }

    /// Lends the terminal to a child process, or takes it back. While it is lent, Ctrl-C stops the run
    /// but does not end this program, since the child process would lose its terminal.
    pub(crate) fn lend_terminal(&self, is_lent: bool) {
        self.terminal_is_lent.store(is_lent, Ordering::SeqCst);
    }

    fn is_for_other_program(&self, signal: i32) -> bool {
        self.terminal_is_lent.load(Ordering::SeqCst) && matches!(signal, SIGINT | SIGQUIT)
    }

    /// The kind of failure of a run that a signal stopped.
    pub(crate) fn kind(&self) -> Kind {
        match self.signal() {
            SIGTERM => Kind::Terminated,
            SIGHUP => Kind::HungUp,
            SIGQUIT => Kind::Quit,
            _ => Kind::Interrupted,
        }
    }

    /// Ends the program by the signal that stopped it; returns when there was none.
    pub(crate) fn end(&self) {
        let signal = self.signal();
        if signal != 0 {
            end_by(signal);
        }
    }

    /// The number of the signal that stopped the run; 0 when there was none.
    fn signal(&self) -> i32 {
        match self.first.load(Ordering::SeqCst) {
            0 => i32::try_from(self.arrived.load(Ordering::SeqCst)).unwrap_or_default(),
            first => first,
        }
    }
}

/// Holds all signals back until this is done. A signal that arrived after its handler was installed, and
/// before `signal_hook` has stored what the handler does, would be lost.
fn held_back<T>(install: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
    let installed = install();
    before.thread_set_mask()?;
    installed
}

/// SIGINT and SIGTERM; SIGHUP and SIGQUIT unless they are ignored, as under `nohup`.
fn signals_to_handle() -> Vec<i32> {
    let ignored = ignored_signals();
    let may_be_ignored = [SIGHUP, SIGQUIT].into_iter();
    let handled = may_be_ignored
        .filter(|signal| ignored.is_some_and(|ignored| (ignored >> (signal - 1)) & 1 == 0));
    [SIGINT, SIGTERM].into_iter().chain(handled).collect()
}

/// The signals that this process ignores, one bit per signal; `None` where the system does not
/// report them.
fn ignored_signals() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// Ends the program now, by this signal.
fn end_by(signal: i32) {
    // Kept until the program has ended, so that no other thread creates what would stay behind.
    let _files = replacement::remove_temporary_files();
    let _commands = process_group::end_all();
    let _modes = prompt::show_input();
    // The default action of each handled signal ends the program, so this does not return.
    let _ = signal_hook::low_level::emulate_default_handler(signal);
}
