//! Where measured files lie: on a real disk, whatever `/tmp` is here.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// Below the build directory, which is on a disk where anything is.
const PLACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench");

/// File systems that live in memory.
const IN_MEMORY: [&str; 2] = ["tmpfs", "ramfs"];

/// A directory of its own on a disk file system; removed with the value.
pub(crate) fn scratch() -> Result<TempDir> {
    fs::create_dir_all(PLACE).with_context(|| format!("creating {PLACE}"))?;
    let place = Path::new(PLACE).canonicalize().with_context(|| format!("resolving {PLACE}"))?;
    let mounts = fs::read_to_string("/proc/self/mountinfo").context("reading /proc/self/mountinfo")?;
    let kind = file_system(&mounts, &place).context("no mount point holds the build directory")?;
    ensure!(!IN_MEMORY.contains(&kind), "{} is a {kind}, no disk; build on a disk to measure one", place.display());
    tempfile::Builder::new().prefix("run-").tempdir_in(&place).context("making a directory to measure in")
}

/// The length of all files below a directory, in bytes. One that goes away meanwhile counts no more.
pub(crate) fn length_below(directory: &Path) -> Result<u64> {
    let Ok(entries) = fs::read_dir(directory) else { return Ok(0) };
    let mut bytes = 0;
    for entry in entries {
        let entry = entry.with_context(|| format!("listing {}", directory.display()))?;
        let Ok(metadata) = entry.metadata() else { continue };
        bytes += if metadata.is_dir() { length_below(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}

/// The type of the file system that holds a path, by `mountinfo`: the longest mount point counts, of two the last.
fn file_system<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let mount = |line: &'a str| {
        let (front, back) = line.split_once(" - ")?;
        let point = PathBuf::from(front.split(' ').nth(4)?);
        path.starts_with(&point).then(|| Some((point.components().count(), back.split(' ').next()?)))?
    };
    mounts.lines().filter_map(mount).max_by_key(|(depth, _)| *depth).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_point_decides() {
        let mounts = "\
            22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n\
            30 22 0:25 / /tmp rw,nosuid shared:5 - tmpfs tmpfs rw\n\
            31 30 0:26 / /tmp/deep rw - btrfs /dev/vdb rw\n";
        let check = |path: &str, expected| assert_eq!(file_system(mounts, Path::new(path)), Some(expected));
        check("/srv/x", "ext4");
        check("/tmp/x", "tmpfs");
        check("/tmp/deep/x", "btrfs");
        check("/tmpfiles", "ext4");
        assert_eq!(file_system("", Path::new("/")), None);
    }

    #[test]
    fn all_files_below_are_weighed() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("a")).unwrap();
        fs::write(directory.path().join("a/b"), [0; 10]).unwrap();
        fs::write(directory.path().join("c"), [0; 5]).unwrap();
        assert_eq!(length_below(directory.path()).unwrap(), 15);
        assert_eq!(length_below(&directory.path().join("absent")).unwrap(), 0);
    }
}
