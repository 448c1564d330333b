//! Tests of paging against model servers whose rows are known.

mod crowded_range;
mod history;
mod interrupted;
mod long_run;
mod merged_properties;
mod merged_rules;
mod model_server;
mod prefetch;
mod properties;
mod random_servers;
