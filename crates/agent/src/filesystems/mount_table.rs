//! The kernel's mount table, `/proc/self/mountinfo`, and which of its mounts are one filesystem.
//!
//! Which mounts there are is what this process sees, since it asks those places how full they are. Whether one is read-only
//! is what the first process sees, where that can be read: a service under protection sees everything as read-only.

use std::collections::BTreeMap;

use super::mount_rules::MountRules;
use crate::{
    read::{Files, ReadError},
    words::{self, Table},
};

/// One mount. Places and sources are bytes: they need not be UTF-8.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mount {
    /// `major:minor` of the filesystem.
    pub(super) device_number: Vec<u8>,
    pub(super) mountpoint: Vec<u8>,
    pub(super) read_only: bool,
    pub(super) fs_type: String,
    /// Device, pool or share.
    pub(super) source: Vec<u8>,
}

/// All mounts, in the kernel's order.
pub(super) struct MountTable(Vec<Mount>);

impl MountTable {
    /// Reads the table. A line that makes no sense fails it as a whole: a mount left out would look like one removed.
    pub(super) fn read(files: &Files<'_>) -> Result<Self, ReadError> {
        let path = files.roots.proc("self/mountinfo");
        let Table { rows, malformed } = words::table(&files.bytes(&path)?, Mount::parse);
        if malformed > 0 || rows.is_empty() {
            return Err(ReadError::Malformed { path, expected: "mounts of at least 9 columns" });
        }
        let mut table = Self(rows);
        table.judge_read_only_by(Self::of_the_first_process(files));
        Ok(table)
    }

    /// The mounts that the machine's first process sees; none where they may not be read, or make no sense.
    fn of_the_first_process(files: &Files<'_>) -> Vec<Mount> {
        let content = files.bytes(&files.roots.proc("1/mountinfo")).unwrap_or_default();
        let Table { rows, malformed } = words::table(&content, Mount::parse);
        if malformed > 0 { Vec::new() } else { rows }
    }

    /// Takes over whether a mount is read-only from the same filesystem at the same place. Of those at one place, the last
    /// hides the others. In a container the first process has no such mount, or the container's own.
    fn judge_read_only_by(&mut self, first: Vec<Mount>) {
        let seen: BTreeMap<_, _> = first.into_iter().map(|mount| (mount.mountpoint.clone(), mount)).collect();
        for mount in &mut self.0 {
            let counterpart = seen.get(&mount.mountpoint).filter(|other| other.filesystem() == mount.filesystem());
            mount.read_only = counterpart.map_or(mount.read_only, |other| other.read_only);
        }
    }

    /// The wanted mounts by filesystem, in order of mount point. The first mount of each is its principal one: the one
    /// with the shortest path.
    pub(super) fn filesystems(self, rules: &MountRules<'_>) -> Vec<Vec<Mount>> {
        // What is mounted later at the same place hides what was there.
        let visible: BTreeMap<_, _> = self.0.into_iter().map(|mount| (mount.mountpoint.clone(), mount)).collect();
        let mut filesystems: BTreeMap<_, Vec<Mount>> = BTreeMap::new();
        for mount in visible.into_values().filter(|mount| rules.wants(mount)) {
            filesystems.entry(mount.filesystem()).or_default().push(mount);
        }
        let mut filesystems: Vec<_> = filesystems.into_values().collect();
        for mounts in &mut filesystems {
            mounts.sort_by_key(|mount| mount.mountpoint.len());
        }
        filesystems.sort_by(|one, two| one[0].mountpoint.cmp(&two[0].mountpoint));
        filesystems
    }
}

impl Mount {
    /// Whether it is a dataset of a ZFS pool.
    pub(super) fn is_zfs(&self) -> bool {
        self.fs_type == "zfs"
    }

    fn parse(line: &[u8]) -> Option<Self> {
        let mut words = words::words(line).skip(2);
        let (device_number, _root) = (words.next()?, words.next()?);
        let (mountpoint, options) = (words.next()?, words.next()?);
        let mut words = words.skip_while(|word| *word != b"-").skip(1);
        let (fs_type, source, super_options) = (words.next()?, words.next()?, words.next()?);
        let read_only = |options: &[u8]| options.split(|byte| *byte == b',').any(|option| option == b"ro");
        Some(Self {
            device_number: device_number.to_owned(),
            mountpoint: unescape(mountpoint),
            read_only: read_only(options) || read_only(super_options),
            fs_type: words::lossy(fs_type),
            source: unescape(source),
        })
    }

