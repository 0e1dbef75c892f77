//! Top-level systems: one machine or cluster each, whatever reports it.
//!
//! Rows are grouped in three steps: by strong ids, by strong evidence, and last by attaching what shares a host or
//! address with exactly one better candidate. Display names are never identity. Grouping changes no resource; it only
//! says what to show together, and why. A pure function of the rows.

mod attach;
mod describe;
mod group;

use std::sync::Arc;

use muster_model::{IgnorableKind, ResourceId, ResourceKind, SourceId, SourceKind, Status};
use smol_str::SmolStr;

use crate::row::Row;

/// One system.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// The first strong id of its members; stable as long as they are.
    pub id: SmolStr,
    /// The display name of its leading member.
    pub name: SmolStr,
    /// What it is.
    pub system_type: SystemType,
    /// Its host name.
    pub hostname: Option<SmolStr>,
    /// The worst status of its members.
    pub status: Status,
    /// The kind of its sources where there is only one.
    pub source: Option<SourceKind>,
    /// Version of its agent, where one reports, else of its platform.
    pub version: Option<String>,
    /// Its members, the leading one first.
    pub members: Vec<ResourceId>,
    /// Every way in which it is connected.
    pub surfaces: Vec<Surface>,
    /// Why its members were taken for one system.
    pub reasons: Vec<Reason>,
    /// Why its status is not better.
    pub status_reasons: Vec<StatusReason>,
    /// The reasons in one sentence.
    pub explanation: String,
}

/// What a system is, best first: a member of a better type leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SystemType {
    /// A Proxmox VE node.
    ProxmoxNode,
    /// An ESXi host.
    VmwareHost,
    /// A TrueNAS appliance.
    TruenasSystem,
    /// A host known by its Docker engine.
    DockerHost,
    /// Any other host.
    Host,
    /// A Proxmox Backup Server.
    PbsServer,
    /// A Proxmox Mail Gateway.
    PmgServer,
    /// A Kubernetes cluster.
    KubernetesCluster,
}

/// One way in which a system is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surface {
    /// The agent's id; for other kinds the source's own key of the machine.
    pub id: SmolStr,
    /// The kind of source.
    pub kind: SourceKind,
    /// Who reports.
    pub source: SourceId,
    /// What to call it.
    pub label: SmolStr,
    /// The member that it reports.
    pub resource: ResourceId,
}

/// Why a member is part of a system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// What kind of reason.
    pub kind: ReasonKind,
    /// What agreed, such as `machine:0123`.
    pub signal: SmolStr,
}

/// The kinds of reasons, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonKind {
    /// It is the only one.
    Standalone,
    /// The same strong id.
    SharedIdentity,
    /// Evidence of at least 0.9.
    IdentityMatch,
    /// The same host.
    ExactHostAttachment,
    /// The same host, once in short form.
    HostnameFormAttachment,
    /// The same address.
    ExactIpAttachment,
}

/// Why a system's status is not better.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatusReason {
    /// `source-stale`, `source-offline`, `source-unknown`, `surface-stale`, `surface-offline` or `surface-unknown`.
    pub kind: &'static str,
    /// The source or member that it is about.
    pub subject: SmolStr,
}

impl Surface {
    /// As what, and by which id, it can be ignored by itself; none for what a platform's connection reports.
    pub fn control(&self) -> Option<(IgnorableKind, &str)> {
        IgnorableKind::of(self.kind).map(|kind| (kind, self.source.connection()))
    }
}

impl SystemType {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProxmoxNode => "proxmox-node",
            Self::VmwareHost => "vmware-host",
            Self::TruenasSystem => "truenas-system",
            Self::DockerHost => "docker-host",
            Self::Host => "host",
            Self::PbsServer => "pbs-server",
            Self::PmgServer => "pmg-server",
            Self::KubernetesCluster => "kubernetes-cluster",
        }
    }

    /// What a row is as a system; none where it is not one by itself.
    fn of(row: &Row) -> Option<Self> {
        match row.kind {
            ResourceKind::Agent => Some(Self::of_host(row)),
            ResourceKind::Pbs => Some(Self::PbsServer),
            ResourceKind::Pmg => Some(Self::PmgServer),
            ResourceKind::K8sCluster => Some(Self::KubernetesCluster),
            ResourceKind::Vm
            | ResourceKind::SystemContainer
            | ResourceKind::AppContainer
            | ResourceKind::DockerService
            | ResourceKind::DockerImage
            | ResourceKind::DockerVolume
            | ResourceKind::DockerNetwork
            | ResourceKind::DockerTask
            | ResourceKind::DockerSwarmNode
            | ResourceKind::DockerSecret
            | ResourceKind::DockerConfig
            | ResourceKind::K8sNode
            | ResourceKind::Pod
            | ResourceKind::K8sDeployment
            | ResourceKind::Storage
            | ResourceKind::Ceph
            | ResourceKind::PhysicalDisk
            | ResourceKind::NetworkShare
            | ResourceKind::Network
            | ResourceKind::NetworkEndpoint => None,
        }
    }

    fn of_host(row: &Row) -> Self {
        let platforms = [
            (SourceKind::Proxmox, Self::ProxmoxNode),
            (SourceKind::Vmware, Self::VmwareHost),
            (SourceKind::Truenas, Self::TruenasSystem),
        ];
        let platform = platforms.into_iter().find(|(kind, _)| row.is_reported_by(*kind));
        let only_docker = row.sources.iter().all(|source| source.source.kind() == SourceKind::Docker);
        platform.map_or(if only_docker { Self::DockerHost } else { Self::Host }, |(_, system_type)| system_type)
    }
}

impl ReasonKind {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standalone => "standalone",
            Self::SharedIdentity => "shared-identity",
            Self::IdentityMatch => "identity-match",
            Self::ExactHostAttachment => "exact-host-attachment",
            Self::HostnameFormAttachment => "hostname-form-attachment",
            Self::ExactIpAttachment => "exact-ip-attachment",
        }
    }
}

/// Finds all systems, ordered by name, type, source and id.
pub(crate) fn resolve(rows: &[Arc<Row>]) -> Vec<System> {
    let mut groups = group::Groups::of(rows);
    groups.unite_by_strong_ids();
    groups.unite_by_evidence();
    attach::attach(&mut groups);
    let mut systems: Vec<System> = groups.into_groups().iter().map(describe::system).collect();
    systems.sort_by(|one, other| {
        let order =
            |system: &System| (system.name.to_lowercase(), system.system_type, system.source, system.id.clone());
        order(one).cmp(&order(other))
    });
    systems
}
