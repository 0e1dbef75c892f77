//! Why a history cannot be opened or written. Each says what to do.

use std::{io, path::PathBuf};

use crate::{
    lock::LockError,
    log::{LogError, advice, replay::ReplayError},
    options::InvalidOptions,
    store::{Refused, StoreError},
};

/// Why a history could not be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The options make no sense.
    #[error("opening the metrics history: correct its options")]
    Options(#[source] InvalidOptions),
    /// A file or the directory cannot be used.
    #[error("opening the metrics history at {}: {}", path.display(), advice(cause))]
    Files {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Another process has it open.
    #[error(
        "opening the metrics history at {}: another process{} uses it; stop that one, or name another directory",
        path.display(),
        holder.map(|pid| format!(" ({pid})")).unwrap_or_default()
    )]
    Held {
        /// The directory.
        path: PathBuf,
        /// The other process, where it is known.
        holder: Option<u32>,
    },
    /// A newer version wrote a file in a way that this one cannot read.
    #[error(
        "opening the metrics history: {} has format {found}, which this version does not know; \
         start the newer version that wrote it, or move the directory away to begin anew",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
    },
    /// The database belongs to another program.
    #[error("opening the metrics history: {} is a database of something else; move it away", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The directory was made with another tick.
    #[error(
        "opening the metrics history: {} was made with a tick of {found_ms} ms, not {wanted_ms} ms; \
         set the tick back, or move the directory away to begin anew",
        path.display()
    )]
    OtherTick {
        /// The file.
        path: PathBuf,
        /// Its tick.
        found_ms: i64,
        /// The tick asked for.
        wanted_ms: i64,
    },
    /// The database cannot be used.
    #[error("opening the metrics history")]
    Store(#[source] StoreError),
    /// The keeper's thread cannot be started.
    #[error("opening the metrics history: starting its thread failed; raise the process's limit of threads")]
    Thread(#[source] io::Error),
}

impl OpenError {
    pub(crate) fn files(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Files { path: path.into(), cause }
    }

    pub(crate) fn lock(directory: PathBuf) -> impl FnOnce(LockError) -> Self {
        move |error| match error {
            LockError::Held { holder } => Self::Held { path: directory, holder },
            LockError::Io { path, cause } => Self::Files { path, cause },
        }
    }

    pub(crate) fn refused(path: PathBuf, wanted_ms: i64) -> impl FnOnce(Refused) -> Self {
        move |refused| match refused {
            Refused::Foreign => Self::Foreign { path },
            Refused::Newer(found) | Refused::Older(found) => Self::Newer { path, found },
            Refused::OtherTick(found_ms) => Self::OtherTick { path, found_ms, wanted_ms },
        }
    }
}

impl From<ReplayError> for OpenError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Io { path, cause } => Self::Files { path, cause },
            ReplayError::Newer { path, version } => Self::Newer { path, found: i64::from(version) },
        }
    }
}

/// Why memory could not be written to blocks. It is all still there, and in the sweep log where that could be written.
#[derive(Debug, thiserror::Error)]
pub enum FlushError {
    /// Sweeps that are in memory only could not be logged first.
    #[error("flushing the metrics history")]
    Log(#[source] LogError),
    /// Sweeps that memory let go of could not be read back from the log.
    #[error("flushing the metrics history")]
    ReadBack(#[source] LogError),
    /// The blocks could not be stored.
    #[error("flushing the metrics history")]
    Store(#[source] StoreError),
    /// The history was closed.
    #[error("flushing the metrics history: it is closed, because the server is stopping")]
    Closed,
    /// The thread that writes blocks is gone.
    #[error("flushing the metrics history: its thread has stopped, for a reason that the log has; restart the server")]
    Stopped,
}

/// Why no line could be drawn. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CutError {
    /// The sweep log cannot be written or read.
    #[error("holding the metrics history still")]
    Log(#[source] LogError),
    /// The database cannot be read.
    #[error("holding the metrics history still")]
    Store(#[source] StoreError),
}
