//! The commands besides `serve`, and how they reach what they work on.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod completions;
pub(crate) mod connections;
pub(crate) mod doctor;
mod download;
pub(crate) mod history;
pub(crate) mod identity;
pub(crate) mod infrastructure;
pub(crate) mod reach;
pub(crate) mod reload;
pub(crate) mod resources;
pub(crate) mod restore;
pub(crate) mod status;
pub(crate) mod token;
pub(crate) mod user;

/// Why a command failed, and with which exit code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// Wrong options or configuration.
    #[error("{0}")]
    Usage(String),
    /// The server did not answer.
    #[error("{0}")]
    Unreachable(String),
    /// Anything else that went wrong.
    #[error("{0}")]
    Failed(String),
}

impl CommandError {
    /// The exit code: documented in `docs/operating/cli.md`.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreachable(_) => 3,
        }
    }

    /// A failure whose causes are joined into one line.
    pub(crate) fn failed(error: &dyn std::error::Error) -> Self {
        Self::Failed(muster_runtime::chain(error))
    }
}

impl From<muster_client::ClientError> for CommandError {
    fn from(error: muster_client::ClientError) -> Self {
        let text = muster_runtime::chain(&error);
        if error.is_unreachable() { Self::Unreachable(text) } else { Self::Failed(text) }
    }
}

impl From<muster_client::InvalidAddress> for CommandError {
    fn from(error: muster_client::InvalidAddress) -> Self {
        Self::Usage(muster_runtime::chain(&error))
    }
}

impl From<crate::data_dir::DataDirError> for CommandError {
    fn from(error: crate::data_dir::DataDirError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<std::io::Error> for CommandError {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(format!("printing the result: {error}"))
    }
}
