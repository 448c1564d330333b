//! Fuzzes the configuration file.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| omnilogs_fuzz::checks::config_file::check(data));
