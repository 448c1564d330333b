//! Paging against a server that knows the truth.

mod history;
mod many;
mod model_server;
mod prefetch;
mod properties;
mod tie;
mod worlds;
