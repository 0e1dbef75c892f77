//! Which API call a path is.

/// The calls that are answered. Everything else is answered as what a release does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Call {
    /// The path with its variables named, such as `/nodes/{node}/status`.
    pub(super) name: &'static str,
    /// What the call is.
    pub(super) kind: Kind,
}

/// What a call is about: each has one function that answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Version,
    NodeVersion,
    Permissions,
    Users,
    Domains,
    ClusterStatus,
    Resources,
    Export,
    ClusterTasks,
    ClusterReplication,
    BackupJobs,
    NotBackedUp,
    CephStatus,
    HaStatus,
    HaManager,
    HaResources,
    HaGroups,
    HaRules,
    Pools,
    StorageConfig,
    Nodes,
    NodeStatus,
    NodeTime,
    NodeRrd,
    NodeNetwork,
    NodeServices,
    NodeTasks,
    NodeReplication,
    NodeCephStatus,
    NodeStorage,
    StorageContent,
    StorageRrd,
    Certificates,
    Subscription,
    Updates,
    Packages,
    Disks,
    Smart,
    ZfsList,
    ZfsDetail,
    GuestList,
    GuestStatus,
    GuestConfig,
    GuestSnapshots,
    GuestRrd,
    Agent,
    Interfaces,
}

/// What stands in a path where the call's name has a variable.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'p> {
    pub(super) node: Option<&'p str>,
    /// `qemu` or `lxc`, where the path has it.
    pub(super) guest_kind: Option<&'p str>,
    pub(super) guest: Option<&'p str>,
    /// A storage, a pool of ZFS, or a command of the agent.
    pub(super) name: Option<&'p str>,
}

const CALLS: &[Call] = &[
    call("/version", Kind::Version),
    call("/access/permissions", Kind::Permissions),
    call("/access/users", Kind::Users),
    call("/access/domains", Kind::Domains),
    call("/cluster/status", Kind::ClusterStatus),
    call("/cluster/resources", Kind::Resources),
    call("/cluster/metrics/export", Kind::Export),
    call("/cluster/tasks", Kind::ClusterTasks),
    call("/cluster/replication", Kind::ClusterReplication),
    call("/cluster/backup", Kind::BackupJobs),
    call("/cluster/backup-info/not-backed-up", Kind::NotBackedUp),
    call("/cluster/ceph/status", Kind::CephStatus),
    call("/cluster/ha/status/current", Kind::HaStatus),
    call("/cluster/ha/status/manager_status", Kind::HaManager),
    call("/cluster/ha/resources", Kind::HaResources),
    call("/cluster/ha/groups", Kind::HaGroups),
    call("/cluster/ha/rules", Kind::HaRules),
    call("/pools", Kind::Pools),
    call("/storage", Kind::StorageConfig),
    call("/nodes", Kind::Nodes),
    call("/nodes/{node}/version", Kind::NodeVersion),
    call("/nodes/{node}/status", Kind::NodeStatus),
    call("/nodes/{node}/time", Kind::NodeTime),
    call("/nodes/{node}/rrddata", Kind::NodeRrd),
    call("/nodes/{node}/network", Kind::NodeNetwork),
    call("/nodes/{node}/services", Kind::NodeServices),
    call("/nodes/{node}/tasks", Kind::NodeTasks),
    call("/nodes/{node}/replication", Kind::NodeReplication),
    call("/nodes/{node}/ceph/status", Kind::NodeCephStatus),
    call("/nodes/{node}/storage", Kind::NodeStorage),
    call("/nodes/{node}/storage/{name}/content", Kind::StorageContent),
    call("/nodes/{node}/storage/{name}/rrddata", Kind::StorageRrd),
    call("/nodes/{node}/certificates/info", Kind::Certificates),
    call("/nodes/{node}/subscription", Kind::Subscription),
    call("/nodes/{node}/apt/update", Kind::Updates),
    call("/nodes/{node}/apt/versions", Kind::Packages),
    call("/nodes/{node}/disks/list", Kind::Disks),
    call("/nodes/{node}/disks/smart", Kind::Smart),
    call("/nodes/{node}/disks/zfs", Kind::ZfsList),
    call("/nodes/{node}/disks/zfs/{name}", Kind::ZfsDetail),
    call("/nodes/{node}/{kind}", Kind::GuestList),
    call("/nodes/{node}/{kind}/{guest}/status/current", Kind::GuestStatus),
    call("/nodes/{node}/{kind}/{guest}/config", Kind::GuestConfig),
    call("/nodes/{node}/{kind}/{guest}/snapshot", Kind::GuestSnapshots),
    call("/nodes/{node}/{kind}/{guest}/rrddata", Kind::GuestRrd),
    call("/nodes/{node}/qemu/{guest}/agent/{name}", Kind::Agent),
    call("/nodes/{node}/lxc/{guest}/interfaces", Kind::Interfaces),
];

const fn call(name: &'static str, kind: Kind) -> Call {
    Call { name, kind }
}

impl Call {
    /// The call that a path below `/api2/json` is, and what stands in its variables.
    pub(super) fn of(path: &str) -> Option<(Self, Place<'_>)> {
        CALLS.iter().find_map(|call| Some((*call, call.read(path)?)))
    }

    fn read<'p>(&self, path: &'p str) -> Option<Place<'p>> {
        let (mut wanted, mut given) = (self.name.split('/'), path.split('/'));
        let mut place = Place::default();
        loop {
            let (wanted, given) = match (wanted.next(), given.next()) {
                (None, None) => return Some(place),
                (Some(wanted), Some(given)) => (wanted, given),
                (None, Some(_)) | (Some(_), None) => return None,
            };
            match wanted {
                "{node}" => place.node = Some(given),
                "{guest}" => place.guest = Some(given),
                "{name}" => place.name = Some(given),
                "{kind}" if matches!(given, "qemu" | "lxc") => place.guest_kind = Some(given),
                fixed if fixed == given => {
                    if matches!(given, "qemu" | "lxc") {
                        place.guest_kind = Some(given);
                    }
                }
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_call() {
        let check = |path, expected: Option<(&str, Place<'_>)>| {
            assert_eq!(Call::of(path).map(|(call, place)| (call.name, place)), expected, "{path}");
        };
        let node = Place { node: Some("pve1"), ..Place::default() };
        check("/version", Some(("/version", Place::default())));
        check("/nodes/pve1/status", Some(("/nodes/{node}/status", node)));
        check("/nodes/pve1/lxc", Some(("/nodes/{node}/{kind}", Place { guest_kind: Some("lxc"), ..node })));
        let guest = Place { guest_kind: Some("qemu"), guest: Some("100"), name: Some("get-osinfo"), ..node };
        check("/nodes/pve1/qemu/100/agent/get-osinfo", Some(("/nodes/{node}/qemu/{guest}/agent/{name}", guest)));
        check("/nodes/pve1/lxc/100/agent/get-osinfo", None);
        check("/nodes/pve1/openvz", None);
        check("/nodes/pve1", None);
    }
}
