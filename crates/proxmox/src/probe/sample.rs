//! One of each sort, on which calls are tried.

use smol_str::SmolStr;

use crate::{
    client::{Call, Place},
    wire::{
        Rows,
        cluster::{ResourceRow, StatusRow},
        guest::GuestRow,
    },
};

/// A node, a virtual machine and a container. Absent where there is none, or none that we see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) node: Option<SmolStr>,
    qemu: Option<(SmolStr, u32)>,
    lxc: Option<(SmolStr, u32)>,
}

/// A call that can be tried: what it is about, and what it is asked.
pub(crate) type Attempt<'a> = (Place<'a>, Vec<(&'static str, String)>);

impl Sample {
    /// Prefers what runs: what does not, answers less.
    pub(crate) fn of(members: &Rows<StatusRow>, resources: &Rows<ResourceRow>) -> Self {
        Self {
            node: local(members).or_else(|| online(resources)),
            qemu: guest(&resources.iter().filter_map(|row| match row {
                ResourceRow::Qemu(guest) => Some(guest),
                ResourceRow::Lxc(_) | ResourceRow::Node(_) | ResourceRow::Storage(_) => None,
                ResourceRow::Other => None,
            })),
            lxc: guest(&resources.iter().filter_map(|row| match row {
                ResourceRow::Lxc(guest) => Some(guest),
                ResourceRow::Qemu(_) | ResourceRow::Node(_) | ResourceRow::Storage(_) => None,
                ResourceRow::Other => None,
            })),
        }
    }

    /// How a call is tried; none where there is nothing to try it on, or trying would cost a disk its sleep, an agent its
    /// time or a backup server a minute. Then the list of rights decides alone.
    pub(crate) fn attempt(&self, call: Call, now_seconds: i64) -> Option<Attempt<'_>> {
        let node = || self.node.as_deref().map(Place::node);
        let qemu = || self.qemu.as_ref().map(|(node, vmid)| Place::guest(node, *vmid));
        let lxc = || self.lxc.as_ref().map(|(node, vmid)| Place::guest(node, *vmid));
        let hour = || vec![("timeframe", "hour".to_owned())];
        Some(match call {
            Call::Login => return None,
            Call::Version
            | Call::Permissions
            | Call::ClusterStatus
            | Call::ClusterResources
            | Call::Tasks
            | Call::HaStatus
            | Call::HaManagerStatus
            | Call::ClusterReplication
            | Call::CephStatus
            | Call::BackupJobs
            | Call::NotBackedUp
            | Call::Storage => (Place::CLUSTER, vec![]),
            Call::Users => (Place::CLUSTER, vec![("full", "1".to_owned())]),
            Call::MetricsExport => (Place::CLUSTER, vec![("start-time", now_seconds.to_string())]),
            Call::NodeStatus
            | Call::NodeTime
            | Call::NodeStorage
            | Call::NodeNetwork
            | Call::NodeReplication
            | Call::NodeCephStatus
            | Call::Certificates
            | Call::Subscription
            | Call::AptUpdate
            | Call::Zfs => (node()?, vec![]),
            Call::NodeRrd => (node()?, hour()),
            Call::Disks => (node()?, vec![("skipsmart", "1".to_owned())]),
            Call::Smart | Call::StorageRrd | Call::ZfsPool | Call::StorageBackups => return None,
            Call::QemuStatus | Call::QemuConfig | Call::QemuSnapshots | Call::AgentInfo => (qemu()?, vec![]),
            Call::QemuRrd => (qemu()?, hour()),
            Call::AgentOsInfo
            | Call::AgentHostName
            | Call::AgentFsInfo
            | Call::AgentInterfaces
            | Call::AgentFileRead => return None,
            Call::LxcStatus | Call::LxcConfig | Call::LxcSnapshots | Call::LxcInterfaces => (lxc()?, vec![]),
            Call::LxcRrd => (lxc()?, hour()),
        })
    }
}

fn local(members: &Rows<StatusRow>) -> Option<SmolStr> {
    members.iter().find_map(|row| match row {
        StatusRow::Member(member) if member.local == Some(true) => Some(member.name.clone()),
        StatusRow::Member(_) | StatusRow::Cluster(_) | StatusRow::Other => None,
    })
}

fn online(resources: &Rows<ResourceRow>) -> Option<SmolStr> {
    resources.iter().find_map(|row| match row {
        ResourceRow::Node(node) if node.status.as_deref() == Some("online") => Some(node.node.clone()),
        ResourceRow::Node(_) | ResourceRow::Qemu(_) | ResourceRow::Lxc(_) => None,
        ResourceRow::Storage(_) | ResourceRow::Other => None,
    })
}

fn guest<'a>(guests: &(impl Iterator<Item = &'a GuestRow> + Clone)) -> Option<(SmolStr, u32)> {
    let running = |guest: &&GuestRow| guest.status.as_deref() == Some("running");
    let known = |guest: &&GuestRow| guest.node.is_some() && guest.status.as_deref() != Some("unknown");
    let chosen = guests.clone().filter(known).find(running).or_else(|| guests.clone().find(known))?;
    Some((chosen.node.clone()?, chosen.vmid))
}
