//! The settings of the output of a summary.

use omnilogs::zone::Zone;

use crate::choices::FormatName;
use crate::failure::Failure;
use crate::settings::{CsvSettings, OutputSettings};

/// Columns of sentences and charts in a pipe or a file.
pub(super) const PIPE_WIDTH: usize = 80;

/// The settings of the output of a summary.
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub(crate) struct View {
    pub(crate) format: FormatName,
    /// Columns of the terminal; `None` into a pipe or a file.
    pub(crate) width: Option<usize>,
    pub(crate) colour: bool,
    /// Whether JSON is coloured.
    pub(crate) json_colour: bool,
    pub(crate) zone: Zone,
    /// Whether CSV and TSV name their columns.
    pub(crate) header: bool,
    /// The settings of CSV and TSV.
    pub(crate) csv: CsvSettings,
    /// Whether the large chart is shown.
    pub(crate) chart: bool,
    /// The time when counting ended, in milliseconds since 1970.
    pub(crate) finished: i64,
}

impl View {
    pub(super) fn new(settings: &OutputSettings, chart: bool) -> Result<Self, Failure> {
        if matches!(settings.format, FormatName::Xml | FormatName::Xlsx) {
            return Err(Failure::usage("stats does not support this format")
                .hint("use -o table, json, jsonl, csv, tsv, md or prometheus"));
        }
        Ok(Self {
            format: settings.format,
            // The width of a terminal that does not know it is 0.
            width: settings.width.map(|width| if width == 0 { 80 } else { width }),
            colour: settings.colour,
            json_colour: settings.json_colour,
            zone: settings.zone,
            header: !settings.no_header,
            csv: settings.csv,
            chart,
            finished: 0,
        })
    }
}
