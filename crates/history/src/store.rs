//! `history.db`: whose metrics there are, and blocks that are written once and never changed.
//!
//! One connection writes, on the keeper's thread (D-14). Readers have connections of their own and wait for nobody: the
//! journal is a WAL. What a block looks like inside is `codec`'s business.

mod edit;
mod reader;
mod schema;
mod tracks;
mod writer;

use std::path::{Path, PathBuf};

pub(crate) use edit::{Edit, OpenBlock, pack_id};
pub(crate) use reader::{Blocks, Readers};
use rusqlite::{Error, ErrorCode};
pub(crate) use schema::{Refused, VERSION as FORMAT};
pub(crate) use tracks::StoredTrack;
pub(crate) use writer::{Stored, Writer};

/// An operation on `history.db` that failed. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
#[error("{attempted} {}: {}", path.display(), advice(cause))]
pub struct StoreError {
    attempted: &'static str,
    path: PathBuf,
    #[source]
    cause: Error,
}

impl StoreError {
    pub(crate) fn while_(attempted: &'static str, path: &Path) -> impl FnOnce(Error) -> Self {
        move |cause| Self { attempted, path: path.to_owned(), cause }
    }
}

impl StoreError {
    /// Whether the file is damaged, rather than out of reach.
    pub(crate) fn is_damage(&self) -> bool {
        is_damage(&self.cause)
    }
}

/// Whether an error says that the file is damaged.
pub(crate) fn is_damage(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt)
}

/// What to do about a database error.
fn advice(error: &Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full; free some space",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "it cannot be opened or written; make directory and files writable for the user that runs Muster"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another process holds it locked; stop that process"
        }
        Some(ErrorCode::NotADatabase) => "this is no SQLite database; move it away",
        Some(ErrorCode::DatabaseCorrupt) => "the database is damaged; restore a backup, or move it away to begin anew",
        Some(ErrorCode::SystemIoFailure) => "the disk refuses; check its health and its free space",
        // The driver's code list is long, and grows; each other code would be a mistake of ours.
        _ => "unexpected failure; please report it with the log",
    }
}
