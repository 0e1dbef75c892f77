//! Damaged files of the sweep log are kept under another name: they may hold what nothing else has, and somebody may want
//! to look at them. Whoever has looked deletes them; nothing here ever does.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tracing::warn;

/// What follows the name of a file that was set aside.
const MARK: &str = ".log.damaged";

/// Gives a file another name, which no other file has.
pub(crate) fn set_aside(path: &Path) -> io::Result<()> {
    let aside = free_name(path);
    warn!(file = %path.display(), aside = %aside.display(), "a damaged sweep log is set aside");
    fs::rename(path, aside)
}

/// Whether a file of the directory is one that was set aside.
pub(crate) fn is_aside(name: &str) -> bool {
    name.starts_with("sweeps-") && name.contains(MARK)
}

fn free_name(path: &Path) -> PathBuf {
    let again = (2_u32..).map(|count| format!("log.damaged-{count}"));
    let names = std::iter::once("log.damaged".to_owned()).chain(again).map(|name| path.with_extension(name));
    let mut free =
        names.filter(|name| fs::symlink_metadata(name).is_err_and(|it| it.kind() == io::ErrorKind::NotFound));
    free.next().expect("names do not end")
}
