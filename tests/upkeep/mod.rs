//! Compares the documents with the program, and the modules with the architecture.

mod documents;
mod imports;
mod language;
mod layers;
mod matrix;
mod skipped;
mod wording;
