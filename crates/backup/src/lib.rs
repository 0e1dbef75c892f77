//! A backup as one file: a tar archive, compressed with zstd, whose first member is a manifest that describes the others.
//!
//! The caller draws a line (the *marker*) across the state database and the metrics history: [`Pinned`] holds a database
//! as it is at that moment, for as long as copying takes, while everybody goes on writing. [`Prepared::stage`] copies what
//! is behind the line, [`Staged::write`] streams it, [`check`] reads an archive to its end and says whether it is whole,
//! and [`restore`] publishes one as a data directory, in one step.
//!
//! What it leaves to others: drawing the line at a moment that makes sense, knowing what stands in the databases beyond
//! their levels, and PostgreSQL, which has tools of its own. It opens no connection and reads no clock.

mod archive;
mod error;
mod hashing;
mod manifest;
mod member;
mod pinned;
mod restore;
mod staging;

pub use archive::{Staged, check};
pub use error::{BackupError, RestoreError, Unfit};
pub use manifest::{Levels, MANIFEST, Manifest, Marker, Member, StatePart};
pub use member::MemberName;
pub use pinned::Pinned;
pub use restore::{Known, restore};
pub use staging::{LogPart, Prepared, Source, StateSource, clear_leftovers};

/// Bytes moved at a time.
const PIECE_BYTES: usize = 64 * 1024;
