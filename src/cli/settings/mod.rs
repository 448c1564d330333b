//! Decides which value of each setting applies: flag, then environment, then file, then default.
//!
//! Each group of arguments is destructured without `..`, so that a new option does not compile until
//! its precedence is decided. Nothing is sent or printed here, and every error is a usage error.

mod code_filter;
mod columns;
mod conflicts;
mod connection;
mod files;
mod filter_values;
mod ids;
mod local_filter;
mod output;
mod query;

pub(crate) use conflicts::refuse_sorting_of_pages;
pub(crate) use connection::{
    TrustedAuthorities, accept, account_args, authorities, authorities_origin, client_options,
    proxies, proxy_variable, rate, request_timeout, requests_per_minute, trust,
};
pub(crate) use files::RunFiles;
pub(crate) use filter_values::{factors, invalid_phone_number, looks_like_a_time};
pub(crate) use ids::bare_id;
pub(crate) use local_filter::LocalFilter;
pub(crate) use output::{
    CsvSettings, OutputSettings, colour, is_json, output_settings, pager,
    refuse_workbook_without_file, zone, zone_note,
};
pub(crate) use query::{query, source_kind};
