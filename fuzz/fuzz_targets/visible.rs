//! Fuzzes the function that makes untrusted text safe to show.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| omnilogs_fuzz::checks::visible::check(data));
