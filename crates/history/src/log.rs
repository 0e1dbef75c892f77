//! The sweep log: every sweep is one append to a file of its own, and on disk before it is acknowledged (D-12).
//!
//! Files are numbered and self-contained. Once the rows of a file are in blocks, the file is deleted; `history.db`
//! says up to which number that is so, in the same transaction as the blocks, so that a crash in between repeats
//! nothing. A file that a write failed on is never written again: what the disk has of it is anybody's guess. The next
//! append begins another file, with everything that is not safe yet. A file that has grown long is followed by another one,
//! so that they can be read back one by one.

pub(crate) mod aside;
pub(crate) mod files;
pub(crate) mod header;
pub(crate) mod records;
pub(crate) mod replay;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tracing::warn;

use crate::{
    codec::record::Encoder,
    grid::Grid,
    log::files::{Appendable, Files},
    options::{Settings, Sync},
    plan::{Plan, PlanId},
    sweep::Row,
};

/// The longest that a file may grow before the next one is begun, in bytes.
const MOST_FILE_BYTES: u64 = 16 << 20;

/// An operation on the sweep log that failed. Earlier records are as they were.
#[derive(Debug, thiserror::Error)]
#[error("{attempted} the sweep log {}: {}", path.display(), advice(cause))]
pub struct LogError {
    attempted: &'static str,
    path: PathBuf,
    #[source]
    cause: io::Error,
}

impl LogError {
    pub(crate) fn while_(attempted: &'static str, path: PathBuf) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self { attempted, path, cause }
    }
}

/// The writing side of the sweep log.
#[derive(Debug)]
pub(crate) struct SweepLog {
    directory: PathBuf,
    files: Arc<dyn Files>,
    grid: Grid,
    sync: Sync,
    most_file_bytes: u64,
    next: u64,
    current: Option<Current>,
    /// Files whose rows are not in blocks yet, with their lengths in bytes.
    kept: BTreeMap<u64, u64>,
    /// Those of them that cannot be read to the end.
    damaged: BTreeSet<u64>,
}

#[derive(Debug)]
struct Current {
    number: u64,
    file: Box<dyn Appendable>,
    length: u64,
    encoder: Encoder,
    defined: BTreeSet<PlanId>,
}

impl SweepLog {
    /// A log that continues after the given files. Nothing is written until the first append.
    pub(crate) fn new(
        directory: &Path,
        files: Arc<dyn Files>,
        settings: Settings,
        kept: BTreeMap<u64, u64>,
        next: u64,
    ) -> Self {
        let Settings { grid, sync, memory_bytes, .. } = settings;
        // Rows take several times the memory that they take in a file.
        let most_file_bytes = MOST_FILE_BYTES.min(memory_bytes as u64 / 4);
        let (directory, damaged) = (directory.to_owned(), BTreeSet::new());
        Self { directory, files, grid, sync, most_file_bytes, next, current: None, kept, damaged }
    }

