//! Which disk stands for a node: its root filesystem by its status, else by the list of nodes, else the
//! storage that its guests live on.
//!
//! A host agent on the node comes before all of these; that is the estate's to say, by the precedence of sources.

/// Room on a disk, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Space {
    pub(crate) used: Option<u64>,
    pub(crate) total: Option<u64>,
}

/// A storage as a node sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) name: &'a str,
    pub(crate) storage_type: &'a str,
    pub(crate) content: &'a [String],
    pub(crate) path: Option<&'a str>,
    pub(crate) shared: bool,
    pub(crate) space: Space,
}

/// A node's disk and what it was taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NodeDisk {
    pub(crate) used: u64,
    pub(crate) total: u64,
    pub(crate) source: String,
}

/// Chooses the disk.
pub(crate) fn resolve(rootfs: Space, listed: Space, storages: &[Candidate<'_>]) -> Option<NodeDisk> {
    let sized = |space: Space, source: &str| {
        let total = space.total.filter(|total| *total > 0)?;
        Some(NodeDisk { used: space.used?.min(total), total, source: source.to_owned() })
    };
    sized(rootfs, "node-status-rootfs")
        .or_else(|| sized(listed, "nodes-endpoint"))
        .or_else(|| best(storages).and_then(|storage| sized(storage.space, storage.name)))
}

/// The storage of the best rank, of two equals the larger.
fn best<'a, 'b>(storages: &'b [Candidate<'a>]) -> Option<&'b Candidate<'a>> {
    let ranked = storages.iter().filter_map(|storage| Some((rank(storage)?, storage)));
    ranked.min_by_key(|(rank, storage)| (*rank, std::cmp::Reverse(storage.space.total))).map(|(_, storage)| storage)
}

/// How likely a storage is the node's own disk; absent where it cannot be.
fn rank(storage: &Candidate<'_>) -> Option<u8> {
    if storage.shared || storage.space.total.unwrap_or(0) == 0 {
        return None;
    }
    match storage.name {
        "local-zfs" => return Some(0),
        "local-lvm" => return Some(1),
        "local" => return Some(2),
        _ => {}
    }
    if !storage.content.iter().any(|content| content == "images" || content == "rootdir") {
        return None;
    }
    Some(match storage.storage_type {
        "zfspool" | "zfs" => 3,
        "lvm" | "lvmthin" => 4,
        "dir" if storage.path.is_some_and(|path| path.trim_end_matches('/') == "/var/lib/vz") => 5,
        _ if storage.name.starts_with("local") => 6,
        _ => 7,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn each_source_in_turn() {
        //
        let space = |gib| Space { used: Some(GIB), total: Some(gib * GIB) };
        let storages = [storage("local-zfs", "zfspool", 40)];
        let source = |rootfs, listed, storages: &[Candidate<'_>]| {
            resolve(rootfs, listed, storages).map(|disk| (disk.source, disk.total / GIB))
        };
        let none = Space::default();
        assert_eq!(source(space(10), space(20), &storages), Some(("node-status-rootfs".into(), 10)));
        assert_eq!(source(none, space(20), &storages), Some(("nodes-endpoint".into(), 20)));
        assert_eq!(source(none, none, &storages), Some(("local-zfs".into(), 40)));
        assert_eq!(source(none, none, &[]), None);
    }

    #[test]
    fn a_huge_share_is_never_the_nodes_disk() {
        //
        let share = Candidate { shared: true, ..storage("nas", "nfs", 100_000) };
        let backups = Candidate { content: &[], ..storage("backups", "dir", 50_000) };
        assert_eq!(best(&[share, backups, storage("local-zfs", "zfspool", 100)]).unwrap().name, "local-zfs");
        assert!(best(&[share, backups]).is_none());
    }

    #[test]
    fn ranks_are_those_of_the_rule() {
        //
        let order = [
            storage("local-zfs", "zfspool", 1),
            storage("local-lvm", "lvmthin", 1),
            Candidate { content: &[], ..storage("local", "dir", 1) },
            storage("tank", "zfspool", 1),
            storage("vg", "lvmthin", 1),
            Candidate { path: Some("/var/lib/vz/"), ..storage("vz", "dir", 1) },
            storage("local2", "btrfs", 1),
            storage("other", "dir", 1),
        ];
        let ranks: Vec<_> = order.iter().map(rank).collect();
        assert_eq!(ranks, (0..8).map(Some).collect::<Vec<_>>());
        assert_eq!(best(&[storage("a", "lvm", 1), storage("b", "lvm", 2)]).unwrap().name, "b");
    }

    fn storage(name: &'static str, storage_type: &'static str, gib: u64) -> Candidate<'static> {
        static GUESTS: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| vec!["images".into()]);
        let space = Space { used: Some(GIB), total: Some(gib * GIB) };
        Candidate { name, storage_type, content: &GUESTS, path: None, shared: false, space }
    }
}
