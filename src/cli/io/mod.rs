//! Input and output of the program: the environment, standard streams, files, signals and child
//! processes.

pub(crate) mod digest;
pub(crate) mod environment;
pub(crate) mod file_uses;
pub(crate) mod jq;
pub(crate) mod json_colour;
pub(crate) mod named_file;
pub(crate) mod output;
pub(crate) mod own_file;
pub(crate) mod pager;
pub(crate) mod private_file;
pub(crate) mod process_group;
pub(crate) mod prompt;
mod replacement;
pub(crate) mod report;
pub(crate) mod resume_files;
pub(crate) mod service_manager;
pub(crate) mod signals;
pub(crate) mod state_file;
pub(crate) mod system_error;
pub(crate) mod versioned_json;
