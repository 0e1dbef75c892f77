//! Why a backup was not made, or not restored.

use std::{io, path::PathBuf};

/// Why a backup was not made. Nothing is left behind under a final name.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A database could not be read or copied.
    #[error("{attempted} {}; check the disk, and look at `muster doctor`", path.display())]
    Database {
        /// What was attempted.
        attempted: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: rusqlite::Error,
    },
    /// A file could not be read or written.
    #[error("{attempted} {}", path.display())]
    File {
        /// What was attempted.
        attempted: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The copies would not fit.
    #[error(
        "a backup needs {needed} bytes beside the data in {} for a moment, and {free} are free; free some space",
        path.display()
    )]
    NoSpace {
        /// Where.
        path: PathBuf,
        /// Bytes that the copies take.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// Another backup is being made of the same directory.
    #[error("another backup of {} is being made; wait for its end", path.display())]
    Busy {
        /// Of what.
        path: PathBuf,
    },
    /// Whoever reads the archive went away.
    #[error("writing the archive")]
    Write(#[source] io::Error),
}

impl BackupError {
    pub(crate) fn file(attempted: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self::File { attempted, path, cause }
    }

    pub(crate) fn database(attempted: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(rusqlite::Error) -> Self {
        let path = path.into();
        move |cause| Self::Database { attempted, path, cause }
    }
}

/// Why an archive is not restored: what is wrong with it, and with which member.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It cannot be read as an archive.
    #[error("it is no backup of Muster, or it is damaged ({0})")]
    NoArchive(String),
    /// The compressed data is damaged or breaks off.
    #[error("it is damaged in or behind `{behind}`: {why}; the file was changed or cut off after it was made")]
    Damaged {
        /// The last member that was begun.
        behind: String,
        /// What the decoder says.
        why: String,
    },
    /// The manifest makes no sense.
    #[error("its manifest is wrong: {0}")]
    Manifest(String),
    /// A newer version made it, in a format that this one does not know.
    #[error("version {version} made it in a newer format; restore it with that version or a later one")]
    NewerFormat {
        /// Who made it.
        version: String,
    },
    /// A database in it is for newer programs (D-15).
    #[error(
        "`{member}` has level {version} and needs a Muster that knows level {min_reader}, and this one knows {known}; \
         restore it with a newer version"
    )]
    NewerLevel {
        /// Which database.
        member: String,
        /// Its level.
        version: i64,
        /// The level that a program must know.
        min_reader: i64,
        /// The level that this one knows.
        known: i64,
    },
    /// The metrics history is of an early format that is not read any more.
    #[error(
        "`{member}` has level {version}, which this version does not read any more; restore it with the version that made it"
    )]
    OlderLevel {
        /// Which database.
        member: String,
        /// Its level.
        version: i64,
    },
    /// A member is not there.
    #[error("`{member}` is missing")]
    Missing {
        /// Which.
        member: String,
    },
    /// A member that the manifest does not name, or not at this place.
    #[error("`{member}` is there and the manifest names something else at this place")]
    Unexpected {
        /// Which.
        member: String,
    },
    /// A member is not as long as the manifest says.
    #[error("`{member}` has {found} bytes and should have {expected}")]
    Length {
        /// Which.
        member: String,
        /// Its length.
        found: u64,
        /// What the manifest says.
        expected: u64,
    },
    /// A member's content is not what it was.
    #[error("`{member}` does not have the content that it had when the backup was made (SHA-256 differs)")]
    Checksum {
        /// Which.
        member: String,
    },
    /// A database carries another marker: it is of another backup.
    #[error("`{member}` is of another backup: it carries the marker {found}, and this backup has {expected}")]
    Marker {
        /// Which.
        member: String,
        /// What it carries.
        found: u32,
        /// What the manifest says.
        expected: u32,
    },
}

/// Why a backup was not restored. The directory is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The archive itself.
    #[error("{} is not restored: {unfit}", archive.display())]
    Unfit {
        /// Which file.
        archive: PathBuf,
        /// What is wrong.
        unfit: Unfit,
    },
    /// There is something already.
    #[error("{} is not empty; name a directory that does not exist yet, or empty this one first", path.display())]
    NotEmpty {
        /// Where.
        path: PathBuf,
    },
    /// The directory is a mount point, which cannot be put in place in one step.
    #[error("{} is a mount point; restore into a directory below it", path.display())]
    MountPoint {
        /// Where.
        path: PathBuf,
    },
    /// It would not fit.
    #[error("the data takes {needed} bytes, and {free} are free in {}; free some space", path.display())]
    NoSpace {
        /// Where.
        path: PathBuf,
        /// Bytes that all members take.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// What stands where the draft would be may be somebody else's: a link, or a directory that others can write.
    #[error(
        "{} is in the way and is not a directory that only this user can use; see who put it there, and remove it",
        path.display()
    )]
    Foreign {
        /// Where.
        path: PathBuf,
    },
    /// Another restore goes to the same directory.
    #[error("another restore into {} is going on; wait for its end", path.display())]
    Busy {
        /// Where.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("{attempted} {}", path.display())]
    File {
        /// What was attempted.
        attempted: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
}

impl RestoreError {
    pub(crate) fn file(attempted: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self::File { attempted, path, cause }
    }
}
