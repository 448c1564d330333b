//! Fuzzes the JSON body of a response.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| omnilogs_fuzz::checks::json_page::check(data));
