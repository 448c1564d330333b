//! The program `omnilogs`.

fn main() {}
