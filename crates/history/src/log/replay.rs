//! Finds the files of the sweep log when a history is opened.
//!
//! Those whose rows are in blocks are deleted. One whose very header is damaged is set aside under another name, so that
//! it is neither in the way nor lost; so is one that was read only in part before its rows became blocks. What is in the
//! others is not looked at here.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use tracing::warn;

use crate::{
    grid::Grid,
    log::{
        self,
        aside::set_aside,
        header::Header,
        records::{Ending, Records},
    },
};

/// Why the log could not be read.
#[derive(Debug)]
pub(crate) enum ReplayError {
    /// The file system refused.
    Io { path: PathBuf, cause: io::Error },
    /// A newer version wrote it.
    Newer { path: PathBuf, version: u16 },
}

/// The files whose rows are not in blocks, oldest first, with their lengths in bytes.
pub(crate) fn find(directory: &Path, grid: Grid, flushed: u64) -> Result<BTreeMap<u64, u64>, ReplayError> {
    let mut kept = BTreeMap::new();
    for number in numbers(directory).map_err(failed(directory))? {
        let path = log::path(directory, number);
        let (header, records) = Records::open(&path, grid, number, u64::MAX).map_err(failed(&path))?;
        match header {
            Header::Newer(version) => return Err(ReplayError::Newer { path, version }),
            Header::Torn => fs::remove_file(&path).map_err(failed(&path))?,
            Header::Damaged => {
                warn!(file = %path.display(), "a sweep log has a damaged header");
                set_aside(&path).map_err(failed(&path))?;
            }
            Header::Ours if number <= flushed => let_go(&path, records).map_err(failed(&path))?,
            Header::Ours => drop(kept.insert(number, fs::metadata(&path).map_err(failed(&path))?.len())),
        }
    }
    Ok(kept)
}

/// Deletes a file whose rows are in blocks, as far as it can be read.
fn let_go(path: &Path, mut records: Records) -> io::Result<()> {
    while records.next().is_some() {}
    match records.ending() {
        Ending::Whole | Ending::Torn { .. } => fs::remove_file(path),
        Ending::Damaged { .. } => set_aside(path),
    }
}

fn numbers(directory: &Path) -> io::Result<BTreeSet<u64>> {
    let names = fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    Ok(names.iter().filter_map(|name| log::number(name.to_str()?)).collect())
}

pub(crate) fn failed(path: &Path) -> impl FnOnce(io::Error) -> ReplayError {
    move |cause| ReplayError::Io { path: path.to_owned(), cause }
}
