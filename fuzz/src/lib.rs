//! What the fuzz targets call: the checks, with those parts of the program that they are about. A
//! program is no library, so that these parts are read in by their paths, as they stand there.
#![allow(
    dead_code,
    unused_imports,
    reason = "of the program's parts, the checks need what reads and refuses"
)]

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
