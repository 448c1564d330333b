//! Fuzzes the dates of the API, and times and durations as they are typed.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| omnilogs_fuzz::checks::dates::check(data));
