//! Tests of the content of tables, and of their widths.

mod content;
mod fit;
