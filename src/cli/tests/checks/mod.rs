//! Checks what must hold for every input: one function for each fuzz target, which fails by panicking.
//!
//! The same functions run in `cargo test`, over the inputs that are kept in `fuzz/corpus`.

mod body;
pub mod config_file;
pub mod dates;
mod failure;
pub mod json_page;
mod rows;
pub mod visible;
mod written;
pub mod xml_page;
mod xml_rows;
