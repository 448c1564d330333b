//! What a table shows, and how it fits.

mod content;
mod fit;
