//! What is written about the program is compared with the program, and the house with its plan.

mod documents;
mod imports;
mod layers;
mod matrix;
mod wording;
