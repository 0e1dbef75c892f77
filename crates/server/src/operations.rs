//! What only the composition root can do, asked for over HTTP: backups, self-examination, reloading the configuration.

use std::io::{self, Write};

use futures::future::BoxFuture;
use muster_api::{
    ProblemCode,
    doctor::{DoctorReport, Reloaded},
};

use crate::problem::ApiError;

/// What the composition root does for the API.
pub trait Operations: Send + Sync {
    /// Draws the line for a backup and makes sure that it can be made. Nothing is copied before the archive is written.
    fn backup(&self, with_key: bool) -> BoxFuture<'_, Result<BackupArchive, OperationError>>;

    /// Examines the server and its surroundings.
    fn doctor(&self) -> BoxFuture<'_, DoctorReport>;

    /// Reads the configuration again and brings into force what can be.
    fn reload(&self) -> BoxFuture<'_, Result<Reloaded, OperationError>>;
}

/// A backup that waits to be written.
pub struct BackupArchive {
    /// What to call the file.
    pub file_name: String,
    /// Writes it. Blocks, and ends early when the writer refuses or the callback says that nobody waits any more.
    pub write: WriteArchive,
}

/// Writes an archive; the second argument says whether anybody still waits for it.
pub type WriteArchive = Box<dyn FnOnce(&mut dyn Write, &dyn Fn() -> bool) -> io::Result<()> + Send>;

/// Why an operation was not done. Each text says what to do, and holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// The same is being done already.
    #[error("{0}")]
    Busy(String),
    /// The disk has too little room.
    #[error("{0}")]
    NoSpace(String),
    /// The configuration is wrong; what was in force stays so.
    #[error("{0}")]
    Configuration(String),
    /// What was asked for cannot be.
    #[error("{0}")]
    Refused(String),
    /// It failed.
    #[error("{0}")]
    Failed(String),
}

impl From<OperationError> for ApiError {
    fn from(error: OperationError) -> Self {
        let code = match &error {
            OperationError::Busy(_) => ProblemCode::Unavailable,
            OperationError::NoSpace(_) => ProblemCode::InsufficientStorage,
            OperationError::Configuration(_) => ProblemCode::ConfigurationRefused,
            OperationError::Refused(_) => ProblemCode::InvalidValue,
            OperationError::Failed(_) => {
                return Self::caused(
                    ProblemCode::Internal,
                    "The server's log has the details under this request id.",
                    error,
                );
            }
        };
        Self::new(code, error.to_string())
    }
}
