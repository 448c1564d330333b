//! The program `omnilogs`.

mod outcome;
mod surroundings;
mod when;

fn main() {}
