//! Compares the documents with the program, and the modules with the architecture.

mod codes;
mod contrib;
mod documents;
mod imports;
mod language;
mod layers;
mod matrix;
#[cfg(target_os = "linux")]
mod pictures;
mod skipped;
mod wording;
