//! Which mounts are storage. Decided by type and place before anything is asked of the filesystem itself, because the
//! question alone may hang.

use super::mount_table::Mount;
use crate::config::Config;

/// Types that hold no storage of their own: interfaces of the kernel, memory, images, layers over other filesystems.
const NOT_STORAGE: &[&str] = &[
    "aufs",
    "autofs",
    "binfmt_misc",
    "bpf",
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
    "fuse.gvfsd-fuse",
    "fuse.lxcfs",
    "fuse.portal",
    "fuse.snapfuse",
    "fusectl",
    "hugetlbfs",
    "iso9660",
    "linprocfs",
    "linsysfs",
    "mqueue",
    "nsfs",
    "overlay",
    "proc",
    "pstore",
    "ramfs",
    "romfs",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "squashfs",
    "sysfs",
    "tmpfs",
    "tracefs",
    "udf",
];

/// Types whose data is on another machine. Plain `fuse` is not: mergerfs and ntfs-3g are local.
const REMOTE: &[&str] = &[
    "9p",
    "ceph",
    "cifs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.sshfs",
    "glusterfs",
    "lustre",
    "nfs",
    "nfs4",
    "smb3",
    "smbfs",
];

/// Places, with everything below, that belong to the system or to containers.
const SYSTEM_PLACES: &[&str] = &[
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/snap",
    "/var/lib/docker",
    "/var/lib/containers",
    "/var/lib/kubelet/pods",
    "/boot/efi",
    "/etc/pve",
];

/// Files that container managers mount from their own disk into every container.
const CONTAINER_FILES: &[&str] = &["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];

/// The rules, as the operator has adjusted them.
pub(super) struct MountRules<'a> {
    include: &'a [String],
    exclude: &'a [String],
    remote: bool,
}

impl<'a> MountRules<'a> {
    pub(super) fn new(config: &'a Config) -> Self {
        let Config { include_mounts, exclude_mounts, network_filesystems, .. } = config;
        Self { include: include_mounts, exclude: exclude_mounts, remote: *network_filesystems }
    }

    /// Whether the mount is reported: an explicit exclude wins over an explicit include, which wins over the rest.
    pub(super) fn wants(&self, mount: &Mount) -> bool {
        let named = |patterns: &[String]| patterns.iter().any(|p| matches(p.as_bytes(), &mount.mountpoint));
        if named(self.exclude) || named(self.include) {
            return !named(self.exclude);
        }
        let fs_type = mount.fs_type.as_str();
        let storage = !NOT_STORAGE.contains(&fs_type) && (self.remote || !is_remote(fs_type));
        storage && !is_system_place(&mount.mountpoint)
    }
}

/// Whether a filesystem of this type has its data on another machine.
pub(super) fn is_remote(fs_type: &str) -> bool {
    REMOTE.contains(&fs_type)
}

fn is_system_place(mountpoint: &[u8]) -> bool {
    let below = |place: &&str| {
        let rest = mountpoint.strip_prefix(place.as_bytes());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    };
    SYSTEM_PLACES.iter().any(below)
        || CONTAINER_FILES.iter().any(|file| file.as_bytes() == mountpoint)
        || matches(b"*/overlay2/*/merged", mountpoint)
}

/// Whether a text matches a pattern in which `*` stands for any characters, none included.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let mut parts = pattern.split(|byte| *byte == b'*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts.filter(|part| !part.is_empty()) {
        let Some(at) = rest.windows(part.len()).position(|window| window == part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn types_and_places_that_are_no_storage() {
        let config = Config::default();
        let check = |mountpoint: &str, fs_type: &str, expected| {
            assert_eq!(MountRules::new(&config).wants(&mount(mountpoint, fs_type)), expected, "{mountpoint} {fs_type}");
        };
        check("/", "ext4", true);
        check("/boot", "ext4", true);
        check("/running", "xfs", true);
        check("/mnt/pool", "fuse.mergerfs", true);
        check("/mnt/windows", "fuseblk", true);
        check("/tmp", "tmpfs", false);
        check("/", "overlay", false);
        check("/run/media/disk", "ext4", false);
        check("/boot/efi", "vfat", false);
        check("/var/lib/docker/volumes", "ext4", false);
        check("/data/docker/overlay2/ab/merged", "ext4", false);
        check("/etc/hosts", "ext4", false);
        check("/mnt/share", "nfs4", false);
    }

    #[test]
    fn an_operator_overrules_and_exclude_wins() {
        let texts = |texts: &[&str]| texts.iter().map(|text| String::from(*text)).collect();
        let config = Config {
            include_mounts: texts(&["/run/media/*", "/mnt/share"]),
            exclude_mounts: texts(&["/mnt/backup*", "/run/media/guest"]),
            ..Config::default()
        };
        let wants = |mountpoint: &str, fs_type: &str| MountRules::new(&config).wants(&mount(mountpoint, fs_type));
        assert!(wants("/run/media/disk", "ext4"));
        assert!(wants("/mnt/share", "nfs4"));
        assert!(!wants("/run/media/guest", "ext4"));
        assert!(!wants("/mnt/backup2", "ext4"));
        let config = Config { network_filesystems: true, ..Config::default() };
        assert!(MountRules::new(&config).wants(&mount("/mnt/share", "nfs4")));
    }

    #[test]
    fn patterns() {
        let check = |pattern: &str, text: &str, expected| {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        };
        check("/mnt", "/mnt", true);
        check("/mnt", "/mnt/a", false);
        check("/mnt*", "/mnt", true);
        check("*/b", "/a/b", true);
        check("/a*b*c", "/axbxxc", true);
        check("/a*a", "/a", false);
        check("*", "", true);
    }

    proptest! {
        #[test]
        fn a_pattern_matches_what_was_made_from_it(parts in prop::collection::vec("[a-c]{0,3}", 1..5), filler in "[a-c]{0,3}") {
            prop_assert!(matches(parts.join("*").as_bytes(), parts.join(&filler).as_bytes()));
        }
    }

    fn mount(mountpoint: &str, fs_type: &str) -> Mount {
        Mount { fs_type: fs_type.into(), mountpoint: mountpoint.into(), ..Mount::default() }
    }
}
