//! The signals that end a run.
//!
//! The first one asks the run to stop at the next whole row. A second one, or two seconds in which
//! the run has not stopped, ends it at once; so does the first one while settings are still read,
//! some of which come through pipes: a key, ids, what a command prints.
//!
//! Either way the program ends by the signal itself and not by an exit status that looks like it:
//! a shell then stops the loop that it runs, and systemd sees a clean stop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread;
use std::time::Duration;

use omnilogs::clock::Interrupt;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXFSZ};

use crate::failure::{Failure, Kind};
use crate::io::process_group;
use crate::io::replacement;
use crate::io::report::Report;

/// How long a run may take to stop: less than the two seconds that are promised, so that they hold
/// on a busy machine. A reader that does not read, or a jq program without an end, takes longer.
const MAX_STOP_TIME: Duration = Duration::from_millis(1500);

/// Which signal asked the run to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    first: Arc<AtomicI32>,
    in_order: Arc<AtomicBool>,
}

impl Signals {
    /// Listens from now on, and raises `interrupt` at the first signal.
    ///
    /// # Errors
    /// When the system refuses the handlers.
    pub(crate) fn listen(interrupt: Interrupt, report: Arc<Report>) -> io::Result<Self> {
        // A write past the limit for files is an error that can be reported, once the signal that
        // comes with it has a handler.
        signal_hook::flag::register(SIGXFSZ, Arc::default())?;
        let signals = Self::default();
        let shared = signals.clone();
        let mut incoming = signal_hook::iterator::Signals::new(signals_to_handle())?;
        thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in incoming.forever() {
                if shared.first.swap(signal, Ordering::SeqCst) != 0 || !ends_in_time(signal) {
                    end_by(signal);
                }
                if shared.in_order.load(Ordering::SeqCst) {
                    interrupt.raise();
                } else {
                    report.failure(&Failure::new(shared.kind(), "interrupted"));
                    end_by(signal);
                }
            }
        })?;
        Ok(signals)
    }

    /// From now on there is something to end in order: rows, files, a summary.
    pub(crate) fn end_in_order(&self) {
        self.in_order.store(true, Ordering::SeqCst);
    }

    /// The kind of failure that being asked to stop amounts to.
    pub(crate) fn kind(&self) -> Kind {
        match self.first.load(Ordering::SeqCst) {
            SIGTERM => Kind::Terminated,
            SIGHUP => Kind::HungUp,
            SIGQUIT => Kind::Quit,
            _ => Kind::Interrupted,
        }
    }

    /// Ends the program by the signal that asked it to stop; returns when there was none.
    pub(crate) fn end(&self) {
        let signal = self.first.load(Ordering::SeqCst);
        if signal != 0 {
            end_by(signal);
        }
    }
}

/// Ctrl-C and SIGTERM; SIGHUP and SIGQUIT unless they are ignored, as `nohup` has it.
fn signals_to_handle() -> Vec<i32> {
    let ignored = ignored_signals();
    let may_be_ignored = [SIGHUP, SIGQUIT].into_iter();
    let handled = may_be_ignored
        .filter(|signal| ignored.is_some_and(|ignored| (ignored >> (signal - 1)) & 1 == 0));
    [SIGINT, SIGTERM].into_iter().chain(handled).collect()
}

/// The signals that this process ignores, a bit each; `None` where the system does not say.
fn ignored_signals() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// Sees to it that the program has ended by this signal when its time to stop is over; `false` when
/// that cannot be arranged.
fn ends_in_time(signal: i32) -> bool {
    let end = move || {
        thread::sleep(MAX_STOP_TIME);
        end_by(signal);
    };
    thread::Builder::new().name("last resort".into()).spawn(end).is_ok()
}

/// Ends the program now, by this signal.
fn end_by(signal: i32) {
    replacement::remove_temporary_files();
    process_group::end_waited_for();
    // The default of each signal that comes here is to end the program, so this does not return.
    let _ = signal_hook::low_level::emulate_default_handler(signal);
}
