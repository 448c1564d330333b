//! Ctrl-C and SIGTERM: the first one asks the run to stop at the next whole row, the second one
//! ends it at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;

use omnilogs::clock::Interrupt;

use crate::outcome::Kind;

/// Which signal asked the run to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    first: Arc<AtomicI32>,
}

impl Signals {
    /// Listens from now on, and raises `interrupt` at the first signal.
    ///
    /// # Errors
    /// When the system refuses the handlers.
    pub(crate) fn listen(interrupt: Interrupt) -> io::Result<Self> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        let signals = Self::default();
        let first = Arc::clone(&signals.first);
        let mut incoming = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
        thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in incoming.forever() {
                if first.swap(signal, Ordering::SeqCst) != 0 {
                    signal_hook::low_level::exit(128 + signal);
                }
                interrupt.raise();
            }
        })?;
        Ok(signals)
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
