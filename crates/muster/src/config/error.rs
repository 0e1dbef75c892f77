//! What can be wrong with a configuration.

use std::{fmt, io, path::PathBuf};

/// Where a value was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A line of the configuration file.
    File { path: PathBuf, line: usize },
    /// An environment variable.
    Environment { name: String },
    /// The command line.
    Flag { name: &'static str },
    /// Nobody gave one.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{} line {line}", path.display()),
            Self::Environment { name } => write!(f, "environment variable {name}"),
            Self::Flag { name } => write!(f, "option {name}"),
            Self::Default => f.write_str("built-in default"),
        }
    }
}

/// Why a configuration was refused. Each is one line: where, what, what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("reading the configuration file {}: {cause}", path.display())]
    ReadFile { path: PathBuf, cause: io::Error },
    #[error("{origin}: {problem}")]
    Malformed { origin: Origin, problem: String },
    #[error("{origin}: unknown {what} `{name}`; {advice}")]
    Unknown { origin: Origin, what: &'static str, name: String, advice: String },
    #[error("{origin}: {key}: {problem}")]
    Value { origin: Origin, key: String, problem: String },
    #[error("{origin}: reading {}: {cause}", path.display())]
    ReadSecret { origin: Origin, path: PathBuf, cause: io::Error },
}
