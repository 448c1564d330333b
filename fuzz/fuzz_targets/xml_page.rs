//! Fuzzes the XML body of a response.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| omnilogs_fuzz::checks::xml_page::check(data));
