//! Files: what a run reads, what it writes, and what a full disk or a second run does to them.

mod formats;
mod input;
mod output;
mod resume;
mod shared_files;
mod workbook;
mod write_errors;
