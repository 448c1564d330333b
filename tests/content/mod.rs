//! The content of messages and error bodies, also hostile content, in every format.

mod identical_rows;
mod jq;
mod markdown;
mod published_codes;
mod redaction;
mod server_messages;
mod sms_encoding;
mod texts;
