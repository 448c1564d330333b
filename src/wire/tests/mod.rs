//! What comes of a body: for each kind, for the examples of the documentation, and for any.

mod fixtures;
mod properties;
mod responses;
