//! Reads the sweep log when a history is opened.
//!
//! The readable beginning of each file counts; what follows it is the torn tail of a crash, which nobody was told was
//! safe. Files are never changed here. One whose very header is damaged is set aside under another name, so that it is
//! neither in the way nor lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use tracing::{info, warn};

use crate::{
    codec::{bytes::Reader, record::Decoder},
    grid::Grid,
    log::{
        self,
        header::{self, Header},
    },
    sweep::LoggedRow,
};

/// Why the log could not be read.
#[derive(Debug)]
pub(crate) enum ReplayError {
    /// The file system refused.
    Io { path: PathBuf, cause: io::Error },
    /// A newer version wrote it.
    Newer { path: PathBuf, version: u16 },
}

/// What the log had.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Replayed {
    /// Files that are kept until their rows are in blocks, with their lengths in bytes.
    pub(crate) kept: BTreeMap<u64, u64>,
    /// Sweeps read.
    pub(crate) sweeps: u64,
    /// Bytes behind the last readable record, in all files.
    pub(crate) torn_bytes: u64,
}

/// Reads all files after the given number, oldest first, and deletes those up to it: their rows are in blocks.
pub(crate) fn replay(
    directory: &Path,
    grid: Grid,
    flushed: u64,
    mut sink: impl FnMut(Vec<LoggedRow>),
) -> Result<Replayed, ReplayError> {
    let mut replayed = Replayed::default();
    for number in numbers(directory).map_err(failed(directory))? {
        let path = log::path(directory, number);
        if number <= flushed {
            fs::remove_file(&path).map_err(failed(&path))?;
            continue;
        }
        let bytes = fs::read(&path).map_err(failed(&path))?;
        let mut reader = Reader::new(&bytes);
        match header::read(&mut reader, grid, number) {
            Header::Ours => {
                replayed.read(&path, reader, &mut sink);
                replayed.kept.insert(number, bytes.len() as u64);
            }
            Header::Torn => fs::remove_file(&path).map_err(failed(&path))?,
            Header::Damaged => set_aside(&path).map_err(failed(&path))?,
            Header::Newer(version) => return Err(ReplayError::Newer { path, version }),
        }
    }
    Ok(replayed)
}

impl Replayed {
    fn read(&mut self, path: &Path, mut reader: Reader<'_>, sink: &mut impl FnMut(Vec<LoggedRow>)) {
        let mut decoder = Decoder::default();
        while !reader.is_empty() {
            let left = reader.left();
            match decoder.next(&mut reader) {
                Ok(rows) => {
                    self.sweeps += 1;
                    sink(rows);
                }
                Err(why) => {
                    info!(file = %path.display(), bytes = left, %why, "skipping the torn tail of a sweep log");
                    self.torn_bytes += left as u64;
                    return;
                }
            }
        }
    }
}

fn numbers(directory: &Path) -> io::Result<BTreeSet<u64>> {
    let names = fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    Ok(names.iter().filter_map(|name| log::number(name.to_str()?)).collect())
}

fn set_aside(path: &Path) -> io::Result<()> {
    let aside = path.with_extension("log.damaged");
    warn!(file = %path.display(), aside = %aside.display(), "a sweep log has a damaged header and is set aside");
    fs::rename(path, aside)
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> ReplayError {
    move |cause| ReplayError::Io { path: path.to_owned(), cause }
}
