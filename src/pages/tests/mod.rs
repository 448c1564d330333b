//! Paging against a server that knows the truth.

mod crowded_range;
mod history;
mod interrupted;
mod long_run;
mod many;
mod merged;
mod model_server;
mod prefetch;
mod properties;
mod random_servers;
