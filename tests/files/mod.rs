//! The files that a run reads and writes, also on a full disk and beside a second run.

mod formats;
mod input;
mod output;
mod resume;
mod shared_files;
mod workbook;
mod write_errors;
