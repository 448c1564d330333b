//! The parts of a run that the commands which read messages share: preparing it, opening its source
//! and its output, resuming it, and reporting how it ended.

mod appended_output;
pub(crate) mod archive;
pub(crate) mod archive_reading;
pub(crate) mod checkpoint;
pub(crate) mod context;
pub(crate) mod counted_run;
pub(crate) mod dry_run;
pub(crate) mod fingerprint;
mod first_row_sink;
pub(crate) mod follow_state;
pub(crate) mod listing_output;
pub(crate) mod manifest;
pub(crate) mod outcomes;
pub(crate) mod poll_loop;
pub(crate) mod prepare;
pub(crate) mod progress;
mod reported_workbook;
pub(crate) mod request_log;
pub(crate) mod rerun_command;
pub(crate) mod resume;
pub(crate) mod run_result;
pub(crate) mod sandbox_server;
pub(crate) mod sink;
pub(crate) mod source;
pub(crate) mod source_failure;
pub(crate) mod summary;
#[cfg(test)]
pub(crate) mod test_support;
pub(crate) mod version_filter;
