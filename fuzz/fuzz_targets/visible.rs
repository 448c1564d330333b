//! Fuzzes the sanitiser.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| omnilogs_fuzz::checks::visible::check(data));
