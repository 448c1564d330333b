//! What every command works with.

use std::sync::Arc;

use omnilogs::clock::{Clock, Interrupt};

use crate::args::ConnectionArgs;
use crate::config_file::Defaults;
use crate::io::environment::Environment;
use crate::io::report::Report;
use crate::io::signals::Signals;
use crate::settings;

/// What every command works with.
pub(crate) struct Context {
    pub(crate) environment: Environment,
    pub(crate) report: Arc<Report>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) interrupt: Interrupt,
    pub(crate) signals: Signals,
}

impl Context {
    /// Says why times are in UTC although no flag selects it: as a warning when `TZ` is set, else
    /// with `-v`.
    pub(crate) fn note_zone(&self, connection: &ConnectionArgs, defaults: &Defaults) {
        let Some(note) = settings::zone_note(connection, defaults, &self.environment) else {
            return;
        };
        if self.environment.has("TZ") {
            self.report.warn(note);
        } else {
            self.report.detail(1, note);
        }
    }
}
