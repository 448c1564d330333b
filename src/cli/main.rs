//! The program `omnilogs`.

mod outcome;

fn main() {}
