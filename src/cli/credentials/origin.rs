//! The origin of a value: a flag, a variable, a line of the configuration file, or the default.

use std::fmt;
use std::path::PathBuf;

/// The origin of a value, which messages name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag.
    Flag(&'static str),
    /// A variable of the environment, or two that belong together.
    Env(String),
    /// A line of the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// The profile, by name; `None` for a value that applies to every profile.
        profile: Option<String>,
        /// The line.
        line: usize,
    },
    /// The default: nothing else sets the value.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => f.write_str(name),
            Self::Env(name) => f.write_str(name),
            Self::File { path, profile, line } => {
                if let Some(profile) = profile {
                    write!(f, "profile {profile} in ")?;
                }
                write!(f, "{}, line {line}", path.display())
            }
            Self::Default => f.write_str("the built-in default"),
        }
    }
}
