//! Ctrl-C and SIGTERM: the first one asks the run to stop at the next whole row, the second one
//! ends it at once. So does the first while settings are still read, of which some come through
//! pipes: a key, ids, what a command prints.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread;

use omnilogs::clock::Interrupt;

use crate::failure::{Failure, Kind};
use crate::io::report::Report;

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
        use signal_hook::consts::{SIGINT, SIGTERM};
        let signals = Self::default();
        let shared = signals.clone();
        let mut incoming = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
        thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in incoming.forever() {
                let is_first = shared.first.swap(signal, Ordering::SeqCst) == 0;
                if is_first && shared.in_order.load(Ordering::SeqCst) {
                    interrupt.raise();
                    continue;
                }
                if is_first {
                    report.failure(&Failure::new(shared.kind(), "interrupted"));
                }
                signal_hook::low_level::exit(128 + signal);
            }
        })?;
        Ok(signals)
    }

    /// From now on there is something to end in order: rows, files, what is told of them.
    pub(crate) fn end_in_order(&self) {
        self.in_order.store(true, Ordering::SeqCst);
    }

    /// The kind of failure that being asked to stop amounts to.
    pub(crate) fn kind(&self) -> Kind {
        if self.first.load(Ordering::SeqCst) == signal_hook::consts::SIGTERM {
            Kind::Terminated
        } else {
            Kind::Interrupted
        }
    }
}