    /// Appends sweeps, all or none.
    pub(crate) fn append<'a>(&mut self, sweeps: impl Iterator<Item = &'a Vec<Row>>) -> Result<(), LogError> {
        if self.current.as_ref().is_some_and(|current| current.length >= self.most_file_bytes) {
            self.rotate();
        }
        let number = self.current.as_ref().map_or(self.next, |current| current.number);
        self.try_append(sweeps).map_err(|cause| {
            self.abandon();
            LogError::while_("appending to", path(&self.directory, number))(cause)
        })
    }

    fn try_append<'a>(&mut self, sweeps: impl Iterator<Item = &'a Vec<Row>>) -> io::Result<()> {
        let current = match &mut self.current {
            Some(current) => current,
            empty => empty.insert(begin(&self.directory, &*self.files, self.grid, self.next)?),
        };
        let frames = current.pack(sweeps);
        current.file.append(&frames)?;
        match self.sync {
            Sync::Full => current.file.sync()?,
            Sync::None => {}
        }
        current.length += frames.len() as u64;
        self.kept.insert(current.number, current.length);
        Ok(())
    }

    /// Gives a file up after a failed write. What was acknowledged from it stays; a file with nothing of the kind goes.
    fn abandon(&mut self) {
        let number = match self.current.take() {
            Some(Current { number, mut file, length, .. }) if self.kept.contains_key(&number) => {
                self.next = number + 1;
                if let Err(error) = file.cut(length) {
                    warn!(file = number, %error, "the tail of a sweep log could not be cut off; it is skipped when read");
                }
                return;
            }
            Some(current) => current.number,
            None => self.next,
        };
        // It may never have come to exist; the next attempt overwrites it in any case.
        let _ = self.files.remove(&path(&self.directory, number));
    }

    /// Ends the current file and names the last file that is complete.
    pub(crate) fn rotate(&mut self) -> u64 {
        if let Some(current) = self.current.take() {
            self.next = current.number + 1;
        }
        self.next - 1
    }

    /// Lets go of files up to the given one: their rows are in blocks. Those that are damaged are set aside, the others
    /// deleted. A file that resists goes at the next start.
    pub(crate) fn remove_through(&mut self, number: u64) {
        let kept = self.kept.split_off(&(number + 1));
        for file in std::mem::replace(&mut self.kept, kept).into_keys() {
            let path = path(&self.directory, file);
            let gone = if self.damaged.remove(&file) { aside::set_aside(&path) } else { self.files.remove(&path) };
            if let Err(error) = gone.or_else(it_is_gone) {
                warn!(file, %error, "a sweep log that is no longer needed could not be deleted");
            }
        }
    }

    /// Notes that a file cannot be read to the end.
    pub(crate) fn note_damaged(&mut self, number: u64) {
        self.damaged.insert(number);
    }

    /// How many of the files that are kept cannot be read to the end.
    pub(crate) fn damaged(&self) -> u64 {
        self.damaged.len() as u64
    }

    /// Files whose rows are not in blocks, oldest first, with the length of what is safely in them.
    pub(crate) fn kept(&self) -> &BTreeMap<u64, u64> {
        &self.kept
    }

    /// Length of all files whose rows are not in blocks, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.kept.values().sum()
    }

    /// Whether there is anything that is not in blocks.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

impl Current {
    fn pack<'a>(&mut self, sweeps: impl Iterator<Item = &'a Vec<Row>>) -> Vec<u8> {
        let mut frames = Vec::new();
        for rows in sweeps {
            let undefined: Vec<&Plan> =
                rows.iter().filter(|row| self.defined.insert(row.plan.id)).map(|row| &*row.plan).collect();
            frames.extend(self.encoder.frame(&undefined, rows));
        }
        frames
    }
}

fn begin(directory: &Path, files: &dyn Files, grid: Grid, number: u64) -> io::Result<Current> {
    let mut file = files.create(&path(directory, number))?;
    let header = header::encode(grid, number);
    file.append(&header)?;
    Ok(Current { number, file, length: header.len() as u64, encoder: Encoder::default(), defined: BTreeSet::new() })
}

/// A file that somebody deleted needs no deleting.
fn it_is_gone(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// Where the file of a number is.
pub(crate) fn path(directory: &Path, number: u64) -> PathBuf {
    directory.join(file_name(number))
}

/// The name of the file of a number.
pub(crate) fn file_name(number: u64) -> String {
    format!("sweeps-{number:08}.log")
}

/// The number of a file, if it is a sweep log: one that has the very name that [`file_name`] gives.
fn number(name: &str) -> Option<u64> {
    let number = name.strip_prefix("sweeps-")?.strip_suffix(".log")?.parse().ok();
    number.filter(|number| file_name(*number) == name)
}

/// What to do about a file error.
pub(crate) fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full; free some space",
        io::ErrorKind::FileTooLarge => "the file may not grow further; raise the process's file size limit",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "it cannot be written; make the directory writable for the user that runs Muster"
        }
        _ => "the disk refuses; check its health and its free space",
    }
}
