//! A test that cannot run on a machine is reported, although the test harness hides the output of tests that
//! pass.

use std::process::Command;

use crate::support::programs::NOTHING_IS_SKIPPED;

/// Runs one test of this crate as on a machine without any other program.
fn without_programs(nothing_is_skipped: &str) -> std::process::Output {
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.args(["--exact", "commands::man::mandoc_finds_no_fault_in_any_page"]);
    tests.env("PATH", "").env(NOTHING_IS_SKIPPED, nothing_is_skipped).output().unwrap()
}

#[test]
fn a_test_without_its_program_is_named_and_counted() {
    let output = without_programs("");
    assert!(output.status.success(), "{output:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("skipped tests: 1: "), "{stderr}");
    assert!(stderr.ends_with(": mandoc is not installed (package mandoc)\n"), "{stderr}");
}

#[test]
fn a_test_without_its_program_fails_where_nothing_may_be_skipped() {
    let output = without_programs("1");
    assert!(!output.status.success(), "{output:?}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(
        stdout.contains(
            "mandoc is not installed (package mandoc), and OMNILOGS_TESTS_SKIP_NOTHING is set"
        ),
        "{stdout}"
    );
}
