//! Mounted filesystems: which there are, which of them are the same, and how full they are.

mod mount_rules;
mod mount_table;
mod prober;

use std::{collections::BTreeMap, ffi::OsString, os::unix::ffi::OsStringExt, path::PathBuf, sync::Arc, time::Duration};

use muster_model::{FilesystemFacet, UnknownReason};

use self::{
    mount_rules::MountRules,
    mount_table::{Mount, MountTable},
    prober::Prober,
};
use crate::{
    config::Config,
    kernel::{FilesystemUse, Kernel},
    read::{Files, ReadError},
    words,
};

/// One filesystem, however often it is mounted.
pub(crate) struct Filesystem {
    /// Names it among the machine's filesystems, the same after a restart.
    pub(crate) key: String,
    pub(crate) facet: FilesystemFacet,
    pub(crate) usage: Result<FilesystemUse, UnknownReason>,
}

/// What is remembered between observations.
pub(crate) struct Filesystems {
    prober: Prober,
    /// Facts of filesystems by mount point, for when they do not answer.
    sizes: BTreeMap<PathBuf, Size>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    total_bytes: Option<u64>,
    inodes_total: Option<u64>,
}

/// Filesystems whose number of inodes was decided when they were made; elsewhere it follows the free space.
const FIXED_INODES: &[&str] = &["ext2", "ext3", "ext4", "ufs"];

impl Filesystems {
    /// Remembers nothing yet.
    pub(crate) fn new(kernel: Arc<dyn Kernel>, deadline: Duration) -> Self {
        Self { prober: Prober::new(kernel, deadline), sizes: BTreeMap::new() }
    }

    /// Every filesystem worth a record, local ones first, so that a dead server delays only its own.
    pub(crate) fn observe(
        &mut self,
        files: &Files<'_>,
        config: &Config,
        elapsed: &dyn Fn() -> Duration,
    ) -> Result<Vec<Filesystem>, ReadError> {
        let mut groups = MountTable::read(files)?.filesystems(&MountRules::new(config));
        groups.sort_by_key(|mounts| mount_rules::is_remote(&mounts[0].fs_type));
        let places: Vec<PathBuf> = groups.iter().map(|mounts| mounts[0].path()).collect();
        let answers = self.prober.probe(&places, elapsed);
        self.sizes.retain(|place, _| places.contains(place));
        let filesystems = groups.iter().zip(answers).filter_map(|(mounts, usage)| self.filesystem(mounts, usage));
        Ok(filesystems.collect())
    }

    /// A filesystem without any blocks is an interface of the kernel, not storage.
    fn filesystem(&mut self, mounts: &[Mount], usage: Result<FilesystemUse, UnknownReason>) -> Option<Filesystem> {
        if usage.is_ok_and(|usage| usage.total_bytes == 0) {
            return None;
        }
        let mount = &mounts[0];
        let size = self.size(mount, usage);
        let facet = FilesystemFacet {
            mountpoint: words::lossy(&mount.mountpoint),
            aliases: mounts[1..].iter().map(|alias| words::lossy(&alias.mountpoint)).collect(),
            device: words::lossy(&mount.source),
            fs_type: mount.fs_type.clone(),
            total_bytes: size.total_bytes,
            inodes_total: size.inodes_total,
            read_only: mount.read_only,
            remote: mount_rules::is_remote(&mount.fs_type),
        };
        Some(Filesystem { key: format!("fs:{}", words::distinct(&mount.mountpoint)), facet, usage })
    }

    /// The size as a fact: the last one seen while the filesystem does not answer, and none where it moves with the free
    /// space (ZFS, and any server that may run it).
    fn size(&mut self, mount: &Mount, usage: Result<FilesystemUse, UnknownReason>) -> Size {
        let remembered = self.sizes.entry(mount.path()).or_default();
        if let Ok(usage) = usage {
            let fixed_size = !mount_rules::is_remote(&mount.fs_type) && !mount.is_zfs();
            let fixed_inodes = FIXED_INODES.contains(&mount.fs_type.as_str());
            *remembered = Size {
                total_bytes: fixed_size.then_some(usage.total_bytes),
                inodes_total: fixed_inodes.then_some(usage.inodes_total),
            };
        }
        *remembered
    }
}

impl FilesystemUse {
    /// Bytes in use.
    pub(crate) fn used_bytes(&self) -> u64 {
        self.total_bytes.saturating_sub(self.free_bytes)
    }

    /// Percent in use, as `df` counts it: of what users can have, leaving out what is reserved for root.
    pub(crate) fn used_percent(&self) -> Result<f64, UnknownReason> {
        let used = self.used_bytes() as f64;
        match used + self.available_bytes as f64 {
            0.0 => Err(UnknownReason::NotSupported),
            usable => Ok(100.0 * used / usable),
        }
    }
}

impl Mount {
    fn path(&self) -> PathBuf {
        PathBuf::from(OsString::from_vec(self.mountpoint.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_that_of_df() {
        // The recorded `df` of the same machine says 28 % and 21 %.
        let check = |total_bytes, used, available_bytes, expected| {
            let usage = FilesystemUse { total_bytes, free_bytes: total_bytes - used, available_bytes, inodes_total: 0 };
            assert_eq!(usage.used_percent().map(f64::ceil), expected);
        };
        check(5_196_382_208, 1_359_912_960, 3_551_256_576, Ok(28.0));
        check(201_326_592, 26_935_296, 103_809_024, Ok(21.0));
        check(0, 0, 0, Err(UnknownReason::NotSupported));
    }
}
