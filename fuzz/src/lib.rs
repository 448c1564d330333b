//! The checks that the fuzz targets call, and the modules of the program that the checks test.
//!
//! Another crate cannot import from a program, so these files are compiled into this crate too. No
//! other crate does so.
#![allow(dead_code, unused_imports, reason = "the checks use only a part of these modules")]

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
