//! A library that is loaded before the C library, and gives the program a failing resolver, another
//! clock or a failing disk. Only Linux supports it; the program itself has no code for it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Built once, by the compiler that Rust itself links with.
static LIBRARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/preload.c");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let library = folder.join("preload.so");
    // Another run of the tests may use the library meanwhile, so it is replaced as a whole.
    let new = folder.join(format!("preload-{}.so", std::process::id()));
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]);
    let built = compiler.arg(&new).arg(source).arg("-ldl").status().unwrap();
    assert!(built.success(), "cc: {built}");
    std::fs::rename(&new, &library).unwrap();
    library
});

/// The environment variables that load the library and set one of its variables.
pub fn variables<'v>(name: &'v str, value: &'v str) -> [(&'v str, &'v str); 2] {
    [("LD_PRELOAD", LIBRARY.to_str().unwrap()), (name, value)]
}
