//! What the fuzz targets call: the checks, with those parts of the program that they are about. A
//! program is no library, so that these parts are read in by their paths, as they stand there.
#![allow(
    dead_code,
    unused_imports,
    reason = "of the program's parts, the checks need what reads and refuses"
)]

pub mod checks;

#[path = "../../src/cli/args/words.rs"]
mod args;
#[path = "../../src/cli/config_file/contents/mod.rs"]
mod config_file;
#[path = "../../src/cli/outcome.rs"]
mod outcome;
#[path = "../../src/cli/when/mod.rs"]
mod when;
