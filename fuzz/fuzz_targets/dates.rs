//! Fuzzes the dates of the API, and the times and durations that users type.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| omnilogs_fuzz::checks::dates::check(data));
