//! The context of a command: the environment, standard error, the clock and the signals.

use std::sync::Arc;

use omnilogs::clock::{Clock, Interrupt};

use crate::args::ConnectionArgs;
use crate::config_file::{self, Defaults};
use crate::credentials;
use crate::io::environment::Environment;
use crate::io::report::Report;
use crate::io::signals::Signals;
use crate::settings;

/// The parts of the machine that every command uses.
pub(crate) struct Context {
    pub(crate) environment: Environment,
    pub(crate) report: Arc<Report>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) interrupt: Interrupt,
    pub(crate) signals: Signals,
}

impl Context {
    /// A copy with the time zone of the options or of the configuration file, for messages that show
    /// times.
    pub(crate) fn in_zone(&self, connection: &ConnectionArgs, defaults: &Defaults) -> Self {
        let Self { environment, report, clock, interrupt, signals } = self;
        let mut environment = environment.clone();
        environment.zone = settings::zone(connection, defaults, &environment);
        Self {
            environment,
            report: Arc::clone(report),
            clock: Arc::clone(clock),
            interrupt: interrupt.clone(),
            signals: signals.clone(),
        }
    }

    /// Says why times are in UTC although no option and no configuration selects it: as a warning when
    /// `TZ` is set, else with `-v`.
    pub(crate) fn note_zone(&self, connection: &ConnectionArgs) {
        if self.environment.zone_note.is_none() {
            return;
        }
        let args = settings::account_args(connection);
        let path = credentials::config_path(&args, &self.environment);
        // A file that cannot be used chooses no zone; a command that needs it reports the error.
        let config = path.and_then(|path| config_file::load(&path, &self.environment).ok()?);
        let defaults = config.map(|config| config.defaults).unwrap_or_default();
        let Some(note) = settings::zone_note(connection, &defaults, &self.environment) else {
            return;
        };
        if self.environment.has("TZ") {
            self.report.warn(note);
        } else {
            self.report.detail(1, note);
        }
    }
}
