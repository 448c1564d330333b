//! What the fuzz targets call: the checks, with the parts of the program that they test.
//!
//! Another crate cannot import from a program, so these files are compiled into this one too. It is
//! the only place that does so.
#![allow(
    dead_code,
    unused_imports,
    reason = "of the program's parts, the checks need what reads and refuses"
)]

#[path = "../../src/cli/tests/checks/mod.rs"]
pub mod checks;
#[path = "../../src/cli/choices.rs"]
mod choices;
#[path = "../../src/cli/config_file/contents/mod.rs"]
mod config_file;
#[path = "../../src/cli/failure.rs"]
mod failure;
#[path = "../../src/cli/text/mod.rs"]
mod text;
#[path = "../../src/cli/time_input/mod.rs"]
mod time_input;
