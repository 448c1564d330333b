//! Tests of decoding: each kind of body, the examples of the documentation, and properties of any body.

mod fixtures;
mod properties;
mod responses;
