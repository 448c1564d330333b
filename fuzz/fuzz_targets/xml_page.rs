//! Fuzzes the XML body of an answer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| omnilogs_fuzz::checks::xml_page::check(data));
