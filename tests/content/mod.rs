//! The content of messages and of error bodies, hostile content too, in every format.

mod identical_rows;
mod jq;
mod published_codes;
mod redaction;
mod server_messages;
mod texts;