    /// What all mounts of one filesystem share: the number, even for bind mounts; the device for btrfs, whose subvolumes
    /// may have numbers of their own; the pool for ZFS, whose datasets share one space.
    fn filesystem(&self) -> (&'static str, Vec<u8>) {
        match self.fs_type.as_str() {
            "btrfs" => ("btrfs", self.source.clone()),
            "zfs" => ("zfs", self.source.split(|byte| *byte == b'/').next().unwrap_or_default().to_owned()),
            _ => ("", self.device_number.clone()),
        }
    }
}

/// The kernel writes space, tab, newline and backslash as three octal digits.
fn unescape(word: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some((first, tail)) = rest.split_first() {
        let escape = rest.strip_prefix(b"\\").and_then(|tail| tail.split_at_checked(3));
        let decoded = escape.and_then(|(digits, tail)| Some((octal(digits)?, tail)));
        let (byte, tail) = decoded.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = tail;
    }
    bytes
}

fn octal(digits: &[u8]) -> Option<u8> {
    let all_digits = digits.iter().all(u8::is_ascii_digit);
    u8::from_str_radix(str::from_utf8(digits).ok().filter(|_| all_digits)?, 8).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::Config;

    #[test]
    fn subvolumes_are_one_filesystem() {
        let recorded = include_bytes!("../../tests/fixtures/btrfs/mountinfo_btrfs.txt");
        assert_eq!(places(recorded), [vec!["/"], vec!["/mnt/bt", "/mnt/sub"]]);
    }

    #[test]
    fn subvolumes_with_numbers_of_their_own_are_one_filesystem_too() {
        let mountinfo = b"1 0 0:45 /a /mnt/a rw - btrfs /dev/sdc rw\n2 0 0:46 /b /b rw - btrfs /dev/sdc rw\n";
        assert_eq!(places(mountinfo), [["/b", "/mnt/a"]]);
    }

    #[test]
    fn datasets_of_a_pool_are_one_filesystem() {
        let recorded = include_bytes!("../../tests/fixtures/zfs/mountinfo_zfs.txt");
        let expected = [vec!["/bulk"], vec!["/tank", "/tank/data", "/tank/data/media"]];
        assert_eq!(places(recorded), expected);
    }

    #[test]
    fn bind_mounts_are_aliases_and_what_is_hidden_is_not_there() {
        let mountinfo = b"1 0 8:1 / /data rw - ext4 /dev/sda1 rw\n2 0 8:1 /x /d rw - ext4 /dev/sda1 rw\n\
            3 0 8:2 / /over rw - ext4 /dev/sda2 rw\n4 0 8:3 / /over rw - xfs /dev/sda3 rw\n";
        assert_eq!(places(mountinfo), [vec!["/d", "/data"], vec!["/over"]]);
        assert_eq!(filesystems(mountinfo)[1][0].fs_type, "xfs");
    }

    #[test]
    fn escapes_and_bytes_that_are_not_text_survive() {
        let mount = Mount::parse(b"1 0 8:1 / /mnt/a\\040b\\134\xff ro,noatime shared:1 master:2 - ext4 /dev/sda1 rw");
        let mount = mount.unwrap();
        assert_eq!(mount.mountpoint, b"/mnt/a b\\\xff");
        assert!(mount.read_only);
        assert_eq!(unescape(b"\\04\\9zz\\777"), b"\\04\\9zz\\777");
    }

    #[test]
    fn a_truncated_line_is_refused() {
        assert_eq!(Mount::parse(b"29 1 254:0 / / rw,relatime shared:1 - ext4"), None);
        assert_eq!(Mount::parse(b"29 1 254:0 / / rw,relatime"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(line in prop::collection::vec(any::<u8>(), 0..200)) {
            Mount::parse(&line);
            unescape(&line);
        }
    }

    fn filesystems(mountinfo: &[u8]) -> Vec<Vec<Mount>> {
        MountTable(words::table(mountinfo, Mount::parse).rows).filesystems(&MountRules::new(&Config::default()))
    }

    fn places(mountinfo: &[u8]) -> Vec<Vec<String>> {
        let place = |mount: Mount| String::from_utf8(mount.mountpoint).unwrap();
        filesystems(mountinfo).into_iter().map(|mounts| mounts.into_iter().map(place).collect()).collect()
    }
}
