//! Links the program of the development build to a fixed address. It has a hundred thousand addresses
//! that a loader would otherwise adjust at every start, which takes a quarter of a short run, and the
//! tests start it five thousand times. Other builds keep the random address, which makes attacks harder.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|found| found == value);
    let uses_gnu_linker = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if uses_gnu_linker && is("PROFILE", "debug") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
