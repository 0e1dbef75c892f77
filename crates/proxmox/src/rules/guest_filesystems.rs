//! How full the disks of a guest are, by the filesystems that the agent inside lists.

use std::collections::BTreeMap;

use muster_model::DiskStatus;

use super::disk_carry::{DiskUse, GuestDisks};

/// Types that hold no data of their own, or can only be read.
const SPECIAL: &[&str] = &[
    "aufs",
    "autofs",
    "binfmt_misc",
    "bpf",
    "cdfs",
    "cgroup",
    "cgroup2",
    "configfs",
    "cramfs",
    "debugfs",
    "devfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "erofs",
    "fdescfs",
    "fuse.lxcfs",
    "fusectl",
    "hugetlbfs",
    "iso9660",
    "linprocfs",
    "linsysfs",
    "mqueue",
    "nsfs",
    "nullfs",
    "overlay",
    "overlayfs",
    "proc",
    "procfs",
    "pstore",
    "ramfs",
    "romfs",
    "rpc_pipefs",
    "securityfs",
    "squashfs",
    "sysfs",
    "tmpfs",
    "tracefs",
    "udf",
];
/// Types that live on other machines.
const REMOTE: &[&str] = &["9p", "ceph", "cifs", "fuse.sshfs", "glusterfs", "nfs", "nfs4", "smb3", "smbfs", "virtiofs"];
/// Places that the system itself mounts.
const SPECIAL_PLACES: &[&str] = &["/dev", "/proc", "/run", "/sys", "/snap", "/var/lib/docker", "/var/snap"];

/// A filesystem as the agent lists it. Sizes in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GuestFilesystem {
    pub(crate) name: String,
    pub(crate) mountpoint: String,
    pub(crate) fs_type: String,
    pub(crate) used: Option<u64>,
    pub(crate) total: Option<u64>,
    /// The first device below it.
    pub(crate) device: Option<String>,
}

impl GuestFilesystem {
    /// As it is told of; how full it is changes all the time and is no fact.
    pub(crate) fn into_facts(self) -> muster_model::GuestFilesystem {
        let text = |text: String| Some(text).filter(|text| !text.is_empty());
        muster_model::GuestFilesystem {
            mountpoint: self.mountpoint,
            fs_type: text(self.fs_type),
            device: self.device.or_else(|| text(self.name)),
            total_bytes: self.total,
        }
    }
}

/// How full the disks are together; each device counts once, however often it is mounted.
pub(crate) fn sum(filesystems: &[GuestFilesystem]) -> GuestDisks {
    if filesystems.is_empty() {
        return GuestDisks { usage: None, status: Some(DiskStatus::NoFilesystems) };
    }
    let mut devices: BTreeMap<(String, u64), u64> = BTreeMap::new();
    for filesystem in filesystems.iter().filter(|filesystem| holds_data(filesystem)) {
        let (Some(total), Some(used)) = (filesystem.total, filesystem.used) else { continue };
        let most = devices.entry((device(filesystem), total)).or_default();
        *most = used.min(total).max(*most);
    }
    if devices.is_empty() {
        return GuestDisks { usage: None, status: Some(DiskStatus::SpecialFilesystemsOnly) };
    }
    let total = devices.keys().map(|(_, total)| *total).fold(0, u64::saturating_add);
    let used = devices.values().copied().fold(0, u64::saturating_add);
    GuestDisks { usage: Some(DiskUse { total, used }), status: None }
}

/// Whether it holds data of the guest.
pub(crate) fn holds_data(filesystem: &GuestFilesystem) -> bool {
    let fs_type = filesystem.fs_type.trim().to_ascii_lowercase();
    let place = filesystem.mountpoint.trim();
    let below = |root: &&str| place.strip_prefix(*root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let special = SPECIAL.contains(&fs_type.as_str())
        || REMOTE.contains(&fs_type.as_str())
        || place == "System Reserved"
        || SPECIAL_PLACES.iter().any(below);
    !special && filesystem.total.is_some_and(|total| total > 0)
}

/// What tells one device from another. Subvolumes of btrfs and datasets of ZFS share the space of their pool, which the
/// agent does not name: there the type and size have to do.
fn device(filesystem: &GuestFilesystem) -> String {
    let fs_type = filesystem.fs_type.trim().to_ascii_lowercase();
    let pooled = matches!(fs_type.as_str(), "btrfs" | "zfs");
    match (&filesystem.device, pooled) {
        (Some(device), _) => device.clone(),
        (None, true) => format!("{fs_type}:"),
        (None, false) => filesystem.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn subvolumes_of_one_pool_count_once() {
        //
        let subvolume = |n: u32| filesystem(&format!("rpool/{n}"), &format!("/data/{n}"), "zfs", (40, 100));
        let list: Vec<_> = (0..5).map(subvolume).collect();
        assert_eq!(sum(&list).usage, Some(DiskUse { total: 100, used: 40 }));
    }

    #[test]
    fn a_device_counts_once_and_two_devices_twice() {
        //
        let list = [
            filesystem("sda1", "/", "ext4", (10, 100)),
            filesystem("sda1", "/mnt", "ext4", (10, 100)),
            filesystem("sdb1", "/srv", "ext4", (20, 100)),
        ];
        assert_eq!(sum(&list).usage, Some(DiskUse { total: 200, used: 30 }));
    }

    #[test]
    fn special_virtual_and_read_only_ones_are_left_out() {
        //
        let special = [
            filesystem("tmpfs", "/tmp", "tmpfs", (1, 10)),
            filesystem("loop3", "/snap/core/1", "squashfs", (10, 10)),
            filesystem("sr0", "/media/cd", "iso9660", (10, 10)),
            filesystem("loop4", "/snap", "ext4", (10, 10)),
            filesystem("sdc1", "System Reserved", "NTFS", (1, 10)),
            filesystem("sdd1", "/empty", "ext4", (0, 0)),
        ];
        assert_eq!(sum(&special), GuestDisks { usage: None, status: Some(DiskStatus::SpecialFilesystemsOnly) });
        assert_eq!(sum(&[]).status, Some(DiskStatus::NoFilesystems));
        let kept = filesystem("sde1", "/snapshots", "ext4", (5, 10));
        assert_eq!(sum(&[kept]).usage, Some(DiskUse { total: 10, used: 5 }));
    }

    proptest! {
        #[test]
        fn use_never_exceeds_size(sizes in prop::collection::vec((any::<u64>(), any::<u64>()), 0..8), name in ".*") {
            let list: Vec<_> =
                sizes.iter().enumerate().map(|(n, size)| filesystem(&format!("{name}{n}"), "/", "ext4", *size)).collect();
            if let Some(usage) = sum(&list).usage {
                prop_assert!(usage.used <= usage.total);
            }
        }
    }

    fn filesystem(name: &str, mountpoint: &str, fs_type: &str, (used, total): (u64, u64)) -> GuestFilesystem {
        GuestFilesystem {
            name: name.into(),
            mountpoint: mountpoint.into(),
            fs_type: fs_type.into(),
            used: Some(used),
            total: Some(total),
            device: None,
        }
    }
}
