//! What the fuzz targets check, over every input that is kept in their corpora.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/src/checks/mod.rs"]
#[allow(unreachable_pub, reason = "the fuzz targets are crates of their own")]
mod checks;

/// Runs a target's check over its corpus. The last input named is the one that fails.
fn replay(target: &str, check: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs = 0;
    for entry in fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        check(&fs::read(path).unwrap());
        inputs += 1;
    }
    assert!(inputs >= 20, "{inputs} inputs for {target}");
}

#[test]
fn every_json_body_that_a_fuzzer_kept_is_read_whole_or_refused() {
    replay("json_page", checks::json_page::check);
}

#[test]
fn every_xml_body_that_a_fuzzer_kept_is_read_whole_or_refused() {
    replay("xml_page", checks::xml_page::check);
}

#[test]
fn every_configuration_that_a_fuzzer_kept_is_understood_or_refused() {
    replay("config_file", checks::config_file::check);
}

#[test]
fn every_date_that_a_fuzzer_kept_is_the_same_in_every_form() {
    replay("dates", checks::dates::check);
}

#[test]
fn every_text_that_a_fuzzer_kept_is_safe_to_look_at() {
    replay("visible", checks::visible::check);
}
